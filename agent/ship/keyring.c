/* SPDX-License-Identifier: Apache-2.0
 *
 * keyring: the identities that flows sign as, each with keys that hold.
 *
 * The first identity is whom the providers say; a role is assumed as it. Keys
 * are renewed minutes before they expire, by chance not all of a fleet at
 * once; those that would live shorter, at half their time. While that fails
 * the present ones serve on until they expire, and then nothing is signed by
 * them any more: the batches wait.
 *
 * Thread: main makes it and the ship collects; the rest runs on a thread of
 * its own, which waits for programs and networks. Keys change thread by a
 * pointer that is swapped (`mail`): whoever gets it owns it.
 */
#include "keyring.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "clock.h"
#include "digest.h"
#include "errand.h"
#include "fetch.h"
#include "instance.h"
#include "log.h"
#include "mem.h"
#include "provider.h"
#include "secret.h"
#include "sts.h"

/* How early keys are renewed, and by how much of that chance decides. Twice
 * what AWS promises new ones to be there before. */
#define EARLY_MS  (5 * 60 * 1000)
#define CHANCE_MS (5 * 60 * 1000)

/* So long before the end keys are not signed with any more. */
#define WAY_MS 10000

/* A failure's first and longest wait. */
#define PAUSE_FIRST_MS 1000
#define PAUSE_MAX_MS   30000
#define PAUSE_DRY_MS   5000

/* Whoever gives keys out has not made others yet. */
#define AGAIN_MAX_MS 60000

#define NAP_MAX_MS (60 * 60 * 1000)

/* An identity. In secret memory. */
struct principal {
	char *role_arn;    /* owned; NULL: whom the providers say */
	char *external_id; /* owned, or NULL */
	char *region;      /* owned, or NULL: of the STS to ask */
	char *source;      /* owned: the role, for people; or NULL */

	struct credentials ship; /* the ship's */

	_Atomic(struct credentials_keys *) mail; /* to the ship */
	atomic_bool wanted; /* by the ship: others than these */

	/* The keyring thread's. */
	struct credentials_keys held, fresh;
	bool any;          /* `held` was filled */
	int64_t due_ms;    /* when to get others */
	int64_t got_ms;    /* when these were got */
	int64_t pause_ms;  /* the next failure's */
	int64_t insist_ms; /* between renewals that the ship wants */
	bool insisted;     /* this renewal is one */
	struct log_gate gate;
};

struct keyring {
	const struct config *config; /* borrowed */
	void (*news)(void *owner);
	void *owner; /* borrowed */

	struct principal *principals; /* owned; [0]: the providers' */
	_Atomic size_t count;         /* those are there for good */
	size_t most;                  /* and so many may be */
	uint32_t *of_flow;            /* owned: the principal of each flow */
	uint32_t own;                 /* the agent's own principal */

	struct errand *errand; /* owned: secret memory */
	struct fetch *fetch;   /* owned */
	uint64_t dice;

	atomic_uint posted; /* letters ever */
	unsigned collected; /* the ship's: of them */
	int wake;           /* eventfd */
	atomic_bool stopping;
	pthread_t thread;
	bool started;
};

static uint64_t
roll(struct keyring *k)
{
	k->dice ^= k->dice >> 12;
	k->dice ^= k->dice << 25;
	k->dice ^= k->dice >> 27;
	return k->dice * UINT64_C(2685821657736338717);
}

/* --- Getting keys --- */

static bool
holds(const struct principal *p, int64_t now_ms)
{
	return p->any && p->held.until_ms > now_ms;
}

static void
put_off(struct keyring *k, struct principal *p, int64_t now_ms)
{
	/* Nothing is sent meanwhile. */
	int64_t max_ms = holds(p, now_ms) ? PAUSE_MAX_MS : PAUSE_DRY_MS;
	int64_t half = p->pause_ms / 2;

	p->due_ms = now_ms + half + (int64_t)(roll(k) % (uint64_t)(half + 1));
	p->pause_ms *= 2;
	if (p->pause_ms > max_ms)
		p->pause_ms = max_ms;
}

