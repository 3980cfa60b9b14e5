/* SPDX-License-Identifier: Apache-2.0
 *
 * options: a table, read by one loop, printed by --help.
 *
 * Thread: main.
 */
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "issue.h"
#include "say.h"

enum kind { KIND_FLAG, KIND_TEXT, KIND_NUMBER, KIND_LIST };

struct option {
	const char *name;
	enum kind kind;
	size_t at;         /* offsetof in struct options */
	uint64_t min, max; /* of a list: where its count is, its ceiling */
	const char *value; /* what it is called in --help */
	const char *help;
};

#define AT(member) offsetof(struct options, member)

static const struct option options[] = {
	{ "--listen-port", KIND_NUMBER, AT(listen_port), 0, 65535, "N",
	    "port on 127.0.0.1; 0, the default: a free one" },
	{ "--plain", KIND_FLAG, AT(plain), 0, 0, "", "HTTP (the default)" },
	{ "--tls", KIND_FLAG, AT(tls), 0, 0, "",
	    "HTTPS, with a certificate made at start" },
	{ "--cert", KIND_TEXT, AT(cert), 0, 0, "PEM", "certificate to use" },
	{ "--key", KIND_TEXT, AT(key), 0, 0, "PEM", "its key" },
	{ "--cert-name", KIND_TEXT, AT(cert_name), 0, 0, "NAME",
	    "make it for NAME instead of localhost" },
	{ "--cert-expired", KIND_FLAG, AT(cert_expired), 0, 0, "",
	    "make it expired" },
	{ "--ca-out", KIND_TEXT, AT(ca_out), 0, 0, "FILE",
	    "write the CA of the certificate made" },
	{ "--stream", KIND_LIST, AT(streams), AT(stream_count),
	    OPTIONS_STREAMS_MAX, "NAME:SHARDS",
	    "a stream; others are unknown then (repeatable)" },
	{ "--any-stream", KIND_NUMBER, AT(any_stream), 1, 10000, "SHARDS",
	    "every name is a stream with so many shards (default, 4)" },
	{ "--throttle", KIND_FLAG, AT(throttle), 0, 0, "",
	    "each shard takes 1,000 records/s and 1 MiB/s" },
	{ "--access-key", KIND_TEXT, AT(access_key), 0, 0, "ID",
	    "default AKIDSANDBOX" },
	{ "--secret-key", KIND_TEXT, AT(secret_key), 0, 0, "SECRET",
	    "default sandbox-secret" },
	{ "--session-token", KIND_TEXT, AT(session_token), 0, 0, "T",
	    "must come with every request" },
	{ "--region", KIND_TEXT, AT(region), 0, 0, "R",
	    "the only region to sign for (default: any)" },
	{ "--role", KIND_LIST, AT(roles), AT(role_count), OPTIONS_RULES_MAX,
	    "NAME[:ID]",
	    "a role, with its external id; others are unknown then "
	    "(repeatable)" },
	{ "--grant", KIND_LIST, AT(grants), AT(grant_count), OPTIONS_RULES_MAX,
	    "STREAM:ROLE", "only that role may write there (repeatable)" },
	{ "--credentials-seconds", KIND_NUMBER, AT(credentials_seconds), 0,
	    86400, "N",
	    "how long credentials given out live (default: as asked for)" },
	{ "--web-identity", KIND_TEXT, AT(web_identity), 0, 0, "TOKEN",
	    "the only web identity (default: any)" },
	{ "--container-token", KIND_TEXT, AT(container_token), 0, 0, "TOKEN",
	    "must come as Authorization to /container/" },
	{ "--instance-role", KIND_TEXT, AT(instance_role), 0, 0, "NAME",
	    "of the instance metadata (default sandbox-instance)" },
	{ "--instance-region", KIND_TEXT, AT(instance_region), 0, 0, "R",
	    "of the instance metadata (default eu-west-1)" },
	{ "--imds-v1", KIND_FLAG, AT(imds_v1), 0, 0, "",
	    "instance metadata without a token, too" },
	{ "--store", KIND_TEXT, AT(store), 0, 0, "FILE",
	    "append every record taken, one a line" },
	{ "--print", KIND_FLAG, AT(print), 0, 0, "",
	    "print every record taken" },
	{ "--max-body", KIND_NUMBER, AT(max_body), 1024, 10485760, "BYTES",
	    "data and keys of one PutRecords (default 5 MiB)" },
	{ "--threads", KIND_NUMBER, AT(threads), 1, 64, "N", "default 1" },
	{ "--ready-file", KIND_TEXT, AT(ready_file), 0, 0, "FILE",
	    "write the line `listening URL` there too" },
	{ "--help", KIND_FLAG, AT(help), 0, 0, "", "this" },
};

