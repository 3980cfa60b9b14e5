/* SPDX-License-Identifier: Apache-2.0
 *
 * reply: what the service answered, read while it comes in.
 *
 * Nearly every answer says that nothing failed, in 60 KB of sequence numbers
 * that nobody needs. So nothing is kept: the reader looks for the count of
 * failures, and where that is 0 it believes it and reads no further, whatever
 * happens to the rest. Otherwise every entry is looked at; what stays of each is
 * the number of its error, and of a few errors the name and message.
 *
 * In doubt a record goes again: an answer that is cut short, that is in no
 * known format, or that has entries for another number of records is none
 * (REPLY_LOST).
 *
 * Thread: ship. Never allocates, never logs.
 */
#include "reply.h"

#include <assert.h>
#include <string.h>

enum field {
	FIELD_NONE,
	FIELD_COUNT,
	FIELD_ENTRIES,
	FIELD_ENTRY_CODE,
	FIELD_ENTRY_MESSAGE,
	FIELD_CODE,
	FIELD_MESSAGE
};

/* The keys that mean something, at their depth: 1 is the document, 3 an
 * entry. */
static const struct {
	const char *key;
	uint32_t depth;
	enum field field;
} fields[] = {
	{ "FailedRecordCount", 1, FIELD_COUNT },
	{ "FailedPutCount", 1, FIELD_COUNT },
	{ "Records", 1, FIELD_ENTRIES },
	{ "RequestResponses", 1, FIELD_ENTRIES },
	{ "__type", 1, FIELD_CODE },
	{ "code", 1, FIELD_CODE },
	{ "Code", 1, FIELD_CODE },
	{ "message", 1, FIELD_MESSAGE },
	{ "Message", 1, FIELD_MESSAGE },
	{ "ErrorCode", 3, FIELD_ENTRY_CODE },
	{ "ErrorMessage", 3, FIELD_ENTRY_MESSAGE },
};

void
reply_begin(struct reply *r, uint32_t expected)
{
	assert(expected > 0 && expected <= BATCH_RECORDS);
	r->expected = expected;
	r->format = REPLY_UNKNOWN;
	r->state = SCAN_MORE;
	r->depth = 0;
	r->field = FIELD_NONE;
	r->in_entries = false;
	r->none_failed = false;
	r->counted = false;
	r->has_entries = false;
	r->entries = 0;
	r->failures = 0;
	memset(r->cause, 0, expected);
	r->cause_count = 0;
	r->code[0] = '\0';
	r->message[0] = '\0';
	r->why = NULL;
}

static void
keep_text(char *to, size_t max, struct span text)
{
	size_t len = text.len < max ? text.len : max;

	if (len > 0)
		memcpy(to, text.at, len);
	to[len] = '\0';
}

static bool
is_space(unsigned char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* The first line of a message: behind it AWS repeats what should have been
 * signed, session token and all, and that is not for a log. */
static void
keep_message(char to[static REPLY_MESSAGE + 1], struct span text)
{
	size_t len = 0;

	while (text.len > 0 && is_space(text.at[0])) {
		text.at++;
		text.len--;
	}
	while (len < text.len && text.at[len] != '\n' && text.at[len] != '\r')
		len++;
	keep_text(to, REPLY_MESSAGE, span_of(text.at, len));
}

static bool
is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

/* "com.amazonaws.kinesis#LimitExceededException:http://..." is called
 * LimitExceededException. */
static void
keep_code(struct reply *r, struct span text)
{
	const unsigned char *hash =
	    text.len > 0 ? memchr(text.at, '#', text.len) : NULL;

	if (hash != NULL) {
		text.len -= (size_t)(hash + 1 - text.at);
		text.at = hash + 1;
	}
	keep_text(r->code, REPLY_CODE, text);
	char *end = r->code;

	while (is_name(*end))
		end++;
	*end = '\0';
}

static enum field
field_of(struct span key, uint32_t depth)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (fields[i].depth == depth &&
		    span_eq(key, span_str(fields[i].key)))
			return fields[i].field;
	}
	return FIELD_NONE;
}

