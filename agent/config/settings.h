/* SPDX-License-Identifier: Apache-2.0
 *
 * settings: the one table of everything an operator may write.
 *
 * A setting is a row: its key, what a value looks like, where it is kept, its
 * default and range, and what it means (the same words make up
 * agent.yaml.example). Keys of the Java agent that this version does not
 * act upon are rows too, each with the reason; making one real is a change
 * of its row.
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a value is written, checked and kept. */
enum setting_kind {
	KIND_MS,       /* integer; YAML: with ms, s, m, h */
	KIND_BYTES,    /* integer; YAML: with KiB, MiB, GiB */
	KIND_COUNT,    /* integer */
	KIND_BOOL,     /* bool */
	KIND_ENUM,     /* one of the row's choices */
	KIND_TEXT,     /* any text; min and max are its length in bytes */
	KIND_NAME,     /* text without control characters */
	KIND_HEADER,   /* printable ASCII: it travels in an HTTP header */
	KIND_SECRET,   /* printable ASCII without blanks, never shown */
	KIND_PATH,     /* absolute */
	KIND_STREAM,   /* a stream's name or ARN */
	KIND_DELIVERY, /* a delivery stream's name */
	KIND_ROLE,     /* the ARN of an IAM role */
	KIND_ENDPOINT, /* URL or host; kept as scheme://host[:port] */
	KIND_PROXY,    /* the same with a port and maybe a user; "none" is "" */
	KIND_REGEX,    /* a pattern that compiles */
	KIND_TEMPLATE, /* text with holes that are well-formed */
	KIND_ADDRESS,  /* of IPv4 or IPv6, in numbers */
	KIND_REGION,
	KIND_PATTERNS, /* paths with wildcards, one or a list of them */
	KIND_EXCLUDES, /* the same, or names */
	KIND_OPTIONS,  /* a list of maps, judged by the parsers */
	KIND_LIST      /* read by the draft, kept nowhere */
};

/* What becomes of an agent's setting that a reload finds changed. */
enum setting_adopted {
	ADOPTED_AT_START, /* nothing, and that is said */
	ADOPTED_AT_ONCE,  /* a number that is read whenever it is needed */
	ADOPTED_BY_FLOWS  /* it is part of each flow's own */
};

enum setting_scope { SCOPE_AGENT, SCOPE_FLOW };

enum setting_state {
	SETTING_BUILT,  /* acted upon */
	SETTING_IDLE,   /* the Java agent's, without meaning here */
	SETTING_LATER,  /* not yet acted upon, and nothing is wrong without */
	SETTING_REFUSED /* never acted upon, and without it the agent would
	                  * ship wrong data or be somebody else: it does not
	                  * start */
};

struct choice {
	const char *word; /* NULL ends the list */
	unsigned value;
	bool alias; /* understood, not advertised */
};

struct setting {
	const char *key;
	size_t at;    /* offset in struct config or struct flow_config */
	size_t width; /* of an integer or enum: 4 or 8 */
	int64_t fallback, min, max; /* KIND_BOOL: fallback is 0 or 1 */
	int64_t java_fallback;      /* where the Java agent's own differs */
	const char *text_fallback;  /* strings; NULL: not given is NULL */
	const struct choice *choices;
	const char *sample; /* the example's value, where not the default */
	const char *help;   /* BUILT: what it means; else: why not */
	enum setting_scope scope;
	enum setting_state state;
	enum setting_kind kind;
	enum setting_adopted adopted;
	bool off;      /* the word off is a value, kept as "" */
	bool clamp;    /* upstream checks no range: a value in the Java
	                * agent's file is moved into ours */
	bool required; /* the example does not comment it out */
};

#define SETTINGS_MAX 128

size_t settings_count(void);
const struct setting *settings_at(size_t i);

/* The row of `key`, or NULL. */
const struct setting *settings_find(enum setting_scope scope, const char *key);

/* Is there a row whose key begins with `group` and a dot? */
bool settings_is_group(enum setting_scope scope, const char *group);

/* The row whose key is most like `key`, or NULL when none is like it. */
const struct setting *settings_nearest(
    enum setting_scope scope, const char *key);

/* The default of an integer, bool or enum. */
int64_t settings_fallback(const struct setting *s, bool java);

static inline size_t
settings_index(const struct setting *s)
{
	return (size_t)(s - settings_at(0));
}

#endif
