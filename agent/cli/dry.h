/* SPDX-License-Identifier: Apache-2.0
 *
 * dry: `run --dry-run`: what would be sent goes to standard output.
 */
#ifndef DRY_H
#define DRY_H

struct cli_options;

/* Nothing is sent, noted, locked or made, and nobody is asked for keys. Follows
 * until a signal ends it or nobody reads any more; with options->once until all
 * that is there is printed. Answers an exit code. */
int dry_main(const struct cli_options *options);

#endif
