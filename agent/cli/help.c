/* SPDX-License-Identifier: Apache-2.0
 *
 * help: see help.h.
 *
 * Thread: main, before any other starts.
 */
#include "help.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "command.h"

#define WIDTH 78

void
help_version(void)
{
	puts("kinesis-agent " AGENT_VERSION);
}

/* `text` from column `at` on, which the cursor has reached, in lines of WIDTH
 * that begin at column `indent`. Ends the line. */
static void
flow_text(const char *text, int at, int indent)
{
	while (*text != '\0') {
		int len = (int)strcspn(text, " ");

		if (at > indent && at + 1 + len > WIDTH) {
			printf("\n%*s", indent, "");
			at = indent;
		}
		at += printf("%s%.*s", at > indent ? " " : "", len, text);
		text += len;
		text += strspn(text, " ");
	}
	putchar('\n');
}

static void
show_option(const struct command_option *o)
{
	char text[64], letter[8] = "    ";
	int at;

	if (o->letter < COMMAND_LONG)
		snprintf(letter, sizeof(letter), "-%c, ", o->letter);
	snprintf(text, sizeof(text), "  %s--%s%s%s", letter, o->name,
	    o->argument != NULL ? " " : "",
	    o->argument != NULL ? o->argument : "");
	at = printf("%-28s", text);
	flow_text(o->help, at, 28);
}

/* Is `c` among the names before the colon, with commas and blanks between? */
static bool
is_of(const struct command *c, const char *text)
{
	size_t len = strlen(c->name), end = strcspn(text, ":");

	for (size_t at = 0; at + len <= end; at++)
		if (strncmp(text + at, c->name, len) == 0 &&
		    (at == 0 || text[at - 1] == ' ') &&
		    strchr(",: ", text[at + len]) != NULL)
			return true;
	return false;
}

/* Can `c` (NULL: any) end so? Unless it is of all, the text says of whom:
 * "of this, that: what; of another: what". */
static bool
ends_so(const struct command *c, const char *text)
{
	if (c == NULL || strncmp(text, "of ", 3) != 0)
		return text[0] != '\0';
	while (text != NULL && !is_of(c, text + 3)) {
		text = strstr(text, "; of ");
		if (text != NULL)
			text += 2;
	}
	return text != NULL;
}

static void
show_exit_codes(const struct command *c)
{
	puts("\nexit codes:");
	for (int i = 0; cli_exit_text(i) != NULL; i++) {
		if (!ends_so(c, cli_exit_text(i)))
			continue;
		int at = printf("  %-3d", i);

		flow_text(cli_exit_text(i), at, 5);
	}
}

void
help_all(void)
{
	puts("usage: kinesis-agent [-c FILE] [SUBCOMMAND]\n\n"
	     "Follows log files and delivers their lines to Amazon Kinesis "
	     "Data Streams\nand Amazon Data Firehose, in the foreground.\n\n"
	     "subcommands (`kinesis-agent SUBCOMMAND --help` tells more):");
	for (size_t i = 0; command_at(i) != NULL; i++) {
		const struct command *c = command_at(i);
		char text[64];

		snprintf(text, sizeof(text), "  %s %s", c->name, c->words);
		if (strlen(text) >= 28)
			printf("%s\n%28s", text, "");
		else
			printf("%-28s", text);
		flow_text(c->help, 28, 28);
	}
	puts("\noptions:");
	for (size_t i = 0; command_option_at(i) != NULL; i++)
		if (command_takes(command_at(0), command_option_at(i)))
			show_option(command_option_at(i));
	show_exit_codes(NULL);
}

void
help_of(const struct command *c)
{
	printf("usage: kinesis-agent %s [OPTION]...%s%s\n\n", c->name,
	    c->words[0] != '\0' ? " " : "", c->words);
	flow_text(c->help, 0, 0);
	if (c->more != NULL) {
		putchar('\n');
		flow_text(c->more, 0, 0);
	}
	puts("\noptions:");
	for (size_t i = 0; command_option_at(i) != NULL; i++)
		if (command_takes(c, command_option_at(i)))
			show_option(command_option_at(i));
	show_exit_codes(c);
}

/* For man: a hyphen that is to be a hyphen, and no macro by accident. */
static void
put_roff(const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", stdout);
	for (; *text != '\0'; text++) {
		if (*text == '\\')
			fputs("\\e", stdout);
		else if (*text == '-')
			fputs("\\-", stdout);
		else
			putchar(*text);
	}
	putchar('\n');
}

static void
put_tagged(const char *tag, const char *more, const char *text)
{
	char line[128];

	snprintf(line, sizeof(line), "%s%s%s", tag, more[0] != '\0' ? " " : "",
	    more);
	fputs(".TP\n.B ", stdout);
	put_roff(line);
	put_roff(text);
}

static void
put_option(const struct command_option *o)
{
	char tag[64];

	if (o->letter < COMMAND_LONG)
		snprintf(tag, sizeof(tag), "-%c, --%s", o->letter, o->name);
	else
		snprintf(tag, sizeof(tag), "--%s", o->name);
	put_tagged(tag, o->argument != NULL ? o->argument : "", o->help);
	if (o->only == NULL)
		return;
	fputs("Of: ", stdout);
	put_roff(o->only);
}

