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

/* AWS's partitions have domains of their own, for hosts that speak IPv6 too
 * another. */
static const struct {
	const char *region; /* how their regions' names begin */
	const char *domain, *dualstack;
} partitions[] = {
	{ "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn" },
	{ "us-isob-", "sc2s.sgov.gov", "api.aws.scloud" },
	{ "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov" },
	{ "us-iso-", "c2s.ic.gov", "api.aws.ic.gov" },
	{ "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk" },
	{ "eusc-", "amazonaws.eu", "api.amazonwebservices.eu" },
	{ "", "amazonaws.com", "api.aws" },
};

static bool
begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static const char *
domain_of(const char *region, bool dualstack)
{
	size_t i = 0;

	while (!begins(region, partitions[i].region))
		i++;
	return dualstack ? partitions[i].dualstack : partitions[i].domain;
}

/* In GovCloud these have one host, and it is validated. */
static bool
is_fips_anyway(const char *service, const char *region, bool dualstack)
{
	return !dualstack && begins(region, "us-gov-") &&
	       (strcmp(service, "kinesis") == 0 || strcmp(service, "sts") == 0);
}

char *
address_of_service(
    const char *service, const char *region, bool fips, bool dualstack)
{
	if (fips && is_fips_anyway(service, region, dualstack))
		fips = false;
	return mem_format("https://%s%s.%s.%s", service, fips ? "-fips" : "",
	    region, domain_of(region, dualstack));
}

void
address_init(
    struct address *a, const struct flow_config *flow, const char *service)
{
	if (flow->endpoint != NULL)
		a->url = mem_dup(flow->endpoint);
	else
		a->url = address_of_service(
		    service, flow->region, flow->fips, flow->dualstack);
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
