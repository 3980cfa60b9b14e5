/* SPDX-License-Identifier: Apache-2.0
 *
 * address: where a flow's requests go.
 *
 * The Host header is part of what is signed, so it is taken from the same
 * text as the URL, once. What an operator may write is config's to check.
 *
 * Any thread.
 */
#include "address.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

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

void
address_init(struct address *a, const char *endpoint, const char *service,
    const char *region)
{
	if (endpoint != NULL)
		a->url = mem_dup(endpoint);
	else
		a->url = mem_format(
		    "https://%s.%s.%s", service, region, domain_of(region));
	a->host = strstr(a->url, "://");
	assert(a->host != NULL);
	a->host += 3;
	a->tls = strncmp(a->url, "https:", 6) == 0;
}

void
address_fini(struct address *a)
{
	free(a->url);
	*a = (struct address){ 0 };
}
