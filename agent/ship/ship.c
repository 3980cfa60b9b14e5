/* SPDX-License-Identifier: Apache-2.0
 *
 * ship: the network side.
 *
 * Sealed batches come in by the inbox, wait in their flow's lane, fly in a
 * transfer, and go home when nothing of them is pending. Whatever is wrong, a
 * batch is kept and goes again: only ship_stop ends that.
 *
 * Fairness: lanes take turns. Half of all connections are shared out equally
 * and kept for their lanes; the rest is for whoever asks, so that a
 * destination that hangs holds nobody else up. With more lanes than that there
 * is nothing to keep; then a quarter is for lanes that were answered last
 * time, one each: those that hang hold them up until a time limit at most,
 * once.
 *
 * Thread: ship_new, ship_start, ship_stop and ship_free are the caller's;
 * everything else runs on the ship's own, which waits in one place, together
 * for connections and inbox. I3 holds by lanes: a batch on its way is on its
 * lane's list, in flight or not. Writes no file, parses no record.
 */
#include "ship.h"

#include <assert.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "bulletin.h"
#include "clock.h"
#include "credentials.h"
#include "digest.h"
#include "http.h"
#include "inquiry.h"
#include "keyring.h"
#include "landing.h"
#include "lane.h"
#include "lanes.h"
#include "log.h"
#include "mem.h"
#include "outfit.h"
#include "pace.h"
#include "publisher.h"
#include "secret.h"
#include "sigv4.h"
#include "state.h"
#include "transfer.h"

/* When nothing flew for so long, memory goes back to the system ... */
#define CALM_MS 1000
/* ... and for so long, kept connections are closed; AWS closes them at about
 * the same time. */
#define REST_MS 60000

static void
look_at_the_clock(struct ship *s)
{
	s->now_ms = clock_ms();
	s->wall_ms = clock_wall_ms();
}

/* xorshift64*. */
uint64_t
ship_roll(struct ship *s)
{
	s->dice ^= s->dice >> 12;
	s->dice ^= s->dice << 25;
	s->dice ^= s->dice >> 27;
	return s->dice * UINT64_C(2685821657736338717);
}

/* --- A batch's way --- */

static void
welcome_batches(struct ship *s)
{
	struct list_node arrived, *node;

	list_init(&arrived);
	handoff_take(&s->inbox, &arrived);
	lanes_obey(s);
	while ((node = list_take_first(&arrived)) != NULL) {
		struct batch *b = batch_of(node);

		assert(b->lane < s->config->flow_count);
		if (b->pending_count == 0) {
			/* Covers bytes that became no record. */
			landing_home(s, b, BATCH_DELIVERED);
			continue;
		}
		struct lane *l = &s->lanes[b->lane];

		assert(!lane_is_empty(l));

		lane_add(l, &b);
		if (!list_on(&l->node))
			list_add_last(&s->round, &l->node);
	}
}

/* Who waited because of the keys goes at once when there are others. */
static void
welcome_keys(struct ship *s)
{
	if (!keyring_collect(s->keyring))
		return;
	for (size_t i = 0; i < s->config->flow_count; i++) {
		struct lane *l = &s->lanes[i];

		if (lane_is_empty(l) || l->refused == 0 ||
		    l->refused == l->credentials->serial)
			continue;
		l->refused = 0;
		lane_resume(l);
	}
}

/* May one more transfer of `l` take a connection? */
static bool
has_connection(const struct ship *s, const struct lane *l)
{
	uint32_t max = s->config->max_connections;
	uint32_t used = s->flying_count + s->reserved;
	uint32_t left = used < max ? max - used : 0;

	if (l->flying < s->kept)
		return s->flying_count < max;
	return left > (l->answered && l->flying == 0 ? 0 : s->guarded);
}

static struct transfer *
take_idle(struct ship *s)
{
	struct list_node *node = list_take_first(&s->idle);

	return node != NULL ? LIST_ENTRY(node, struct transfer, node)
			    : transfer_new(s);
}

static void
note_departure(struct ship *s, struct transfer *t)
{
	struct lane *l = t->lane;

	if (l->flying < s->kept)
		s->reserved--;
	lane_depart(l, t->batch);
	pace_depart(l->pace, t->cost, s->now_ms);
	s->flying_count++;
	assert(s->flying_count <= s->config->max_connections);
	list_add_last(&s->flying, &t->node);
	s->ease = BUSY;
	stats_add(&l->stats->requests, 1);
}

static void
depart(struct ship *s, struct lane *l, struct batch *b)
{
	struct transfer *t = take_idle(s);
	struct http_request request;

	t->lane = l;
	t->batch = b;
	t->began_ms = s->now_ms;
	t->skew_ms = s->skew_ms;
	t->records = 0;
	t->length = 0;
	t->cost = 1;
	transfer_choose(t);
	if (transfer_prepare(t, l->credentials, s->wall_ms + s->skew_ms,
		s->agent_line, &request) == 0)
		t->exchange = http_start(s->http, &request, t, s->now_ms);
	note_departure(s, t);
	if (t->exchange != NULL)
		return;
	pace_land(l->pace, t->began_ms, 0, 0, s->now_ms, ship_roll(s));
	/* Out of memory or the like, and logged: as if it had failed. */
	stats_add(&l->stats->requests_failed, 1);
	b->attempts++;
	/* Never at once, or this turn might not end. */
	lane_keep(
	    l, b, s->now_ms + 1 + lane_pause(l, b->attempts, ship_roll(s)));
	lane_back_off(l, t->began_ms, s->now_ms, ship_roll(s));
	landing_note(s, t);
}

