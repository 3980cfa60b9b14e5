/* SPDX-License-Identifier: Apache-2.0
 *
 * options: the command line.
 */
#ifndef FAKE_OPTIONS_H
#define FAKE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPTIONS_STREAMS_MAX 64
#define OPTIONS_RULES_MAX   32

/* All text is borrowed from argv. */
struct options {
	uint64_t listen_port;
	uint64_t threads;
	uint64_t max_body;
	uint64_t any_stream; /* shards of a stream nobody named */
	bool any_stream_given;
	const char *streams[OPTIONS_STREAMS_MAX]; /* NAME:SHARDS */
	size_t stream_count;
	const char *roles[OPTIONS_RULES_MAX]; /* NAME[:EXTERNAL-ID] */
	size_t role_count;
	const char *grants[OPTIONS_RULES_MAX]; /* STREAM:ROLE */
	size_t grant_count;
	bool tls;
	bool plain;
	bool throttle;
	bool print;
	bool help;
	bool cert_expired;
	const char *cert;
	const char *key;
	const char *cert_name;
	const char *ca_out;
	const char *access_key;
	const char *secret_key;
	const char *session_token;
	const char *region;
	uint64_t credentials_seconds; /* 0: as asked for */
	const char *instance_role;
	const char *instance_region;
	const char *container_token; /* to present; NULL: any */
	const char *web_identity;    /* the same */
	bool imds_v1;
	const char *store;
	const char *ready_file;
};

/* 0, or -1 logged. */
int options_read(struct options *o, int argc, char **argv);

void options_help(void);

#endif
