/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tail and main rely on: batches come home, whatever the other side
 * does. The real thread against a server in this process (responder.h).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

#include "batch.h"
#include "clock.h"
#include "digest.h"
#include "letter.h"
#include "responder.h"
#include "ship.h"

#define FLOWS       2
#define DEADLINE_MS 20000

static struct responder servers[FLOWS];
static char endpoints[FLOWS][64];
static struct flow_config flows[FLOWS];
static struct config config;
static struct flow_stats stats[FLOWS];
static struct handoff home;
static struct list_node arrived; /* taken from there by homecomer */
static struct pool *pool;
static struct ship *ship;
static unsigned numbered; /* records made so far */

#define TEXT(literal) ((char *)(uintptr_t)(literal))

static int
setup(void **state)
{
	(void)state;
	config = (struct config){ .path = TEXT("agent.yaml"),
		.flows = flows,
		.flow_count = FLOWS,
		.access_key = TEXT("AKIDTEST"),
		.secret_key = TEXT("secret"),
		.max_connections = 8,
		.connect_timeout_ms = 5000,
		.socket_timeout_ms = DEADLINE_MS,
		.tcp_keepalive = true };
	for (size_t i = 0; i < FLOWS; i++) {
		responder_bind(&servers[i]);
		snprintf(endpoints[i], sizeof(endpoints[i]),
		    "http://127.0.0.1:%d", servers[i].port);
		flows[i] = (struct flow_config){ .name = TEXT("flow"),
			.destination = DESTINATION_STREAM,
			.target = TEXT("stream"),
			.wire = CONFIG_WIRE_CBOR,
			.endpoint = endpoints[i],
			.region = TEXT("eu-central-1"),
			.backoff_first_ms = 1,
			.backoff_max_ms = 20,
			.max_in_flight = 4 };
		memset(&stats[i], 0, sizeof(stats[i]));
	}
	numbered = 0;
	list_init(&arrived);
	pool = pool_new(32 << 20, FLOWS, 1 << 20);
	return pool != NULL && handoff_init(&home) == 0 ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	if (ship != NULL)
		ship_stop(ship);
	ship_free(ship);
	ship = NULL;
	for (size_t i = 0; i < FLOWS; i++) {
		responder_end(&servers[i]);
		responder_free(&servers[i]);
	}
	struct list_node back, *node;

	list_init(&back);
	handoff_take(&home, &back);
	while ((node = list_take_first(&back)) != NULL) {
		struct batch *b = batch_of(node);

		batch_free(&b);
	}
	handoff_fini(&home);
	pool_free(pool);
	return 0;
}

static void
start(void)
{
	ship = ship_new(&config, stats, &home);
	assert_non_null(ship);
	assert_int_equal(ship_start(ship), 0);
}

/* Give the ship a batch of `count` records for `flow`: "record 0" and on. */
static void
send_batch(size_t flow, unsigned count)
{
	const struct api *api = api_of(&flows[flow]);
	struct batch *b = batch_new(pool, flow, api, 500, 4 << 20);
	char text[32];

	assert_non_null(b);
	for (unsigned i = 0; i < count; i++) {
		snprintf(text, sizeof(text), "record %u", numbered++);
		assert_int_equal(batch_append(b, span_str(text),
				     batch_key_of(span_str("key"))),
		    BATCH_TAKEN);
	}
	batch_seal(b);
	batch_send(ship_inbox(ship), &b);
}

/* Wait until `count` batches are home, all with `outcome`. */
static void
await(size_t count, enum batch_outcome outcome)
{
	int64_t deadline = clock_ms() + DEADLINE_MS;
	struct pollfd fd = { .fd = handoff_fd(&home), .events = POLLIN };
	struct list_node back, *node;

	list_init(&back);
	while (count > 0) {
		assert_true(clock_ms() < deadline);
		poll(&fd, 1, 100);
		handoff_take(&home, &back);
		while ((node = list_take_first(&back)) != NULL) {
			struct batch *b = batch_of(node);

			assert_int_equal(b->outcome, outcome);
			if (outcome == BATCH_DELIVERED)
				assert_int_equal(b->pending_count, 0);
			batch_free(&b);
			assert_true(count > 0);
			count--;
		}
	}
}

