/* SPDX-License-Identifier: Apache-2.0
 *
 * endpoint: where a flow's requests go.
 *
 * The Host header is part of what is signed, so it is made here once and not
 * left to libcurl. Refuses what has no place in an endpoint: a user, a query,
 * a fragment, another scheme.
 */
#include "endpoint.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "log.h"
#include "mem.h"

/* AWS's partitions have domains of their own. */
static const struct {
	const char *region; /* how their regions' names begin */
	const char *domain;
} partitions[] = {
	{ "cn-", "amazonaws.com.cn" },
	{ "us-isob-", "sc2s.sgov.gov" },
	{ "us-iso-", "c2s.ic.gov" },
	{ "eusc-", "amazonaws.eu" },
	{ "", "amazonaws.com" },
};

static const char *
domain_of(const char *region)
{
	size_t i = 0;

	while (strncmp(region, partitions[i].region,
		   strlen(partitions[i].region)) != 0)
		i++;
	return partitions[i].domain;
}

/* Step over the scheme, if there is one. -1: one that we do not speak. */
static int
take_scheme(const char **at, bool *tls)
{
	*tls = true;
	if (strstr(*at, "://") == NULL)
		return 0;
	if (strncasecmp(*at, "https://", 8) == 0) {
		*at += 8;
		return 0;
	}
	if (strncasecmp(*at, "http://", 7) != 0)
		return -1;
	*tls = false;
	*at += 7;
	return 0;
}

/* How much of `host` (`len` bytes) is name, without the port; 0: it is none.
 * `*port` is the port, or 0 where none is given. */
static size_t
split_port(const char *host, size_t len, unsigned long *port)
{
	size_t name = len;
	char *end;

	*port = 0;
	while (name > 0 && isdigit((unsigned char)host[name - 1]))
		name--;
	if (name == 0 || host[name - 1] != ':')
		return len;
	*port = strtoul(host + name, &end, 10);
	if (end != host + len || *port == 0 || *port > 65535)
		return 0;
	return name - 1;
}

static bool
is_host(const char *name, size_t len)
{
	bool literal = len > 2 && name[0] == '[' && name[len - 1] == ']';

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)name[i];

		if (isalnum(c) || c == '.' || c == '-' || c == '_')
			continue;
		if (!literal || (c != ':' && c != '[' && c != ']'))
			return false;
	}
	return len > 0;
}

static bool
is_path(const char *path)
{
	for (; *path != '\0'; path++) {
		if (*path <= ' ' || *path == 0x7f || *path == '?' ||
		    *path == '#')
			return false;
	}
	return true;
}

static int
take_apart(struct endpoint *e, const char *given)
{
	const char *at = given;
	unsigned long port;

	if (take_scheme(&at, &e->tls) != 0)
		return -1;
	size_t len = strcspn(at, "/?#");
	const char *path = at[len] == '/' ? at + len : "/";
	size_t name = split_port(at, len, &port);

	if ((at[len] != '\0' && at[len] != '/') || !is_host(at, name) ||
	    !is_path(path))
		return -1;
	if (port == 0 || port == (e->tls ? 443 : 80))
		e->host = mem_format("%.*s", (int)name, at);
	else
		e->host = mem_format("%.*s:%lu", (int)name, at, port);
	for (char *c = e->host; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	e->path = mem_dup(path);
	e->url = mem_format(
	    "%s://%s%s", e->tls ? "https" : "http", e->host, e->path);
	return 0;
}

int
endpoint_init(struct endpoint *e, const char *given, const char *service,
    const char *region)
{
	char *own = NULL;
	int answer;

	*e = (struct endpoint){ 0 };
	if (given == NULL || given[0] == '\0')
		given = own =
		    mem_format("%s.%s.%s", service, region, domain_of(region));
	answer = take_apart(e, given);
	if (answer != 0)
		log_error("'%s' is not an endpoint: write "
			  "https://HOST, https://HOST:PORT or HOST",
		    given);
	free(own);
	return answer;
}

void
endpoint_fini(struct endpoint *e)
{
	free(e->url);
	free(e->host);
	free(e->path);
	*e = (struct endpoint){ 0 };
}
