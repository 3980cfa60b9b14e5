/* SPDX-License-Identifier: Apache-2.0
 *
 * verdict: what the end of an exchange means for its records.
 *
 * AWS's error names are rows here, each with what to do and what to tell the
 * operator. Whatever is wrong can be put right by somebody, and until then the
 * bytes wait in the log file; but a record that the service refuses for what it
 * is never will be accepted, and would hold up all behind it.
 *
 * Such an answer names no record, and it may be the request that is refused: a
 * wrong stream name, an endpoint that reads no CBOR. To give up records for
 * that would empty a whole log into the dead-letter file. So: what names the
 * stream waits. Anything else is sifted until a record is refused alone, and
 * that is given up only on credit: each accepted record is good for as many as
 * a batch has (lane.mercy). Where nothing was ever accepted nothing is given
 * up; where it suddenly is no longer, one batch's worth at most; then all
 * waits, is said, and is tried again.
 *
 * Thread: ship. Pure.
 */
#include "verdict.h"

#include <stdio.h>
#include <string.h>

#define WAITS  "its batches wait and go again"
#define SIFTED "the record for which it is refused is looked for"

static const struct rule {
	const char *code;
	enum verdict_action action;
	bool about_key;
	const char *advice;
} rules[] = {
	/* More than the destination takes at the moment. */
	{ "ProvisionedThroughputExceededException", ACTION_WAIT, false,
	    "over the stream's capacity; " WAITS },
	{ "ThrottlingException", ACTION_WAIT, false, "throttled; " WAITS },
	{ "Throttling", ACTION_WAIT, false, "throttled; " WAITS },
	{ "RequestLimitExceeded", ACTION_WAIT, false, "throttled; " WAITS },
	{ "TooManyRequestsException", ACTION_WAIT, false, "throttled; " WAITS },
	{ "LimitExceededException", ACTION_WAIT, false,
	    "over a limit of the account; " WAITS },
	{ "ServiceUnavailableException", ACTION_WAIT, false,
	    "throttled or down; " WAITS },
	{ "ServiceUnavailable", ACTION_WAIT, false,
	    "the service is down; " WAITS },
	{ "InternalFailure", ACTION_WAIT, false, "the service failed; " WAITS },

	/* Who we are. */
	{ "ExpiredTokenException", ACTION_RENEW, true,
	    "the credentials have expired; they are read again" },
	{ "ExpiredToken", ACTION_RENEW, true,
	    "the credentials have expired; they are read again" },
	{ "UnrecognizedClientException", ACTION_RENEW, true,
	    "AWS does not know this access key or session token; "
	    "the credentials are read again" },
	{ "InvalidClientTokenId", ACTION_RENEW, true,
	    "AWS does not know this access key or session token; "
	    "the credentials are read again" },
	{ "MissingAuthenticationToken", ACTION_RENEW, true,
	    "AWS wants other credentials; they are read again" },
	{ "MissingAuthenticationTokenException", ACTION_RENEW, true,
	    "AWS wants other credentials; they are read again" },
	{ "IncompleteSignature", ACTION_RENEW, true,
	    "AWS cannot read the signature; the credentials are read again" },
	{ "IncompleteSignatureException", ACTION_RENEW, true,
	    "AWS cannot read the signature; the credentials are read again" },
	{ "InvalidSignatureException", ACTION_RENEW, true,
	    "AWS refused the signature: the secret key is probably wrong; "
	    "the credentials are read again" },
	{ "SignatureDoesNotMatch", ACTION_RENEW, true,
	    "AWS refused the signature: the secret key is probably wrong; "
	    "the credentials are read again" },
	{ "AccessDeniedException", ACTION_RENEW, true,
	    "no permission: allow the write in IAM; " WAITS },
	{ "AccessDenied", ACTION_RENEW, true,
	    "no permission: allow the write in IAM; " WAITS },
	{ "OptInRequired", ACTION_WAIT, true,
	    "the account is not signed up for the service; " WAITS },

	/* When we are. */
	{ "RequestTimeTooSkewed", ACTION_CLOCK, false,
	    "this machine's clock is wrong; signing by the service's" },
	{ "RequestExpired", ACTION_CLOCK, false,
	    "this machine's clock is wrong; signing by the service's" },

	/* What is there. */
	{ "ResourceNotFoundException", ACTION_WAIT, false,
	    "create it, or correct its name or region; " WAITS },
	{ "KMSDisabledException", ACTION_WAIT, false,
	    "its KMS key is disabled: enable it; " WAITS },
	{ "KMSInvalidStateException", ACTION_WAIT, false,
	    "its KMS key is not in use: see KMS; " WAITS },
	{ "KMSAccessDeniedException", ACTION_WAIT, true,
	    "no permission for its KMS key: allow it in IAM; " WAITS },
	{ "KMSNotFoundException", ACTION_WAIT, false,
	    "its KMS key does not exist; " WAITS },
	{ "KMSOptInRequired", ACTION_WAIT, true,
	    "the account is not signed up for KMS; " WAITS },
	{ "KMSThrottlingException", ACTION_WAIT, false,
	    "KMS is throttled; " WAITS },
	{ "InvalidKMSResourceException", ACTION_WAIT, false,
	    "its KMS key cannot be used; " WAITS },
	{ "InvalidSourceException", ACTION_WAIT, false,
	    "the delivery stream does not take records put to it; " WAITS },

	/* What we sent. */
	{ "ValidationException", ACTION_SIFT, false, SIFTED },
	{ "InvalidArgumentException", ACTION_SIFT, false, SIFTED },
	{ "SerializationException", ACTION_SIFT, false,
	    SIFTED " (if it is every record, try wireFormat)" },
	{ "RequestEntityTooLarge", ACTION_SIFT, false, SIFTED },
	{ "RequestEntityTooLargeException", ACTION_SIFT, false, SIFTED },
	{ "UnknownOperationException", ACTION_WAIT, false,
	    "this endpoint is not the service's; " WAITS },
};

