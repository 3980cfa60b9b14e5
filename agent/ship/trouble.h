/* SPDX-License-Identifier: Apache-2.0
 *
 * trouble: what the operator is told of a lane that is not well.
 */
#ifndef TROUBLE_H
#define TROUBLE_H

struct http_end;
struct lane;
struct reply;
struct ship;
struct verdict;

/* An exchange of `l` ended with `v`: say so, unless it was said lately. */
void trouble_say(struct ship *s, struct lane *l, const struct verdict *v,
    const struct http_end *end, const struct reply *reply);

/* A record of `l` is given up, for `why`. */
void trouble_dead(struct ship *s, struct lane *l, const char *why);

/* Something of `l` was delivered: if nothing of it is left that ever failed,
 * say that it goes well again. */
void trouble_over(struct ship *s, struct lane *l);

#endif
