/* SPDX-License-Identifier: Apache-2.0
 *
 * differences: see differences.h. A difference is a row of the table.
 *
 * Thread: the one that loads.
 */
#include "differences.h"

#include <string.h>

#include "buf.h"
#include "config.h"
#include "example.h"
#include "report.h"
#include "yamltext.h"

static bool
always(const struct config *c)
{
	(void)c;
	return true;
}

/* Does any flow have what `has` asks for? */
static bool
any_flow(const struct config *c, bool (*has)(const struct flow_config *f))
{
	for (size_t i = 0; i < c->flow_count; i++)
		if (has(&c->flows[i]))
			return true;
	return false;
}

static bool
is_from_start(const struct flow_config *f)
{
	return f->position == POSITION_START_OF_FILE;
}

static bool
has_start(const struct config *c)
{
	return any_flow(c, is_from_start);
}

static bool
is_deterministic(const struct flow_config *f)
{
	return f->key_option == KEY_DETERMINISTIC &&
	       f->destination == DESTINATION_STREAM;
}

static bool
has_deterministic(const struct config *c)
{
	return any_flow(c, is_deterministic);
}

static bool
is_multiline(const struct flow_config *f)
{
	return f->start_pattern != NULL;
}

static bool
has_multiline(const struct config *c)
{
	return any_flow(c, is_multiline);
}

static bool
has_pattern(const struct flow_config *f)
{
	for (char **o = f->options; o != NULL && *o != NULL; o++)
		if (strstr(*o, "\"matchPattern\"") != NULL)
			return true;
	return f->start_pattern != NULL || f->footer != NULL;
}

static bool
has_patterns(const struct config *c)
{
	return any_flow(c, has_pattern);
}

static bool
has_options(const struct flow_config *f)
{
	return f->options != NULL;
}

static bool
has_processing(const struct config *c)
{
	return any_flow(c, has_options);
}

static bool
has_dots(const struct flow_config *f)
{
	return strstr(f->patterns[0], "/./") != NULL ||
	       strstr(f->patterns[0], "/../") != NULL;
}

static bool
has_dotted_folder(const struct config *c)
{
	return any_flow(c, has_dots);
}

static bool
has_import(const struct config *c)
{
	return c->import_file != NULL;
}

static bool
has_more_files(const struct config *c)
{
	for (size_t i = 0; i < c->flow_count; i++)
		if (strcmp(c->flows[i].source, c->path) != 0)
			return true;
	return false;
}

static bool
lacks_endpoint(const struct config *c)
{
	for (size_t i = 0; i < c->flow_count; i++)
		if (c->flows[i].endpoint == NULL)
			return true;
	return false;
}

static bool
has_secrets(const struct config *c)
{
	return c->secret_key != NULL ||
	       (c->proxy != NULL && strchr(c->proxy, '@') != NULL);
}

static bool
has_javas_log(const struct config *c)
{
	return c->log_file == NULL;
}

static const struct difference {
	bool (*holds)(const struct config *c);
	const char *text;
} differences[] = {
	/* From the file that it was made from, read by this agent. */
	{ always, "Here a mistake is refused where agent.json is only warned "
		  "of: keys that nobody knows, keys without meaning (left "
		  "away here), a flow's keys outside of it." },
	{ always, "Wildcards work in every part of a path; folders of "
		  "agent.json in which such a character stood for itself have "
		  "a backslash before it." },
	{ lacks_endpoint, "AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_KINESIS, "
			  "AWS_ENDPOINT_URL_FIREHOSE, AWS_USE_FIPS_ENDPOINT "
			  "and AWS_USE_DUALSTACK_ENDPOINT count now, where the "
			  "environment has them." },
	{ has_dotted_folder, "`.` and `..` in folders are worked out by name: "
			     "look whether a link is on the way." },
	{ has_more_files, "The flows of the folder agent.d are in here: do "
			  "not put those files beside this one, too." },
	{ has_javas_log,
	    "The log goes to standard error, under systemd to "
	    "the journal, not to " CONFIG_JAVA_LOG ": log.file names a file." },
	{ has_import, "importCheckpoints: at the first start positions are "
		      "taken over from the Java agent's database, if it is "
		      "there; after that the line may go." },
	/* From the Java agent. */
	{ always, "All files that a pattern matches are followed, each from "
		  "where it was left; the Java agent followed one at a time, "
		  "the newest, and began again at 0 when it changed. Rotated "
		  "files are read to their end. Names that end in .zst, .xz "
		  "and .lz4 are passed over like .gz, .bz2 and .zip." },
	{ has_start, "START_OF_FILE: at a first start without positions of "
		     "the Java agent all files are sent from their start, not "
		     "only the newest." },
	{ always, "A record that AWS refuses for what it is goes to the "
		  "flow's dead-letter file; there it was tried for ever. "
		  "Nothing is dropped where AWS refuses, at a stop or at a "
		  "start." },
	{ has_deterministic, "DETERMINISTIC: the key is the MD5 of the record "
			     "alone, not of what stood beside it in memory." },
	{ has_multiline, "multiLineStartPattern: a record waits a second "
			 "(multiLineFlushMillis) for its next line, so that "
			 "what is written in two pieces stays one." },
	{ has_patterns, "Patterns are PCRE2's. Almost all of Java's mean the "
			"same; what would mean something else without a word "
			"(a class in a class, &&) was refused in agent.json, "
			"and is not looked for here." },
	{ has_processing, "dataProcessingOptions: quoted CSV fields, CRLF, "
			  "IPv6 hosts, escaped quotes and the like are "
			  "understood, where the Java agent lost the record "
			  "or a part of it. `kinesis-agent parse` shows what "
			  "becomes of a file." },
};

/* What stands in a file may not leave the comment by a line of its own. */
static void
write_foreign(FILE *out, const char *text)
{
	struct buf printable;

	buf_init(&printable, 16 * strlen(text) + 1);
	yamltext_json(&printable, text);
	example_comment(out, "", buf_text(&printable));
	buf_fini(&printable);
}

static void
write_warnings(FILE *out, const struct report *r)
{
	for (size_t i = 0; i < r->warning_count && i < REPORT_WARNINGS; i++)
		write_foreign(out, r->warnings[i].text);
}

void
differences_write(FILE *out, const struct config *c,
    const struct report *reports, size_t count, bool secrets)
{
	size_t warnings = 0;

	fputs("# Made by kinesis-agent import from\n", out);
	write_foreign(out, c->path);
	for (size_t i = 0; i < count; i++)
		warnings += reports[i].warning_count;
	if (has_secrets(c))
		example_comment(out, "",
		    secrets ? "IT HOLDS SECRETS: let nobody read it but root "
			      "and the agent (chmod 0640, group of the agent)."
			    : "SECRETS ARE LEFT OUT: fill them in where they "
			      "lack (the agent refuses to start until then) "
			      "and let nobody else read this file (chmod 0640, "
			      "group of the agent); import --secrets prints "
			      "them.");
	if (warnings > 0)
		fputs("#\n# What was said of it:\n#\n", out);
	for (size_t i = 0; i < count; i++)
		write_warnings(out, &reports[i]);
	fputs("#\n# What differs, from that file and from the Java agent:\n",
	    out);
	for (size_t i = 0; i < sizeof(differences) / sizeof(differences[0]);
	     i++) {
		if (!differences[i].holds(c))
			continue;
		fputs("#\n", out);
		example_comment(out, "", differences[i].text);
	}
}
