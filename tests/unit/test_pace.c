/* SPDX-License-Identifier: Apache-2.0
 *
 * What a throttled stream gets, in a simulated minute: shards as AWS
 * describes them (a second's worth of records, refilled at that rate; what
 * finds none is refused), agents as the ship is (batches of 500, records that
 * were refused go again after a pause), and a clock moved by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "ship/pace.h"

#define BATCH      500
#define SHARDS_MAX 100
#define AGENTS_MAX 50
#define WAITING    4096 /* batches of an agent on their way */
#define PAUSE_MS   100

struct shard {
	double tokens;
	double per_ms;
};

struct cargo {
	uint32_t records; /* 0: a free place */
	uint32_t tries;
	int64_t began_ms;
	int64_t due_ms; /* waiting: not before; flying: the answer's time */
	bool flying;
	uint32_t refused; /* of the answer under way */
	uint8_t hot;      /* of the records go to shard 0 ... */
};

struct agent {
	struct pace pace;
	double offered; /* records that wait in its files */
	double per_ms;  /* and come */
	uint32_t in_flight_max;
	struct cargo cargo[WAITING];
	uint32_t used; /* places [0, used) of it have ever been */
	uint32_t in_flight;
	uint64_t delivered, attempts;
};

static struct {
	int64_t now_ms;
	int64_t rtt_ms;
	uint64_t dice;
	uint32_t shard_count, agent_count;
	double weight;    /* units of a record */
	double hot_share; /* of all records go to shard 0 beside its due */
	struct shard shards[SHARDS_MAX];
	struct agent agents[AGENTS_MAX];
} w;

static uint64_t
roll(void)
{
	w.dice ^= w.dice >> 12;
	w.dice ^= w.dice << 25;
	w.dice ^= w.dice >> 27;
	return w.dice * UINT64_C(2685821657736338717);
}

static double
chance(void)
{
	return (double)(roll() >> 11) / (double)(UINT64_C(1) << 53);
}

/* A stream of `shards`, and `agents` that have `times` what it takes, all of
 * them together, and more all the time. */
static void
begin(uint32_t shards, uint32_t agents, double times)
{
	memset(&w, 0, sizeof(w));
	w.dice = 88172645463325252u;
	w.now_ms = 1000000;
	w.rtt_ms = 20;
	w.weight = 1;
	w.shard_count = shards;
	w.agent_count = agents;
	for (uint32_t i = 0; i < shards; i++)
		w.shards[i] = (struct shard){ 1000, 1 };
	for (uint32_t i = 0; i < agents; i++) {
		pace_init(&w.agents[i].pace);
		w.agents[i].per_ms = times * shards / agents;
		w.agents[i].in_flight_max = 32;
		w.agents[i].offered = times * shards * 10000 / agents;
	}
}

static void
refill(void)
{
	for (uint32_t i = 0; i < w.shard_count; i++) {
		struct shard *s = &w.shards[i];

		s->tokens += s->per_ms;
		if (s->tokens > 1000 * s->per_ms)
			s->tokens = 1000 * s->per_ms;
	}
}

/* How many of `records` with random keys are refused now. */
static uint32_t
put(uint32_t records)
{
	uint32_t refused = 0;

	for (uint32_t i = 0; i < records; i++) {
		uint32_t at = (uint32_t)(chance() * w.shard_count);

		if (w.hot_share > 0 && chance() < w.hot_share)
			at = 0;
		if (w.shards[at].tokens >= w.weight)
			w.shards[at].tokens -= w.weight;
		else
			refused++;
	}
	return refused;
}

static void
land(struct agent *a, struct cargo *c)
{
	uint32_t accepted = c->records - c->refused;

	c->flying = false;
	a->in_flight--;
	a->delivered += accepted;
	pace_land(&a->pace, c->began_ms, accepted * w.weight,
	    c->refused * w.weight, w.now_ms, roll());
	c->records = c->refused;
	c->due_ms = w.now_ms + (int64_t)(chance() * PAUSE_MS * ++c->tries);
}

static void
land_all(struct agent *a)
{
	for (uint32_t i = 0; i < a->used; i++) {
		struct cargo *c = &a->cargo[i];

		if (c->records > 0 && c->flying && c->due_ms <= w.now_ms)
			land(a, c);
	}
}

/* What goes next: a batch that was refused in part, or a new one. */
static struct cargo *
next_cargo(struct agent *a)
{
	struct cargo *free_place = NULL;

	for (uint32_t i = 0; i < a->used; i++) {
		struct cargo *c = &a->cargo[i];

		if (c->records > 0 && !c->flying && c->due_ms <= w.now_ms)
			return c;
		if (c->records == 0)
			free_place = c;
	}
	if (a->offered < BATCH)
		return NULL;
	if (free_place == NULL && a->used < WAITING)
		free_place = &a->cargo[a->used++];
	if (free_place == NULL)
		return NULL;
	double most = pace_portion(&a->pace) / w.weight;

	*free_place = (struct cargo){ .records = BATCH };
	if (most < BATCH)
		free_place->records = most < 1 ? 1 : (uint32_t)most;
	a->offered -= free_place->records;
	return free_place;
}

