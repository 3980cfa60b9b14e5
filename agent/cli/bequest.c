/* SPDX-License-Identifier: Apache-2.0
 *
 * bequest: see bequest.h. Thread: main, before any other starts.
 */
#include "bequest.h"

#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "log.h"
#include "span.h"

#define BLANKS " \t\"'"

/* The next word of `*text` behind blanks and quotes; empty: no more. */
static struct span
next_word(const char **text)
{
	const char *from = *text + strspn(*text, BLANKS);

	*text = from + strcspn(from, BLANKS);
	return span_of(from, (size_t)(*text - from));
}

static const char *
environment(const char *name)
{
	const char *value = getenv(name);

	return value != NULL ? value : "";
}

/* What of `word` stands behind `start`; empty: it does not begin so. */
static struct span
behind(struct span word, const char *start)
{
	size_t len = strlen(start);

	if (word.len < len || memcmp(word.at, start, len) != 0)
		return span_of(NULL, 0);
	return span_of(word.at + len, word.len - len);
}

bool
bequest_configuration(char *path, size_t size)
{
	const char *rest = environment("AGENT_ARGS");
	struct span word = next_word(&rest), named = span_of(NULL, 0);

	for (; word.len > 0; word = next_word(&rest)) {
		if (span_eq(word, span_str("-c")) ||
		    span_eq(word, span_str("--configuration")))
			named = next_word(&rest);
		else if (behind(word, "--configuration=").len > 0)
			named = behind(word, "--configuration=");
	}
	if (named.len == 0 || named.len >= size)
		return false;
	memcpy(path, named.at, named.len);
	path[named.len] = '\0';
	return true;
}

/* Is a property whose name begins with `start` among JVM_ARGS? */
static bool
has_property(const char *start)
{
	const char *rest = environment("JVM_ARGS");
	struct span word = next_word(&rest);

	for (; word.len > 0; word = next_word(&rest))
		if (behind(word, start).len > 0)
			return true;
	return false;
}

bool
bequest_is_fine(const struct config *config)
{
	bool keys = config->access_key != NULL ||
		    environment("AWS_ACCESS_KEY_ID")[0] != '\0';

	if (!config->java)
		return true;
	if (config->proxy == NULL && environment("HTTPS_PROXY")[0] == '\0' &&
	    environment("https_proxy")[0] == '\0' &&
	    has_property("-Dhttps.proxyHost="))
		log_warn("the environment's JVM_ARGS name a proxy "
			 "(-Dhttps.proxyHost), and no Java reads them here; "
			 "set proxy in %s or HTTPS_PROXY in the environment",
		    config->path);
	if (keys || !has_property("-Daws.accessKeyId="))
		return true;
	log_error("the environment's JVM_ARGS hold keys (-Daws.accessKeyId), "
		  "which no Java reads here, and without them the agent would "
		  "send as somebody else; set AWS_ACCESS_KEY_ID and "
		  "AWS_SECRET_ACCESS_KEY in their place and take them out");
	return false;
}
