/* SPDX-License-Identifier: Apache-2.0
 *
 * publisher: bulletins to CloudWatch, by PutMetricData of AWS's Query
 * protocol.
 *
 * What could not be published is added to the next bulletin; after KEEP_MS it
 * is given up, since what happened in an hour is no number of this minute. So
 * there is never more than one bulletin here and one on its way. What fails is
 * said once a minute at most.
 *
 * Thread: its own, which waits for bulletins and answers; publisher_new,
 * _start, _stop and _free are main's. Bulletins change thread by a pointer
 * that is swapped: whoever gets it owns it.
 */
#include "publisher.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "address.h"
#include "bulletin.h"
#include "clock.h"
#include "document.h"
#include "envelope.h"
#include "errand.h"
#include "fetch.h"
#include "instance.h"
#include "log.h"
#include "mem.h"
#include "secret.h"
#include "sts.h"

#define LIMIT_MS 10000
#define LAST_MS  1000 /* for all of the last one */
#define KEEP_MS  (15 * 60 * 1000)
#define NAP_MS   (60 * 60 * 1000)
#define NAME_MAX 256

#define TYPE_LINE "Content-Type: application/x-www-form-urlencoded"

/* Signing by a clock that is wrong by less is taken; see repair.c. */
#define SKEW_MS 60000

struct publisher {
	const struct config *config;    /* borrowed */
	const char *agent_line;         /* borrowed */
	char *region, *url, *host_line; /* owned */

	struct fetch *fetch;   /* owned */
	struct errand *errand; /* owned: secret memory; NULL: nothing to ask */
	struct sigv4_key *key; /* owned: secret memory */
	struct envelope envelope;
	struct buf form;
	char instance[NAME_MAX]; /* "": not known yet */
	int64_t skew_ms;         /* CloudWatch's clock minus ours, as learnt */
	uint32_t serial;         /* of the last bulletin's keys */
	struct bulletin *unsent; /* owned */
	bool failing;            /* the last attempt did */
	struct log_gate gate;

	_Atomic(struct bulletin *) mail;
	int wake; /* eventfd */
	atomic_bool stopping;
	pthread_t thread;
	bool started;
};

/* --- One request --- */

static const struct fetch_answer *
ask(struct publisher *p, const struct bulletin *b, int64_t limit_ms)
{
	struct span form = buf_span(&p->form);
	struct envelope_order order = { .host = p->host_line,
		.type = TYPE_LINE,
		.agent = p->agent_line,
		.keys = b->keys,
		.serial = p->serial,
		.key = p->key,
		.region = p->region,
		.service = "monitoring",
		.wall_ms = clock_wall_ms() + p->skew_ms };
	struct fetch_request request = { .method = "POST",
		.url = p->url,
		.headers = p->envelope.lines,
		.body = form,
		.limit_ms = limit_ms };

	if (envelope_seal(&p->envelope, &order, &form, 1) != 0)
		return NULL;
	request.header_count = p->envelope.count;
	return fetch_ask(p->fetch, &request);
}

/* Was it only our clock? It is right then. */
static bool
set_clock(struct publisher *p, const struct fetch_answer *answer)
{
	int64_t skew_ms = answer->date_ms - clock_wall_ms();
	int64_t apart = skew_ms - p->skew_ms;

	if (!answer->answered || answer->status == 200 ||
	    answer->date_ms == 0 || (apart < SKEW_MS && apart > -SKEW_MS))
		return false;
	p->skew_ms = skew_ms;
	return true;
}

static void
complain(struct publisher *p, const struct fetch_answer *answer)
{
	char code[64] = "", message[300] = "", more[64] = "";
	uint64_t held;

	if (!log_gate_open(&p->gate, clock_ms(), &held))
		return;
	if (held > 0)
		snprintf(
		    more, sizeof(more), "; %" PRIu64 " times before", held);
	if (answer != NULL && answer->answered) {
		(void)sts_element(answer->body, "Code", code, sizeof(code));
		(void)sts_element(
		    answer->body, "Message", message, sizeof(message));
		log_warn("CloudWatch: %s: answered %ld %s %.200s; metrics "
			 "wait%s",
		    p->url, answer->status, code, message, more);
		return;
	}
	log_warn("CloudWatch: %s: %.200s; metrics wait%s", p->url,
	    answer != NULL ? answer->text : "no credentials that hold", more);
}

static bool
publish_form(struct publisher *p, const struct bulletin *b, int64_t limit_ms)
{
	const struct fetch_answer *answer = NULL;

	if (b->keys != NULL)
		answer = ask(p, b, limit_ms);
	if (answer != NULL && set_clock(p, answer))
		answer = ask(p, b, limit_ms);
	if (answer != NULL && answer->answered && answer->status == 200)
		return true;
	if (!atomic_load(&p->stopping))
		complain(p, answer);
	return false;
}

/* --- A bulletin --- */

/* Which machine: its instance id, or its name where it is none. */
static const char *
instance(struct publisher *p)
{
	const char *json;

	if (!p->config->cloudwatch_instance)
		return NULL;
	if (p->instance[0] == '\0' &&
	    (instance_document(p->errand, &json) != ERRAND_DONE ||
		!document_text(
		    json, "instanceId", p->instance, sizeof(p->instance))) &&
	    gethostname(p->instance, sizeof(p->instance) - 1) != 0)
		return "unknown";
	return p->instance;
}

/* The first `count` rows are published. */
static void
forget_rows(struct bulletin *b, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(b->rows[i].destination);
	b->count -= count;
	memmove(b->rows, b->rows + count, b->count * sizeof(b->rows[0]));
}