static size_t
times_kept(const struct responder *r, unsigned number)
{
	char text[32];
	size_t times = 0;

	snprintf(text, sizeof(text), "record %u", number);
	for (size_t i = 0; i < r->kept_count; i++)
		times += strcmp(r->kept[i], text) == 0;
	return times;
}

static void
assert_each_kept(struct responder *r, size_t times)
{
	pthread_mutex_lock(&r->lock);
	for (unsigned i = 0; i < numbered; i++)
		assert_int_equal(times_kept(r, i), times);
	pthread_mutex_unlock(&r->lock);
}

static void
a_batch_is_delivered_and_comes_home(void **state)
{
	(void)state;
	responder_listen(&servers[0]);
	start();
	send_batch(0, 500);
	await(1, BATCH_DELIVERED);
	assert_each_kept(&servers[0], 1);
	assert_int_equal(stats_get(&stats[0].requests), 1);
	assert_int_equal(stats_get(&stats[0].records_sent), 500);
	assert_int_equal(stats_get(&stats[0].requests_failed), 0);
}

static void
firehose_takes_the_same_way(void **state)
{
	(void)state;
	flows[0].destination = DESTINATION_FIREHOSE;
	flows[0].wire = CONFIG_WIRE_JSON;
	responder_listen(&servers[0]);
	responder_cue(&servers[0], (struct cue){ .play = PLAY_EVERY_THIRD });
	start();
	send_batch(0, 100);
	await(1, BATCH_DELIVERED);
	assert_each_kept(&servers[0], 1);
	assert_non_null(strstr(servers[0].head,
	    "X-Amz-Target: Firehose_20150804.PutRecordBatch\r\n"));
	assert_non_null(
	    strstr(servers[0].head, "/eu-central-1/firehose/aws4_request"));
}

static void
a_request_says_what_aws_needs_and_nothing_else(void **state)
{
	(void)state;
	char host[64];

	config.session_token = TEXT("session/token=");
	config.user_agent = TEXT("mine/1");
	responder_listen(&servers[0]);
	start();
	send_batch(0, 1);
	await(1, BATCH_DELIVERED);
	const char *head = servers[0].head;

	snprintf(
	    host, sizeof(host), "\r\nHost: 127.0.0.1:%d\r\n", servers[0].port);
	assert_int_equal(strncmp(head, "POST / HTTP/1.1\r\n", 17), 0);
	assert_non_null(strstr(head, host));
	assert_non_null(
	    strstr(head, "\r\nContent-Type: application/x-amz-cbor-1.1\r\n"));
	assert_non_null(
	    strstr(head, "\r\nX-Amz-Target: Kinesis_20131202.PutRecords\r\n"));
	assert_non_null(
	    strstr(head, "\r\nX-Amz-Security-Token: session/token=\r\n"));
	assert_non_null(strstr(head, "\r\nUser-Agent: mine/1 kinesis-agent/"));
	assert_non_null(strstr(head,
	    "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;"
	    "x-amz-target, Signature="));
	assert_null(strcasestr(head, "\r\nExpect:"));
	assert_null(strcasestr(head, "\r\nAccept:"));
	assert_null(strcasestr(head, "Transfer-Encoding:"));
}

static void
failed_records_alone_go_again(void **state)
{
	(void)state;
	responder_listen(&servers[0]);
	responder_cue(&servers[0], (struct cue){ .play = PLAY_EVERY_THIRD });
	responder_cue(&servers[0], (struct cue){ .play = PLAY_FAIL_ALL });
	responder_cue(&servers[0], (struct cue){ .play = PLAY_EVERY_THIRD });
	start();
	send_batch(0, 500);
	await(1, BATCH_DELIVERED);
	assert_each_kept(&servers[0], 1);
	assert_int_equal(stats_get(&stats[0].records_refused), 167 + 167 + 56);
	assert_int_equal(stats_get(&stats[0].requests), 4);
}