static void
send_all(struct agent *a)
{
	int64_t ask_ms;

	while (a->in_flight < a->in_flight_max &&
	       pace_ask(&a->pace, w.now_ms, &ask_ms)) {
		struct cargo *c = next_cargo(a);

		if (c == NULL)
			return;
		pace_depart(&a->pace, c->records * w.weight, w.now_ms);
		a->in_flight++;
		a->attempts += c->records;
		c->began_ms = w.now_ms;
		c->due_ms = w.now_ms + w.rtt_ms;
		c->flying = true;
		c->refused = put(c->records);
	}
}

static void
run(double seconds)
{
	int64_t end_ms = w.now_ms + (int64_t)(seconds * 1000);

	for (; w.now_ms < end_ms; w.now_ms++) {
		refill();
		/* Nobody is always first. */
		uint32_t first = (uint32_t)(roll() % w.agent_count);

		for (uint32_t i = 0; i < w.agent_count; i++) {
			struct agent *a =
			    &w.agents[(first + i) % w.agent_count];

			a->offered += a->per_ms;
			land_all(a);
			send_all(a);
		}
	}
}

struct score {
	double used;   /* delivered of what the shards take in that time */
	double excess; /* attempts beyond the delivered, of these */
	double fair;   /* Jain's index */
};

static struct score
score(double seconds)
{
	double delivered = 0, attempts = 0, squares = 0, takes = 0;

	for (uint32_t i = 0; i < w.shard_count; i++)
		takes += w.shards[i].per_ms * 1000;
	for (uint32_t i = 0; i < w.agent_count; i++) {
		struct agent *a = &w.agents[i];
		double d = (double)a->delivered;

		delivered += d;
		squares += d * d;
		attempts += (double)a->attempts;
		a->delivered = a->attempts = 0;
	}
	struct score s = { delivered * w.weight / takes / seconds,
		attempts / delivered - 1,
		delivered * delivered / squares / w.agent_count };

	printf("%3u shards, %2u agents: used %.3f, excess %.3f, fair %.3f\n",
	    w.shard_count, w.agent_count, s.used, s.excess, s.fair);
	return s;
}

/* --- What the simulation shows --- */

static const uint32_t sizes[] = { 1, 2, 4, 10, 30, 100 };

static void
a_stream_offered_three_times_its_limit_is_used_and_not_hammered(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		begin(sizes[i], 1, 3);
		w.agents[0].in_flight_max = sizes[i] > 30 ? 256 : 32;
		run(60);
		struct score s = score(60);

		assert_true(s.used >= 0.97);
		assert_true(s.excess <= 0.08);
	}
}

static void
however_far_away_it_is(void **state)
{
	(void)state;
	static const int64_t rtts[] = { 1, 200 };

	for (size_t i = 0; i < 2; i++) {
		for (size_t k = 0; k < 4; k++) {
			begin(sizes[k], 1, 3);
			w.rtt_ms = rtts[i];
			run(60);
			struct score s = score(60);

			assert_true(s.used >= 0.97);
			assert_true(s.excess <= 0.08);
		}
	}
}

/* Five hundred of them are two and a half times what a shard's bucket holds. */
static void
records_of_five_kilobytes_are_no_different(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		begin(sizes[i], 1, 3);
		w.weight = 5;
		run(60);
		struct score s = score(60);

		assert_true(s.used >= 0.95);
		assert_true(s.excess <= 0.1);
	}
}

/* Shard 0 takes 19 of 100 records, and can take one of ten: all who wait for
 * it in file order cannot be faster, but no slower either. */
static void
a_hot_shard_holds_the_others_to_its_own_limit_and_no_lower(void **state)
{
	(void)state;
	begin(10, 1, 3);
	w.hot_share = 0.1;
	run(60);
	struct score s = score(60);

	assert_true(s.used >= 0.1 / 0.19);
	assert_true(s.excess <= 0.08);
}

static void
a_shard_that_is_hardly_hotter_holds_nobody(void **state)
{
	(void)state;
	begin(10, 1, 3);
	w.hot_share = 0.005;
	run(60);
	struct score s = score(60);

	assert_true(s.used >= 0.97);
	assert_true(s.excess <= 0.08);
}

