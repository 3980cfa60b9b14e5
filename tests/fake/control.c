/* SPDX-License-Identifier: Apache-2.0
 *
 * control: see control.h. A mistake in a script answers 400 and names itself,
 * so that a test does not wait for a fault that was never there.
 *
 * Thread: the connection's.
 */
#include "control.h"

#include <jansson.h>
#include <stdlib.h>
#include <time.h>

#include "sandbox.h"

static void
answer_json(struct exchange *x, unsigned status, const char *text)
{
	answer_text(&x->answer, status, "application/json", text);
}

static void
refuse(struct exchange *x, const char *what)
{
	answer_json(x, 400, "");
	bytes_format(&x->answer.body, "{\"error\":\"%s\"}\n", what);
}

void
control_stats(struct exchange *x)
{
	struct stats *s = &x->sandbox->stats;
	struct bytes *b = &x->answer.body;

	answer_json(x, 200, "");
	bytes_format(b,
	    "{\"requests\":%llu,\"accepted_records\":%llu,"
	    "\"failed_records\":%llu,\"throttled_records\":%llu,"
	    "\"bad_signatures\":%llu,\"rejected_requests\":%llu,"
	    "\"bytes\":%llu,\"connections\":%llu,\"open_connections\":%llu,"
	    "\"faults\":{",
	    s->requests, s->accepted_records, s->failed_records,
	    s->throttled_records, s->bad_signatures, s->rejected_requests,
	    s->bytes, s->connections, s->open_connections);
	faults_write_used(&x->sandbox->faults, b);
	bytes_text(b, "},");
	issue_write_stats(&x->sandbox->issue, b);
	bytes_text(b, "}\n");
}

static json_t *
script(struct exchange *x)
{
	struct bytes *body = &x->request.body;
	json_error_t error;
	json_t *json = json_loadb((const char *)body->at, body->length,
	    JSON_REJECT_DUPLICATES, &error);

	if (json == NULL)
		refuse(x, "not JSON");
	else if (!json_is_object(json))
		refuse(x, "not a JSON object");
	else
		return json;
	json_decref(json);
	return NULL;
}

/* The rule that `json` describes; NULL, or what is wrong with it. */
static const char *
rule_from(json_t *json, struct fault *rule)
{
	const char *kind = "", *stream = "";
	const char *text = "", *code = "", *message = "";
	json_int_t count = 1, after = 0, ms = 0;
	double share = 1.0;

	if (json_unpack(json,
		"{s:s, s?:I, s?:I, s?:s, s?:F, s?:I, s?:s, s?:s, s?:s !}",
		"fault", &kind, "count", &count, "after", &after, "stream",
		&stream, "share", &share, "ms", &ms, "text", &text, "code",
		&code, "message", &message) != 0)
		return "a fault has fault, count, after, stream, share, ms, "
		       "text, code, message";
	*rule = (struct fault){ .kind = faults_kind(kind),
		.count = count,
		.after = after,
		.ms = ms };
	if (rule->kind == FAULT_NONE)
		return "no such fault";
	if (count < -1 || after < 0)
		return "count is -1 or more, after 0 or more";
	if (!(share >= 0.0 && share <= 1.0))
		return "share is between 0 and 1";
	if (ms < -86400000 || ms > 86400000)
		return "ms is within a day";
	if (strlen(stream) >= sizeof(rule->stream))
		return "no stream has a name that long";
	rule->share = (uint32_t)(share * 1e6 + 0.5);
	memcpy(rule->stream, stream, strlen(stream) + 1);
	if (strlen(text) >= FAULTS_TEXT || strlen(code) >= FAULTS_TEXT ||
	    strlen(message) >= FAULTS_TEXT)
		return "text, code and message have up to 127 bytes";
	memcpy(rule->text, text, strlen(text) + 1);
	memcpy(rule->code, code, strlen(code) + 1);
	memcpy(rule->message, message, strlen(message) + 1);
	return NULL;
}

