/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a record of any kind of log: never a crash, the same answer
 * twice; what is said to be JSON is, and is UTF-8; what is not taken is left
 * as it was. And any bytes as an option.
 *
 * Input: one byte for the chain, then the record.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "parser.h"
#include "parsers/jsonin.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LOG(more)    "{\"optionName\":\"LOGTOJSON\"," more "}"
#define FORMAT(name) LOG("\"logFormat\":\"" name "\"")
#define PRETTY(name)                                                           \
	LOG("\"jsonFormat\":\"PRETTYPRINT\",\"logFormat\":\"" name "\"")

static const struct chain {
	const char *options[3];
	size_t count;
	bool json; /* what comes out is an object */
} chains[] = {
	{ { FORMAT("COMMONAPACHELOG") }, 1, true },
	{ { FORMAT("COMBINEDAPACHELOG") }, 1, true },
	{ { FORMAT("APACHEERRORLOG") }, 1, true },
	{ { FORMAT("SYSLOG") }, 1, true },
	{ { FORMAT("RFC3339SYSLOG") }, 1, true },
	{ { FORMAT("RFC5424SYSLOG") }, 1, true },
	{ { FORMAT("NGINXERRORLOG") }, 1, true },
	{ { PRETTY("LOGFMT") }, 1, true },
	{ { PRETTY("JSON") }, 1, true },
	{ { FORMAT("CRI") }, 1, true },
	{ { FORMAT("ELB") }, 1, true },
	{ { FORMAT("CLOUDFRONT") }, 1, true },
	{ { LOG("\"matchPattern\":\"(?<a>.)(?<b>\\\\S*)( .*)?\"") }, 1, true },
	{ { "{\"optionName\":\"CSVTOJSON\",\"customFieldNames\":[\"a\",\"b\"],"
	    "\"delimiter\":\"\\\\s*;\"}",
	      "{\"optionName\":\"ADDMETADATA\",\"metadata\":{\"o\":"
	      "\"{offset}{path}\"}}" },
	    2, true },
	{ { "{\"optionName\":\"SINGLELINE\"}", FORMAT("LOGFMT"),
	      "{\"optionName\":\"REDACT\",\"pattern\":\"a|$\",\"hashKey\":"
	      "\"k\"}" },
	    3, false },
	{ { FORMAT("JSON"),
	      "{\"optionName\":\"TYPES\",\"number\":[\"a\"],\"boolean\":["
	      "\"b\"],\"null\":[\"a\"]}",
	      "{\"optionName\":\"REDACT\",\"field\":\"c\",\"pattern\":\"x*"
	      "\"}" },
	    3, true },
	{ { FORMAT("JSON"),
	      "{\"optionName\":\"TIMESTAMP\",\"field\":\"t\",\"target\":\"u\","
	      "\"format\":\"%a %b %d %H:%M:%S %z %y\"}" },
	    2, true },
	{ { FORMAT("JSON"),
	      "{\"optionName\":\"TIMESTAMP\",\"field\":\"t\",\"format\":"
	      "\"syslog\"}" },
	    2, true },
	{ { "{\"optionName\":\"FILTER\",\"pattern\":\"x(?=y)\","
	    "\"field\":\"f\"}" },
	    1, false },
	{ { "{\"optionName\":\"SINGLELINE\",\"parseOptions\":[\"NO_TRIM\","
	    "\"ESCAPE_NEW_LINE\"]}",
	      "{\"optionName\":\"ADDBRACKETS\"}" },
	    2, false },
};

#define CHAINS (sizeof(chains) / sizeof(chains[0]))

static bool
is_object(struct span text)
{
	struct span key, value;
	struct jsonin walk;

	if (!jsonin_open(&walk, text, '{'))
		return false;
	while (jsonin_next(&walk, &key, &value))
		continue;
	return walk.done && text.at[text.len - 1] == '\n';
}

static struct parser *
parser_of(size_t i)
{
	static struct parser *parsers[CHAINS];
	struct parser_fault fault;

	if (parsers[i] == NULL)
		parsers[i] = parser_new(
		    chains[i].options, chains[i].count, 65536, &fault);
	assert(parsers[i] != NULL);
	return parsers[i];
}

static void
try_as_option(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	const char *option = text;
	struct parser_fault fault;

	assert(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	parser_free(parser_new(&option, 1, 65536, &fault));
	free(text);
}

static void
try_as_record(size_t i, const uint8_t *copy, size_t size)
{
	struct parser *p = parser_of(i);
	struct parser_facts facts = { .path = span_str("/a\"b"),
		.now_ms = 1795291847002 };
	struct parser_result result;
	struct span in = span_of(copy, size);
	enum parser_verdict verdict = parser_run(p, in, &facts, &result);
	unsigned char *first = malloc(result.record.len + 1);
	size_t len = result.record.len;

	assert(first != NULL);
	if (len > 0)
		memcpy(first, result.record.at, len);
	if (verdict == PARSER_RECORD && chains[i].json) {
		assert(is_object(result.record));
		assert(utf8_is_text(result.record));
	}
	if (verdict != PARSER_RECORD)
		assert(span_eq(result.record, in));
	assert(parser_run(p, in, &facts, &result) == verdict);
	assert(span_eq(result.record, span_of(first, len)));
	free(first);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy;

	assert(digest_setup() == 0);
	if (size == 0)
		return 0;
	if (data[0] >= CHAINS) {
		try_as_option(data + 1, size - 1);
		return 0;
	}
	copy = malloc(size);
	assert(copy != NULL);
	memcpy(copy, data + 1, size - 1);
	try_as_record(data[0], copy, size - 1);
	free(copy);
	return 0;
}
