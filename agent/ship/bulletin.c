/* SPDX-License-Identifier: Apache-2.0
 *
 * bulletin: what there is to publish of all destinations, and what it looks
 * like to CloudWatch.
 *
 * The Java agent's metrics by its names and its dimension, and beside them
 * what it never told: how far behind a destination is, what was lost and what
 * became a dead letter. What the ship counts request by request is sent as
 * statistic sets. A row is never divided between two requests, so that after a
 * failure it is known which are published.
 *
 * Thread: ship makes them, the publisher has them then. Asks no clock.
 */
#include "bulletin.h"

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "credentials.h"
#include "lane.h"
#include "mem.h"
#include "secret.h"
#include "stats.h"

static const struct {
	const char *name, *unit;
} kinds[TALLY_KINDS] = {
	[TALLY_ATTEMPTS] = { "RecordSendAttempts", "Count" },
	[TALLY_ERRORS] = { "RecordSendErrors", "Count" },
	[TALLY_SENT] = { "RecordsSent", "Count" },
	[TALLY_BYTES] = { "BytesSent", "Bytes" },
	[TALLY_BROKEN] = { "ServiceErrors", "Count" },
};

static const struct {
	const char *name, *unit;
	size_t at;
} values[] = {
	{ "BytesBehind", "Bytes", offsetof(struct bulletin_row, behind) },
	{ "SecondsBehind", "Seconds",
	    offsetof(struct bulletin_row, seconds_behind) },
	{ "BytesLost", "Bytes", offsetof(struct bulletin_row, lost) },
	{ "DeadLetterRecords", "Count", offsetof(struct bulletin_row, dead) },
};

#define VALUES   (sizeof(values) / sizeof(values[0]))
#define ROW_MOST (TALLY_KINDS + VALUES) /* data */
/* What a datum takes beside its dimensions' values. */
#define DATUM_MOST ((size_t)700)

/* --- Rows --- */

static char *
destination_of(const struct flow_config *f)
{
	const char *name = strrchr(f->target, '/');

	/* An ARN ends with stream/NAME, and names have no slash. */
	name = name != NULL ? name + 1 : f->target;
	return mem_format("%s:%s",
	    f->destination == DESTINATION_STREAM ? "KinesisStream"
						 : "DeliveryStream",
	    name);
}

static struct bulletin_row *
row_of(struct bulletin *b, const char *destination)
{
	for (size_t i = 0; i < b->count; i++)
		if (strcmp(b->rows[i].destination, destination) == 0)
			return &b->rows[i];
	return NULL;
}

/* Since that was told last. */
static uint64_t
news(uint64_t now, counter *told)
{
	uint64_t before = stats_get(told);

	stats_set(told, now);
	return now >= before ? now - before : now;
}

/* A flow that goes by two lanes, since its settings were changed, has one set
 * of numbers. */
static bool
is_counted(const struct lane *lanes, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!lane_is_empty(&lanes[k]) &&
		    lanes[k].stats == lanes[i].stats)
			return true;
	return false;
}

static void
take_numbers(struct bulletin_row *row, struct flow_stats *s)
{
	uint64_t seconds = stats_get(&s->millis_behind) / 1000;

	row->lost +=
	    news(stats_get(&s->bytes_lost) + stats_get(&s->bytes_lost_dead),
		&s->told_lost);
	row->dead += news(stats_get(&s->records_dead), &s->told_dead);
	row->behind += stats_get(&s->bytes_behind);
	if (seconds > row->seconds_behind)
		row->seconds_behind = seconds;
}

struct bulletin *
bulletin_new(struct lane *lanes, size_t count, int64_t since_ms)
{
	struct bulletin *b = mem_new(sizeof(*b) + count * sizeof(b->rows[0]));

	b->since_ms = since_ms;
	for (size_t i = 0; i < count; i++) {
		struct bulletin_row *row;
		char *destination;

		if (lane_is_empty(&lanes[i]))
			continue;
		destination = destination_of(lanes[i].flow);
		row = row_of(b, destination);
		if (row == NULL) {
			row = &b->rows[b->count++];
			row->destination = destination;
		} else {
			free(destination);
		}
		tally_merge(&row->tally, &lanes[i].tally);
		lanes[i].tally = (struct tally){ 0 };
		if (!is_counted(lanes, i))
			take_numbers(row, lanes[i].stats);
	}
	return b;
}

void
bulletin_free(struct bulletin *b)
{
	if (b == NULL)
		return;
	secret_free(b->keys, sizeof(*b->keys));
	for (size_t i = 0; i < b->count; i++)
		free(b->rows[i].destination);
	free(b);
}

