/* SPDX-License-Identifier: Apache-2.0
 *
 * config: what the operator asked for. Read-only after config_load, so every
 * thread may read it without a lock; it outlives all rooms. What a reload
 * changes of it is `flows`, which only main's thread reads then; what flows
 * are sent by stays as it is (config_flow).
 *
 * Every field comes from one row of the table in agent/config/settings.c,
 * whichever reader (YAML, or JSON with comments) met the key. Times are in
 * milliseconds, sizes in bytes. Strings are owned by the config; a setting
 * that was not given is NULL where its comment says so.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log.h"
#include "multiline.h"

/* The Java agent's own log file. */
#define CONFIG_JAVA_LOG "/var/log/aws-kinesis-agent/aws-kinesis-agent.log"

enum config_destination { DESTINATION_STREAM, DESTINATION_FIREHOSE };
enum config_wire { CONFIG_WIRE_CBOR, CONFIG_WIRE_JSON };
enum config_status { STATUS_OWN, STATUS_JAVA };
enum config_position { POSITION_END_OF_FILE, POSITION_START_OF_FILE };
enum config_key_option { KEY_RANDOM, KEY_DETERMINISTIC };
enum config_oversize {
	OVERSIZE_TRUNCATE,
	OVERSIZE_SPLIT,
	OVERSIZE_DEAD_LETTER
};

enum config_mismatch {
	MISMATCH_BY_OPTION,
	MISMATCH_SKIP,
	MISMATCH_RAW,
	MISMATCH_DEAD_LETTER
};

struct flow_config {
	char *source;    /* path of the file that it stands in */
	char *name;      /* keys checkpoints and status; default: the Java
	                       * agent's flow id, "kinesis:STREAM:DIR/PATTERN" */
	char *java_id;   /* what the Java agent calls such a flow */
	char **patterns; /* filePattern: at least one, then NULL; absolute
	                  * paths without doubled slashes, well-formed (see
	                  * glob.h). In the Java agent's file the part before
	                  * the last slash is to be taken as it is */
	bool hidden;     /* hiddenFiles: wildcards match a leading dot */
	char **excludes; /* excludePattern: NULL, or as patterns; without a
	                  * slash: names, in any directory */
	enum config_destination destination;
	char *target; /* kinesisStream (a name or an ARN) or deliveryStream */
	enum config_wire wire;  /* wireFormat; Firehose: always JSON */
	char *endpoint;         /* this flow's, or the service's; NULL: AWS's;
	                        * "https://host" or "http://host:port" */
	bool fips, dualstack;   /* useFipsEndpoint, useDualstackEndpoint: which
	                        * of AWS's, where `endpoint` is NULL */
	char *region;           /* NULL after config_load: see
	                        * config_lacks_region */
	char *role_arn;         /* assumeRoleARN, this flow's or the agent's;
	                         * NULL: none */
	char *role_external_id; /* assumeRoleExternalId, of that; or NULL */
	enum config_position position;     /* initialPosition */
	enum config_key_option key_option; /* partitionKeyOption */
	char *partition_key; /* partitionKey, or NULL; a template that is
	                      * well-formed (see template.h) */
	char *hash_key;      /* explicitHashKey, or NULL; the same */
	size_t aggregate;    /* aggregatedRecordSizeBytes; 0: not joined */
	enum config_oversize oversize; /* oversizeRecords */
	char **options; /* dataProcessingOptions: NULL, or JSON objects that
	                 * parser_new takes, then NULL */
	enum config_mismatch mismatch;  /* onMismatch */
	char *terminator;               /* truncatedRecordTerminator */
	enum multiline_style multiline; /* multiLine, multiLineStartPattern */
	char *start_pattern;   /* multiLineStartPattern, or NULL; it compiles */
	int64_t hold_ms;       /* multiLineFlushMillis: how long a record may
	                       * wait for its next line */
	bool keep_newline;     /* keepNewline */
	uint32_t skip_headers; /* skipHeaderLines: of a file read from 0 */
	char *footer;          /* fileFooterPattern, or NULL; it compiles */
	int64_t partial_ms;    /* partialLineTimeoutMillis; 0: never */
	int64_t age_ms;        /* maxBufferAgeMillis */
	uint32_t max_records;  /* maxBufferSizeRecords */
	size_t max_bytes;      /* maxBufferSizeBytes */
	int64_t backoff_first_ms; /* retryInitialBackoffMillis */
	int64_t backoff_max_ms;   /* retryMaxBackoffMillis */
	uint32_t max_in_flight;   /* maxInFlight: requests at a time */
	int64_t rescan_ms;        /* maxTimeBetweenFileTrackerRefreshMillis */
};

