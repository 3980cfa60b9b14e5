/* SPDX-License-Identifier: Apache-2.0
 *
 * rewrite: see rewrite.h.
 *
 * The table of settings is walked once more: what differs from a
 * configuration that says nothing (but where it keeps its state) is written.
 * Few values need a word of their own: those that a flow takes over from the
 * agent, and patterns, in which the Java agent takes folders literally.
 *
 * Thread: the one that loads.
 */
#include "rewrite.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "config.h"
#include "differences.h"
#include "draft.h"
#include "mem.h"
#include "report.h"
#include "settings.h"
#include "value.h"
#include "yamltext.h"

/* What is compared with: the defaults, all settled. */
struct blank {
	struct config *c; /* owned; its flows: to a data stream, to Firehose */
};

struct writing {
	FILE *out;
	const struct config *c;
	struct blank blank;
	bool secrets;
};

static struct blank
make_blank(const struct config *c)
{
	struct buf text;
	struct report r;
	struct blank b;

	buf_init(&text, 65536);
	buf_addf(&text, "stateDirectory: ");
	yamltext_quote(&text, c->state_directory);
	buf_addf(&text,
	    "\nflows:\n"
	    "- {filePattern: /a, kinesisStream: s, region: us-east-1}\n"
	    "- {filePattern: /b, deliveryStream: s, region: us-east-1}\n");
	report_init(&r, "defaults", false);
	b.c = draft_read(buf_span(&text), &r);
	assert(b.c != NULL);
	report_fini(&r);
	buf_fini(&text);
	return b;
}

static const void *
field(const struct setting *s, const void *base)
{
	return (const char *)base + s->at;
}

static const char *
text_of(const struct setting *s, const void *base)
{
	return *(char *const *)field(s, base);
}

static int64_t
integer_of(const struct setting *s, const void *base)
{
	uint32_t narrow;
	int64_t wide;

	if (s->kind == KIND_BOOL)
		return *(const bool *)field(s, base);
	if (s->width == sizeof(narrow)) {
		memcpy(&narrow, field(s, base), sizeof(narrow));
		return narrow;
	}
	memcpy(&wide, field(s, base), sizeof(wide));
	return wide;
}

static bool
is_integer(const struct setting *s)
{
	return s->kind <= KIND_ENUM;
}

static bool
is_same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool
is_default(const struct setting *s, const void *base, const void *blank)
{
	if (is_integer(s))
		return integer_of(s, base) == integer_of(s, blank);
	return is_same_text(text_of(s, base), text_of(s, blank));
}

/* NULL: no row of the table says this value; another one does. */
static const char *
choice_of(const struct setting *s, int64_t value)
{
	for (const struct choice *c = s->choices; c->word != NULL; c++)
		if ((int64_t)c->value == value && !c->alias)
			return c->word;
	return NULL;
}

static bool
is_secret(const struct setting *s, const char *text)
{
	if (s->kind == KIND_PROXY)
		return strchr(text, '@') != NULL;
	return s->kind == KIND_SECRET && strcmp(s->key, "awsAccessKeyId") != 0;
}

static void
write_text(const struct writing *w, const struct setting *s, const char *text)
{
	struct buf quoted;

	if (!w->secrets && is_secret(s, text)) {
		fprintf(w->out, "%s: \"\" # to be filled in\n", s->key);
		return;
	}
	/* What was "none" is kept as nothing. */
	if (s->kind == KIND_PROXY && text[0] == '\0')
		text = "none";
	buf_init(&quoted, 16 * strlen(text) + 3);
	yamltext_quote(&quoted, text);
	fprintf(w->out, "%s: %s\n", s->key, buf_text(&quoted));
	if (quoted.at != NULL)
		explicit_bzero(quoted.at, quoted.room);
	buf_fini(&quoted);
}

static void
write_list(const struct writing *w, const struct setting *s, char **texts)
{
	struct buf quoted;

	fprintf(w->out, "%s:\n", s->key);
	for (; *texts != NULL; texts++) {
		buf_init(&quoted, 16 * strlen(*texts) + 3);
		if (s->kind == KIND_OPTIONS)
			yamltext_json(&quoted, *texts);
		else
			yamltext_quote(&quoted, *texts);
		fprintf(w->out, "      - %s\n", buf_text(&quoted));
		buf_fini(&quoted);
	}
}

/* The one value of `s` that differs, behind what the caller indented with. */
static void
write_value(const struct writing *w, const struct setting *s, const void *base)
{
	int64_t value;

	if (!is_integer(s)) {
		write_text(w, s, text_of(s, base));
		return;
	}
	value = integer_of(s, base);
	if (s->kind == KIND_ENUM)
		fprintf(w->out, "%s: %s\n", s->key, choice_of(s, value));
	else if (s->kind == KIND_BOOL)
		fprintf(
		    w->out, "%s: %s\n", s->key, value != 0 ? "true" : "false");
	else
		fprintf(w->out, "%s: %" PRId64 "\n", s->key, value);
}

static bool
is_said(const struct setting *s, const void *base, const void *blank)
{
	if (s->state != SETTING_BUILT || s->kind == KIND_LIST ||
	    is_default(s, base, blank))
		return false;
	if (s->kind == KIND_ENUM)
		return choice_of(s, integer_of(s, base)) != NULL;
	return is_integer(s) || text_of(s, base) != NULL;
}

