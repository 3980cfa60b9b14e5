/* SPDX-License-Identifier: Apache-2.0
 *
 * logs: see logs.h.
 *
 * An agent that cannot write its log has to deliver all the same, and standard
 * error is somebody's: journald's, a terminal's. So it goes on there.
 *
 * Thread: main.
 */
#include "logs.h"

#include <inttypes.h>

#include "clock.h"
#include "config.h"
#include "log.h"
#include "logfile.h"
#include "process.h"

#define END_MS 1000 /* for a slow disk, at the end */

static enum log_style
style(void)
{
	return process_speaks_to_journal() ? LOG_STYLE_JOURNAL : LOG_STYLE_TEXT;
}

void
logs_begin(void)
{
	log_setup(LOG_LEVEL_INFO, style());
}

/* Nobody asked for the Java agent's: where its directory is not there, or not
 * ours to write to, nothing is wrong. */
static void
try_javas(const struct config *config)
{
	char why[200];

	if (logfile_begin(CONFIG_JAVA_LOG, config->log_bytes, config->log_keep,
		why, sizeof(why)) != 0)
		log_info("log: here, since " CONFIG_JAVA_LOG ": %s", why);
}

void
logs_settle(const struct config *config)
{
	char why[200];

	log_setup(config->log_level, style());
	if (config->log_file == NULL && config->java) {
		try_javas(config);
		return;
	}
	if (config->log_file == NULL)
		return;
	if (logfile_begin(config->log_file, config->log_bytes, config->log_keep,
		why, sizeof(why)) == 0)
		return;
	log_error("log.file: %s: %s; what is said goes to standard error; make "
		  "its directory, and chown it to the agent's user",
	    config->log_file, why);
}

void
logs_adopt(const struct config *config)
{
	log_limit(config->log_level);
}

void
logs_end(void)
{
	log_settle(CLOCK_NEVER);
	logfile_end(END_MS);
}
