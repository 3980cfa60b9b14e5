/* SPDX-License-Identifier: Apache-2.0
 *
 * probe: see probe.h.
 *
 * Endpoints are asked on the caller's thread, all at once; keys are got on
 * another, one question after the other, since some ways to them (a program,
 * STS) take longer than anybody wants to wait here: what has no end in time
 * is ended.
 *
 * Thread: main, before any other starts, and one of its own while it lasts.
 */
#include "probe.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "address.h"
#include "clock.h"
#include "credentials.h"
#include "digest.h"
#include "errand.h"
#include "fetch.h"
#include "http.h"
#include "instance.h"
#include "log.h"
#include "mem.h"
#include "provider.h"
#include "secret.h"
#include "sts.h"
#include "trust.h"

#define CONNECT_MS 4000
#define ANSWER_MS  5000 /* from the beginning */
#define KEYS_MS    6000 /* all of them */

_Static_assert(
    sizeof(((struct probe_identity *)0)->access_key) > CREDENTIALS_ID,
    "an access key fits");
_Static_assert(
    sizeof(((struct probe_identity *)0)->why) == ERRAND_WHY, "a reason fits");

/* --- Endpoints --- */

/* One that is being asked. */
struct call {
	struct probe_endpoint *endpoint; /* borrowed */
	struct exchange *exchange;       /* borrowed from http; NULL: over */
	size_t *open;                    /* borrowed: how many are not over */
	int64_t began_ms;
};

static void
ignore_body(void *owner, struct span bytes)
{
	(void)owner;
	(void)bytes;
}

static enum probe_end
end_of(const struct http_end *end)
{
	switch (end->result) {
	case HTTP_ANSWERED:
		return PROBE_ANSWERED;
	case HTTP_BROKEN:
		return PROBE_BROKEN;
	case HTTP_STALLED:
		return PROBE_LATE;
	case HTTP_UNREACHABLE:
		return end->named ? PROBE_NO_CONNECTION : PROBE_NO_NAME;
	case HTTP_UNTRUSTED:
		return PROBE_UNTRUSTED;
	}
	return PROBE_BROKEN;
}

static void
take_end(void *owner, const struct http_end *end)
{
	struct call *call = owner;
	struct probe_endpoint *e = call->endpoint;

	call->exchange = NULL;
	(*call->open)--;
	e->end = end_of(end);
	e->status = end->status;
	e->took_ms = clock_ms() - call->began_ms;
	e->dated = end->date_ms != 0;
	if (e->dated)
		e->ahead_ms = end->date_ms - clock_wall_ms();
	if (e->end != PROBE_ANSWERED)
		snprintf(e->why, sizeof(e->why), "%s", end->text);
}

/* Where a flow goes, unless another goes there too. */
static void
add_endpoint(struct probe *p, const struct flow_config *flow)
{
	const char *service =
	    flow->destination == DESTINATION_FIREHOSE ? "firehose" : "kinesis";
	struct address a;

	address_init(&a, flow, service);
	for (size_t i = 0; i < p->endpoint_count; i++)
		if (strcmp(p->endpoints[i].url, a.url) == 0) {
			address_fini(&a);
			return;
		}
	p->endpoints[p->endpoint_count].url = mem_dup(a.url);
	p->endpoints[p->endpoint_count].end = PROBE_LATE;
	p->endpoint_count++;
	address_fini(&a);
}

static struct http *
make_http(struct probe *p, const struct config *config)
{
	static const struct http_face face = { ignore_body, take_end };
	struct http_options options = { .connect_timeout_ms = CONNECT_MS,
		.max_connections = (uint32_t)p->endpoint_count,
		.stall_timeout_ms = ANSWER_MS,
		.proxy = config->proxy,
		.no_proxy = config->no_proxy };
	bool tls =
	    config->ca_file != NULL ||
	    (config->proxy != NULL && strncmp(config->proxy, "https:", 6) == 0);

	for (size_t i = 0; i < p->endpoint_count; i++)
		tls = tls || strncmp(p->endpoints[i].url, "https:", 6) == 0;
	if (tls) {
		options.ca_file = trust_file(config->ca_file);
		p->untrusting = options.ca_file == NULL;
		if (p->untrusting)
			return NULL;
	}
	return http_new(&options, &face);
}

