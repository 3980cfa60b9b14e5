/* SPDX-License-Identifier: Apache-2.0
 *
 * csv: see csv.h. The chain's thread. Pure.
 */
#include "csv.h"

#include <string.h>

/* Where the next delimiter from `from` on begins and ends; at the row's end
 * both are that. False: the regex gave up. */
static bool
find_delimiter(struct csv *c, size_t from, size_t *begin, size_t *end)
{
	const unsigned char *found = NULL;
	struct span match;

	*begin = *end = c->row.len;
	if (c->regex == NULL) {
		if (from < c->row.len)
			found = memmem(c->row.at + from, c->row.len - from,
			    c->delimiter.at, c->delimiter.len);
		if (found == NULL)
			return true;
		*begin = (size_t)(found - c->row.at);
		*end = *begin + c->delimiter.len;
		return true;
	}
	switch (regex_find(c->regex, c->row, from)) {
	case REGEX_YES:
		break;
	case REGEX_NO:
		return true;
	case REGEX_TOO_HARD:
		return false;
	}
	/* One that matches nothing delimits nothing. */
	if (!regex_group(c->regex, 0, &match) || match.len == 0)
		return true;
	*begin = (size_t)(match.at - c->row.at);
	*end = *begin + match.len;
	return true;
}

/* Where the column in quotes that begins at `from` has its closing quote; 0:
 * nowhere. */
static size_t
closing_quote(struct span row, size_t from, bool *doubled)
{
	size_t i = from + 1;

	*doubled = false;
	while (i < row.len) {
		const unsigned char *quote =
		    memchr(row.at + i, '"', row.len - i);

		if (quote == NULL)
			return 0;
		i = (size_t)(quote - row.at);
		if (i + 1 == row.len || row.at[i + 1] != '"')
			return i;
		*doubled = true;
		i += 2;
	}
	return 0;
}

static void
move_on(struct csv *c, size_t begin, size_t end)
{
	c->done = begin == c->row.len;
	c->at = end;
}

/* A column in quotes, with nothing between those and the delimiters. */
static bool
take_quoted(struct csv *c, struct csv_column *column)
{
	size_t close, begin, end;

	if (c->at >= c->row.len || c->row.at[c->at] != '"')
		return false;
	close = closing_quote(c->row, c->at, &column->doubled);
	if (close == 0 || !find_delimiter(c, close + 1, &begin, &end) ||
	    begin != close + 1)
		return false;
	column->text = span_of(c->row.at + c->at + 1, close - c->at - 1);
	column->quoted = true;
	move_on(c, begin, end);
	return true;
}

bool
csv_next(struct csv *c, struct csv_column *column)
{
	size_t begin, end;

	if (c->done)
		return false;
	if (take_quoted(c, column))
		return true;
	column->quoted = column->doubled = false;
	if (!find_delimiter(c, c->at, &begin, &end)) {
		c->too_hard = true;
		return false;
	}
	column->text = span_of(c->row.at + c->at, begin - c->at);
	move_on(c, begin, end);
	return true;
}

size_t
csv_undouble(struct span text, unsigned char *to)
{
	unsigned char *from = to;

	for (size_t i = 0; i < text.len; i++) {
		*to++ = text.at[i];
		if (text.at[i] == '"')
			i++;
	}
	return (size_t)(to - from);
}

/* One character written with a backslash: \t, or one that is special in
 * regular expressions. 0: it is something else. */
static unsigned char
escaped(const char *told)
{
	static const char names[] = "t\tn\nr\rf\fa\ae\033";
	const char *name;

	if (told[0] != '\\' || told[1] == '\0' || told[2] != '\0')
		return 0;
	if (strchr("\\^$.|?*+()[]{}-,;:#/ \"'&!=<>@%~`_", told[1]) != NULL)
		return (unsigned char)told[1];
	name = strchr(names, told[1]);
	if (name == NULL || (name - names) % 2 != 0)
		return 0;
	return (unsigned char)name[1];
}

bool
csv_delimiter(const char *told, unsigned char *out, size_t *len)
{
	size_t size = strlen(told);

	*len = size;
	memcpy(out, told, size);
	/* | alone would cut between any two characters. */
	if (size == 1 || strpbrk(told, "\\^$.|?*+()[]{}") == NULL)
		return true;
	out[0] = escaped(told);
	*len = 1;
	return out[0] != 0;
}
