/* SPDX-License-Identifier: Apache-2.0
 *
 * process: see process.h.
 *
 * Thread: main, before any other starts; but a death's handler is whoever dies.
 */
#include "process.h"

#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "logfile.h"

/* Our own, a few connections and a few files. */
#define DESCRIPTORS_LEAST 64

static bool deaf_to_hangup;

/* Whoever started us may have closed them. The next files opened would take
 * their numbers, and log lines end up in a socket or an eventfd. */
static void
fill_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		(void)close(fd);
}

/* Secrets and other people's lines do not belong in a core dump. Where dumps
 * go to a pipe, a limit of 0 does not hold: of 1 does. */
static void
leave_no_core(void)
{
	if (setrlimit(RLIMIT_CORE, &(struct rlimit){ 1, 1 }) != 0)
		(void)setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
}

/* What was said last is what tells why. */
static void
on_death(int signal)
{
	logfile_last_words(signal);
	/* The handler is gone by now. */
	(void)raise(signal);
}

static void
die_with_last_words(void)
{
	static const int deaths[] = { SIGABRT, SIGSEGV, SIGBUS, SIGILL,
		SIGFPE };
	struct sigaction before,
	    ours = { .sa_handler = on_death, .sa_flags = (int)SA_RESETHAND };

	for (size_t i = 0; i < sizeof(deaths) / sizeof(deaths[0]); i++)
		if (sigaction(deaths[i], NULL, &before) == 0 &&
		    before.sa_handler == SIG_DFL)
			(void)sigaction(deaths[i], &ours, NULL);
}

void
process_begin(void)
{
	struct sigaction hangup;
	sigset_t set;

	fill_standard_descriptors();
	deaf_to_hangup = sigaction(SIGHUP, NULL, &hangup) == 0 &&
			 hangup.sa_handler == SIG_IGN;
	/* A broken pipe is an error code, not a death. */
	(void)signal(SIGPIPE, SIG_IGN);
	process_signals(&set);
	(void)pthread_sigmask(SIG_BLOCK, &set, NULL);
	leave_no_core();
	die_with_last_words();
}

void
process_begin_filter(void)
{
	fill_standard_descriptors();
	/* Also if whoever started us does not want to hear of it. */
	(void)signal(SIGPIPE, SIG_DFL);
	leave_no_core();
}

void
process_signals(sigset_t *set)
{
	(void)sigemptyset(set);
	(void)sigaddset(set, SIGTERM);
	(void)sigaddset(set, SIGINT);
	if (!deaf_to_hangup)
		(void)sigaddset(set, SIGHUP);
}

int
process_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 0;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
	    limit.rlim_cur >= DESCRIPTORS_LEAST)
		return 0;
	log_error("descriptors: only %ju may be open (RLIMIT_NOFILE), at least "
		  "%d are needed; raise it (ulimit -n, LimitNOFILE=)",
	    (uintmax_t)limit.rlim_cur, DESCRIPTORS_LEAST);
	return -1;
}

bool
process_speaks_to_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char ours[2 * 24];
	struct stat st;

	if (stream == NULL || fstat(STDERR_FILENO, &st) != 0)
		return false;
	(void)snprintf(ours, sizeof(ours), "%ju:%ju", (uintmax_t)st.st_dev,
	    (uintmax_t)st.st_ino);
	return strcmp(stream, ours) == 0;
}