static void
call_all(struct probe *p, struct http *http)
{
	struct call *calls = mem_new_array(p->endpoint_count, sizeof(*calls));
	size_t open = 0;
	int64_t now_ms = clock_ms();
	int64_t end_ms = now_ms + ANSWER_MS;

	for (size_t i = 0; i < p->endpoint_count; i++) {
		struct http_request request = { .method = "GET",
			.url = p->endpoints[i].url };

		calls[i].endpoint = &p->endpoints[i];
		calls[i].open = &open;
		calls[i].began_ms = now_ms;
		calls[i].exchange =
		    http_start(http, &request, &calls[i], now_ms);
		if (calls[i].exchange != NULL)
			open++;
	}
	while (open > 0 && now_ms < end_ms) {
		int64_t wait_ms = http_due(http, now_ms);

		if (open == 0)
			break;
		if (wait_ms > end_ms - now_ms)
			wait_ms = end_ms - now_ms;
		http_wait(http, -1, wait_ms);
		now_ms = clock_ms();
		http_run(http, now_ms);
	}
	for (size_t i = 0; i < p->endpoint_count; i++)
		if (calls[i].exchange != NULL) {
			http_abort(http, &calls[i].exchange);
			snprintf(p->endpoints[i].why,
			    sizeof(p->endpoints[i].why),
			    "no answer within %d ms", ANSWER_MS);
		}
	free(calls);
}

static void
ask_endpoints(struct probe *p, const struct config *config)
{
	struct http *http;

	p->endpoints = mem_new_array(config->flow_count, sizeof(*p->endpoints));
	for (size_t i = 0; i < config->flow_count; i++)
		add_endpoint(p, &config->flows[i]);
	http = make_http(p, config);
	if (http == NULL)
		return;
	call_all(p, http);
	http_free(http);
}

/* --- Identities --- */

/* What STS is asked for an identity. Borrowed of the config. */
struct ask {
	const char *external_id; /* or NULL */
	const char *region;
};

/* What the thread that gets keys has. In secret memory. */
struct errands {
	const struct config *config; /* borrowed */
	struct probe *probe;         /* borrowed: its identities, filled in */
	struct errand errand;
	struct credentials_keys base, keys;
	struct ask asks[]; /* one for each identity */
};

struct asker {
	struct errands *errands; /* owned: secret memory */
	size_t size;             /* of it */
	struct fetch *fetch;     /* owned */
	atomic_bool stopping;
	int wake;  /* eventfd; for `fetch` */
	int ended; /* eventfd: the thread is about to end */
};

static bool
is_same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void
add_role(struct errands *r, const struct flow_config *f)
{
	struct probe *p = r->probe;
	size_t n = p->identity_count;

	if (f->role_arn == NULL)
		return;
	for (size_t i = 1; i < n; i++)
		if (is_same(p->identities[i].role, f->role_arn) &&
		    is_same(r->asks[i].external_id, f->role_external_id) &&
		    is_same(r->asks[i].region, f->region))
			return;
	p->identities[n].role = f->role_arn;
	r->asks[n].external_id = f->role_external_id;
	r->asks[n].region = f->region;
	p->identity_count++;
}

static void
take_keys(struct probe_identity *i, const struct credentials_keys *k)
{
	i->keys = PROBE_KEYS;
	i->source = k->source;
	snprintf(i->access_key, sizeof(i->access_key), "%s", k->access_key);
	i->left_ms = k->until_ms == CLOCK_NEVER ? 0 : k->until_ms - clock_ms();
}

static void
take_reason(struct probe_identity *i, enum probe_keys keys, const char *why)
{
	i->keys = keys;
	snprintf(i->why, sizeof(i->why), "%s", why);
}

/* As the agent does at its start (keyring.c), but to the end. */
static void
ask_providers(struct errands *r, struct fetch *fetch)
{
	struct probe_identity *i = &r->probe->identities[0];
	enum probe_keys failed = PROBE_KEYS_REFUSED;
	bool last = false;

	r->errand.region = r->asks[0].region;
	r->errand.fetch = NULL;
	switch (provider_keys(&r->errand, &r->base, &last)) {
	case ERRAND_DONE:
		take_keys(i, &r->base);
		return;
	case ERRAND_NOTHING:
		take_reason(i, failed, "no provider is set up");
		return;
	case ERRAND_FAILED:
		i->source = r->base.source;
		take_reason(i, failed, r->errand.why);
		return;
	case ERRAND_AWAY:
		i->source = r->base.source;
		break;
	}
	if (fetch == NULL) {
		take_reason(i, PROBE_KEYS_AWAY, "");
		return;
	}
	if (!last || instance_is_likely())
		failed = PROBE_KEYS_FAILED;
	r->errand.fetch = fetch;
	if (provider_keys(&r->errand, &r->base, &last) == ERRAND_DONE)
		take_keys(i, &r->base);
	else
		take_reason(i, failed, r->errand.why);
}

