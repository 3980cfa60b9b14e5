/* SPDX-License-Identifier: Apache-2.0
 *
 * help: what people and shells are told of the command line, made from the
 * table in command.c. All of it goes to standard output.
 */
#ifndef HELP_H
#define HELP_H

struct command;

void help_version(void);

/* --help: of everything, */
void help_all(void);

/* and of one subcommand. */
void help_of(const struct command *c);

/* kinesis-agent(8), for man(1). */
void help_manual(void);

/* For bash to source. */
void help_completion(void);

#endif
