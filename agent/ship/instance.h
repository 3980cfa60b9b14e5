/* SPDX-License-Identifier: Apache-2.0
 *
 * instance: what an EC2 instance is told about itself (IMDS).
 */
#ifndef INSTANCE_H
#define INSTANCE_H

#include "errand.h"

#define INSTANCE_REGION 64

/* The keys of the instance's role. */
enum errand_answer instance_keys(
    struct errand *e, struct credentials_keys *keys);

/* The region that the instance is in. */
enum errand_answer instance_region(
    struct errand *e, char out[static INSTANCE_REGION]);

/* What it is: its identity document, a JSON object with a NUL, until the next
 * ask. Asks once. */
enum errand_answer instance_document(struct errand *e, const char **json);

/* Does this machine look like one, or did somebody say where its metadata
 * is? Then they may be late, and worth waiting for. */
bool instance_is_likely(void);

#endif
