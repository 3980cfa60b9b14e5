/* SPDX-License-Identifier: Apache-2.0
 *
 * import: see import.h. Prints; touches nothing, starts nothing.
 *
 * Thread: main; there is no other.
 */
#include "import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "config.h"
#include "log.h"
#include "predecessor.h"

/* What the file says is wanted, not what this shell says besides. */
static void
forget_surroundings(void)
{
	static const char *const names[] = { "AWS_REGION", "AWS_DEFAULT_REGION",
		"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_KINESIS",
		"AWS_ENDPOINT_URL_FIREHOSE", "AWS_USE_FIPS_ENDPOINT",
		"AWS_USE_DUALSTACK_ENDPOINT" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unsetenv(names[i]);
}

int
import_main(const struct cli_options *options)
{
	const char *path = strcmp(options->config_path, CLI_CONFIG) != 0
			       ? options->config_path
			       : PREDECESSOR_CONFIG;
	size_t len = strlen(path);

	log_setup(LOG_LEVEL_WARN, LOG_STYLE_TEXT);
	if (len < 5 || strcmp(path + len - 5, ".json") != 0) {
		fprintf(stderr,
		    "kinesis-agent import: %s: only an agent.json of the Java "
		    "agent can be imported; name it with -c\n",
		    path);
		return EXIT_USAGE;
	}
	forget_surroundings();
	if (config_print_import(path, options->secrets) != 0)
		return EXIT_REFUSED;
	return EXIT_DONE;
}
