/* SPDX-License-Identifier: Apache-2.0
 *
 * step: one option of a chain, compiled.
 *
 * A kind of step is a row: parser.c lists them all. What a step keeps between
 * records is its own.
 */
#ifndef STEP_H
#define STEP_H

#include <stdbool.h>

struct work;
struct told;

enum step_answer {
	STEP_DONE,
	STEP_DROP,     /* the record is not to be sent */
	STEP_NO_MATCH, /* this is not what the step takes */
	STEP_TOO_HARD
};

struct step_kind {
	const char *name; /* optionName */
	const char *keys; /* others it knows, a blank between them */
	bool skips;       /* by default what does not match is not sent */

	/* NULL: refused, as `told` says. */
	void *(*make)(struct told *t);
	enum step_answer (*run)(void *state, struct work *w);
	void (*free)(void *state);
	bool (*is_interpreted)(const void *state); /* NULL: never */
};

extern const struct step_kind mergeparts_kind;
extern const struct step_kind singleline_kind;
extern const struct step_kind csvtojson_kind;
extern const struct step_kind logtojson_kind;
extern const struct step_kind addmetadata_kind;
extern const struct step_kind addec2_kind;
extern const struct step_kind addbrackets_kind;
extern const struct step_kind filter_kind;
extern const struct step_kind redact_kind;
extern const struct step_kind types_kind;
extern const struct step_kind timestamp_kind;

#endif
