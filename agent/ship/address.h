/* SPDX-License-Identifier: Apache-2.0
 *
 * address: where a flow's requests go.
 */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <stdbool.h>

struct address {
	char *url;        /* owned */
	const char *host; /* in `url`: what the Host header says */
	bool tls;
};

/* `endpoint` as config has it ("https://host" or "http://host:port"), or
 * where it is NULL AWS's own for `service` in `region`. */
void address_init(struct address *a, const char *endpoint, const char *service,
    const char *region);

/* After address_init, or zeroed. */
void address_fini(struct address *a);

#endif
