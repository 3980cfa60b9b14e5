/* SPDX-License-Identifier: Apache-2.0
 *
 * hazards: see hazards.h.
 *
 * Each is a row. What the agent gets along with (renaming, copying, a
 * new name, gzip and zstd) is none.
 *
 * Thread: main; there is no other.
 */
#include "hazards.h"

#include <fnmatch.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "findings.h"
#include "glob.h"
#include "logrotate.h"
#include "mem.h"

#define USUAL_PATH "/etc/logrotate.conf"

#define CAP_READ_SEARCH 2 /* CAP_DAC_READ_SEARCH */

/* A stanza whose logs are followed. */
struct meeting {
	char *path; /* owned: the first of them; NULL: none */
	unsigned more;
};

struct hazards {
	struct findings *findings;   /* borrowed */
	const struct config *config; /* borrowed */
	struct logrotate logrotate;
	struct meeting *meetings; /* owned: one for each stanza */
	bool sees_all;            /* we may read and find what others may not */
};

/* Where the rotated files go, as seen from the log. */
enum elsewhere { BESIDE, COVERED, OTHER_DIRECTORY, OTHER_DEVICE };

/* What a row judges. */
struct matter {
	const struct logrotate_ways *ways;
	enum elsewhere where;
	bool sees_all;
};

static bool
truncates(const struct matter *m)
{
	return m->ways->copytruncate && m->ways->rotate != 0;
}

static bool
removes_at_once(const struct matter *m)
{
	return m->ways->rotate == 0;
}

static bool
compresses_under_the_writer(const struct matter *m)
{
	const struct logrotate_ways *w = m->ways;

	return w->compress && !w->delayed && !w->copytruncate && !w->told &&
	       w->rotate != 0;
}

static bool
compresses_at_once(const struct matter *m)
{
	const struct logrotate_ways *w = m->ways;

	return w->compress && !w->delayed && !w->copytruncate && w->told &&
	       w->rotate != 0;
}

static bool
compresses_otherwise(const struct matter *m)
{
	static const char *const known[] = { "", "gzip", "pigz", "zstd",
		"zstdmt", "pzstd" };
	const char *command = m->ways->compressor;
	const char *slash = strrchr(command, '/');

	if (!m->ways->compress || m->ways->rotate == 0)
		return false;
	if (slash != NULL)
		command = slash + 1;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i], command) == 0)
			return false;
	return true;
}

static bool
shreds(const struct matter *m)
{
	return m->ways->shred;
}

static bool
removes_tomorrow(const struct matter *m)
{
	return m->ways->max_days == 1;
}

static bool
moves_to_a_device(const struct matter *m)
{
	return m->where == OTHER_DEVICE;
}

static bool
moves_away(const struct matter *m)
{
	return m->where == OTHER_DIRECTORY && !m->sees_all;
}

static bool
closes_the_next(const struct matter *m)
{
	return m->ways->creates && m->ways->mode != 0 &&
	       (m->ways->mode & 044) == 0 && !m->sees_all;
}

static const struct hazard {
	bool (*applies)(const struct matter *m);
	enum findings_level level;
	const char *what, *cure;
} rows[] = {
	{ truncates, FINDING_HURTS,
	    "copytruncate: what is written between copying and truncating is "
	    "gone, for everybody",
	    "take it out, and have the writer open its log anew (postrotate)" },
	{ removes_at_once, FINDING_HURTS,
	    "rotate 0: a rotated file is removed at once, read or not",
	    "rotate 1 or more" },
	{ compresses_under_the_writer, FINDING_HURTS,
	    "compress without delaycompress, and nobody tells the writer: what "
	    "it writes to the old file while that is compressed is gone",
	    "delaycompress" },
	{ compresses_at_once, FINDING_NOTE,
	    "compress without delaycompress: a writer that is slow to open its "
	    "log anew writes into a file that goes",
	    "delaycompress" },
	{ compresses_otherwise, FINDING_HURTS,
	    "compresscmd: what is unread then is lost, since of compressed "
	    "files only .gz and .zst can be read",
	    "compresscmd gzip or zstd" },
	{ shreds, FINDING_HURTS,
	    "shred: a file is overwritten, read or not, before it is removed",
	    "noshred" },
	{ removes_tomorrow, FINDING_HURTS,
	    "maxage 1: an outage of a day loses lines", "maxage 7 or none" },
	{ moves_to_a_device, FINDING_HURTS,
	    "olddir on another device: files are copied there, and what comes "
	    "while the agent is down is lost",
	    "add the directory to filePattern, or keep it on one device" },
	{ moves_away, FINDING_HURTS,
	    "olddir: out of this user's sight, a file that is moved while the "
	    "agent is down is lost",
	    "add the directory to filePattern, or run the agent with "
	    "CAP_DAC_READ_SEARCH" },
	{ closes_the_next, FINDING_HURTS,
	    "create: the mode lets only the owner read the next file",
	    "create 0640 with a group that the agent's user is in, or run it "
	    "with CAP_DAC_READ_SEARCH" },
};