struct config {
	char *path; /* of the file this came from */
	bool java;  /* the Java agent's JSON: its defaults, its rules */
	struct flow_config *flows; /* by slot: a flow keeps its index as long
	                            * as anything of it is under way, and an
	                            * empty slot has no flow */
	size_t flow_count;         /* slots, empty ones included; one flow at
	                            * least after config_load, which leaves
	                            * none empty */
	struct flow_config **in_force; /* see config_flow; or NULL */
	char *state_directory;         /* stateDirectory */
	char *checkpoint_file;     /* checkpointFile, or own_checkpoint_file; it
	                        * may be the Java agent's database, which is
	                        * only read */
	char *own_checkpoint_file; /* state_directory/checkpoints.sqlite: ours
	                        * where checkpoint_file is the Java agent's */
	size_t dead_letter_bytes;  /* deadLetterMaxBytes, of each flow */
	char *import_file; /* importCheckpoints: where the Java agent's database
	                    * is if nothing names it, or NULL: nowhere */
	int64_t checkpoint_ms;   /* checkpointIntervalMillis */
	size_t memory_budget;    /* memoryBudgetBytes */
	int64_t shutdown_ms;     /* shutdownTimeoutMillis */
	char *access_key;        /* awsAccessKeyId, or NULL */
	char *secret_key;        /* awsSecretAccessKey, or NULL; never logged */
	char *session_token;     /* awsSessionToken, or NULL; never logged */
	char *role_arn;          /* assumeRoleARN, or NULL; like the next
	                         * already part of each flow's own */
	char *role_external_id;  /* assumeRoleExternalId, or NULL */
	char *sts_endpoint;      /* sts.endpoint, or NULL: the region's */
	char *sts_region;        /* what that says of its region, or NULL */
	bool imds_v1;            /* instanceMetadataV1 */
	char *region;            /* region, or NULL; part of each flow's own */
	char *kinesis_region;    /* kinesis.region, or NULL; like the next three
	                        * already part of each flow's own */
	char *kinesis_endpoint;  /* kinesis.endpoint, or NULL */
	char *firehose_region;   /* firehose.region, or NULL */
	char *firehose_endpoint; /* firehose.endpoint, or NULL */
	bool fips, dualstack; /* useFipsEndpoint, useDualstackEndpoint; already
	                       * part of each flow's own */
	char *ca_file;        /* caFile, or NULL: the system's bundle */
	char *proxy;      /* proxy, or NULL: the environment's; "": none; never
	                 * logged: a password may stand in it */
	char *no_proxy;   /* noProxy, or NULL: the environment's */
	char *user_agent; /* userAgent: put in front, or NULL */
	char *user_agent_override;  /* userAgentOverride: the whole, or NULL */
	uint32_t max_connections;   /* maxConnections, over all destinations */
	uint32_t checkpoint_days;   /* checkpointTimeToLiveDays */
	int64_t connect_timeout_ms; /* connectionTimeoutMillis */
	int64_t socket_timeout_ms;  /* socketTimeoutMillis */
	bool tcp_keepalive;         /* useTcpKeepAlive */
	char *status_socket;        /* status.socket; "": none */
	enum log_level log_level;   /* log.level */
	char *log_file;             /* log.file, or NULL: standard error */
	uint64_t log_bytes;         /* log.maxBytes */
	uint32_t log_keep;          /* log.keep */
	bool cloudwatch;            /* cloudwatch.emitMetrics */
	bool cloudwatch_instance;   /* cloudwatch.tagInstance */
	char *cloudwatch_endpoint;  /* cloudwatch.endpoint, or NULL: AWS's */
	char *cloudwatch_region;    /* cloudwatch.region, or what else tells
	                             * it; NULL: the first flow's */
	char *cloudwatch_namespace; /* cloudwatch.namespace */
	int64_t cloudwatch_ms;      /* cloudwatch.metricsBufferTimeMillis */
	uint32_t status_s; /* log.statusReportingPeriodSeconds; 0: never */
	enum config_status status_format; /* log.statusFormat */
	uint32_t metrics_port;            /* metrics.port; 0: none */
	char *metrics_listen; /* metrics.listen: an address in numbers */
};

