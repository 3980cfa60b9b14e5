/* SPDX-License-Identifier: Apache-2.0
 *
 * container: keys of an ECS task or an EKS pod.
 *
 * An agent beside the container gives them out, at an address that the
 * environment tells; a token that may be in a file, and change, says that it
 * is we who ask.
 *
 * Thread: its errand's.
 */
#include "container.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "clock.h"
#include "document.h"

#define RELATIVE   "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
#define FULL       "AWS_CONTAINER_CREDENTIALS_FULL_URI"
#define TOKEN      "AWS_CONTAINER_AUTHORIZATION_TOKEN"
#define TOKEN_FILE "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
#define ECS        "http://169.254.170.2"
#define LINE_NAME  "Authorization: "

#define URL_MAX  2048
#define LIMIT_MS 5000

bool
container_may_ask(const char *url)
{
	static const char *const hosts[] = { "169.254.170.2", "169.254.170.23",
		"[fd00:ec2::23]", "localhost", "[::1]" };
	size_t len;

	if (strncasecmp(url, "https://", 8) == 0)
		return true;
	if (strncasecmp(url, "http://", 7) != 0)
		return false;
	url += 7;
	len = url[0] == '[' ? strcspn(url, "]") + 1 : strcspn(url, ":/?#");
	if (memchr(url, '@', strcspn(url, "/?#")) != NULL)
		return false;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		if (len == strlen(hosts[i]) &&
		    strncasecmp(url, hosts[i], len) == 0)
			return true;
	/* 127.0.0.0/8, in digits: a name may begin so too. */
	return strncmp(url, "127.", 4) == 0 &&
	       strspn(url, "0123456789.") == len;
}

/* The header line into e->line; "" where there is no token. */
static enum errand_answer
get_token(struct errand *e)
{
	const char *path = errand_variable(TOKEN_FILE);
	const char *token = errand_variable(TOKEN);
	const size_t before = sizeof(LINE_NAME) - 1;
	size_t len;

	e->line[0] = '\0';
	if (path != NULL) {
		if (errand_file(e, path, e->token, sizeof(e->token)) < 0)
			return ERRAND_FAILED;
		token = e->token;
		e->token[strcspn(e->token, "\r\n")] = '\0';
	}
	if (token == NULL)
		return ERRAND_DONE;
	len = strlen(token);
	if (strpbrk(token, "\r\n") != NULL ||
	    len > sizeof(e->line) - sizeof(LINE_NAME))
		return errand_fail(e, "%s: no token for a header",
		    path != NULL ? path : TOKEN);
	memcpy(e->line, LINE_NAME, before);
	memcpy(e->line + before, token, len + 1);
	explicit_bzero(e->token, sizeof(e->token));
	return ERRAND_DONE;
}

static enum errand_answer
ask(struct errand *e, const char *url, struct credentials_keys *keys)
{
	const char *headers[] = { "Accept: application/json", e->line };
	struct fetch_request request = { .method = "GET",
		.url = url,
		.headers = headers,
		.header_count = e->line[0] != '\0' ? 2 : 1,
		.direct = strncasecmp(url, "http://", 7) == 0,
		.limit_ms = LIMIT_MS };
	const struct fetch_answer *answer = fetch_ask(e->fetch, &request);

	explicit_bzero(e->line, sizeof(e->line));
	if (!answer->answered || answer->status != 200)
		return errand_refused(e, "container credentials", answer,
		    answer->status == 401 || answer->status == 403
			? "is the authorization token the right one?"
			: "");
	return document_keys(e, "container credentials", answer->body,
	    credentials_wall(answer->date_ms, clock_wall_ms()), keys);
}

enum errand_answer
container_keys(struct errand *e, struct credentials_keys *keys)
{
	const char *relative = errand_variable(RELATIVE);
	const char *full = errand_variable(FULL);
	char url[URL_MAX];
	int len;

	if (relative == NULL && full == NULL)
		return ERRAND_NOTHING;
	if (relative != NULL && relative[0] != '/')
		return errand_fail(e, RELATIVE " does not begin with a slash");
	if (relative == NULL && !container_may_ask(full))
		return errand_fail(e,
		    FULL " must be https, or http on this machine or at "
			 "AWS's own addresses");
	len = snprintf(url, sizeof(url), "%s%s", relative != NULL ? ECS : "",
	    relative != NULL ? relative : full);
	if (len < 0 || (size_t)len >= sizeof(url))
		return errand_fail(e, "the container's address is too long");
	if (e->fetch == NULL)
		return ERRAND_AWAY;
	if (get_token(e) != ERRAND_DONE)
		return ERRAND_FAILED;
	return ask(e, url, keys);
}
