/* SPDX-License-Identifier: Apache-2.0
 *
 * route: from a request to the function that answers it.
 */
#ifndef FAKE_ROUTE_H
#define FAKE_ROUTE_H

#include <stdbool.h>

struct exchange;
struct request;

/* Answer the request of `x`, whose body is whole and hashed. */
void route_request(struct exchange *x);

/* Whether this is for us rather than for a service: never signed, counted or
 * spoiled. */
bool route_is_control(const struct request *r);

#endif
