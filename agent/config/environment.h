/* SPDX-License-Identifier: Apache-2.0
 *
 * environment: what AWS's own variables say about endpoints, as in its other
 * programs. What is wrong with one is reported. Not for the Java agent's file:
 * that agent never asked them, and a file that works goes on meaning the same.
 */
#ifndef ENVIRONMENT_H
#define ENVIRONMENT_H

#include <stdbool.h>

#include "config.h"

struct report;

/* Where AWS_ENDPOINT_URL_KINESIS, AWS_ENDPOINT_URL_FIREHOSE or
 * AWS_ENDPOINT_URL send what goes to `destination`, as endpoint_normal answers.
 * The caller frees. NULL: nowhere. */
char *environment_endpoint(
    enum config_destination destination, struct report *r);

/* Is `variable` true? */
bool environment_flag(const char *variable, struct report *r);

#endif
