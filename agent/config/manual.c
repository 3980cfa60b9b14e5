/* SPDX-License-Identifier: Apache-2.0
 *
 * manual: see manual.h.
 */
#include "manual.h"

#include <stdbool.h>
#include <string.h>

#include "example.h"
#include "settings.h"
#include "value.h"

/* What man's macros would take for theirs is escaped. */
static void
write_text(FILE *out, const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", out);
	for (; *text != '\0'; text++) {
		if (*text == '\\')
			fputs("\\e", out);
		else if (*text == '-')
			fputs("\\-", out);
		else
			putc(*text, out);
	}
}

static void
write_setting(FILE *out, const struct setting *s)
{
	char allowed[256], value[256];

	fputs(".TP\n.B ", out);
	write_text(out, s->key);
	putc('\n', out);
	write_text(out, s->help);
	fputs(".\n", out);
	if (s->kind == KIND_LIST)
		return;
	example_value(s, value, sizeof(value));
	fputs(s->sample != NULL ? "For example:\n.I " : "Default:\n.I ", out);
	write_text(out, value);
	putc('\n', out);
	value_allowed(s, allowed, sizeof(allowed));
	if (allowed[0] == '\0')
		return;
	fputs(".br\nAllowed: ", out);
	write_text(out, allowed);
	fputs(".\n", out);
}

static void
write_scope(FILE *out, enum setting_scope scope)
{
	for (size_t i = 0; i < settings_count(); i++)
		if (settings_at(i)->scope == scope &&
		    settings_at(i)->state == SETTING_BUILT)
			write_setting(out, settings_at(i));
}

void
manual_write(FILE *out)
{
	fputs(".TH AGENT.YAML 5 \"\" \"kinesis\\-agent\"\n"
	      ".SH NAME\n"
	      "agent.yaml \\- what kinesis\\-agent follows and where it goes\n"
	      ".SH DESCRIPTION\n"
	      "A YAML file, by default\n"
	      ".IR /etc/kinesis\\-agent/agent.yaml .\n"
	      "A mistake in it is told with its line and column, and the agent "
	      "does not start.\n"
	      ".PP\n"
	      "Times are milliseconds or have a unit: 500ms, 10s, 5m, 1h; "
	      "sizes are bytes or have one: 64KiB, 4MiB, 1GiB.\n"
	      "A key with a dot may be written as it is, or its second part "
	      "indented below the first.\n"
	      ".PP\n"
	      "A file whose name ends in .json is taken for an agent.json of "
	      "the Java Amazon Kinesis Agent, with its manners.\n"
	      ".PP\n"
	      "Flows may stand in files of their own, whose names end in .yaml "
	      "or .json, in the folder that is called as the configuration:\n"
	      ".I agent.d\n"
	      "beside agent.yaml. They hold\n"
	      ".B flows\n"
	      "and nothing else, and are read in the order of their names. "
	      "Beside an agent.json every file is read, as the Java agent "
	      "does. Backups (*~, *.bak, *.rpmsave, *.dpkg\\-old and the "
	      "like) and names that begin with a dot are left out.\n"
	      ".SH SETTINGS OF THE AGENT\n",
	    out);
	write_scope(out, SCOPE_AGENT);
	fputs(".SH SETTINGS OF A FLOW\n", out);
	write_scope(out, SCOPE_FLOW);
	fputs(".SH SEE ALSO\n.BR kinesis\\-agent (8)\n", out);
}