/* Names that are not rows. */
static const struct rule by_status[] = {
	{ NULL, ACTION_WAIT, false, "the service failed; " WAITS },
	{ NULL, ACTION_RENEW, true, "refused; " WAITS },
	{ NULL, ACTION_WAIT, false, "is this AWS's endpoint? " WAITS },
	{ NULL, ACTION_WAIT, false, "refused; " WAITS },
	{ NULL, ACTION_SIFT, false, SIFTED },
};

/* A request for a stream whose name cannot be one. */
static const struct rule wrong_name = { NULL, ACTION_WAIT, false,
	"correct the stream's name or region; " WAITS };

/* A clock that is wrong comes under the name of a wrong signature, with the
 * difference in the message. */
static const struct rule wrong_clock = { NULL, ACTION_CLOCK, false,
	"this machine's clock is wrong; signing by the service's" };

static const struct rule lost_answer = { NULL, ACTION_WAIT, false,
	"which records arrived is not known, so all go again" };

/* Of enum http_result; what was answered is judged by its answer. */
static const struct {
	const char *text;
	struct rule rule;
} broken[] = {
	[HTTP_BROKEN] = { "the connection broke",
	    { NULL, ACTION_WAIT, false,
		"which records arrived is not known, so all go again" } },
	[HTTP_STALLED] = { "did not answer in time",
	    { NULL, ACTION_WAIT, false,
		"which records arrived is not known, so all go again" } },
	[HTTP_UNREACHABLE] = { "cannot be reached",
	    { NULL, ACTION_WAIT, false, WAITS } },
	[HTTP_UNTRUSTED] = { "is not to be trusted",
	    { NULL, ACTION_WAIT, false,
		"nothing was sent to it, nor will be: correct its "
		"certificate, the endpoint or caFile; its batches wait" } },
};

