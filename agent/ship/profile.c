/* SPDX-License-Identifier: Apache-2.0
 *
 * profile: AWS's shared files, ~/.aws/credentials and ~/.aws/config.
 *
 * Only static keys are taken from them. Indented lines belong to a nested
 * setting, and a '#' or ';' behind white space begins a comment; no key holds
 * white space, so cutting there harms none.
 *
 * Thread: the caller's. The file's text is held in secret memory.
 */
#include "profile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "log.h"
#include "secret.h"
#include "span.h"

#define FILE_MAX ((size_t)1 << 20)

static bool
is_blank(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct span
trimmed(struct span s)
{
	while (s.len > 0 && is_blank(s.at[0])) {
		s.at++;
		s.len--;
	}
	while (s.len > 0 && is_blank(s.at[s.len - 1]))
		s.len--;
	return s;
}

/* Take the next line off the front of `*rest`, without its newline. */
static struct span
next_line(struct span *rest)
{
	const unsigned char *end = memchr(rest->at, '\n', rest->len);
	size_t len = end != NULL ? (size_t)(end - rest->at) : rest->len;
	struct span line = span_of(rest->at, len);

	rest->at += len;
	rest->len -= len;
	if (end != NULL) {
		rest->at++;
		rest->len--;
	}
	return line;
}

/* Does the line "[...]" open the section we look for? */
static bool
opens(struct span line, const char *name, bool prefixed)
{
	const unsigned char *end = memchr(line.at, ']', line.len);

	if (end == NULL)
		return false;
	struct span title =
	    trimmed(span_of(line.at + 1, (size_t)(end - line.at) - 1));

	if (prefixed && strcmp(name, "default") != 0) {
		if (title.len < 8 || memcmp(title.at, "profile", 7) != 0 ||
		    !is_blank(title.at[7]))
			return false;
		title = trimmed(span_of(title.at + 7, title.len - 7));
	}
	return span_eq(title, span_str(name));
}

/* Copy `value` into `to` (which holds `max` and a NUL). */
static bool
take(struct span value, char *to, size_t max)
{
	size_t len = 0;

	while (len < value.len && !is_blank(value.at[len]))
		len++;
	if (len > max)
		return false;
	memcpy(to, value.at, len);
	to[len] = '\0';
	return true;
}

static bool
take_setting(struct span line, struct credentials_keys *keys)
{
	const unsigned char *equals = memchr(line.at, '=', line.len);

	if (equals == NULL || is_blank(line.at[0]))
		return true;
	size_t at = (size_t)(equals - line.at);
	struct span key = trimmed(span_of(line.at, at));
	struct span value = trimmed(span_of(equals + 1, line.len - at - 1));
	const struct {
		const char *name;
		char *to;
		size_t max;
	} settings[] = {
		{ "aws_access_key_id", keys->access_key, CREDENTIALS_ID },
		{ "aws_secret_access_key", keys->secret_key,
		    CREDENTIALS_SECRET },
		{ "aws_session_token", keys->session_token, CREDENTIALS_TOKEN },
	};

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		if (key.len == strlen(settings[i].name) &&
		    strncasecmp(
			(const char *)key.at, settings[i].name, key.len) == 0)
			return take(value, settings[i].to, settings[i].max);
	}
	return true;
}

static bool
read_section(struct span text, const char *path, const char *name,
    bool prefixed, struct credentials_keys *keys)
{
	bool inside = false;

	while (text.len > 0) {
		struct span line = next_line(&text);

		if (line.len == 0 || line.at[0] == '#' || line.at[0] == ';')
			continue;
		if (line.at[0] == '[') {
			inside = opens(line, name, prefixed);
		} else if (inside && !take_setting(line, keys)) {
			log_warn("%s: profile %s: a key is too long to be one",
			    path, name);
			return false;
		}
	}
	if (keys->access_key[0] != '\0' && keys->secret_key[0] == '\0')
		log_warn("%s: profile %s has aws_access_key_id without "
			 "aws_secret_access_key",
		    path, name);
	return keys->access_key[0] != '\0' && keys->secret_key[0] != '\0';
}

/* -1: there is none (not logged) or it cannot be read (logged). */
static int
open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 && errno != ENOENT && errno != ENOTDIR)
		log_warn("%s: cannot read: %s", path, strerror(errno));
	return fd;
}

/* Up to FILE_MAX bytes. */
static bool
read_file(int fd, const char *path, unsigned char *into, size_t *len)
{
	*len = 0;
	while (*len < FILE_MAX) {
		ssize_t got = read(fd, into + *len, FILE_MAX - *len);

		if (got == 0)
			return true;
		if (got > 0) {
			*len += (size_t)got;
		} else if (errno != EINTR) {
			log_warn("%s: cannot read: %s", path, strerror(errno));
			return false;
		}
	}
	log_warn("%s: larger than 1 MiB: not an AWS profile file", path);
	return false;
}

bool
profile_read(const char *path, const char *name, bool prefixed,
    struct credentials_keys *keys)
{
	int fd = open_file(path);
	bool found = false;
	unsigned char *text;
	size_t len;

	if (fd < 0)
		return false;
	text = secret_new(FILE_MAX);
	if (text != NULL && read_file(fd, path, text, &len))
		found = read_section(
		    span_of(text, len), path, name, prefixed, keys);
	secret_free(text, FILE_MAX);
	close(fd);
	return found;
}
