/* SPDX-License-Identifier: Apache-2.0
 *
 * The scanners against the formats' regular definitions: on good lines and on
 * thousands that chance has bent, both say the same, field by field.
 */
#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "parsers/format.h"
#include "regex.h"

#define ROUNDS   20000
#define LINE_MAX 512

#define QUOTED "\"((?:[^\"\\\\]|\\\\.)*+)\""
#define ACCESS                                                                 \
	"([^ ]+) ([^ ]+) (.+?) \\[(\\d\\d/[A-Za-z]{3}/\\d{4}:\\d\\d:\\d\\d:"   \
	"\\d\\d [+-]\\d{4})\\] " QUOTED " (\\d{3}|-) (\\d+|-)(?=[\\x00-\\x20]" \
	"|$)"
#define SECONDS "\\d\\d:\\d\\d:\\d\\d"
#define TIME                                                                   \
	"\\d{4}-\\d\\d-\\d\\d[Tt]" SECONDS "(?:\\.\\d+)?(?:[Zz]|[+-]\\d\\d:"   \
	"\\d\\d)"

/* `program[pid]: text`; what ends the first word is its colon, or else the
 * first colon in it. */
#define TAGGED                                                                 \
	"(?|(?|([^ \\[]+)\\[([^ ]+)\\]|(?!\\[[^ ]*\\]:(?: |\\z))([^ ]+))"      \
	":(?: |\\z)|(?![^ ]*:(?: |\\z))(?|([^ \\[:]+)\\[([^ :]+)\\]"           \
	"|(?!\\[[^ :]*\\]:)([^ :]+)):)(.*)"
#define SYSLOG(time)                                                           \
	"(?:<\\d+>)?(" time ") (?:<\\d+\\.\\d+> |(?!<))([^ ]+) " TAGGED
#define OLD_TIME                                                               \
	"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ "               \
	"\\d]\\d " SECONDS

/* What may follow a part of nginx's, and what the parts hold up to there. */
#define AFTER_HOST       ", referrer: \""
#define AFTER_UPSTREAM   ", (?:host|referrer): \""
#define AFTER_SUBREQUEST ", (?:upstream|host|referrer): \""
#define AFTER_REQUEST    ", (?:subrequest|upstream|host|referrer): \""
#define AFTER_SERVER     ", (?:request|subrequest|upstream|host|referrer): \""
#define AFTER_CLIENT     ", server: |" AFTER_SERVER
#define PLAIN_TO(next)   "((?:(?!" next ")[^\"])*+)"
#define QUOTED_TO(next)  "\"((?:(?!" next ").)*)\"(?=" next "|\\z)"

#define PART(name, value) "(?:, " name ": " value ")?"
#define PARTS                                                                  \
	PART("client", PLAIN_TO(AFTER_CLIENT))                                 \
	PART("server", PLAIN_TO(AFTER_SERVER))                                 \
	PART("request", QUOTED_TO(AFTER_REQUEST))                              \
	PART("subrequest", QUOTED_TO(AFTER_SUBREQUEST))                        \
	PART("upstream", QUOTED_TO(AFTER_UPSTREAM))                            \
	PART("host", QUOTED_TO(AFTER_HOST))                                    \
	PART("referrer", QUOTED_TO("(?!)"))

/* A word or a quoted text of a load balancer's line. */
#define ITEM    "(?|\"((?:[^\"\\\\]|\\\\.)*+)\"|([^ \"][^ ]*))"
#define INSTANT "(?=\\d{4}-\\d\\d-\\d\\dT" SECONDS ")"
#define INSTANT_ITEM                                                           \
	"(?|\"(" INSTANT "(?:[^\"\\\\]|\\\\.)*+)\"|(" INSTANT "[^ ]*))"
#define ITEMS_5          " " ITEM " " ITEM " " ITEM " " ITEM " " ITEM
#define MORE(further)    "(?: | " ITEM further ")?"
#define MORE_4(further)  MORE(MORE(MORE(MORE(further))))
#define MORE_16(further) MORE_4(MORE_4(MORE_4(MORE_4(further))))
#define NEVER(groups)    "(?:(?!)" groups ")?" /* fields it does not have */
#define BEYOND           "(?: .*)?"

#define CELL     "\t([^\t]*)"
#define CELLS_5  CELL CELL CELL CELL CELL
#define MAYBE    "(?:" CELL ")?"
#define MAYBES_7 MAYBE MAYBE MAYBE MAYBE MAYBE MAYBE MAYBE

