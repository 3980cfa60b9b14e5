/* SPDX-License-Identifier: Apache-2.0
 *
 * files: subcommand `files`: what the running agent does with each file.
 */
#ifndef FILES_H
#define FILES_H

struct cli_options;

/* Answers an exit code. */
int files_main(const struct cli_options *options);

#endif
