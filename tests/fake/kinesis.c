/* SPDX-License-Identifier: Apache-2.0
 *
 * kinesis: PutRecords, with AWS's limits and AWS's words.
 *
 * A request is read in place, checked whole, and only then meets the script
 * of faults: a fault is never used up by a request that AWS would refuse.
 * Sequence numbers are given and lines stored under the stream's lock, so
 * that both grow in one order.
 *
 * Thread: the connection's. Per record nothing is allocated.
 */
#include "kinesis.h"

#include <stdio.h>
#include <string.h>

#include "cbor.h"
#include "json.h"
#include "later.h"
#include "sandbox.h"

#define RECORD_BYTES_MAX (10 * 1024 * 1024)

static bool
invalid(struct answer *a, size_t record, const char *value, const char *member,
    const char *must)
{
	answer_error(a, 400, "ValidationException",
	    "1 validation error detected: Value %s at 'records.%zu.member.%s' "
	    "failed to satisfy constraint: Member must %s",
	    value, record + 1, member, must);
	return false;
}

static bool
check_key(const struct record *r, size_t i, struct answer *a)
{
	size_t characters = r->key.length;

	if (r->key.at == NULL)
		return invalid(a, i, "null", "partitionKey", "not be null");
	if (r->key.length == 0)
		return invalid(a, i, "''", "partitionKey",
		    "have length greater than or equal to 1");
	if (r->key.length <= PUT_KEY_MAX)
		return true;
	if (!json_utf8(r->key, &characters) || characters > PUT_KEY_MAX)
		return invalid(a, i, "'...'", "partitionKey",
		    "have length less than or equal to 256");
	return true;
}

/* A hash key in decimal, without leading noughts, below 2^128. */
static bool
read_hash_key(struct record *r, size_t i, struct answer *a)
{
	const struct span text = r->hash_text;
	digest_hash_key value = 0;

	for (size_t at = 0; at < text.length; at++) {
		uint8_t c = text.at[at];

		if (c < '0' || c > '9' ||
		    (c == '0' && at == 0 && text.length > 1))
			return invalid(a, i, "'...'", "explicitHashKey",
			    "satisfy regular expression pattern: "
			    "0|([1-9]\\d{0,38})");
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, c - '0', &value)) {
			answer_error(a, 400, "InvalidArgumentException",
			    "Invalid ExplicitHashKey. ExplicitHashKey must be "
			    "in the range: [0, 2^128-1]. Specified value was "
			    "%.*s",
			    (int)(text.length < 64 ? text.length : 64),
			    (const char *)text.at);
			return false;
		}
	}
	if (text.length == 0)
		return invalid(a, i, "''", "explicitHashKey",
		    "have length greater than or equal to 1");
	r->hash = value;
	return true;
}

static bool
check_size(const struct record *r, size_t i, size_t most, struct answer *a)
{
	if (r->data.length > RECORD_BYTES_MAX)
		return invalid(a, i, "java.nio.HeapByteBuffer", "data",
		    "have length less than or equal to 10485760");
	if (r->data.length + r->key.length <= most)
		return true;
	answer_error(a, 400, "InvalidArgumentException",
	    "Record %zu of %zu bytes, partition key included, exceeds the "
	    "stream's maximum record size of %zu bytes",
	    i + 1, r->data.length + r->key.length, most);
	return false;
}

static bool
check_records(struct exchange *x, size_t record_bytes)
{
	struct put *p = &x->put;
	size_t total = 0;

	for (size_t i = 0; i < p->count; i++) {
		struct record *r = &p->records[i];

		if (!check_key(r, i, &x->answer) ||
		    !check_size(r, i, record_bytes, &x->answer))
			return false;
		if (r->hash_text.at != NULL && !read_hash_key(r, i, &x->answer))
			return false;
		total += r->data.length + r->key.length;
	}
	if (total <= x->sandbox->request_bytes)
		return true;
	answer_error(&x->answer, 400, "InvalidArgumentException",
	    "Records size exceeds %zu MB limit",
	    x->sandbox->request_bytes >> 20);
	return false;
}

/* Hash the keys of the `count` records, which fit a lane each. */
static void
hash_lanes(struct record *const records[DIGEST_LANES], size_t count)
{
	struct span keys[DIGEST_LANES] = { 0 };
	digest_hash_key hashes[DIGEST_LANES];

	for (size_t i = 0; i < count; i++)
		keys[i] = records[i]->key;
	digest_md5_lanes(keys, hashes);
	for (size_t i = 0; i < count; i++)
		records[i]->hash = hashes[i];
}

