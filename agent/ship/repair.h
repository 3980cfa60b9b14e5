/* SPDX-License-Identifier: Apache-2.0
 *
 * repair: what we can put right ourselves when a request is refused.
 */
#ifndef REPAIR_H
#define REPAIR_H

#include <stdbool.h>

struct http_end;
struct ship;
struct transfer;
struct verdict;

/* `t` ended with `v`. Is the cause gone already, so that its batch need not
 * wait? */
bool repair(struct ship *s, const struct transfer *t, const struct verdict *v,
    const struct http_end *end);

#endif
