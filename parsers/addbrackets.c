/* SPDX-License-Identifier: Apache-2.0
 *
 * addbrackets: ADDBRACKETS, a record between { and }; its newline stays inside.
 *
 * The chain's thread.
 */
#include <stdlib.h>

#include "mem.h"
#include "work.h"
#include "step.h"
#include "told.h"

static void *
addbrackets_make(struct told *t)
{
	(void)t;
	return mem_new(1);
}

static enum step_answer
addbrackets_run(void *state, struct work *w)
{
	struct span text;
	struct buf *out;

	(void)state;
	if (!work_text(w, &text))
		return STEP_TOO_HARD;
	out = work_draft(w);
	if (!buf_add(out, "{", 1) || !buf_add_span(out, text) ||
	    !buf_add(out, "}", 1))
		return STEP_TOO_HARD;
	work_done(w);
	return STEP_DONE;
}

const struct step_kind addbrackets_kind = { "ADDBRACKETS", "", false,
	addbrackets_make, addbrackets_run, free, NULL };
