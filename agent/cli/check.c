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
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bequest.h"
#include "census.h"
#include "cli.h"
#include "config.h"
#include "findings.h"
#include "log.h"
#include "mem.h"
#include "predecessor.h"
#include "reach.h"
#include "regex.h"
#include "unitenv.h"

static void
check_patterns_speed(struct findings *f)
{
	struct regex_fault fault;
	struct regex *re = regex_new("(a|b)+c", &fault);

	if (re != NULL && !regex_is_interpreted(re))
		findings_add(f, FINDING_FINE, "patterns", NULL,
		    "made into machine code");
	else
		findings_add(f, FINDING_HURTS, "patterns",
		    "MemoryDenyWriteExecute=no in the unit, or SELinux's "
		    "execmem, allows it",
		    "the system refuses machine code for them (PCRE2's JIT), "
		    "so they take several times as long");
	regex_free(re);
}

static void
check_predecessor(struct findings *f)
{
	pid_t pid = predecessor_find();

	if (pid == 0)
		findings_add(f, FINDING_FINE, "java", NULL,
		    "the Java agent does not run");
	else
		findings_add(f, FINDING_ERROR, "java",
		    "service aws-kinesis-agent stop, and remove "
		    "/etc/cron.d/aws-kinesis-agent, which starts it anew each "
		    "minute",
		    "the Java agent runs as process %jd: both would send the "
		    "same lines",
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
		findings_add(f, FINDING_FINE, "state", NULL,
		    "stateDirectory %s: may be written", c->state_directory);
	else
		findings_add(f, FINDING_ERROR, "state",
		    "chown it to the agent's user, or name another",
		    "stateDirectory %s: %s: %s", c->state_directory, at,
		    strerror(errno));
	free(at);
}

int
check_main(const struct cli_options *options)
{
	struct findings *f;
	struct config *c;
	int code;

	log_setup(LOG_LEVEL_WARN, LOG_STYLE_TEXT);
	/* A peer that hangs up is an error code, not a death. */
	(void)signal(SIGPIPE, SIG_IGN);
	f = findings_new(options->json);
	/* Who names a file starts it otherwise. */
	if (!options->config_given)
		unitenv_take(f);
	c = config_load(options->config_path);
	if (c == NULL) {
		findings_add(f, FINDING_ERROR, "configuration",
		    "the reason is on standard error", "%s: refused",
		    options->config_path);
		return findings_end(&f, options->config_path);
	}
	findings_add(
	    f, FINDING_FINE, "configuration", NULL, "%s: understood", c->path);
	check_predecessor(f);
	if (!bequest_is_fine(c))
		findings_add(f, FINDING_ERROR, "java",
		    "the reason is on standard error",
		    "the environment's JVM_ARGS hold what no Java reads here");
	check_state(f, c);
	check_patterns_speed(f);
	census_check(f, c, options->logrotate);
	reach_check(f, c, options->offline);
	code = findings_end(&f, c->path);
	config_free(c);
	return code;
}
