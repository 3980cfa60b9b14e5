/* SPDX-License-Identifier: Apache-2.0
 *
 * told: one option as the operator wrote it, while its step is made.
 *
 * Whoever asks for a setting that is not as it must be gets NULL or false, and
 * the fault says why. Texts are owned by `told` and end with a NUL.
 */
#ifndef TOLD_H
#define TOLD_H

#include <stdbool.h>
#include <stddef.h>

#include "regex.h"
#include "span.h"

struct parser_fault;

struct told_pair {
	char *key;         /* owned */
	struct span value; /* JSON; borrowed from what it was made from */
	char *text;        /* owned; of a string, number or word */
};

struct told {
	struct told_pair *pairs; /* owned */
	size_t count;
	struct parser_fault *fault; /* borrowed */
	bool failed;                /* the fault says something */
};

/* Take apart the JSON object `text`. False: it is none, as the fault says. */
bool told_init(struct told *t, struct span text, struct parser_fault *fault);
void told_fini(struct told *t);

/* The first fault is kept. */
void told_refuse(struct told *t, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Was `key` given? null is not. */
bool told_has(const struct told *t, const char *key);

/* The text of `key`; NULL: not given, or it is a list or object, refused. */
const char *told_text(struct told *t, const char *key);

/* The same where it must be given and not be empty. */
const char *told_need(struct told *t, const char *key);

/* Which of `words` (NULL behind the last) `key` says; `fallback` where it is
 * not given, or none of them, refused. */
size_t told_choice(
    struct told *t, const char *key, const char *const *words, size_t fallback);

/* Does it say true? */
bool told_flag(struct told *t, const char *key, bool fallback);

/* The texts of the list `key`, `*count` of them, owned by the caller, each and
 * all. NULL: not given, or not a list of texts, refused. */
char **told_list(struct told *t, const char *key, size_t *count);

/* The JSON of `key`; empty: not given. */
struct span told_json(const struct told *t, const char *key);

/* The pattern `key`, compiled; NULL: not given, or malformed, refused. */
struct regex *told_regex(
    struct told *t, const char *key, enum regex_place place);

/* Free what told_list gave. */
void told_free_list(char **list, size_t count);

#endif
