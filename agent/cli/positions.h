/* SPDX-License-Identifier: Apache-2.0
 *
 * positions: subcommand `checkpoints`: what is noted on disk of where the
 * agent is in each file.
 */
#ifndef POSITIONS_H
#define POSITIONS_H

#define POSITIONS_CHOICES "list export forget"

struct cli_options;

/* Answers an exit code. */
int positions_main(const struct cli_options *options);

#endif
