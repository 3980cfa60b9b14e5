/* SPDX-License-Identifier: Apache-2.0
 *
 * command: see command.h.
 */
#include "command.h"

#include <string.h>

#include "check.h"
#include "cli.h"
#include "files.h"
#include "help.h"
#include "import.h"
#include "parse.h"
#include "positions.h"
#include "predecessor.h"
#include "print.h"
#include "shipped.h"
#include "status.h"

static int
version_main(const struct cli_options *options)
{
	(void)options;
	help_version();
	return EXIT_DONE;
}

static const struct command commands[] = {
	{ "run", run_main, "", 0, 0, NULL,
	    "follow the files and deliver (the default)",
	    "SIGTERM or SIGINT stops it: it sends what it has read, waits for "
	    "the answers (shutdownTimeoutMillis) and notes where it is. "
	    "Another one ends the waiting; what is not answered then is sent "
	    "again at the next start. SIGHUP has it read its configuration "
	    "again, and adopt it while everything goes on, or refuse it as a "
	    "whole. "
	    "With --once it ends by itself when "
	    "every file is read to its end and everything is answered, "
	    "however long that takes. With --dry-run nothing is sent and "
	    "nothing noted: what would be sent goes to standard output, from "
	    "where the checkpoints are on, also beside a running agent and "
	    "without credentials; with --once what is there, else also what "
	    "comes." },
	{ "parse", parse_main, "[LOGFILE]", 0, 1, NULL,
	    "show what a flow's dataProcessingOptions make of each record",
	    "Of LOGFILE, or of standard input. Records go to standard output "
	    "as they would be sent; those that would not, and those that an "
	    "option does not understand, are marked with ---. Nothing is sent. "
	    "How many there were and how long each took is said at the end." },
	{ "check", check_main, "", 0, 0, NULL,
	    "look for what would hurt, on this machine and on the way",
	    "The configuration; whether each file may be read and each "
	    "directory be looked into; limits of the machine; what logrotate "
	    "does to the files; whether the endpoints can be reached; the "
	    "credentials; the clock. Touches nothing and sends no record. Each "
	    "finding is a line with its cure: an error keeps the agent from "
	    "starting, what hurts costs lines or time, a note is worth "
	    "knowing. It takes some seconds at most. Ask as the user that the "
	    "agent runs as, or as root where the installed unit runs it." },
	{ "status", status_main, "", 0, 0, NULL,
	    "show how the running agent and its flows are",
	    "Asks the agent through its socket (status.socket). On a terminal "
	    "the page is brought up to date each second, until q. Flows in "
	    "trouble come first, with what helps. With --json what the agent "
	    "answered, as it came." },
	{ "files", files_main, "[PATTERN]", 0, 1, NULL,
	    "show what the running agent does with each file",
	    "Of all files, or those whose name (with a slash in it: whose "
	    "path) the glob PATTERN matches. A line for each flow that follows "
	    "one: new (not opened yet), reading, queued (an elder of its log "
	    "goes first), waiting (for it to grow), suspect (it may be a copy "
	    "of what was read), rotated (its writer may still hold it), "
	    "archive (compressed, being read), done (and read), unreadable; "
	    "then the bytes of it that are not accounted for, up to where all "
	    "are, and its size. With --json what the agent answered, as it "
	    "came." },
	{ "shipped", shipped_main, "FILE", 1, 1, NULL,
	    "tell by the exit code whether a file is delivered",
	    "0: up to the end of its last line all of it is delivered or "
	    "accounted for, for each flow that follows it, and that is noted "
	    "on "
	    "disk: it may be deleted. What is written to it while it is being "
	    "waited for does not count, and a last line without a newline only "
	    "with --unfinished: it is sent when the file has been left alone. "
	    "FILE may be renamed, or compressed, by now. Without an agent the "
	    "checkpoints answer, where they can." },
	{ "checkpoints", positions_main, "list|export|forget [FILE|ROW]...", 1,
	    COMMAND_ANY, POSITIONS_CHOICES,
	    "show or forget how far files are delivered, as noted on disk",
	    "list: a line for each file of each flow, whether the agent runs "
	    "or not; with --json a line of JSON. export: everything that is "
	    "known of them as lines of JSON, to be kept or looked at "
	    "elsewhere; there is no way to read it in again, since files are "
	    "known by "
	    "what only their own file system tells: to move an agent with its "
	    "files, stop it and copy its database. forget: only while the "
	    "agent does not run; the file that is called FILE now (or was, "
	    "where there is none), or the row of that number, is a new file at "
	    "the next start, read from 0. forget --all forgets a flow "
	    "(--flow), or every one: it begins at its initialPosition, as at "
	    "its first start." },
	{ "import", import_main, "", 0, 0, NULL,
	    "print the agent.yaml that means what an agent.json does",
	    "With -c, or of " PREDECESSOR_CONFIG ", and of the flows in the "
	    "folder agent.d beside it. What differs stands above it in "
	    "comments; secrets are left to be filled in, and the agent refuses "
	    "to start until they are." },
	{ "print", print_main, "WHAT", 1, 1, PRINT_CHOICES,
	    "print what is made from the tables of settings and commands",
	    "WHAT is example (a configuration with every setting explained), "
	    "schema (a JSON Schema for editors), settings and manual (man "
	    "pages, agent.yaml(5) and kinesis-agent(8)), or completion (for "
	    "bash)." },
	{ "version", version_main, "", 0, 0, NULL, "print the version", NULL },
};

