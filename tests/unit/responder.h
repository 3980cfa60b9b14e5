/* SPDX-License-Identifier: Apache-2.0
 *
 * responder: an HTTP server on 127.0.0.1 that plays what a test wrote down,
 * one play a request, and keeps what it accepted.
 *
 * A thread accepts, one thread a connection answers: a play may hang without
 * holding up the others. Requests are read back by request.h; what was
 * accepted is kept as text, in order of acceptance.
 */
#ifndef RESPONDER_H
#define RESPONDER_H

#include <assert.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "request.h"

enum play {
	PLAY_ACCEPT,      /* all, told in JSON with the count first */
	PLAY_COUNT_LAST,  /* all, with the count behind the entries */
	PLAY_EVERY_THIRD, /* fail records 0, 3, 6 ... */
	PLAY_FAIL_ALL,    /* throttle each record */
	PLAY_ERROR,       /* refuse with `status` and `text` */
	PLAY_POISON,      /* the same if a record holds `poison`, else accept */
	PLAY_SILENT,      /* read it, answer never */
	PLAY_CLOSE,       /* read it, close */
	PLAY_LOST,        /* accept, close without a word */
	PLAY_HALF,        /* accept, send half of the entries */
	PLAY_EARLY,       /* accept, break off behind the count of 0 */
	PLAY_GARBAGE,     /* accept, answer noise */
	PLAY_EMPTY,       /* accept, answer nothing with 200 */
	PLAY_SHORT,       /* accept, answer for one record too few */
	PLAY_ENDLESS      /* read it, answer for as long as anybody listens */
};

struct responder;

struct cue {
	enum play play;
	int status;         /* PLAY_ERROR */
	const char *text;   /* PLAY_ERROR: the body; borrowed */
	const char *poison; /* PLAY_POISON; borrowed */
	const char *header; /* more header lines, or NULL; borrowed */
	void (*before)(struct responder *r); /* before answering, or NULL */
};

#define RESPONDER_CUES        64
#define RESPONDER_CONNECTIONS 64

struct responder_line {
	struct responder *responder;
	pthread_t thread;
	int fd;
};

struct responder {
	int fd;
	int port;
	pthread_t thread;
	bool listening;
	pthread_mutex_t lock;

	/* Under lock. */
	struct cue cues[RESPONDER_CUES];
	size_t cue_count, cue_next;
	struct cue usual; /* once the cues are played */
	char **kept;      /* what was accepted */
	size_t kept_count, kept_room;
	unsigned requests;
	char *head; /* of the last request */
	struct responder_line lines[RESPONDER_CONNECTIONS];
	size_t line_count;
};

static inline void
responder_keep(struct responder *r, const struct request *request, size_t step)
{
	for (size_t i = 0; i < request->count; i++) {
		if (step != 0 && i % step == 0)
			continue;
		if (r->kept_count == r->kept_room) {
			r->kept_room = r->kept_room * 2 + 64;
			r->kept =
			    realloc(r->kept, r->kept_room * sizeof(*r->kept));
			assert(r->kept != NULL);
		}
		r->kept[r->kept_count++] =
		    strndup((const char *)request->records[i].data,
			request->records[i].len);
	}
}

/* An answer for `count` entries of which each `step`th failed (0: none). */
static inline char *
responder_answer(size_t count, size_t step, bool count_first)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	size_t failed = step == 0 ? 0 : (count + step - 1) / step;

	fputs("{", f);
	if (count_first)
		fprintf(f, "\"FailedRecordCount\":%zu,", failed);
	fputs("\"Records\":[", f);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			fputs(",", f);
		if (step != 0 && i % step == 0)
			fputs("{\"ErrorCode\":"
			      "\"InternalFailure\","
			      "\"ErrorMessage\":\"Not now\"}",
			    f);
		else
			fprintf(f,
			    "{\"SequenceNumber\":\"%zu\",\"ShardId\":\"s\"}",
			    i);
	}
	fputs("]", f);
	if (!count_first)
		fprintf(f, ",\"FailedRecordCount\":%zu", failed);
	fputs("}", f);
	fclose(f);
	return text;
}

static inline void
responder_send(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t sent = send(fd, text, len, MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		text += sent;
		len -= (size_t)sent;
	}
}