static void
write_agent(const struct writing *w)
{
	const struct config *c = w->c;

	for (size_t i = 0; i < settings_count(); i++) {
		const struct setting *s = settings_at(i);

		if (s->scope != SCOPE_AGENT)
			continue;
		/* What is where it is anyway. */
		if (s->at == offsetof(struct config, checkpoint_file) &&
		    strcmp(c->checkpoint_file, c->own_checkpoint_file) == 0)
			continue;
		if (s->at == offsetof(struct config, state_directory) &&
		    s->text_fallback != NULL &&
		    strcmp(c->state_directory, s->text_fallback) == 0)
			continue;
		if (s->at == offsetof(struct config, state_directory) ||
		    is_said(s, c, w->blank.c))
			write_value(w, s, c);
	}
}

/* ---- Flows ---- */

static bool
has_own_region(const struct config *c, const struct flow_config *f)
{
	const char *service = f->destination == DESTINATION_STREAM
				  ? c->kinesis_region
				  : c->firehose_region;
	char of_arn[64];

	if (f->region == NULL || is_same_text(f->region, service))
		return false;
	return !value_arn_region(f->target, of_arn);
}

static bool
has_own_endpoint(const struct config *c, const struct flow_config *f)
{
	const char *service = f->destination == DESTINATION_STREAM
				  ? c->kinesis_endpoint
				  : c->firehose_endpoint;

	return f->endpoint != NULL && !is_same_text(f->endpoint, service);
}

/* Firehose has no keys; that agent passes over what is said of them. */
static bool
is_of_streams(const struct setting *s)
{
	return strcmp(s->key, "partitionKeyOption") == 0 ||
	       strcmp(s->key, "partitionKey") == 0 ||
	       strcmp(s->key, "explicitHashKey") == 0 ||
	       strcmp(s->key, "kinesisStream") == 0;
}

/* The name that follows from the pattern may be what none may be given. */
static bool
can_be_said(const char *name)
{
	const struct setting *s = settings_find(SCOPE_FLOW, "name");

	for (const char *at = name; *at != '\0'; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7F)
			return false;
	return strlen(name) <= (size_t)s->max;
}

static bool
is_flows_own(const struct writing *w, const struct setting *s,
    const struct flow_config *f, const struct flow_config *blank)
{
	const struct config *c = w->c;

	if (f->destination == DESTINATION_FIREHOSE && is_of_streams(s))
		return false;
	if (f->destination == DESTINATION_STREAM &&
	    strcmp(s->key, "deliveryStream") == 0)
		return false;
	if (s->at == offsetof(struct flow_config, target))
		return true;
	if (s->at == offsetof(struct flow_config, name))
		return can_be_said(f->name);
	if (s->at == offsetof(struct flow_config, region))
		return has_own_region(c, f);
	if (s->at == offsetof(struct flow_config, endpoint))
		return has_own_endpoint(c, f);
	if (s->at == offsetof(struct flow_config, role_arn) ||
	    s->at == offsetof(struct flow_config, role_external_id))
		return f->role_arn != NULL &&
		       !is_same_text(f->role_arn, c->role_arn) &&
		       text_of(s, f) != NULL;
	return is_said(s, f, blank);
}

/* The parts of containers' lines are merged by a step of the reader's own. */
static char **
said_options(const struct flow_config *f)
{
	bool own =
	    f->multiline == MULTILINE_CRI || f->multiline == MULTILINE_DOCKER;

	return f->options != NULL && own ? f->options + 1 : f->options;
}

static void
write_lists(const struct writing *w, const struct setting *s,
    const struct flow_config *f)
{
	char **texts = *(char **const *)field(s, f);

	if (s->kind == KIND_OPTIONS)
		texts = said_options(f);
	if (texts == NULL || texts[0] == NULL)
		return;
	fputs("    ", w->out);
	write_list(w, s, texts);
}

static void
write_flow(const struct writing *w, const struct flow_config *f)
{
	const struct flow_config *blank =
	    &w->blank.c->flows[f->destination == DESTINATION_FIREHOSE];
	char *pattern = yamltext_pattern(f->patterns[0]);
	struct buf quoted;

	buf_init(&quoted, 16 * strlen(pattern) + 3);
	yamltext_quote(&quoted, pattern);
	fprintf(w->out, "  - filePattern: %s\n", buf_text(&quoted));
	for (size_t i = 0; i < settings_count(); i++) {
		const struct setting *s = settings_at(i);

		if (s->scope != SCOPE_FLOW || s->state != SETTING_BUILT ||
		    s->kind == KIND_PATTERNS)
			continue;
		if (s->kind == KIND_EXCLUDES || s->kind == KIND_OPTIONS) {
			write_lists(w, s, f);
		} else if (is_flows_own(w, s, f, blank)) {
			fputs("    ", w->out);
			write_value(w, s, f);
		}
	}
	buf_fini(&quoted);
	free(pattern);
}

void
rewrite(FILE *out, const struct config *c, const struct report *reports,
    size_t count, bool secrets)
{
	struct writing w = { out, c, make_blank(c), secrets };

	fprintf(out, "# yaml-language-server: $schema="
		     "/usr/share/kinesis-agent/agent.schema.json\n#\n");
	differences_write(out, c, reports, count, secrets);
	fputc('\n', out);
	write_agent(&w);
	fprintf(out, "flows:\n");
	for (size_t i = 0; i < c->flow_count; i++)
		write_flow(&w, &c->flows[i]);
	draft_free(w.blank.c);
}