static void
a_lost_answer_sends_all_its_records_again(void **state)
{
	(void)state;
	static const enum play lost[] = { PLAY_LOST, PLAY_HALF, PLAY_GARBAGE,
		PLAY_EMPTY, PLAY_SHORT };
	size_t count = sizeof(lost) / sizeof(lost[0]);

	responder_listen(&servers[0]);
	for (size_t i = 0; i < count; i++)
		responder_cue(&servers[0], (struct cue){ .play = lost[i] });
	start();
	send_batch(0, 7);
	await(1, BATCH_DELIVERED);
	assert_each_kept(&servers[0], count + 1);
	assert_int_equal(stats_get(&stats[0].requests_failed), count);
}

static void
an_answer_that_breaks_off_after_its_verdict_counts(void **state)
{
	(void)state;
	responder_listen(&servers[0]);
	responder_cue(&servers[0], (struct cue){ .play = PLAY_EARLY });
	responder_cue(&servers[0], (struct cue){ .play = PLAY_COUNT_LAST });
	start();
	send_batch(0, 7);
	send_batch(0, 7);
	await(2, BATCH_DELIVERED);
	assert_each_kept(&servers[0], 1);
}

static void
whatever_is_refused_goes_again(void **state)
{
	(void)state;
#define REFUSAL(code, body, more)                                              \
	{                                                                      \
		.play = PLAY_ERROR, .status = (code), .text = (body),          \
		.header = (more)                                               \
	}
#define NAMED(name) REFUSAL(400, "{\"__type\":\"" name "\"}", NULL)
	static const struct cue refusals[] = {
		NAMED("ProvisionedThroughputExceededException"),
		NAMED("ValidationException"),
		NAMED("SerializationException"),
		NAMED("com.amazonaws.kinesis.v20131202#"
		      "ResourceNotFoundException"),
		NAMED("KMSAccessDeniedException"),
		NAMED("KMSDisabledException"),
		NAMED("KMSInvalidStateException"),
		NAMED("KMSNotFoundException"),
		NAMED("KMSOptInRequired"),
		NAMED("KMSThrottlingException"),
		NAMED("LimitExceededException"),
		REFUSAL(500, "{\"__type\":\"InternalFailure\"}", NULL),
		REFUSAL(503, "<html><title>503</title></html>", NULL),
		REFUSAL(500, "<E><Code>InternalFailure</Code></E>", NULL),
		REFUSAL(413, "", NULL),
		REFUSAL(400, "", "x-amzn-ErrorType: AccessDenied\r\n"),
		REFUSAL(302, "", "Location: http://127.0.0.1:1/\r\n"),
		REFUSAL(404, "", NULL),
		{ .play = PLAY_CLOSE },
	};
	size_t count = sizeof(refusals) / sizeof(refusals[0]);

	responder_listen(&servers[0]);
	for (size_t i = 0; i < count; i++)
		responder_cue(&servers[0], refusals[i]);
	start();
	send_batch(0, 10);
	await(1, BATCH_DELIVERED);
	assert_each_kept(&servers[0], 1);
	assert_int_equal(stats_get(&stats[0].requests_failed), count);
}

static void
a_server_that_does_not_answer_is_given_up(void **state)
{
	(void)state;
	config.socket_timeout_ms = 200;
	responder_listen(&servers[0]);
	responder_cue(&servers[0], (struct cue){ .play = PLAY_SILENT });
	start();
	send_batch(0, 10);
	await(1, BATCH_DELIVERED);
	assert_each_kept(&servers[0], 1);
	assert_int_equal(stats_get(&stats[0].requests_failed), 1);
}

