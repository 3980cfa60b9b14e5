/* SPDX-License-Identifier: Apache-2.0
 *
 * server: libmicrohttpd (its only includer) around route_request.
 *
 * A connection keeps its exchange: the body buffer, the answer buffer and the
 * places of 500 records are made once and used for all of its requests. The
 * body is hashed while it arrives. What an answer's manner asks for (late,
 * trickling, half, never) is done here, with the connection suspended
 * meanwhile, so that one slow answer holds up nobody else.
 *
 * Thread: the HTTP server's own, epoll; a connection stays with one.
 */
#include "server.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "later.h"
#include "route.h"
#include "say.h"

/* One read takes this much at most; a TLS record holds 16 KiB. */
#define POOL_BYTES ((size_t)160 * 1024)
#define READ_BYTES ((size_t)64 * 1024)
#define ANSWER_MAX ((size_t)1024 * 1024)
#define PRIORITIES                                                             \
	"NORMAL:%SERVER_PRECEDENCE:-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM:"     \
	"+CHACHA20-POLY1305"

struct server {
	struct sandbox *sandbox;
	struct MHD_Daemon *daemon;
	struct later later;
	size_t body_max;
};

enum stage {
	STAGE_HEADERS, /* just arrived */
	STAGE_BODY,    /* arriving */
	STAGE_WAITING, /* the answer is ready, its time is not */
};

struct connection {
	struct exchange exchange;
	struct server *server;
	struct MHD_Connection *mhd; /* borrowed; frees us by on_connection */
	struct later_wait wait;
	enum stage stage;
	int64_t next_byte_us; /* of a trickle */
};

static struct connection *
connection_of(struct MHD_Connection *mhd)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info == NULL ? NULL : info->socket_context;
}

static struct connection *
connection_new(struct server *s, struct MHD_Connection *mhd)
{
	struct connection *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->server = s;
	c->mhd = mhd;
	c->exchange.sandbox = s->sandbox;
	bytes_init(&c->exchange.request.body, s->body_max);
	bytes_init(&c->exchange.answer.body, ANSWER_MAX);
	s->sandbox->stats.connections++;
	s->sandbox->stats.open_connections++;
	return c;
}

static void
connection_free(struct connection *c)
{
	if (c == NULL)
		return;
	c->server->sandbox->stats.open_connections--;
	bytes_fini(&c->exchange.request.body);
	bytes_fini(&c->exchange.answer.body);
	free(c);
}

static void
on_connection(void *cls, struct MHD_Connection *mhd, void **context,
    enum MHD_ConnectionNotificationCode what)
{
	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		*context = connection_new(cls, mhd);
		return;
	}
	connection_free(*context);
	*context = NULL;
}

/* The request line as it came, before the server takes it apart. */
static void *
on_target(void *cls, const char *target, struct MHD_Connection *mhd)
{
	struct connection *c = connection_of(mhd);
	struct request *r;
	size_t length = strlen(target);
	const char *mark;

	(void)cls;
	if (c == NULL)
		return NULL;
	r = &c->exchange.request;
	c->stage = STAGE_HEADERS;
	r->too_large = length >= sizeof(r->target);
	if (r->too_large)
		length = sizeof(r->target) - 1;
	memcpy(r->target, target, length);
	r->target[length] = '\0';
	mark = strchr(r->target, '?');
	r->path = (struct span){ (uint8_t *)r->target,
		mark == NULL ? length : (size_t)(mark - r->target) };
	r->query = (struct span){ (uint8_t *)r->target + length, 0 };
	if (mark != NULL) {
		r->query.at = r->path.at + r->path.length + 1;
		r->query.length = length - r->path.length - 1;
	}
	return c;
}

static enum MHD_Result
on_header(void *cls, enum MHD_ValueKind kind, const char *name,
    size_t name_length, const char *value, size_t value_length)
{
	struct request *r = cls;

	(void)kind;
	if (r->header_count == REQUEST_HEADERS_MAX) {
		r->too_large = true;
		return MHD_NO;
	}
	r->headers[r->header_count++] = (struct header){
		{ (uint8_t *)(uintptr_t)name, name_length },
		{ (uint8_t *)(uintptr_t)value, value_length },
	};
	return MHD_YES;
}

