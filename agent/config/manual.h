/* SPDX-License-Identifier: Apache-2.0
 *
 * manual: agent.yaml(5), made from the table of settings.
 */
#ifndef MANUAL_H
#define MANUAL_H

#include <stdio.h>

/* Write it to `out`, for man(1). */
void manual_write(FILE *out);

#endif
