/* SPDX-License-Identifier: Apache-2.0
 *
 * route: a table of everything this endpoint answers.
 *
 * A service joins by adding rows: AWS's JSON services are told apart by
 * X-Amz-Target, the query services (STS, CloudWatch) by Action, instance
 * metadata by its path. A signature has to be scoped to the row's service.
 *
 * Thread: the connection's.
 */
#include "route.h"

#include <string.h>
#include <time.h>

#include "cloudwatch.h"
#include "control.h"
#include "firehose.h"
#include "form.h"
#include "kinesis.h"
#include "metadata.h"
#include "sandbox.h"
#include "sts.h"

/* A column that is NULL fits everything. A path that ends in `*` is a
 * beginning. */
struct route {
	const char *method;
	const char *path;
	const char *target;  /* X-Amz-Target */
	const char *action;  /* of a query or form */
	const char *service; /* of the scope; NULL: need not be signed */
	void (*answer)(struct exchange *x);
};

static const struct route routes[] = {
	{ "POST", "/", "Kinesis_20131202.PutRecords", NULL, "kinesis",
	    kinesis_put_records },
	{ "POST", "/", "Kinesis_20131202.DescribeStreamSummary", NULL,
	    "kinesis", kinesis_describe_stream_summary },
	{ "POST", "/", "Firehose_20150804.PutRecordBatch", NULL, "firehose",
	    firehose_put_record_batch },
	{ "POST", "/", NULL, "AssumeRole", "sts", sts_assume_role },
	{ "POST", "/", NULL, "AssumeRoleWithWebIdentity", NULL,
	    sts_assume_role_with_web_identity },
	{ "POST", "/", NULL, "GetCallerIdentity", "sts",
	    sts_get_caller_identity },
	{ "POST", "/", NULL, "PutMetricData", "monitoring",
	    cloudwatch_put_metric_data },
	{ "PUT", "/latest/api/token", NULL, NULL, NULL, metadata_put_token },
	{ "GET", "/latest/meta-data/iam/security-credentials/", NULL, NULL,
	    NULL, metadata_list_roles },
	{ "GET", "/latest/meta-data/iam/security-credentials/*", NULL, NULL,
	    NULL, metadata_get_credentials },
	{ "GET", "/latest/meta-data/placement/region", NULL, NULL, NULL,
	    metadata_get_region },
	{ "GET", "/latest/dynamic/instance-identity/document", NULL, NULL, NULL,
	    metadata_get_identity },
	{ "GET", "/container/*", NULL, NULL, NULL, metadata_get_container },
	{ "GET", "/sandbox/stats", NULL, NULL, NULL, control_stats },
	{ "GET", "/sandbox/metrics", NULL, NULL, NULL, cloudwatch_list },
	{ "POST", "/sandbox/faults", NULL, NULL, NULL, control_add_fault },
	{ "DELETE", "/sandbox/faults", NULL, NULL, NULL, control_no_faults },
	{ "POST", "/sandbox/flush", NULL, NULL, NULL, control_flush },
	{ "POST", "/sandbox/shards", NULL, NULL, NULL, control_shards },
	{ "POST", "/sandbox/credentials", NULL, NULL, NULL,
	    control_credentials },
};

#define CONTROL "/sandbox/"

bool
route_is_control(const struct request *r)
{
	return r->path.length >= strlen(CONTROL) &&
	       memcmp(r->path.at, CONTROL, strlen(CONTROL)) == 0;
}

static bool
path_fits(const char *pattern, struct span path)
{
	size_t length = strlen(pattern);

	if (pattern[length - 1] != '*')
		return span_is(path, pattern);
	return path.length >= length - 1 &&
	       memcmp(path.at, pattern, length - 1) == 0;
}

static bool
action_fits(const char *action, const struct request *r)
{
	char found[64];

	return form_value(form_pairs(r), "Action", found, sizeof(found)) &&
	       strcmp(found, action) == 0;
}

static const struct route *
find(const struct request *r)
{
	struct span target = request_header(r, "x-amz-target");

	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		const struct route *row = &routes[i];

		if (strcmp(row->method, r->method) == 0 &&
		    path_fits(row->path, r->path) &&
		    (row->target == NULL || span_is(target, row->target)) &&
		    (row->action == NULL || action_fits(row->action, r)))
			return row;
	}
	return NULL;
}

/* Who the request says it is from: the standing identity, or one that was
 * given out. */
static struct sigv4_identity
identify(struct exchange *x)
{
	struct sigv4_identity identity = x->sandbox->identity;
	struct span access_key = sigv4_access_key(&x->request);

	x->caller.access_key[0] = '\0';
	if (access_key.at == NULL || span_is(access_key, identity.access_key) ||
	    !issue_find(&x->sandbox->issue, access_key, &x->caller))
		return identity;
	identity.access_key = x->caller.access_key;
	identity.secret_key = x->caller.secret_key;
	identity.session_token = x->caller.session_token;
	identity.expires_s = x->caller.expires_s;
	return identity;
}

static bool
signature_holds(struct exchange *x, const char *service)
{
	uint8_t place[16384];
	struct bytes why = {
		.at = place, .capacity = sizeof(place), .ceiling = sizeof(place)
	};
	struct sigv4_identity identity = identify(x);
	enum format format = x->answer.format;
	enum sigv4_verdict verdict = sigv4_check(
	    &identity, &x->request, service, (int64_t)time(NULL), &why);

	if (verdict == SIGV4_GOOD)
		return true;
	if (verdict == SIGV4_EXPIRED)
		x->sandbox->issue.expired++;
	else
		x->sandbox->stats.bad_signatures++;
	x->answer.refused = true;
	answer_error_span(&x->answer, format == FORMAT_QUERY ? 403 : 400,
	    sigv4_error_type(verdict, format),
	    (struct span){ why.at, why.length });
	return false;
}

static void
answer_service(struct exchange *x, const struct route *row)
{
	if (!signature_holds(x, row == NULL ? NULL : row->service))
		return;
	if (row == NULL ||
	    (row->target != NULL && x->answer.format >= FORMAT_QUERY)) {
		x->answer.refused = true;
		answer_error(&x->answer, 400, "UnknownOperationException",
		    "No such operation here for this method, path, target "
		    "and content type");
		return;
	}
	row->answer(x);
}

void
route_request(struct exchange *x)
{
	struct request *r = &x->request;
	const struct route *row = find(r);

	answer_begin(&x->answer, request_format(r));
	if (route_is_control(r)) {
		if (row == NULL)
			answer_text(
			    &x->answer, 404, "text/plain", "no such control\n");
		else
			row->answer(x);
		return;
	}
	x->sandbox->stats.requests++;
	x->sandbox->stats.bytes += r->body.length;
	if (r->too_large) {
		x->answer.refused = true;
		answer_error(&x->answer, 413, "RequestEntityTooLargeException",
		    "Request size exceeded");
	} else if (row != NULL && row->service == NULL) {
		row->answer(x);
	} else {
		answer_service(x, row);
	}
	if (x->answer.refused)
		x->sandbox->stats.rejected_requests++;
}
