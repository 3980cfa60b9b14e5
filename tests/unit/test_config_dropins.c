/* SPDX-License-Identifier: Apache-2.0
 *
 * Flows in files of their own, in the folder beside the configuration: which
 * files are read, in which order, and which file a complaint names.
 */
#include "config_case.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"

#define SAID_MAX 65536

static char folder[] = "/tmp/dropins-XXXXXX";
static char said_text[SAID_MAX]; /* of the last load, without times */

static int
enter(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	return chdir(folder);
}

static int
drop(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	return at->level == 0 ? 0 : remove(path);
}

static int
clear(void **state)
{
	(void)state;
	return nftw(".", drop, 8, FTW_DEPTH | FTW_PHYS);
}

static int
leave(void **state)
{
	(void)clear(state);
	return chdir("/") == 0 ? rmdir(folder) : -1;
}

static void
put(const char *name, const char *text)
{
	FILE *file = fopen(name, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	fclose(file);
}

/* A flow of our format, or of the Java agent's, in a file of its own. */
static void
put_flow(const char *file, const char *pattern)
{
	char text[512];

	snprintf(text, sizeof(text),
	    "flows:\n- filePattern: %s\n  kinesisStream: s\n"
	    "  region: eu-west-1\n",
	    pattern);
	put(file, text);
}

static void
put_java(const char *file, const char *pattern)
{
	char text[512];

	snprintf(text, sizeof(text),
	    "{ /* more */ \"flows\": [{\"filePattern\": \"%s\",\n"
	    "\"kinesisStream\": \"s\"}]}",
	    pattern);
	put(file, text);
}

#define JAVA_MAIN                                                              \
	"{\"kinesis.region\": \"eu-west-1\", \"flows\": [" A_JSON_FLOW "]}"

static struct config *
load(const char *name)
{
	int kept = dup(STDERR_FILENO);
	FILE *tmp = tmpfile();
	struct config *c;
	size_t len;

	assert_true(kept >= 0 && tmp != NULL);
	fflush(stderr);
	assert_true(dup2(fileno(tmp), STDERR_FILENO) >= 0);
	c = config_load(name);
	assert_true(dup2(kept, STDERR_FILENO) >= 0);
	close(kept);
	rewind(tmp);
	len = fread(said_text, 1, sizeof(said_text) - 1, tmp);
	said_text[len] = '\0';
	fclose(tmp);
	return c;
}

static void
check_said(const char *text)
{
	if (strstr(said_text, text) == NULL)
		fail_msg("not said: %s\nbut: %s", text, said_text);
}

/* The flows' patterns and files, in order, as "PATTERN FILE|..." */
static void
check_flows(struct config *c, const char *wanted)
{
	char got[1024] = "";

	if (c == NULL)
		fail_msg("refused: %s", said_text);
	for (size_t i = 0; i < c->flow_count; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got),
		    "%s%s %s", i > 0 ? "|" : "", c->flows[i].patterns[0],
		    c->flows[i].source);
	assert_string_equal(got, wanted);
	config_free(c);
}

static void
flows_are_added_in_the_order_of_names(void **state)
{
	(void)state;
	put_flow("agent.yaml", "/m");
	assert_int_equal(mkdir("agent.d", 0755), 0);
	put_flow("agent.d/20-b.yaml", "/b");
	put_flow("agent.d/10-a.yml", "/a");
	put("agent.d/30.json",
	    "{\"flows\": [{\"filePattern\": \"/c\", \"kinesisStream\": \"s\","
	    " \"region\": \"eu-west-1\", \"maxBufferAgeMillis\": \"2 s\"}]}");
	check_flows(load("agent.yaml"),
	    "/m agent.yaml|/a agent.d/10-a.yml|/b agent.d/20-b.yaml|"
	    "/c agent.d/30.json");
	assert_string_equal(said_text, "");
}