static void
an_endpoint_that_is_down_is_waited_for(void **state)
{
	(void)state;
	int64_t deadline = clock_ms() + DEADLINE_MS;
	struct timespec moment = { 0, 1000000 };

	start();
	for (int i = 0; i < 10; i++)
		send_batch(0, 10);
	while (stats_get(&stats[0].requests_failed) < 5) {
		assert_true(clock_ms() < deadline);
		nanosleep(&moment, NULL);
	}
	/* What never left is not sent again. */
	assert_int_equal(stats_get(&stats[0].records_sent), 0);
	assert_int_equal(stats_get(&stats[0].records_again), 0);
	responder_listen(&servers[0]);
	await(10, BATCH_DELIVERED);
	assert_each_kept(&servers[0], 1);
	assert_int_equal(stats_get(&stats[0].records_sent), 100);
	assert_int_equal(stats_get(&stats[0].records_again), 0);
}

static void
a_date_beyond_the_calendar_is_none(void **state)
{
	(void)state;
	char year[17], *when;

	responder_listen(&servers[0]);
	responder_cue(&servers[0],
	    (struct cue){ .play = PLAY_ERROR,
		.status = 400,
		.text = "{\"__type\":\"InvalidSignatureException\","
			"\"message\":\"Signature expired: 1\"}",
		.header = "Date: Fri, 01 Jan 2147483647 00:00:00 GMT\r\n" });
	start();
	send_batch(0, 10);
	await(1, BATCH_DELIVERED);
	clock_basic(clock_wall_ms(), year);
	when = strstr(servers[0].head, "X-Amz-Date: ");
	assert_non_null(when);
	assert_memory_equal(when + 12, year, 4);
}

static void
an_endless_answer_is_not_listened_to(void **state)
{
	(void)state;
	responder_listen(&servers[0]);
	responder_cue(&servers[0], (struct cue){ .play = PLAY_ENDLESS });
	start();
	send_batch(0, 10);
	await(1, BATCH_DELIVERED);
	assert_each_kept(&servers[0], 1);
	assert_int_equal(stats_get(&stats[0].requests_failed), 1);
	assert_int_equal(stats_get(&stats[0].records_again), 10);
}

/* Counted where it happens: a batch that waits for its elders, or for its
 * answer, was sent once. */
static void
what_goes_out_a_second_time_is_counted_as_such(void **state)
{
	(void)state;
	responder_listen(&servers[0]);
	responder_cue(&servers[0], (struct cue){ .play = PLAY_EVERY_THIRD });
	start();
	send_batch(0, 100);
	await(1, BATCH_DELIVERED);
	assert_each_kept(&servers[0], 1);
	assert_int_equal(stats_get(&stats[0].records_sent), 134);
	assert_int_equal(stats_get(&stats[0].records_again), 34);
}

static void
one_in_flight_keeps_the_order_and_the_connection(void **state)
{
	(void)state;
	char text[32];

	flows[0].max_in_flight = 1;
	responder_listen(&servers[0]);
	start();
	for (int i = 0; i < 30; i++)
		send_batch(0, 5);
	await(30, BATCH_DELIVERED);
	assert_int_equal(servers[0].kept_count, numbered);
	for (unsigned i = 0; i < numbered; i++) {
		snprintf(text, sizeof(text), "record %u", i);
		assert_string_equal(servers[0].kept[i], text);
	}
	assert_int_equal(servers[0].line_count, 1);
}

static void
many_batches_share_a_few_connections(void **state)
{
	(void)state;
	responder_listen(&servers[0]);
	responder_listen(&servers[1]);
	start();
	for (int i = 0; i < 50; i++) {
		send_batch(0, 3);
		send_batch(1, 3);
	}
	await(100, BATCH_DELIVERED);
	assert_int_equal(
	    servers[0].kept_count + servers[1].kept_count, numbered);
	assert_in_range(servers[0].line_count, 1, flows[0].max_in_flight);
	assert_in_range(servers[1].line_count, 1, flows[1].max_in_flight);
}

