/* SPDX-License-Identifier: Apache-2.0
 *
 * key: where a record goes: its partition key and its explicit hash key.
 *
 * Thread: tail.
 */
#ifndef KEY_H
#define KEY_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "batch.h"
#include "config.h"
#include "decimal.h"
#include "log.h"
#include "record.h"
#include "span.h"
#include "stats.h"
#include "template.h"

#define KEY_CHARACTERS 256 /* AWS's limit */
#define KEY_MAX        ((size_t)4 * KEY_CHARACTERS)

/* How a flow's keys are made. */
struct key_maker {
	enum config_key_option option;
	struct template *text; /* owned; NULL: by the option */
	struct template *hash; /* owned; NULL: none */
	char hostname[HOST_NAME_MAX + 1];
	uint64_t dice; /* state of the random keys */
	struct log_gate text_gate, hash_gate;
};

struct key {
	size_t len, hash_len;
	struct span missing; /* the field for want of which the key is random;
	                      * borrowed from the maker; len 0: none */
	bool random;         /* for want of a field, or it is empty */
	bool hash_refused;   /* what was to be the hash is no such number */
	char text[KEY_MAX], hash[DECIMAL_128];
};

/* The configuration was checked. -1: not by us; logged. */
int key_init(struct key_maker *m, const struct flow_config *config);
void key_fini(struct key_maker *m);

/* How many bytes the text of a key may have. */
size_t key_most(const struct key_maker *m);

/* Do records of one file have keys of their own because of their fields? */
bool key_is_by_field(const struct key_maker *m);

/* The key of `record` from the file at `path`, into `key`. A text of more than
 * KEY_CHARACTERS is replaced by its MD5 in hex, so that different ones stay
 * different; bytes that are not UTF-8 become U+FFFD. */
void key_make(struct key_maker *m, const struct record *record,
    const char *path, struct key *key);

/* A record at `at` of the file at `path` goes out with `key`: count what was
 * not as the operator of `flow` wants it, and now and then say so. */
void key_note(struct key_maker *m, const struct key *key, const char *flow,
    const char *path, uint64_t at, struct flow_stats *stats, int64_t now_ms);

/* `key` was made for the first of what became one record of `data`: where it
 * hangs on the data, make it anew. */
void key_finish(const struct key_maker *m, struct span data, struct key *key);

/* May records with these keys be one record? */
bool key_same(const struct key *a, const struct key *b);

static inline struct batch_key
key_wire(const struct key *k)
{
	return (struct batch_key){ .text = span_of(k->text, k->len),
		.hash = span_of(k->hash, k->hash_len) };
}

#endif
