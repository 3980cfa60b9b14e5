/* SPDX-License-Identifier: Apache-2.0
 *
 * awslog: see awslog.h. Any thread. Pure.
 */
#include "awslog.h"

#include "cursor.h"

#define ELB_FIELDS        30
#define ELB_LEAST         12 /* to sent_bytes */
#define CLASSIC_FIELDS    16
#define CLOUDFRONT_FIELDS 33
#define CLOUDFRONT_LEAST  12 /* to cs-uri-query */

/* A word, or a text in quotes. False: it is malformed. */
static bool
take_item(struct cursor *c, struct span *out)
{
	if (cursor_pass(c, '"'))
		return cursor_quoted(c, out) &&
		       (cursor_left(c) == 0 || cursor_pass(c, ' '));
	if (!cursor_until(c, ' ', out)) {
		*out = cursor_rest(c);
		c->at = c->end;
	}
	return out->len > 0;
}

enum format_answer
awslog_elb(struct span line, struct span *values)
{
	struct cursor c = cursor_of(line), time = c;
	bool classic = cursor_shape(&time, "0000-00-00T");
	size_t i = classic ? 1 : 0;
	size_t most = classic ? CLASSIC_FIELDS : ELB_FIELDS;

	for (; i < most && cursor_left(&c) > 0; i++) {
		if (!take_item(&c, &values[i]))
			return FORMAT_IS_NOT;
	}
	if (i < ELB_LEAST)
		return FORMAT_IS_NOT;
	time = cursor_of(values[1]);
	return cursor_shape(&time, "0000-00-00T00:00:00") ? FORMAT_IS
							  : FORMAT_IS_NOT;
}

enum format_answer
awslog_cloudfront(struct span line, struct span *values)
{
	struct cursor c = cursor_of(line), date = c;
	size_t i = 0;

	if (cursor_is(&c, '#'))
		return FORMAT_COMMENT;
	if (!cursor_shape(&date, "0000-00-00\t00:00:00\t"))
		return FORMAT_IS_NOT;
	while (i < CLOUDFRONT_FIELDS && cursor_until(&c, '\t', &values[i]))
		i++;
	if (i < CLOUDFRONT_FIELDS)
		values[i++] = cursor_rest(&c);
	return i >= CLOUDFRONT_LEAST ? FORMAT_IS : FORMAT_IS_NOT;
}
