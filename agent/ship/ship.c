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
 * destination that hangs holds nobody else up.
 *
 * Thread: ship_new, ship_start, ship_stop and ship_free are the caller's;
 * everything else runs on the ship's own, which waits in one place, together
 * for connections and inbox. I3 holds by lanes: a batch on its way is on its
 * lane's list, in flight or not. Writes no file, parses no record.
 */
#include "ship.h"

#include <assert.h>
#include <inttypes.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "clock.h"
#include "credentials.h"
#include "digest.h"
#include "http.h"
#include "lane.h"
#include "log.h"
#include "mem.h"
#include "proxy.h"
#include "secret.h"
#include "transfer.h"
#include "trust.h"
#include "verdict.h"

/* When nothing flew for so long, memory goes back to the system ... */
#define CALM_MS 1000
/* ... and for so long, kept connections are closed; AWS closes them at about
 * the same time. */
#define REST_MS 60000

/* The clocks of two good machines differ by less; AWS allows five minutes. */
#define SKEW_MS 60000

/* An outage of the clock or the credentials is looked into so often. */
#define REPAIR_MS 1000

struct ship {
	const struct config *config; /* borrowed */
	struct handoff *home;        /* borrowed: batches go back there */
	struct handoff inbox;
	struct http *http;
	struct credentials *credentials;
	char *agent_line; /* the User-Agent header */

	struct lane *lanes;     /* one for each flow */
	struct sigv4_key *keys; /* in secret memory, one for each lane */
	struct list_node round; /* lanes with batches, the next turn first */
	uint32_t kept;          /* connections kept for each lane */
	uint32_t reserved;      /* kept ones that are not in use */

	struct list_node flying, idle; /* transfers */
	uint32_t flying_count;

	int64_t skew_ms;                  /* the service's clock minus ours */
	int64_t clock_set_ms, renewed_ms; /* when last, or 0 */
	uint64_t dice;

	int64_t now_ms, wall_ms;           /* of this turn */
	int64_t landed_ms;                 /* when an exchange last ended */
	enum { BUSY, CALM, RESTING } ease; /* what was given back since */

	pthread_t thread;
	bool started;
	atomic_bool stopping;
};

static void
look_at_the_clock(struct ship *s)
{
	s->now_ms = clock_ms();
	s->wall_ms = clock_wall_ms();
}

/* xorshift64*: spreads the retries of a fleet, nothing more. */
static uint64_t
roll(struct ship *s)
{
	s->dice ^= s->dice >> 12;
	s->dice ^= s->dice << 25;
	s->dice ^= s->dice >> 27;
	return s->dice * UINT64_C(2685821657736338717);
}

/* --- A batch's way --- */

static void
send_home(struct ship *s, struct batch *b, enum batch_outcome outcome)
{
	b->outcome = outcome;
	batch_send(s->home, &b);
}

static void
welcome_batches(struct ship *s)
{
	struct list_node arrived, *node;

	list_init(&arrived);
	handoff_take(&s->inbox, &arrived);
	while ((node = list_take_first(&arrived)) != NULL) {
		struct batch *b = batch_of(node);

		assert(b->flow < s->config->flow_count);
		if (b->pending_count == 0) {
			/* Covers bytes that became no record. */
			send_home(s, b, BATCH_DELIVERED);
			continue;
		}
		struct lane *l = &s->lanes[b->flow];

		lane_add(l, &b);
		if (!list_on(&l->node))
			list_add_last(&s->round, &l->node);
	}
}

/* May one more transfer of `l` take a connection? */
static bool
has_connection(const struct ship *s, const struct lane *l)
{
	if (l->flying < s->kept)
		return true;
	return s->flying_count + s->reserved < s->config->max_connections;
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
	s->flying_count++;
	assert(s->flying_count + s->reserved <= s->config->max_connections);
	list_add_last(&s->flying, &t->node);
	s->ease = BUSY;
	stats_add(&l->stats->requests, 1);
}

/* The transfer is over; its lane is told by the caller, who still knows its
 * batch. */
static void
note_landing(struct ship *s, struct transfer *t)
{
	assert(s->flying_count > 0);
	s->flying_count--;
	if (t->lane->flying < s->kept)
		s->reserved++;
	s->landed_ms = s->now_ms;
	list_remove(&t->node);
	list_add_first(&s->idle, &t->node);
	t->lane = NULL;
	t->batch = NULL;
	t->exchange = NULL;
}

