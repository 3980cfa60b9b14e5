/* SPDX-License-Identifier: Apache-2.0
 *
 * metrics: a port where Prometheus fetches the agent's numbers.
 *
 * The only file of the agent that knows libmicrohttpd. An answer is made in
 * portions as its reader takes them, so that one that never reads holds a few
 * KiB; there are CLIENTS of them at a time, the others wait in the kernel, and
 * whoever says or takes nothing for PATIENCE_S seconds is sent off. It reads
 * nothing but the request line, knows one path, and never logs what a client
 * sent.
 *
 * Thread: libmicrohttpd's, one; metrics_new, metrics_flows and metrics_free
 * are main's. The roll of the flows changes thread by a pointer that is
 * swapped: whoever gets it owns it.
 */
#include "metrics.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "exposition.h"
#include "log.h"
#include "mem.h"

#define CLIENTS    16
#define PATIENCE_S 5
#define CLIENT_MAX ((size_t)16 << 10) /* of a client's request and answer */
#define PORTION    ((size_t)4 << 10)

#define TYPE "text/plain; version=0.0.4; charset=utf-8"

/* A roll and the pages that borrow from it. The port's thread. */
struct rolled {
	struct exposition_roll *roll; /* owned */
	unsigned pages;
	bool old; /* there is a newer one */
};

struct metrics {
	const struct flow_stats *stats; /* borrowed */
	struct MHD_Daemon *daemon;
	struct MHD_Response *missing; /* for whoever asks anything else */
	int64_t started_ms;
	_Atomic(struct exposition_roll *) mail; /* to the port's thread */
	struct rolled *now;                     /* the port's thread's */
};

/* One answer on its way. */
struct page {
	struct rolled *rolled; /* borrowed, counted */
	struct exposition reading;
	struct buf text;
	size_t sent; /* of it */
};

/* --- Whose numbers --- */

static void
rolled_free(struct rolled *r)
{
	exposition_roll_free(r->roll);
	free(r);
}

/* Take over the roll that has come, if one has. */
static void
collect(struct metrics *m)
{
	struct exposition_roll *roll = atomic_exchange(&m->mail, NULL);
	struct rolled *before = m->now;

	if (roll == NULL)
		return;
	m->now = mem_new(sizeof(*m->now));
	m->now->roll = roll;
	if (before == NULL)
		return;
	before->old = true;
	if (before->pages == 0)
		rolled_free(before);
}

void
metrics_flows(struct metrics *m, const struct config *config)
{
	exposition_roll_free(
	    atomic_exchange(&m->mail, exposition_roll_new(config)));
}

/* --- A page --- */

static struct page *
page_new(struct metrics *m)
{
	struct page *p = mem_new(sizeof(*p));

	collect(m);
	p->rolled = m->now;
	p->rolled->pages++;
	p->reading = (struct exposition){ .roll = p->rolled->roll,
		.stats = m->stats,
		.started_ms = m->started_ms };
	buf_init(&p->text, EXPOSITION_CHUNK);
	return p;
}

static void
page_free(void *owner)
{
	struct page *p = owner;

	assert(p->rolled->pages > 0);
	p->rolled->pages--;
	if (p->rolled->pages == 0 && p->rolled->old)
		rolled_free(p->rolled);
	buf_fini(&p->text);
	free(p);
}

static ssize_t
page_read(void *owner, uint64_t position, char *out, size_t room)
{
	struct page *p = owner;
	size_t len;

	(void)position;
	if (p->sent == p->text.len) {
		buf_clear(&p->text);
		p->sent = 0;
		if (!exposition_next(&p->reading, &p->text))
			return MHD_CONTENT_READER_END_OF_STREAM;
	}
	len = p->text.len - p->sent;
	if (len > room)
		len = room;
	memcpy(out, p->text.at + p->sent, len);
	p->sent += len;
	return (ssize_t)len;
}

/* --- A client --- */

