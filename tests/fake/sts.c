/* SPDX-License-Identifier: Apache-2.0
 *
 * sts: AWS's Query protocol: a form comes, XML goes. As strict about the
 * parameters as AWS's reference is, including the hour that a chained role
 * may have.
 *
 * Thread: the connection's.
 */
#include "sts.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "form.h"
#include "issue.h"
#include "sandbox.h"

#define NAMESPACE    "https://sts.amazonaws.com/doc/2011-06-15/"
#define STANDING_ARN "arn:aws:iam::123456789012:user/sandbox"
#define DAY_HALF     43200

/* What both ways to assume a role take. */
struct wish {
	char arn[2049];
	char session[65];
	char external_id[1225];
	int64_t seconds;
	char caller[ISSUE_CALLER];
};

static bool
has_only(const char *text, const char *also)
{
	for (; *text != '\0'; text++)
		if (!isalnum((unsigned char)*text) &&
		    strchr(also, *text) == NULL)
			return false;
	return true;
}

static bool
invalid(struct exchange *x, const char *parameter)
{
	x->answer.refused = true;
	answer_error(&x->answer, 400, "ValidationError",
	    "1 validation error detected: Value at '%s' failed to satisfy "
	    "constraint: Member must be as the reference says",
	    parameter);
	return false;
}

static bool
read_seconds(struct exchange *x, struct span pairs, int64_t *out)
{
	char text[16];
	char *end;

	*out = 3600;
	if (!form_value(pairs, "DurationSeconds", text, sizeof(text)))
		return true;
	*out = strtoll(text, &end, 10);
	if (*end != '\0' || *out < 900 || *out > DAY_HALF)
		return invalid(x, "durationSeconds");
	if (*out <= 3600 || x->caller.access_key[0] == '\0')
		return true;
	x->answer.refused = true;
	answer_error(&x->answer, 400, "ValidationError",
	    "The requested DurationSeconds exceeds the 1 hour session limit "
	    "for roles assumed by role chaining");
	return false;
}

/* arn:aws:iam::123456789012:role/PATH/NAME becomes
 * arn:aws:sts::123456789012:assumed-role/NAME/SESSION. */
static bool
name_caller(struct wish *w)
{
	const char *iam = strstr(w->arn, ":iam::");
	const char *role = strstr(w->arn, ":role/");
	const char *name = strrchr(w->arn, '/');

	if (strncmp(w->arn, "arn:", 4) != 0 || iam == NULL || role == NULL ||
	    role < iam || name[1] == '\0')
		return false;
	snprintf(w->caller, sizeof(w->caller),
	    "%.*s:sts::%.*s:assumed-role/%s/%s", (int)(iam - w->arn), w->arn,
	    (int)(role - (iam + 6)), iam + 6, name + 1, w->session);
	return true;
}

static bool
read_wish(struct exchange *x, struct span pairs, struct wish *w)
{
	char version[16];

	if (!form_value(pairs, "Version", version, sizeof(version)) ||
	    strcmp(version, "2011-06-15") != 0)
		return invalid(x, "version");
	if (!form_value(
		pairs, "RoleSessionName", w->session, sizeof(w->session)) ||
	    strlen(w->session) < 2 || !has_only(w->session, "_+=,.@-"))
		return invalid(x, "roleSessionName");
	if (!form_value(pairs, "RoleArn", w->arn, sizeof(w->arn)) ||
	    strlen(w->arn) < 20 || !name_caller(w))
		return invalid(x, "roleArn");
	if (form_value(
		pairs, "ExternalId", w->external_id, sizeof(w->external_id)) &&
	    (strlen(w->external_id) < 2 ||
		!has_only(w->external_id, "_+=,.@:/-")))
		return invalid(x, "externalId");
	return read_seconds(x, pairs, &w->seconds);
}

static void
begin(struct exchange *x, const char *action)
{
	bytes_clear(&x->answer.body);
	x->answer.content_type = "text/xml";
	bytes_format(&x->answer.body,
	    "<%sResponse xmlns=\"" NAMESPACE "\">\n  <%sResult>\n", action,
	    action);
}

static void
end(struct exchange *x, const char *action)
{
	bytes_format(&x->answer.body,
	    "  </%sResult>\n  <ResponseMetadata>\n    <RequestId>"
	    "01234567-89ab-cdef-0123-456789abcdef</RequestId>\n"
	    "  </ResponseMetadata>\n</%sResponse>\n",
	    action, action);
}

