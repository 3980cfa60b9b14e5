/* SPDX-License-Identifier: Apache-2.0
 *
 * What one core parses: combined Apache lines of 200 bytes, 4 MiB of them that
 * differ, again and again, as JSON; by the scanner, by a pattern, and other
 * chains. Prints the median of nine rounds.
 *
 *   parser_bench [MILLISECONDS PER ROUND]
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "parser.h"

#define LINE   200
#define LINES  20000
#define ROUNDS 9

static char text[LINES * LINE];

static const struct bench {
	const char *name;
	const char *options[3];
	size_t count;
} benches[] = {
	{ "COMBINEDAPACHELOG",
	    { "{\"optionName\":\"LOGTOJSON\",\"logFormat\":"
	      "\"COMBINEDAPACHELOG\"}" },
	    1 },
	{ "the same by matchPattern",
	    { "{\"optionName\":\"LOGTOJSON\",\"matchPattern\":\"(?<host>\\\\S+)"
	      " (?<ident>\\\\S+) (?<authuser>.+?) \\\\[(?<datetime>[^\\\\]]+)"
	      "\\\\] \\\"(?<request>(?:[^\\\"\\\\\\\\]|\\\\\\\\.)*)\\\" "
	      "(?<response>\\\\d{3}) (?<bytes>\\\\d+|-) \\\"(?<referer>"
	      "(?:[^\\\"\\\\\\\\]|\\\\\\\\.)*)\\\" \\\"(?<agent>(?:[^\\\""
	      "\\\\\\\\]|\\\\\\\\.)*)\\\".*\"}" },
	    1 },
	{ "COMBINEDAPACHELOG, TYPES, TIMESTAMP",
	    { "{\"optionName\":\"LOGTOJSON\",\"logFormat\":"
	      "\"COMBINEDAPACHELOG\"}",
		"{\"optionName\":\"TYPES\",\"number\":[\"response\","
		"\"bytes\"]}",
		"{\"optionName\":\"TIMESTAMP\",\"field\":\"datetime\","
		"\"format\":\"apache\"}" },
	    3 },
	{ "ADDMETADATA",
	    { "{\"optionName\":\"ADDMETADATA\",\"timestamp\":\"true\","
	      "\"metadata\":{\"path\":\"{path}\",\"offset\":\"{offset}\"}}" },
	    1 },
	{ "CSVTOJSON, 8 columns between blanks",
	    { "{\"optionName\":\"CSVTOJSON\",\"delimiter\":\" \","
	      "\"customFieldNames\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\","
	      "\"g\",\"h\"]}" },
	    1 },
	{ "FILTER (health, drop)",
	    { "{\"optionName\":\"FILTER\",\"pattern\":\"/health\","
	      "\"action\":\"drop\"}" },
	    1 },
};

static void
write_lines(void)
{
	for (size_t i = 0; i < LINES; i++) {
		char line[LINE + 1];
		int len = snprintf(line, sizeof(line),
		    "10.%zu.%zu.%zu - user%zu [21/Nov/2026:%02zu:%02zu:%02zu "
		    "+0000] \"GET /static/page/%zu.html HTTP/1.1\" 200 %zu "
		    "\"https://www.example.com/\" \"Mozilla/5.0 (X11; Linux) ",
		    i % 256, i % 251, i % 241, i % 97, i % 24, i % 60, i % 59,
		    i * 7919, i * 31 % 100000);

		assert(len > 0 && len < LINE - 2);
		memset(line + len, 'x', (size_t)(LINE - 2 - len));
		line[LINE - 2] = '"';
		line[LINE - 1] = '\n';
		memcpy(text + i * LINE, line, LINE);
	}
}

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Bytes a second. */
static double
round_of(struct parser *p, double least, size_t *made)
{
	struct parser_facts facts = { .hostname = span_str("web-1"),
		.path = span_str("/var/log/apache2/access.log"),
		.file = span_str("access.log"),
		.now_ms = 1795291847002 };
	double begun = seconds(), took;
	size_t bytes = 0;

	*made = 0;
	do {
		for (size_t i = 0; i < LINES; i++) {
			struct parser_result result;

			facts.offset = i * LINE;
			if (parser_run(p, span_of(text + i * LINE, LINE),
				&facts, &result) != PARSER_RECORD)
				abort();
			*made += result.record.len;
		}
		bytes += sizeof(text);
		took = seconds() - begun;
	} while (took < least);
	*made /= bytes / LINE;
	return (double)bytes / took;
}

static int
by_size(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

int
main(int argc, char **argv)
{
	double least = argc > 1 ? strtod(argv[1], NULL) / 1000 : 0.2;

	write_lines();
	for (size_t i = 0; i < sizeof(benches) / sizeof(benches[0]); i++) {
		struct parser_fault fault;
		struct parser *p = parser_new(
		    benches[i].options, benches[i].count, 1 << 20, &fault);
		double rates[ROUNDS];
		size_t made = 0;

		if (p == NULL) {
			fprintf(stderr, "%s: %s\n", fault.key, fault.why);
			return 1;
		}
		for (size_t n = 0; n < ROUNDS; n++)
			rates[n] = round_of(p, least, &made);
		qsort(rates, ROUNDS, sizeof(rates[0]), by_size);
		printf("%-38s %6.0f MB/s  %5.0f ns a line  %zu -> %zu bytes\n",
		    benches[i].name, rates[ROUNDS / 2] / 1e6,
		    LINE / rates[ROUNDS / 2] * 1e9, (size_t)LINE, made);
		parser_free(p);
	}
	return 0;
}