static enum MHD_Result
begin(struct connection *c, const char *method)
{
	struct request *r = &c->exchange.request;
	size_t length = strlen(method);

	if (length >= sizeof(r->method))
		return MHD_NO;
	memcpy(r->method, method, length + 1);
	r->header_count = 0;
	bytes_clear(&r->body);
	digest_begin(&r->hashing);
	MHD_get_connection_values_n(c->mhd, MHD_HEADER_KIND, on_header, r);
	c->stage = STAGE_BODY;
	if (!route_is_control(r) && faults_close(&c->server->sandbox->faults)) {
		c->server->sandbox->stats.requests++;
		return MHD_NO;
	}
	return MHD_YES;
}

static void
take_body(struct request *r, const char *chunk, size_t length)
{
	digest_add(&r->hashing, chunk, length);
	bytes_put(&r->body, chunk, length);
	if (r->body.overflowed)
		r->too_large = true;
}

static ssize_t
trickle(void *cls, uint64_t at, char *to, size_t most)
{
	struct connection *c = cls;
	const struct answer *a = &c->exchange.answer;
	int64_t now_us = later_now_us();

	(void)most;
	if (at >= a->body.length)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (c->wait.gone)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (now_us < c->next_byte_us) {
		c->wait.due_us = c->next_byte_us;
		MHD_suspend_connection(c->mhd);
		if (later_add(&c->server->later, &c->wait))
			return 0;
		MHD_resume_connection(c->mhd);
		return MHD_CONTENT_READER_END_WITH_ERROR;
	}
	c->next_byte_us = now_us + a->ms * 1000;
	to[0] = (char)a->body.at[at];
	return 1;
}

static ssize_t
half(void *cls, uint64_t at, char *to, size_t most)
{
	const struct connection *c = cls;
	const struct bytes *body = &c->exchange.answer.body;
	size_t length = body->length / 2;

	if (at >= length)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	length -= (size_t)at;
	if (length > most)
		length = most;
	memcpy(to, body->at + at, length);
	return (ssize_t)length;
}

static struct MHD_Response *
response_for(struct connection *c)
{
	struct answer *a = &c->exchange.answer;

	if (a->manner == MANNER_TRICKLE) {
		c->wait.gone = false;
		c->next_byte_us = 0;
		return MHD_create_response_from_callback(
		    a->body.length, 1, trickle, c, NULL);
	}
	if (a->manner == MANNER_HALF)
		return MHD_create_response_from_callback(
		    a->body.length, 16384, half, c, NULL);
	return MHD_create_response_from_buffer(
	    a->body.length, a->body.at, MHD_RESPMEM_PERSISTENT);
}

static void
add_headers(struct connection *c, struct MHD_Response *response)
{
	const struct answer *a = &c->exchange.answer;
	uint64_t id = c->server->sandbox->stats.requests;
	time_t shifted = time(NULL) + (time_t)(a->date_shift_ms / 1000);
	char text[64];
	struct tm tm;

	MHD_add_response_header(response, "Content-Type", a->content_type);
	snprintf(text, sizeof(text), "5a0db0c5-0000-4000-8000-%012llx",
	    (unsigned long long)id & 0xffffffffffffu);
	MHD_add_response_header(response, "x-amzn-RequestId", text);
	if (a->date_shift_ms == 0)
		return;
	gmtime_r(&shifted, &tm);
	strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	MHD_add_response_header(response, "Date", text);
}

static enum MHD_Result
send_answer(struct connection *c)
{
	struct MHD_Response *response = response_for(c);
	enum MHD_Result result;

	if (response == NULL)
		return MHD_NO;
	add_headers(c, response);
	result =
	    MHD_queue_response(c->mhd, c->exchange.answer.status, response);
	MHD_destroy_response(response);
	return result;
}

static void
wake(struct later_wait *wait)
{
	struct connection *c =
	    (struct connection *)(void *)((char *)wait -
					  offsetof(struct connection, wait));

	MHD_resume_connection(c->mhd);
}

