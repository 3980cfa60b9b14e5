/* SPDX-License-Identifier: Apache-2.0
 *
 * mend: see mend.h. A crash may leave the beginning of a line, or, after a
 * power failure, zeros; an editor may take the last newline away.
 *
 * Thread: ledger.
 */
#include "mend.h"

#include <string.h>
#include <unistd.h>

#include "log.h"

/* Is what begins at `from` and ends with the file, at `to`, a whole object in
 * JSON, but for its newline? -1: cannot be read. */
static int
is_whole(int fd, off_t from, off_t to)
{
	unsigned char chunk[4096];
	bool quoted = false, escaped = false, opened = false;
	int depth = 0;

	while (from < to) {
		ssize_t n = pread(fd, chunk, sizeof(chunk), from);

		if (n <= 0)
			return -1;
		for (ssize_t i = 0; i < n; i++) {
			unsigned char c = chunk[i];

			if (escaped)
				escaped = false;
			else if (quoted && c == '\\')
				escaped = true;
			else if (c == '"')
				quoted = !quoted;
			else if (!quoted && (c == '{' || c == '}'))
				depth += c == '{' ? 1 : -1;
			opened = opened || c == '{';
		}
		from += n;
	}
	return opened && !quoted && depth == 0;
}

/* Where the last line begins that has no newline, in a file of `size` bytes.
 * -1: cannot be read. */
static off_t
last_line(int fd, off_t size)
{
	char chunk[4096];

	while (size > 0) {
		off_t at = size > (off_t)sizeof(chunk)
			       ? size - (off_t)sizeof(chunk)
			       : 0;
		ssize_t n = pread(fd, chunk, (size_t)(size - at), at);
		const char *newline;

		if (n != size - at)
			return -1;
		newline = memrchr(chunk, '\n', (size_t)n);
		if (newline != NULL)
			return at + (newline - chunk) + 1;
		size = at;
	}
	return 0;
}

bool
mend(int fd, const char *path, off_t *size)
{
	off_t torn = last_line(fd, *size);
	int whole;

	if (torn < 0 || torn == *size)
		return torn >= 0;
	whole = is_whole(fd, torn, *size);
	if (whole > 0 && write(fd, "\n", 1) == 1) {
		++*size;
		return true;
	}
	if (whole != 0 || ftruncate(fd, torn) != 0)
		return false;
	log_warn("%s: a line that was not written to its end is cut off", path);
	*size = torn;
	return true;
}
