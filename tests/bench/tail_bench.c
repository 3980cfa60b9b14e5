/* SPDX-License-Identifier: Apache-2.0
 *
 * tail_bench: what the disk side costs by itself: read, cut, append, cover,
 * commit; batches come home at once. One thread, so the numbers are per core.
 *
 * tail_bench [MEGABYTES [FILES]]
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "batch.h"
#include "clock.h"
#include "digest.h"
#include "ledger.h"
#include "loop.h"
#include "mem.h"
#include "tail.h"
#include "tail/state.h"

#define LINE 180

static double
cpu_seconds(void)
{
	struct rusage use;

	(void)getrusage(RUSAGE_SELF, &use);
	return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
	       (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

static int
write_file(const char *path, size_t bytes)
{
	static char lines[LINE * 1024];
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	memset(lines, 'x', sizeof(lines));
	for (size_t i = LINE - 1; i < sizeof(lines); i += LINE)
		lines[i] = '\n';
	for (size_t done = 0; fd >= 0 && done < bytes; done += sizeof(lines))
		if (write(fd, lines, sizeof(lines)) != sizeof(lines))
			return -1;
	return fd < 0 ? -1 : close(fd);
}

static void
bring_home(struct handoff *to_ship, struct handoff *home)
{
	struct list_node parcels, *node;

	list_init(&parcels);
	handoff_take(to_ship, &parcels);
	while ((node = list_take_first(&parcels)) != NULL) {
		struct batch *b = batch_of(node);

		b->outcome = BATCH_DELIVERED;
		batch_send(home, &b);
	}
}

static void
drop_notices(struct handoff *to_ledger)
{
	struct list_node parcels, *node;

	list_init(&parcels);
	handoff_take(to_ledger, &parcels);
	while ((node = list_take_first(&parcels)) != NULL)
		notice_free(LIST_ENTRY(node, struct notice, node));
}

static void
measure(const struct config *config, uint64_t bytes, const char *what)
{
	static struct handoff home, to_ship, to_ledger;
	struct flow_stats stats = { 0 };
	struct tail_doors doors = { .loop = loop_new(),
		.home = &home,
		.to_ship = &to_ship,
		.to_ledger = &to_ledger };
	struct tail *t;
	double began, spent;

	if (doors.loop == NULL || handoff_init(&home) != 0 ||
	    handoff_init(&to_ship) != 0 || handoff_init(&to_ledger) != 0)
		exit(EXIT_FAILURE);
	t = tail_new(config, &stats, &doors);
	if (t == NULL)
		exit(EXIT_FAILURE);
	tail_begin(t);
	began = cpu_seconds();
	while (stats_get(&stats.bytes_committed) < bytes) {
		tail_turn(t);
		bring_home(&to_ship, &home);
		drop_notices(&to_ledger);
	}
	spent = cpu_seconds() - began;
	printf("%-22s %6.1f ns a line, %7.1f MB/s a core\n", what,
	    spent * 1e9 / ((double)bytes / LINE), (double)bytes / spent / 1e6);
	tail_free(t);
	drop_notices(&to_ledger);
	handoff_fini(&home);
	handoff_fini(&to_ship);
	handoff_fini(&to_ledger);
	loop_free(doors.loop);
}

int
main(int argc, char **argv)
{
	size_t megabytes = argc > 1 ? strtoul(argv[1], NULL, 10) : 256;
	size_t files = argc > 2 ? strtoul(argv[2], NULL, 10) : 4;
	char dir[] = "/dev/shm/tail-bench-XXXXXX";
	char pattern[sizeof(dir) + sizeof("/*.log")];
	char *patterns[] = { pattern, NULL };
	struct flow_config flow = { .name = "bench",
		.patterns = patterns,
		.position = POSITION_START_OF_FILE,
		.terminator = "\n",
		.keep_newline = true,
		.age_ms = 1000,
		.max_records = 500,
		.max_bytes = 5 << 20,
		.rescan_ms = 10000 };
	struct config config = { .flows = &flow,
		.flow_count = 1,
		.checkpoint_ms = 1000,
		.memory_budget = 16 << 20 };
	size_t each = megabytes * 1000000 / files / (LINE * 1024) * LINE * 1024;

	log_setup(LOG_LEVEL_WARN, LOG_STYLE_TEXT);
	if (mkdtemp(dir) == NULL || digest_setup() != 0 || each == 0)
		return EXIT_FAILURE;
	(void)snprintf(pattern, sizeof(pattern), "%s/*.log", dir);
	for (size_t i = 0; i < files; i++) {
		char *path = mem_format("%s/%zu.log", dir, i);

		if (write_file(path, each) != 0)
			perror(path);
		free(path);
	}
	measure(&config, each * files, "CBOR, random keys");
	flow.wire = CONFIG_WIRE_JSON;
	measure(&config, each * files, "JSON, random keys");
	flow.wire = CONFIG_WIRE_CBOR;
	flow.key_option = KEY_DETERMINISTIC;
	measure(&config, each * files, "CBOR, MD5 keys");
	for (size_t i = 0; i < files; i++) {
		char *path = mem_format("%s/%zu.log", dir, i);

		(void)unlink(path);
		free(path);
	}
	(void)rmdir(dir);
	return EXIT_SUCCESS;
}
