/* SPDX-License-Identifier: Apache-2.0
 *
 * caller: see caller.h.
 *
 * An answer is made when there is room to send it, a slice at a time: who
 * never reads costs the kernel's buffer and a slice of ours, until its time is
 * up.
 *
 * Thread: tail. Never blocks.
 */
#include "caller.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mem.h"

struct caller *
caller_new(int fd, const struct desk_doors *doors, int64_t now_ms)
{
	struct caller *c = mem_new(sizeof(*c));

	c->fd = fd;
	c->came_ms = c->moved_ms = c->answer.begun_ms = now_ms;
	c->answer.doors = doors;
	list_init(&c->node);
	buf_init(&c->line, QUESTION_BYTES);
	buf_init(&c->answer.text, ANSWER_BYTES);
	return c;
}

void
caller_free(struct caller *c)
{
	assert(!list_on(&c->node));
	if (c->question != NULL && c->question->end != NULL)
		c->question->end(&c->answer);
	question_forget(&c->answer.asked);
	buf_fini(&c->answer.text);
	buf_fini(&c->line);
	(void)close(c->fd);
	free(c);
}

static const struct question *
find(const struct question *table, const char *word)
{
	for (; table->word != NULL; table++)
		if (strcmp(table->word, word) == 0)
			return table;
	return NULL;
}

/* The line is whole: what does it ask? */
static void
understand(struct caller *c, const struct question *table, size_t len)
{
	struct answer *a = &c->answer;
	struct asked *asked = &a->asked;
	const struct question *q = NULL;

	c->state = CALLER_ANSWERED;
	if (c->stranger)
		answer_refuse(a, "not permitted: the agent answers root, its "
				 "own user and its socket's group");
	else if (!question_read(span_of(c->line.at, len), asked))
		answer_refuse(a, "not understood: a question is a word and "
				 "its arguments");
	else if ((q = find(table, asked->words[0])) == NULL)
		answer_refuse(a, "no such question: %.64s", asked->words[0]);
	else if (asked->count > q->most + 1)
		answer_refuse(a, "%s: too many words", q->word);
	else
		c->question = q;
	c->complete = c->question == NULL;
	buf_fini(&c->line);
}

static void
take_line(struct caller *c, const struct question *table, int64_t now_ms)
{
	const unsigned char *end;
	ssize_t n;

	(void)buf_reserve(&c->line, QUESTION_BYTES - c->line.len);
	n = recv(c->fd, c->line.at + c->line.len, c->line.room - c->line.len,
	    MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		c->state = CALLER_DONE;
		return;
	}
	c->moved_ms = now_ms;
	c->line.len += (size_t)n;
	end = memchr(c->line.at, '\n', c->line.len);
	if (end != NULL)
		understand(c, table, (size_t)(end - c->line.at));
	else if (c->line.len == QUESTION_BYTES)
		c->state = CALLER_DONE;
}

/* Make more of the answer, if little of it is left. */
static void
make_more(struct caller *c, size_t slice, int64_t now_ms)
{
	struct answer *a = &c->answer;

	a->full = slice;
	a->now_ms = now_ms;
	while (!c->complete && !answer_is_full(a) &&
	       a->text.len + ANSWER_ROW <= ANSWER_BYTES) {
		enum answer_step step = c->question->next(a);

		c->complete = step == ANSWER_DONE;
		if (step == ANSWER_PAUSE)
			return;
	}
}

static void
send_some(struct caller *c, int64_t now_ms)
{
	struct buf *text = &c->answer.text;
	ssize_t n =
	    send(c->fd, text->at, text->len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && errno != EAGAIN && errno != EINTR)
		c->state = CALLER_DONE;
	if (n <= 0)
		return;
	c->moved_ms = now_ms;
	text->len -= (size_t)n;
	memmove(text->at, text->at + n, text->len);
}

enum caller_state
caller_go_on(struct caller *c, const struct question *table, size_t slice,
    int64_t now_ms)
{
	if (c->state == CALLER_ASKING)
		take_line(c, table, now_ms);
	if (c->state != CALLER_ANSWERED)
		return c->state;
	make_more(c, slice, now_ms);
	if (c->answer.broken)
		c->state = CALLER_DONE;
	else if (c->answer.text.len > 0)
		send_some(c, now_ms);
	if (c->complete && c->answer.text.len == 0)
		c->state = CALLER_DONE;
	return c->state;
}

bool
caller_is_late(const struct caller *c, int64_t now_ms)
{
	return now_ms - c->moved_ms >= CALLER_STILL_MS ||
	       now_ms - c->came_ms >= CALLER_MOST_MS;
}
