/* SPDX-License-Identifier: Apache-2.0
 *
 * address: where a flow's requests go.
 */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <stdbool.h>

#include "config.h"

struct address {
	char *url;        /* owned */
	const char *host; /* in `url`: what the Host header says */
	bool tls;
};

/* The endpoint that `flow` was given, or AWS's own for its `service`. */
void address_init(
    struct address *a, const struct flow_config *flow, const char *service);

/* AWS's own endpoint for `service` in `region`: validated for FIPS 140, or
 * one that speaks IPv6 too, where that is asked for. The caller frees. */
char *address_of_service(
    const char *service, const char *region, bool fips, bool dualstack);

/* After address_init, or zeroed. */
void address_fini(struct address *a);

#endif
