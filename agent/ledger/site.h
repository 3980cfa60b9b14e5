/* SPDX-License-Identifier: Apache-2.0
 *
 * site: where the checkpoint database lies, made fit before SQLite sees it.
 */
#ifndef SITE_H
#define SITE_H

#include <stdbool.h>

struct config;

/* Where our database lies, and where positions may come from. */
struct site {
	char *path;      /* owned: ours by its one true name: links resolved, so
	                  * that two names cannot hide one database */
	char *source;    /* owned: the Java agent's; NULL: none */
	bool by_default; /* nobody named `source`: it need not be there */
};

/* Find both, for site_fini to free; missing directories of ours are made
 * (0750). -1: it cannot be there, logged. */
int site_choose(const struct config *config, struct site *site);
void site_fini(struct site *site);

/* The same for who only looks: nothing is made, and it may not be there. */
int site_look(const struct config *config, struct site *site);

/* Does our file `path` hold anything? -1: it is lost but for its log, or
 * cannot be reached or read; logged. */
int site_ask(const char *path, bool *there);

/* Our file `path`, made (0600) when it is not there, and proved readable and
 * writable. -1: logged. */
int site_make(const char *path);

#endif