/* By being root, or by this one capability. */
static bool
may_see_all(void)
{
	FILE *file = fopen("/proc/self/status", "re");
	uint64_t effective = 0;
	char line[256];

	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, "CapEff:", 7) == 0)
			effective = strtoull(line + 7, NULL, 16);
	if (file != NULL)
		(void)fclose(file);
	return (effective >> CAP_READ_SEARCH & 1) != 0;
}

struct hazards *
hazards_new(struct findings *f, const struct config *config, const char *path)
{
	struct hazards *h = mem_new(sizeof(*h));

	h->findings = f;
	h->config = config;
	h->sees_all = may_see_all();
	logrotate_read(&h->logrotate, path != NULL ? path : USUAL_PATH);
	if (path != NULL && access(path, F_OK) != 0)
		findings_add(f, FINDING_NOTE, "rotation",
		    "is it spelled right?", "%s: there is no such file", path);
	h->meetings =
	    mem_new_array(h->logrotate.count + 1, sizeof(*h->meetings));
	return h;
}

void
hazards_meet(struct hazards *h, const char *path)
{
	for (size_t i = 0; i < h->logrotate.count; i++) {
		const struct logrotate_stanza *s = &h->logrotate.stanzas[i];
		size_t k = 0;

		while (k < s->count && fnmatch(s->patterns[k], path,
					   FNM_PATHNAME | FNM_PERIOD) != 0)
			k++;
		if (k == s->count)
			continue;
		if (h->meetings[i].path == NULL)
			h->meetings[i].path = mem_dup(path);
		else if (strcmp(h->meetings[i].path, path) != 0)
			h->meetings[i].more++;
	}
}

/* Would a flow follow `path`? Generously: a finding must be true. */
static bool
is_followed(const struct config *c, const char *path)
{
	for (size_t i = 0; i < c->flow_count; i++)
		for (char **p = c->flows[i].patterns; *p != NULL; p++) {
			struct glob_ways ways = { NULL, 0 };
			const char *why;
			bool found = false;

			if (!glob_spell(*p, &ways, &why))
				continue;
			for (size_t k = 0; k < ways.count; k++)
				found =
				    found || fnmatch(ways.at[k], path, 0) == 0;
			glob_forget(&ways);
			if (found)
				return true;
		}
	return false;
}

static enum elsewhere
where_to(const struct hazards *h, const char *path, const char *olddir)
{
	char *copy, *rotated;
	const char *dir = olddir;
	char full[2 * LOGROTATE_TEXT + 4096];
	struct stat here, there;
	bool covered;

	if (olddir[0] == '\0')
		return BESIDE;
	copy = mem_dup(path);
	if (olddir[0] != '/') {
		snprintf(full, sizeof(full), "%s/%s", dirname(copy), olddir);
		dir = full;
	}
	rotated = mem_format("%s%s.1", dir, strrchr(path, '/'));
	covered = is_followed(h->config, rotated);
	free(rotated);
	free(copy);
	if (covered)
		return COVERED;
	if (stat(path, &here) != 0 || stat(dir, &there) != 0 ||
	    here.st_dev == there.st_dev)
		return OTHER_DIRECTORY;
	return OTHER_DEVICE;
}

static void
judge(const struct hazards *h, const struct logrotate_stanza *s,
    const struct meeting *met)
{
	struct matter m = { .ways = &s->ways, .sees_all = h->sees_all };
	bool any = false;
	char more[48] = "";

	m.where = where_to(h, met->path, s->ways.olddir);
	if (met->more > 0)
		snprintf(more, sizeof(more), " and %u more", met->more);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!rows[i].applies(&m))
			continue;
		any = true;
		findings_add(h->findings, rows[i].level, "rotation",
		    rows[i].cure, "%s%s (%s:%u): %s", met->path, more, s->file,
		    s->line, rows[i].what);
	}
	if (!any)
		findings_add(h->findings, FINDING_FINE, "rotation", NULL,
		    "%s%s (%s:%u): nothing that hurts", met->path, more,
		    s->file, s->line);
}

void
hazards_tell(struct hazards *h)
{
	struct logrotate *l = &h->logrotate;

	if (l->unreadable != NULL)
		findings_add(h->findings, FINDING_NOTE, "rotation",
		    "ask as root to have it judged, too", "%s: %s",
		    l->unreadable, strerror(l->error));
	for (size_t i = 0; i < l->count; i++) {
		if (h->meetings[i].path != NULL)
			judge(h, &l->stanzas[i], &h->meetings[i]);
		free(h->meetings[i].path);
	}
	free(h->meetings);
	logrotate_forget(l);
	free(h);
}
