/* SPDX-License-Identifier: Apache-2.0
 *
 * connection: an open database that was found to be ours, or became it.
 */
#ifndef CONNECTION_H
#define CONNECTION_H

#include <stdint.h>

struct sqlite3;

#define CONNECTION_WHY 512

struct connection {
	const char *path;         /* borrowed */
	struct sqlite3 *db;       /* owned; NULL: none */
	char why[CONNECTION_WHY]; /* cause and cure of the last failure */
};

enum connection_result {
	CONNECTION_MADE,
	CONNECTION_FAILED, /* c->why tells; not logged */
	CONNECTION_REFUSED /* logged: it is not ours, too new or damaged */
};

/* Connect to c->path, an existing file, to write it; an empty one is given its
 * schema. Whatever comes of it, connection_end is due. */
enum connection_result connection_make(struct connection *c);

/* The same to read it only, while another may write it. */
enum connection_result connection_peek(struct connection *c);

/* No statement of it is left. */
void connection_end(struct connection *c);

/* Keep the last error in words, in c->why. */
void connection_blame(struct connection *c);

/* One number, as the only answer to `query`. -1: c->why tells. */
int connection_ask(struct connection *c, const char *query, int64_t *answer);

#endif
