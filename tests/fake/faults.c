/* SPDX-License-Identifier: Apache-2.0
 *
 * faults: see faults.h. Rules are tried in the order they were added; the
 * first that applies and has count left is used, once a request. A rule that
 * still lets requests through counts every request it could have been for.
 *
 * Thread: any; one lock, not taken while there are no rules.
 */
#include "faults.h"

#include <string.h>
#include <time.h>

#include "span.h"

#define MILLION 1000000u

static const char *const names[FAULT_KINDS] = {
	[FAULT_NONE] = "",
	[FAULT_FAIL_RECORDS] = "fail-records",
	[FAULT_THROTTLE_RECORDS] = "throttle-records",
	[FAULT_THROTTLE] = "throttle",
	[FAULT_500] = "500",
	[FAULT_503_HTML] = "503-html",
	[FAULT_500_XML] = "500-xml",
	[FAULT_SLOW] = "slow",
	[FAULT_TRICKLE] = "trickle",
	[FAULT_NO_ANSWER] = "no-answer",
	[FAULT_LOST_ANSWER] = "lost-answer",
	[FAULT_HALF_ANSWER] = "half-answer",
	[FAULT_GARBAGE] = "garbage",
	[FAULT_EMPTY] = "empty",
	[FAULT_CLOSE] = "close",
	[FAULT_WRONG_COUNT] = "wrong-count",
	[FAULT_EXPIRED] = "expired",
	[FAULT_DENIED] = "denied",
	[FAULT_NOT_FOUND] = "not-found",
	[FAULT_SKEW] = "skew",
	[FAULT_VALIDATION] = "validation",
	[FAULT_ERROR] = "error",
	[FAULT_POISON] = "poison",
	[FAULT_POISON_RECORDS] = "poison-records",
};

void
faults_init(struct faults *f)
{
	memset(f, 0, sizeof(*f));
	pthread_mutex_init(&f->lock, NULL);
}

void
faults_fini(struct faults *f)
{
	pthread_mutex_destroy(&f->lock);
}

void
faults_clear(struct faults *f)
{
	pthread_mutex_lock(&f->lock);
	f->count = 0;
	f->live = 0;
	pthread_mutex_unlock(&f->lock);
}

enum fault_kind
faults_kind(const char *name)
{
	for (size_t i = 1; i < FAULT_KINDS; i++)
		if (strcmp(names[i], name) == 0)
			return (enum fault_kind)i;
	return FAULT_NONE;
}

/* Called with the lock held: room is made of rules that are used up. */
static void
drop_used_up(struct faults *f)
{
	size_t kept = 0;

	for (size_t i = 0; i < f->count; i++)
		if (f->rules[i].count != 0)
			f->rules[kept++] = f->rules[i];
	f->count = kept;
	f->live = kept;
}

bool
faults_add(struct faults *f, const struct fault *rule)
{
	bool room;

	pthread_mutex_lock(&f->lock);
	drop_used_up(f);
	room = f->count < FAULTS_MAX;
	if (room) {
		f->rules[f->count] = *rule;
		f->rules[f->count++].debt = MILLION - rule->share;
		f->live = f->count;
	}
	pthread_mutex_unlock(&f->lock);
	return room;
}

/* Called with the lock held. */
static void
use(struct faults *f, struct fault *rule)
{
	if (rule->count > 0)
		rule->count--;
	f->used[rule->kind]++;
}

bool
faults_close(struct faults *f)
{
	bool found = false;

	if (f->live == 0)
		return false;
	pthread_mutex_lock(&f->lock);
	for (size_t i = 0; i < f->count; i++) {
		struct fault *rule = &f->rules[i];

		if (rule->count == 0)
			continue;
		if (rule->stream[0] != '\0')
			break;
		if (rule->after > 0)
			continue;
		if (rule->kind == FAULT_CLOSE) {
			found = true;
			use(f, rule);
		}
		break;
	}
	pthread_mutex_unlock(&f->lock);
	return found;
}

static bool
holds(const struct record *r, const char *text)
{
	return text[0] == '\0' ||
	       memmem(r->data.at, r->data.length, text, strlen(text)) != NULL;
}

static bool
any_holds(const struct put *p, const char *text)
{
	for (size_t i = 0; i < p->count; i++)
		if (holds(&p->records[i], text))
			return true;
	return false;
}

