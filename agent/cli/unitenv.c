/* SPDX-License-Identifier: Apache-2.0
 *
 * unitenv: see unitenv.h.
 *
 * The files are those of packaging/systemd/kinesis-agent.service, in its
 * order. They are read as systemd reads them, but for values of several
 * lines, which are passed over.
 *
 * Thread: main; there is no other.
 */
#include "unitenv.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "findings.h"

static const char *const files[] = {
	"/etc/sysconfig/aws-kinesis-agent",
	"/etc/default/aws-kinesis-agent",
	"/etc/default/kinesis-agent",
};

static bool
is_name(const char *text)
{
	if (!isalpha((unsigned char)*text) && *text != '_')
		return false;
	while (isalnum((unsigned char)*text) || *text == '_')
		text++;
	return *text == '\0';
}

/* Without blanks around it, and without quotes. */
static char *
bare(char *text)
{
	size_t len;

	text += strspn(text, " \t");
	len = strlen(text);
	while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL)
		len--;
	if (len >= 2 && text[0] == text[len - 1] &&
	    (text[0] == '"' || text[0] == '\'')) {
		text++;
		len -= 2;
	}
	text[len] = '\0';
	return text;
}

static void
take_line(char *line)
{
	char *name = line + strspn(line, " \t"), *sign = strchr(name, '=');

	if (*name == '#' || *name == ';' || sign == NULL)
		return;
	*sign = '\0';
	name = bare(name);
	if (is_name(name))
		(void)setenv(name, bare(sign + 1), 1);
}

static void
take_file(struct findings *f, const char *path)
{
	FILE *file = fopen(path, "re");
	char line[4096];

	if (file == NULL)
		return;
	while (fgets(line, sizeof(line), file) != NULL)
		take_line(line);
	(void)fclose(file);
	explicit_bzero(line, sizeof(line));
	findings_add(f, FINDING_FINE, "environment", NULL,
	    "as the unit has it, of %s", path);
}

void
unitenv_take(struct findings *f)
{
	/* systemd gives whatever it starts an id. */
	if (geteuid() != 0 || getenv("INVOCATION_ID") != NULL)
		return;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		take_file(f, files[i]);
}
