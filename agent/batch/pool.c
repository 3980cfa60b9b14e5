/* SPDX-License-Identifier: Apache-2.0
 *
 * pool: who may hold how much memory. Backpressure is one thing, and it is
 * decided here: no memory, so nobody reads, and the log on disk waits.
 *
 * A batch is one reserved mapping: the struct, its runs, its body. A flow is
 * charged for the part that has been touched; nothing else is in memory. A
 * batch that is given back leaves what its flow still keeps of it (pool_keep)
 * and stays warm (its pages are there, page faults
 * cost) until another takes it, its room is needed, or the pool is trimmed.
 *
 *   used <= budget,  used + warm <= budget,  lent <= commons
 *
 * An account is what goes by one lane: a flow, as it is sent at present. Every
 * account owns a share. What it holds above that is borrowed from the
 * commons, under two rules:
 *
 *   A flow may borrow as much as it leaves to the others.
 *   A flow that holds nothing else may borrow for its first record whatever
 *   is left.
 *
 * By the first, k flows whose destinations are dead leave a (k+1)th part of
 * the commons between them, not nothing. By the second a newcomer may use
 * all of that for one record, so that a record larger than a share gets
 * through. Where the budget holds a largest record for each flow, the share
 * is no less than that, and no flow ever waits for another. Where it does
 * not, h borrowers of the first kind and m of the second, all dead, stop
 * others' largest record (D bytes above the share) only when (h+1)(m+1)D is
 * more than the commons; records that fit a share are never stopped. And as
 * growth is granted whole or not at all, and what is granted goes out as it
 * is, all memory comes back when the destinations do: nobody waits while
 * holding what another waits for.
 *
 * Thread: tail. The ship reads a batch's body and never comes here.
 */
#include "pool.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "log.h"
#include "mem.h"
#include "wire.h"

/* The charge moves in steps, to be looked at seldom. */
#define STEP  ((size_t)16384)
#define LEAST (POOL_HEAD + STEP)
_Static_assert(LEAST >= BATCH_LEAST, "whoever counts on it must not be wrong");
#define SLACK (2 * STEP) /* warm but unused: not worth a system call */

struct account {
	size_t share; /* what it may always have */
	size_t used;  /* bytes charged */
	size_t kept;  /* of these, beside its batches */
	size_t usual; /* what its batches come to: how warm the next may be */
};

struct pool {
	size_t budget, commons;
	size_t share;          /* of those that were there from the start */
	size_t largest;        /* record that was asked for */
	size_t used;           /* charged to all accounts */
	size_t lent;           /* of that, above their shares */
	size_t warm;           /* bytes of the batches below */
	struct list_node idle; /* warm batches, last used first */
	bool refused;          /* the system gave no mapping; said so */
	size_t count;
	struct account accounts[];
};

static size_t
rounded(size_t bytes)
{
	return (bytes + STEP - 1) / STEP * STEP;
}

static size_t
largest(size_t a, size_t b)
{
	return a > b ? a : b;
}