static void
the_folder_is_called_as_its_configuration(void **state)
{
	(void)state;
	put_flow("web.yaml", "/m");
	assert_int_equal(mkdir("web.d", 0755), 0);
	assert_int_equal(mkdir("agent.d", 0755), 0);
	put_flow("web.d/a.yaml", "/a");
	put_flow("agent.d/b.yaml", "/b");
	check_flows(load("web.yaml"), "/m web.yaml|/a web.d/a.yaml");
	check_flows(load("./web.yaml"), "/m ./web.yaml|/a ./web.d/a.yaml");
}

static void
what_is_left_behind_by_others_is_not_read(void **state)
{
	static const char *const names[] = { ".hidden.yaml", "a.yaml~",
		"a.yaml.bak", "a.yaml.rpmsave", "a.yaml.dpkg-old", "#a.yaml#",
		".a.yaml.swp" };
	char path[64];

	(void)state;
	put_flow("agent.yaml", "/m");
	assert_int_equal(mkdir("agent.d", 0755), 0);
	assert_int_equal(mkdir("agent.d/folder.yaml", 0755), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "agent.d/%s", names[i]);
		put(path, "no flow at all");
	}
	check_flows(load("agent.yaml"), "/m agent.yaml");
	assert_string_equal(said_text, "");
	put("agent.d/README", "no flow at all");
	check_flows(load("agent.yaml"), "/m agent.yaml");
	check_said("agent.yaml: agent.d/README is not read: its name ends "
		   "neither in .yaml nor in .json\n");
}

static void
a_bad_file_is_refused_with_its_place(void **state)
{
	(void)state;
	put_flow("agent.yaml", "/m");
	assert_int_equal(mkdir("agent.d", 0755), 0);
	put("agent.d/a.yaml", "flows: [\n");
	put("agent.d/b.yaml", "region: eu-west-1\nflows:\n- filePattern: x\n"
			      "  kinesisStream: s\n");
	put("agent.d/c.yaml", "# nothing\n");
	put("agent.d/d.yaml", "");
	put("agent.d/e.json", "{\"flows\": {}}");
	put("agent.d/f.json", "{}");
	assert_int_equal(symlink("nowhere", "agent.d/g.yaml"), 0);
	assert_int_equal(mkfifo("agent.d/h.yaml", 0600), 0);
	assert_null(load("agent.yaml"));
	check_said("agent.d/a.yaml:2:1: not valid YAML: ");
	check_said("agent.d/b.yaml:1:1: region: not read here, where only "
		   "`flows` is; it belongs in agent.yaml\n");
	check_said("agent.d/b.yaml:3:3: filePattern: not an absolute path");
	check_said("agent.d/c.yaml: holds no settings");
	check_said("agent.d/d.yaml: is empty");
	check_said("agent.d/e.json:1:2: flows: not a list");
	check_said("agent.d/f.json:1:1: flows: missing, and nothing else is "
		   "read here; say what to follow and where it goes\n");
	check_said(
	    "agent.d/g.yaml: is a link to something that is not there\n");
	check_said("agent.d/h.yaml: is a pipe; a regular file is needed\n");
}

static void
a_folder_that_is_none_is_refused(void **state)
{
	(void)state;
	put_flow("agent.yaml", "/m");
	put("agent.d", "");
	assert_null(load("agent.yaml"));
	check_said("agent.yaml: cannot look for more flows in agent.d: Not a "
		   "directory\n");
}

static void
two_flows_of_one_name_are_told_with_both_places(void **state)
{
	(void)state;
	put_flow("agent.yaml", "/m");
	assert_int_equal(mkdir("agent.d", 0755), 0);
	put_flow("agent.d/a.yaml", "/a");
	put_flow("agent.d/b.yaml", "/a");
	put_flow("agent.d/c.yaml", "/m");
	assert_null(load("agent.yaml"));
	check_said("agent.d/b.yaml:2:3: name: the flow in agent.d/a.yaml:2 is "
		   "called `kinesis:s:/a` too; give one of them another "
		   "name\n");
	check_said("agent.d/c.yaml:2:3: name: the flow in agent.yaml:2 is "
		   "called `kinesis:s:/m` too");
}