/* When to get others than p->held. */
static void
schedule(struct keyring *k, struct principal *p, int64_t now_ms, bool changed)
{
	int64_t life_ms = p->held.until_ms - now_ms;
	int64_t early_ms = EARLY_MS + (int64_t)(roll(k) % CHANCE_MS);

	p->pause_ms = PAUSE_FIRST_MS;
	if (p->held.until_ms == CLOCK_NEVER) {
		p->due_ms = CLOCK_NEVER;
		return;
	}
	if (early_ms > life_ms / 2)
		early_ms = life_ms / 2;
	p->due_ms = p->held.until_ms - early_ms;
	if (changed)
		return;
	p->due_ms = now_ms + life_ms / 4;
	if (p->due_ms > now_ms + AGAIN_MAX_MS)
		p->due_ms = now_ms + AGAIN_MAX_MS;
	if (p->due_ms < now_ms + PAUSE_FIRST_MS)
		p->due_ms = now_ms + PAUSE_FIRST_MS;
}

static void
say_new(const struct principal *p, int64_t now_ms)
{
	char time[64] = "";

	if (p->held.until_ms != CLOCK_NEVER)
		snprintf(time, sizeof(time), ", for %" PRId64 " s",
		    (p->held.until_ms - now_ms) / 1000);
	log_info("credentials: access key %s from %s%s", p->held.access_key,
	    p->held.source, time);
}

/* Give the ship what p->held is now. Before the start it is ours to write. */
static void
post(struct keyring *k, struct principal *p)
{
	struct credentials_keys *letter;

	if (!k->started) {
		p->ship.now = p->held;
		p->ship.serial++;
		return;
	}
	letter = secret_new(sizeof(*letter));
	if (letter == NULL)
		return; /* logged; the ship will ask again */
	*letter = p->held;
	letter = atomic_exchange(&p->mail, letter);
	secret_free(letter, sizeof(*letter));
	atomic_fetch_add(&k->posted, 1);
	k->news(k->owner);
}

/* A request is judged when it arrives, by a clock that is not quite ours. */
static void
allow_for_the_way(struct credentials_keys *keys, int64_t now_ms)
{
	int64_t allowance_ms = (keys->until_ms - now_ms) / 8;

	if (keys->until_ms == CLOCK_NEVER)
		return;
	if (allowance_ms > WAY_MS)
		allowance_ms = WAY_MS;
	keys->until_ms -= allowance_ms;
}

/* p->fresh has come. */
static void
take_fresh(struct keyring *k, struct principal *p, int64_t now_ms)
{
	bool other = !p->any || !credentials_same(&p->held, &p->fresh);
	bool changed = other || p->held.until_ms != p->fresh.until_ms;

	p->got_ms = now_ms;
	allow_for_the_way(&p->fresh, now_ms);
	if (!p->insisted)
		p->insist_ms = PAUSE_FIRST_MS;
	else if (p->fresh.until_ms != CLOCK_NEVER &&
		 p->insist_ms < AGAIN_MAX_MS)
		p->insist_ms *= 2;
	p->insisted = false;
	p->held = p->fresh;
	p->any = true;
	schedule(k, p, now_ms, changed);
	if (other)
		say_new(p, now_ms);
	if (changed)
		post(k, p);
	/* Whoever waits for these to be assumed with. */
	for (size_t i = 1; p == k->principals && i < k->count; i++)
		if (!k->principals[i].any)
			k->principals[i].due_ms = now_ms;
}