static const struct definition {
	const char *format, *pattern, *lines[4];
} definitions[] = {
	{ "COMMONAPACHELOG", ACCESS ".*",
	    { "1.2.3.4 - - [27/Oct/2000:09:27:09 -0400] \"GET / HTTP/1.0\" 200 "
	      "10450",
		"::1 i a b [10/Oct/2000:13:55:36 +0000] \"\\\"\\\\\" 404 - x "
		"[y] \"z\"" } },
	{ "COMBINEDAPACHELOG", ACCESS " " QUOTED " " QUOTED ".*",
	    { "1.2.3.4 - - [27/Oct/2000:09:27:09 -0400] \"GET / HTTP/1.0\" 200 "
	      "10450 \"-\" \"Mozilla/4.6 [en] (X11)\" \"X\"",
		"::1 - u [10/Oct/2000:13:55:36 +0000] \"\" 408 - \"\" \"\"" } },
	{ "APACHEERRORLOG",
	    "\\[([A-Za-z]{3} [A-Za-z]{3} [ \\d]\\d " SECONDS "(?:\\.\\d+)? "
	    "\\d{4})\\] \\[(?:([^\\]:]+):|:)?([0-9a-z]+)\\]"
	    " (?:\\[pid (\\d+)(?::tid (\\d+))?\\] |(?!\\[pid ))"
	    "(?:\\[client ([^\\]]*)\\] |(?!\\[client ))(.*)",
	    { "[Fri Sep 09 10:42:29.902022 2011] [core:error] [pid 35708:tid "
	      "4328636416] [client 72.15.99.187] File does not exist",
		"[Fri Sep  9 10:42:29 2011] [error] [client ::1:80] x",
		"[Fri Sep 09 10:42:29 2011] [:notice] [pid 0] up" } },
	{ "RFC5424SYSLOG",
	    "<(\\d{1,3})>(\\d+) (-|" TIME ") ([^ ]+) ([^ ]+) ([^ ]+) ([^ ]+) "
	    "(-|(?:\\[(?:[^\\]\"]|\"(?:[^\"\\\\]|\\\\.)*+\")*\\])++)"
	    "(?: (?:\xEF\xBB\xBF)?(.*))?",
	    { "<165>1 2003-10-11T22:14:15.003Z h app - ID47 [e@1 i=\"3\\\"]\"]"
	      "[x] text",
		"<0>1 - - - - - -", "<34>1 - h a 1 m - \xEF\xBB\xBFx" } },
	{ "CRI", "(" TIME ") (stdout|stderr) ([FP][^ ]*) (.*)",
	    { "2016-10-06T00:17:09.669794202Z stdout F a message",
		"2016-10-06T00:17:09+01:00 stderr P " } },
	{ "SYSLOG", SYSLOG(OLD_TIME),
	    { "Mar  2 19:17:09 localhost named[5]: a text: of [more]",
		"<34>Oct 11 22:14:15 <0.6> mymachine su: 'su root' failed",
		"Oct 11 22:14:15 h a:b[7]: x",
		"Oct 11 22:14:15 h a[7]:x y:" } },
	{ "RFC3339SYSLOG", SYSLOG(TIME),
	    { "2016-03-02T19:17:09.123+01:00 localhost named[5]: a text",
		"<3>2016-03-02T19:17:09Z <1.2> h kernel: [1.2] x:y: z",
		"2016-03-02t19:17:09z h su:" } },
	{ "NGINXERRORLOG",
	    "(\\d{4}/\\d\\d/\\d\\d " SECONDS ") \\[([^\\]]+)\\] (\\d+)#(\\d+): "
	    "(?:\\*(\\d+) )?+(.*?)" PARTS,
	    { "2023/10/10 13:55:36 [error] 12#34: *5 open() \"/x\" failed (2: "
	      "No such file), client: ::1, server: _, request: \"GET / "
	      "HTTP/1.1\", host: \"a\", referrer: \"http://b/, host: \"\"",
		"2023/10/10 13:55:36 [notice] 1#1: start worker process 30",
		"2023/10/10 13:55:36 [warn] 1#2: *3 a, client: x, client: y, "
		"server: z, subrequest: \"/s\", upstream: \"http://u\"" } },
	{ "ELB",
	    ITEM " " INSTANT_ITEM ITEMS_5 ITEMS_5 MORE_16(MORE(MORE(BEYOND))),
	    { "https 2018-07-02T22:23:00.186641Z app/lb/50dc6c 1.2.3.4:2817 "
	      "10.0.0.1:80 0.086 0.048 0.037 200 200 0 57 \"GET https://e:443/ "
	      "HTTP/1.1\" \"curl/7 \\\"x\\\"\" E T arn \"Root=1\" \"e\" "
	      "\"arn\" 1 2018-07-02T22:22:48.364000Z \"a,f\" \"-\" \"-\" "
	      "\"10.0.0.1:80\" "
	      "\"200\" \"-\" \"-\" TID_1 more \"of it",
		"http 2018-07-02T22:23:00.186641Z lb 1 2 3 4 5 6 7 8 9 ",
		"h2 2018-07-02T22:23:00Z lb 1 - -1 4 5 6 7 8 9 \"\" x" } },
	{ "ELB",
	    NEVER("()") INSTANT_ITEM ITEMS_5 ITEMS_5 MORE_4(BEYOND)
		NEVER("()()()()()()()()()()()()()()"),
	    { "2015-05-13T23:39:43.945958Z my-lb 1.2.3.4:2817 10.0.0.1:80 "
	      "0.000073 0.001048 0.000057 200 200 0 29 \"GET http://e:80/ "
	      "HTTP/1.1\" \"curl/7.38.0\" - - and more" } },
	{ "CLOUDFRONT",
	    "(\\d{4}-\\d\\d-\\d\\d)\t(" SECONDS
	    ")" CELLS_5 CELLS_5 MAYBES_7 MAYBES_7 MAYBES_7 "(?:\t.*)?",
	    { "2019-12-04\t21:02:31\tLAX1\t392\t::1\tGET\td.cloudfront.net\t/i"
	      "\t200\t-\tMozilla/5.0\t-\t-\tHit\tid==\td\thttps\t23\t0.001\t-\t"
	      "TLSv1.2\tE\tHit\tHTTP/2.0\t-\t-\t11040\t0.001\tHit\ttext/"
	      "html\t78\t-\t-\tmore\tyet",
		"2019-12-04\t21:02:31\ta\t\tb\tc\td\te\tf\tg\th\t",
		"2019-12-04\t21:02:31\ta\t\tb\tc\td\te\tf\tg\th\ti\tj" } },
};

