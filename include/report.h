/* SPDX-License-Identifier: Apache-2.0
 *
 * report: what each flow did, said in the log: now and then while something
 * happens, and at the end.
 *
 * Thread: main. Only reads counters.
 */
#ifndef REPORT_H
#define REPORT_H

#include "config.h"
#include "stats.h"

struct report;

/* Both outlive the report. */
struct report *report_new(
    const struct config *config, const struct flow_stats *stats);
void report_free(struct report *r);

/* Say it of the flows that moved since the last time, or in the Java agent's
 * words of all. */
void report_news(struct report *r);

/* Say it all, whatever was said before, and what is left undone: at the end. */
void report_end(struct report *r);

#endif
