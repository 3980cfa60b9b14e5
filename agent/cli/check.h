/* SPDX-License-Identifier: Apache-2.0
 *
 * check: subcommand `check`: what would hurt, before it does.
 */
#ifndef CHECK_H
#define CHECK_H

struct cli_options;

/* Answers an exit code: EXIT_REFUSED where `run` would refuse, too; EXIT_HURTS
 * where it would start, and something costs lines or time. */
int check_main(const struct cli_options *options);

#endif