static uint64_t dice = 88172645463325252;

static unsigned
roll(unsigned sides)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return (unsigned)((dice >> 32) % sides);
}

/* Change, drop, double or swap a few characters. */
static size_t
bend(const char *line, char *out)
{
	static const char odd[] = " \"\\[]:-<>.,0aZ\t\r+*#{}";
	size_t len = strlen(line);
	unsigned slips = roll(4);

	memcpy(out, line, len);
	for (unsigned i = 0; i < slips && len > 2; i++) {
		size_t at = roll((unsigned)len - 1);

		switch (roll(4)) {
		case 0:
			out[at] = odd[roll(sizeof(odd) - 1)];
			break;
		case 1:
			memmove(out + at, out + at + 1, len - at - 1);
			len--;
			break;
		case 2:
			memmove(out + at + 1, out + at, len - at);
			len++;
			break;
		default:
			out[at] ^= out[at + 1];
			out[at + 1] ^= out[at];
			out[at] ^= out[at + 1];
			break;
		}
	}
	return len;
}

static void
check(const struct definition *d, const struct format *f, struct regex *re,
    struct span line)
{
	struct span values[FORMAT_FIELDS] = { { NULL, 0 } }, group;
	bool ours = f->scan(line, values) == FORMAT_IS;
	bool theirs = regex_is(re, line) == REGEX_YES;

	if (ours != theirs)
		fail_msg("%s: `%.*s`: the scanner says %d, the definition %d",
		    d->format, (int)line.len, (const char *)line.at, ours,
		    theirs);
	if (!ours)
		return;
	for (size_t i = 0; f->fields[i] != NULL; i++) {
		bool there = regex_group(re, i + 1, &group);

		if (there != (values[i].at != NULL) ||
		    (there && !span_eq(group, values[i])))
			fail_msg("%s: `%.*s`: %s: `%.*s`, not `%.*s`",
			    d->format, (int)line.len, (const char *)line.at,
			    f->fields[i], (int)values[i].len,
			    (const char *)values[i].at,
			    there ? (int)group.len : 0, (const char *)group.at);
	}
}

/* A dot is any character there, a newline too. */
static struct regex *
definition_of(const struct definition *d, struct regex_fault *fault)
{
	char pattern[4096];

	snprintf(pattern, sizeof(pattern), "(?s)%s", d->pattern);
	return regex_new_text(pattern, REGEX_WHOLE, fault);
}

static void
scanners_agree_with_the_definitions(void **state)
{
	size_t count = sizeof(definitions) / sizeof(definitions[0]);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		const struct definition *d = &definitions[i];
		const struct format *f = format_find(d->format);
		struct regex_fault fault;
		struct regex *re = definition_of(d, &fault);
		size_t lines = 0;

		if (re == NULL)
			fail_msg(
			    "%s: %s at %zu", d->format, fault.why, fault.at);
		while (lines < 4 && d->lines[lines] != NULL)
			check(d, f, re, span_str(d->lines[lines++]));
		assert(lines > 0);
		for (int n = 0; n < ROUNDS; n++) {
			char line[LINE_MAX];
			size_t len =
			    bend(d->lines[roll((unsigned)lines)], line);

			check(d, f, re, span_of(line, len));
		}
		regex_free(re);
	}
}

static void
every_good_line_is_taken(void **state)
{
	size_t count = sizeof(definitions) / sizeof(definitions[0]);

	(void)state;
	for (size_t i = 0; i < count; i++)
		for (size_t n = 0; n < 4 && definitions[i].lines[n]; n++) {
			struct span values[FORMAT_FIELDS] = { { NULL, 0 } };

			assert_int_equal(FORMAT_IS,
			    format_find(definitions[i].format)
				->scan(
				    span_str(definitions[i].lines[n]), values));
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_good_line_is_taken),
		cmocka_unit_test(scanners_agree_with_the_definitions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
