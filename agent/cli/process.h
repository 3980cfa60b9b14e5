/* SPDX-License-Identifier: Apache-2.0
 *
 * process: what this process is to the system: its standard descriptors,
 * signals and limits.
 */
#ifndef PROCESS_H
#define PROCESS_H

#include <signal.h>
#include <stdbool.h>

/* First of all, before anything is opened or any secret is read. Blocks the
 * signals that end us, so that from here on only process_signals' owner sees
 * them. */
void process_begin(void);

/* The same for one that may end at any moment: signals do what they usually
 * do. */
void process_begin_filter(void);

/* The signals that end us in order: SIGTERM, SIGINT, and SIGHUP unless we
 * were started deaf to it (nohup). */
void process_signals(sigset_t *set);

/* Raise the limit of descriptors to what the system lets us have. -1: too few
 * to work with, logged. */
int process_descriptors(void);

/* Is standard error journald's own stream? */
bool process_speaks_to_journal(void);

#endif