/* For status: what `l` waits for, at most until `due`. */
static void
note_wait(
    const struct ship *s, struct lane *l, enum stats_ship_wait why, int64_t due)
{
	int64_t wall_ms = due == CLOCK_NEVER ? 0 : s->wall_ms + due - s->now_ms;

	stats_set(&l->stats->ship_waits, why);
	stats_set(&l->stats->ship_due_ms, (uint64_t)wall_ms);
}

/* One turn of `l`. False: it has nothing to send now; `*due_ms` is lowered to
 * when it will. */
static bool
take_turn(struct ship *s, struct lane *l, int64_t *due_ms)
{
	int64_t due;
	struct batch *b = lane_next(l, s->now_ms, &due);

	if (b == NULL) {
		note_wait(s, l,
		    due == CLOCK_NEVER ? STATS_SHIP_ANSWERS
				       : STATS_SHIP_BACKOFF,
		    due);
		if (due < *due_ms)
			*due_ms = due;
		return false;
	}
	/* Without keys it waits for the keyring's news. */
	if (!credentials_hold(l->credentials, s->now_ms)) {
		note_wait(s, l, STATS_SHIP_KEYS, CLOCK_NEVER);
		return false;
	}
	if (!has_connection(s, l)) {
		note_wait(s, l, STATS_SHIP_CONNECTION, CLOCK_NEVER);
		return false;
	}
	if (!pace_ask(l->pace, s->now_ms, &due)) {
		note_wait(s, l, STATS_SHIP_PACE, due);
		if (due < *due_ms)
			*due_ms = due;
		return false;
	}
	depart(s, l, b);
	return true;
}

/* Let lanes take turns until nobody has more to send, or may. Answers when
 * the next batch is due. */
static int64_t
send_what_may_go(struct ship *s)
{
	int64_t due_ms;
	bool any;

	do {
		struct list_node *node, *after, turns;

		any = false;
		due_ms = CLOCK_NEVER;
		list_init(&turns);
		list_append_all(&turns, &s->round);
		list_for_each_safe (node, after, &turns) {
			struct lane *l = LIST_ENTRY(node, struct lane, node);
			bool sent = take_turn(s, l, &due_ms);

			/* Who has had a turn is last in the next round, who
			 * has not keeps its place. */
			if (sent) {
				list_remove(node);
				list_add_last(&s->round, node);
			}
			any = any || sent;
		}
		list_append_all(&turns, &s->round);
		list_append_all(&s->round, &turns);
	} while (any);
	return due_ms;
}

/* --- The thread --- */

static void
free_transfers(struct list_node *list)
{
	struct list_node *node;

	while ((node = list_take_first(list)) != NULL)
		transfer_free(LIST_ENTRY(node, struct transfer, node));
}

/* Nothing to send for a while: give memory back, later close connections.
 * Answers in how many milliseconds there is more to do. */
static int64_t
rest(struct ship *s)
{
	int64_t idle_ms = s->now_ms - s->landed_ms;

	if (s->flying_count > 0 || s->ease == RESTING ||
	    inquiry_is_out(s->inquiry))
		return CLOCK_NEVER;
	if (idle_ms >= REST_MS) {
		http_rest(s->http);
		free_transfers(&s->idle);
		malloc_trim(0);
		s->ease = RESTING;
		return CLOCK_NEVER;
	}
	if (s->ease == BUSY && idle_ms >= CALM_MS) {
		malloc_trim(0);
		s->ease = CALM;
	}
	return (s->ease == BUSY ? CALM_MS : REST_MS) - idle_ms;
}

/* Hand over what there is to publish. */
static void
publish(struct ship *s)
{
	const struct credentials *c = keyring_own(s->keyring);
	struct bulletin *b =
	    bulletin_new(s->lanes, s->config->flow_count, s->published_ms);

	if (credentials_hold(c, s->now_ms))
		b->keys = secret_new(sizeof(*b->keys));
	if (b->keys != NULL)
		*b->keys = c->now;
	publisher_post(s->publisher, &b);
	s->published_ms = s->now_ms;
	s->publish_ms = s->now_ms + s->config->cloudwatch_ms;
}

