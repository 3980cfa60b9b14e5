/* SPDX-License-Identifier: Apache-2.0
 *
 * profile: AWS's shared files, ~/.aws/credentials and ~/.aws/config.
 *
 * Indented lines belong to a nested setting, and a '#' or ';' behind white
 * space begins a comment, but in a command.
 *
 * Thread: its errand's. The files' text is held in secret memory.
 */
#include "profile.h"

#include <errno.h>
#include <pwd.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "mem.h"
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

static const struct row {
	const char *name;
	size_t at, room;
	bool whole; /* a '#' in it is its own */
} rows[] = {
#define ROW(name, field, whole)                                                \
	{                                                                      \
		name, offsetof(struct profile, field),                         \
		    sizeof(((struct profile *)NULL)->field), whole             \
	}
	ROW("aws_access_key_id", keys.access_key, false),
	ROW("aws_secret_access_key", keys.secret_key, false),
	ROW("aws_session_token", keys.session_token, false),
	ROW("role_arn", role_arn, false),
	ROW("source_profile", source_profile, false),
	ROW("credential_source", credential_source, false),
	ROW("external_id", external_id, false),
	ROW("role_session_name", role_session_name, false),
	ROW("duration_seconds", duration_seconds, false),
	ROW("web_identity_token_file", web_identity_token_file, false),
	ROW("credential_process", credential_process, true),
	ROW("region", region, false),
	ROW("mfa_serial", mfa_serial, false),
	ROW("sso_session", sso_session, false),
	ROW("sso_start_url", sso_session, false),
#undef ROW
};

static struct span
without_comment(struct span value)
{
	for (size_t i = 1; i < value.len; i++) {
		if ((value.at[i] == '#' || value.at[i] == ';') &&
		    is_blank(value.at[i - 1]))
			return trimmed(span_of(value.at, i));
	}
	return value;
}

static const struct row *
row_of(struct span key)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (key.len == strlen(rows[i].name) &&
		    strncasecmp((const char *)key.at, rows[i].name, key.len) ==
			0)
			return &rows[i];
	return NULL;
}

/* The name of what is too long, or NULL. */
static const char *
take_setting(struct span line, struct profile *p)
{
	const unsigned char *equals = memchr(line.at, '=', line.len);
	const struct row *row;
	struct span value;

	if (equals == NULL || is_blank(line.at[0]))
		return NULL;
	size_t at = (size_t)(equals - line.at);

	row = row_of(trimmed(span_of(line.at, at)));
	if (row == NULL)
		return NULL;
	value = trimmed(span_of(equals + 1, line.len - at - 1));
	if (!row->whole)
		value = without_comment(value);
	if (value.len >= row->room)
		return row->name;
	memcpy((char *)p + row->at, value.at, value.len);
	((char *)p)[row->at + value.len] = '\0';
	return NULL;
}

static enum profile_answer
read_section(struct errand *e, struct span text, const char *path,
    const char *name, bool prefixed, struct profile *p)
{
	enum profile_answer answer = PROFILE_ABSENT;
	bool inside = false;

	while (text.len > 0) {
		struct span line = next_line(&text);
		const char *wrong;

		if (line.len == 0 || line.at[0] == '#' || line.at[0] == ';')
			continue;
		if (line.at[0] == '[') {
			inside = opens(line, name, prefixed);
			if (inside)
				answer = PROFILE_FOUND;
			continue;
		}
		wrong = inside ? take_setting(line, p) : NULL;
		if (wrong == NULL)
			continue;
		(void)errand_fail(e, "%s: profile %s: %s is too long to be one",
		    path, name, wrong);
		return PROFILE_BAD;
	}
	return answer;
}

/* The path in `variable`, or `name` in ~/.aws. NULL: no home. Owned. */
static char *
shared_file(const char *variable, const char *name)
{
	const char *path = errand_variable(variable);
	const char *home = errand_variable("HOME");
	struct passwd entry, *found = NULL;
	char room[4096];

	if (path != NULL)
		return mem_dup(path);
	if (home == NULL &&
	    getpwuid_r(getuid(), &entry, room, sizeof(room), &found) == 0 &&
	    found != NULL)
		home = entry.pw_dir;
	return home != NULL ? mem_format("%s/.aws/%s", home, name) : NULL;
}

static enum profile_answer
read_file(struct errand *e, const char *path, const char *name, bool prefixed,
    struct profile *p)
{
	enum profile_answer answer = PROFILE_BAD;
	char *text;
	int len;

	if (path == NULL ||
	    (access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR)))
		return PROFILE_ABSENT;
	text = secret_new(FILE_MAX);
	if (text == NULL) {
		(void)errand_fail(e, "%s: no memory to read it", path);
		return PROFILE_BAD;
	}
	len = errand_file(e, path, text, FILE_MAX);
	if (len >= 0)
		answer = read_section(
		    e, span_of(text, (size_t)len), path, name, prefixed, p);
	secret_free(text, FILE_MAX);
	return answer;
}

static void
forget_keys(struct profile *p)
{
	explicit_bzero(&p->keys, sizeof(p->keys));
}

enum profile_answer
profile_read(struct errand *e, const char *name, struct profile *p)
{
	char *config = shared_file("AWS_CONFIG_FILE", "config");
	char *own = shared_file("AWS_SHARED_CREDENTIALS_FILE", "credentials");
	enum profile_answer answer, more;
	struct profile *other = secret_new(sizeof(*other));

	explicit_bzero(p, sizeof(*p));
	answer = read_file(e, config, name, true, p);
	more = answer == PROFILE_BAD || other == NULL
		   ? PROFILE_BAD
		   : read_file(e, own, name, false, other);
	/* Keys of one file never mix with the other's. */
	if (more == PROFILE_FOUND) {
		if (other->keys.access_key[0] != '\0')
			forget_keys(p);
		(void)read_file(e, own, name, false, p);
	}
	secret_free(other, sizeof(*other));
	free(config);
	free(own);
	if (answer == PROFILE_BAD || more == PROFILE_BAD)
		return PROFILE_BAD;
	return more == PROFILE_FOUND ? more : answer;
}

const char *
profile_name(void)
{
	const char *name = errand_variable("AWS_PROFILE");

	return name != NULL ? name : "default";
}
