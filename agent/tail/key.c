/* SPDX-License-Identifier: Apache-2.0
 *
 * key: see key.h.
 *
 * AWS counts characters, and does not say how it counts those beyond the
 * first plane; they count twice here, so that no key is refused.
 *
 * Thread: tail. Per-record work: allocates nothing, makes no system call.
 */
#include "key.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "digest.h"
#include "log.h"
#include "utf8.h"

#define RANDOM_KEY 16 /* characters: 64 bits in hex */
#define MD5_KEY    ((size_t)2 * DIGEST_MD5)

_Static_assert(MD5_KEY < KEY_MAX, "digest_hex ends with a NUL");

static int
compile(const char *text, const char *what, const struct flow_config *config,
    struct template **out)
{
	struct template_fault fault;

	if (text == NULL)
		return 0;
	*out = template_new(text, &fault);
	if (*out != NULL)
		return 0;
	log_error("flow %s: %s: %s, behind byte %zu", config->name, what,
	    fault.why, fault.at);
	return -1;
}

int
key_init(struct key_maker *m, const struct flow_config *config)
{
	memset(m, 0, sizeof(*m));
	m->option = config->key_option;
	digest_random(&m->dice, sizeof(m->dice));
	m->dice |= 1;
	if (gethostname(m->hostname, sizeof(m->hostname)) != 0)
		m->hostname[0] = '\0';
	m->hostname[HOST_NAME_MAX] = '\0';
	if (compile(config->partition_key, "partitionKey", config, &m->text) !=
	    0)
		return -1;
	return compile(config->hash_key, "explicitHashKey", config, &m->hash);
}

void
key_fini(struct key_maker *m)
{
	template_free(m->text);
	template_free(m->hash);
	m->text = NULL;
	m->hash = NULL;
}

size_t
key_most(const struct key_maker *m)
{
	if (m->text == NULL)
		return m->option == KEY_RANDOM ? RANDOM_KEY : MD5_KEY;
	if (!template_is_constant(m->text))
		return KEY_MAX;

	struct key_maker copy = *m;
	const struct record none = { 0 };
	struct key key;

	key_make(&copy, &none, "", &key);
	return key.len;
}

bool
key_is_by_field(const struct key_maker *m)
{
	return (m->text != NULL && template_field(m->text).len > 0) ||
	       (m->hash != NULL && template_field(m->hash).len > 0);
}

/* xorshift64* (Marsaglia 2003, Vigna 2014): keys must spread, not surprise. */
static void
make_random(struct key_maker *m, struct key *key)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t n = m->dice;

	n ^= n >> 12;
	n ^= n << 25;
	n ^= n >> 27;
	m->dice = n;
	n *= UINT64_C(0x2545f4914f6cdd1d);
	for (int i = 0; i < RANDOM_KEY; i++, n >>= 4)
		key->text[i] = digits[n & 15];
	key->len = RANDOM_KEY;
}

static void
make_md5(const struct span *pieces, size_t count, struct key *key)
{
	unsigned char md5[DIGEST_MD5];

	digest_md5_pieces(pieces, count, md5);
	digest_hex(md5, sizeof(md5), key->text);
	key->len = MD5_KEY;
}

/* Append `piece`, `*left` characters of room. False: it does not fit. */
static bool
add_text(struct key *key, struct span piece, size_t *left)
{
	while (piece.len > 0) {
		size_t len = utf8_length(piece);
		size_t width = len > 3 ? 2 : 1, step = len > 0 ? len : 1;

		if (width > *left)
			return false;
		*left -= width;
		if (len == 0)
			memcpy(key->text + key->len, "\xEF\xBF\xBD", 3);
		else
			memcpy(key->text + key->len, piece.at, len);
		key->len += len > 0 ? len : 3;
		piece = span_of(piece.at + step, piece.len - step);
	}
	return true;
}

static void
make_text(
    struct key_maker *m, const struct template_facts *facts, struct key *key)
{
	struct span pieces[TEMPLATE_PARTS];
	size_t count, left = KEY_CHARACTERS;

	if (!template_fill(m->text, facts, pieces, &count, &key->missing)) {
		key->random = true;
		make_random(m, key);
		return;
	}
	for (size_t i = 0; i < count; i++)
		if (!add_text(key, pieces[i], &left)) {
			make_md5(pieces, count, key);
			return;
		}
	key->random = key->len == 0;
	if (!key->random)
		return;
	key->missing = template_field(m->text);
	make_random(m, key);
}

static void
make_hash(
    struct key_maker *m, const struct template_facts *facts, struct key *key)
{
	struct span pieces[TEMPLATE_PARTS], missing;
	size_t count;

	key->hash_refused = true;
	if (!template_fill(m->hash, facts, pieces, &count, &missing))
		return;
	for (size_t i = 0; i < count; i++) {
		if (pieces[i].len > sizeof(key->hash) - key->hash_len) {
			key->hash_len = 0;
			return;
		}
		if (pieces[i].len > 0)
			memcpy(key->hash + key->hash_len, pieces[i].at,
			    pieces[i].len);
		key->hash_len += pieces[i].len;
	}
	key->hash_refused = !decimal_is_128(span_of(key->hash, key->hash_len));
	if (key->hash_refused)
		key->hash_len = 0;
}

void
key_make(struct key_maker *m, const struct record *record, const char *path,
    struct key *key)
{
	struct template_facts facts = { .record = record };

	key->len = 0;
	key->hash_len = 0;
	key->missing = span_of(NULL, 0);
	key->random = false;
	key->hash_refused = false;
	if (m->text != NULL || m->hash != NULL) {
		facts.hostname = span_str(m->hostname);
		facts.path = span_str(path);
	}
	if (m->text != NULL)
		make_text(m, &facts, key);
	else if (m->option == KEY_RANDOM)
		make_random(m, key);
	else
		make_md5(&record->data, 1, key);
	if (m->hash != NULL)
		make_hash(m, &facts, key);
	assert(key->len > 0 && key->len <= KEY_MAX);
}

void
key_note(struct key_maker *m, const struct key *key, const char *flow,
    const char *path, uint64_t at, struct flow_stats *stats, int64_t now_ms)
{
	uint64_t held;

	if (!key->random && !key->hash_refused)
		return;
	if (key->random)
		stats_add(&stats->keys_random, 1);
	if (key->hash_refused)
		stats_add(&stats->hashes_refused, 1);
	if (key->random && log_gate_open(&m->text_gate, now_ms, &held))
		log_warn("flow %s: %s: partitionKey of the record at %" PRIu64
			 ": the field `%.*s` is not there or empty: a random "
			 "key instead (and %" PRIu64 " more)",
		    flow, path, at, (int)key->missing.len, key->missing.at,
		    held);
	if (key->hash_refused && log_gate_open(&m->hash_gate, now_ms, &held))
		log_warn("flow %s: %s: explicitHashKey of the record at "
			 "%" PRIu64 " is no number of 0 to 2^128-1: left out "
			 "(and %" PRIu64 " more)",
		    flow, path, at, held);
}

void
key_finish(const struct key_maker *m, struct span data, struct key *key)
{
	if (m->text == NULL && m->option == KEY_DETERMINISTIC)
		make_md5(&data, 1, key);
}

bool
key_same(const struct key *a, const struct key *b)
{
	struct batch_key x = key_wire(a), y = key_wire(b);

	if (!span_eq(x.hash, y.hash))
		return false;
	return (a->random && b->random) || span_eq(x.text, y.text);
}