static void
a_destination_that_hangs_holds_no_other_up(void **state)
{
	(void)state;
	flows[0].max_in_flight = 100;
	servers[0].usual = (struct cue){ .play = PLAY_SILENT };
	responder_listen(&servers[0]);
	responder_listen(&servers[1]);
	start();
	for (int i = 0; i < 20; i++)
		send_batch(0, 3);
	for (int i = 0; i < 20; i++)
		send_batch(1, 3);
	await(20, BATCH_DELIVERED);
	assert_int_equal(servers[1].kept_count, 60);
	assert_int_equal(servers[0].kept_count, 0);
}

/* Wait until `flow` has begun `count` requests; false: it does not, soon. */
static bool
begins(size_t flow, uint64_t count, int64_t within_ms)
{
	int64_t deadline = clock_ms() + within_ms;

	while (stats_get(&stats[flow].requests) < count) {
		if (clock_ms() > deadline)
			return false;
		poll(NULL, 0, 5);
	}
	return true;
}

static void
with_fewer_connections_than_flows_who_is_answered_goes_on(void **state)
{
	(void)state;
	flows[0].max_in_flight = 100;
	config.max_connections = 3;
	servers[0].usual = (struct cue){ .play = PLAY_SILENT };
	responder_listen(&servers[0]);
	responder_listen(&servers[1]);
	start();
	send_batch(1, 3);
	await(1, BATCH_DELIVERED);
	for (int i = 0; i < 20; i++)
		send_batch(0, 3);
	assert_true(begins(0, 2, DEADLINE_MS));
	assert_false(begins(0, 3, 300));
	for (int i = 0; i < 5; i++)
		send_batch(1, 3);
	await(5, BATCH_DELIVERED);
	assert_int_equal(servers[1].kept_count, 18);
}

static char credentials_path[] = "/tmp/ship-credentials-XXXXXX";

static void
write_credentials(const char *access_key)
{
	FILE *f = fopen(credentials_path, "w");

	assert(f != NULL);
	fprintf(f, "[default]\naws_access_key_id=%s\naws_secret_access_key=s\n",
	    access_key);
	fclose(f);
}

static void
replace_credentials(struct responder *r)
{
	(void)r;
	write_credentials("AKIDFRESH");
}

static void
expired_credentials_are_read_again_at_once(void **state)
{
	(void)state;
	config.access_key = NULL;
	config.secret_key = NULL;
	write_credentials("AKIDSTALE");
	setenv("AWS_SHARED_CREDENTIALS_FILE", credentials_path, 1);
	unsetenv("AWS_ACCESS_KEY_ID");
	unsetenv("AWS_PROFILE");
	/* Only at once is soon enough. */
	flows[0].backoff_first_ms = flows[0].backoff_max_ms = 3600 * 1000;
	responder_listen(&servers[0]);
	responder_cue(
	    &servers[0], (struct cue){ .play = PLAY_ERROR,
			     .status = 400,
			     .text = "{\"__type\":\"ExpiredTokenException\"}",
			     .before = replace_credentials });
	start();
	send_batch(0, 3);
	await(1, BATCH_DELIVERED);
	assert_each_kept(&servers[0], 1);
	assert_non_null(strstr(servers[0].head, "Credential=AKIDFRESH/"));
	unsetenv("AWS_SHARED_CREDENTIALS_FILE");
	unlink(credentials_path);
}