static void
capacity_that_doubles_is_found_in_seconds(void **state)
{
	(void)state;
	begin(4, 1, 6);
	run(30);
	score(30);
	for (uint32_t i = 0; i < w.shard_count; i++)
		w.shards[i].per_ms = 2;
	run(6);
	score(6);
	run(24);
	struct score s = score(24);

	assert_true(s.used >= 0.95);
	assert_true(s.excess <= 0.1);
}

static void
capacity_that_halves_is_found_at_once(void **state)
{
	(void)state;
	begin(4, 1, 6);
	run(30);
	score(30);
	for (uint32_t i = 0; i < w.shard_count; i++)
		w.shards[i].per_ms = 0.5;
	run(10);
	struct score s = score(10);

	assert_true(s.used >= 0.95);
	assert_true(s.excess <= 0.15);
}

static void
agents_that_share_a_stream_come_to_equal_shares(void **state)
{
	(void)state;
	begin(10, 10, 3);
	run(60);
	struct score s = score(60);

	assert_true(s.used >= 0.95);
	assert_true(s.excess <= 0.15);
	run(60);
	s = score(60);
	assert_true(s.used >= 0.95);
	assert_true(s.excess <= 0.15);
	assert_true(s.fair >= 0.85);
}

static void
who_comes_later_gets_his_share(void **state)
{
	(void)state;
	begin(4, 2, 6);
	w.agents[1].offered = w.agents[1].per_ms = 0;
	run(60);
	score(60);
	w.agents[1].per_ms = 10;
	run(240);
	score(240);
	run(60);
	struct score s = score(60);

	assert_true(s.used >= 0.95);
	assert_true(s.excess <= 0.15);
	assert_true(s.fair >= 0.9);
}

/* Fifty agents on one shard: already their first requests, half of what it
 * takes in a second each, are too much for many seconds. */
static void
a_fleet_that_starts_at_once_spreads_out(void **state)
{
	(void)state;
	begin(1, 50, 3);
	run(60);
	struct score s = score(60);

	assert_true(s.used >= 0.9);
	run(60);
	s = score(60);
	assert_true(s.used >= 0.95);
	assert_true(s.excess <= 0.4);
	assert_true(s.fair >= 0.7);
}

/* --- The pace itself --- */

static struct pace p;
static int64_t due_ms;

static int
fresh(void **state)
{
	(void)state;
	pace_init(&p);
	return 0;
}

static void
fly(int64_t now_ms, uint32_t times)
{
	for (uint32_t i = 0; i < times; i++) {
		assert_true(pace_ask(&p, now_ms, &due_ms));
		pace_depart(&p, BATCH, now_ms);
	}
}

static void
land_well(int64_t began_ms, int64_t now_ms, uint32_t times)
{
	for (uint32_t i = 0; i < times; i++)
		pace_land(&p, began_ms, BATCH, 0, now_ms, 1);
}

static void
who_is_never_refused_is_not_limited(void **state)
{
	(void)state;
	uint32_t wide = 1;

	/* Eight round trips: 256 requests, as many as may ever fly. */
	for (int64_t trip = 1; wide < 256; trip++) {
		assert_true(trip <= 9);
		fly(trip * 50, wide);
		land_well(trip * 50, trip * 50 + 49, wide);
		wide *= 2;
	}
	fly(1000, 256);
}

static void
the_first_requests_go_one_by_one(void **state)
{
	(void)state;
	fly(10, 1);
	assert_false(pace_ask(&p, 10, &due_ms));
	assert_int_equal(due_ms, 110);
	land_well(10, 30, 1);
	fly(30, 2);
	assert_false(pace_ask(&p, 30, &due_ms));
}

static void
a_request_that_hangs_keeps_others_back_for_a_moment_only(void **state)
{
	(void)state;
	fly(0, 1);
	assert_false(pace_ask(&p, 99, &due_ms));
	fly(100, 1);
	assert_false(pace_ask(&p, 199, &due_ms));
	fly(200, 1);
}

static void
after_silence_the_first_go_one_by_one_again(void **state)
{
	(void)state;
	fly(0, 1);
	land_well(0, 5, 1);
	fly(5, 2);
	land_well(5, 10, 2);
	fly(10, 4);
	land_well(10, 20, 4);
	fly(1100, 1);
	assert_false(pace_ask(&p, 1100, &due_ms));
}

static void
what_was_accepted_is_the_first_measure(void **state)
{
	(void)state;
	fly(0, 1);
	land_well(0, 5, 1);
	fly(5, 2);
	pace_land(&p, 5, BATCH, 0, 10, 1);
	pace_land(&p, 5, 0, BATCH, 10, 1);
	assert_true(p.crest > 950 && p.crest <= 1000);
	assert_true(p.rate < p.crest && p.rate > 0.8 * p.crest);
	/* The bucket is empty: it must fill first. */
	assert_false(pace_ask(&p, 10, &due_ms));
	assert_true(due_ms > 10 + 400 && due_ms < 10 + 900);
}