/* What failed because it was more than the destination takes: less of it is
 * the answer. */
static const char *const limits[] = {
	"ProvisionedThroughputExceededException",
	"ThrottlingException",
	"Throttling",
	"RequestLimitExceeded",
	"TooManyRequestsException",
	"LimitExceededException",
	"KMSThrottlingException",
	/* Firehose's name for it. */
	"ServiceUnavailableException",
};

static bool
is_limit(const char *code)
{
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		if (strcmp(code, limits[i]) == 0)
			return true;
	}
	return false;
}

static const struct rule *
rule_of_status(long status)
{
	if (status >= 500 || status == 429)
		return &by_status[0];
	if (status == 401 || status == 403)
		return &by_status[1];
	if (status < 400)
		return &by_status[2];
	if (status == 413)
		return &by_status[4];
	return &by_status[3];
}

/* NULL: none is. */
static const struct rule *
rule_named(const char *code)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (strcmp(code, rules[i].code) == 0)
			return &rules[i];
	}
	return NULL;
}

static bool
names_the_stream(const char *message)
{
	return strcasestr(message, "streamName") != NULL ||
	       strcasestr(message, "streamARN") != NULL;
}

static const struct rule *
rule_of(long status, const struct reply *reply)
{
	if (strstr(reply->message, "Signature expired") != NULL ||
	    strstr(reply->message, "Signature not yet current") != NULL)
		return &wrong_clock;
	const struct rule *rule = rule_named(reply->code);

	if (rule == NULL)
		rule = rule_of_status(status);
	if (rule->action == ACTION_SIFT && names_the_stream(reply->message))
		return &wrong_name;
	return rule;
}

bool
verdict_is_final(const char *code)
{
	const struct rule *rule = rule_named(code);

	return rule != NULL && rule->action == ACTION_SIFT;
}

static struct verdict
ruled(enum verdict_kind kind, const struct rule *rule, const char *code)
{
	return (struct verdict){ .kind = kind,
		.action = rule->action,
		.about_key = rule->about_key,
		.at_limit = is_limit(code),
		.advice = rule->advice };
}

struct verdict
verdict_of(const struct http_end *end, struct reply *reply)
{
	enum reply_verdict said =
	    reply_end(reply, end->status, end->error_type);

	/* What the answer said counts, even if it then broke off. */
	if (said == REPLY_ACCEPTED)
		return (struct verdict){ .kind = VERDICT_ALL, .advice = "" };
	if (said == REPLY_PARTIAL)
		return (struct verdict){ .kind = VERDICT_SOME,
			.at_limit = is_limit(reply->code),
			.advice = "those alone go again" };
	if (end->result != HTTP_ANSWERED)
		return ruled(VERDICT_NONE, &broken[end->result].rule, "");
	if (said == REPLY_LOST)
		return ruled(VERDICT_NONE, &lost_answer, "");
	return ruled(VERDICT_NONE, rule_of(end->status, reply), reply->code);
}

void
verdict_text(const struct verdict *v, const struct http_end *end,
    const struct reply *reply, char out[static VERDICT_TEXT])
{
	const char *colon = reply->message[0] != '\0' ? ": " : "";

	if (v->kind == VERDICT_SOME)
		snprintf(out, VERDICT_TEXT,
		    "refused %u of %u records with %s%s%s", reply->failures,
		    reply->expected, reply->code, colon, reply->message);
	else if (end->result != HTTP_ANSWERED)
		snprintf(out, VERDICT_TEXT, "%s: %.200s",
		    broken[end->result].text, end->text);
	else if (reply->why != NULL)
		snprintf(out, VERDICT_TEXT, "answered %ld, but %s", end->status,
		    reply->why);
	else
		snprintf(out, VERDICT_TEXT, "answered %ld%s%s%s%s", end->status,
		    reply->code[0] != '\0' ? " " : "", reply->code, colon,
		    reply->message);
}
