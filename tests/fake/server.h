/* SPDX-License-Identifier: Apache-2.0
 *
 * server: HTTP, plain or over TLS, on 127.0.0.1.
 */
#ifndef FAKE_SERVER_H
#define FAKE_SERVER_H

#include <stdint.h>

#include "sandbox.h"
#include "tls.h"

struct server;

/* Listen on `port` (0: a free one) with `threads` threads; over TLS if `tls`
 * is there. NULL: failed, logged. `sandbox` is borrowed until
 * server_free. */
struct server *server_new(struct sandbox *sandbox, uint16_t port,
    unsigned threads, const struct tls_files *tls);

uint16_t server_port(const struct server *s);

/* Close every connection and stop. */
void server_free(struct server *s);

#endif