static void
begin_entry(struct reply *r)
{
	r->entry_failed = false;
	r->entry_code[0] = '\0';
	r->entry_message[0] = '\0';
}

/* The number of the entry's cause, from 1. */
static uint8_t
number_cause(struct reply *r)
{
	uint32_t n = 0;

	while (
	    n < r->cause_count && strcmp(r->causes[n].code, r->entry_code) != 0)
		n++;
	if (n == r->cause_count && n < REPLY_CAUSES) {
		struct reply_cause *new = &r->causes[r->cause_count++];

		memcpy(new->code, r->entry_code, sizeof(new->code));
		memcpy(new->message, r->entry_message, sizeof(new->message));
	}
	return (uint8_t)(n + 1);
}

/* False: more entries than records. */
static bool
end_entry(struct reply *r)
{
	uint32_t nth = r->entries++;

	if (nth >= r->expected)
		return false;
	if (!r->entry_failed)
		return true;
	r->cause[nth] = number_cause(r);
	if (r->failures++ == 0) {
		memcpy(r->code, r->entry_code, sizeof(r->code));
		memcpy(r->message, r->entry_message, sizeof(r->message));
	}
	return true;
}

static bool
take_open(struct reply *r, enum scan_kind kind)
{
	uint32_t depth = ++r->depth;
	enum field field = (enum field)r->field;

	r->field = FIELD_NONE;
	if (depth == 1)
		return kind == SCAN_MAP;
	if (depth == 2 && field == FIELD_ENTRIES) {
		bool again = r->has_entries;

		r->has_entries = r->in_entries = true;
		return kind == SCAN_LIST && !again;
	}
	if (depth == 3 && r->in_entries) {
		begin_entry(r);
		return kind == SCAN_MAP;
	}
	return field != FIELD_COUNT && field != FIELD_ENTRY_CODE;
}

static bool
take_end(struct reply *r)
{
	uint32_t depth = r->depth--;

	r->field = FIELD_NONE;
	if (depth == 3 && r->in_entries)
		return end_entry(r);
	if (depth == 2)
		r->in_entries = false;
	return true;
}

static bool
take_text(struct reply *r, struct span text)
{
	switch ((enum field)r->field) {
	case FIELD_COUNT:
	case FIELD_ENTRIES:
		return false;
	case FIELD_ENTRY_CODE:
		/* Some stand-ins write "" where AWS writes null. */
		r->entry_failed = text.len > 0;
		keep_text(r->entry_code, REPLY_CODE, text);
		return true;
	case FIELD_ENTRY_MESSAGE:
		keep_message(r->entry_message, text);
		return true;
	case FIELD_CODE:
		keep_code(r, text);
		return true;
	case FIELD_MESSAGE:
		keep_message(r->message, text);
		return true;
	case FIELD_NONE:
		return true;
	}
	return true;
}

static bool
take_number(struct reply *r, uint64_t number)
{
	if (r->field == FIELD_COUNT) {
		bool fits = !r->has_entries || r->entries == r->expected;

		r->counted = true;
		r->count = number;
		r->none_failed = number == 0 && fits;
		return number > 0;
	}
	return r->field != FIELD_ENTRIES && r->field != FIELD_ENTRY_CODE;
}

/* False stops the reading: because nothing failed, or (none_failed is still
 * false then) because this is no answer to our request. */
static bool
take(void *owner, enum scan_kind kind, struct span text, uint64_t number)
{
	struct reply *r = owner;
	bool entry_place = r->in_entries && r->depth == 2;
	bool go_on = true;

	/* The list of entries holds entries and nothing else. */
	if (entry_place && kind != SCAN_MAP && kind != SCAN_END)
		return false;
	switch (kind) {
	case SCAN_MAP:
	case SCAN_LIST:
		return take_open(r, kind);
	case SCAN_END:
		return take_end(r);
	case SCAN_KEY:
		r->field = FIELD_NONE;
		if (r->depth == 1 || (r->depth == 3 && r->in_entries))
			r->field = field_of(text, r->depth);
		return true;
	case SCAN_TEXT:
		go_on = take_text(r, text);
		break;
	case SCAN_NUMBER:
		go_on = take_number(r, number);
		break;
	case SCAN_NULL:
		break;
	case SCAN_OTHER:
		go_on = r->field != FIELD_COUNT && r->field != FIELD_ENTRIES &&
			r->field != FIELD_ENTRY_CODE;
		break;
	}
	r->field = FIELD_NONE;
	/* A document is a map, not a lone value. */
	return go_on && r->depth > 0;
}