#define OPTION_COUNT (sizeof(options) / sizeof(options[0]))

void
options_help(void)
{
	puts("kinesis-sandbox: a local stand-in for Kinesis and Firehose\n");
	for (size_t i = 0; i < OPTION_COUNT; i++)
		printf("  %-21s %-11s  %s\n", options[i].name, options[i].value,
		    options[i].help);
}

static const struct option *
option_named(const char *name)
{
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (strcmp(options[i].name, name) == 0)
			return &options[i];
	return NULL;
}

static int
read_number(const struct option *row, const char *text, uint64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 10);
	if (errno == 0 && end != text && *end == '\0' && text[0] != '-' &&
	    *out >= row->min && *out <= row->max)
		return 0;
	say("%s: %s is not between %llu and %llu", row->name, text,
	    (unsigned long long)row->min, (unsigned long long)row->max);
	return -1;
}

static int
take_one_more(struct options *o, const struct option *row, const char *value)
{
	const char **list = (const char **)(void *)((char *)o + row->at);
	size_t *count = (size_t *)(void *)((char *)o + row->min);

	if (*count == row->max) {
		say("%s: at most %llu of them", row->name,
		    (unsigned long long)row->max);
		return -1;
	}
	list[(*count)++] = value;
	return 0;
}

static int
take(struct options *o, const struct option *row, const char *value)
{
	void *at = (char *)o + row->at;

	switch (row->kind) {
	case KIND_FLAG:
		*(bool *)at = true;
		return 0;
	case KIND_TEXT:
		*(const char **)at = value;
		return 0;
	case KIND_NUMBER:
		if (row->at == AT(any_stream))
			o->any_stream_given = true;
		return read_number(row, value, at);
	case KIND_LIST:
		break;
	}
	return take_one_more(o, row, value);
}

static int
check(const struct options *o)
{
	if (o->tls && o->plain) {
		say("--tls or --plain, not both");
		return -1;
	}
	if ((o->cert == NULL) != (o->key == NULL)) {
		say("--cert and --key go together");
		return -1;
	}
	if ((o->web_identity != NULL &&
		strlen(o->web_identity) >= ISSUE_TOKEN) ||
	    (o->container_token != NULL &&
		strlen(o->container_token) >= ISSUE_TOKEN)) {
		say("a token has at most %d characters", ISSUE_TOKEN - 1);
		return -1;
	}
	if (strlen(o->secret_key) > 200) {
		say("--secret-key: at most 200 characters");
		return -1;
	}
	return 0;
}

int
options_read(struct options *o, int argc, char **argv)
{
	*o = (struct options){ .threads = 1,
		.max_body = 5242880,
		.any_stream = 4,
		.access_key = "AKIDSANDBOX",
		.secret_key = "sandbox-secret",
		.instance_role = "sandbox-instance",
		.instance_region = "eu-west-1" };
	for (int i = 1; i < argc; i++) {
		const struct option *row = option_named(argv[i]);

		if (row == NULL) {
			say("%s: no such option; --help lists them", argv[i]);
			return -1;
		}
		if (row->kind != KIND_FLAG && i + 1 == argc) {
			say("%s: %s is missing", row->name, row->value);
			return -1;
		}
		if (take(o, row, row->kind == KIND_FLAG ? NULL : argv[++i]) !=
		    0)
			return -1;
	}
	return check(o);
}
