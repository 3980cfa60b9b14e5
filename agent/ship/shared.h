/* SPDX-License-Identifier: Apache-2.0
 *
 * shared: keys as a profile of AWS's shared files says to get them.
 */
#ifndef SHARED_H
#define SHARED_H

#include "errand.h"
#include "profile.h"

/* As the profile AWS_PROFILE names, or the default one, says. */
enum errand_answer shared_keys(struct errand *e, struct credentials_keys *keys);

/* The region of that profile; "" if it has none. */
void shared_region(struct errand *e, char out[static PROFILE_REGION]);

#endif