static void
a_wrong_clock_is_corrected_by_the_answers_date(void **state)
{
	(void)state;
	char date[128], when[17], want[64];
	time_t then = time(NULL) + 7 * 3600;
	struct tm tm;

	flows[0].backoff_first_ms = flows[0].backoff_max_ms = 3600 * 1000;
	strftime(date, sizeof(date), "Date: %a, %d %b %Y %H:%M:%S GMT\r\n",
	    gmtime_r(&then, &tm));
	responder_listen(&servers[0]);
	responder_cue(&servers[0],
	    (struct cue){ .play = PLAY_ERROR,
		.status = 400,
		.text = "{\"__type\":\"InvalidSignatureException\",\"message\":"
			"\"Signature expired: 1 is now earlier than 2\"}",
		.header = date });
	start();
	send_batch(0, 3);
	await(1, BATCH_DELIVERED);
	/* Signed in that hour, give or take a turn of it. */
	clock_basic((int64_t)then * 1000, when);
	snprintf(want, sizeof(want), "X-Amz-Date: %.11s", when);
	const char *found = strstr(servers[0].head, want);

	if (found == NULL) {
		clock_basic((int64_t)(then + 60) * 1000, when);
		snprintf(want, sizeof(want), "X-Amz-Date: %.11s", when);
		found = strstr(servers[0].head, want);
	}
	assert_non_null(found);
}

#define REFUSED(message)                                                       \
	"{\"__type\":\"ValidationException\",\"message\":\"" message "\"}"

static void
refuse(const char *poison, const char *body)
{
	responder_listen(&servers[0]);
	servers[0].usual = (struct cue){ .play = PLAY_POISON,
		.status = 400,
		.text = body,
		.poison = poison };
}

/* The next batch that comes home; the caller frees it. */
static struct batch *
homecomer(void)
{
	int64_t deadline = clock_ms() + DEADLINE_MS;
	struct pollfd fd = { .fd = handoff_fd(&home), .events = POLLIN };

	while (list_empty(&arrived)) {
		assert_true(clock_ms() < deadline);
		poll(&fd, 1, 100);
		handoff_take(&home, &arrived);
	}
	return batch_of(list_take_first(&arrived));
}

static unsigned
requests_of(struct responder *r)
{
	unsigned requests;

	pthread_mutex_lock(&r->lock);
	requests = r->requests;
	pthread_mutex_unlock(&r->lock);
	return requests;
}

static size_t
kept_by(struct responder *r)
{
	size_t kept;

	pthread_mutex_lock(&r->lock);
	kept = r->kept_count;
	pthread_mutex_unlock(&r->lock);
	return kept;
}

static void
wait_for_requests(struct responder *r, unsigned count)
{
	int64_t deadline = clock_ms() + DEADLINE_MS;

	while (requests_of(r) < count) {
		assert_true(clock_ms() < deadline);
		poll(NULL, 0, 1);
	}
}

static void
a_refused_record_is_found_and_the_rest_is_delivered_once(void **state)
{
	static const struct {
		const char *text;
		uint32_t number;
	} poisons[] = { { "record 137", 137 }, { "record 500", 0 },
		{ "record 1499", 499 } };

	(void)state;
	refuse(poisons[0].text, REFUSED("a record is no record"));
	start();
	for (size_t k = 0; k < 3; k++) {
		pthread_mutex_lock(&servers[0].lock);
		servers[0].usual.poison = poisons[k].text;
		servers[0].requests = 0;
		pthread_mutex_unlock(&servers[0].lock);
		send_batch(0, 500);
		struct batch *b = homecomer();

		assert_int_equal(b->outcome, BATCH_DELIVERED);
		assert_int_equal(letter_count(b), 1);
		assert_true(letter_is(b, poisons[k].number));
		assert_non_null(strstr(b->letters->reasons[0],
		    "400 ValidationException: a record is no record"));
		batch_free(&b);
		assert_in_range(requests_of(&servers[0]), 2, 22);
	}
	assert_int_equal(kept_by(&servers[0]), 3 * 499);
	pthread_mutex_lock(&servers[0].lock);
	for (unsigned i = 0; i < numbered; i++)
		assert_int_equal(times_kept(&servers[0], i),
		    i != 137 && i != 500 && i != 1499);
	pthread_mutex_unlock(&servers[0].lock);
}

