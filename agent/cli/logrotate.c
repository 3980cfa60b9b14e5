/* SPDX-License-Identifier: Apache-2.0
 *
 * logrotate: see logrotate.h.
 *
 * A reader of lines: settings, for all that follows or within the braces
 * behind names of logs; scripts between their word and `endscript`; included
 * files and directories. It reads what logrotate takes and does not judge
 * what it would refuse.
 *
 * Thread: main; there is no other.
 */
#include "logrotate.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "mem.h"

#define DEPTH_MOST    4
#define STANZAS_MOST  4096
#define PATTERNS_MOST 1024

enum kind { KIND_ON, KIND_OFF, KIND_NUMBER, KIND_TEXT, KIND_SCRIPT };

#define WAY(field) offsetof(struct logrotate_ways, field)

/* Words that matter here. The rest is none of our business. */
static const struct word {
	const char *word;
	enum kind kind;
	size_t at; /* in struct logrotate_ways; of a script: `told`, or 0 */
} words[] = {
	{ "copytruncate", KIND_ON, WAY(copytruncate) },
	{ "nocopytruncate", KIND_OFF, WAY(copytruncate) },
	{ "compress", KIND_ON, WAY(compress) },
	{ "nocompress", KIND_OFF, WAY(compress) },
	{ "delaycompress", KIND_ON, WAY(delayed) },
	{ "nodelaycompress", KIND_OFF, WAY(delayed) },
	{ "shred", KIND_ON, WAY(shred) },
	{ "noshred", KIND_OFF, WAY(shred) },
	{ "nocreate", KIND_OFF, WAY(creates) },
	{ "rotate", KIND_NUMBER, WAY(rotate) },
	{ "maxage", KIND_NUMBER, WAY(max_days) },
	{ "olddir", KIND_TEXT, WAY(olddir) },
	{ "noolddir", KIND_TEXT, WAY(olddir) },
	{ "compresscmd", KIND_TEXT, WAY(compressor) },
	{ "postrotate", KIND_SCRIPT, WAY(told) },
	{ "lastaction", KIND_SCRIPT, WAY(told) },
	{ "prerotate", KIND_SCRIPT, 0 },
	{ "firstaction", KIND_SCRIPT, 0 },
	{ "preremove", KIND_SCRIPT, 0 },
};

/* Names that are left out of an included directory. */
static const char *const taboo[] = { "*,v", "*.bak", "*.cfsaved", "*.disabled",
	"*.dpkg-*", "*.rhn-cfg-tmp-*", "*.rpmnew", "*.rpmorig", "*.rpmsave",
	"*.swp", "*.ucf-*", "*~", ".*" };

/* A file that is being read. */
struct source {
	struct logrotate *into;
	const char *path;
	unsigned line;
	struct logrotate_ways *usual;    /* of all stanzas that follow */
	struct logrotate_stanza *stanza; /* names are being gathered, or it is
	                                   * within its braces; or NULL */
	bool inside;                     /* its braces */
	bool script;
};

static void read_path(
    struct logrotate *l, const char *path, struct logrotate_ways *w, int depth);

/* The next word of `*at`, which moves behind it: quotes and backslashes
 * undone, in place. NULL: none. */
static char *
next_word(char **at)
{
	char *from = *at + strspn(*at, " \t\r"), *out, *word;
	char quote = '\0';

	if (*from == '\0')
		return NULL;
	word = out = from;
	for (; *from != '\0'; from++) {
		if (quote == '\0' && strchr(" \t\r", *from) != NULL)
			break;
		if (*from == quote) {
			quote = '\0';
		} else if (quote == '\0' && (*from == '"' || *from == '\'')) {
			quote = *from;
		} else {
			if (*from == '\\' && from[1] != '\0')
				from++;
			*out++ = *from;
		}
	}
	*at = *from != '\0' ? from + 1 : from;
	*out = '\0';
	return word;
}

static struct logrotate_stanza *
stanza_begin(struct source *s)
{
	struct logrotate *l = s->into;
	struct logrotate_stanza *stanza;

	if (l->count == STANZAS_MOST)
		return NULL;
	l->stanzas = mem_resize(l->stanzas, l->count + 1, sizeof(*l->stanzas));
	stanza = &l->stanzas[l->count++];
	*stanza = (struct logrotate_stanza){
		.file = mem_dup(s->path), .line = s->line, .ways = *s->usual
	};
	return stanza;
}

static void
add_pattern(struct logrotate_stanza *s, const char *pattern)
{
	if (s->count == PATTERNS_MOST)
		return;
	s->patterns = mem_resize(s->patterns, s->count + 1, sizeof(char *));
	s->patterns[s->count++] = mem_dup(pattern);
}

/* "create 0640 root adm", all of which may be left out. */
static void
take_create(struct logrotate_ways *w, const char *mode)
{
	w->creates = true;
	w->mode = mode != NULL && isdigit((unsigned char)mode[0])
		      ? strtol(mode, NULL, 8)
		      : 0;
}

