/* SPDX-License-Identifier: Apache-2.0
 *
 * request: an independent reader of PutRecords and PutRecordBatch bodies, for
 * tests. CBOR by hand from RFC 8949, JSON with jansson, base64 by a decoder
 * of its own; shares nothing with the writers it judges.
 */
#ifndef REQUEST_H
#define REQUEST_H

#include <assert.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct request_record {
	unsigned char *data; /* owned */
	size_t len;
	char key[6 * 1024]; /* "" where there is none */
	char hash[64];      /* the same */
};

struct request {
	char member[32];   /* what the destination is called */
	char target[4096]; /* the destination */
	size_t count;
	struct request_record *records; /* owned */
};

static inline void
request_fini(struct request *r)
{
	for (size_t i = 0; i < r->count; i++)
		free(r->records[i].data);
	free(r->records);
	r->records = NULL;
	r->count = 0;
}

/* --- CBOR ---------------------------------------------------------------- */

struct request_cbor {
	const unsigned char *at, *end;
};

/* The next head: its type in `*major`, its argument as answer. -1: not that
 * kind of thing. */
static inline int64_t
request_head(struct request_cbor *in, int *major)
{
	if (in->at == in->end)
		return -1;
	unsigned char first = *in->at++;
	int more = first & 31;
	int64_t n = 0;

	*major = first >> 5;
	if (more < 24)
		return more;
	if (more > 26)
		return -1;
	for (int left = 1 << (more - 24); left > 0; left--) {
		if (in->at == in->end)
			return -1;
		n = n << 8 | *in->at++;
	}
	return n;
}

static inline bool
request_string(
    struct request_cbor *in, int type, const unsigned char **at, size_t *len)
{
	int major = -1;
	int64_t n = request_head(in, &major);

	if (n < 0 || major != type || n > in->end - in->at)
		return false;
	*at = in->at;
	*len = (size_t)n;
	in->at += n;
	return true;
}

static inline bool
request_text(struct request_cbor *in, char *out, size_t room)
{
	const unsigned char *at;
	size_t len;

	if (!request_string(in, 3, &at, &len) || len >= room)
		return false;
	memcpy(out, at, len);
	out[len] = '\0';
	return true;
}

static inline bool
request_cbor_record(struct request_cbor *in, struct request_record *r)
{
	const unsigned char *at;
	char name[32];
	int major = -1;
	int64_t members = request_head(in, &major);

	if (members < 2 || members > 3 || major != 5)
		return false;
	if (!request_text(in, name, sizeof(name)) || strcmp(name, "Data") != 0)
		return false;
	if (!request_string(in, 2, &at, &r->len))
		return false;
	r->data = malloc(r->len + 1);
	if (r->data == NULL)
		return false;
	memcpy(r->data, at, r->len);
	if (!request_text(in, name, sizeof(name)) ||
	    strcmp(name, "PartitionKey") != 0 ||
	    !request_text(in, r->key, sizeof(r->key)))
		return false;
	return members == 2 || (request_text(in, name, sizeof(name)) &&
				   strcmp(name, "ExplicitHashKey") == 0 &&
				   request_text(in, r->hash, sizeof(r->hash)));
}

static inline bool
request_read_cbor(const void *body, size_t len, struct request *r)
{
	struct request_cbor in = { body, (const unsigned char *)body + len };
	char name[32];
	int major = -1;

	memset(r, 0, sizeof(*r));
	if (request_head(&in, &major) != 2 || major != 5)
		return false;
	if (!request_text(&in, r->member, sizeof(r->member)) ||
	    !request_text(&in, r->target, sizeof(r->target)) ||
	    !request_text(&in, name, sizeof(name)) ||
	    strcmp(name, "Records") != 0)
		return false;
	int64_t n = request_head(&in, &major);

	if (n < 1 || major != 4 || n > 500)
		return false;
	r->records = calloc((size_t)n, sizeof(*r->records));
	for (; (int64_t)r->count < n; r->count++) {
		if (!request_cbor_record(&in, &r->records[r->count]))
			return false;
	}
	return in.at == in.end;
}

/* --- JSON ---------------------------------------------------------------- */

static inline int
request_letter(char c)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz"
				      "0123456789+/";
	const char *at = c == '\0' ? NULL : strchr(letters, c);

	return at == NULL ? -1 : (int)(at - letters);
}

/* Strict: padded, nothing but letters, unused bits zero. */
static inline bool
request_base64(const char *text, struct request_record *r)
{
	size_t len = strlen(text), pad = 0;

	if (len % 4 != 0)
		return false;
	while (pad < 2 && len > 0 && text[len - 1 - pad] == '=')
		pad++;
	r->data = malloc(len / 4 * 3 + 1);
	if (r->data == NULL)
		return false;
	uint32_t bits = 0;
	int have = 0;

	for (size_t i = 0; i < len - pad; i++) {
		int value = request_letter(text[i]);

		if (value < 0)
			return false;
		bits = bits << 6 | (uint32_t)value;
		have += 6;
		if (have >= 8) {
			have -= 8;
			r->data[r->len++] = (unsigned char)(bits >> have);
			bits &= (1U << have) - 1;
		}
	}
	return bits == 0;
}

static inline bool
request_json_record(json_t *from, struct request_record *r)
{
	const char *data, *key = "", *hash = "";
	size_t key_len = 0;

	if (json_unpack_ex(from, NULL, JSON_STRICT, "{s:s, s?:s%, s?:s}",
		"Data", &data, "PartitionKey", &key, &key_len,
		"ExplicitHashKey", &hash) != 0)
		return false;
	if (key_len >= sizeof(r->key) || strlen(hash) >= sizeof(r->hash))
		return false;
	memcpy(r->key, key, key_len);
	memcpy(r->hash, hash, strlen(hash) + 1);
	return request_base64(data, r);
}

static inline bool
request_read_json(const void *body, size_t len, struct request *r)
{
	json_t *whole = json_loadb(
	    body, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	json_t *records = json_object_get(whole, "Records"), *value;
	const char *name;
	bool good = whole != NULL && json_is_array(records) &&
		    json_object_size(whole) == 2;

	memset(r, 0, sizeof(*r));
	if (!good)
		goto done;
	json_object_foreach(whole, name, value)
	{
		if (!json_is_string(value))
			continue;
		strncpy(r->member, name, sizeof(r->member) - 1);
		strncpy(
		    r->target, json_string_value(value), sizeof(r->target) - 1);
	}
	size_t n = json_array_size(records);

	r->records = calloc(n + 1, sizeof(*r->records));
	for (; good && r->count < n; r->count++)
		good = request_json_record(
		    json_array_get(records, r->count), &r->records[r->count]);
done:
	json_decref(whole);
	return good;
}

#endif
