/* SPDX-License-Identifier: Apache-2.0
 *
 * endpoint: where a flow's requests go.
 */
#ifndef ENDPOINT_H
#define ENDPOINT_H

#include <stdbool.h>

struct endpoint {
	char *url;  /* owned */
	char *host; /* owned: as in the Host header; with the port unless it
	             * is the scheme's */
	char *path; /* owned: from the first slash */
	bool tls;
};

/* Take apart `given` (a URL, or a host with or without port: https then); or,
 * where it is NULL or empty, AWS's own for `service` in `region`. -1: it is
 * no endpoint, logged. */
int endpoint_init(struct endpoint *e, const char *given, const char *service,
    const char *region);

/* After endpoint_init, or zeroed. */
void endpoint_fini(struct endpoint *e);

#endif
