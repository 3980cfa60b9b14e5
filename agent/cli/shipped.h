/* SPDX-License-Identifier: Apache-2.0
 *
 * shipped: subcommand `shipped`: may this file be deleted?
 */
#ifndef SHIPPED_H
#define SHIPPED_H

struct cli_options;

/* Answers an exit code. */
int shipped_main(const struct cli_options *options);

#endif