void
bulletin_absorb(struct bulletin **b, struct bulletin **older)
{
	struct bulletin *both = *b, *o = *older;
	size_t size;

	*older = NULL;
	if (o == NULL)
		return;
	size = sizeof(*both) + (both->count + o->count) * sizeof(o->rows[0]);
	both = mem_resize(both, 1, size);
	both->since_ms = o->since_ms;
	for (size_t i = 0; i < o->count; i++) {
		struct bulletin_row *from = &o->rows[i];
		struct bulletin_row *row = row_of(both, from->destination);

		if (row == NULL) {
			/* A destination that is no more: its last words. */
			row = &both->rows[both->count++];
			*row = *from;
			row->behind = row->seconds_behind = 0;
			from->destination = NULL;
			continue;
		}
		tally_merge(&row->tally, &from->tally);
		row->lost += from->lost;
		row->dead += from->dead;
	}
	bulletin_free(o);
	*b = both;
}

/* --- The form --- */

static void
add_escaped(struct buf *form, const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < 0x80 && (isalnum(c) || strchr("-_.~", c) != NULL))
			(void)buf_add(form, text, 1);
		else
			(void)buf_addf(form, "%%%02X", c);
	}
}

/* Its name and dimensions; answers its number, from 1. */
static void
begin_datum(struct buf *form, size_t nth, const char *name, const char *unit,
    const struct bulletin_row *row, const struct bulletin_terms *terms)
{
	static const char *const dimension = "Dimensions.member";

	(void)buf_addf(form,
	    "&MetricData.member.%zu.MetricName=%s"
	    "&MetricData.member.%zu.Unit=%s"
	    "&MetricData.member.%zu.%s.1.Name=Destination"
	    "&MetricData.member.%zu.%s.1.Value=",
	    nth, name, nth, unit, nth, dimension, nth, dimension);
	add_escaped(form, row->destination);
	if (terms->instance == NULL)
		return;
	(void)buf_addf(form,
	    "&MetricData.member.%zu.%s.2.Name=Instance"
	    "&MetricData.member.%zu.%s.2.Value=",
	    nth, dimension, nth, dimension);
	add_escaped(form, terms->instance);
}

static void
add_set(struct buf *form, size_t nth, const struct tally *t, int kind)
{
	static const char *const set = "StatisticValues";

	(void)buf_addf(form,
	    "&MetricData.member.%zu.%s.SampleCount=%" PRIu64
	    "&MetricData.member.%zu.%s.Sum=%" PRIu64
	    "&MetricData.member.%zu.%s.Minimum=%" PRIu64
	    "&MetricData.member.%zu.%s.Maximum=%" PRIu64,
	    nth, set, t->count, nth, set, t->of[kind].sum, nth, set,
	    t->of[kind].least, nth, set, t->of[kind].most);
}

static void
add_row(struct buf *form, const struct bulletin_row *row,
    const struct bulletin_terms *terms, size_t *data)
{
	for (int i = 0; i < TALLY_KINDS && row->tally.count > 0; i++) {
		begin_datum(
		    form, ++*data, kinds[i].name, kinds[i].unit, row, terms);
		add_set(form, *data, &row->tally, i);
	}
	for (size_t i = 0; i < VALUES; i++) {
		const char *at = (const char *)row + values[i].at;

		begin_datum(
		    form, ++*data, values[i].name, values[i].unit, row, terms);
		(void)buf_addf(form, "&MetricData.member.%zu.Value=%" PRIu64,
		    *data, *(const uint64_t *)(const void *)at);
	}
}

/* The most that a row may take; an escaped byte is three. */
static size_t
size_of(const struct bulletin_row *row, const struct bulletin_terms *terms)
{
	size_t names = strlen(row->destination);

	if (terms->instance != NULL)
		names += strlen(terms->instance);
	return ROW_MOST * (DATUM_MOST + 3 * names);
}

size_t
bulletin_form(const struct bulletin *b, size_t first,
    const struct bulletin_terms *terms, struct buf *form, size_t *data)
{
	size_t i = first;

	*data = 0;
	(void)buf_add_str(
	    form, "Action=PutMetricData&Version=2010-08-01&Namespace=");
	add_escaped(form, terms->name_space);
	for (; i < b->count && *data + ROW_MOST <= BULLETIN_DATA; i++) {
		if (i > first &&
		    form->len + size_of(&b->rows[i], terms) > BULLETIN_FORM)
			break;
		add_row(form, &b->rows[i], terms, data);
	}
	return i;
}