/* Every record without a hash key of its own gets its partition key's. */
static void
hash_keys(struct put *p)
{
	struct record *lanes[DIGEST_LANES];
	size_t waiting = 0;

	for (size_t i = 0; i < p->count; i++) {
		struct record *r = &p->records[i];

		if (r->hash_text.at != NULL)
			continue;
		if (r->key.length > DIGEST_LANE_MAX) {
			r->hash = digest_md5(r->key.at, r->key.length);
			continue;
		}
		lanes[waiting++] = r;
		if (waiting == DIGEST_LANES) {
			hash_lanes(lanes, waiting);
			waiting = 0;
		}
	}
	if (waiting > 0)
		hash_lanes(lanes, waiting);
}

static struct stream *
find_stream(struct exchange *x)
{
	struct span name = x->put.stream;
	struct stream *st = streams_find(&x->sandbox->streams, name);

	if (st == NULL)
		answer_error(&x->answer, 400, "ResourceNotFoundException",
		    "Stream %.*s under account 123456789012 not found.",
		    (int)name.length, (const char *)name.at);
	return st;
}

/* Settle every record's outcome; the number of the first. */
static uint64_t
take_records(struct exchange *x, struct stream *st)
{
	struct sandbox *s = x->sandbox;
	uint64_t first;

	pthread_mutex_lock(&st->lock);
	stream_place(st, &x->put, later_now_us());
	first = stream_numbers(st, x->put.count);
	if (store_keeps(&s->store))
		store_append(&s->store, st->name, &x->put, first, false);
	pthread_mutex_unlock(&st->lock);
	return first;
}

static size_t
count_outcomes(struct exchange *x)
{
	size_t counts[4] = { 0 };

	for (size_t i = 0; i < x->put.count; i++)
		counts[x->put.records[i].outcome]++;
	x->sandbox->stats.accepted_records += counts[OUTCOME_TAKEN];
	x->sandbox->stats.throttled_records += counts[OUTCOME_THROTTLED];
	x->sandbox->stats.failed_records += counts[OUTCOME_FAILED];
	x->sandbox->stats.failed_records += counts[OUTCOME_REFUSED];
	return x->put.count - counts[OUTCOME_TAKEN];
}

/* An entry of the answer for a record that was taken, with holes for the
 * number and the shard: the same bytes 500 times. */
struct mould {
	const char *head, *middle, *tail;
	size_t head_length, middle_length, tail_length;
};

#define MOULD(head, middle, tail)                                              \
	{                                                                      \
		head, middle, tail, sizeof(head) - 1, sizeof(middle) - 1,      \
		    sizeof(tail) - 1                                           \
	}

static const struct mould moulds[] = {
	[FORMAT_JSON] =
	    MOULD("{\"SequenceNumber\":\"", "\",\"ShardId\":\"", "\"}"),
	[FORMAT_CBOR] =
	    MOULD("\xa2\x6eSequenceNumber\x78\x38", "\x67ShardId\x74", ""),
};

static void
write_taken(
    struct bytes *b, const struct mould *m, const char *number, uint32_t shard)
{
	uint8_t *to = b->at + b->length;

	memcpy(to, m->head, m->head_length);
	to += m->head_length;
	memcpy(to, number, STREAM_NUMBER_WIDTH);
	to += STREAM_NUMBER_WIDTH;
	memcpy(to, m->middle, m->middle_length);
	to += m->middle_length;
	stream_write_shard(shard, (char *)to);
	to += STREAM_SHARD_WIDTH;
	memcpy(to, m->tail, m->tail_length);
	to += m->tail_length;
	b->length = (size_t)(to - b->at);
}

static void
write_failed(struct exchange *x, const struct record *r)
{
	struct bytes *b = &x->answer.body;
	const char *code = "InternalFailure";
	char message[320] = "Internal Service Failure";
	char shard[STREAM_SHARD_WIDTH];

	if (r->outcome == OUTCOME_REFUSED) {
		code = "InvalidArgumentException";
		snprintf(message, sizeof(message), "The record is refused.");
	}
	if (r->outcome == OUTCOME_THROTTLED) {
		code = "ProvisionedThroughputExceededException";
		stream_write_shard(r->shard, shard);
		snprintf(message, sizeof(message),
		    "Rate exceeded for shard %.*s in stream %.*s under "
		    "account 123456789012.",
		    STREAM_SHARD_WIDTH, shard, (int)x->put.stream.length,
		    (const char *)x->put.stream.at);
	}
	if (x->answer.format == FORMAT_CBOR) {
		cbor_put_head(b, CBOR_MAP, 2);
		cbor_put_text(b, "ErrorCode", 9);
		cbor_put_text(b, code, strlen(code));
		cbor_put_text(b, "ErrorMessage", 12);
		cbor_put_text(b, message, strlen(message));
		return;
	}
	bytes_format(
	    b, "{\"ErrorCode\":\"%s\",\"ErrorMessage\":\"%s\"}", code, message);
}