/* Publish `b` until `end_ms`; its rows go as they are published. */
static void
publish(struct publisher *p, struct bulletin *b, int64_t limit_ms)
{
	struct bulletin_terms terms = { .name_space =
					    p->config->cloudwatch_namespace,
		.instance = instance(p) };
	int64_t end_ms = clock_ms() + limit_ms, now_ms = clock_ms();
	size_t data = 0, all = 0;

	p->serial++;
	for (; b->count > 0 && now_ms < end_ms; now_ms = clock_ms()) {
		size_t next;

		buf_clear(&p->form);
		next = bulletin_form(b, 0, &terms, &p->form, &data);
		if (!publish_form(p, b, end_ms - now_ms))
			break;
		forget_rows(b, next);
		all += data;
	}
	p->failing = b->count > 0 && !atomic_load(&p->stopping);
	if (b->count > 0)
		return;
	if (p->config->java)
		log_info("Successfully published %zu datums.", all);
	else
		log_debug("CloudWatch: %zu data published", all);
}

/* Publish what there is, and keep what was not. */
static void
attend(struct publisher *p, int64_t limit_ms)
{
	struct bulletin *b = atomic_exchange(&p->mail, NULL);

	if (p->unsent != NULL && clock_ms() - p->unsent->since_ms > KEEP_MS) {
		log_warn("CloudWatch: what could not be published for %d "
			 "minutes is given up",
		    KEEP_MS / 60000);
		bulletin_free(p->unsent);
		p->unsent = NULL;
	}
	if (b != NULL) {
		bulletin_absorb(&b, &p->unsent);
	} else {
		b = p->unsent;
		p->unsent = NULL;
	}
	if (b == NULL)
		return;
	publish(p, b, limit_ms);
	if (b->count > 0)
		p->unsent = b;
	else
		bulletin_free(b);
	buf_fini(&p->form);
	fetch_rest(p->fetch);
}

/* --- The thread --- */

static void *
run(void *owner)
{
	struct publisher *p = owner;

	while (!atomic_load(&p->stopping)) {
		attend(p, LIMIT_MS);
		/* Whoever stops us may have woken us from an answer. */
		if (!atomic_load(&p->stopping))
			(void)fetch_wait(p->fetch, NULL, 0, NAP_MS);
	}
	if (p->failing)
		return NULL;
	/* The last one may go, too, but nobody waits for it for long. */
	atomic_store(&p->stopping, false);
	attend(p, LAST_MS);
	return NULL;
}

static void
wake(struct publisher *p)
{
	uint64_t one = 1;

	if (write(p->wake, &one, sizeof(one)) != sizeof(one) && errno != EAGAIN)
		log_warn("CloudWatch: cannot wake: %s", strerror(errno));
}

void
publisher_post(struct publisher *p, struct bulletin **b)
{
	struct bulletin *untaken = atomic_exchange(&p->mail, NULL);

	bulletin_absorb(b, &untaken);
	atomic_store(&p->mail, *b);
	*b = NULL;
	wake(p);
}

int
publisher_start(struct publisher *p)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&p->thread, NULL, run, p);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error != 0) {
		log_error(
		    "cannot start the publisher's thread: %s", strerror(error));
		return -1;
	}
	(void)pthread_setname_np(p->thread, "publisher");
	p->started = true;
	return 0;
}

void
publisher_stop(struct publisher *p)
{
	if (!p->started)
		return;
	atomic_store(&p->stopping, true);
	wake(p);
	pthread_join(p->thread, NULL);
	p->started = false;
}

/* --- Beginning and end --- */

static int
make_ways(struct publisher *p)
{
	const struct config *c = p->config;

	p->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (p->wake < 0) {
		log_error("CloudWatch: eventfd: %s", strerror(errno));
		return -1;
	}
	p->fetch = fetch_new(c, p->wake, &p->stopping);
	p->key = secret_new(sizeof(*p->key));
	if (p->fetch == NULL || p->key == NULL)
		return -1;
	if (!c->cloudwatch_instance)
		return 0;
	p->errand = secret_new(sizeof(*p->errand));
	if (p->errand == NULL)
		return -1;
	p->errand->config = c;
	p->errand->fetch = p->fetch;
	p->errand->region = p->region;
	return 0;
}

struct publisher *
publisher_new(const struct config *config, const char *agent_line)
{
	struct publisher *p = mem_new(sizeof(*p));

	p->config = config;
	p->agent_line = agent_line;
	p->wake = -1;
	p->region = mem_dup(config->cloudwatch_region != NULL
				? config->cloudwatch_region
				: config->flows[0].region);
	p->url = config->cloudwatch_endpoint != NULL
		     ? mem_dup(config->cloudwatch_endpoint)
		     : address_of_service("monitoring", p->region, config->fips,
			   config->dualstack);
	p->host_line = mem_format("Host: %s", strstr(p->url, "://") + 3);
	envelope_init(&p->envelope);
	buf_init(&p->form, BULLETIN_FORM + ((size_t)64 << 10));
	if (make_ways(p) == 0) {
		log_info("CloudWatch: metrics go to %s (%s), namespace %s, "
			 "each %" PRId64 " s",
		    p->url, p->region, config->cloudwatch_namespace,
		    config->cloudwatch_ms / 1000);
		return p;
	}
	publisher_free(p);
	return NULL;
}

void
publisher_free(struct publisher *p)
{
	if (p == NULL)
		return;
	bulletin_free(atomic_load(&p->mail));
	bulletin_free(p->unsent);
	fetch_free(p->fetch);
	secret_free(p->errand, sizeof(*p->errand));
	secret_free(p->key, sizeof(*p->key));
	envelope_fini(&p->envelope);
	buf_fini(&p->form);
	if (p->wake >= 0)
		(void)close(p->wake);
	free(p->region);
	free(p->url);
	free(p->host_line);
	free(p);
}
