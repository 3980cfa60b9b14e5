/* SPDX-License-Identifier: Apache-2.0
 *
 * choice: see choice.h. A name goes before a number: a flow may be called "2".
 * Thread: main; there is no other.
 */
#include "choice.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "mem.h"

const struct flow_config *
choice_flow(const struct config *config, const char *text)
{
	unsigned long number;
	char *end;

	for (size_t i = 0; i < config->flow_count; i++)
		if (strcmp(config->flows[i].name, text) == 0)
			return &config->flows[i];
	if (!isdigit((unsigned char)text[0]))
		return NULL;
	number = strtoul(text, &end, 10);
	if (*end != '\0' || number < 1 || number > config->flow_count)
		return NULL;
	return &config->flows[number - 1];
}

const char *
choice_name(const struct config *config, const char *text)
{
	const struct flow_config *flow = choice_flow(config, text);

	return flow != NULL ? flow->name : text;
}

char *
choice_path(const char *word)
{
	char here[PATH_MAX];

	if (word[0] == '/' || getcwd(here, sizeof(here)) == NULL)
		return mem_dup(word);
	if (strncmp(word, "./", 2) == 0)
		word += 2;
	return mem_format("%s/%s", strcmp(here, "/") == 0 ? "" : here, word);
}
