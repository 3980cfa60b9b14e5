/* SPDX-License-Identifier: Apache-2.0
 *
 * metadata: what a machine is told about itself: instance metadata, version 2
 * and where allowed 1, and the container credentials endpoint.
 */
#ifndef FAKE_METADATA_H
#define FAKE_METADATA_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define METADATA_TOKENS 64
#define METADATA_TOKEN  57 /* with its NUL */

struct exchange;

struct metadata_token {
	char text[METADATA_TOKEN];
	int64_t until_us;
};

struct metadata {
	pthread_mutex_t lock; /* over the tokens */
	struct metadata_token tokens[METADATA_TOKENS];
	uint64_t count;   /* ever */
	const char *role; /* of the instance; borrowed from argv */
	const char *region;
	bool v1; /* without a token too */
};

void metadata_init(struct metadata *m);
void metadata_fini(struct metadata *m);

void metadata_put_token(struct exchange *x);
void metadata_list_roles(struct exchange *x);
void metadata_get_credentials(struct exchange *x);
void metadata_get_region(struct exchange *x);
void metadata_get_identity(struct exchange *x);
void metadata_get_container(struct exchange *x);

#endif
