/* SPDX-License-Identifier: Apache-2.0
 *
 * api: the two AWS operations we speak, as data, and the ends of a request.
 *
 * Any thread; the rows never change. Knows nothing of batches.
 */
#include "api.h"

#include <assert.h>

#include "log.h"
#include "wire.h"

enum { CBOR_MAP = 5, CBOR_ARRAY_16_BIT = 0x99 };

/* The overheads: CBOR A2 64Data(5) head(5) 6CPartitionKey(13) head(5);
 * JSON ,{"Data":" (10) ","PartitionKey":" (18) "} (2). */
static const struct api streams_cbor = {
	.service = "kinesis",
	.target = "Kinesis_20131202.PutRecords",
	.content_type = "application/x-amz-cbor-1.1",
	.wire = WIRE_CBOR,
	.has_keys = true,
	.max_records = 500,
	.max_request = 10 << 20,
	.max_record = 1 << 20,
	.overhead = 29,
	.unit_records = 1,
	.unit_bytes = 1049,
};

static const struct api streams_json = {
	.service = "kinesis",
	.target = "Kinesis_20131202.PutRecords",
	.content_type = "application/x-amz-json-1.1",
	.wire = WIRE_JSON,
	.has_keys = true,
	.max_records = 500,
	.max_request = 10 << 20,
	.max_record = 1 << 20,
	.overhead = 30,
	.unit_records = 1,
	.unit_bytes = 1049,
};

static const struct api firehose_json = {
	.service = "firehose",
	.target = "Firehose_20150804.PutRecordBatch",
	.content_type = "application/x-amz-json-1.1",
	.wire = WIRE_JSON,
	.has_keys = false,
	.max_records = 500,
	.max_request = 4 << 20,
	.max_record = 1000 << 10,
	.overhead = 12,
	.unit_records = 100,
	.unit_bytes = 1049,
};

const struct api *
api_of(const struct flow_config *flow)
{
	if (flow->destination == DESTINATION_FIREHOSE)
		return &firehose_json;
	return flow->wire == CONFIG_WIRE_JSON ? &streams_json : &streams_cbor;
}

size_t
api_encoded_size(enum wire wire, size_t data)
{
	return wire == WIRE_JSON ? (data + 2) / 3 * 4 : data;
}

double
api_cost(const struct api *api, uint32_t records, size_t bytes)
{
	double of_records = (double)records / (double)api->unit_records;
	double of_bytes = (double)bytes / (double)api->unit_bytes;
	double cost = of_records > of_bytes ? of_records : of_bytes;

	return cost > 1 ? cost : 1;
}

/* What the request calls its destination. */
static const char *
member_for(const struct api *api, const char *target)
{
	if (!api->has_keys)
		return "DeliveryStreamName";
	return strncmp(target, "arn:", 4) == 0 ? "StreamARN" : "StreamName";
}

static unsigned char *
cbor_prefix(unsigned char *out, struct span member, struct span target,
    uint32_t records)
{
	out = wire_head(out, CBOR_MAP, 2);
	out = wire_text(out, member);
	out = wire_text(out, target);
	out = wire_text(out, span_str("Records"));
	/* Always the 16-bit form: the prefix's length does not depend on
	 * how many records there are. */
	*out++ = CBOR_ARRAY_16_BIT;
	*out++ = (unsigned char)(records >> 8);
	*out++ = (unsigned char)records;
	return out;
}

static unsigned char *
put(unsigned char *out, struct span text)
{
	memcpy(out, text.at, text.len);
	return out + text.len;
}

static unsigned char *
json_prefix(unsigned char *out, struct span member, struct span target)
{
	out = put(out, span_str("{\""));
	out = wire_escaped(out, member);
	out = put(out, span_str("\":\""));
	out = wire_escaped(out, target);
	return put(out, span_str("\",\"Records\":["));
}

int
api_wrap(const struct api *api, const char *target, uint32_t records,
    struct buf *out, struct span *suffix)
{
	struct span name = span_str(target);
	struct span member = span_str(member_for(api, target));
	size_t room;

	assert(records > 0 && records <= api->max_records);
	buf_clear(out);
	/* 64: both forms' fixed parts, with the longest member's name. */
	if (__builtin_mul_overflow(name.len, WIRE_ESCAPE, &room) ||
	    __builtin_add_overflow(room, 64, &room) ||
	    !buf_reserve(out, room)) {
		log_error("%s: a name of %zu bytes does not fit a request",
		    api->service, name.len);
		return -1;
	}
	unsigned char *end = api->wire == WIRE_CBOR
				 ? cbor_prefix(out->at, member, name, records)
				 : json_prefix(out->at, member, name);

	out->len = (size_t)(end - out->at);
	assert(out->len <= room);
	*suffix = api->wire == WIRE_CBOR ? span_of(NULL, 0) : span_str("]}");
	return 0;
}
