/* SPDX-License-Identifier: Apache-2.0
 *
 * forget: subcommand `checkpoints forget`.
 */
#ifndef FORGET_H
#define FORGET_H

struct cli_options;
struct config;

/* Answers an exit code. */
int forget_main(const struct cli_options *options, const struct config *config);

#endif
