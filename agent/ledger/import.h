/* SPDX-License-Identifier: Apache-2.0
 *
 * import: going on where the Java agent stopped.
 */
#ifndef IMPORT_H
#define IMPORT_H

struct checkpoints;
struct config;
struct site;

/* Take the positions of flows that `*db` (site->path, open and locked) does not
 * know from site->source into it, in one transaction: their flows are known then, and it does
 * not happen again. `*db` may be another, open one after. -1: there are some
 * that cannot be taken, and to go on would lose or repeat; logged. */
int import_run(const struct config *config, const struct site *site,
    struct checkpoints **db);

#endif
