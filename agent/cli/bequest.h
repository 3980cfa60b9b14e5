/* SPDX-License-Identifier: Apache-2.0
 *
 * bequest: what the Java agent's environment says, by /etc/sysconfig or
 * /etc/default/aws-kinesis-agent, to the agent in its place.
 *
 * AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_DEFAULT_REGION mean what
 * they mean everywhere and are not looked at here. AGENT_ARGS may name a
 * configuration. JVM_ARGS may hold what that agent had no other place for: a
 * proxy, and keys. Nothing else there (JAVA_HOME, heap sizes, LOG_CONFIG,
 * AGENT_LOG_LEVEL, which that agent does not read) changes what is sent.
 */
#ifndef BEQUEST_H
#define BEQUEST_H

#include <stdbool.h>
#include <stddef.h>

struct config;

/* The configuration that AGENT_ARGS names, into `path`. False: none. */
bool bequest_configuration(char *path, size_t size);

/* May an agent with `config` start in this environment? What it does without
 * is warned of; false: it would send as somebody else, said. Only the Java
 * agent's configuration is its heir. */
bool bequest_is_fine(const struct config *config);

#endif
