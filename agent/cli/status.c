/* SPDX-License-Identifier: Apache-2.0
 *
 * status: see status.h.
 *
 * Thread: main; there is no other.
 */
#include "status.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "ask.h"
#include "cli.h"

static int64_t
number(const json_t *row, const char *key)
{
	return json_integer_value(
	    json_object_get(json_object_get(row, "counts"), key));
}

static void
show(const json_t *answer)
{
	const json_t *flows = json_object_get(answer, "flows");

	for (size_t i = 0; i < json_array_size(flows); i++) {
		const json_t *row = json_array_get(flows, i);

		printf("flow %s: delivered %" PRId64 " of %" PRId64
		       " records read, sent again %" PRId64 ", files %" PRId64
		       "\n",
		    json_string_value(json_object_get(row, "name")),
		    number(row, "records_delivered"),
		    number(row, "records_read"), number(row, "records_again"),
		    number(row, "files"));
	}
}

int
status_main(const struct cli_options *options)
{
	const char *const words[] = { "status", NULL };
	char *path = ask_where(options);
	struct buf text;
	json_t *answer = NULL;
	int code = EXIT_REFUSED;

	buf_init(&text, ASK_BYTES);
	if (path != NULL)
		code = ask(path, words, ASK_WAIT_MS, &text);
	if (code == EXIT_DONE)
		answer = ask_read(path, &text);
	if (code == EXIT_DONE && answer == NULL)
		code = EXIT_REFUSED;
	if (answer != NULL && options->json)
		(void)fwrite(text.at, 1, text.len, stdout);
	else if (answer != NULL)
		show(answer);
	json_decref(answer);
	buf_fini(&text);
	free(path);
	return code;
}
