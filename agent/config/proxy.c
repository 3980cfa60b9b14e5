/* SPDX-License-Identifier: Apache-2.0
 *
 * proxy: see proxy.h. A port must be written: what is meant without one,
 * programs disagree about. Any thread.
 */
#include "proxy.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "endpoint.h"
#include "mem.h"

/* `url` is scheme://host[:port], well-formed. */
static bool
has_port(const char *url)
{
	const char *colon = strrchr(url, ':');

	return colon[1] != '/' && strchr(colon, ']') == NULL;
}

static bool
is_plain(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

static const char *
check_host(const char *url)
{
	const char *cause = NULL;
	char *normal = endpoint_normal(url, &cause);

	if (normal != NULL && !has_port(url))
		cause = "no port in it";
	free(normal);
	return cause;
}

char *
proxy_normal(const char *text, const char **cause)
{
	const char *rest = strstr(text, "://"), *host;
	size_t scheme_len = rest != NULL ? (size_t)(rest - text) : 4;
	const char *scheme = rest != NULL ? text : "http";
	char *url;

	if (strcmp(text, "none") == 0)
		return mem_dup("");
	rest = rest != NULL ? rest + 3 : text;
	host = strrchr(rest, '@');
	host = host != NULL ? host + 1 : rest;
	url = mem_format("%.*s://%s", (int)scheme_len, scheme, host);
	*cause = is_plain(text) ? check_host(url)
				: "not printable ASCII without blanks";
	free(url);
	if (*cause != NULL)
		return NULL;
	return mem_format("%.*s://%s", (int)scheme_len, scheme, rest);
}
