/* SPDX-License-Identifier: Apache-2.0
 *
 * put: see put.h. The members of a request and of a record are tables, so
 * that both formats and both services share one way through the body.
 * Members nobody knows are passed over, as AWS does.
 *
 * Thread: the connection's. Allocates nothing.
 */
#include "put.h"

#include <stddef.h>

#include "cbor.h"
#include "json.h"

struct member {
	const char *name;
	size_t at; /* offsetof a span in struct record */
	bool data; /* bytes in CBOR, base64 in JSON */
};

static const struct member record_members[] = {
	{ "Data", offsetof(struct record, data), true },
	{ "PartitionKey", offsetof(struct record, key), false },
	{ "ExplicitHashKey", offsetof(struct record, hash_text), false },
};

static const struct member *
member_named(struct span name)
{
	for (size_t i = 0; i < 3; i++)
		if (span_is(name, record_members[i].name))
			return &record_members[i];
	return NULL;
}

static struct span *
member_of(struct record *r, const struct member *m)
{
	return (struct span *)(void *)((char *)r + m->at);
}

/* Where the next record goes: one past the last place is a spare, which keeps
 * the count of a request with too many right. */
static struct record *
next_record(struct put *p, struct record *spare)
{
	struct record *r =
	    p->count < PUT_RECORDS_MAX ? &p->records[p->count] : spare;

	p->count++;
	r->data = r->key = r->hash_text = (struct span){ NULL, 0 };
	return r;
}

static struct span *
name_member(struct put *p, struct span name, bool firehose)
{
	if (firehose)
		return span_is(name, "DeliveryStreamName") ? &p->stream : NULL;
	if (span_is(name, "StreamName"))
		return &p->stream;
	return span_is(name, "StreamARN") ? &p->arn : NULL;
}

static bool
text_is_utf8(struct span s)
{
	size_t characters;

	return json_utf8(s, &characters);
}

static bool
cbor_record(struct cbor *c, struct record *r)
{
	struct cbor_items items;
	const struct member *m;
	struct span name;

	if (!cbor_enter(c, CBOR_MAP, &items))
		return false;
	while (cbor_more(c, &items)) {
		if (!cbor_string(c, CBOR_TEXT, &name))
			return false;
		m = member_named(name);
		if (m == NULL) {
			if (!cbor_skip(c))
				return false;
			continue;
		}
		if (cbor_null(c))
			continue;
		if (!cbor_string(
			c, m->data ? CBOR_BYTES : CBOR_TEXT, member_of(r, m)))
			return false;
		if (!m->data && !text_is_utf8(*member_of(r, m)))
			return false;
	}
	return true;
}

static bool
cbor_records(struct cbor *c, struct put *p)
{
	struct cbor_items items;
	struct record spare;

	if (cbor_null(c))
		return true;
	if (!cbor_enter(c, CBOR_ARRAY, &items))
		return false;
	p->has_records = true;
	while (cbor_more(c, &items))
		if (!cbor_record(c, next_record(p, &spare)))
			return false;
	return true;
}

static bool
cbor_put(struct cbor *c, struct put *p)
{
	struct cbor_items items;
	struct span name, *text;
	bool good;

	if (!cbor_enter(c, CBOR_MAP, &items))
		return false;
	while (cbor_more(c, &items)) {
		if (!cbor_string(c, CBOR_TEXT, &name))
			return false;
		text = name_member(p, name, false);
		if (span_is(name, "Records"))
			good = cbor_records(c, p);
		else if (text != NULL)
			good =
			    cbor_null(c) || (cbor_string(c, CBOR_TEXT, text) &&
						text_is_utf8(*text));
		else
			good = cbor_skip(c);
		if (!good)
			return false;
	}
	return c->at == c->end;
}

static bool
json_record(struct json *j, struct record *r)
{
	struct json_items items;
	const struct member *m;
	struct span name;

	if (!json_enter(j, '{', &items))
		return false;
	while (json_more(j, &items)) {
		if (!json_name(j, &name))
			return false;
		m = member_named(name);
		if (m == NULL) {
			if (!json_skip(j))
				return false;
			continue;
		}
		if (json_null(j))
			continue;
		if (!json_string(j, member_of(r, m)))
			return false;
		if (m->data && !json_base64(member_of(r, m)))
			return false;
	}
	return !items.broken;
}

