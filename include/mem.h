/* SPDX-License-Identifier: Apache-2.0
 *
 * mem: small allocations that do not fail.
 *
 * What grows with the load is charged to the budget (pool) and answers with
 * backpressure. The small rest (a path, a file's marks) is asked for here:
 * when even that is not to be had, the agent says so and exits; the offset on
 * disk only covers delivered bytes, so a restart is the recovery.
 */
#ifndef MEM_H
#define MEM_H

#include <stddef.h>

/* Zeroed. The caller frees with free(). */
void *mem_new(size_t size);
void *mem_new_array(size_t count, size_t size);

/* Resized; new bytes are not cleared. `old` may be NULL. */
void *mem_resize(void *old, size_t count, size_t size);

char *mem_dup(const char *text);
char *mem_dup_span(const void *at, size_t len);

/* printf into fresh memory. */
char *mem_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
