/* SPDX-License-Identifier: Apache-2.0
 *
 * program: keys that a program prints (credential_process).
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include "errand.h"

/* Run `command`, as a profile gives it, and take the keys it prints. */
enum errand_answer program_keys(
    struct errand *e, const char *command, struct credentials_keys *keys);

/* Cut `command` into words, in its place, as a shell would that knows quotes
 * and backslashes and nothing else. The words, ended by NULL, in `words` of
 * `max`; they are `command`'s. False: a quote is open, or they are too many
 * or none. */
bool program_words(char *command, char **words, size_t max);

#endif