static void
ask_role(struct errands *r, size_t n, struct fetch *fetch)
{
	struct probe_identity *i = &r->probe->identities[n];
	struct sts_role role = { .arn = i->role,
		.external_id = r->asks[n].external_id };

	i->source = "the role";
	if (r->probe->identities[0].keys == PROBE_KEYS_AWAY || fetch == NULL) {
		take_reason(i, PROBE_KEYS_AWAY, "");
		return;
	}
	if (r->probe->identities[0].keys != PROBE_KEYS) {
		take_reason(i, PROBE_KEYS_UNTRIED, "");
		return;
	}
	r->errand.fetch = fetch;
	r->errand.region = r->asks[n].region;
	r->keys = r->base;
	r->keys.source = i->source;
	if (sts_assume(&r->errand, &role, &r->keys) == ERRAND_DONE)
		take_keys(i, &r->keys);
	else
		take_reason(i, PROBE_KEYS_FAILED, r->errand.why);
}

static void *
get_keys(void *owner)
{
	struct asker *d = owner;
	struct errands *r = d->errands;
	uint64_t one = 1;

	ask_providers(r, d->fetch);
	for (size_t n = 1; n < r->probe->identity_count; n++) {
		if (atomic_load(&d->stopping))
			take_reason(
			    &r->probe->identities[n], PROBE_KEYS_UNTRIED, "");
		else
			ask_role(r, n, d->fetch);
	}
	if (write(d->ended, &one, sizeof(one)) != sizeof(one))
		log_warn("credentials: cannot tell: %s", strerror(errno));
	return NULL;
}

static int
make_errands(struct asker *d, struct probe *p, const struct config *config)
{
	size_t most = config->flow_count + 1;
	struct errands *r;

	d->size = sizeof(*r) + most * sizeof(r->asks[0]);
	r = secret_new(d->size);
	if (r == NULL)
		return -1;
	d->errands = r;
	r->config = config;
	r->probe = p;
	r->errand.config = config;
	p->identities = mem_new_array(most, sizeof(*p->identities));
	p->identity_count = 1;
	r->asks[0].region =
	    config->region != NULL ? config->region : config->flows[0].region;
	for (size_t i = 0; i < config->flow_count; i++)
		add_role(r, &config->flows[i]);
	return 0;
}

static int
asker_open(struct asker *d, struct probe *p, const struct config *config)
{
	atomic_init(&d->stopping, false);
	d->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	d->ended = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (d->wake < 0 || d->ended < 0) {
		log_error("eventfd: %s", strerror(errno));
		return -1;
	}
	return make_errands(d, p, config);
}

static void
asker_close(struct asker *d)
{
	fetch_free(d->fetch);
	secret_free(d->errands, d->size);
	if (d->wake >= 0)
		(void)close(d->wake);
	if (d->ended >= 0)
		(void)close(d->ended);
}

/* The thread has until `end_ms`. */
static void
wait_for_keys(struct asker *d, pthread_t thread, int64_t end_ms)
{
	struct pollfd ended = { .fd = d->ended, .events = POLLIN };
	int64_t left_ms = end_ms - clock_ms();
	uint64_t one = 1;

	(void)poll(&ended, 1, left_ms > 0 ? (int)left_ms : 0);
	atomic_store(&d->stopping, true);
	if (write(d->wake, &one, sizeof(one)) != sizeof(one))
		log_warn("credentials: cannot wake: %s", strerror(errno));
	(void)pthread_join(thread, NULL);
}

static int
ask_all(struct asker *d, struct probe *p, const struct config *config)
{
	int64_t end_ms = clock_ms() + KEYS_MS;
	pthread_t thread;
	int error;

	d->fetch = fetch_new(config, d->wake, &d->stopping);
	if (d->fetch == NULL)
		return -1;
	error = pthread_create(&thread, NULL, get_keys, d);
	if (error != 0) {
		log_error("cannot start a thread: %s", strerror(error));
		return -1;
	}
	ask_endpoints(p, config);
	wait_for_keys(d, thread, end_ms);
	return 0;
}

struct probe *
probe_new(const struct config *config, bool away)
{
	struct probe *p = mem_new(sizeof(*p));
	struct asker d = { .wake = -1, .ended = -1 };
	int answer = digest_setup();

	if (answer == 0)
		answer = asker_open(&d, p, config);
	if (answer == 0 && away)
		answer = ask_all(&d, p, config);
	else if (answer == 0)
		(void)get_keys(&d);
	asker_close(&d);
	if (answer == 0)
		return p;
	probe_free(p);
	return NULL;
}

void
probe_free(struct probe *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->endpoint_count; i++)
		free(p->endpoints[i].url);
	free(p->endpoints);
	free(p->identities);
	free(p);
}
