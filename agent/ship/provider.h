/* SPDX-License-Identifier: Apache-2.0
 *
 * provider: the places that keys come from, in AWS's order.
 */
#ifndef PROVIDER_H
#define PROVIDER_H

#include "errand.h"

/* Get keys from the first provider that somebody set up. Another one is not
 * asked when that one fails: the agent would act under another identity. On
 * ERRAND_AWAY and ERRAND_DONE `keys->source` names it. `*last` tells, then,
 * whether it is the one that needs no setting up: instance metadata. */
enum errand_answer provider_keys(
    struct errand *e, struct credentials_keys *keys, bool *last);

#endif
