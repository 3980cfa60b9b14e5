/* SPDX-License-Identifier: Apache-2.0
 *
 * config_load on what may stand at a path: one clear line each, and nothing
 * waits.
 */
#include "config_case.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"

#include "config.h"

static char folder[] = "/tmp/config-XXXXXX";

static int
make_folder(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	return chdir(folder);
}

static int
drop_folder(void **state)
{
	(void)state;
	if (chdir("/") != 0)
		return -1;
	return rmdir(folder);
}

static void
put(const char *name, const char *text, size_t len)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	close(fd);
}

/* Load `name`; what is said meanwhile, without time and level, into `said`
 * (lines end with a newline). */
static struct config *
load(const char *name, char *lines, size_t size)
{
	int kept = dup(STDERR_FILENO);
	FILE *tmp = tmpfile();
	struct config *c;
	char line[4096];

	assert_true(kept >= 0);
	assert_non_null(tmp);
	fflush(stderr);
	assert_true(dup2(fileno(tmp), STDERR_FILENO) >= 0);
	c = config_load(name);
	assert_true(dup2(kept, STDERR_FILENO) >= 0);
	close(kept);
	rewind(tmp);
	lines[0] = '\0';
	while (fgets(line, sizeof(line), tmp) != NULL) {
		const char *text = strstr(line, name);

		assert_non_null(text);
		snprintf(
		    lines + strlen(lines), size - strlen(lines), "%s", text);
	}
	fclose(tmp);
	return c;
}

static void
refused(const char *name, const char *line)
{
	char lines[8192];

	assert_null(load(name, lines, sizeof(lines)));
	assert_string_equal(lines, line);
}

static void
what_is_no_readable_file_is_told_in_one_line(void **state)
{
	(void)state;
	refused("none.yaml", "none.yaml: cannot open it: No such file or "
			     "directory\n");
	refused("/", "/: is a directory; a regular file is needed\n");
	refused("/dev/null",
	    "/dev/null: is a device or a socket; a regular file is needed\n");
	assert_int_equal(mkfifo("fifo.yaml", 0600), 0);
	refused(
	    "fifo.yaml", "fifo.yaml: is a pipe; a regular file is needed\n");
	unlink("fifo.yaml");
	put("empty.json", "", 0);
	refused("empty.json",
	    "empty.json: is empty: no flows to follow; "
	    "`kinesis-agent print example` prints one that has "
	    "some\n");
	unlink("empty.json");
	assert_int_equal(symlink("nowhere", "link.yaml"), 0);
	refused("link.yaml", "link.yaml: is a link to something that is not "
			     "there\n");
	unlink("link.yaml");
}

static void
what_is_no_text_is_told_in_one_line(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *line;
	} cases[] = {
		{ "\xFF\xFE#\0", 4,
		    "bytes.yaml:1:1: is UTF-16; save it as UTF-8\n" },
		{ "\xFE\xFF\0#", 4,
		    "bytes.yaml:1:1: is UTF-16; save it as UTF-8\n" },
		{ "a: b\n\xE4: c\n", 10,
		    "bytes.yaml:2:1: byte 0xE4 is not text in UTF-8\n" },
		{ "a: b\0c\n", 7,
		    "bytes.yaml:1:5: byte 0x00 is not text in UTF-8\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		put("bytes.yaml", cases[i].text, cases[i].len);
		refused("bytes.yaml", cases[i].line);
	}
	unlink("bytes.yaml");
}