static inline void
responder_reply(int fd, int status, const char *header, const char *body,
    size_t sent_of_body)
{
	char head[512];
	int len = snprintf(head, sizeof(head),
	    "HTTP/1.1 %d Told\r\nContent-Length: %zu\r\n%s\r\n", status,
	    strlen(body), header != NULL ? header : "");

	responder_send(fd, head, (size_t)len);
	responder_send(fd, body, sent_of_body);
}

/* What a play answers, owned; and how much of it is sent. */
static inline char *
responder_body(const struct cue *cue, size_t count, size_t *sent)
{
	static const char early[] = "{\"FailedRecordCount\":0,";
	char *body = NULL;

	switch (cue->play) {
	case PLAY_ACCEPT:
	case PLAY_EARLY:
		body = responder_answer(count, 0, true);
		break;
	case PLAY_EVERY_THIRD:
		body = responder_answer(count, 3, true);
		break;
	case PLAY_FAIL_ALL:
		body = responder_answer(count, 1, true);
		break;
	case PLAY_COUNT_LAST:
	case PLAY_HALF:
		body = responder_answer(count, 0, false);
		break;
	case PLAY_SHORT:
		body = responder_answer(count - 1, 0, false);
		break;
	case PLAY_ERROR:
		body = strdup(cue->text);
		break;
	case PLAY_GARBAGE:
		body = strdup("\x01\x02 noise");
		break;
	case PLAY_EMPTY:
	case PLAY_POISON:
	case PLAY_SILENT:
	case PLAY_CLOSE:
	case PLAY_LOST:
	case PLAY_ENDLESS:
		body = strdup("");
		break;
	}
	*sent = strlen(body);
	if (cue->play == PLAY_HALF)
		*sent /= 2;
	if (cue->play == PLAY_EARLY)
		*sent = sizeof(early) - 1;
	return body;
}

static inline void
responder_note(
    struct responder *r, const struct cue *cue, const struct request *request)
{
	pthread_mutex_lock(&r->lock);
	if (cue->play == PLAY_EVERY_THIRD)
		responder_keep(r, request, 3);
	else if (cue->play != PLAY_ERROR && cue->play != PLAY_SILENT &&
		 cue->play != PLAY_CLOSE && cue->play != PLAY_FAIL_ALL &&
		 cue->play != PLAY_ENDLESS)
		responder_keep(r, request, 0);
	pthread_mutex_unlock(&r->lock);
	if (cue->before != NULL)
		cue->before(r);
}

static inline void
responder_flood(int fd)
{
	static const char head[] = "HTTP/1.1 200 Told\r\n"
				   "Content-Length: 999999999999\r\n\r\n"
				   "{\"Records\":[";
	char noise[65536];

	memset(noise, ' ', sizeof(noise));
	responder_send(fd, head, sizeof(head) - 1);
	while (send(fd, noise, sizeof(noise), MSG_NOSIGNAL) > 0) {
	}
}

/* What PLAY_POISON comes to. */
static inline enum play
responder_taste(const struct cue *cue, const struct request *request)
{
	for (size_t i = 0; i < request->count; i++) {
		if (memmem(request->records[i].data, request->records[i].len,
			cue->poison, strlen(cue->poison)) != NULL)
			return PLAY_ERROR;
	}
	return PLAY_ACCEPT;
}

/* Play one request. False: close the connection. */
static inline bool
responder_play(
    struct responder *r, int fd, struct cue *cue, const struct request *request)
{
	char *body, byte;
	size_t sent;
	bool whole;

	if (cue->play == PLAY_POISON)
		cue->play = responder_taste(cue, request);
	responder_note(r, cue, request);
	if (cue->play == PLAY_SILENT) {
		/* Until the other side hangs up. */
		while (recv(fd, &byte, 1, 0) > 0) {
		}
		return false;
	}
	if (cue->play == PLAY_ENDLESS) {
		responder_flood(fd);
		return false;
	}
	if (cue->play == PLAY_CLOSE || cue->play == PLAY_LOST)
		return false;
	body = responder_body(cue, request->count, &sent);
	responder_reply(fd, cue->play == PLAY_ERROR ? cue->status : 200,
	    cue->header, body, sent);
	whole = sent == strlen(body);
	free(body);
	return whole;
}

/* Read a request: its head (owned, ends with the empty line) and body
 * (owned). False: the connection is over. */
