/* SPDX-License-Identifier: Apache-2.0
 *
 * logs: where what the agent says goes, as the configuration has it.
 */
#ifndef LOGS_H
#define LOGS_H

struct config;

/* To standard error, as it is best read there. */
void logs_begin(void);

/* As `config` says: how much, and into which file. One that cannot be opened
 * is told, and no reason not to run. After the standard descriptors are in
 * order, before any thread starts. */
void logs_settle(const struct config *config);

/* The level may be another since. Main thread. */
void logs_adopt(const struct config *config);

/* Everything is said: nothing waits any more. */
void logs_end(void);

#endif