static void
answer_wish(struct exchange *x, const struct wish *w, const char *action,
    const struct fault *fault)
{
	struct bytes *b = &x->answer.body;
	struct issued set;
	char until[32];

	issue_new(&x->sandbox->issue, w->caller, w->seconds,
	    fault->kind == FAULT_EXPIRED, &set);
	issue_stamp(set.expires_s, until);
	begin(x, action);
	bytes_format(b,
	    "    <AssumedRoleUser>\n"
	    "      <AssumedRoleId>AROASANDBOXROLE00000:%s</AssumedRoleId>\n"
	    "      <Arn>%s</Arn>\n"
	    "    </AssumedRoleUser>\n"
	    "    <Credentials>\n"
	    "      <AccessKeyId>%s</AccessKeyId>\n"
	    "      <SecretAccessKey>%s</SecretAccessKey>\n"
	    "      <SessionToken>%s</SessionToken>\n"
	    "      <Expiration>%s</Expiration>\n"
	    "    </Credentials>\n",
	    w->session, set.caller, set.access_key, set.secret_key,
	    set.session_token, until);
	end(x, action);
	faults_spoil(fault, &x->answer);
}

static void
deny(struct exchange *x, const struct wish *w, const char *action)
{
	const char *who =
	    x->caller.access_key[0] != '\0' ? x->caller.caller : STANDING_ARN;

	x->answer.refused = true;
	answer_error(&x->answer, 403, "AccessDenied",
	    "User: %s is not authorized to perform: sts:%s on resource: %s",
	    who, action, w->arn);
}

void
sts_assume_role(struct exchange *x)
{
	struct fault fault = faults_pick_for(&x->sandbox->faults, "sts");
	struct wish w = { "", "", "", 0, "" };

	x->sandbox->issue.sts++;
	if (faults_instead_of_keys(&fault, &x->answer) ||
	    !read_wish(x, form_pairs(&x->request), &w))
		return;
	if (!issue_permits(&x->sandbox->issue, w.arn, w.external_id))
		deny(x, &w, "AssumeRole");
	else
		answer_wish(x, &w, "AssumeRole", &fault);
}

static bool
token_is_good(struct exchange *x, struct span pairs)
{
	struct issue *issue = &x->sandbox->issue;
	char token[ISSUE_TOKEN];
	bool good = form_value(pairs, "WebIdentityToken", token, sizeof(token));

	if (!good || strlen(token) < 4)
		return invalid(x, "webIdentityToken");
	pthread_mutex_lock(&issue->lock);
	good = issue->web_identity[0] == '\0' ||
	       strcmp(issue->web_identity, token) == 0;
	pthread_mutex_unlock(&issue->lock);
	if (good)
		return true;
	x->answer.refused = true;
	answer_error(&x->answer, 400, "InvalidIdentityToken",
	    "The web identity token that was passed could not be validated");
	return false;
}

void
sts_assume_role_with_web_identity(struct exchange *x)
{
	struct fault fault = faults_pick_for(&x->sandbox->faults, "sts");
	struct span pairs = form_pairs(&x->request);
	struct wish w = { "", "", "", 0, "" };

	x->sandbox->issue.sts++;
	x->caller.access_key[0] = '\0'; /* nobody signs this */
	if (faults_instead_of_keys(&fault, &x->answer) ||
	    !read_wish(x, pairs, &w) || !token_is_good(x, pairs))
		return;
	if (!issue_permits(&x->sandbox->issue, w.arn, ""))
		deny(x, &w, "AssumeRoleWithWebIdentity");
	else
		answer_wish(x, &w, "AssumeRoleWithWebIdentity", &fault);
}

void
sts_get_caller_identity(struct exchange *x)
{
	const char *who =
	    x->caller.access_key[0] != '\0' ? x->caller.caller : STANDING_ARN;

	begin(x, "GetCallerIdentity");
	bytes_format(&x->answer.body,
	    "    <Arn>%s</Arn>\n    <UserId>AIDASANDBOX</UserId>\n"
	    "    <Account>123456789012</Account>\n",
	    who);
	end(x, "GetCallerIdentity");
}
