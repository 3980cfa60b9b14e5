/* SPDX-License-Identifier: Apache-2.0
 *
 * What callers of api rely on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "api.h"

static const struct api *
row(enum config_destination destination, enum config_wire wire)
{
	struct flow_config flow = { .destination = destination, .wire = wire };

	return api_of(&flow);
}

static const struct api *
cbor(void)
{
	return row(DESTINATION_STREAM, CONFIG_WIRE_CBOR);
}

static const struct api *
json(void)
{
	return row(DESTINATION_STREAM, CONFIG_WIRE_JSON);
}

static void
assert_prefix(const struct api *api, const char *target, uint32_t records,
    struct span expected)
{
	struct buf out;
	struct span suffix;

	buf_init(&out, 4096);
	assert_true(buf_add_str(&out, "of the request before"));
	assert_int_equal(api_wrap(api, target, records, &out, &suffix), 0);
	assert_int_equal(out.len, expected.len);
	assert_memory_equal(out.at, expected.at, expected.len);
	if (api->wire == WIRE_JSON)
		assert_true(span_eq(suffix, span_str("]}")));
	else
		assert_int_equal(suffix.len, 0);
	buf_fini(&out);
}

#define BYTES(text) span_of("" text, sizeof(text) - 1)

static void
streams_speak_cbor_unless_told_otherwise(void **state)
{
	(void)state;
	assert_int_equal(cbor()->wire, WIRE_CBOR);
	assert_string_equal(cbor()->content_type, "application/x-amz-cbor-1.1");
	assert_int_equal(json()->wire, WIRE_JSON);
	assert_string_equal(json()->content_type, "application/x-amz-json-1.1");
	assert_string_equal(json()->target, "Kinesis_20131202.PutRecords");
	assert_string_equal(cbor()->target, json()->target);
}

static void
firehose_speaks_json_whatever_the_wire_format(void **state)
{
	const struct api *api = row(DESTINATION_FIREHOSE, CONFIG_WIRE_CBOR);

	(void)state;
	assert_ptr_equal(api, row(DESTINATION_FIREHOSE, CONFIG_WIRE_JSON));
	assert_int_equal(api->wire, WIRE_JSON);
	assert_string_equal(api->target, "Firehose_20150804.PutRecordBatch");
	assert_string_equal(api->service, "firehose");
	assert_false(api->has_keys);
	assert_int_equal(api->max_record, 1024000);
	assert_int_equal(api->max_request, 4194304);
}

static void
a_cbor_request_begins_with_its_stream(void **state)
{
	(void)state;
	assert_prefix(cbor(), "s", 3,
	    BYTES("\xa2\x6aStreamName\x61"
		  "s\x67Records\x99\x00\x03"));
	assert_prefix(cbor(), "s", 500,
	    BYTES("\xa2\x6aStreamName\x61"
		  "s\x67Records\x99\x01\xf4"));
}

static void
a_cbor_name_of_24_bytes_gets_a_longer_head(void **state)
{
	(void)state;
	assert_prefix(cbor(), "abcdefghijklmnopqrstuvwx", 1,
	    BYTES("\xa2\x6aStreamName\x78\x18"
		  "abcdefghijklmnopqrstuvwx\x67Records\x99\x00\x01"));
}

static void
an_arn_is_called_an_arn(void **state)
{
	(void)state;
	assert_prefix(cbor(), "arn:aws:x", 1,
	    BYTES("\xa2\x69StreamARN\x69"
		  "arn:aws:x\x67Records\x99\x00\x01"));
	assert_prefix(json(), "arn:aws:x", 1,
	    BYTES("{\"StreamARN\":\"arn:aws:x\",\"Records\":["));
	assert_prefix(
	    json(), "arn", 1, BYTES("{\"StreamName\":\"arn\",\"Records\":["));
}

static void
a_json_name_cannot_break_out_of_its_quotes(void **state)
{
	(void)state;
	assert_prefix(json(), "a\"b\\c\n", 1,
	    BYTES("{\"StreamName\":\"a\\\"b\\\\c\\u000a\",\"Records\":["));
}

static void
firehose_calls_it_a_delivery_stream(void **state)
{
	(void)state;
	assert_prefix(row(DESTINATION_FIREHOSE, CONFIG_WIRE_JSON), "d", 1,
	    BYTES("{\"DeliveryStreamName\":\"d\",\"Records\":["));
}

static void
a_name_too_long_for_the_buffer_is_refused(void **state)
{
	struct buf out;
	struct span suffix;

	(void)state;
	buf_init(&out, 60);
	assert_int_equal(api_wrap(json(), "name", 1, &out, &suffix), -1);
	buf_fini(&out);
}

static void
base64_takes_four_bytes_for_three_begun(void **state)
{
	(void)state;
	assert_int_equal(api_encoded_size(WIRE_CBOR, 10), 10);
	assert_int_equal(api_encoded_size(WIRE_JSON, 0), 0);
	assert_int_equal(api_encoded_size(WIRE_JSON, 1), 4);
	assert_int_equal(api_encoded_size(WIRE_JSON, 3), 4);
	assert_int_equal(api_encoded_size(WIRE_JSON, 4), 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(streams_speak_cbor_unless_told_otherwise),
		cmocka_unit_test(firehose_speaks_json_whatever_the_wire_format),
		cmocka_unit_test(a_cbor_request_begins_with_its_stream),
		cmocka_unit_test(a_cbor_name_of_24_bytes_gets_a_longer_head),
		cmocka_unit_test(an_arn_is_called_an_arn),
		cmocka_unit_test(a_json_name_cannot_break_out_of_its_quotes),
		cmocka_unit_test(firehose_calls_it_a_delivery_stream),
		cmocka_unit_test(a_name_too_long_for_the_buffer_is_refused),
		cmocka_unit_test(base64_takes_four_bytes_for_three_begun),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