static void
several_refused_records_are_found(void **state)
{
	(void)state;
	refuse("7", REFUSED("no sevens"));
	start();
	send_batch(0, 100);
	struct batch *b = homecomer();

	assert_int_equal(b->outcome, BATCH_DELIVERED);
	assert_int_equal(letter_count(b), 19);
	assert_true(letter_is(b, 7) && letter_is(b, 70) && letter_is(b, 97));
	assert_int_equal(kept_by(&servers[0]), 81);
	batch_free(&b);
}

/* As by an endpoint that does not read our format. */
static void
where_nothing_was_ever_accepted_no_record_is_given_up(void **state)
{
	(void)state;
	refuse("record", REFUSED("whatever you say"));
	start();
	send_batch(0, 10);
	wait_for_requests(&servers[0], 40);
	ship_stop(ship);
	struct batch *b = homecomer();

	assert_int_equal(b->outcome, BATCH_ABANDONED);
	assert_int_equal(letter_count(b), 0);
	batch_free(&b);
}

static void
where_nothing_is_accepted_any_longer_a_few_records_are_given_up(void **state)
{
	size_t dead = 0;

	(void)state;
	refuse("nothing", REFUSED("the proxy says no"));
	flows[0].max_in_flight = 1;
	start();
	send_batch(0, 1);
	await(1, BATCH_DELIVERED);
	pthread_mutex_lock(&servers[0].lock);
	servers[0].usual.poison = "record";
	pthread_mutex_unlock(&servers[0].lock);
	for (int i = 0; i < 4; i++)
		send_batch(0, 200);
	for (int i = 0; i < 2; i++) {
		struct batch *b = homecomer();

		assert_int_equal(b->outcome, BATCH_DELIVERED);
		dead += letter_count(b);
		batch_free(&b);
	}
	wait_for_requests(&servers[0], requests_of(&servers[0]) + 1000);
	ship_stop(ship);
	for (int i = 0; i < 2; i++) {
		struct batch *b = homecomer();

		assert_int_equal(b->outcome, BATCH_ABANDONED);
		dead += letter_count(b);
		batch_free(&b);
	}
	assert_int_equal(dead, BATCH_RECORDS);
}

static void
a_stream_that_cannot_be_named_so_is_waited_for_and_not_sifted(void **state)
{
	(void)state;
	refuse("record",
	    REFUSED("1 validation error detected: Value 'a b' at 'streamName' "
		    "failed to satisfy constraint"));
	start();
	send_batch(0, 10);
	wait_for_requests(&servers[0], 6);
	ship_stop(ship);
	await(1, BATCH_ABANDONED);
	assert_int_equal(stats_get(&stats[0].records_sent),
	    10 * stats_get(&stats[0].requests));
}

static void
a_lone_refused_record_waits_for_another_to_be_accepted(void **state)
{
	(void)state;
	refuse("record 0", REFUSED("not this one"));
	start();
	send_batch(0, 1);
	wait_for_requests(&servers[0], 3);
	send_batch(0, 1);
	for (int i = 0; i < 2; i++) {
		struct batch *b = homecomer();

		assert_int_equal(b->outcome, BATCH_DELIVERED);
		assert_int_equal(letter_count(b), i);
		batch_free(&b);
	}
}

/* Of its size: no record of it is guilty. */
static void
a_request_that_is_too_large_goes_in_parts(void **state)
{
	(void)state;
	responder_listen(&servers[0]);
	for (int i = 0; i < 3; i++)
		responder_cue(&servers[0], (struct cue){ .play = PLAY_ERROR,
					       .status = 413,
					       .text = "<html>large</html>" });
	start();
	send_batch(0, 100);
	await(1, BATCH_DELIVERED);
	assert_each_kept(&servers[0], 1);
}

