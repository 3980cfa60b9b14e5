/* SPDX-License-Identifier: Apache-2.0
 *
 * dry: see dry.h.
 *
 * The tail is the real one; behind its doors stands this instead of ship and
 * ledger: a batch that comes out is printed and goes home delivered, one with
 * dead letters as kept, and what is to be noted is dropped. It is all one
 * thread, so whoever reads the output slowly slows the reading.
 *
 * Signals do what they do to any filter: nothing is lost by an end at any
 * moment, so SIGTERM, and SIGPIPE when a reader has had enough, just end it.
 *
 * Thread: main, which is the tail's thread.
 */
#include "dry.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch.h"
#include "buf.h"
#include "cli.h"
#include "config.h"
#include "digest.h"
#include "exhibit.h"
#include "handoff.h"
#include "host.h"
#include "ledger.h"
#include "letter.h"
#include "log.h"
#include "loop.h"
#include "mem.h"
#include "process.h"
#include "rows.h"
#include "tail.h"

/* What is built, in that order. */
struct dry {
	struct config *config;
	struct host host;
	struct flow_stats *stats;
	struct loop *loop;
	struct handoff home, cargo, notices;
	unsigned handoffs; /* of these, made */
	struct tail *tail;
	struct exhibit exhibit;
};

static void
print(struct dry *d, const struct batch *b)
{
	const struct flow_config *flow = &d->config->flows[b->flow];

	for (uint32_t i = 0; i < b->count; i++)
		if (batch_is_pending(b, i))
			exhibit_record(&d->exhibit, flow, b, i);
}

static void
print_dead(struct dry *d, const struct batch *b)
{
	const struct flow_config *flow = &d->config->flows[b->flow];

	for (uint32_t i = 0; i < b->count; i++)
		if (letter_is(b, i))
			exhibit_letter(&d->exhibit, flow, b, i);
}

/* It comes with records that are pending, or is nothing but dead letters that
 * are to be kept. */
static void
take_batch(struct dry *d, struct batch *b)
{
	if (b->pending_count == 0) {
		print_dead(d, b);
		b->outcome = BATCH_KEPT;
	} else {
		print(d, b);
		for (uint32_t i = 0; i < b->count; i++)
			if (batch_is_pending(b, i))
				batch_accept(b, i);
		b->outcome = BATCH_DELIVERED;
	}
	batch_send(&d->home, &b);
}

static void
on_cargo(void *owner)
{
	struct dry *d = owner;
	struct list_node all, *node;

	list_init(&all);
	handoff_take(&d->cargo, &all);
	while ((node = list_take_first(&all)) != NULL)
		take_batch(d, batch_of(node));
	if (exhibit_flush(&d->exhibit))
		return;
	log_error("standard output: %s", strerror(errno));
	_exit(EXIT_REFUSED);
}

static void
on_notices(void *owner)
{
	struct dry *d = owner;
	struct list_node all, *node;

	list_init(&all);
	handoff_take(&d->notices, &all);
	while ((node = list_take_first(&all)) != NULL)
		notice_free(LIST_ENTRY(node, struct notice, node));
}

static void
restore(void *owner, const struct checkpoint *row)
{
	struct dry *d = owner;

	tail_restore(d->tail, row);
}

static void
know(struct dry *d, const char *name)
{
	for (size_t i = 0; i < d->config->flow_count; i++)
		if (strcmp(d->config->flows[i].name, name) == 0)
			tail_know_flow(d->tail, i);
}

static void
say_source(const struct rows *rows)
{
	if (rows_source(rows) != NULL)
		log_warn(
		    "%s: the agent would go on where these checkpoints of "
		    "the Java agent are; a dry run does not know them, and "
		    "begins at initialPosition",
		    rows_source(rows));
}

/* Where the agent would go on. */
static int
take_places(struct dry *d)
{
	struct rows *rows = NULL;
	const char *name;
	int failed = -1;

	switch (rows_open(d->config, false, &rows)) {
	case ROWS_OPEN:
		for (size_t i = 0; (name = rows_flow(rows, i)) != NULL; i++)
			know(d, name);
		failed = rows_each(rows, restore, d);
		break;
	case ROWS_NONE:
		say_source(rows);
		failed = 0;
		break;
	case ROWS_HELD:
	case ROWS_FAILED:
		break;
	}
	rows_close(rows);
	return failed;
}

/* A record is the same in either form, and in this one its key can be read. */
static void
choose_wire(struct config *config, bool from_start)
{
	for (size_t i = 0; i < config->flow_count; i++) {
		struct flow_config *f = &config->flows[i];

		if (f->destination == DESTINATION_STREAM)
			f->wire = CONFIG_WIRE_CBOR;
		if (from_start)
			f->position = POSITION_START_OF_FILE;
	}
}

static int
make_handoffs(struct dry *d)
{
	struct handoff *all[] = { &d->home, &d->cargo, &d->notices };

	for (; d->handoffs < 3; d->handoffs++)
		if (handoff_init(all[d->handoffs]) != 0)
			return -1;
	if (loop_add(d->loop, handoff_fd(&d->cargo), on_cargo, d) != 0)
		return -1;
	return loop_add(d->loop, handoff_fd(&d->notices), on_notices, d);
}

static int
build(struct dry *d, bool from_start)
{
	struct tail_doors doors = {
		.home = &d->home,
		.to_ship = &d->cargo,
		.to_ledger = &d->notices,
		.to_letters = &d->cargo,
	};

	choose_wire(d->config, from_start);
	d->stats = mem_new_array(d->config->flow_count, sizeof(*d->stats));
	doors.loop = d->loop = loop_new();
	if (digest_setup() != 0 || d->loop == NULL || make_handoffs(d) != 0)
		return -1;
	doors.host = host_find(
	    &d->host, d->config, d->config->flows, d->config->flow_count);
	d->tail = tail_new(d->config, d->stats, &doors);
	if (d->tail == NULL)
		return -1;
	return from_start ? 0 : take_places(d);
}

static void
take_down(struct dry *d)
{
	struct handoff *all[] = { &d->home, &d->cargo, &d->notices };

	/* What it noted last. */
	if (d->handoffs == 3)
		on_notices(d);
	tail_free(d->tail);
	while (d->handoffs > 0)
		handoff_fini(all[--d->handoffs]);
	loop_free(d->loop);
	free(d->stats);
	exhibit_end(&d->exhibit);
	config_free(d->config);
}

int
dry_main(const struct cli_options *options)
{
	struct dry d = { .config = NULL };
	int code = EXIT_REFUSED;

	process_begin_filter();
	log_setup(LOG_LEVEL_WARN, LOG_STYLE_TEXT);
	d.config = config_load(options->config_path);
	if (d.config == NULL)
		return EXIT_REFUSED;
	exhibit_begin(&d.exhibit, options->json);
	if (process_descriptors() != 0 || build(&d, options->from_start) != 0)
		goto down;
	if (options->once)
		tail_once(d.tail);
	tail_run(d.tail);
	code = EXIT_DONE;
	if (options->once && !tail_tell_rest(d.tail))
		code = EXIT_LEFT;
down:
	take_down(&d);
	return code;
}
