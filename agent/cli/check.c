/* SPDX-License-Identifier: Apache-2.0
 *
 * check: see check.h.
 *
 * Looks and touches nothing: no file is made, no lock taken, nothing sent.
 * What is wrong with the configuration itself is told by config_load, with its
 * line. Each finding is a line: how bad, what, why and the cure. What is found
 * holds for whoever asks: ask as the user that the agent runs as.
 *
 * Thread: main; there is no other.
 */
#include "check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "config.h"
#include "log.h"
#include "mem.h"
#include "predecessor.h"
#include "regex.h"
#include "tail.h"

#define SHOWN_MOST 5 /* unreadable files named for one pattern */

struct findings {
	unsigned errors, warnings;
};

static void __attribute__((format(printf, 1, 2))) say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vprintf(format, args);
	va_end(args);
	putchar('\n');
}

#define FINE(...)    say("ok     " __VA_ARGS__)
#define WARN(f, ...) ((f)->warnings++, say("warn   " __VA_ARGS__))
#define FAIL(f, ...) ((f)->errors++, say("error  " __VA_ARGS__))

static void
check_patterns_speed(struct findings *f)
{
	struct regex_fault fault;
	struct regex *re = regex_new("(a|b)+c", &fault);

	if (re != NULL && !regex_is_interpreted(re))
		FINE("patterns: made into machine code");
	else
		WARN(f, "patterns: the system refuses machine code for them "
			"(PCRE2's JIT), so they take several times as long; "
			"MemoryDenyWriteExecute=no in the unit, or SELinux's "
			"execmem, allows it");
	regex_free(re);
}

static void
check_predecessor(struct findings *f)
{
	pid_t pid = predecessor_find();

	if (pid == 0)
		FINE("the Java agent does not run");
	else
		FAIL(f,
		    "the Java agent runs as process %jd: both would send "
		    "the same lines; service aws-kinesis-agent stop, and "
		    "remove /etc/cron.d/aws-kinesis-agent",
		    (intmax_t)pid);
}

/* The directory itself, or what it would have to be made in. */
static void
check_state(struct findings *f, const struct config *c)
{
	char *at = mem_dup(c->state_directory);

	while (access(at, F_OK) != 0 && errno == ENOENT) {
		char *slash = strrchr(at, '/');

		slash[slash == at ? 1 : 0] = '\0';
	}
	if (access(at, W_OK | X_OK) == 0)
		FINE("stateDirectory %s: may be written", c->state_directory);
	else
		FAIL(f,
		    "stateDirectory %s: %s: %s; chown it to the agent's "
		    "user, or name another",
		    c->state_directory, at, strerror(errno));
	free(at);
}

static intmax_t
number_in(const char *path)
{
	FILE *file = fopen(path, "re");
	char line[64] = "";

	if (file == NULL)
		return -1;
	if (fgets(line, sizeof(line), file) == NULL)
		line[0] = '\0';
	(void)fclose(file);
	return line[0] != '\0' ? strtoimax(line, NULL, 10) : -1;
}

static void
check_watches(struct findings *f)
{
	intmax_t watches = number_in("/proc/sys/fs/inotify/max_user_watches");
	intmax_t queued = number_in("/proc/sys/fs/inotify/max_queued_events");

	if (watches >= 0 && watches < 8192)
		WARN(f,
		    "inotify: a user may have %jd watches, one for each "
		    "directory; beyond that the agent polls; sysctl "
		    "fs.inotify.max_user_watches=65536",
		    watches);
	else if (queued >= 0 && queued < 4096)
		WARN(f,
		    "inotify: %jd events are kept; whatever is more costs "
		    "a look at everything; sysctl "
		    "fs.inotify.max_queued_events=16384",
		    queued);
	else
		FINE("inotify: %jd watches, one for each directory", watches);
}

/* One flow's files. */
struct census {
	struct findings *findings;
	unsigned files, unreadable, shut; /* shut: directories */
};

static void
say_closed(struct census *c, unsigned before, const char *path, int error)
{
	if (before < SHOWN_MOST)
		FAIL(c->findings,
		    "  %s: %s; let the agent's user read it (setfacl -m "
		    "u:USER:rX), or run it with CAP_DAC_READ_SEARCH",
		    path, strerror(error));
	else
		c->findings->errors++;
}

static void
count_file(void *owner, const char *path, int error)
{
	struct census *c = owner;

	if (error == ENOENT)
		return; /* it may come */
	if (error != 0) {
		say_closed(c, c->shut++, path, error);
		return;
	}
	c->files++;
	if (access(path, R_OK) != 0)
		say_closed(c, c->unreadable++, path, errno);
}

static void
check_files(struct findings *f, const struct config *config, size_t flow)
{
	struct census c = { f, 0, 0, 0 };

	if (tail_find(config, flow, count_file, &c) != 0)
		f->errors++;
	else if (c.files == 0 && c.shut == 0)
		WARN(f, "  %s: no file now; is it spelled right?",
		    config->flows[flow].patterns[0]);
	else if (c.unreadable == 0 && c.shut == 0)
		FINE("  %u files now, all readable", c.files);
	else
		say("       %u of %u files cannot be read, %u directories not "
		    "be looked into",
		    c.unreadable, c.files, c.shut);
}

static void
check_flows(struct findings *f, const struct config *c)
{
	for (size_t i = 0; i < c->flow_count; i++) {
		const struct flow_config *flow = &c->flows[i];

		bool main_file = strcmp(flow->source, c->path) == 0;

		say("       flow %s, to %s in %s%s%s", flow->name, flow->target,
		    flow->region != NULL ? flow->region
					 : "a region found at start",
		    main_file ? "" : ", of ", main_file ? "" : flow->source);
		check_files(f, c, i);
	}
}

int
check_main(const struct cli_options *options)
{
	struct findings f = { 0, 0 };
	struct config *c;

	log_setup(LOG_LEVEL_WARN, LOG_STYLE_TEXT);
	c = config_load(options->config_path);
	if (c == NULL)
		return EXIT_REFUSED;
	FINE("%s: understood", c->path);
	check_predecessor(&f);
	check_state(&f, c);
	check_watches(&f);
	check_patterns_speed(&f);
	check_flows(&f, c);
	say("%u error%s, %u warning%s", f.errors, f.errors == 1 ? "" : "s",
	    f.warnings, f.warnings == 1 ? "" : "s");
	config_free(c);
	return f.errors > 0 ? EXIT_REFUSED : EXIT_DONE;
}
