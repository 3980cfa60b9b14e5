/* SPDX-License-Identifier: Apache-2.0
 *
 * csv: the columns of a row, as RFC 4180 has them: a column in quotes may hold
 * delimiters and newlines, and a quote that is written twice. Columns that
 * break these rules are taken as they stand.
 */
#ifndef CSV_H
#define CSV_H

#include <stdbool.h>

#include "regex.h"
#include "span.h"

struct csv {
	struct span row;       /* without its line end */
	struct span delimiter; /* one or more bytes, where there is no regex */
	struct regex *regex;   /* borrowed; or NULL. The row is UTF-8 then */
	size_t at;             /* the next column begins here */
	bool done, too_hard;
};

struct csv_column {
	struct span text; /* without the quotes around it */
	bool quoted;
	bool doubled; /* quotes stand twice in it */
};

/* The next column. False: there is none, or (too_hard) the regex gave up. */
bool csv_next(struct csv *c, struct csv_column *column);

/* The text of a column whose quotes are doubled, into `to`, which has room for
 * as many bytes. Answers how many. */
size_t csv_undouble(struct span text, unsigned char *to);

/* What an operator means by `told`: a delimiter, its bytes in `out`, or false:
 * a regular expression. `out` holds as many bytes as `told` has. */
bool csv_delimiter(const char *told, unsigned char *out, size_t *len);

#endif