static void
put_commands(void)
{
	puts(".SH SUBCOMMANDS");
	for (size_t i = 0; command_at(i) != NULL; i++) {
		const struct command *c = command_at(i);

		put_tagged(c->name, c->words, c->help);
		if (c->more == NULL)
			continue;
		puts(".br");
		put_roff(c->more);
	}
	puts(".SH OPTIONS");
	for (size_t i = 0; command_option_at(i) != NULL; i++)
		put_option(command_option_at(i));
	puts(".SH EXIT STATUS");
	for (int i = 0; cli_exit_text(i) != NULL; i++) {
		char number[16];

		if (cli_exit_text(i)[0] == '\0')
			continue;
		snprintf(number, sizeof(number), "%d", i);
		put_tagged(number, "", cli_exit_text(i));
	}
}

void
help_manual(void)
{
	puts(".TH KINESIS\\-AGENT 8 \"\" \"kinesis\\-agent " AGENT_VERSION
	     "\"\n.SH NAME\n"
	     "kinesis\\-agent \\- follow log files and deliver their lines to "
	     "Amazon Kinesis\n"
	     ".SH SYNOPSIS\n.B kinesis\\-agent\n"
	     ".RB [ \\-c\n.IR FILE ]\n.RI [ SUBCOMMAND ]\n"
	     ".SH DESCRIPTION\n"
	     "Follows rotating log files and delivers every line to Amazon "
	     "Kinesis Data Streams or Amazon Data Firehose, in the "
	     "foreground.\n"
	     "What it has delivered is noted in\n"
	     ".IR /var/lib/kinesis\\-agent ,\n"
	     "so that it may be ended at any moment and goes on where it was.");
	put_commands();
	puts(".SH FILES\n"
	     ".TP\n.I /etc/kinesis\\-agent/agent.yaml\n"
	     "What it follows and where it goes.\n"
	     ".TP\n.I /etc/kinesis\\-agent/agent.d\n"
	     "More flows, in files of their own.\n"
	     ".TP\n.IR /etc/aws\\-kinesis/agent.json , \" agent.d\"\n"
	     "The Java agent's, taken while agent.yaml says nothing.\n"
	     ".TP\n.I /var/lib/kinesis\\-agent\n"
	     "Where it is in each file.\n"
	     ".TP\n.I /usr/share/doc/kinesis\\-agent/agent.yaml.example\n"
	     "Every setting.\n"
	     ".SH ENVIRONMENT\n"
	     "The AWS_ variables of AWS's own tools, and HTTPS_PROXY and "
	     "NO_PROXY.\n"
	     "Of the Java agent's (/etc/sysconfig/aws\\-kinesis\\-agent or "
	     "/etc/default/aws\\-kinesis\\-agent, which the unit reads): "
	     "AGENT_ARGS may name another configuration than its agent.json; "
	     "a proxy in JVM_ARGS is warned of, keys in there are refused, "
	     "since no Java reads them here.\n"
	     ".SH SEE ALSO\n.BR agent.yaml (5)");
}

static void
list_options(const struct command *c)
{
	for (size_t i = 0; command_option_at(i) != NULL; i++)
		if (command_takes(c, command_option_at(i)))
			printf(" --%s", command_option_at(i)->name);
}

void
help_completion(void)
{
	puts("# bash completion of kinesis-agent; made by `kinesis-agent "
	     "print completion`.\n"
	     "_kinesis_agent()\n{\n"
	     "\tlocal word=${COMP_WORDS[COMP_CWORD]} command= each\n"
	     "\tlocal before=${COMP_WORDS[COMP_CWORD - 1]}\n\n"
	     "\tcase $before in\n"
	     "\t-c | --configuration)\n"
	     "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
	     "\t\treturn\n\t\t;;\n\tesac\n"
	     "\tfor each in \"${COMP_WORDS[@]:1:COMP_CWORD - 1}\"; do\n"
	     "\t\tcase $each in");
	fputs("\t\t", stdout);
	for (size_t i = 0; command_at(i) != NULL; i++)
		printf("%s%s", i > 0 ? " | " : "", command_at(i)->name);
	puts(") command=$each ;;\n\t\tesac\n\tdone\n"
	     "\tcase $command in");
	for (size_t i = 0; command_at(i) != NULL; i++) {
		const struct command *c = command_at(i);

		printf("\t%s)\n\t\teach=\"%s", c->name,
		    c->choices != NULL ? c->choices : "");
		list_options(c);
		puts("\" ;;");
	}
	fputs("\t*)\n\t\teach=\"", stdout);
	for (size_t i = 0; command_at(i) != NULL; i++)
		printf("%s ", command_at(i)->name);
	list_options(command_at(0));
	puts("\" ;;\n\tesac\n"
	     "\tmapfile -t COMPREPLY < <(compgen -W \"$each\" -- \"$word\")\n"
	     "\t[ -n \"$command\" ] && [ \"${#COMPREPLY[@]}\" -eq 0 ] &&\n"
	     "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
	     "\treturn 0\n}\n"
	     "complete -F _kinesis_agent kinesis-agent");
}
