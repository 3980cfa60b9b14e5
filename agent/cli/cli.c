/* SPDX-License-Identifier: Apache-2.0
 *
 * cli: subcommands as a table, options, help.
 *
 * Thread: main, before any other starts.
 */
#include "cli.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "config.h"

#define DEFAULT_CONFIG "/etc/kinesis-agent/agent.yaml"

static int
print_version(const struct cli_options *options)
{
	(void)options;
	puts("kinesis-agent " AGENT_VERSION);
	return EXIT_DONE;
}

static int
print_example(const struct cli_options *options)
{
	(void)options;
	config_print_example();
	return EXIT_DONE;
}

static const struct subcommand {
	const char *name;
	int (*main)(const struct cli_options *options);
	const char *help;
} subcommands[] = {
	{ "run", run_main, "follow the files and deliver (the default)" },
	{ "example", print_example,
	    "print a configuration with every setting explained" },
	{ "version", print_version, "print the version" },
};

#define SUBCOMMANDS (sizeof(subcommands) / sizeof(subcommands[0]))

static void
print_help(FILE *to)
{
	fputs("usage: kinesis-agent [-c FILE] [SUBCOMMAND]\n"
	      "\n"
	      "Follows log files and delivers their lines to Amazon Kinesis "
	      "Data Streams\nand Amazon Data Firehose, in the foreground.\n"
	      "\n"
	      "subcommands:\n",
	    to);
	for (size_t i = 0; i < SUBCOMMANDS; i++)
		fprintf(to, "  %-10s%s\n", subcommands[i].name,
		    subcommands[i].help);
	fputs("\n"
	      "options:\n"
	      "  -c, --configuration FILE  YAML, or the Java agent's JSON "
	      "(*.json);\n"
	      "                            default " DEFAULT_CONFIG "\n"
	      "  -h, --help                this text\n"
	      "  -V, --version             the version\n"
	      "\n"
	      "SIGTERM, SIGINT or SIGHUP stop it: it sends what it has read, "
	      "waits for the\nanswers (shutdownTimeoutMillis) and notes where "
	      "it is. Another one ends the\nwaiting; what is not answered then "
	      "is sent again at the next start.\n"
	      "\n"
	      "exit codes: 0 stopped when asked; 1 refused, the reason is on "
	      "standard error;\n"
	      "2 wrong command line; 3 stopped when asked, but the last "
	      "checkpoints could not be\nwritten: what was sent since is sent "
	      "again at the next start.\n",
	    to);
}

static const struct subcommand *
find_subcommand(const char *name)
{
	for (size_t i = 0; i < SUBCOMMANDS; i++)
		if (strcmp(subcommands[i].name, name) == 0)
			return &subcommands[i];
	return NULL;
}

int
cli_main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "configuration", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	struct cli_options options = { .config_path = DEFAULT_CONFIG };
	const struct subcommand *sub = &subcommands[0];
	int c;

	while ((c = getopt_long(argc, argv, "c:hV", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			options.config_path = optarg;
			break;
		case 'h':
			print_help(stdout);
			return EXIT_DONE;
		case 'V':
			return print_version(&options);
		default:
			fputs("kinesis-agent --help lists what there is\n",
			    stderr);
			return EXIT_USAGE;
		}
	}
	if (optind < argc)
		sub = find_subcommand(argv[optind++]);
	if (sub == NULL || optind < argc) {
		fprintf(stderr,
		    "kinesis-agent: %s: %s; kinesis-agent --help "
		    "lists what there is\n",
		    argv[optind - (sub == NULL)],
		    sub == NULL ? "no such subcommand" : "one word too many");
		return EXIT_USAGE;
	}
	return sub->main(&options);
}