static void
complain(struct principal *p, const char *why, int64_t now_ms)
{
	const char *who = p->source != NULL ? p->source : "no keys";
	char more[80] = "", state[80];
	int64_t left_ms = p->any ? p->held.until_ms - now_ms : 0;
	uint64_t held;

	if (!log_gate_open(&p->gate, now_ms, &held))
		return;
	if (left_ms > 0)
		snprintf(state, sizeof(state),
		    "the present ones hold for another %" PRId64 " s",
		    left_ms / 1000);
	else
		snprintf(state, sizeof(state),
		    "nothing is sent without; it is tried again");
	if (held > 0)
		snprintf(more, sizeof(more),
		    "; %" PRIu64 " more failures since the last such line",
		    held);
	log_warn("credentials: %s: %s; %s%s", who, why, state, more);
}

/* Become p's role as whom the providers say. */
static enum errand_answer
assume(struct keyring *k, struct principal *p)
{
	struct principal *base = &k->principals[0];
	struct sts_role role = { .arn = p->role_arn,
		.external_id = p->external_id };
	enum errand_answer answer;

	p->fresh = base->held;
	p->fresh.source = p->source;
	answer = sts_assume(k->errand, &role, &p->fresh);
	if (answer == ERRAND_FAILED &&
	    (strstr(k->errand->why, "ExpiredToken") != NULL ||
		strstr(k->errand->why, "InvalidClientTokenId") != NULL))
		atomic_store(&base->wanted, true);
	return answer;
}

/* Get keys for `p`. */
static enum errand_answer
attend(struct keyring *k, struct principal *p)
{
	enum errand_answer answer;
	bool last = false;
	int64_t now_ms = clock_ms();

	if (p != k->principals && !holds(&k->principals[0], now_ms)) {
		/* What is wrong is said there. */
		p->due_ms = now_ms + PAUSE_FIRST_MS;
		return ERRAND_NOTHING;
	}
	k->errand->region = p->region;
	if (p->role_arn == NULL)
		answer = provider_keys(k->errand, &p->fresh, &last);
	else
		answer = assume(k, p);
	now_ms = clock_ms();
	if (answer == ERRAND_DONE) {
		take_fresh(k, p, now_ms);
	} else if (!atomic_load(&k->stopping)) {
		put_off(k, p, now_ms);
		complain(p,
		    answer == ERRAND_FAILED ? k->errand->why
					    : "no provider is set up any more",
		    now_ms);
	}
	explicit_bzero(&p->fresh, sizeof(p->fresh));
	return answer;
}

/* --- The thread --- */

static void
heed_the_ship(struct principal *p, int64_t now_ms)
{
	int64_t soonest_ms = p->got_ms + p->insist_ms;

	if (!atomic_exchange(&p->wanted, false))
		return;
	if (soonest_ms < now_ms)
		soonest_ms = now_ms;
	if (soonest_ms >= p->due_ms)
		return;
	p->due_ms = soonest_ms;
	p->insisted = true;
}

/* Answers in how many milliseconds there is more to do. */
static int64_t
make_the_round(struct keyring *k)
{
	int64_t due_ms = CLOCK_NEVER, now_ms = clock_ms();
	bool any = false;

	for (size_t i = 0; i < k->count; i++) {
		struct principal *p = &k->principals[i];

		heed_the_ship(p, now_ms);
		if (p->due_ms <= now_ms && !atomic_load(&k->stopping)) {
			(void)attend(k, p);
			any = true;
		}
	}
	if (any)
		fetch_rest(k->fetch);
	/* The first may be due again for the sake of others. */
	for (size_t i = 0; i < k->count; i++)
		if (k->principals[i].due_ms < due_ms)
			due_ms = k->principals[i].due_ms;
	now_ms = clock_ms();
	if (due_ms > now_ms + NAP_MAX_MS)
		return NAP_MAX_MS;
	return due_ms > now_ms ? due_ms - now_ms : 0;
}

static void *
run(void *owner)
{
	struct keyring *k = owner;

	while (!atomic_load(&k->stopping)) {
		int64_t wait_ms = make_the_round(k);

		(void)fetch_wait(k->fetch, NULL, 0, wait_ms);
	}
	return NULL;
}