void
control_add_fault(struct exchange *x)
{
	json_t *json = script(x);
	const char *wrong;
	struct fault rule;

	if (json == NULL)
		return;
	wrong = rule_from(json, &rule);
	json_decref(json);
	if (wrong == NULL && !faults_add(&x->sandbox->faults, &rule))
		wrong = "too many rules";
	if (wrong != NULL)
		refuse(x, wrong);
	else
		answer_json(x, 200, "{}\n");
}

void
control_no_faults(struct exchange *x)
{
	faults_clear(&x->sandbox->faults);
	answer_json(x, 200, "{}\n");
}

void
control_flush(struct exchange *x)
{
	store_flush(&x->sandbox->store);
	answer_json(x, 200, "{}\n");
}

static const char *
shape_stream(struct exchange *x, json_t *json)
{
	struct streams *streams = &x->sandbox->streams;
	const char *name = "";
	json_int_t shards = 0, record_bytes = STREAM_RECORD_BYTES;
	int throttle = streams->throttling, describe = 1;
	struct stream *stream;
	struct span s;

	if (json_unpack(json, "{s:s, s:I, s?:b, s?:I, s?:b !}", "stream", &name,
		"shards", &shards, "throttle", &throttle, "recordBytes",
		&record_bytes, "describe", &describe) != 0)
		return "shards has stream, shards, throttle, recordBytes, "
		       "describe";
	s = (struct span){ (uint8_t *)(uintptr_t)name, strlen(name) };
	if (s.length < 1 || s.length > PUT_NAME_MAX)
		return "no stream has such a name";
	if (shards < 1 || shards > STREAM_SHARDS_MAX)
		return "shards is between 1 and 10000";
	if (record_bytes < 1024 || record_bytes > 10485760)
		return "recordBytes is between 1024 and 10485760";
	if (streams_set(streams, s, (uint32_t)shards, throttle != 0, &stream) !=
	    0)
		return "no room for that";
	pthread_mutex_lock(&stream->lock);
	stream->record_bytes = (size_t)record_bytes;
	stream->describable = describe != 0;
	pthread_mutex_unlock(&stream->lock);
	return NULL;
}

void
control_shards(struct exchange *x)
{
	json_t *json = script(x);
	const char *wrong;

	if (json == NULL)
		return;
	wrong = shape_stream(x, json);
	json_decref(json);
	if (wrong != NULL)
		refuse(x, wrong);
	else
		answer_json(x, 200, "{}\n");
}

static const char *
shape_credentials(struct issue *issue, json_t *json)
{
	const char *web = NULL, *container = NULL;
	json_int_t seconds = -1;
	int revoke = 0;

	if (json_unpack(json, "{s?:I, s?:s, s?:s, s?:b !}", "seconds", &seconds,
		"webIdentity", &web, "containerToken", &container, "revoke",
		&revoke) != 0)
		return "credentials has seconds, webIdentity, containerToken, "
		       "revoke";
	if (seconds > 86400)
		return "seconds is at most a day";
	if ((web != NULL && strlen(web) >= ISSUE_TOKEN) ||
	    (container != NULL && strlen(container) >= ISSUE_TOKEN))
		return "no token is that long";
	if (revoke != 0)
		issue_revoke(issue, (int64_t)time(NULL));
	pthread_mutex_lock(&issue->lock);
	if (seconds >= 0)
		issue->seconds = seconds;
	if (web != NULL)
		memcpy(issue->web_identity, web, strlen(web) + 1);
	if (container != NULL)
		memcpy(
		    issue->container_token, container, strlen(container) + 1);
	pthread_mutex_unlock(&issue->lock);
	return NULL;
}

void
control_credentials(struct exchange *x)
{
	json_t *json = script(x);
	const char *wrong;

	if (json == NULL)
		return;
	wrong = shape_credentials(&x->sandbox->issue, json);
	json_decref(json);
	if (wrong != NULL)
		refuse(x, wrong);
	else
		answer_json(x, 200, "{}\n");
}
