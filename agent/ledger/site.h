/* SPDX-License-Identifier: Apache-2.0
 *
 * site: where the checkpoint database lies, made fit before SQLite sees it.
 */
#ifndef SITE_H
#define SITE_H

/* The database's one true name (links resolved, so that two names cannot hide
 * one database), its directories made (0750) where they are missing. The
 * caller frees it. NULL: it cannot be one, logged. */
char *site_find(const char *path);

/* The file itself, made (0600) when it is not there, and proved readable and
 * writable. -1: logged. */
int site_make(const char *path);

#endif
