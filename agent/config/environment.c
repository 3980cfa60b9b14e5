/* SPDX-License-Identifier: Apache-2.0
 *
 * environment: see environment.h. Thread: the one that loads.
 */
#include "environment.h"

#include <stddef.h>
#include <stdlib.h>
#include <strings.h>

#include "endpoint.h"
#include "report.h"

static const char *
given(const char *variable)
{
	const char *value = getenv(variable);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

bool
environment_flag(const char *variable, struct report *r)
{
	const char *value = given(variable);

	if (value == NULL || strcasecmp(value, "false") == 0)
		return false;
	if (strcasecmp(value, "true") != 0)
		report_error(r, (struct place){ 0, 0 }, variable,
		    "in the environment: neither true nor false (got `%.64s`)",
		    value);
	return true;
}

char *
environment_endpoint(enum config_destination destination, struct report *r)
{
	const char *variable = destination == DESTINATION_STREAM
				   ? "AWS_ENDPOINT_URL_KINESIS"
				   : "AWS_ENDPOINT_URL_FIREHOSE";
	const char *cause;
	char *normal;

	if (environment_flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", r))
		return NULL;
	if (given(variable) == NULL)
		variable = "AWS_ENDPOINT_URL";
	if (given(variable) == NULL)
		return NULL;
	normal = endpoint_normal(given(variable), &cause);
	if (normal == NULL)
		report_error(r, (struct place){ 0, 0 }, variable,
		    "in the environment: %s; allowed: https://HOST[:PORT] or "
		    "http://HOST[:PORT]",
		    cause);
	return normal;
}
