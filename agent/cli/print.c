/* SPDX-License-Identifier: Apache-2.0
 *
 * print: see print.h. Thread: main; there is no other.
 */
#include "print.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "config.h"
#include "help.h"

static const struct {
	const char *what;
	void (*print)(void);
} things[] = {
	{ "example", config_print_example },
	{ "schema", config_print_schema },
	{ "settings", config_print_manual },
	{ "manual", help_manual },
	{ "completion", help_completion },
};

int
print_main(const struct cli_options *options)
{
	for (size_t i = 0; i < sizeof(things) / sizeof(things[0]); i++)
		if (strcmp(things[i].what, options->words[0]) == 0) {
			things[i].print();
			return EXIT_DONE;
		}
	fprintf(stderr,
	    "kinesis-agent print: %s: there is no such thing; it is one "
	    "of: " PRINT_CHOICES "\n",
	    options->words[0]);
	return EXIT_USAGE;
}
