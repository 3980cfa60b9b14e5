/* SPDX-License-Identifier: Apache-2.0
 *
 * format: the log formats that LOGTOJSON knows by name, as data.
 *
 * Each is a scanner written from the format's own definition. A line comes
 * without its newline (LF or CRLF).
 */
#ifndef FORMAT_H
#define FORMAT_H

#include <stdbool.h>
#include <stddef.h>

#include "span.h"

#define FORMAT_FIELDS 40 /* at most */

struct work;

enum format_answer {
	FORMAT_IS,
	FORMAT_IS_NOT,
	FORMAT_COMMENT,  /* of the format's own: no record */
	FORMAT_TOO_LARGE /* no memory for it */
};

struct format {
	const char *name;
	const char *const *fields; /* NULL behind the last; NULL: the line
	                            * itself has the names */
	bool dash_is_null;         /* a field that is `-` says nothing */

	/* What the fields hold; no place (NULL): nothing. */
	enum format_answer (*scan)(struct span line, struct span *values);

	/* Where the line has the names: add the fields to the record. */
	enum format_answer (*read)(struct work *w, struct span line);
};

/* The format called `name`, or NULL. */
const struct format *format_find(const char *name);

/* The names of all, with commas; into `out`. */
void format_list(char *out, size_t size);

#endif
