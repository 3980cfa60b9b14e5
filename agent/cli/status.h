/* SPDX-License-Identifier: Apache-2.0
 *
 * status: the subcommand that shows how the running agent is.
 */
#ifndef STATUS_H
#define STATUS_H

struct cli_options;

/* Answers an exit code. */
int status_main(const struct cli_options *options);

#endif
