/* SPDX-License-Identifier: Apache-2.0
 *
 * dropins: the files beside a configuration that add flows to it.
 *
 * Beside NAME.yaml (or NAME.json, the Java agent's) they are in NAME.d, so
 * that of several agents on a machine each has its own. Hidden files, what
 * package managers and editors leave behind, and folders are not looked at.
 */
#ifndef DROPINS_H
#define DROPINS_H

#include <stddef.h>

struct report;

#define DROPINS_MAX 1000

struct dropins {
	char **paths; /* owned, each; in the order of their names' bytes */
	size_t count;
};

/* Fill in the files to read beside `config_path`; none where there is no such
 * folder. `r`, of that configuration, hears what is wrong with the folder and
 * which files are left out though they look as if they were meant. -1: the
 * folder cannot be read; reported. */
int dropins_find(struct dropins *d, const char *config_path, struct report *r);

void dropins_forget(struct dropins *d);

#endif
