/* SPDX-License-Identifier: Apache-2.0
 *
 * findings: what `check` has to say, a line each for people, or one JSON
 * document for scripts.
 */
#ifndef FINDINGS_H
#define FINDINGS_H

#include <stdbool.h>

struct config;
struct findings;
struct flow_config;

enum findings_level {
	FINDING_FINE,
	FINDING_NOTE,  /* worth knowing; costs nothing by itself */
	FINDING_HURTS, /* the agent starts, and this costs lines or time */
	FINDING_ERROR  /* the agent would not start */
};

/* Lines are told as they are found; JSON at the end. */
struct findings *findings_new(bool json);

/* From here on it is about `flow` of `config`; NULL: about all of them.
 * Borrowed until the next. */
void findings_flow(struct findings *f, const struct config *config,
    const struct flow_config *flow);

/* One finding about `about` (one word), with its cure; NULL: none is needed.
 * What is not text in it is shown as '?'. */
void findings_add(struct findings *f, enum findings_level level,
    const char *about, const char *cure, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Say what it comes to; answers an exit code. `path`: of the configuration.
 * `*f` is NULL after. */
int findings_end(struct findings **f, const char *path);

#endif