/* Called with the lock held. */
static struct fault *
first_that_applies(struct faults *f, const struct put *p)
{
	for (size_t i = 0; i < f->count; i++) {
		struct fault *rule = &f->rules[i];

		if (rule->count == 0 ||
		    (rule->stream[0] != '\0' &&
			!span_is(p->stream, rule->stream)) ||
		    !any_holds(p, rule->text))
			continue;
		if (rule->after == 0)
			return rule;
		rule->after--;
	}
	return NULL;
}

struct fault
faults_pick(struct faults *f, const struct put *p)
{
	struct fault picked = { .kind = FAULT_NONE };
	struct fault *rule;

	if (f->live == 0)
		return picked;
	pthread_mutex_lock(&f->lock);
	rule = first_that_applies(f, p);
	if (rule != NULL) {
		uint64_t due = rule->debt + (uint64_t)p->count * rule->share;

		picked = *rule;
		rule->debt = (uint32_t)(due % MILLION);
		use(f, rule);
	}
	pthread_mutex_unlock(&f->lock);
	return picked;
}

struct fault
faults_pick_for(struct faults *f, const char *name)
{
	struct fault picked = { .kind = FAULT_NONE };

	if (f->live == 0)
		return picked;
	pthread_mutex_lock(&f->lock);
	for (size_t i = 0; i < f->count; i++) {
		struct fault *rule = &f->rules[i];

		if (rule->count == 0 || strcmp(rule->stream, name) != 0)
			continue;
		if (rule->after > 0) {
			rule->after--;
			continue;
		}
		picked = *rule;
		use(f, rule);
		break;
	}
	pthread_mutex_unlock(&f->lock);
	return picked;
}

bool
faults_instead_of_keys(const struct fault *fault, struct answer *a)
{
	if (fault->kind == FAULT_THROTTLE)
		answer_error(a, 400, "Throttling", "Rate exceeded");
	else if (fault->kind == FAULT_DENIED)
		answer_error(a, 403, "AccessDenied",
		    "User: arn:aws:iam::123456789012:user/sandbox is not "
		    "authorized to perform: this");
	else if (fault->kind != FAULT_EXPIRED)
		return faults_instead(
		    fault, (struct span){ NULL, 0 }, false, a);
	else
		return false;
	return true;
}

void
faults_mark(const struct fault *fault, struct put *p)
{
	enum outcome outcome = OUTCOME_TAKEN;
	uint32_t due = fault->debt;

	if (fault->kind == FAULT_FAIL_RECORDS)
		outcome = OUTCOME_FAILED;
	if (fault->kind == FAULT_THROTTLE_RECORDS)
		outcome = OUTCOME_THROTTLED;
	if (fault->kind == FAULT_POISON_RECORDS) {
		for (size_t i = 0; i < p->count; i++)
			p->records[i].outcome =
			    holds(&p->records[i], fault->text) ? OUTCOME_REFUSED
							       : OUTCOME_TAKEN;
		return;
	}
	for (size_t i = 0; i < p->count; i++) {
		p->records[i].outcome = OUTCOME_TAKEN;
		due += fault->share;
		if (due < MILLION)
			continue;
		due -= MILLION;
		p->records[i].outcome = outcome;
	}
}

static void
stamp(time_t t, char out[32])
{
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(out, 32, "%Y%m%dT%H%M%SZ", &tm);
}

/* As a server whose clock is `ms` ahead of the client's would put it. */
static void
answer_skew(const struct fault *fault, struct answer *a)
{
	time_t here = time(NULL);
	time_t there = here + (time_t)(fault->ms / 1000);
	bool ahead = fault->ms >= 0;
	char signed_at[32], now[32], edge[32];

	stamp(here, signed_at);
	stamp(there, now);
	stamp(ahead ? there - 300 : there + 300, edge);
	a->date_shift_ms = fault->ms;
	answer_error(a, 400, "InvalidSignatureException",
	    "Signature %s: %s is %s than %s (%s %c 5 min.)",
	    ahead ? "expired" : "not yet current", signed_at,
	    ahead ? "now earlier" : "still later", edge, now,
	    ahead ? '-' : '+');
}

static void
answer_throttle(struct answer *a, struct span stream, bool firehose)
{
	if (firehose) {
		answer_error(
		    a, 400, "ServiceUnavailableException", "Slow down.");
		return;
	}
	answer_error(a, 400, "ProvisionedThroughputExceededException",
	    "Rate exceeded for stream %.*s under account 123456789012.",
	    (int)stream.length, (const char *)stream.at);
}