/* A lane with nothing left takes no more turns. */
static void
leave_round(struct lane *l)
{
	if (list_empty(&l->batches))
		list_remove(&l->node);
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
	if (transfer_prepare(t, s->credentials, s->wall_ms + s->skew_ms,
		s->agent_line, &request) == 0)
		t->exchange = http_start(s->http, &request, t, s->now_ms);
	note_departure(s, t);
	if (t->exchange != NULL)
		return;
	/* Out of memory or the like, and logged: as if it had failed. */
	stats_add(&l->stats->requests_failed, 1);
	b->attempts++;
	/* Never at once, or this turn might not end. */
	lane_keep(l, b, s->now_ms + 1 + lane_pause(l, b->attempts, roll(s)));
	lane_back_off(l, t->began_ms, s->now_ms, roll(s));
	note_landing(s, t);
}

/* One turn of `l`. False: it has nothing to send now; `*due_ms` is lowered to
 * when it will. */
static bool
take_turn(struct ship *s, struct lane *l, int64_t *due_ms)
{
	int64_t due;
	struct batch *b = lane_next(l, s->now_ms, &due);

	if (b == NULL) {
		if (due < *due_ms)
			*due_ms = due;
		return false;
	}
	if (!has_connection(s, l))
		return false;
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

/* --- What is said --- */

static void
complain(struct ship *s, struct lane *l, const struct verdict *v,
    const struct http_end *end, const struct reply *reply)
{
	const struct credentials_keys *keys = &s->credentials->now;
	char text[VERDICT_TEXT], key[CREDENTIALS_ID + 64] = "", more[64] = "";
	uint64_t held;

	if (l->troubles++ == 0)
		l->trouble_ms = s->now_ms;
	if (!log_gate_open(&l->gate, s->now_ms, &held))
		return;
	l->complained = true;
	verdict_text(v, end, reply, text);
	if (v->about_key)
		snprintf(key, sizeof(key), " (access key %s, from %s)",
		    keys->access_key, keys->source);
	if (held > 0)
		snprintf(more, sizeof(more),
		    "; %" PRIu64 " more failed since the last such line", held);
	log_warn("flow %s: %s %s; %s%s%s", l->flow->name, l->address.host, text,
	    v->advice, key, more);
}

static bool
is_well(const struct lane *l)
{
	struct list_node *node;

	list_for_each (node, &l->batches) {
		if (batch_of(node)->attempts > 0)
			return false;
	}
	return true;
}

static void
say_it_is_well(struct ship *s, struct lane *l)
{
	if (l->troubles == 0 || !is_well(l))
		return;
	if (l->complained)
		log_info("flow %s: %s takes everything again, "
			 "after %" PRIu64 " failures in %" PRId64 " s",
		    l->flow->name, l->address.host, l->troubles,
		    (s->now_ms - l->trouble_ms) / 1000);
	l->troubles = 0;
	l->complained = false;
}

/* --- Coming back --- */

/* Read the credentials again. True: others than `t` was signed with are
 * there, so it may go again at once. */
static bool
renew(struct ship *s, const struct transfer *t)
{
	if (t->serial != s->credentials->serial)
		return true;
	if (s->renewed_ms != 0 && s->now_ms - s->renewed_ms < REPAIR_MS)
		return false;
	s->renewed_ms = s->now_ms;
	if (credentials_load(s->credentials, s->config) != CREDENTIALS_NEW)
		return false;
	log_info("credentials: access key %s from %s",
	    s->credentials->now.access_key, s->credentials->now.source);
	return true;
}

static int64_t
apart(int64_t a, int64_t b)
{
	return a > b ? a - b : b - a;
}

/* Learn the time from the answer to `t`. True: it is another than `t` was
 * signed by, so it may go again at once. */
static bool
set_clock(struct ship *s, const struct transfer *t, int64_t date_ms)
{
	int64_t skew_ms = date_ms - s->wall_ms;

	if (date_ms == 0)
		return false;
	if (apart(t->skew_ms, s->skew_ms) > SKEW_MS)
		return true;
	if (apart(skew_ms, s->skew_ms) <= SKEW_MS)
		return false;
	if (s->clock_set_ms != 0 && s->now_ms - s->clock_set_ms < REPAIR_MS)
		return false;
	s->clock_set_ms = s->now_ms;
	s->skew_ms = skew_ms;
	if (apart(skew_ms, 0) <= SKEW_MS) {
		log_info("this machine's clock agrees with the service's "
			 "again");
		return true;
	}
	log_warn("this machine's clock is %" PRId64
		 " s %s the service's: signing by the service's; "
		 "set the clock right",
	    apart(skew_ms, 0) / 1000, skew_ms < 0 ? "ahead of" : "behind");
	return true;
}

/* Is the cause gone already, so that `t`'s batch need not wait? */
static bool
repair(struct ship *s, const struct transfer *t, const struct verdict *v,
    const struct http_end *end)
{
	switch (v->action) {
	case ACTION_WAIT:
		return false;
	case ACTION_RENEW:
		return renew(s, t);
	case ACTION_CLOCK:
		return set_clock(s, t, end->date_ms);
	}
	return false;
}

static void
land_whole(struct ship *s, struct transfer *t)
{
	struct lane *l = t->lane;
	struct batch *b = t->batch;

	transfer_accept_all(t);
	lane_deliver(l, b);
	lane_press_on(l);
	leave_round(l);
	say_it_is_well(s, l);
	send_home(s, b, BATCH_DELIVERED);
}

static void
land_in_part(struct ship *s, struct transfer *t, const struct verdict *v,
    const struct http_end *end)
{
	struct lane *l = t->lane;
	struct batch *b = t->batch;
	uint32_t failures = t->reply.failures;

	transfer_accept_some(t);
	assert(b->pending_count == failures);
	stats_add(&l->stats->records_refused, failures);
	b->attempts++;
	lane_keep(l, b, s->now_ms + lane_pause(l, b->attempts, roll(s)));
	/* Most of them: that is the destination, not the records. */
	if (failures > t->records / 2)
		lane_back_off(l, t->began_ms, s->now_ms, roll(s));
	else
		lane_press_on(l);
	complain(s, l, v, end, &t->reply);
}

static void
land_with_all(struct ship *s, struct transfer *t, const struct verdict *v,
    const struct http_end *end)
{
	struct lane *l = t->lane;
	struct batch *b = t->batch;

	stats_add(&l->stats->requests_failed, 1);
	complain(s, l, v, end, &t->reply);
	b->attempts++;
	if (repair(s, t, v, end)) {
		lane_keep(l, b, s->now_ms);
		return;
	}
	lane_keep(l, b, s->now_ms + lane_pause(l, b->attempts, roll(s)));
	lane_back_off(l, t->began_ms, s->now_ms, roll(s));
}

/* http: the next portion of an answer. */
static void
on_body(void *owner, struct span bytes)
{
	struct transfer *t = owner;

	reply_feed(&t->reply, bytes);
}

/* What went out counts, arrived or not. Libcurl sends a request again where
 * a kept connection turned out closed under it: an exchange of its own. */
static void
note_sent(const struct transfer *t, uint32_t times)
{
	struct flow_stats *stats = t->lane->stats;
	uint32_t again = times;

	/* What is pending of a batch has been out as often as the batch. */
	if (times > 0 && t->batch->times_sent == 0)
		again--;
	t->batch->times_sent += times;
	stats_add(&stats->records_sent, (uint64_t)times * t->records);
	stats_add(&stats->records_again, (uint64_t)again * t->records);
	stats_add(&stats->bytes_on_wire, (uint64_t)times * t->length);
	if (times < 2)
		return;
	log_debug("flow %s: %s closed a kept connection: sent again",
	    t->lane->flow->name, t->lane->address.host);
	stats_add(&stats->requests, times - 1);
	stats_add(&stats->requests_failed, times - 1);
}

/* http: an exchange is over. */
static void
on_end(void *owner, const struct http_end *end)
{
	struct transfer *t = owner;
	struct ship *s = t->ship;
	struct verdict v = verdict_of(end, &t->reply);

	note_sent(t, end->times_sent);
	switch (v.kind) {
	case VERDICT_ALL:
		land_whole(s, t);
		break;
	case VERDICT_SOME:
		land_in_part(s, t, &v, end);
		break;
	case VERDICT_NONE:
		land_with_all(s, t, &v, end);
		break;
	}
	note_landing(s, t);
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

	if (s->flying_count > 0 || s->ease == RESTING)
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
	if (due_ms != CLOCK_NEVER)
		wait_ms = sooner(wait_ms, due_ms - s->now_ms);
	return wait_ms;
}

static void
abandon_all(struct ship *s)
{
	struct list_node *node;

	while ((node = list_take_first(&s->flying)) != NULL) {
		struct transfer *t = LIST_ENTRY(node, struct transfer, node);

		http_abort(s->http, &t->exchange);
		lane_keep(t->lane, t->batch, s->now_ms);
		note_landing(s, t);
	}
	welcome_batches(s);
	while ((node = list_take_first(&s->round)) != NULL) {
		struct lane *l = LIST_ENTRY(node, struct lane, node);

		while ((node = list_take_first(&l->batches)) != NULL)
			send_home(s, batch_of(node), BATCH_ABANDONED);
	}
}

static void *
run(void *owner)
{
	struct ship *s = owner;

	look_at_the_clock(s);
	while (!atomic_load(&s->stopping)) {
		int64_t wait_ms = do_what_is_due(s);

		http_wait(s->http, handoff_fd(&s->inbox), wait_ms);
		look_at_the_clock(s);

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

	/* Signals are main's; and a broken connection is no reason for one. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&s->thread, NULL, run, s);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error != 0) {
		log_error(
		    "cannot start the ship's thread: %s", strerror(error));
		return -1;
	}
	(void)pthread_setname_np(s->thread, "ship");
	s->started = true;
	return 0;
}

void
ship_stop(struct ship *s)
{
	atomic_store(&s->stopping, true);
	if (s->started) {
		handoff_wake(&s->inbox);
		pthread_join(s->thread, NULL);
		s->started = false;
	}
	/* What came after the thread's last look. */
	abandon_all(s);
}

/* --- Beginning and end --- */

static char *
agent_line(const struct config *config)
{
	const char *more = config->user_agent;
	char *line;

	if (config->user_agent_override != NULL)
		line =
		    mem_format("User-Agent: %s", config->user_agent_override);
	else
		line = mem_format("User-Agent: %s%skinesis-agent/%s",
		    more != NULL ? more : "", more != NULL ? " " : "",
		    AGENT_VERSION);
	/* A header is one line, whatever was configured. */
	for (char *c = line; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ')
			*c = ' ';
	}
	return line;
}

static int
make_lanes(struct ship *s, struct flow_stats *stats)
{
	const struct config *config = s->config;

	assert(config->flow_count > 0);
	s->keys = secret_new(config->flow_count * sizeof(*s->keys));
	if (s->keys == NULL)
		return -1;
	s->lanes = mem_new_array(config->flow_count, sizeof(*s->lanes));
	for (size_t i = 0; i < config->flow_count; i++) {
		lane_init(
		    &s->lanes[i], &config->flows[i], &stats[i], &s->keys[i]);
	}
	size_t kept = config->max_connections / 2 / config->flow_count;

	s->kept = (uint32_t)kept;
	s->reserved = (uint32_t)(kept * config->flow_count);
	return 0;
}

static int
make_http(struct ship *s)
{
	static const struct http_face face = { on_body, on_end };
	const struct config *config = s->config;
	struct http_options options = { .max_connections =
					    config->max_connections,
		.connect_timeout_ms = config->connect_timeout_ms,
		.stall_timeout_ms = config->socket_timeout_ms,
		.tcp_keepalive = config->tcp_keepalive };
	bool tls = config->ca_file != NULL;

	for (size_t i = 0; i < config->flow_count; i++) {
		tls = tls || s->lanes[i].address.tls;
		proxy_announce(&s->lanes[i].address);
	}
	if (tls) {
		options.ca_file = trust_file(config->ca_file);
		if (options.ca_file == NULL)
			return -1;
	}
	s->http = http_new(&options, &face);
	return s->http != NULL ? 0 : -1;
}

static int
find_credentials(struct ship *s)
{
	s->credentials = credentials_new();
	if (s->credentials == NULL)
		return -1;
	if (credentials_load(s->credentials, s->config) == CREDENTIALS_NONE) {
		log_error("no AWS credentials: set awsAccessKeyId and "
			  "awsSecretAccessKey in %s, or AWS_ACCESS_KEY_ID and "
			  "AWS_SECRET_ACCESS_KEY in the environment, or a "
			  "profile in ~/.aws/credentials",
		    s->config->path != NULL ? s->config->path
					    : "the configuration");
		return -1;
	}
	log_info("credentials: access key %s from %s",
	    s->credentials->now.access_key, s->credentials->now.source);
	return 0;
}

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
	s->agent_line = agent_line(config);
	if (handoff_init(&s->inbox) != 0) {
		free(s->agent_line);
		free(s);
		return NULL;
	}
	if (make_lanes(s, stats) == 0 && make_http(s) == 0 &&
	    find_credentials(s) == 0)
		return s;
	ship_free(s);
	return NULL;
}

struct handoff *
ship_inbox(struct ship *s)
{
	return &s->inbox;
}

void
ship_free(struct ship *s)
{
	size_t count;

	if (s == NULL)
		return;
	assert(!s->started);
	count = s->config->flow_count;
	free_transfers(&s->idle);
	http_free(s->http);
	for (size_t i = 0; s->lanes != NULL && i < count; i++)
		lane_fini(&s->lanes[i]);
	free(s->lanes);
	secret_free(s->keys, count * sizeof(*s->keys));
	credentials_free(s->credentials);
	handoff_fini(&s->inbox);
	free(s->agent_line);
	free(s);
}
