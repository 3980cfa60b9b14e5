/* SPDX-License-Identifier: Apache-2.0
 *
 * format: the table. See format.h. Immutable: any thread.
 */
#include "format.h"

#include <stdio.h>

#include "apache.h"
#include "awslog.h"
#include "nginx.h"
#include "pairs.h"
#include "syslogs.h"

static const char *const common[] = { "host", "ident", "authuser", "datetime",
	"request", "response", "bytes", NULL };
static const char *const combined[] = { "host", "ident", "authuser", "datetime",
	"request", "response", "bytes", "referer", "agent", NULL };
static const char *const apache_error[] = { "timestamp", "module", "severity",
	"processid", "threadid", "client", "message", NULL };
static const char *const syslog[] = { "timestamp", "hostname", "program",
	"processid", "message", NULL };
static const char *const rfc5424[] = { "priority", "version", "timestamp",
	"hostname", "program", "processid", "messageid", "structureddata",
	"message", NULL };
static const char *const nginx_error[] = { "timestamp", "severity", "processid",
	"threadid", "connection", "message", "client", "server", "request",
	"subrequest", "upstream", "host", "referrer", NULL };
static const char *const cri[] = { "timestamp", "stream", "tag", "message",
	NULL };
/* AWS's names, with target for target:port and the like. A Classic Load
 * Balancer's lines are the second to the sixteenth field. */
static const char *const elb[] = { "type", "time", "elb", "client", "target",
	"request_processing_time", "target_processing_time",
	"response_processing_time", "elb_status_code", "target_status_code",
	"received_bytes", "sent_bytes", "request", "user_agent", "ssl_cipher",
	"ssl_protocol", "target_group_arn", "trace_id", "domain_name",
	"chosen_cert_arn", "matched_rule_priority", "request_creation_time",
	"actions_executed", "redirect_url", "error_reason", "target_list",
	"target_status_code_list", "classification", "classification_reason",
	"conn_trace_id", NULL };
static const char *const cloudfront[] = { "date", "time", "x-edge-location",
	"sc-bytes", "c-ip", "cs-method", "cs(Host)", "cs-uri-stem", "sc-status",
	"cs(Referer)", "cs(User-Agent)", "cs-uri-query", "cs(Cookie)",
	"x-edge-result-type", "x-edge-request-id", "x-host-header",
	"cs-protocol", "cs-bytes", "time-taken", "x-forwarded-for",
	"ssl-protocol", "ssl-cipher", "x-edge-response-result-type",
	"cs-protocol-version", "fle-status", "fle-encrypted-fields", "c-port",
	"time-to-first-byte", "x-edge-detailed-result-type", "sc-content-type",
	"sc-content-len", "sc-range-start", "sc-range-end", NULL };

_Static_assert(sizeof(cloudfront) / sizeof(cloudfront[0]) <= FORMAT_FIELDS,
    "a line's values have room");

static const struct format formats[] = {
	{ "COMMONAPACHELOG", common, true, apache_common, NULL },
	{ "COMBINEDAPACHELOG", combined, true, apache_combined, NULL },
	{ "APACHEERRORLOG", apache_error, true, apache_error_line, NULL },
	{ "SYSLOG", syslog, false, syslogs_old, NULL },
	{ "RFC3339SYSLOG", syslog, false, syslogs_rfc3339, NULL },
	{ "RFC5424SYSLOG", rfc5424, true, syslogs_rfc5424, NULL },
	{ "NGINXERRORLOG", nginx_error, false, nginx_error_line, NULL },
	{ "LOGFMT", NULL, false, NULL, pairs_logfmt },
	{ "JSON", NULL, false, NULL, pairs_json },
	{ "CRI", cri, false, syslogs_cri, NULL },
	{ "ELB", elb, true, awslog_elb, NULL },
	{ "CLOUDFRONT", cloudfront, true, awslog_cloudfront, NULL },
};

#define COUNT (sizeof(formats) / sizeof(formats[0]))

const struct format *
format_find(const char *name)
{
	for (size_t i = 0; i < COUNT; i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}

void
format_list(char *out, size_t size)
{
	size_t len = 0;

	for (size_t i = 0; i < COUNT && len < size; i++)
		len += (size_t)snprintf(out + len, size - len, "%s%s",
		    len == 0 ? "" : ", ", formats[i].name);
}
