/* SPDX-License-Identifier: Apache-2.0
 *
 * firehose: PutRecordBatch, with AWS's limits and AWS's words.
 *
 * The same way through as PutRecords; what differs is that there are no keys
 * and no shards, that only JSON is spoken, and the names of things.
 *
 * Thread: the connection's.
 */
#include "firehose.h"

#include "later.h"
#include "sandbox.h"

#define RECORD_BYTES_MAX (1000 * 1024)
#define BATCH_BYTES_MAX  (4 * 1024 * 1024)

/* A record's id is about this long in life. */
#define ID_FILL                                                                \
	"wKeeoCrTgEJZLDGQyGVDIkqZTsGsYFbwBvRkrPeyzXmCQJnUxqHfoLtVjWiAaMKdS0b"  \
	"E3cp8h2NgT5u7i9lR1Xr4D6sQfPyZ0OwGvJmKtBxUeHqCnLzAaVdMkFjSoTgEiYbRpWh" \
	"N3c5u7X9l1D2r4Q6sGfPyZ8OwJvKmBt"

static bool
check_sizes(struct exchange *x)
{
	size_t total = 0;

	for (size_t i = 0; i < x->put.count; i++) {
		size_t length = x->put.records[i].data.length;

		total += length;
		if (length <= RECORD_BYTES_MAX)
			continue;
		answer_error(&x->answer, 400, "ValidationException",
		    "1 validation error detected: Value at 'records.%zu."
		    "member.data' failed to satisfy constraint: Member must "
		    "have length less than or equal to 1024000",
		    i + 1);
		return false;
	}
	if (total <= BATCH_BYTES_MAX)
		return true;
	answer_error(&x->answer, 400, "InvalidArgumentException",
	    "Records size exceeds 4 MB limit");
	return false;
}

static struct stream *
find_stream(struct exchange *x)
{
	struct span name = x->put.stream;
	struct stream *st = streams_find(&x->sandbox->streams, name);

	if (st == NULL)
		answer_error(&x->answer, 400, "ResourceNotFoundException",
		    "Firehose %.*s under account 123456789012 not found.",
		    (int)name.length, (const char *)name.at);
	return st;
}

static uint64_t
take_records(struct exchange *x, struct stream *st)
{
	struct sandbox *s = x->sandbox;
	uint64_t first;

	pthread_mutex_lock(&st->lock);
	first = stream_numbers(st, x->put.count);
	if (store_keeps(&s->store))
		store_append(&s->store, st->name, &x->put, first, true);
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

static void
write_entry(struct bytes *b, enum outcome outcome, uint64_t number)
{
	static const char head[] = "{\"RecordId\":\"" ID_FILL;
	static const char tail[] = "\"}";
	char digits[STREAM_NUMBER_WIDTH];

	if (outcome == OUTCOME_TAKEN) {
		stream_write_number(number, digits);
		bytes_put(b, head, sizeof(head) - 1);
		bytes_put(b, digits, sizeof(digits));
		bytes_put(b, tail, sizeof(tail) - 1);
	} else if (outcome == OUTCOME_THROTTLED) {
		bytes_text(b, "{\"ErrorCode\":\"ServiceUnavailableException\","
			      "\"ErrorMessage\":\"Slow down.\"}");
	} else if (outcome == OUTCOME_REFUSED) {
		bytes_text(b, "{\"ErrorCode\":\"InvalidArgumentException\","
			      "\"ErrorMessage\":\"The record is refused.\"}");
	} else {
		bytes_text(b, "{\"ErrorCode\":\"InternalFailure\","
			      "\"ErrorMessage\":\"Internal Service Failure\"}");
	}
}

static void
write_answer(struct exchange *x, uint64_t first, size_t failed, bool one_short)
{
	struct bytes *b = &x->answer.body;
	size_t entries = x->put.count - (one_short ? 1 : 0);

	bytes_format(b,
	    "{\"FailedPutCount\":%zu,\"Encrypted\":false,"
	    "\"RequestResponses\":[",
	    failed);
	for (size_t i = 0; i < entries; i++) {
		if (i > 0)
			bytes_put(b, ",", 1);
		write_entry(b, x->put.records[i].outcome, first + i);
	}
	bytes_text(b, "]}");
}

static void
put_batch(struct exchange *x, struct stream *st)
{
	struct fault fault = faults_pick(&x->sandbox->faults, &x->put);
	uint64_t first;

	if (faults_instead(&fault, x->put.stream, true, &x->answer))
		return;
	faults_mark(&fault, &x->put);
	first = take_records(x, st);
	write_answer(
	    x, first, count_outcomes(x), fault.kind == FAULT_WRONG_COUNT);
	faults_spoil(&fault, &x->answer);
}

void
firehose_put_record_batch(struct exchange *x)
{
	struct stream *st;

	x->answer.refused = true;
	if (x->answer.format != FORMAT_JSON) {
		answer_error(&x->answer, 400, "SerializationException",
		    "Firehose speaks JSON");
		return;
	}
	if (!put_read(&x->put, &x->request, true, &x->answer) ||
	    !put_check(&x->put, true, &x->answer) ||
	    !issue_lets_write(&x->sandbox->issue, x->put.stream, &x->caller,
		"firehose:PutRecordBatch", &x->answer))
		return;
	st = find_stream(x);
	if (st == NULL || !check_sizes(x))
		return;
	x->answer.refused = false;
	put_batch(x, st);
}