static void
wake(struct keyring *k)
{
	uint64_t one = 1;

	if (write(k->wake, &one, sizeof(one)) != sizeof(one) && errno != EAGAIN)
		log_warn("credentials: cannot wake: %s", strerror(errno));
}

int
keyring_start(struct keyring *k)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	k->started = true;
	error = pthread_create(&k->thread, NULL, run, k);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error != 0) {
		k->started = false;
		log_error(
		    "cannot start the keyring's thread: %s", strerror(error));
		return -1;
	}
	(void)pthread_setname_np(k->thread, "keyring");
	return 0;
}

void
keyring_stop(struct keyring *k)
{
	if (!k->started)
		return;
	atomic_store(&k->stopping, true);
	wake(k);
	pthread_join(k->thread, NULL);
	k->started = false;
}

/* --- The ship's side --- */

const struct credentials *
keyring_of(const struct keyring *k, size_t flow)
{
	return &k->principals[k->of_flow[flow]].ship;
}

const struct credentials *
keyring_own(const struct keyring *k)
{
	return &k->principals[k->own].ship;
}

bool
keyring_collect(struct keyring *k)
{
	unsigned posted = atomic_load(&k->posted);

	if (posted == k->collected)
		return false;
	k->collected = posted;
	for (size_t i = 0; i < k->count; i++) {
		struct principal *p = &k->principals[i];
		struct credentials_keys *letter =
		    atomic_exchange(&p->mail, NULL);

		if (letter == NULL)
			continue;
		p->ship.now = *letter;
		p->ship.serial++;
		secret_free(letter, sizeof(*letter));
	}
	return true;
}

void
keyring_renew(struct keyring *k, const struct credentials *c)
{
	for (size_t i = 0; i < k->count; i++) {
		struct principal *p = &k->principals[i];

		if (&p->ship == c && !atomic_exchange(&p->wanted, true))
			wake(k);
	}
}

/* --- Beginning and end --- */

static bool
is_same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static char *
copy_of(const char *text)
{
	return text != NULL ? mem_dup(text) : NULL;
}

/* The principal that signs for `f`, made if there is none yet; it is the
 * keyring's thread's as soon as it is counted. k->most: there are too many. */
static uint32_t
principal_for(struct keyring *k, const struct flow_config *f)
{
	size_t count = k->count;
	struct principal *p;

	if (f->role_arn == NULL)
		return 0;
	for (size_t i = 1; i < count; i++) {
		p = &k->principals[i];
		if (is_same(p->role_arn, f->role_arn) &&
		    is_same(p->external_id, f->role_external_id) &&
		    is_same(p->region, f->region))
			return (uint32_t)i;
	}
	if (count == k->most)
		return (uint32_t)count;
	p = &k->principals[count];
	p->role_arn = copy_of(f->role_arn);
	p->external_id = copy_of(f->role_external_id);
	p->region = copy_of(f->region);
	p->source = mem_format("the role %s", f->role_arn);
	p->pause_ms = p->insist_ms = PAUSE_FIRST_MS;
	k->count = count + 1;
	return (uint32_t)count;
}

const struct credentials *
keyring_admit(struct keyring *k, const struct flow_config *f)
{
	size_t before = k->count;
	uint32_t i = principal_for(k, f);

	if (i == k->most) {
		log_error("flow %s: %s is one role more than the agent can "
			  "take in since its start: restart it",
		    f->name, f->role_arn);
		return NULL;
	}
	if (k->count > before)
		wake(k);
	return &k->principals[i].ship;
}

static int
make_principals(struct keyring *k)
{
	const struct config *c = k->config;
	struct flow_config own = { .role_arn = c->role_arn,
		.role_external_id = c->role_external_id,
		.region = c->flows[0].region };

	k->most = c->flow_count + 2;
	k->principals = secret_new(k->most * sizeof(*k->principals));
	if (k->principals == NULL)
		return -1;
	k->count = 1;
	k->principals[0].region =
	    copy_of(c->region != NULL ? c->region : c->flows[0].region);
	k->principals[0].pause_ms = PAUSE_FIRST_MS;
	k->principals[0].insist_ms = PAUSE_FIRST_MS;
	k->of_flow = mem_new_array(c->flow_count, sizeof(*k->of_flow));
	for (size_t i = 0; i < c->flow_count; i++)
		if (!config_flow_is_empty(&c->flows[i]))
			k->of_flow[i] = principal_for(k, config_flow(c, i));
	if (c->cloudwatch)
		k->own = principal_for(k, &own);
	return 0;
}

