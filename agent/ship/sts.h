/* SPDX-License-Identifier: Apache-2.0
 *
 * sts: to become a role.
 */
#ifndef STS_H
#define STS_H

#include "errand.h"

/* All borrowed for the call. */
struct sts_role {
	const char *arn;
	const char *session;     /* the session's name; NULL: ours */
	const char *external_id; /* NULL or "": none */
	const char *seconds;     /* how long, in digits; NULL or "": an hour */
	const char *region;      /* whose STS; NULL or "": the errand's */
};

/* As whom `keys` are, become `role`; `keys` are the role's then. */
enum errand_answer sts_assume(struct errand *e, const struct sts_role *role,
    struct credentials_keys *keys);

/* Become `role` by the web identity in the file `token`, which is read now. */
enum errand_answer sts_assume_by_token(struct errand *e,
    const struct sts_role *role, const char *token,
    struct credentials_keys *keys);

/* The text of the first element `name` in `xml`, entities undone, into `out`
 * of `room` bytes. False: there is none, or it is longer; `out` is "" then. */
bool sts_element(const char *xml, const char *name, char *out, size_t room);

#endif
