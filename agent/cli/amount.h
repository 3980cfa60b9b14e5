/* SPDX-License-Identifier: Apache-2.0
 *
 * amount: numbers as people read them.
 */
#ifndef AMOUNT_H
#define AMOUNT_H

#include <stdint.h>

#define AMOUNT_TEXT 32

/* 12345 as "12,345". */
void amount_count(int64_t n, char out[static AMOUNT_TEXT]);

/* 1234567 as "1.2 MB" (a million bytes). */
void amount_bytes(int64_t n, char out[static AMOUNT_TEXT]);

/* 3723 as "1 h". */
void amount_time(int64_t seconds, char out[static AMOUNT_TEXT]);

#endif