static int
bind_socket(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", name);
	assert_int_equal(
	    bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void
a_socket_is_no_configuration(void **state)
{
	int fd = bind_socket("socket.yaml");

	(void)state;
	refused("socket.yaml", "socket.yaml: is a device or a socket; a "
			       "regular file is needed\n");
	close(fd);
	unlink("socket.yaml");
}

#define BUSY_SIZE (512 << 10)

static atomic_bool writing;

static void *
go_on_writing(void *name)
{
	int fd = open(name, O_WRONLY | O_APPEND | O_CLOEXEC);
	unsigned count = 0;

	while (writing && write(fd, "#", 1) == 1)
		if (++count % 100000 == 0 && ftruncate(fd, BUSY_SIZE) != 0)
			break;
	close(fd);
	return NULL;
}

/* Half of it could look like a whole. */
static void
a_file_that_is_written_to_while_it_is_read_is_told(void **state)
{
	char *text = malloc(BUSY_SIZE), lines[256] = "";
	int64_t deadline = clock_ms() + 10000;
	pthread_t writer;

	(void)state;
	assert_non_null(text);
	memset(text, '#', BUSY_SIZE);
	memcpy(text, A_FLOW, strlen(A_FLOW));
	put("busy.yaml", text, BUSY_SIZE);
	free(text);
	writing = true;
	assert_int_equal(
	    pthread_create(&writer, NULL, go_on_writing, "busy.yaml"), 0);
	while (strstr(lines, "written to") == NULL && clock_ms() < deadline)
		config_free(load("busy.yaml", lines, sizeof(lines)));
	writing = false;
	pthread_join(writer, NULL);
	unlink("busy.yaml");
	assert_string_equal(lines,
	    "busy.yaml: was written to while it was read; try again when it "
	    "is whole\n");
}

static void
a_file_that_may_not_be_read_is_told(void **state)
{
	struct config *c;
	char lines[256];

	(void)state;
	put("secret.yaml", A_FLOW, strlen(A_FLOW));
	chmod("secret.yaml", 0);
	chmod(".", 0755);
	/* Root may read anything: be nobody for a moment. */
	assert_true(geteuid() != 0 || seteuid(65534) == 0);
	c = load("secret.yaml", lines, sizeof(lines));
	assert_true(getuid() != 0 || seteuid(0) == 0);
	assert_null(c);
	assert_string_equal(
	    lines, "secret.yaml: cannot open it: Permission denied\n");
	unlink("secret.yaml");
}

static void
a_file_may_have_one_mebibyte_and_no_more(void **state)
{
	size_t size = (1 << 20) + 1, flow = strlen(A_FLOW);
	char *text = malloc(size), lines[256];
	struct config *c;

	(void)state;
	assert_non_null(text);
	memset(text, '#', size);
	memcpy(text, A_FLOW, flow);
	put("big.yaml", text, size);
	refused(
	    "big.yaml", "big.yaml: larger than 1 MiB: not a configuration\n");
	assert_int_equal(truncate("big.yaml", 100 << 20), 0);
	refused(
	    "big.yaml", "big.yaml: larger than 1 MiB: not a configuration\n");
	put("big.yaml", text, size - 1);
	c = load("big.yaml", lines, sizeof(lines));
	assert_non_null(c);
	assert_string_equal(lines, "");
	config_free(c);
	unlink("big.yaml");
	free(text);
}

static void
mistakes_are_told_in_the_files_order(void **state)
{
	static const char text[] = "flows:\n"
				   "- kinesisStream: a b\n"
				   "  filePattern: /x\n"
				   "  region: eu-west-1\n"
				   "- maxInFlight: 0\n"
				   "  filePattern: /x\n"
				   "  kinesisStream: s\n"
				   "  region: eu-west-1\n"
				   "checkpointFile: x\n";

	(void)state;
	put("wrong.yaml", text, sizeof(text) - 1);
	refused("wrong.yaml",
	    "wrong.yaml:2:3: kinesisStream: not a stream's name or ARN (got "
	    "`a b`); allowed: 1 to 128 of a-z A-Z 0-9 _ . -, or an ARN\n"
	    "wrong.yaml:5:3: maxInFlight: out of range (got `0`); allowed: 1 "
	    "to 256\n"
	    "wrong.yaml:9:1: checkpointFile: not an absolute path (got `x`); "
	    "allowed: a path from the root (/...)\n");
	unlink("wrong.yaml");
}

static void
the_name_decides_the_format(void **state)
{
	static const char text[] =
	    "{\"kinesis.region\": \"eu-west-1\", \"flows\": [" A_JSON_FLOW "]}";
	char lines[256];
	struct config *c;

	(void)state;
	put("agent.json", text, sizeof(text) - 1);
	c = load("agent.json", lines, sizeof(lines));
	assert_non_null(c);
	assert_true(c->java);
	assert_string_equal(c->path, "agent.json");
	config_free(c);
	assert_int_equal(rename("agent.json", "agent.yaml"), 0);
	c = load("agent.yaml", lines, sizeof(lines));
	assert_non_null(c);
	assert_false(c->java);
	config_free(c);
	unlink("agent.yaml");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_readable_file_is_told_in_one_line),
		cmocka_unit_test(what_is_no_text_is_told_in_one_line),
		cmocka_unit_test(a_socket_is_no_configuration),
		cmocka_unit_test(
		    a_file_that_is_written_to_while_it_is_read_is_told),
		cmocka_unit_test(a_file_that_may_not_be_read_is_told),
		cmocka_unit_test(a_file_may_have_one_mebibyte_and_no_more),
		cmocka_unit_test(mistakes_are_told_in_the_files_order),
		cmocka_unit_test(the_name_decides_the_format),
	};

	return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
