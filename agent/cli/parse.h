/* SPDX-License-Identifier: Apache-2.0
 *
 * parse: the subcommand that shows what becomes of each line.
 */
#ifndef PARSE_H
#define PARSE_H

struct cli_options;

/* Show what the records of a file or of standard input become by a flow's
 * dataProcessingOptions, and how long it took. Answers an exit code. */
int parse_main(const struct cli_options *options);

#endif
