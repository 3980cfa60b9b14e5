/* SPDX-License-Identifier: Apache-2.0
 *
 * agent.yaml.example at the top of the tree is what the table says, and every
 * line of it is true.
 */
#include "config_case.h"

#include "config/example.h"

/* Tests run in any directory. */
static FILE *
open_kept(void)
{
	return fopen(TOP_FOLDER "/agent.yaml.example", "r");
}

static char *
printed(void)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	example_write(out);
	assert_int_equal(fclose(out), 0);
	assert_non_null(text);
	return text;
}

static void
the_kept_example_is_what_is_printed(void **state)
{
	char *text = printed(), *kept = calloc(1, 65536);
	FILE *file = open_kept();

	(void)state;
	assert_non_null(file);
	assert_non_null(kept);
	assert_true(fread(kept, 1, 65535, file) > 0);
	fclose(file);
	assert_string_equal(kept, text);
	free(kept);
	free(text);
}

static void
the_example_loads_as_it_is(void **state)
{
	char *text = printed();

	(void)state;
	draft_free(config_ok(text, false));
	free(text);
}

/* The part of a line behind its indentation if it is "#key: value". */
static char *
setting_in(char *line)
{
	line += strspn(line, " ");
	return line[0] == '#' && line[1] != ' ' && line[1] != '\n' ? line
								   : NULL;
}

/* Take away the # at `at`, keeping the columns right. */
static void
uncomment(char *at)
{
	char *end = strchr(at, '\n');

	assert_non_null(end);
	memmove(at, at + 1, (size_t)(end - at - 1));
	end[-1] = ' ';
}

static void
every_line_that_is_commented_out_would_be_accepted(void **state)
{
	/* These need a neighbour. */
	static const char *const pairs[] = { "#awsAccessKeyId",
		"#awsSecretAccessKey", "#awsSessionToken", "#deliveryStream",
		"#assumeRoleExternalId" };
	char *text = printed();
	size_t count = 0;

	(void)state;
	for (char *line = text; *line != '\0';) {
		char *next = strchr(line, '\n') + 1, *at = setting_in(line);
		bool paired = at == NULL;

		for (size_t i = 0;
		     !paired && i < sizeof(pairs) / sizeof(pairs[0]); i++)
			paired = strncmp(at, pairs[i], strlen(pairs[i])) == 0;
		if (!paired) {
			char *copy = strdup(text);

			assert_non_null(copy);
			uncomment(copy + (at - text));
			draft_free(config_ok(copy, false));
			free(copy);
			count++;
		}
		line = next;
	}
	assert_true(count > 25);
	free(text);
}

static void
all_lines_together_would_be_accepted(void **state)
{
	char *text = printed();

	(void)state;
	for (char *line = text; *line != '\0';) {
		char *next = strchr(line, '\n') + 1, *at = setting_in(line);

		if (at != NULL && strncmp(at, "#deliveryStream", 15) != 0)
			uncomment(at);
		line = next;
	}
	draft_free(config_ok(text, false));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kept_example_is_what_is_printed),
		cmocka_unit_test(the_example_loads_as_it_is),
		cmocka_unit_test(
		    every_line_that_is_commented_out_would_be_accepted),
		cmocka_unit_test(all_lines_together_would_be_accepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
