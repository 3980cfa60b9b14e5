/* SPDX-License-Identifier: Apache-2.0
 *
 * metadata: see metadata.h.
 *
 * Thread: the connection's.
 */
#include "metadata.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "later.h"
#include "sandbox.h"

#define TTL_HEADER   "x-aws-ec2-metadata-token-ttl-seconds"
#define TOKEN_HEADER "x-aws-ec2-metadata-token"
#define ROLES_PATH   "/latest/meta-data/iam/security-credentials/"

void
metadata_init(struct metadata *m)
{
	pthread_mutex_init(&m->lock, NULL);
}

void
metadata_fini(struct metadata *m)
{
	pthread_mutex_destroy(&m->lock);
}

static void
refuse(struct exchange *x, unsigned status, const char *text)
{
	x->answer.refused = true;
	answer_text(&x->answer, status, "text/plain", text);
}

/* Count the request; false: `fault` was its answer. */
static bool
may_go_on(struct exchange *x, const char *stage, struct fault *fault)
{
	struct faults *faults = &x->sandbox->faults;

	x->sandbox->issue.imds++;
	*fault = faults_pick_for(faults, stage);
	if (fault->kind == FAULT_NONE)
		*fault = faults_pick_for(faults, "imds");
	if (fault->kind == FAULT_NOT_FOUND || fault->kind == FAULT_DENIED) {
		refuse(x, fault->kind == FAULT_DENIED ? 403 : 404, "");
		return false;
	}
	return !faults_instead_of_keys(fault, &x->answer);
}

void
metadata_put_token(struct exchange *x)
{
	static const char digits[] = "0123456789abcdef";
	struct metadata *m = &x->sandbox->metadata;
	struct span ttl = request_header(&x->request, TTL_HEADER);
	struct metadata_token *t;
	uint8_t dice[METADATA_TOKEN];
	char text[8] = "";
	long seconds;
	struct fault fault;

	if (!may_go_on(x, "imds-token", &fault))
		return;
	if (ttl.at != NULL && ttl.length < sizeof(text))
		memcpy(text, ttl.at, ttl.length);
	seconds = strtol(text, NULL, 10);
	if (request_header(&x->request, "x-forwarded-for").at != NULL) {
		refuse(x, 403, "");
		return;
	}
	if (seconds < 1 || seconds > 21600) {
		refuse(x, 400, "");
		return;
	}
	if (getrandom(dice, sizeof(dice), 0) != (ssize_t)sizeof(dice))
		memset(dice, 0, sizeof(dice));
	pthread_mutex_lock(&m->lock);
	t = &m->tokens[m->count++ % METADATA_TOKENS];
	for (size_t i = 0; i + 1 < METADATA_TOKEN; i++)
		t->text[i] = digits[dice[i] & 15];
	t->text[METADATA_TOKEN - 1] = '\0';
	t->until_us = later_now_us() + seconds * 1000000;
	answer_text(&x->answer, 200, "text/plain", t->text);
	pthread_mutex_unlock(&m->lock);
	faults_spoil(&fault, &x->answer);
}

static bool
token_is_good(struct metadata *m, struct span token)
{
	int64_t now_us = later_now_us();
	bool good = false;

	pthread_mutex_lock(&m->lock);
	for (size_t i = 0; i < METADATA_TOKENS; i++)
		good = good || (m->tokens[i].until_us > now_us &&
				   span_is(token, m->tokens[i].text));
	pthread_mutex_unlock(&m->lock);
	return good;
}

/* Does the request carry what it must? False: answered. */
static bool
is_let_in(struct exchange *x)
{
	struct metadata *m = &x->sandbox->metadata;
	struct span token = request_header(&x->request, TOKEN_HEADER);

	if (token.at == NULL ? m->v1 : token_is_good(m, token))
		return true;
	refuse(x, 401, "");
	return false;
}

void
metadata_list_roles(struct exchange *x)
{
	struct fault fault;

	if (!may_go_on(x, "imds-role", &fault) || !is_let_in(x))
		return;
	answer_text(&x->answer, 200, "text/plain", x->sandbox->metadata.role);
	faults_spoil(&fault, &x->answer);
}