/* Read and check `path`: YAML, or JSON with comments where the name ends in
 * .json; and the files in the folder beside it that add flows (agent.d beside
 * agent.yaml). Nothing but these (and the environment, for the region) is
 * touched. NULL: refused; everything that is wrong with it has been said, a
 * line each, as "FILE:LINE:COLUMN: key: cause; cure". */
struct config *config_load(const char *path);

/* Does a flow lack a region, since neither the file nor the environment tell
 * it? Nothing can be sent then. */
bool config_lacks_region(const struct config *c);

/* Where one is lacking, it is `region`. -1: NULL or no region's name, logged
 * with `why` (or "") for each flow that has none. Before any thread starts. */
int config_settle_region(struct config *c, const char *region, const char *why);

/* Is there no flow in this slot? */
static inline bool
config_flow_is_empty(const struct flow_config *f)
{
	return f->name == NULL;
}

/* How many slots have a flow. */
static inline size_t
config_flows(const struct config *c)
{
	size_t count = 0;

	for (size_t i = 0; i < c->flow_count; i++)
		count += !config_flow_is_empty(&c->flows[i]);
	return count;
}

/* Give `c` empty slots, so that flows may come while it is in use: as many as
 * it has flows, and some. Once, before anything borrows from it. */
void config_make_room(struct config *c);

/* The settings that the flow in `slot` is sent by. What is borrowed here stays
 * as it is until all that was sent by it is home, where `flows` has what is
 * new: for other threads than main's, and for what outlives a reload. NULL: the
 * slot is empty. */
static inline const struct flow_config *
config_flow(const struct config *c, size_t slot)
{
	if (c->in_force != NULL)
		return c->in_force[slot];
	return &c->flows[slot];
}

/* Would both have a flow do the same? Of any two that config_load made. */
bool config_flow_equal(
    const struct flow_config *a, const struct flow_config *b);

/* What of `next` is not a flow's: take over into `c` what can be while it is in
 * use, and say of the rest that it counts from the next start. */
void config_adopt(struct config *c, const struct config *next);

/* The flow `from`, which is another configuration's and is empty then, moves
 * into the heap: what a slot is given. Secrets of it are wiped by
 * config_flow_free; NULL is fine there. */
struct flow_config *config_flow_take(struct flow_config *from);
void config_flow_free(struct flow_config *f);

/* `slot` is `flow`'s from now on, or empty where it is NULL. What was in force
 * there is the caller's. */
struct flow_config *config_put(
    struct config *c, size_t slot, struct flow_config *flow);

/* Secrets are wiped. NULL is fine. */
void config_free(struct config *c);

/* The agent.yaml that means what the Java agent's file at `path` does, with
 * what changes above it in comments, to standard output; what there is to say
 * of that file as config_load says it. `secrets`: print them, too; otherwise
 * they are left to be filled in. -1: refused, said. */
int config_print_import(const char *path, bool secrets);

/* What is made from the table of settings, to standard output:
 * agent.yaml.example, its JSON Schema, and agent.yaml(5). */
void config_print_example(void);
void config_print_schema(void);
void config_print_manual(void);

#endif