static void
answer_500(const struct fault *fault, struct answer *a)
{
	if (fault->kind == FAULT_503_HTML)
		answer_text(a, 503, "text/html",
		    "<html><head><title>503 Service Temporarily Unavailable"
		    "</title></head>\n<body><center><h1>503 Service "
		    "Temporarily Unavailable</h1></center></body></html>\n");
	else if (fault->kind == FAULT_500_XML)
		answer_text(a, 500, "application/xml",
		    "<?xml version=\"1.0\"?>\n<InternalFailure><Message>The "
		    "request processing has failed because of an unknown "
		    "error.</Message></InternalFailure>\n");
	else
		answer_error(a, 500, "InternalFailure",
		    "The request processing has failed because of an unknown "
		    "error, exception or failure.");
}

/* The error that the test named. */
static void
answer_told(const struct fault *fault, struct answer *a)
{
	const char *code =
	    fault->code[0] != '\0' ? fault->code : "ValidationException";
	const char *message = fault->message[0] != '\0'
				  ? fault->message
				  : "1 validation error detected: a record is "
				    "not as the script wants it";
	bool large = strncmp(code, "RequestEntity", 13) == 0;

	answer_error(a, large ? 413 : 400, code, "%s", message);
}

bool
faults_instead(const struct fault *fault, struct span stream, bool firehose,
    struct answer *a)
{
	int length = (int)stream.length;
	const char *name = (const char *)stream.at;

	switch (fault->kind) {
	case FAULT_THROTTLE:
		answer_throttle(a, stream, firehose);
		return true;
	case FAULT_500:
	case FAULT_503_HTML:
	case FAULT_500_XML:
		answer_500(fault, a);
		return true;
	case FAULT_NO_ANSWER:
		a->manner = MANNER_NEVER;
		return true;
	case FAULT_CLOSE:
		a->manner = MANNER_CLOSE;
		return true;
	case FAULT_EXPIRED:
		answer_error(a, 400, "ExpiredTokenException",
		    "The security token included in the request is expired");
		return true;
	case FAULT_DENIED:
		answer_error(a, 400, "AccessDeniedException",
		    "User: arn:aws:iam::123456789012:user/sandbox is not "
		    "authorized to perform: %s on resource: %.*s",
		    firehose ? "firehose:PutRecordBatch" : "kinesis:PutRecords",
		    length, name);
		return true;
	case FAULT_NOT_FOUND:
		answer_error(a, 400, "ResourceNotFoundException",
		    "Stream %.*s under account 123456789012 not found.", length,
		    name);
		return true;
	case FAULT_SKEW:
		answer_skew(fault, a);
		return true;
	case FAULT_ERROR:
	case FAULT_POISON:
		answer_told(fault, a);
		return true;
	case FAULT_VALIDATION:
		answer_error(a, 400, "ValidationException",
		    "1 validation error detected: Value '[...]' at 'records' "
		    "failed to satisfy constraint: Member must be as the "
		    "script says");
		return true;
	case FAULT_NONE:
	case FAULT_FAIL_RECORDS:
	case FAULT_THROTTLE_RECORDS:
	case FAULT_SLOW:
	case FAULT_TRICKLE:
	case FAULT_LOST_ANSWER:
	case FAULT_HALF_ANSWER:
	case FAULT_GARBAGE:
	case FAULT_EMPTY:
	case FAULT_WRONG_COUNT:
	case FAULT_POISON_RECORDS:
	case FAULT_KINDS:
		break;
	}
	return false;
}

void
faults_spoil(const struct fault *fault, struct answer *a)
{
	a->ms = fault->ms;
	if (fault->kind == FAULT_SLOW)
		a->manner = MANNER_LATE;
	if (fault->kind == FAULT_TRICKLE)
		a->manner = MANNER_TRICKLE;
	if (fault->kind == FAULT_LOST_ANSWER)
		a->manner = MANNER_CLOSE;
	if (fault->kind == FAULT_HALF_ANSWER)
		a->manner = MANNER_HALF;
	if (fault->kind == FAULT_EMPTY)
		bytes_clear(&a->body);
	if (fault->kind == FAULT_GARBAGE) {
		bytes_clear(&a->body);
		bytes_put(&a->body, "\xff\x00<]}garbage\xfe\x1c", 14);
	}
}

void
faults_write_used(struct faults *f, struct bytes *b)
{
	bool first = true;

	pthread_mutex_lock(&f->lock);
	for (size_t i = 1; i < FAULT_KINDS; i++) {
		if (f->used[i] == 0)
			continue;
		bytes_format(b, "%s\"%s\":%llu", first ? "" : ",", names[i],
		    (unsigned long long)f->used[i]);
		first = false;
	}
	pthread_mutex_unlock(&f->lock);
}
