/* SPDX-License-Identifier: Apache-2.0
 *
 * fold: see fold.h.
 *
 * A fixed number of slots. Which one is a ticket's is in the ticket, so that a
 * gate, which may stand in a path where no lock is taken, finds its counter
 * without one. Where a slot is wanted by another, what it counted is said
 * first: no count is lost. (One that is added in the very moment in which its
 * slot is given away is added to the wrong one.)
 *
 * Thread: any; under the log's lock where fold.h says so.
 */
#include "fold.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include "clock.h"

#define SLOTS 32

/* Whoever is still in trouble when its gate could open again says so itself:
 * only after that is it over. */
#define GRACE_MS 5000

static struct slot {
	_Atomic uint64_t ticket; /* 0: free */
	_Atomic uint64_t times;  /* said again, and nobody was told */
	bool gated;
	enum log_level level;
	int64_t due_ms;
	uint64_t hash; /* of the whole text, where not gated */
	char text[FOLD_TEXT];
} slots[SLOTS];

static _Atomic uint64_t tickets;

static struct slot *
slot_of(uint64_t ticket)
{
	return &slots[ticket % SLOTS];
}

/* FNV-1a. */
static uint64_t
hash_of(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (; *text != '\0'; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3;
	return hash;
}

uint64_t
fold_ticket(void)
{
	return atomic_fetch_add(&tickets, 1) + 1;
}

static void
collect(struct slot *s, struct fold_debt *debt)
{
	debt->times = atomic_exchange(&s->times, 0);
	debt->level = s->level;
	memcpy(debt->text, s->text, sizeof(debt->text));
}

static void
keep_text(struct slot *s, const char *text)
{
	size_t len = strnlen(text, sizeof(s->text) - 1);

	memcpy(s->text, text, len);
	s->text[len] = '\0';
}

/* The slot of `ticket`, whoever had it before. */
static struct slot *
occupy(uint64_t ticket, enum log_level level, const char *text,
    struct fold_debt *debt)
{
	struct slot *s = slot_of(ticket);

	debt->times = 0;
	if (atomic_load(&s->ticket) != 0)
		collect(s, debt);
	atomic_store(&s->times, 0);
	s->level = level;
	keep_text(s, text);
	atomic_store(&s->ticket, ticket);
	return s;
}

bool
fold_is_news(enum log_level level, const char *text, int64_t now_ms,
    struct fold_debt *debt)
{
	uint64_t hash = hash_of(text);
	struct slot *s;

	for (size_t i = 0; i < SLOTS; i++) {
		s = &slots[i];
		if (atomic_load(&s->ticket) == 0 || s->gated ||
		    s->hash != hash || s->level != level)
			continue;
		atomic_fetch_add(&s->times, 1);
		return false;
	}
	s = occupy(fold_ticket(), level, text, debt);
	s->gated = false;
	s->hash = hash;
	s->due_ms = now_ms + FOLD_MS;
	return true;
}

void
fold_opened(uint64_t ticket, enum log_level level, const char *text,
    int64_t now_ms, struct fold_debt *debt)
{
	struct slot *s = occupy(ticket, level, text, debt);

	s->gated = true;
	s->due_ms = now_ms + FOLD_MS + GRACE_MS;
}

bool
fold_owes(int64_t now_ms, struct fold_debt *debt)
{
	for (size_t i = 0; i < SLOTS; i++) {
		struct slot *s = &slots[i];

		if (atomic_load(&s->ticket) == 0 || s->due_ms > now_ms)
			continue;
		collect(s, debt);
		if (debt->times == 0 || s->gated || now_ms == CLOCK_NEVER)
			atomic_store(&s->ticket, 0);
		else
			s->due_ms = now_ms + FOLD_MS;
		if (debt->times > 0)
			return true;
	}
	return false;
}

bool
fold_forgets(struct fold_debt *debt)
{
	for (size_t i = 0; i < SLOTS; i++) {
		struct slot *s = &slots[i];

		if (atomic_load(&s->ticket) == 0 || s->gated)
			continue;
		collect(s, debt);
		atomic_store(&s->ticket, 0);
		if (debt->times > 0)
			return true;
	}
	return false;
}

void
fold_again(uint64_t ticket)
{
	struct slot *s = slot_of(ticket);

	if (atomic_load(&s->ticket) == ticket)
		atomic_fetch_add(&s->times, 1);
}

bool
fold_reopen(uint64_t ticket, uint64_t *held)
{
	struct slot *s = slot_of(ticket);

	if (ticket == 0 || atomic_load(&s->ticket) != ticket)
		return false;
	*held = atomic_exchange(&s->times, 0);
	atomic_store(&s->ticket, 0);
	return true;
}
