/* SPDX-License-Identifier: Apache-2.0
 *
 * print: subcommand `print`: what is made from our tables.
 */
#ifndef PRINT_H
#define PRINT_H

struct cli_options;

#define PRINT_CHOICES "example schema settings manual completion"

/* Answers an exit code. */
int print_main(const struct cli_options *options);

#endif