static void
the_main_file_may_leave_all_flows_to_the_folder(void **state)
{
	(void)state;
	put("agent.yaml", "region: eu-west-1\n");
	assert_null(load("agent.yaml"));
	check_said("agent.yaml:1:1: flows: missing");
	assert_int_equal(mkdir("agent.d", 0755), 0);
	put_flow("agent.d/a.yaml", "/a");
	check_flows(load("agent.yaml"), "/a agent.d/a.yaml");
	put("agent.yaml", "region: eu-west-1\nflows: []\n");
	check_flows(load("agent.yaml"), "/a agent.d/a.yaml");
}

static void
the_java_agents_folder_is_read_as_it_read_it(void **state)
{
	(void)state;
	put("agent.json", JAVA_MAIN);
	assert_int_equal(mkdir("agent.d", 0755), 0);
	put_java("agent.d/b", "/b");
	put_java("agent.d/a.conf", "/a");
	put("agent.d/c", "{\"flows\": []}");
	put("agent.d/d", "{\"maxConnections\": 3, \"x\": 1, \"flows\": []}");
	put("agent.d/e", "{\"flows\": [}");
	put("agent.d/f", "");
	put_java("agent.d/g.bak", "/b");
	check_flows(load("agent.json"),
	    "/var/log/*.log agent.json|/a agent.d/a.conf|/b agent.d/b");
	check_said("agent.d/d:1:2: maxConnections: not read here, where only "
		   "`flows` is; it belongs in agent.json\n");
	check_said("agent.d/d:1:23: x: no such setting\n");
	check_said("agent.d/e:1:12: not valid JSON: ");
	check_said("; the file is passed over, as the Java agent does\n");
	check_said("agent.d/f: is empty");
	check_said("agent.json: agent.d/g.bak is not read: its name is that "
		   "of a backup\n");
}

/* What the Java agent would end at, this one does too. */
static void
a_bad_flow_in_the_java_agents_folder_is_refused(void **state)
{
	(void)state;
	put("agent.json", JAVA_MAIN);
	assert_int_equal(mkdir("agent.d", 0755), 0);
	put("agent.d/a", "{\"flows\": [{\"filePattern\": \"/a\"}]}");
	put_java("agent.d/b", "/var/log/*.log");
	assert_null(load("agent.json"));
	check_said("agent.d/a:1:12: kinesisStream: missing");
	check_said("agent.d/b:1:24: name: the flow in agent.json:1 is called "
		   "`kinesis:s:/var/log/*.log` too");
}

static void
flows_are_counted_over_all_files(void **state)
{
	char *text = calloc(1, 100000);

	(void)state;
	assert_non_null(text);
	put_flow("agent.yaml", "/m");
	assert_int_equal(mkdir("agent.d", 0755), 0);
	snprintf(text, 100, "flows:\n");
	for (int i = 0; i < 1000; i++)
		snprintf(text + strlen(text), 100,
		    "- {filePattern: /x%d, kinesisStream: s, region: "
		    "eu-west-1}\n",
		    i);
	put("agent.d/a.yaml", text);
	assert_null(load("agent.yaml"));
	check_said("agent.d/a.yaml:1:1: flows: 1001 of them; allowed: 1 to "
		   "1000, over all files\n");
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(
		    flows_are_added_in_the_order_of_names, clear),
		cmocka_unit_test_teardown(
		    the_folder_is_called_as_its_configuration, clear),
		cmocka_unit_test_teardown(
		    what_is_left_behind_by_others_is_not_read, clear),
		cmocka_unit_test_teardown(
		    a_bad_file_is_refused_with_its_place, clear),
		cmocka_unit_test_teardown(
		    a_folder_that_is_none_is_refused, clear),
		cmocka_unit_test_teardown(
		    two_flows_of_one_name_are_told_with_both_places, clear),
		cmocka_unit_test_teardown(
		    the_main_file_may_leave_all_flows_to_the_folder, clear),
		cmocka_unit_test_teardown(
		    the_java_agents_folder_is_read_as_it_read_it, clear),
		cmocka_unit_test_teardown(
		    a_bad_flow_in_the_java_agents_folder_is_refused, clear),
		cmocka_unit_test_teardown(
		    flows_are_counted_over_all_files, clear),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
