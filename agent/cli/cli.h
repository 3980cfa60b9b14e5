/* SPDX-License-Identifier: Apache-2.0
 *
 * cli: from argv to a subcommand and its exit code.
 */
#ifndef CLI_H
#define CLI_H

#include <stdbool.h>

#define CLI_CONFIG "/etc/kinesis-agent/agent.yaml"

/* What an exit code means, to scripts and to systemd. */
enum cli_exit {
	EXIT_DONE = 0,    /* stopped when asked, everything noted */
	EXIT_REFUSED = 1, /* configuration or surroundings are wrong; said */
	EXIT_USAGE = 2,   /* the command line is wrong; said */
	EXIT_UNNOTED = 3, /* stopped when asked, but the last checkpoints are
	                   * not on disk: what was sent since is sent again */
	EXIT_ABSENT = 4,  /* no agent is running there; said */
	EXIT_RUNNING = 5, /* one is, and must not for this; said */
	EXIT_NOTHING = 6, /* there is nothing of what was asked for; said */
	EXIT_HURTS = 7,   /* of check: it would start, and something hurts */
	EXIT_PENDING = 8, /* what was asked for is not so yet; said */
	EXIT_TROUBLE = 9, /* a flow is in trouble, as was shown */
	EXIT_LEFT = 10    /* ended before all that was there was delivered */
};

/* What exit code `code` means, for people; "": it is not used; NULL: nor is
 * any above. */
const char *cli_exit_text(int code);

/* What the command line asked for. */
struct cli_options {
	const char *config_path;
	bool config_given;     /* not the usual one */
	const char *logrotate; /* its configuration; NULL: not said */
	bool offline;          /* leave out what needs the network */
	const char *flow;   /* its name or number (choice.h); NULL: not said */
	const char *socket; /* of the running agent; NULL: not said */
	bool json;          /* for a script to read */
	bool once;          /* end when all that is there is shipped */
	bool dry_run;       /* print instead of sending */
	bool from_start;    /* then: whatever is noted */
	bool all;           /* and mean it */
	bool secrets;       /* print them, too */
	bool unfinished;    /* a line without a newline counts */
	const char *wait;   /* at most so long; NULL: not said */
	char **words;       /* behind the subcommand; as many as it allows */
	int word_count;
};

/* Say what is wrong with the command line. Answers the exit code. */
int cli_refuse(const char *what, const char *why);

int cli_main(int argc, char **argv);

/* Subcommand `run`: follow and deliver until SIGTERM or SIGINT. Answers an
 * exit code. */
int run_main(const struct cli_options *options);

#endif
