/* SPDX-License-Identifier: Apache-2.0
 *
 * ask: a question to the agent that runs on this machine.
 */
#ifndef ASK_H
#define ASK_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct cli_options;

#define ASK_BYTES   ((size_t)256 * 1024 * 1024) /* of an answer */
#define ASK_WAIT_MS 10000

/* Where the agent that `options` mean is asked: what --socket says, or the
 * configuration. NULL: there is no such place, said. The caller frees it. */
char *ask_where(const struct cli_options *options);

/* Ask at the socket `path`: `words`, the first of which names the question, up
 * to a NULL. `answer` is empty before; on EXIT_DONE it holds what was
 * answered, as it came: one JSON object. Nothing comes for `wait_ms`: it is
 * given up. Otherwise an exit code, said: EXIT_ABSENT where no agent answers
 * there, else EXIT_REFUSED. */
int ask(const char *path, const char *const *words, int64_t wait_ms,
    struct buf *answer);

/* The same, but that no agent answers is EXIT_ABSENT and not said. */
int ask_softly(const char *path, const char *const *words, int64_t wait_ms,
    struct buf *answer);

/* `answer` taken apart; freed with json_decref. NULL: it is no answer, or says
 * why it is none; said. */
json_t *ask_read(const char *path, struct buf *answer);

#endif
