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

/* NULL: at least one error is in `r`. r->java says which format, and whose
 * manners. The caller frees with draft_free. */
struct config *draft_read(struct span text, struct report *r);

/* Secrets are wiped. NULL is fine; so is a config that is half made. */
void draft_free(struct config *c);

#endif
