/* SPDX-License-Identifier: Apache-2.0
 *
 * parser: what an operator's dataProcessingOptions make of a record.
 *
 * A parser is their chain, compiled once and run for each record. Pure: no
 * I/O, no clock, no log; time and host come as facts. What it answers lies in
 * memory of its own, so running it allocates nothing once it has met records
 * of that size.
 *
 * An option is handed in as the JSON object that says it, names and keys being
 * those of the Java agent's files, plus ours.
 */
#ifndef PARSER_H
#define PARSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "span.h"

struct parser;
struct record;

struct parser_fault {
	size_t option; /* which of them, from 0 */
	char key[64];  /* which of its keys; "": the option itself */
	char why[320]; /* in words, and what would be right */
};

/* What the instance's metadata service says; each empty if it does not. */
struct parser_host {
	struct span private_ip, zone, instance_id, instance_type;
	struct span account_id, ami_id, region;
	struct span stamp; /* when it said so */
	struct span tags;  /* a JSON object, keys in lower case; or empty */
};

/* All borrowed for one run. */
struct parser_facts {
	struct span hostname;
	struct span path;               /* of the file */
	struct span file;               /* its name, without the directory */
	uint64_t offset;                /* of the record's first byte */
	int64_t now_ms;                 /* since 1970 UTC */
	const struct parser_host *host; /* NULL: nothing is known */
};

enum parser_verdict {
	PARSER_RECORD,   /* to be sent */
	PARSER_SKIPPED,  /* a FILTER, or a comment of the format: not sent */
	PARSER_NO_MATCH, /* it is not what an option takes */
	PARSER_TOO_HARD  /* given up: more work or memory than is allowed */
};

struct parser_result {
	struct span record; /* PARSER_RECORD: until the next run; else what
	                     * went in */
	size_t option;      /* else: which of them it was, from 0 */
	bool skips; /* PARSER_NO_MATCH, PARSER_TOO_HARD: by default such a
	             * record is skipped (else: sent as it came); always
	             * where an option redacts */
};

/* Compile `options`, `count` JSON objects. No run uses more than a small
 * multiple of `max_record` bytes. Belongs to one thread at a time. NULL:
 * `fault` says what is wrong; not logged. */
struct parser *parser_new(const char *const *options, size_t count,
    size_t max_record, struct parser_fault *fault);

/* NULL is fine. */
void parser_free(struct parser *p);

/* What becomes of `record`, its newline included. */
enum parser_verdict parser_run(struct parser *p, struct span record,
    const struct parser_facts *facts, struct parser_result *result);

/* The fields that were captured in the record that was run last, into
 * `record`, whose data they are of; those with nothing in them are left out.
 * Until the next run. */
void parser_capture(struct parser *p, struct record *record);

/* Does `option`, as parser_new takes it, want parser_facts.host? */
bool parser_wants_host(const char *option);

/* The optionName of option `index`. */
const char *parser_option(const struct parser *p, size_t index);

/* Is one of its patterns interpreted, because the system refuses to run
 * machine code that was just made? */
bool parser_is_interpreted(const struct parser *p);

/* Does one of its options keep from the world what records hold? */
bool parser_redacts(const struct parser *p);

/* By default, what becomes of a record that the first option is not even
 * asked about: is it skipped (else: sent as it came)? */
bool parser_skips(const struct parser *p);

/* Does the option called `name` know `key`? If not, `why` says what it may
 * have been meant to be. Unknown names know every key. */
bool parser_knows(
    const char *name, const char *key, char *why, size_t why_size);

#endif
