/* SPDX-License-Identifier: Apache-2.0
 *
 * endpoint: see endpoint.h. Any thread.
 */
#include "endpoint.h"

#include <ctype.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mem.h"
#include "span.h"

#define HOST_MAX 253 /* of a DNS name */

static bool
is_letter(int c)
{
	return c >= 'a' && c <= 'z';
}

static bool
is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static const char *
check_host(const char *host)
{
	size_t len = strlen(host);

	if (len == 0)
		return "no host name in it";
	if (len > HOST_MAX)
		return "the host name is too long";
	for (size_t i = 0; i < len; i++) {
		bool edge = i == 0 || host[i - 1] == '.';

		if (host[i] == '.' && edge)
			return "an empty part in the host name";
		if (!is_letter(host[i]) && !is_digit(host[i]) &&
		    strchr("-._", host[i]) == NULL)
			return "a character that no host name has";
		if (host[i] == '-' && edge)
			return "a part of the host name begins with -";
	}
	return NULL;
}

/* Behind the colon. */
static const char *
check_port(const char *port)
{
	unsigned value = 0;
	size_t len = strlen(port);

	if (len == 0 || len > 5)
		return "the port is not 1 to 65535";
	for (size_t i = 0; i < len; i++) {
		if (!is_digit(port[i]))
			return "the port is not 1 to 65535";
		value = value * 10 + (unsigned)(port[i] - '0');
	}
	if (value == 0 || value > 65535)
		return "the port is not 1 to 65535";
	return NULL;
}

/* "[...]" with a port or nothing behind it; `*port` is "" then. */
static const char *
check_bracketed(char *text, char **port)
{
	char *close = strchr(text, ']');

	if (close == NULL || close - text < 3)
		return "an IPv6 address ends with ]";
	for (const char *at = text + 1; at < close; at++)
		if (!isxdigit((unsigned char)*at) && *at != ':' && *at != '.')
			return "not an IPv6 address";
	if (close[1] != '\0' && close[1] != ':')
		return "only a port may follow the address";
	*port = close[1] == ':' ? close + 2 : close + 1;
	if (close[1] == ':')
		return check_port(*port);
	return NULL;
}

/* Cut `text` (host, port) into its parts and check them. */
static const char *
check_authority(char *text, char **port)
{
	char *colon;
	const char *cause;

	if (text[0] == '[')
		return check_bracketed(text, port);
	colon = strchr(text, ':');
	*port = text + strlen(text);
	if (colon != NULL) {
		*colon = '\0';
		*port = colon + 1;
		cause = check_port(*port);
		if (cause != NULL)
			return cause;
	}
	return check_host(text);
}

static char *
compose(const char *scheme, const char *host, const char *port)
{
	const char *usual = strcmp(scheme, "https") == 0 ? "443" : "80";
	int len = (int)strlen(host);

	if (host[0] == '[')
		len = (int)(strchr(host, ']') + 1 - host);
	if (port[0] == '\0' || strcmp(port, usual) == 0)
		return mem_format("%s://%.*s", scheme, len, host);
	return mem_format("%s://%.*s:%s", scheme, len, host, port);
}

char *
endpoint_normal(const char *text, const char **cause)
{
	const char *scheme = "https", *rest = text, *colon;
	char *authority, *port = NULL, *normal = NULL;
	size_t len;

	colon = strstr(text, "://");
	if (colon != NULL) {
		rest = colon + 3;
		if (strncasecmp(text, "http://", 7) == 0) {
			scheme = "http";
		} else if (strncasecmp(text, "https://", 8) != 0) {
			*cause = "the scheme is neither https nor http";
			return NULL;
		}
	}
	if (strchr(text, '@') != NULL) {
		*cause = "a user name has no place in it";
		return NULL;
	}
	len = strcspn(rest, "/?#");
	if (rest[len] != '\0' && strcmp(rest + len, "/") != 0) {
		*cause = "nothing may follow the host and port";
		return NULL;
	}
	authority = mem_dup_span(rest, len);
	for (size_t i = 0; i < len; i++)
		authority[i] = (char)tolower((unsigned char)authority[i]);
	*cause = check_authority(authority, &port);
	if (*cause == NULL)
		normal = compose(scheme, authority, port);
	free(authority);
	return normal;
}

static struct span
host_of(const char *normal)
{
	const char *host = strstr(normal, "://") + 3;

	if (host[0] == '[')
		return span_of(host, (size_t)(strchr(host, ']') + 1 - host));
	return span_of(host, strcspn(host, ":"));
}

static bool
ends_with(struct span s, const char *tail)
{
	size_t len = strlen(tail);

	return s.len >= len && memcmp(s.at + s.len - len, tail, len) == 0;
}

bool
endpoint_is_exposed(const char *normal)
{
	struct span host = host_of(normal);

	if (strncmp(normal, "http:", 5) != 0)
		return false;
	if (span_eq(host, span_str("localhost")) ||
	    ends_with(host, ".localhost") || span_eq(host, span_str("[::1]")))
		return false;
	/* 127.0.0.0/8 in digits; a name may begin with 127 too. */
	if (host.len > 4 && memcmp(host.at, "127.", 4) == 0) {
		for (size_t i = 0; i < host.len; i++)
			if (!is_digit(host.at[i]) && host.at[i] != '.')
				return true;
		return false;
	}
	return true;
}

/* What AWS's host names end with. */
static const char *const suffixes[] = { ".amazonaws.com", ".amazonaws.com.cn",
	".api.aws", ".api.amazonwebservices.com.cn", ".amazonaws.eu",
	".api.amazonwebservices.eu", ".c2s.ic.gov", ".sc2s.sgov.gov",
	".cloud.adc-e.uk", ".csp.hci.ic.gov", ".api.aws.ic.gov",
	".api.aws.scloud", ".api.aws.hci.ic.gov", ".api.cloud-aws.adc-e.uk" };

static const char *
aws_suffix(struct span host)
{
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (ends_with(host, suffixes[i]))
			return suffixes[i];
	return NULL;
}

bool
endpoint_is_aws(const char *normal)
{
	return aws_suffix(host_of(normal)) != NULL;
}

/* Is it like us-east-1, us-gov-west-1, eusc-de-east-1: words of letters, two
 * to four in the first, and a number? */
static bool
looks_like_region(struct span s)
{
	size_t words = 0, i = 0;

	for (;;) {
		size_t from = i;

		while (i < s.len && is_letter(s.at[i]))
			i++;
		if (i == from)
			break;
		if (words == 0 && (i < 2 || i > 4))
			return false;
		if (i == s.len || s.at[i] != '-')
			return false;
		words++;
		i++;
	}
	if (words < 2 || i == s.len)
		return false;
	while (i < s.len && is_digit(s.at[i]))
		i++;
	return i == s.len;
}

bool
endpoint_region(const char *normal, char out[static ENDPOINT_REGION])
{
	struct span host = host_of(normal);
	const char *suffix = aws_suffix(host);
	size_t end;

	if (suffix == NULL)
		return false;
	end = host.len - strlen(suffix);
	for (size_t from = end; end > 0; from--) {
		struct span label;

		if (from > 0 && host.at[from - 1] != '.')
			continue;
		label = span_of(host.at + from, end - from);
		if (label.len < ENDPOINT_REGION && looks_like_region(label)) {
			memcpy(out, label.at, label.len);
			out[label.len] = '\0';
			return true;
		}
		if (from == 0)
			return false;
		end = from - 1;
	}
	return false;
}

bool
endpoint_is_region(const char *text)
{
	return strlen(text) < ENDPOINT_REGION &&
	       looks_like_region(span_str(text));
}
