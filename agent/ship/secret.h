/* SPDX-License-Identifier: Apache-2.0
 *
 * secret: memory for what must not get out. It is left out of core dumps and
 * of children, and wiped before it is given back.
 */
#ifndef SECRET_H
#define SECRET_H

#include <stddef.h>

/* `size` zeroed bytes. NULL: failed, logged. */
void *secret_new(size_t size);

/* Wipe and give back the `size` bytes at `at`. NULL is fine. */
void secret_free(void *at, size_t size);

#endif