static void
answer_set(struct exchange *x, const struct issued *set, bool instance)
{
	char until[32], now[32];

	issue_stamp(set->expires_s, until);
	issue_stamp(set->expires_s - 3600, now);
	answer_text(&x->answer, 200, "application/json", "{\n");
	if (instance)
		bytes_format(&x->answer.body,
		    "  \"Code\" : \"Success\",\n"
		    "  \"LastUpdated\" : \"%s\",\n"
		    "  \"Type\" : \"AWS-HMAC\",\n",
		    now);
	else
		bytes_format(
		    &x->answer.body, "  \"RoleArn\" : \"%s\",\n", set->caller);
	bytes_format(&x->answer.body,
	    "  \"AccessKeyId\" : \"%s\",\n"
	    "  \"SecretAccessKey\" : \"%s\",\n"
	    "  \"Token\" : \"%s\",\n"
	    "  \"Expiration\" : \"%s\"\n}",
	    set->access_key, set->secret_key, set->session_token, until);
}

void
metadata_get_credentials(struct exchange *x)
{
	struct span name = x->request.path;
	const char *role = x->sandbox->metadata.role;
	struct issued set;
	struct fault fault;
	char caller[256];

	if (!may_go_on(x, "imds-credentials", &fault) || !is_let_in(x))
		return;
	name.at += strlen(ROLES_PATH);
	name.length -= strlen(ROLES_PATH);
	if (!span_is(name, role)) {
		refuse(x, 404, "");
		return;
	}
	snprintf(caller, sizeof(caller),
	    "arn:aws:sts::123456789012:assumed-role/%.128s/"
	    "i-0123456789abcdef0",
	    role);
	issue_new(&x->sandbox->issue, caller, 21600,
	    fault.kind == FAULT_EXPIRED, &set);
	answer_set(x, &set, true);
	faults_spoil(&fault, &x->answer);
}

void
metadata_get_region(struct exchange *x)
{
	struct fault fault;

	if (!may_go_on(x, "imds-region", &fault) || !is_let_in(x))
		return;
	answer_text(&x->answer, 200, "text/plain", x->sandbox->metadata.region);
	faults_spoil(&fault, &x->answer);
}

void
metadata_get_identity(struct exchange *x)
{
	const char *region = x->sandbox->metadata.region;
	struct fault fault;

	if (!may_go_on(x, "imds-identity", &fault) || !is_let_in(x))
		return;
	answer_text(&x->answer, 200, "text/plain", "{\n");
	bytes_format(&x->answer.body,
	    "  \"accountId\" : \"123456789012\",\n"
	    "  \"architecture\" : \"x86_64\",\n"
	    "  \"availabilityZone\" : \"%.32sa\",\n"
	    "  \"billingProducts\" : null,\n"
	    "  \"imageId\" : \"ami-0123456789abcdef0\",\n"
	    "  \"instanceId\" : \"i-0123456789abcdef0\",\n"
	    "  \"instanceType\" : \"t3.micro\",\n"
	    "  \"privateIp\" : \"10.0.0.7\",\n"
	    "  \"region\" : \"%.32s\",\n"
	    "  \"version\" : \"2017-09-30\"\n}",
	    region, region);
	faults_spoil(&fault, &x->answer);
}

void
metadata_get_container(struct exchange *x)
{
	struct issue *issue = &x->sandbox->issue;
	struct span token = request_header(&x->request, "authorization");
	struct fault fault = faults_pick_for(&x->sandbox->faults, "container");
	struct issued set;
	bool good;

	issue->container++;
	if (faults_instead_of_keys(&fault, &x->answer))
		return;
	pthread_mutex_lock(&issue->lock);
	good = issue->container_token[0] == '\0' ||
	       span_is(token, issue->container_token);
	pthread_mutex_unlock(&issue->lock);
	if (!good) {
		refuse(x, 401,
		    "{\"code\":\"InvalidAuthorizationToken\",\"message\":"
		    "\"Invalid authorization token\"}");
		return;
	}
	issue_new(issue,
	    "arn:aws:sts::123456789012:assumed-role/container/task", 21600,
	    fault.kind == FAULT_EXPIRED, &set);
	answer_set(x, &set, false);
	faults_spoil(&fault, &x->answer);
}