static void
recognise(struct reply *r, unsigned char first)
{
	if (first == '{') {
		r->format = REPLY_JSON;
		jsonscan_begin(&r->json, take, r);
	} else if (first >> 5 == 5 || first >> 5 == 6) {
		/* A map, perhaps behind a tag. */
		r->format = REPLY_CBOR;
		cborscan_begin(&r->cbor, take, r);
	} else {
		r->format = REPLY_OTHER;
		r->head.len = 0;
	}
}

static void
keep_head(struct reply *r, struct span bytes)
{
	size_t room = sizeof(r->head.at) - 1 - r->head.len;
	size_t len = bytes.len < room ? bytes.len : room;

	memcpy(r->head.at + r->head.len, bytes.at, len);
	r->head.len += len;
	r->head.at[r->head.len] = '\0';
}

void
reply_feed(struct reply *r, struct span bytes)
{
	if (r->format == REPLY_UNKNOWN) {
		while (bytes.len > 0 && is_space(bytes.at[0])) {
			bytes.at++;
			bytes.len--;
		}
		if (bytes.len > 0)
			recognise(r, bytes.at[0]);
	}
	if (bytes.len == 0)
		return;
	switch (r->format) {
	case REPLY_JSON:
		r->state = jsonscan_feed(&r->json, bytes);
		return;
	case REPLY_CBOR:
		r->state = cborscan_feed(&r->cbor, bytes);
		return;
	case REPLY_OTHER:
		keep_head(r, bytes);
		return;
	case REPLY_UNKNOWN:
		return;
	}
}

/* What stands between <`tag`> and the next '<' in the kept head. */
static struct span
between(const struct reply *r, const char *tag)
{
	const char *open = strstr(r->head.at, tag);

	if (open == NULL)
		return span_of(NULL, 0);
	open += strlen(tag);
	return span_of(open, strcspn(open, "<"));
}

/* An answer in neither format came from a proxy, a load balancer, or an
 * older face of AWS: find something to show. */
static void
read_head(struct reply *r)
{
	struct span code = between(r, "<Code>");
	struct span message = between(r, "<Message>");

	if (message.len == 0)
		message = between(r, "<title>");
	if (message.len == 0)
		message = span_of(r->head.at, r->head.len);
	if (code.len > 0)
		keep_code(r, code);
	keep_message(r->message, message);
}

static const char *
what_is_wrong(const struct reply *r)
{
	if (r->format == REPLY_UNKNOWN)
		return "the answer is empty";
	if (r->format == REPLY_OTHER || r->state == SCAN_BAD)
		return "the answer is neither CBOR nor JSON";
	if (r->entries > r->expected)
		return "the answer is for more records than were sent";
	if (r->state == SCAN_MORE)
		return "the answer breaks off";
	if (r->counted && r->count == 0)
		return "the answer is not for the number of records sent";
	if (r->state == SCAN_ENOUGH)
		return "the answer is not one to these records";
	if (!r->has_entries || r->entries != r->expected)
		return "the answer is not for the number of records sent";
	if (r->counted && r->failures < r->count)
		return "the answer counts failures that it does not name";
	return NULL;
}

enum reply_verdict
reply_end(struct reply *r, long status, const char *error_type)
{
	if (r->format == REPLY_OTHER)
		read_head(r);
	if (status != 200) {
		if (error_type[0] != '\0')
			keep_code(r, span_str(error_type));
		return REPLY_ERROR;
	}
	if (r->none_failed)
		return REPLY_ACCEPTED;
	r->why = what_is_wrong(r);
	if (r->why != NULL)
		return REPLY_LOST;
	return r->failures > 0 ? REPLY_PARTIAL : REPLY_ACCEPTED;
}