static size_t
least_of(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* What a largest record takes in the worst encoding. */
static size_t
cost_of(size_t max_record)
{
	return rounded(POOL_HEAD + api_encoded_size(WIRE_JSON, max_record) +
		       WIRE_ESCAPE * POOL_KEY + WIRE_HASH + 64);
}

static size_t
borrowed(const struct account *a, size_t used)
{
	return used > a->share ? used - a->share : 0;
}

/* The least for `flows` flows with records that take up to `cost`. */
static size_t
enough_for(size_t flows, size_t cost)
{
	return flows == 1 ? cost : largest(2 * flows * LEAST, 2 * cost);
}

/* What of the budget is for lanes that may be opened: a largest record beside
 * a dead flow that has borrowed half of it, where the budget allows. */
static size_t
room_for(const struct pool *p, size_t flows, size_t cost)
{
	size_t most = p->budget - enough_for(flows, cost);

	if (p->count == flows)
		return 0;
	return least_of(most, largest(p->budget / 4, 2 * cost));
}

/* A flow that is alone leaves those that may come something to borrow, where
 * several have as much in common anyway. */
static void
share_out(struct pool *p, size_t flows, size_t cost)
{
	size_t room = room_for(p, flows, cost), spare = p->count - flows;
	size_t little = room >= 2 * cost + spare * LEAST ? LEAST : 0;
	size_t budget = p->budget - spare * little;

	p->share = flows > 1 ? budget / 2 / flows : p->budget - room;
	if ((p->budget - room) / flows >= cost)
		p->share = largest(p->share, cost);
	else
		log_info("memoryBudgetBytes: %zu would hold a record of %zu "
			 "bytes for each of %zu flows at once",
		    flows * cost, p->largest, flows);
	p->commons = budget - flows * p->share;
	for (size_t i = 0; i < p->count; i++)
		p->accounts[i].share = i < flows ? p->share : little;
}

struct pool *
pool_new_roomy(size_t budget, size_t flows, size_t spare, size_t max_record)
{
	size_t cost = cost_of(max_record), count = flows + spare;
	size_t enough = enough_for(flows, cost);
	struct pool *p;

	assert(flows > 0);
	if (budget < enough) {
		log_error("memoryBudgetBytes: %zu is too little for %zu flows "
			  "with records of up to %zu bytes; give at least %zu",
		    budget, flows, max_record, enough);
		return NULL;
	}
	p = mem_new(sizeof(*p) + count * sizeof(p->accounts[0]));
	p->budget = budget;
	p->count = count;
	p->largest = max_record;
	list_init(&p->idle);
	share_out(p, flows, cost);
	return p;
}

struct pool *
pool_new(size_t budget, size_t flows, size_t max_record)
{
	return pool_new_roomy(budget, flows, 0, max_record);
}

void
pool_bequeath(struct pool *p, size_t gone, size_t heir)
{
	struct account *from = &p->accounts[gone], *to = &p->accounts[heir];
	size_t share = from->share;

	assert(gone < p->count && heir < p->count && from->used == 0);
	from->kept = from->usual = 0;
	if (share <= to->share)
		return;
	p->lent -= borrowed(to, to->used);
	from->share = to->share;
	to->share = share;
	p->lent += borrowed(to, to->used);
}

size_t
pool_richest(const struct pool *p, size_t a, size_t b)
{
	return p->accounts[b].share > p->accounts[a].share ? b : a;
}

size_t
pool_largest(const struct pool *p, size_t lane)
{
	size_t room = p->accounts[lane].share + p->commons,
	       rest = cost_of(0) + STEP;

	return room > rest ? (room - rest) / 4 * 3 : 0;
}

/* Give a mapping back to the system. Its bytes are nobody's now. */
static void
unmap(struct batch *b)
{
	if (munmap(b, b->reserved) != 0)
		log_warn("cannot unmap a batch: %s", strerror(errno));
}

static void
drop_coldest(struct pool *p)
{
	struct batch *b = batch_of(p->idle.prev);

	assert(!list_empty(&p->idle) && p->warm >= b->charged);
	list_remove(&b->node);
	p->warm -= b->charged;
	unmap(b);
}

void
pool_trim(struct pool *p)
{
	while (!list_empty(&p->idle))
		drop_coldest(p);
	assert(p->warm == 0);
}

void
pool_free(struct pool *p)
{
	if (p == NULL)
		return;
	assert(p->used == 0);
	pool_trim(p);
	free(p);
}

size_t
pool_used(const struct pool *p)
{
	return p->used;
}

/* May `a` hold `more` than it does, as its first record or as any? */
static bool
may_hold(const struct pool *p, const struct account *a, size_t more, bool first)
{
	size_t before = borrowed(a, a->used);
	size_t after = borrowed(a, a->used + more);
	size_t left = p->commons - p->lent;

	if (after == before)
		return true;
	if (after - before > left)
		return false;
	return first || after <= left - (after - before);
}

static void
set_used(struct pool *p, struct account *a, size_t used)
{
	p->lent -= borrowed(a, a->used);
	p->used -= a->used;
	a->used = used;
	p->used += a->used;
	p->lent += borrowed(a, a->used);
	assert(p->used <= p->budget && p->lent <= p->commons);
}

/* Charge `more` to `a`; cold batches make room for it. */
static bool
charge(struct pool *p, struct account *a, size_t more, bool first)
{
	if (!may_hold(p, a, more, first))
		return false;
	set_used(p, a, a->used + more);
	while (p->used + p->warm > p->budget)
		drop_coldest(p);
	return true;
}

void
pool_keep(struct pool *p, size_t lane, size_t bytes)
{
	struct account *a = &p->accounts[lane];

	assert(lane < p->count && a->used >= a->kept);
	set_used(p, a, a->used - a->kept + bytes);
	a->kept = bytes;
	while (p->used + p->warm > p->budget)
		drop_coldest(p);
}

static struct batch *
map_fresh(struct pool *p, size_t reserved)
{
	void *at = mmap(NULL, reserved, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (at == MAP_FAILED) {
		if (!p->refused)
			log_warn("cannot map %zu bytes for a batch: %s; "
				 "reading waits and tries again; look at the "
				 "memory limits (RLIMIT_AS, overcommit)",
			    reserved, strerror(errno));
		p->refused = true;
		return NULL;
	}
	p->refused = false;
	/* One touched byte must not bring in two megabytes. Kernels without
	 * huge pages refuse the advice, and need none. */
	(void)madvise(at, reserved, MADV_NOHUGEPAGE);
	struct batch *b = at;

	b->reserved = reserved;
	b->charged = LEAST;
	return b;
}

/* The batch used last whose mapping is large enough, off the list, cooled
 * down to `warmth` bytes. NULL: none. */
static struct batch *
take_warm(struct pool *p, size_t reserved, size_t warmth)
{
	struct list_node *at;

	list_for_each (at, &p->idle) {
		struct batch *b = batch_of(at);

		if (b->reserved < reserved)
			continue;
		list_remove(&b->node);
		p->warm -= b->charged;
		if (b->charged > warmth &&
		    madvise((char *)b + warmth, b->charged - warmth,
			MADV_DONTNEED) == 0)
			b->charged = warmth;
		return b;
	}
	return NULL;
}

struct batch *
pool_take(struct pool *p, size_t lane, size_t body)
{
	struct account *a = &p->accounts[lane];
	size_t reserved = rounded(POOL_HEAD + body);

	size_t warmth = largest(a->usual, LEAST);

	assert(lane < p->count && body > 0);
	if (!may_hold(p, a, warmth, false))
		warmth = LEAST;
	if (!may_hold(p, a, warmth, false))
		return NULL;
	struct batch *b = take_warm(p, reserved, warmth);

	if (b == NULL)
		b = map_fresh(p, reserved);
	if (b == NULL)
		return NULL;
	if (!charge(p, a, b->charged, false)) {
		unmap(b); /* too warm, and would not cool */
		return NULL;
	}
	b->pool = p;
	b->lane = b->flow = lane;
	return b;
}

bool
pool_grow(struct batch *b, size_t body)
{
	struct pool *p = b->pool;
	struct account *a = &p->accounts[b->lane];
	bool first = b->count == 0 && a->used == b->charged;
	size_t more = rounded(POOL_HEAD + body) - b->charged;

	assert(POOL_HEAD + body <= b->reserved);
	if (!charge(p, a, more, first))
		return false;
	b->charged += more;
	return true;
}

void
pool_settle(struct batch *b)
{
	struct pool *p = b->pool;
	struct account *a = &p->accounts[b->lane];
	size_t needed = largest(rounded(POOL_HEAD + b->len), LEAST);

	/* One large batch does not make the next hundred large. */
	a->usual = largest(needed, a->usual - least_of(a->usual, STEP));
	if (b->charged <= needed + SLACK)
		return;
	if (madvise((char *)b + needed, b->charged - needed, MADV_DONTNEED) !=
	    0)
		return;
	set_used(p, a, a->used - (b->charged - needed));
	b->charged = needed;
}

void
pool_give(struct batch **b)
{
	struct batch *gone = *b;
	struct pool *p = gone->pool;
	struct account *a = &p->accounts[gone->lane];

	*b = NULL;
	assert(!list_on(&gone->node) && a->used >= gone->charged);
	set_used(p, a, a->used - gone->charged);
	p->warm += gone->charged;
	list_add_first(&p->idle, &gone->node);
}