static const struct command_option options[] = {
	{ 'c', "configuration", "FILE",
	    "YAML, or the Java agent's JSON (*.json); default " CLI_CONFIG
	    " or else " PREDECESSOR_CONFIG,
	    "run check parse status files shipped checkpoints import" },
	{ COMMAND_OFFLINE, "offline", NULL, "leave out what needs the network",
	    "check" },
	{ COMMAND_LOGROTATE, "logrotate", "FILE",
	    "logrotate's configuration; default /etc/logrotate.conf", "check" },
	{ COMMAND_FLOW, "flow", "FLOW",
	    "of this flow: its name, or its number from 1 on",
	    "parse files shipped checkpoints" },
	{ COMMAND_SOCKET, "socket", "FILE",
	    "ask the agent at this socket, whatever the configuration says",
	    "status files shipped" },
	{ COMMAND_ONCE, "once", NULL,
	    "ship all that is there, wait for the answers, then end", "run" },
	{ COMMAND_DRY_RUN, "dry-run", NULL,
	    "print the records; send nothing, note nothing", "run" },
	{ COMMAND_FROM_START, "from-start", NULL,
	    "with --dry-run: all that the files hold, whatever is noted",
	    "run" },
	{ COMMAND_JSON, "json", NULL,
	    "for a script to read; of run: in a dry run",
	    "run status files shipped checkpoints check" },
	{ COMMAND_WAIT, "wait", "TIME",
	    "wait for it, at most so long (30s, 500ms, 2m)", "shipped" },
	{ COMMAND_UNFINISHED, "unfinished", NULL,
	    "ask for a last line without a newline, too", "shipped" },
	{ COMMAND_ALL, "all", NULL, "forget everything, of --flow or at all",
	    "checkpoints" },
	{ COMMAND_SECRETS, "secrets", NULL,
	    "print keys and passwords, too: mind who can read them", "import" },
	{ 'h', "help", NULL, "this text; behind a subcommand: of that", NULL },
	{ 'V', "version", NULL, "the version", NULL },
};

const struct command *
command_at(size_t i)
{
	return i < sizeof(commands) / sizeof(commands[0]) ? &commands[i] : NULL;
}

const struct command_option *
command_option_at(size_t i)
{
	return i < sizeof(options) / sizeof(options[0]) ? &options[i] : NULL;
}

const struct command *
command_find(const char *name)
{
	for (size_t i = 0; command_at(i) != NULL; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

bool
command_lists(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; *at != '\0';) {
		size_t here = strcspn(at, " ");

		if (here == len && strncmp(at, word, len) == 0)
			return true;
		at += here;
		at += strspn(at, " ");
	}
	return false;
}

bool
command_takes(const struct command *c, const struct command_option *o)
{
	return o->only == NULL || command_lists(o->only, c->name);
}
