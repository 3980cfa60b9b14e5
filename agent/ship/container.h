/* SPDX-License-Identifier: Apache-2.0
 *
 * container: keys of an ECS task or an EKS pod (Pod Identity).
 */
#ifndef CONTAINER_H
#define CONTAINER_H

#include "errand.h"

/* As AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI say. */
enum errand_answer container_keys(
    struct errand *e, struct credentials_keys *keys);

/* May keys be asked for at `url`? Over HTTP only from this machine and from
 * the addresses that AWS gives to its agents. */
bool container_may_ask(const char *url);

#endif
