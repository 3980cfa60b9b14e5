/* SPDX-License-Identifier: Apache-2.0
 *
 * example: see example.h.
 */
#include "example.h"

#include <inttypes.h>
#include <string.h>

#include "settings.h"
#include "value.h"

#define WIDTH 76

void
example_comment(FILE *out, const char *indent, const char *text)
{
	size_t room = WIDTH - strlen(indent) - 2;

	while (*text != '\0') {
		size_t len = strlen(text);

		if (len > room) {
			len = room;
			while (len > 0 && text[len] != ' ')
				len--;
			if (len == 0)
				len = strcspn(text, " ");
		}
		fprintf(out, "%s# %.*s\n", indent, (int)len, text);
		text += len;
		while (*text == ' ')
			text++;
	}
}

static const char *
choice_word(const struct setting *s)
{
	for (const struct choice *c = s->choices; c->word != NULL; c++)
		if ((int64_t)c->value == s->fallback)
			return c->word;
	return "";
}

void
example_value(const struct setting *s, char *out, size_t size)
{
	const char *text =
	    s->text_fallback != NULL ? s->text_fallback : s->sample;

	if (s->kind == KIND_ENUM)
		snprintf(out, size, "%s", choice_word(s));
	else if (s->kind == KIND_BOOL)
		snprintf(out, size, "%s", s->fallback != 0 ? "true" : "false");
	else if (s->kind <= KIND_COUNT)
		snprintf(out, size, "%" PRId64, s->fallback);
	else if (strcmp(text, "\n") == 0)
		snprintf(out, size, "\"\\n\"");
	else
		snprintf(out, size, "%s", text);
}

static void
write_meaning(FILE *out, const char *indent, const struct setting *s)
{
	char allowed[256], value[256], line[1024];

	snprintf(line, sizeof(line), "%s.", s->help);
	example_comment(out, indent, line);
	if (s->kind == KIND_LIST)
		return;
	value_allowed(s, allowed, sizeof(allowed));
	example_value(s, value, sizeof(value));
	line[0] = '\0';
	if (s->kind == KIND_BOOL && s->java_fallback != 0)
		snprintf(line, sizeof(line),
		    "Default: %s (in agent.json: true). ", value);
	else if (s->sample == NULL && s->java_fallback != 0)
		snprintf(line, sizeof(line),
		    "Default: %s (in agent.json: %" PRId64 "). ", value,
		    s->java_fallback);
	else if (s->sample == NULL)
		snprintf(line, sizeof(line), "Default: %s. ", value);
	if (allowed[0] != '\0')
		snprintf(line + strlen(line), sizeof(line) - strlen(line),
		    "Allowed: %s.", allowed);
	example_comment(out, indent, line);
}

static void
write_setting(FILE *out, const struct setting *s, const char *indent)
{
	char value[256];

	fprintf(out, "\n");
	write_meaning(out, indent, s);
	if (s->kind == KIND_LIST) {
		fprintf(out, "%s:\n", s->key);
		return;
	}
	example_value(s, value, sizeof(value));
	fprintf(
	    out, "%s%s%s: %s\n", indent, s->required ? "" : "#", s->key, value);
}

static void
write_scope(FILE *out, enum setting_scope scope)
{
	bool first = scope == SCOPE_FLOW;

	for (size_t i = 0; i < settings_count(); i++) {
		const struct setting *s = settings_at(i);

		if (s->scope != scope || s->state != SETTING_BUILT)
			continue;
		if (first)
			fprintf(out, "  -\n");
		first = false;
		write_setting(out, s, scope == SCOPE_FLOW ? "    " : "");
	}
}

void
example_write(FILE *out)
{
	fprintf(out,
	    "# yaml-language-server: $schema="
	    "/usr/share/kinesis-agent/agent.schema.json\n"
	    "# SPDX-License-Identifier: Apache-2.0\n"
	    "#\n"
	    "# Every setting of kinesis-agent. What must be said stands "
	    "plainly; "
	    "the\n"
	    "# rest is commented out. Times may be written 500ms, 10s, 5m, 1h; "
	    "sizes\n"
	    "# 64KiB, 4MiB, 1GiB. `kinesis.region: x` may also be written as\n"
	    "# `region: x` below `kinesis:`, indented. A mistake is told with "
	    "its line\n"
	    "# and column, and the agent does not start.\n"
	    "#\n"
	    "# The Java Amazon Kinesis Agent's agent.json works as it is, "
	    "too.\n"
	    "# Printed by `kinesis-agent print example`, from the table of "
	    "settings.\n");
	write_scope(out, SCOPE_AGENT);
	write_scope(out, SCOPE_FLOW);
}
