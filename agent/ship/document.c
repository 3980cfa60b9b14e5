/* SPDX-License-Identifier: Apache-2.0
 *
 * document: keys as instance metadata, containers and programs tell them.
 *
 * Read where it lies, in secret memory; a JSON library would leave copies.
 *
 * Thread: its errand's.
 */
#include "document.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

#define DEPTH_MAX 16

static const char *
past_blanks(const char *at)
{
	return at + strspn(at, " \t\r\n");
}

static int
hex_of(const char *at)
{
	int value = 0;

	for (int i = 0; i < 4; i++) {
		char c = at[i];
		int digit = -1;

		if (c >= '0' && c <= '9')
			digit = c - '0';
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			digit = (c | 0x20) - 'a' + 10;
		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

/* The character that `*at`, behind a backslash, stands for; `*at` moves
 * behind it. 0: none that a key, a token or a date could hold. */
static char
unescaped(const char **at)
{
	static const char plain[] = "\"\\/";
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	const char *found;
	char c = **at;
	int code;

	if (c == '\0')
		return '\0';
	++*at;
	if (strchr(plain, c) != NULL)
		return c;
	found = strchr(from, c);
	if (found != NULL)
		return to[found - from];
	if (c != 'u')
		return '\0';
	code = hex_of(*at);
	if (code <= 0)
		return '\0';
	*at += 4;
	return code < 0x80 ? (char)code : '?';
}

/* The string that begins at `at`, into `out`; `out` NULL: pass it. NULL: no
 * string, or too long. */
static const char *
read_string(const char *at, char *out, size_t room)
{
	size_t len = 0;

	if (*at++ != '"')
		return NULL;
	while (*at != '"') {
		char c = *at;

		if ((unsigned char)c < ' ')
			return NULL;
		at++;
		if (c == '\\')
			c = unescaped(&at);
		if (c == '\0')
			return NULL;
		if (out == NULL)
			continue;
		if (len + 1 >= room)
			return NULL;
		out[len++] = c;
	}
	if (out != NULL)
		out[len] = '\0';
	return at + 1;
}

/* Behind the value at `at`. NULL: none. */
static const char *
past_value(const char *at)
{
	int depth = 0;

	do {
		at = past_blanks(at);
		if (*at == '"') {
			at = read_string(at, NULL, 0);
			if (at == NULL)
				return NULL;
		} else if (*at == '{' || *at == '[') {
			at++;
			if (++depth > DEPTH_MAX)
				return NULL;
		} else if (*at == '}' || *at == ']') {
			at++;
			depth--;
		} else if (*at == '\0') {
			return NULL;
		} else if (depth > 0 && (*at == ',' || *at == ':')) {
			at++;
		} else {
			size_t len = strcspn(at, " \t\r\n,:{}[]\"");

			if (len == 0)
				return NULL;
			at += len;
		}
	} while (depth > 0);
	return depth < 0 ? NULL : at;
}

/* The value at `at` as text. */
static bool
take_value(const char *at, char *out, size_t room)
{
	size_t len = strcspn(at, " \t\r\n,}");

	if (*at == '"')
		return read_string(at, out, room) != NULL;
	if (*at < '0' || *at > '9' || len >= room)
		return false;
	memcpy(out, at, len);
	out[len] = '\0';
	return true;
}

bool
document_text(const char *json, const char *name, char *out, size_t room)
{
	const char *at = past_blanks(json);
	char key[64];

	out[0] = '\0';
	if (*at != '{')
		return false;
	do {
		const char *value;
		bool named;

		at = past_blanks(at + 1);
		value = read_string(at, key, sizeof(key));
		named = value != NULL && strcmp(key, name) == 0;
		if (value == NULL) {
			/* Too long a name is some other member's. */
			value = read_string(at, NULL, 0);
			if (value == NULL)
				break;
		}
		value = past_blanks(value);
		if (*value != ':')
			break;
		value = past_blanks(value + 1);
		if (named && take_value(value, out, room))
			return true;
		at = past_value(value);
		if (named || at == NULL)
			break;
		at = past_blanks(at);
	} while (*at == ',');
	out[0] = '\0';
	return false;
}

/* Both must be there, and fit. */
static bool
take_keys(struct errand *e, const char *json, struct credentials_keys *keys)
{
	bool any;

	any = document_text(json, "AccessKeyId", keys->access_key,
		  sizeof(keys->access_key)) &&
	      document_text(json, "SecretAccessKey", keys->secret_key,
		  sizeof(keys->secret_key));
	if (!document_text(json, "Token", e->token, sizeof(e->token)))
		(void)document_text(
		    json, "SessionToken", e->token, sizeof(e->token));
	any = any && strlen(e->token) < sizeof(keys->session_token);
	if (any)
		memcpy(keys->session_token, e->token, strlen(e->token) + 1);
	explicit_bzero(e->token, sizeof(e->token));
	return any && keys->access_key[0] != '\0' &&
	       keys->secret_key[0] != '\0';
}

enum errand_answer
document_keys(struct errand *e, const char *what, const char *json,
    int64_t wall_ms, struct credentials_keys *keys)
{
	char code[64], message[200], expiry[64];
	int64_t now_ms = clock_ms();

	(void)document_text(json, "Code", code, sizeof(code));
	(void)document_text(json, "Message", message, sizeof(message));
	if (code[0] != '\0' && strcmp(code, "Success") != 0)
		return errand_fail(e, "%s: %s%s%s", what, code,
		    message[0] != '\0' ? ": " : "", message);
	if (!take_keys(e, json, keys))
		return errand_fail(e, "%s: holds no usable keys", what);
	keys->until_ms = CLOCK_NEVER;
	if (!document_text(json, "Expiration", expiry, sizeof(expiry)))
		return ERRAND_DONE;
	if (!credentials_expiry(expiry, wall_ms, now_ms, &keys->until_ms))
		return errand_fail(e, "%s: its Expiration is no time", what);
	if (keys->until_ms <= now_ms)
		return errand_fail(e,
		    "%s: gave keys that expired at %s; is this machine's clock "
		    "right?",
		    what, expiry);
	return ERRAND_DONE;
}