static inline bool
responder_read(int fd, char **head, unsigned char **body, size_t *len)
{
	size_t room = 0, got = 0;
	char *text = NULL, *end = NULL, *length;

	while (end == NULL) {
		if (got + 4096 > room) {
			room += 65536;
			char *larger = realloc(text, room);

			assert(larger != NULL);
			text = larger;
		}
		ssize_t more = recv(fd, text + got, 4096, 0);

		if (more <= 0) {
			free(text);
			return false;
		}
		got += (size_t)more;
		text[got] = '\0';
		end = strstr(text, "\r\n\r\n");
	}
	end += 4;
	length = strcasestr(text, "\r\nContent-Length:");
	assert(length != NULL && length < end);
	*len = strtoul(length + 17, NULL, 10);
	*body = malloc(*len + 1);
	assert(*body != NULL);
	size_t had = got - (size_t)(end - text);

	memcpy(*body, end, had);
	while (had < *len) {
		ssize_t more = recv(fd, *body + had, *len - had, 0);

		if (more <= 0) {
			free(text);
			free(*body);
			return false;
		}
		had += (size_t)more;
	}
	*end = '\0';
	*head = text;
	return true;
}

static inline bool
responder_serve(struct responder *r, int fd)
{
	char *head;
	unsigned char *body;
	size_t len;
	struct request request;
	struct cue cue;
	bool go_on;

	if (!responder_read(fd, &head, &body, &len))
		return false;
	bool readable = strcasestr(head, "amz-cbor") != NULL
			    ? request_read_cbor(body, len, &request)
			    : request_read_json(body, len, &request);
	assert(readable);
	free(body);
	pthread_mutex_lock(&r->lock);
	r->requests++;
	free(r->head);
	r->head = head;
	cue = r->cue_next < r->cue_count ? r->cues[r->cue_next++] : r->usual;
	pthread_mutex_unlock(&r->lock);
	go_on = responder_play(r, fd, &cue, &request);
	request_fini(&request);
	return go_on;
}

static inline void *
responder_line_run(void *owner)
{
	struct responder_line *line = owner;
	int yes = 1;

	setsockopt(line->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	while (responder_serve(line->responder, line->fd)) {
	}
	shutdown(line->fd, SHUT_RDWR);
	return NULL;
}

static inline void *
responder_run(void *owner)
{
	struct responder *r = owner;
	int fd;

	while ((fd = accept(r->fd, NULL, NULL)) >= 0) {
		pthread_mutex_lock(&r->lock);
		assert(r->line_count < RESPONDER_CONNECTIONS);
		struct responder_line *line = &r->lines[r->line_count++];

		line->responder = r;
		line->fd = fd;
		pthread_mutex_unlock(&r->lock);
		int error = pthread_create(
		    &line->thread, NULL, responder_line_run, line);

		assert(error == 0);
	}
	return NULL;
}

/* Take a free port; connections are refused until responder_listen. */
static inline void
responder_bind(struct responder *r)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);
	int error;

	memset(r, 0, sizeof(*r));
	pthread_mutex_init(&r->lock, NULL);
	r->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	error = bind(r->fd, (struct sockaddr *)&address, sizeof(address));
	assert(error == 0);
	error = getsockname(r->fd, (struct sockaddr *)&address, &len);
	assert(error == 0);
	r->port = ntohs(address.sin_port);
}

static inline void
responder_listen(struct responder *r)
{
	int error = listen(r->fd, 64);

	assert(error == 0);
	r->listening = true;
	error = pthread_create(&r->thread, NULL, responder_run, r);
	assert(error == 0);
}

static inline void
responder_cue(struct responder *r, struct cue cue)
{
	pthread_mutex_lock(&r->lock);
	assert(r->cue_count < RESPONDER_CUES);
	r->cues[r->cue_count++] = cue;
	pthread_mutex_unlock(&r->lock);
}

/* End it, all threads too. What was kept stays readable until _free. */
static inline void
responder_end(struct responder *r)
{
	shutdown(r->fd, SHUT_RDWR);
	if (r->listening)
		pthread_join(r->thread, NULL);
	r->listening = false;
	for (size_t i = 0; i < r->line_count; i++) {
		shutdown(r->lines[i].fd, SHUT_RDWR);
		pthread_join(r->lines[i].thread, NULL);
		close(r->lines[i].fd);
	}
	r->line_count = 0;
	close(r->fd);
	r->fd = -1;
}

static inline void
responder_free(struct responder *r)
{
	for (size_t i = 0; i < r->kept_count; i++)
		free(r->kept[i]);
	free(r->kept);
	free(r->head);
	pthread_mutex_destroy(&r->lock);
}

#endif