static void
a_few_refusals_change_nothing(void **state)
{
	(void)state;
	fly(0, 1);
	pace_land(&p, 0, 499, 1, 5, 1);
	assert_false(p.measured);
}

static void
all_that_flew_together_is_one_refusal(void **state)
{
	(void)state;
	fly(0, 1);
	land_well(0, 5, 1);
	fly(5, 2);
	land_well(5, 10, 2);
	fly(10, 4);
	pace_land(&p, 10, 0, BATCH, 15, 1);
	double rate = p.rate;

	pace_land(&p, 10, 0, BATCH, 15, 1);
	pace_land(&p, 10, 0, BATCH, 16, 1);
	pace_land(&p, 10, 0, BATCH, 16, 1);
	assert_true(p.rate == rate);
}

static void
failures_that_are_no_refusals_slow_nothing(void **state)
{
	(void)state;
	fly(0, 1);
	pace_land(&p, 0, 0, 0, 5, 1);
	assert_false(p.measured);
	fly(5, 1);
}

static void
whoever_refuses_everything_is_asked_again_within_ten_seconds(void **state)
{
	(void)state;
	int64_t now_ms = 0;

	for (int i = 0; i < 100; i++) {
		if (!pace_ask(&p, now_ms, &due_ms)) {
			assert_true(due_ms > now_ms);
			assert_true(due_ms <= now_ms + 10001);
			now_ms = due_ms;
		}
		assert_true(pace_ask(&p, now_ms, &due_ms));
		pace_depart(&p, BATCH, now_ms);
		pace_land(&p, now_ms, 0, BATCH, now_ms + 5, roll());
		now_ms += 5;
	}
	assert_true(now_ms > 100000);
}

static void
a_limit_is_forgotten_when_nothing_was_refused_for_long(void **state)
{
	(void)state;
	fly(0, 1);
	pace_land(&p, 0, 0, BATCH, 5, 1);
	assert_true(p.measured);
	assert_false(pace_ask(&p, 6, &due_ms));
	fly(11 * 60 * 1000, 1);
	assert_false(p.measured);
}

/* Three requests are refused as a whole, one behind the other, and then none:
 * for how long is it felt? */
static void
a_moment_of_refusals_is_over_in_seconds(void **state)
{
	int64_t now_ms = 0;

	(void)state;
	for (int i = 0; i < 3; i++) {
		while (!pace_ask(&p, now_ms, &due_ms))
			now_ms = due_ms;
		pace_depart(&p, BATCH, now_ms);
		now_ms += 5;
		pace_land(&p, now_ms - 5, 0, BATCH, now_ms, 1);
	}
	for (int sent = 0; sent < 20000; sent += 100) {
		while (!pace_ask(&p, now_ms, &due_ms))
			now_ms = due_ms;
		pace_depart(&p, 100, now_ms);
		now_ms += 5;
		pace_land(&p, now_ms - 5, 100, 0, now_ms, 1);
	}
	assert_true(now_ms < 20000);
}

#define SIMULATED(name) cmocka_unit_test(name)
#define TEST(name)      cmocka_unit_test_setup(name, fresh)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SIMULATED(
		    a_stream_offered_three_times_its_limit_is_used_and_not_hammered),
		SIMULATED(however_far_away_it_is),
		SIMULATED(records_of_five_kilobytes_are_no_different),
		SIMULATED(
		    a_hot_shard_holds_the_others_to_its_own_limit_and_no_lower),
		SIMULATED(a_shard_that_is_hardly_hotter_holds_nobody),
		SIMULATED(capacity_that_doubles_is_found_in_seconds),
		SIMULATED(capacity_that_halves_is_found_at_once),
		SIMULATED(agents_that_share_a_stream_come_to_equal_shares),
		SIMULATED(who_comes_later_gets_his_share),
		SIMULATED(a_fleet_that_starts_at_once_spreads_out),
		TEST(who_is_never_refused_is_not_limited),
		TEST(the_first_requests_go_one_by_one),
		TEST(a_request_that_hangs_keeps_others_back_for_a_moment_only),
		TEST(after_silence_the_first_go_one_by_one_again),
		TEST(what_was_accepted_is_the_first_measure),
		TEST(a_few_refusals_change_nothing),
		TEST(all_that_flew_together_is_one_refusal),
		TEST(failures_that_are_no_refusals_slow_nothing),
		TEST(
		    whoever_refuses_everything_is_asked_again_within_ten_seconds),
		TEST(a_moment_of_refusals_is_over_in_seconds),
		TEST(a_limit_is_forgotten_when_nothing_was_refused_for_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