static enum MHD_Result
wait_until(struct connection *c, int64_t due_us)
{
	c->stage = STAGE_WAITING;
	c->wait.due_us = due_us;
	MHD_suspend_connection(c->mhd);
	if (later_add(&c->server->later, &c->wait))
		return MHD_YES;
	MHD_resume_connection(c->mhd);
	return MHD_NO;
}

static enum MHD_Result
finish(struct connection *c)
{
	struct request *r = &c->exchange.request;
	struct answer *a = &c->exchange.answer;

	digest_end(&r->hashing, r->body_hash);
	route_request(&c->exchange);
	if (a->body.overflowed) {
		say("an answer of over %zu bytes", ANSWER_MAX);
		return MHD_NO;
	}
	c->wait.wake = wake;
	c->wait.socket =
	    MHD_get_connection_info(c->mhd, MHD_CONNECTION_INFO_CONNECTION_FD)
		->connect_fd;
	switch (a->manner) {
	case MANNER_PLAIN:
	case MANNER_TRICKLE:
	case MANNER_HALF:
		return send_answer(c);
	case MANNER_LATE:
		return wait_until(c, later_now_us() + a->ms * 1000);
	case MANNER_NEVER:
		return wait_until(c, LATER_NEVER);
	case MANNER_CLOSE:
		break;
	}
	return MHD_NO;
}

static enum MHD_Result
on_request(void *cls, struct MHD_Connection *mhd, const char *url,
    const char *method, const char *version, const char *chunk, size_t *length,
    void **context)
{
	struct connection *c = *context;

	(void)cls;
	(void)mhd;
	(void)url;
	(void)version;
	if (c == NULL)
		return MHD_NO;
	if (c->stage == STAGE_HEADERS)
		return begin(c, method);
	if (c->stage == STAGE_WAITING)
		return c->wait.gone ? MHD_NO : send_answer(c);
	if (*length == 0)
		return finish(c);
	take_body(&c->exchange.request, chunk, *length);
	*length = 0;
	return MHD_YES;
}

static struct MHD_Daemon *
start(struct server *s, uint16_t port, unsigned threads,
    const struct tls_files *tls)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD |
			 MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TURBO;
	struct MHD_OptionItem secure[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, NULL },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, NULL },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0,
		    (void *)(uintptr_t)PRIORITIES },
		{ MHD_OPTION_END, 0, NULL },
	};

	if (tls != NULL) {
		flags |= MHD_USE_TLS;
		secure[0].ptr_value = tls->certificate;
		secure[1].ptr_value = tls->key;
	} else {
		secure[0].option = MHD_OPTION_END;
	}
	/* A pool of one thread is refused: one thread is the default. */
	return MHD_start_daemon(flags, port, NULL, NULL, on_request, s,
	    MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	    POOL_BYTES, MHD_OPTION_CONNECTION_MEMORY_INCREMENT, READ_BYTES,
	    MHD_OPTION_NOTIFY_CONNECTION, on_connection, s,
	    MHD_OPTION_URI_LOG_CALLBACK, on_target, s,
	    MHD_OPTION_THREAD_POOL_SIZE, threads > 1 ? threads : 0,
	    MHD_OPTION_ARRAY, secure, MHD_OPTION_END);
}

struct server *
server_new(struct sandbox *sandbox, uint16_t port, unsigned threads,
    const struct tls_files *tls)
{
	struct server *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		say("no memory");
		return NULL;
	}
	s->sandbox = sandbox;
	/* base64, names and braces on top of what a request may carry */
	s->body_max = sandbox->request_bytes / 3 * 4 + ((size_t)2 << 20);
	if (later_init(&s->later) != 0)
		goto fail;
	s->daemon = start(s, port, threads, tls);
	if (s->daemon != NULL)
		return s;
	say("cannot listen on 127.0.0.1:%u", port);
fail:
	later_fini(&s->later);
	free(s);
	return NULL;
}

uint16_t
server_port(const struct server *s)
{
	return MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

void
server_free(struct server *s)
{
	if (s == NULL)
		return;
	later_stop(&s->later);
	MHD_stop_daemon(s->daemon);
	later_fini(&s->later);
	free(s);
}