static bool
json_records(struct json *j, struct put *p)
{
	struct json_items items;
	struct record spare;

	if (json_null(j))
		return true;
	if (!json_enter(j, '[', &items))
		return false;
	p->has_records = true;
	while (json_more(j, &items))
		if (!json_record(j, next_record(p, &spare)))
			return false;
	return !items.broken;
}

static bool
json_put(struct json *j, struct put *p, bool firehose)
{
	struct json_items items;
	struct span name, *text;
	bool good;

	if (!json_enter(j, '{', &items))
		return false;
	while (json_more(j, &items)) {
		if (!json_name(j, &name))
			return false;
		text = name_member(p, name, firehose);
		if (span_is(name, "Records"))
			good = json_records(j, p);
		else if (text != NULL)
			good = json_null(j) || json_string(j, text);
		else
			good = json_skip(j);
		if (!good)
			return false;
	}
	return !items.broken && json_ended(j);
}

bool
put_read(struct put *p, struct request *r, bool firehose, struct answer *answer)
{
	uint8_t *end = r->body.at + r->body.length;
	struct cbor cbor = { r->body.at, end };
	struct json json = { r->body.at, end };
	bool good;

	p->stream = p->arn = (struct span){ NULL, 0 };
	p->count = 0;
	p->has_records = false;
	if (r->body.length == 0)
		good = false;
	else if (answer->format == FORMAT_CBOR)
		good = cbor_put(&cbor, p);
	else
		good = json_put(&json, p, firehose);
	if (!good)
		answer_error(answer, 400, "SerializationException",
		    "The body is not what its Content-Type and this action "
		    "call for, near byte %zd",
		    (answer->format == FORMAT_CBOR ? cbor.at : json.at) -
			r->body.at);
	return good;
}

static bool
name_is_valid(struct span name)
{
	if (name.length < 1 || name.length > PUT_NAME_MAX)
		return false;
	for (size_t i = 0; i < name.length; i++) {
		uint8_t c = name.at[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9') || c == '_' || c == '.' ||
			c == '-'))
			return false;
	}
	return true;
}

/* The name of a stream that was given by its ARN alone. */
static void
name_from_arn(struct put *p)
{
	static const char mark[] = ":stream/";
	const uint8_t *found;

	if (p->stream.at != NULL || p->arn.at == NULL)
		return;
	found = memmem(p->arn.at, p->arn.length, mark, sizeof(mark) - 1);
	if (found == NULL)
		return;
	p->stream.at = p->arn.at + (found - p->arn.at) + sizeof(mark) - 1;
	p->stream.length = (size_t)(p->arn.at + p->arn.length - p->stream.at);
}

#define CONSTRAINT                                                             \
	"1 validation error detected: Value %s at '%s' failed to "             \
	"satisfy constraint: Member must %s"

bool
put_check_stream(struct put *p, bool firehose, struct answer *answer)
{
	const char *where = firehose ? "deliveryStreamName" : "streamName";

	name_from_arn(p);
	if (p->stream.at == NULL) {
		answer_error(answer, 400, "ValidationException", CONSTRAINT,
		    "null", where, "not be null");
		return false;
	}
	if (!name_is_valid(p->stream)) {
		answer_error(answer, 400, "ValidationException", CONSTRAINT,
		    "'...'", where,
		    "satisfy regular expression pattern: [a-zA-Z0-9_.-]+ and "
		    "have length 1 to 128");
		return false;
	}
	return true;
}

bool
put_check(struct put *p, bool firehose, struct answer *answer)
{
	if (!put_check_stream(p, firehose, answer))
		return false;
	if (!p->has_records || p->count == 0) {
		answer_error(answer, 400, "ValidationException", CONSTRAINT,
		    p->has_records ? "'[]'" : "null", "records",
		    p->has_records ? "have length greater than or equal to 1"
				   : "not be null");
		return false;
	}
	if (p->count > PUT_RECORDS_MAX) {
		answer_error(answer, 400, "ValidationException", CONSTRAINT,
		    "'[...]'", "records",
		    "have length less than or equal to 500");
		return false;
	}
	for (size_t i = 0; i < p->count; i++) {
		if (p->records[i].data.at != NULL)
			continue;
		answer_error(answer, 400, "ValidationException",
		    "1 validation error detected: Value null at "
		    "'records.%zu.member.data' failed to satisfy constraint: "
		    "Member must not be null",
		    i + 1);
		return false;
	}
	return true;
}