static void
write_entries(struct exchange *x, uint64_t first, size_t entries)
{
	bool json = x->answer.format == FORMAT_JSON;
	const struct mould *m = &moulds[x->answer.format];
	struct bytes *b = &x->answer.body;
	char number[STREAM_NUMBER_WIDTH];

	stream_write_number(first, number);
	/* One taken record's entry is at most this long. */
	if (!bytes_reserve(b, entries * 160 + 64))
		return;
	for (size_t i = 0; i < entries; i++, stream_next_number(number)) {
		const struct record *r = &x->put.records[i];

		if (json && i > 0)
			bytes_put(b, ",", 1);
		if (r->outcome != OUTCOME_TAKEN) {
			write_failed(x, r);
			if (!bytes_reserve(b, (entries - i) * 160 + 64))
				return;
			continue;
		}
		write_taken(b, m, number, r->shard);
	}
}

static void
write_answer(struct exchange *x, uint64_t first, size_t failed, bool one_short)
{
	struct bytes *b = &x->answer.body;
	size_t entries = x->put.count - (one_short ? 1 : 0);

	if (x->answer.format == FORMAT_CBOR) {
		cbor_put_head(b, CBOR_MAP, 2);
		cbor_put_text(b, "FailedRecordCount", 17);
		cbor_put_head(b, CBOR_UINT, failed);
		cbor_put_text(b, "Records", 7);
		cbor_put_head(b, CBOR_ARRAY, entries);
		write_entries(x, first, entries);
		return;
	}
	bytes_format(b, "{\"FailedRecordCount\":%zu,\"Records\":[", failed);
	write_entries(x, first, entries);
	bytes_text(b, "]}");
}

static void
put_records(struct exchange *x, struct stream *st)
{
	struct fault fault = faults_pick(&x->sandbox->faults, &x->put);
	uint64_t first;

	if (faults_instead(&fault, x->put.stream, false, &x->answer))
		return;
	faults_mark(&fault, &x->put);
	hash_keys(&x->put);
	first = take_records(x, st);
	write_answer(
	    x, first, count_outcomes(x), fault.kind == FAULT_WRONG_COUNT);
	faults_spoil(&fault, &x->answer);
}

void
kinesis_put_records(struct exchange *x)
{
	struct stream *st;
	size_t record_bytes;

	x->answer.refused = true;
	if (!put_read(&x->put, &x->request, false, &x->answer) ||
	    !put_check(&x->put, false, &x->answer) ||
	    !issue_lets_write(&x->sandbox->issue, x->put.stream, &x->caller,
		"kinesis:PutRecords", &x->answer))
		return;
	st = find_stream(x);
	if (st == NULL)
		return;
	pthread_mutex_lock(&st->lock);
	record_bytes = st->record_bytes;
	pthread_mutex_unlock(&st->lock);
	if (!check_records(x, record_bytes))
		return;
	x->answer.refused = false;
	put_records(x, st);
}

void
kinesis_describe_stream_summary(struct exchange *x)
{
	struct put *p = &x->put;
	struct stream *st;

	x->answer.refused = true;
	if (x->answer.format != FORMAT_JSON) {
		answer_error(&x->answer, 400, "UnknownOperationException",
		    "Only in JSON here");
		return;
	}
	if (!put_read(p, &x->request, false, &x->answer) ||
	    !put_check_stream(p, false, &x->answer))
		return;
	st = find_stream(x);
	if (st == NULL)
		return;
	pthread_mutex_lock(&st->lock);
	if (st->describable) {
		x->answer.refused = false;
		bytes_format(&x->answer.body,
		    "{\"StreamDescriptionSummary\":{\"EncryptionType\":"
		    "\"NONE\",\"EnhancedMonitoring\":[{"
		    "\"ShardLevelMetrics\":[]}],\"MaxRecordSizeInKiB\":%zu,"
		    "\"OpenShardCount\":%u,\"RetentionPeriodHours\":24,"
		    "\"StreamCreationTimestamp\":1.7953E9,"
		    "\"StreamStatus\":\"ACTIVE\"}}",
		    st->record_bytes / 1024, st->shard_count);
	} else {
		answer_error(&x->answer, 400, "AccessDeniedException",
		    "User is not authorized to perform: "
		    "kinesis:DescribeStreamSummary");
	}
	pthread_mutex_unlock(&st->lock);
}
