/* SPDX-License-Identifier: Apache-2.0
 *
 * status: see status.h. Through a pipe it prints once; on a terminal it shows
 * a page a second, also while the agent is away for a moment.
 *
 * Thread: main; there is no other.
 */
#include "status.h"

#include <stdio.h>
#include <stdlib.h>

#include "ask.h"
#include "cli.h"
#include "screen.h"
#include "view.h"

#define EVERY_MS   1000
#define PAGE_BYTES ((size_t)16 * 1024 * 1024)

/* What is known now. */
struct news {
	const char *path; /* where to ask */
	struct buf text;  /* as it came */
	json_t *answer;   /* owned; NULL: there is none */
	int code;
};

static void
fetch(struct news *n)
{
	const char *const words[] = { "status", NULL };

	json_decref(n->answer);
	n->answer = NULL;
	buf_clear(&n->text);
	n->code = ask(n->path, words, ASK_WAIT_MS, &n->text);
	if (n->code != EXIT_DONE)
		return;
	n->answer = ask_read(n->path, &n->text);
	if (n->answer == NULL)
		n->code = EXIT_REFUSED;
	else if (view_troubled(n->answer) > 0)
		n->code = EXIT_TROUBLE;
}

static void
draw(const struct news *n, bool whole, struct buf *page)
{
	struct view v = { .colour = screen_has_colour() };

	buf_clear(page);
	screen_size(&v.columns, &v.rows);
	if (whole)
		v.rows = 0;
	if (whole && !v.colour)
		v.columns = 200;
	if (n->answer != NULL)
		view_status(&v, n->answer, page);
	else
		(void)buf_addf(
		    page, "%s: no agent answers there; waiting\n", n->path);
}

static void
print_once(const struct news *n, bool json)
{
	struct buf page;

	buf_init(&page, PAGE_BYTES);
	if (!json)
		draw(n, true, &page);
	if (json)
		(void)fwrite(n->text.at, 1, n->text.len, stdout);
	else
		(void)fwrite(page.at, 1, page.len, stdout);
	buf_fini(&page);
}

static void
show_on(struct news *n)
{
	struct buf page;

	buf_init(&page, PAGE_BYTES);
	do {
		draw(n, false, &page);
		screen_show(&page);
		if (!screen_wait(EVERY_MS))
			break;
		fetch(n);
	} while (true);
	screen_end();
	buf_fini(&page);
}

int
status_main(const struct cli_options *options)
{
	char *path = ask_where(options);
	struct news n = { .path = path, .code = EXIT_REFUSED };

	buf_init(&n.text, ASK_BYTES);
	if (path != NULL)
		fetch(&n);
	if (n.answer != NULL && !options->json && screen_is_there() &&
	    screen_begin())
		show_on(&n);
	else if (n.answer != NULL)
		print_once(&n, options->json);
	json_decref(n.answer);
	buf_fini(&n.text);
	free(path);
	return n.code;
}