/* Answers in how many milliseconds to publish again. */
static int64_t
publish_if_due(struct ship *s)
{
	if (s->publisher == NULL)
		return CLOCK_NEVER;
	if (s->now_ms >= s->publish_ms)
		publish(s);
	return s->publish_ms - s->now_ms;
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
do_what_is_due(struct ship *s)
{
	int64_t wait_ms = http_due(s->http, s->now_ms);
	int64_t due_ms = send_what_may_go(s);

	wait_ms = sooner(wait_ms, rest(s));
	wait_ms = sooner(wait_ms, inquiry_go(s->inquiry));
	wait_ms = sooner(wait_ms, publish_if_due(s));
	if (due_ms != CLOCK_NEVER)
		wait_ms = sooner(wait_ms, due_ms - s->now_ms);
	return wait_ms;
}

static void
abandon_all(struct ship *s)
{
	struct list_node *node;

	inquiry_abandon(s->inquiry);
	while ((node = list_take_first(&s->flying)) != NULL) {
		struct transfer *t = LIST_ENTRY(node, struct transfer, node);

		http_abort(s->http, &t->exchange);
		lane_keep(t->lane, t->batch, s->now_ms);
		landing_note(s, t);
	}
	welcome_batches(s);
	while ((node = list_take_first(&s->round)) != NULL) {
		struct lane *l = LIST_ENTRY(node, struct lane, node);

		while ((node = list_take_first(&l->batches)) != NULL)
			landing_home(s, batch_of(node), BATCH_ABANDONED);
	}
}

static void *
run(void *owner)
{
	struct ship *s = owner;

	look_at_the_clock(s);
	s->published_ms = s->now_ms;
	s->publish_ms = s->now_ms + s->config->cloudwatch_ms;
	while (!atomic_load(&s->stopping)) {
		stats_add(&s->beats, 1);
		int64_t wait_ms = do_what_is_due(s);

		http_wait(s->http, handoff_fd(&s->inbox), wait_ms);
		look_at_the_clock(s);

		welcome_keys(s);              /* keys that came           */
		welcome_batches(s);           /* sealed -> their lanes    */
		http_run(s->http, s->now_ms); /* answers -> home or again */
	}
	http_run(s->http, s->now_ms);
	abandon_all(s);
	return NULL;
}

int
ship_start(struct ship *s)
{
	sigset_t all, before;
	int error;

	if (keyring_start(s->keyring) != 0)
		return -1;
	/* Signals are main's; and a broken connection is no reason for one. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&s->thread, NULL, run, s);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error != 0) {
		log_error(
		    "cannot start the ship's thread: %s", strerror(error));
		keyring_stop(s->keyring);
		return -1;
	}
	(void)pthread_setname_np(s->thread, "ship");
	s->started = true;
	/* Without it everything goes on but that. */
	if (s->publisher != NULL)
		(void)publisher_start(s->publisher);
	return 0;
}

uint64_t
ship_beats(const struct ship *s)
{
	return stats_get(&s->beats);
}

void
ship_stop(struct ship *s)
{
	keyring_stop(s->keyring);
	atomic_store(&s->stopping, true);
	if (s->started) {
		handoff_wake(&s->inbox);
		pthread_join(s->thread, NULL);
		s->started = false;
	}
	/* What came after the thread's last look. */
	abandon_all(s);
	if (s->publisher == NULL)
		return;
	publish(s);
	publisher_stop(s->publisher);
}

/* --- Beginning and end --- */

struct ship *
ship_new(
    const struct config *config, struct flow_stats *stats, struct handoff *home)
{
	struct ship *s = mem_new(sizeof(*s));

	assert(config->flow_count > 0 && config->max_connections > 0);
	s->config = config;
	s->home = home;
	list_init(&s->round);
	list_init(&s->flying);
	list_init(&s->idle);
	s->ease = RESTING;
	digest_random(&s->dice, sizeof(s->dice));
	s->dice |= 1;
	if (handoff_init(&s->inbox) != 0) {
		free(s);
		return NULL;
	}
	if (handoff_init(&s->orders) != 0) {
		handoff_fini(&s->inbox);
		free(s);
		return NULL;
	}
	s->inquiry = inquiry_new(s);
	if (outfit(s, stats) == 0)
		return s;
	ship_free(s);
	return NULL;
}

struct handoff *
ship_inbox(struct ship *s)
{
	return &s->inbox;
}

struct ship_lane *
ship_prepare(struct ship *s, const struct flow_config *flow, size_t lane,
    struct flow_stats *stats)
{
	return lanes_prepare(s, flow, lane, stats);
}

void
ship_dismiss(struct ship_lane **prepared)
{
	lanes_dismiss(prepared);
}

void
ship_open(struct ship *s, struct ship_lane **prepared)
{
	lanes_open(s, prepared);
}

void
ship_close(struct ship *s, size_t lane)
{
	lanes_close(s, lane);
}

bool
ship_is_closed(const struct ship *s, size_t lane)
{
	return lanes_is_closed(s, lane);
}

void
ship_free(struct ship *s)
{
	if (s == NULL)
		return;
	assert(!s->started);
	free_transfers(&s->idle);
	publisher_free(s->publisher);
	inquiry_free(s->inquiry);
	http_free(s->http);
	lanes_free(s);
	keyring_free(s->keyring);
	handoff_fini(&s->orders);
	handoff_fini(&s->inbox);
	free(s->agent_line);
	free(s);
}
