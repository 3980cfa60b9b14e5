/* SPDX-License-Identifier: Apache-2.0
 *
 * draft: from a file's text to a checked configuration. Touches nothing but
 * its arguments and, for the region, the environment; says nothing: all it
 * has to say is in the report.
 */
#ifndef DRAFT_H
#define DRAFT_H

#include <stdbool.h>

#include "config.h"
#include "span.h"

struct report;
struct draft;

/* A configuration of several files: the main one first, then whatever adds
 * flows to it. main->java says whose manners, for all of them, and which
 * format the main file has. The reports are borrowed until draft_finish. */
struct draft *draft_new(struct report *main);

/* -1: no settings can be read from it; reported. Then nothing is added. */
int draft_main(struct draft *d, struct span text);

/* The flows of another file. What else stands in it is a slip; and in the
 * Java agent's manners a file that is none is passed over with a warning. */
void draft_add(struct draft *d, struct span text, bool json, struct report *r);

/* What holds over all files is judged; `d` is gone. The caller has the
 * config (NULL if draft_main failed), with draft_free, and believes in it
 * only if no report counts an error. */
struct config *draft_finish(struct draft *d);

/* All of it for one file. NULL: at least one error is in `r`. */
struct config *draft_read(struct span text, struct report *r);

/* What `f` owns. */
void draft_free_flow(struct flow_config *f);

/* Secrets are wiped. NULL is fine; so is a config that is half made. */
void draft_free(struct config *c);

#endif
