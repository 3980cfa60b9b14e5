/* SPDX-License-Identifier: Apache-2.0
 *
 * command: the one table of subcommands and options. The command line is read
 * by it; --help, the manual and the shell's completion are made from it.
 * Immutable: any thread.
 */
#ifndef COMMAND_H
#define COMMAND_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct cli_options;

struct command {
	const char *name;
	int (*main)(const struct cli_options *options); /* an exit code */
	const char *words;   /* what may stand behind it, for people; "" */
	int least, most;     /* how many of those */
	const char *choices; /* what the first may be, blanks between; NULL:
	                      * anything */
	const char *help;    /* one line */
	const char *more;    /* sentences, or NULL */
};

/* Options without a letter have numbers from here on. */
enum {
	COMMAND_LONG = 256,
	COMMAND_FLOW = COMMAND_LONG,
	COMMAND_OFFLINE,
	COMMAND_LOGROTATE,
	COMMAND_SOCKET,
	COMMAND_JSON,
	COMMAND_ALL,
	COMMAND_SECRETS,
	COMMAND_WAIT,
	COMMAND_UNFINISHED,
	COMMAND_ONCE,
	COMMAND_DRY_RUN,
	COMMAND_FROM_START
};

/* For `most`: as many words as there are. */
#define COMMAND_ANY INT_MAX

struct command_option {
	int letter; /* or COMMAND_LONG and more */
	const char *name;
	const char *argument; /* NULL: none */
	const char *help;
	const char *only; /* who has it: names, blanks between; NULL: all */
};

/* The rows, in the order in which people are shown them; the first command
 * is the default. NULL: no more. */
const struct command *command_at(size_t i);
const struct command_option *command_option_at(size_t i);

/* NULL: there is none. */
const struct command *command_find(const char *name);

bool command_takes(const struct command *c, const struct command_option *o);

/* Is `word` one of the words in `list`, which has blanks between them? */
bool command_lists(const char *list, const char *word);

#endif
