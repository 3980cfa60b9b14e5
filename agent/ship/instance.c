/* SPDX-License-Identifier: Apache-2.0
 *
 * instance: what an EC2 instance is told about itself.
 *
 * Version 2: a token first, then questions with it. Version 1 has none, and
 * whoever can make a proxy on the machine fetch a URL gets the keys; it is
 * asked only where instanceMetadataV1 allows it.
 *
 * Thread: its errand's.
 */
#include "instance.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "clock.h"
#include "config.h"
#include "document.h"

#define USUAL      "http://169.254.169.254"
#define USUAL_IPV6 "http://[fd00:ec2::254]"
#define TOKEN_PATH "/latest/api/token"
#define ROLES_PATH "/latest/meta-data/iam/security-credentials/"
#define WHERE_PATH "/latest/meta-data/placement/region"
#define WHO_PATH   "/latest/dynamic/instance-identity/document"
#define TTL_LINE   "X-aws-ec2-metadata-token-ttl-seconds: 300"
#define TOKEN_NAME "X-aws-ec2-metadata-token: "

#define URL_MAX  512
#define ROLE_MAX 128

/* It is next door; whoever does not answer by then is not there. */
#define LIMIT_MS 2000

static const char *
endpoint(void)
{
	const char *named =
	    errand_variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
	const char *mode =
	    errand_variable("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");

	if (named != NULL)
		return named;
	return mode != NULL && strcasecmp(mode, "IPv6") == 0 ? USUAL_IPV6
							     : USUAL;
}

static const struct fetch_answer *
ask(struct errand *e, const char *method, const char *path, const char *name,
    const char *line)
{
	const char *headers[] = { "Content-Type:", line };
	const char *at = endpoint();
	char url[URL_MAX];
	int len = (int)strlen(at);
	struct fetch_request request = { .method = method,
		.url = url,
		.headers = headers,
		.header_count = line != NULL ? 2 : 1,
		.direct = true,
		.limit_ms = LIMIT_MS };

	if (len > 0 && at[len - 1] == '/')
		len--;
	snprintf(url, sizeof(url), "%.*s%s%s", len, at, path, name);
	return fetch_ask(e->fetch, &request);
}

static bool
is_good(const struct fetch_answer *answer)
{
	return answer->answered && answer->status == 200;
}

/* The header line with a token into e->line; "" where it goes without. */
static enum errand_answer
get_token(struct errand *e)
{
	const struct fetch_answer *answer =
	    ask(e, "PUT", TOKEN_PATH, "", TTL_LINE);
	size_t len = strcspn(answer->body, "\r\n");

	e->line[0] = '\0';
	if (is_good(answer) && len > 0 && len < 1024) {
		snprintf(e->line, sizeof(e->line), TOKEN_NAME "%.*s", (int)len,
		    answer->body);
		return ERRAND_DONE;
	}
	if (e->config->imds_v1)
		return ERRAND_DONE;
	if (answer->answered)
		return errand_refused(e, "instance metadata: no token", answer,
		    answer->status == 403
			? "it is switched off for this instance"
			: "is it version 2? see instanceMetadataV1");
	return errand_refused(e, "instance metadata: no token", answer,
	    "not an EC2 instance, or a container behind a hop limit of 1: set "
	    "the instance's HttpPutResponseHopLimit to 2");
}

/* Ask for `path` with the token. NULL: e->why says it. */
static const struct fetch_answer *
look_up(struct errand *e, const char *path, const char *name, const char *cure)
{
	const char *line = e->line[0] != '\0' ? e->line : NULL;
	const struct fetch_answer *answer = ask(e, "GET", path, name, line);

	if (is_good(answer))
		return answer;
	if (!answer->answered || answer->status != 404)
		cure = answer->status == 401
			   ? "it wants a token: version 1 is switched off"
			   : "";
	(void)errand_refused(e, "instance metadata", answer, cure);
	return NULL;
}

static bool
may_ask(void)
{
	const char *off = errand_variable("AWS_EC2_METADATA_DISABLED");

	return off == NULL || strcasecmp(off, "true") != 0;
}

static bool
take_role(const char *body, char role[static ROLE_MAX + 1])
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz"
				      "0123456789_+=,.@-";
	size_t len = strspn(body, allowed);

	if (len == 0 || len > ROLE_MAX || strchr(" \t\r\n", body[len]) == NULL)
		return false;
	memcpy(role, body, len);
	role[len] = '\0';
	return true;
}

enum errand_answer
instance_keys(struct errand *e, struct credentials_keys *keys)
{
	const struct fetch_answer *answer;
	enum errand_answer result;
	char role[ROLE_MAX + 1];

	if (!may_ask())
		return ERRAND_NOTHING;
	if (e->fetch == NULL)
		return ERRAND_AWAY;
	result = get_token(e);
	if (result != ERRAND_DONE)
		return result;
	answer = look_up(e, ROLES_PATH, "",
	    "attach an IAM role (instance profile) to the instance");
	if (answer == NULL)
		return ERRAND_FAILED;
	if (!take_role(answer->body, role))
		return errand_fail(e,
		    "instance metadata: names no role; attach one to the "
		    "instance");
	answer = look_up(e, ROLES_PATH, role, "");
	if (answer == NULL)
		return ERRAND_FAILED;
	return document_keys(e, "instance metadata", answer->body,
	    credentials_wall(answer->date_ms, clock_wall_ms()), keys);
}

/* What `path` says, with a token of its own. */
static enum errand_answer
ask_once(struct errand *e, const char *path, const struct fetch_answer **answer)
{
	enum errand_answer result;

	if (!may_ask())
		return ERRAND_NOTHING;
	if (e->fetch == NULL)
		return ERRAND_AWAY;
	result = get_token(e);
	if (result != ERRAND_DONE)
		return result;
	*answer = look_up(e, path, "", "");
	return *answer != NULL ? ERRAND_DONE : ERRAND_FAILED;
}

enum errand_answer
instance_region(struct errand *e, char out[static INSTANCE_REGION])
{
	const struct fetch_answer *answer;
	enum errand_answer result = ask_once(e, WHERE_PATH, &answer);
	size_t len;

	if (result != ERRAND_DONE)
		return result;
	len = strcspn(answer->body, "\r\n");
	if (len == 0 || len >= INSTANCE_REGION)
		return errand_fail(e, "instance metadata: tells no region");
	memcpy(out, answer->body, len);
	out[len] = '\0';
	return ERRAND_DONE;
}

enum errand_answer
instance_document(struct errand *e, const char **json)
{
	const struct fetch_answer *answer;
	enum errand_answer result = ask_once(e, WHO_PATH, &answer);

	if (result == ERRAND_DONE)
		*json = answer->body;
	return result;
}

/* Does the file at `path` begin like that? */
static bool
begins(const char *path, const char *with)
{
	char text[64] = "";
	FILE *f = fopen(path, "re");

	if (f == NULL)
		return false;
	if (fgets(text, sizeof(text), f) == NULL)
		text[0] = '\0';
	fclose(f);
	return strncasecmp(text, with, strlen(with)) == 0;
}

bool
instance_is_likely(void)
{
	return may_ask() &&
	       (errand_variable("AWS_EC2_METADATA_SERVICE_ENDPOINT") != NULL ||
		   begins("/sys/class/dmi/id/sys_vendor", "Amazon EC2") ||
		   begins("/sys/class/dmi/id/bios_vendor", "Amazon EC2") ||
		   begins("/sys/hypervisor/uuid", "ec2"));
}
