/* SPDX-License-Identifier: Apache-2.0
 *
 * cli: reads the command line by the table in command.c.
 *
 * Thread: main, before any other starts.
 */
#include "cli.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bequest.h"
#include "command.h"
#include "help.h"
#include "predecessor.h"

#define OPTIONS_MAX 32

const char *
cli_exit_text(int code)
{
	static const char *const texts[] = {
		[EXIT_DONE] = "done; of run: stopped when asked",
		[EXIT_REFUSED] = "refused, the reason is on standard error",
		[EXIT_USAGE] = "wrong command line",
		[EXIT_UNNOTED] = "of run: stopped when asked, but the last "
				 "checkpoints could not be written: what was "
				 "sent since is sent again at the next start",
		[EXIT_ABSENT] =
		    "of status, files, shipped: no agent is running",
		[EXIT_RUNNING] = "of checkpoints forget: an agent runs on them",
		[EXIT_NOTHING] = ("of checkpoints, files: there is none like "
				  "that; of shipped: no flow follows the file"),
		[EXIT_HURTS] = "of check: it would start, and be hurt",
		[EXIT_PENDING] = "of shipped: not yet",
		[EXIT_TROUBLE] = "of status: a flow is in trouble",
		[EXIT_LEFT] = "of run --once: not all of it was delivered",
	};

	if (code < 0 || (size_t)code >= sizeof(texts) / sizeof(texts[0]))
		return NULL;
	return texts[code] != NULL ? texts[code] : "";
}

/* The table's options as getopt wants them. */
struct grammar {
	char letters[2 * OPTIONS_MAX + 1];
	struct option longs[OPTIONS_MAX + 1];
};

static void
make_grammar(struct grammar *g)
{
	const struct command_option *o;
	size_t at = 0;

	memset(g, 0, sizeof(*g));
	for (size_t i = 0; i < OPTIONS_MAX; i++) {
		o = command_option_at(i);
		if (o == NULL)
			return;
		g->longs[i].name = o->name;
		g->longs[i].has_arg =
		    o->argument != NULL ? required_argument : no_argument;
		g->longs[i].val = o->letter;
		if (o->letter >= COMMAND_LONG)
			continue;
		g->letters[at++] = (char)o->letter;
		if (o->argument != NULL)
			g->letters[at++] = ':';
	}
}

static const struct command_option *
option_of(int letter)
{
	const struct command_option *o;

	for (size_t i = 0; (o = command_option_at(i)) != NULL; i++)
		if (o->letter == letter)
			return o;
	return NULL;
}

/* What was met on the way, until the subcommand is known. */
struct line {
	struct cli_options options;
	bool seen[OPTIONS_MAX]; /* by the table's rows */
	bool help, version;
};

static void
take_option(struct line *line, int letter)
{
	switch (letter) {
	case 'c':
		line->options.config_path = optarg;
		line->options.config_given = true;
		break;
	case COMMAND_FLOW:
		line->options.flow = optarg;
		break;
	case COMMAND_SOCKET:
		line->options.socket = optarg;
		break;
	case COMMAND_SECRETS:
		line->options.secrets = true;
		break;
	case COMMAND_JSON:
		line->options.json = true;
		break;
	case COMMAND_ALL:
		line->options.all = true;
		break;
	case COMMAND_OFFLINE:
		line->options.offline = true;
		break;
	case COMMAND_LOGROTATE:
		line->options.logrotate = optarg;
		break;
	case COMMAND_WAIT:
		line->options.wait = optarg;
		break;
	case COMMAND_UNFINISHED:
		line->options.unfinished = true;
		break;
	case COMMAND_ONCE:
		line->options.once = true;
		break;
	case COMMAND_DRY_RUN:
		line->options.dry_run = true;
		break;
	case COMMAND_FROM_START:
		line->options.from_start = true;
		break;
	case 'h':
		line->help = true;
		break;
	case 'V':
		line->version = true;
		break;
	}
}

int
cli_refuse(const char *what, const char *why)
{
	fprintf(stderr,
	    "kinesis-agent: %s: %s; kinesis-agent --help lists what there "
	    "is\n",
	    what, why);
	return EXIT_USAGE;
}

/* 0, or the exit code. */
static int
read_options(struct line *line, int argc, char **argv)
{
	struct grammar grammar;
	int letter;

	make_grammar(&grammar);
	while ((letter = getopt_long(
		    argc, argv, grammar.letters, grammar.longs, NULL)) != -1) {
		const struct command_option *o = option_of(letter);

		if (o == NULL) {
			fputs("kinesis-agent --help lists what there is\n",
			    stderr);
			return EXIT_USAGE;
		}
		line->seen[o - command_option_at(0)] = true;
		take_option(line, letter);
	}
	return 0;
}

/* 0, or the exit code. */
static int
judge(const struct line *line, const struct command *c)
{
	const struct command_option *o;
	const struct cli_options *given = &line->options;

	for (size_t i = 0; (o = command_option_at(i)) != NULL; i++)
		if (line->seen[i] && !command_takes(c, o)) {
			fprintf(stderr,
			    "kinesis-agent %s: it has no option --%s; "
			    "kinesis-agent %s --help lists those it has\n",
			    c->name, o->name, c->name);
			return EXIT_USAGE;
		}
	if (given->word_count > c->most)
		return cli_refuse(given->words[c->most], "one word too many");
	if (given->word_count < c->least)
		return cli_refuse(c->name, "a word is missing");
	return 0;
}

/* Does the file hold nothing but comments, as the package's own does before
 * somebody has written to it, or is there none? */
static bool
says_nothing(const char *path)
{
	FILE *file = fopen(path, "re");
	bool nothing = true;
	char line[256];

	if (file == NULL)
		return errno == ENOENT;
	while (nothing && fgets(line, sizeof(line), file) != NULL) {
		const char *at = line + strspn(line, " \t\r\n");

		nothing = *at == '\0' || *at == '#';
		/* The rest of a long comment. */
		while (nothing && strchr(line, '\n') == NULL &&
		       fgets(line, sizeof(line), file) != NULL)
			;
	}
	(void)fclose(file);
	return nothing;
}

/* Ours, or where there is none that of the agent that is being replaced; its
 * environment may name it. */
static const char *
usual_config(void)
{
	static char named[PATH_MAX]; /* for as long as the process */

	if (!says_nothing(CLI_CONFIG))
		return CLI_CONFIG;
	if (bequest_configuration(named, sizeof(named)))
		return named;
	return access(PREDECESSOR_CONFIG, F_OK) == 0 ? PREDECESSOR_CONFIG
						     : CLI_CONFIG;
}

int
cli_main(int argc, char **argv)
{
	struct line line = { .options.config_path = usual_config() };
	const struct command *c = command_at(0);
	int code = read_options(&line, argc, argv);

	if (code != 0)
		return code;
	if (line.version) {
		help_version();
		return EXIT_DONE;
	}
	if (optind < argc)
		c = command_find(argv[optind]);
	if (c == NULL)
		return cli_refuse(argv[optind], "no such subcommand");
	if (line.help && optind < argc) {
		help_of(c);
		return EXIT_DONE;
	}
	if (line.help) {
		help_all();
		return EXIT_DONE;
	}
	line.options.words = optind < argc ? &argv[optind + 1] : &argv[argc];
	line.options.word_count = optind < argc ? argc - optind - 1 : 0;
	code = judge(&line, c);
	return code != 0 ? code : c->main(&line.options);
}
