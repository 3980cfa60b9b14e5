/* SPDX-License-Identifier: Apache-2.0
 *
 * sieve: finds the record for which the service refuses a whole request.
 */
#ifndef SIEVE_H
#define SIEVE_H

#include <stdint.h>

struct batch;

enum sieve_result {
	SIEVE_NARROWER, /* the next request carries a part of this one */
	SIEVE_FOUND     /* it carried one record only: `*guilty` */
};

/* The request with what is pending of [from, to) of `b` was refused for what is
 * in it: choose the next part. `dice` chooses which half, where it matters (see sieve.c). After
 * SIEVE_FOUND the part is all of `b` again. */
enum sieve_result sieve_refused(struct batch *b, uint32_t from, uint32_t to,
    uint64_t dice, uint32_t *guilty);

/* The request was accepted, in part at least; what was accepted is no longer
 * pending. */
void sieve_accepted(struct batch *b);

#endif