static void
take_way(struct source *s, struct logrotate_ways *w, const struct word *word,
    const char *value)
{
	char *field = (char *)w + word->at;

	switch (word->kind) {
	case KIND_ON:
	case KIND_OFF:
		*(bool *)(void *)field = word->kind == KIND_ON;
		return;
	case KIND_NUMBER:
		if (value != NULL)
			*(long *)(void *)field = strtol(value, NULL, 10);
		return;
	case KIND_TEXT:
		snprintf(
		    field, LOGROTATE_TEXT, "%s", value != NULL ? value : "");
		return;
	case KIND_SCRIPT:
		s->script = true;
		if (word->at != 0)
			*(bool *)(void *)field = true;
		return;
	}
}

static void
take_setting(struct source *s, char *line, int depth)
{
	struct logrotate_ways *w =
	    s->inside && s->stanza != NULL ? &s->stanza->ways : s->usual;
	size_t len = strcspn(line, " \t\r=");
	char *rest = line + len + (line[len] != '\0'), *value;

	line[len] = '\0';
	rest += strspn(rest, " \t=");
	value = next_word(&rest);
	if (strcmp(line, "include") == 0 && value != NULL && !s->inside)
		read_path(s->into, value, s->usual, depth + 1);
	else if (strcmp(line, "create") == 0)
		take_create(w, value);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].word, line) == 0)
			take_way(s, w, &words[i], value);
}

/* Names of logs, up to the brace. */
static void take_names(struct source *s, char *line, int depth);

static void
take_line(struct source *s, char *line, int depth)
{
	line += strspn(line, " \t\r");
	if (s->script) {
		s->script = strncmp(line, "endscript", 9) != 0;
	} else if (*line == '}') {
		s->inside = false;
		s->stanza = NULL;
	} else if (s->inside ||
		   (s->stanza == NULL && isalpha((unsigned char)*line))) {
		if (isalpha((unsigned char)*line))
			take_setting(s, line, depth);
	} else if (*line != '\0' && *line != '#') {
		take_names(s, line, depth);
	}
}

static void
take_names(struct source *s, char *line, int depth)
{
	char *brace = strchr(line, '{'), *word;

	if (s->stanza == NULL)
		s->stanza = stanza_begin(s);
	if (brace != NULL)
		*brace = '\0';
	while (s->stanza != NULL && (word = next_word(&line)) != NULL)
		add_pattern(s->stanza, word);
	if (brace == NULL)
		return;
	s->inside = true;
	take_line(s, brace + 1, depth);
}

static void
note_unreadable(struct logrotate *l, const char *path)
{
	if (l->unreadable != NULL || errno == ENOENT)
		return;
	l->error = errno;
	l->unreadable = mem_dup(path);
}

static void
read_file(
    struct logrotate *l, const char *path, struct logrotate_ways *w, int depth)
{
	struct source s = { .into = l, .path = path, .usual = w };
	FILE *file = fopen(path, "re");
	char line[4096];

	if (file == NULL) {
		note_unreadable(l, path);
		return;
	}
	while (s.line < 100000 && fgets(line, sizeof(line), file) != NULL) {
		s.line++;
		line[strcspn(line, "\n")] = '\0';
		take_line(&s, line, depth);
	}
	(void)fclose(file);
}

static int
is_wanted(const struct dirent *entry)
{
	for (size_t i = 0; i < sizeof(taboo) / sizeof(taboo[0]); i++)
		if (fnmatch(taboo[i], entry->d_name, 0) == 0)
			return 0;
	return 1;
}

static void
read_directory(
    struct logrotate *l, const char *path, struct logrotate_ways *w, int depth)
{
	struct dirent **names;
	int count = scandir(path, &names, is_wanted, alphasort);

	if (count < 0) {
		note_unreadable(l, path);
		return;
	}
	for (int i = 0; i < count; i++) {
		char *file = mem_format("%s/%s", path, names[i]->d_name);
		struct stat st;

		if (stat(file, &st) == 0 && S_ISREG(st.st_mode))
			read_path(l, file, w, depth);
		free(file);
		free(names[i]);
	}
	free(names);
}

static void
read_path(
    struct logrotate *l, const char *path, struct logrotate_ways *w, int depth)
{
	struct stat st;

	if (depth > DEPTH_MOST)
		return;
	if (stat(path, &st) != 0)
		note_unreadable(l, path);
	else if (S_ISDIR(st.st_mode))
		read_directory(l, path, w, depth);
	else if (S_ISREG(st.st_mode))
		read_file(l, path, w, depth);
}

void
logrotate_read(struct logrotate *l, const char *path)
{
	struct logrotate_ways usual;

	memset(l, 0, sizeof(*l));
	memset(&usual, 0, sizeof(usual));
	read_path(l, path, &usual, 0);
}

void
logrotate_forget(struct logrotate *l)
{
	for (size_t i = 0; i < l->count; i++) {
		struct logrotate_stanza *s = &l->stanzas[i];

		for (size_t k = 0; k < s->count; k++)
			free(s->patterns[k]);
		free(s->patterns);
		free(s->file);
	}
	free(l->stanzas);
	free(l->unreadable);
	memset(l, 0, sizeof(*l));
}