static int
say_none(const struct keyring *k)
{
	log_error("no AWS credentials: set awsAccessKeyId and "
		  "awsSecretAccessKey in %s, or AWS_ACCESS_KEY_ID and "
		  "AWS_SECRET_ACCESS_KEY in the environment, or a "
		  "profile in ~/.aws/credentials, or give the machine a role",
	    k->config->path != NULL ? k->config->path : "the configuration");
	return -1;
}

/* Where nothing is set up, only an instance's own metadata is left. A machine
 * that does not look like an instance is asked once, now: its operator should
 * hear at once that there are no credentials, and not be told every minute. */
static int
try_the_last(struct keyring *k)
{
	enum errand_answer answer;

	if (instance_is_likely())
		return 0;
	k->errand->fetch = k->fetch;
	answer =
	    provider_keys(k->errand, &k->principals[0].fresh, &(bool){ false });
	if (answer == ERRAND_DONE) {
		take_fresh(k, &k->principals[0], clock_ms());
		return 0;
	}
	log_warn("credentials: %s", k->errand->why);
	return say_none(k);
}

static int
find_out(struct keyring *k)
{
	struct principal *base = &k->principals[0];
	bool last = false;

	switch (provider_keys(k->errand, &base->fresh, &last)) {
	case ERRAND_DONE:
		take_fresh(k, base, clock_ms());
		return 0;
	case ERRAND_AWAY:
		if (last)
			return try_the_last(k);
		log_info("credentials: from %s", base->fresh.source);
		return 0;
	case ERRAND_NOTHING:
		return say_none(k);
	case ERRAND_FAILED:
		log_error("no AWS credentials: %s: %s", base->fresh.source,
		    k->errand->why);
		return -1;
	}
	return -1;
}

static int
make_errand(struct keyring *k)
{
	k->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (k->wake < 0) {
		log_error("credentials: eventfd: %s", strerror(errno));
		return -1;
	}
	k->fetch = fetch_new(k->config, k->wake, &k->stopping);
	k->errand = secret_new(sizeof(*k->errand));
	if (k->fetch == NULL || k->errand == NULL)
		return -1;
	k->errand->config = k->config;
	k->errand->region = k->principals[0].region;
	return 0;
}

struct keyring *
keyring_new(const struct config *config, void (*news)(void *owner), void *owner)
{
	struct keyring *k = mem_new(sizeof(*k));

	k->config = config;
	k->news = news;
	k->owner = owner;
	k->wake = -1;
	digest_random(&k->dice, sizeof(k->dice));
	k->dice |= 1;
	if (make_principals(k) == 0 && make_errand(k) == 0 &&
	    find_out(k) == 0) {
		k->errand->fetch = k->fetch;
		return k;
	}
	keyring_free(k);
	return NULL;
}

void
keyring_free(struct keyring *k)
{
	size_t size;

	if (k == NULL)
		return;
	assert(!k->started);
	size = k->most * sizeof(*k->principals);
	for (size_t i = 0; i < k->count; i++) {
		struct principal *p = &k->principals[i];

		secret_free(atomic_load(&p->mail), sizeof(p->held));
		free(p->source);
		free(p->role_arn);
		free(p->external_id);
		free(p->region);
	}
	secret_free(k->principals, size);
	secret_free(k->errand, sizeof(*k->errand));
	fetch_free(k->fetch);
	if (k->wake >= 0)
		(void)close(k->wake);
	free(k->of_flow);
	free(k);
}
