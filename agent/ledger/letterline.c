/* SPDX-License-Identifier: Apache-2.0
 *
 * letterline: see letterline.h. An example, on one line in the file:
 *
 *   {"time":"2026-11-22T01:02:03.456Z","flow":"app",
 *    "destination":"kinesis:clicks","file":"/var/log/app.log","offset":4096,
 *    "length":181,"reason":"...","data":"the line\n"}
 *
 * "part" is there for one that is not a whole line: "first", "middle" or
 * "last" of it. What is not UTF-8 stands as "dataBase64" in place of "data".
 *
 * Thread: ledger.
 */
#include "letterline.h"

#include "clock.h"
#include "config.h"
#include "letter.h"
#include "pen.h"
#include "utf8.h"

static const char *const parts[] = {
	[LETTER_FIRST] = "first",
	[LETTER_MIDDLE] = "middle",
	[LETTER_LAST] = "last",
};

static void
add_text(struct pen *pen, const char *key, const char *text)
{
	pen_text(pen, ",\"");
	pen_text(pen, key);
	pen_text(pen, "\":");
	pen_string(pen, span_str(text));
}

static void
add_destination(struct pen *pen, const struct flow_config *flow)
{
	bool stream = flow->destination == DESTINATION_STREAM;

	pen_text(pen, ",\"destination\":\"");
	pen_text(pen, stream ? "kinesis:" : "firehose:");
	/* Checked when it was read: it needs no escape. */
	pen_text(pen, flow->target);
	pen_text(pen, "\"");
}

static void
add_data(struct pen *pen, struct span data)
{
	if (utf8_is_text(data)) {
		pen_text(pen, ",\"data\":");
		pen_string(pen, data);
		return;
	}
	pen_text(pen, ",\"dataBase64\":");
	pen_base64(pen, data);
}

void
letterline_write(struct pen *pen, const struct letter *letter,
    const struct flow_config *flow, int64_t wall_ms)
{
	char time[25];

	clock_extended(wall_ms, time);
	pen_text(pen, "{\"time\":\"");
	pen_text(pen, time);
	pen_text(pen, "\"");
	add_text(pen, "flow", flow->name);
	add_destination(pen, flow);
	if (letter->path != NULL)
		add_text(pen, "file", letter->path);
	pen_text(pen, ",\"offset\":");
	pen_number(pen, letter->from);
	pen_text(pen, ",\"length\":");
	pen_number(pen, letter->to - letter->from);
	if (letter->part != LETTER_WHOLE)
		add_text(pen, "part", parts[letter->part]);
	add_text(pen, "reason", letter->reason);
	add_data(pen, letter->data);
	pen_text(pen, "}\n");
}