static void
stopping_brings_every_batch_home(void **state)
{
	(void)state;
	int64_t began;

	servers[0].usual = (struct cue){ .play = PLAY_SILENT };
	responder_listen(&servers[0]);
	start();
	for (int i = 0; i < 10; i++) {
		send_batch(0, 3);
		send_batch(1, 3);
	}
	began = clock_ms();
	ship_stop(ship);
	assert_true(clock_ms() - began < 5000);
	await(20, BATCH_ABANDONED);
}

static void
stopping_before_starting_brings_every_batch_home(void **state)
{
	(void)state;
	ship = ship_new(&config, stats, &home);
	assert_non_null(ship);
	send_batch(0, 3);
	ship_stop(ship);
	await(1, BATCH_ABANDONED);
}

static void
a_batch_without_records_comes_home_at_once(void **state)
{
	(void)state;
	start();
	send_batch(0, 0);
	await(1, BATCH_DELIVERED);
	assert_int_equal(stats_get(&stats[0].requests), 0);
}

static void
without_credentials_it_does_not_begin(void **state)
{
	(void)state;
	config.access_key = NULL;
	unsetenv("AWS_ACCESS_KEY_ID");
	setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent/c", 1);
	setenv("AWS_CONFIG_FILE", "/nonexistent/c", 1);
	assert_null(ship_new(&config, stats, &home));
	unsetenv("AWS_SHARED_CREDENTIALS_FILE");
	unsetenv("AWS_CONFIG_FILE");
}

static void
without_certificates_to_trust_it_does_not_begin(void **state)
{
	(void)state;
	flows[1].endpoint = TEXT("https://127.0.0.1:1");
	config.ca_file = TEXT("/dev/null");
	assert_null(ship_new(&config, stats, &home));
	config.ca_file = TEXT("/nonexistent/ca.pem");
	assert_null(ship_new(&config, stats, &home));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_refused_record_is_found_and_the_rest_is_delivered_once),
		TEST(several_refused_records_are_found),
		TEST(where_nothing_was_ever_accepted_no_record_is_given_up),
		TEST(
		    where_nothing_is_accepted_any_longer_a_few_records_are_given_up),
		TEST(
		    a_stream_that_cannot_be_named_so_is_waited_for_and_not_sifted),
		TEST(a_lone_refused_record_waits_for_another_to_be_accepted),
		TEST(a_request_that_is_too_large_goes_in_parts),
		TEST(a_batch_is_delivered_and_comes_home),
		TEST(firehose_takes_the_same_way),
		TEST(a_request_says_what_aws_needs_and_nothing_else),
		TEST(failed_records_alone_go_again),
		TEST(a_lost_answer_sends_all_its_records_again),
		TEST(an_answer_that_breaks_off_after_its_verdict_counts),
		TEST(whatever_is_refused_goes_again),
		TEST(a_server_that_does_not_answer_is_given_up),
		TEST(an_endpoint_that_is_down_is_waited_for),
		TEST(one_in_flight_keeps_the_order_and_the_connection),
		TEST(many_batches_share_a_few_connections),
		TEST(a_destination_that_hangs_holds_no_other_up),
		TEST(with_fewer_connections_than_flows_who_is_answered_goes_on),
		TEST(expired_credentials_are_read_again_at_once),
		TEST(a_wrong_clock_is_corrected_by_the_answers_date),
		TEST(a_date_beyond_the_calendar_is_none),
		TEST(an_endless_answer_is_not_listened_to),
		TEST(what_goes_out_a_second_time_is_counted_as_such),
		TEST(stopping_brings_every_batch_home),
		TEST(stopping_before_starting_brings_every_batch_home),
		TEST(a_batch_without_records_comes_home_at_once),
		TEST(without_credentials_it_does_not_begin),
		TEST(without_certificates_to_trust_it_does_not_begin),
	};
	int fd = mkstemp(credentials_path);

	setenv("AWS_EC2_METADATA_DISABLED", "true", 1);

	if (fd < 0 || digest_setup() != 0)
		return 1;
	close(fd);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	unlink(credentials_path);
	return failed;
}