static enum MHD_Result
send_page(struct metrics *m, struct MHD_Connection *connection)
{
	struct page *p = page_new(m);
	struct MHD_Response *response = MHD_create_response_from_callback(
	    MHD_SIZE_UNKNOWN, PORTION, page_read, p, page_free);
	enum MHD_Result result;

	if (response == NULL) {
		page_free(p);
		return MHD_NO;
	}
	(void)MHD_add_response_header(
	    response, MHD_HTTP_HEADER_CONTENT_TYPE, TYPE);
	result = MHD_queue_response(connection, MHD_HTTP_OK, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result
on_request(void *owner, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *upload,
    size_t *upload_size, void **state)
{
	struct metrics *m = owner;
	bool reads = strcmp(method, MHD_HTTP_METHOD_GET) == 0 ||
		     strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;

	(void)version;
	(void)upload;
	/* Called at the headers, at each portion of a body, and then to
	 * answer. A body is no reason to hear on. */
	if (*upload_size > 0) {
		*upload_size = 0;
		return MHD_NO;
	}
	if (*state == NULL) {
		*state = m;
		return MHD_YES;
	}
	if (!reads)
		return MHD_queue_response(
		    connection, MHD_HTTP_METHOD_NOT_ALLOWED, m->missing);
	if (strcmp(url, "/metrics") != 0)
		return MHD_queue_response(
		    connection, MHD_HTTP_NOT_FOUND, m->missing);
	return send_page(m, connection);
}

/* --- Beginning and end --- */

static socklen_t
address_of(const struct config *config, struct sockaddr_storage *out)
{
	struct sockaddr_in *four = (struct sockaddr_in *)out;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)out;
	in_port_t port = htons((in_port_t)config->metrics_port);

	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, config->metrics_listen, &four->sin_addr) == 1) {
		four->sin_family = AF_INET;
		four->sin_port = port;
		return sizeof(*four);
	}
	(void)inet_pton(AF_INET6, config->metrics_listen, &six->sin6_addr);
	six->sin6_family = AF_INET6;
	six->sin6_port = port;
	return sizeof(*six);
}

static int
listen_at(struct metrics *m, const struct config *config)
{
	struct sockaddr_storage address;
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD;

	(void)address_of(config, &address);
	if (address.ss_family == AF_INET6)
		flags |= MHD_USE_IPv6;
	errno = 0;
	m->daemon = MHD_start_daemon(flags, (uint16_t)config->metrics_port,
	    NULL, NULL, on_request, m, MHD_OPTION_SOCK_ADDR,
	    (struct sockaddr *)&address, MHD_OPTION_CONNECTION_LIMIT,
	    (unsigned)CLIENTS, MHD_OPTION_CONNECTION_TIMEOUT,
	    (unsigned)PATIENCE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	    CLIENT_MAX, MHD_OPTION_END);
	if (m->daemon != NULL)
		return 0;
	log_error("metrics: cannot listen at %s, port %u: %s; there are none "
		  "until the next start: choose another metrics.port, or 0",
	    config->metrics_listen, config->metrics_port,
	    errno != 0 ? strerror(errno) : "refused");
	return -1;
}

struct metrics *
metrics_new(const struct config *config, const struct flow_stats *stats)
{
	static const char text[] = "The numbers are at /metrics.\n";
	struct metrics *m = mem_new(sizeof(*m));

	m->stats = stats;
	m->started_ms = clock_wall_ms();
	metrics_flows(m, config);
	m->missing = MHD_create_response_from_buffer(
	    sizeof(text) - 1, (void *)(uintptr_t)text, MHD_RESPMEM_PERSISTENT);
	if (m->missing != NULL && listen_at(m, config) == 0) {
		log_info("metrics: at http://%s%s%s:%u/metrics",
		    strchr(config->metrics_listen, ':') != NULL ? "[" : "",
		    config->metrics_listen,
		    strchr(config->metrics_listen, ':') != NULL ? "]" : "",
		    config->metrics_port);
		return m;
	}
	metrics_free(m);
	return NULL;
}

void
metrics_free(struct metrics *m)
{
	if (m == NULL)
		return;
	if (m->daemon != NULL)
		MHD_stop_daemon(m->daemon);
	if (m->missing != NULL)
		MHD_destroy_response(m->missing);
	exposition_roll_free(atomic_load(&m->mail));
	if (m->now != NULL)
		rolled_free(m->now);
	free(m);
}
