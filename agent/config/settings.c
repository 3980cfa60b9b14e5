/* SPDX-License-Identifier: Apache-2.0
 *
 * settings: the table. See settings.h; the example shows the rows in this
 * order. Immutable: any thread.
 */
#include "settings.h"

#include <assert.h>
#include <string.h>

#include "config.h"
#include "nearest.h"

#define KEPT_IN(type, field)                                                   \
	.at = offsetof(type, field), .width = sizeof(((type *)NULL)->field)
#define AGENT(field) .scope = SCOPE_AGENT, KEPT_IN(struct config, field)
#define FLOW(field)  .scope = SCOPE_FLOW, KEPT_IN(struct flow_config, field)

#define KIB 1024
#define MIB (1024 * 1024)
#define DAY 86400000 /* milliseconds */

#define NO_CLASS                                                               \
	"a Java class cannot be loaded here, and without it the agent would "  \
	"send as somebody else; have a profile in ~/.aws/config get the keys " \
	"(credential_process), or assumeRoleARN, and take both "               \
	"userDefinedCredentialsProvider keys out"
#define WATCHES    "directories are watched, nothing is polled"
#define NO_QUEUE   "memoryBudgetBytes bounds what waits"
#define NO_THREADS "one thread sends; see maxInFlight and maxConnections"

static const struct choice positions[] = {
	{ "END_OF_FILE", POSITION_END_OF_FILE, false },
	{ "START_OF_FILE", POSITION_START_OF_FILE, false },
	{ NULL, 0, false },
};

static const struct choice key_options[] = {
	{ "RANDOM", KEY_RANDOM, false },
	{ "DETERMINISTIC", KEY_DETERMINISTIC, false },
	{ NULL, 0, false },
};

static const struct choice wires[] = {
	{ "cbor", CONFIG_WIRE_CBOR, false },
	{ "json", CONFIG_WIRE_JSON, false },
	{ NULL, 0, false },
};

static const struct choice multilines[] = {
	{ "none", MULTILINE_NONE, false },
	{ "java", MULTILINE_JAVA, false },
	{ "python", MULTILINE_PYTHON, false },
	{ "go", MULTILINE_GO, false },
	{ "cri", MULTILINE_CRI, false },
	{ "docker-json", MULTILINE_DOCKER, false },
	{ NULL, 0, false },
};

static const struct choice mismatches[] = {
	{ "byOption", MISMATCH_BY_OPTION, false },
	{ "skip", MISMATCH_SKIP, false },
	{ "raw", MISMATCH_RAW, false },
	{ "deadLetter", MISMATCH_DEAD_LETTER, false },
	{ NULL, 0, false },
};

static const struct choice formats[] = {
	{ "own", STATUS_OWN, false },
	{ "java", STATUS_JAVA, false },
	{ NULL, 0, false },
};

static const struct choice oversizes[] = {
	{ "truncate", OVERSIZE_TRUNCATE, false },
	{ "split", OVERSIZE_SPLIT, false },
	{ "deadLetter", OVERSIZE_DEAD_LETTER, false },
	{ NULL, 0, false },
};

/* The aliases are those of the Java agent's first version. */
static const struct choice levels[] = {
	{ "error", LOG_LEVEL_ERROR, false },
	{ "warn", LOG_LEVEL_WARN, false },
	{ "info", LOG_LEVEL_INFO, false },
	{ "debug", LOG_LEVEL_DEBUG, false },
	{ "OFF", LOG_LEVEL_ERROR, true },
	{ "FATAL", LOG_LEVEL_ERROR, true },
	{ "ERROR", LOG_LEVEL_ERROR, true },
	{ "WARN", LOG_LEVEL_WARN, true },
	{ "INFO", LOG_LEVEL_INFO, true },
	{ "DEBUG", LOG_LEVEL_DEBUG, true },
	{ "TRACE", LOG_LEVEL_DEBUG, true },
	{ "ALL", LOG_LEVEL_DEBUG, true },
	{ NULL, 0, false },
};

static const struct setting settings[] = {
	/* The agent's. */
	{ "region", AGENT(region), .adopted = ADOPTED_BY_FLOWS,
	    .kind = KIND_REGION, .sample = "us-east-1",
	    .help = "For every flow that nothing nearer tells it: its own "
		    "region, its ARN, its endpoint, its service's" },
	{ "kinesis.region", AGENT(kinesis_region), .adopted = ADOPTED_BY_FLOWS,
	    .kind = KIND_REGION, .sample = "us-east-1", .required = true,
	    .help = "Region of the data streams; needed unless a flow, an ARN, "
		    "the endpoint, AWS_REGION, AWS_DEFAULT_REGION, the AWS "
		    "profile or the instance metadata tells it" },
	{ "kinesis.endpoint", AGENT(kinesis_endpoint),
	    .adopted = ADOPTED_BY_FLOWS, .kind = KIND_ENDPOINT,
	    .sample = "https://kinesis.us-east-1.amazonaws.com",
	    .help =
		"Where Kinesis Data Streams is, if not at the region's usual "
		"address; https unless http:// is written; default: "
		"AWS_ENDPOINT_URL_KINESIS or AWS_ENDPOINT_URL" },
	{ "firehose.region", AGENT(firehose_region),
	    .adopted = ADOPTED_BY_FLOWS, .kind = KIND_REGION,
	    .sample = "us-east-1", .help = "Region of the delivery streams" },
	{ "firehose.endpoint", AGENT(firehose_endpoint),
	    .adopted = ADOPTED_BY_FLOWS, .kind = KIND_ENDPOINT,
	    .sample = "https://firehose.us-east-1.amazonaws.com",
	    .help = "Where Data Firehose is, if not at the usual address; "
		    "default: AWS_ENDPOINT_URL_FIREHOSE or "
		    "AWS_ENDPOINT_URL" },
	{ "useFipsEndpoint", AGENT(fips), .adopted = ADOPTED_BY_FLOWS,
	    .kind = KIND_BOOL,
	    .help = "Where no endpoint is given, AWS's that are validated for "
		    "FIPS 140; default: AWS_USE_FIPS_ENDPOINT" },
	{ "useDualstackEndpoint", AGENT(dualstack), .adopted = ADOPTED_BY_FLOWS,
	    .kind = KIND_BOOL,
	    .help = "Where no endpoint is given, AWS's that speak IPv6 too; "
		    "default: AWS_USE_DUALSTACK_ENDPOINT" },
	{ "awsAccessKeyId", AGENT(access_key), .kind = KIND_SECRET, .min = 1,
	    .max = 128, .sample = "AKIAIOSFODNN7EXAMPLE",
	    .help = "Static keys; without them: the environment, a web "
		    "identity, the container, a profile in ~/.aws, the "
		    "instance's role, in AWS's order" },
	{ "awsSecretAccessKey", AGENT(secret_key), .kind = KIND_SECRET,
	    .min = 1, .max = 256, .sample = "wJalrXUtnFEMI/EXAMPLEKEY",
	    .help = "Belongs to awsAccessKeyId; then let nobody else read this "
		    "file" },
	{ "awsSessionToken", AGENT(session_token), .kind = KIND_SECRET,
	    .min = 1, .max = 8 * KIB, .sample = "IQoJb3JpZ2luX2VjEXAMPLE",
	    .help = "For temporary keys; nobody renews them" },
	{ "assumeRoleARN", AGENT(role_arn), .adopted = ADOPTED_BY_FLOWS,
	    .kind = KIND_ROLE,
	    .sample = "arn:aws:iam::123456789012:role/writer",
	    .help = "Role to assume, as whom the keys are; a flow may have "
		    "its own" },
	{ "assumeRoleExternalId", AGENT(role_external_id),
	    .adopted = ADOPTED_BY_FLOWS, .kind = KIND_HEADER, .min = 2,
	    .max = 1224, .sample = "my-external-id",
	    .help = "What the role's trust policy asks for, if it does" },
	{ "sts.endpoint", AGENT(sts_endpoint), .kind = KIND_ENDPOINT,
	    .sample = "https://sts.us-east-1.amazonaws.com",
	    .help = "Where roles are assumed, if not in the flow's region" },
	{ "instanceMetadataV1", AGENT(imds_v1), .kind = KIND_BOOL,
	    .help = "true: ask an EC2 instance's metadata without a token "
		    "where it gives none; whoever can make a program on the "
		    "machine fetch a URL can then get its keys" },
	{ "caFile", AGENT(ca_file), .kind = KIND_PATH,
	    .sample = "/etc/ssl/certs/ca-certificates.crt",
	    .help = "Certificates to trust, in place of the system's" },
	{ "proxy", AGENT(proxy), .kind = KIND_PROXY, .max = 2 * KIB,
	    .sample = "http://proxy.example:3128",
	    .help = "What requests go through; user and password are "
		    "percent-encoded; none: directly, whatever the environment "
		    "says; default: https_proxy in the environment" },
	{ "noProxy", AGENT(no_proxy), .kind = KIND_HEADER, .min = 1,
	    .max = 4 * KIB, .sample = "localhost,.internal",
	    .help = "Hosts and domains that are reached directly, with commas "
		    "between; default: no_proxy in the environment" },
	{ "stateDirectory", AGENT(state_directory), .kind = KIND_PATH,
	    .text_fallback = "/var/lib/kinesis-agent",
	    .help = "What the agent keeps over a restart" },
	{ "checkpointFile", AGENT(checkpoint_file), .kind = KIND_PATH,
	    .sample = "/var/lib/kinesis-agent/checkpoints.sqlite",
	    .help = "How far each file is delivered; default: "
		    "checkpoints.sqlite in stateDirectory. The Java agent's "
		    "is only read, once, and ours is kept at that default" },
	{ "importCheckpoints", AGENT(import_file), .kind = KIND_PATH,
	    .sample = "/var/run/aws-kinesis-agent/checkpoints",
	    .help = "The Java agent's database, if it is there: its positions "
		    "are taken over, once. In agent.json this is the default "
		    "where there is no checkpointFile" },
	{ "checkpointIntervalMillis", AGENT(checkpoint_ms),
	    .adopted = ADOPTED_AT_ONCE, .kind = KIND_MS, .fallback = 1000,
	    .min = 10, .max = 60000,
	    .help = "How often positions are written; what was delivered since "
		    "is sent again after a crash" },
	{ "checkpointTimeToLiveDays", AGENT(checkpoint_days),
	    .adopted = ADOPTED_AT_ONCE, .kind = KIND_COUNT, .fallback = 7,
	    .min = 1, .max = 36500, .clamp = true,
	    .help = "How long a file's position is kept while its directory is "
		    "missing; below another device, as when a disk is not "
		    "mounted, 90 days at least" },
	{ "deadLetterMaxBytes", AGENT(dead_letter_bytes), .kind = KIND_BYTES,
	    .fallback = 100 * MIB, .min = 1 * MIB,
	    .max = 64 * KIB * (int64_t)MIB,
	    .help = "What each flow's dead letters (dead-letter/FLOW.jsonl in "
		    "stateDirectory: records that can never be delivered) may "
		    "take on disk; beyond it the oldest go, and are counted "
		    "as lost" },
	{ "memoryBudgetBytes", AGENT(memory_budget), .kind = KIND_BYTES,
	    .fallback = 64 * MIB, .min = 4 * MIB,
	    .max = 64 * KIB * (int64_t)MIB,
	    .help = "For records on their way, over all flows; when it is used "
		    "up, reading waits" },
	{ "maxConnections", AGENT(max_connections), .kind = KIND_COUNT,
	    .fallback = 50, .min = 1, .max = 1000, .clamp = true,
	    .help = "Over all destinations" },
	{ "connectionTimeoutMillis", AGENT(connect_timeout_ms), .kind = KIND_MS,
	    .fallback = 10000, .min = 1, .max = 3600000,
	    .help = "Until a connection stands" },
	{ "socketTimeoutMillis", AGENT(socket_timeout_ms), .kind = KIND_MS,
	    .fallback = 50000, .min = 1, .max = 3600000,
	    .help = "Until an answer is there" },
	{ "useTcpKeepAlive", AGENT(tcp_keepalive), .kind = KIND_BOOL,
	    .help = "Probe idle connections" },
	{ "shutdownTimeoutMillis", AGENT(shutdown_ms),
	    .adopted = ADOPTED_AT_ONCE, .kind = KIND_MS, .fallback = 10000,
	    .min = 0, .max = 3600000, .clamp = true,
	    .help = "How long a stop waits for answers that are under way" },
	{ "userAgent", AGENT(user_agent), .kind = KIND_HEADER, .min = 1,
	    .max = 512, .sample = "my-fleet/1.0",
	    .help = "Put in front of the User-Agent header" },
	{ "userAgentOverride", AGENT(user_agent_override), .kind = KIND_HEADER,
	    .min = 1, .max = 512, .sample = "my-agent/1.0",
	    .help = "The whole User-Agent header" },
	{ "status.socket", AGENT(status_socket), .kind = KIND_PATH, .max = 107,
	    .sample = "/var/lib/kinesis-agent/status.sock", .off = true,
	    .help = "Where kinesis-agent status and the like ask the running "
		    "agent; its group may, too; off: nowhere; default: "
		    "status.sock in stateDirectory" },
	{ "log.level", AGENT(log_level), .adopted = ADOPTED_AT_ONCE,
	    .kind = KIND_ENUM, .fallback = LOG_LEVEL_INFO, .choices = levels,
	    .help = "What is said on standard error, or in log.file" },
	{ "log.file", AGENT(log_file), .kind = KIND_PATH,
	    .sample = "/var/log/kinesis-agent/agent.log",
	    .help = "Where it is said, if not on standard error (errors then "
		    "are on both); its directory must be there. Default in the "
		    "Java agent's file: " CONFIG_JAVA_LOG
		    ", where that may be written" },
	{ "log.maxBytes", AGENT(log_bytes), .kind = KIND_BYTES,
	    .fallback = 10 * MIB, .min = 64 * KIB, .max = 1024 * MIB,
	    .help = "At this size log.file is rotated" },
	{ "log.keep", AGENT(log_keep), .kind = KIND_COUNT, .fallback = 5,
	    .min = 0, .max = 1000,
	    .help = "So many rotated ones are kept (log.file.1 is the "
		    "youngest); 0: log.file is emptied instead" },
	{ "log.statusReportingPeriodSeconds", AGENT(status_s),
	    .kind = KIND_COUNT, .fallback = 30, .min = 0, .max = DAY / 1000,
	    .clamp = true,
	    .help = "How often what each flow did is said in the log; 0: only "
		    "at the end" },
	{ "log.statusFormat", AGENT(status_format), .adopted = ADOPTED_AT_ONCE,
	    .kind = KIND_ENUM, .fallback = STATUS_OWN,
	    .java_fallback = STATUS_JAVA, .choices = formats,
	    .help = "In which words: own, of flows that did something; or "
		    "java, the Java agent's progress lines, always. In its "
		    "file they are the default" },
	{ "metrics.port", AGENT(metrics_port), .kind = KIND_COUNT,
	    .fallback = 0, .min = 0, .max = 65535,
	    .help = "Where Prometheus may fetch the agent's numbers, at "
		    "/metrics; 0: nowhere" },
	{ "metrics.listen", AGENT(metrics_listen), .kind = KIND_ADDRESS,
	    .text_fallback = "127.0.0.1",
	    .help = "The address of that port; by another than a loopback "
		    "address, whoever reaches the machine can read the flows' "
		    "names and numbers" },
	{ "cloudwatch.emitMetrics", AGENT(cloudwatch), .kind = KIND_BOOL,
	    .fallback = 0, .java_fallback = 1,
	    .help = "Publish the Java agent's metrics in CloudWatch, and how "
		    "far behind each destination is, what was lost, and dead "
		    "letters; takes the right cloudwatch:PutMetricData" },
	{ "cloudwatch.namespace", AGENT(cloudwatch_namespace),
	    .kind = KIND_HEADER, .min = 1, .max = 255,
	    .text_fallback = "AWSKinesisAgent",
	    .help = "Where they stand there" },
	{ "cloudwatch.region", AGENT(cloudwatch_region), .kind = KIND_REGION,
	    .sample = "us-east-1",
	    .help = "Default: that of cloudwatch.endpoint, region, the first "
		    "flow's; in the Java agent's file us-east-1, as there" },
	{ "cloudwatch.endpoint", AGENT(cloudwatch_endpoint),
	    .kind = KIND_ENDPOINT,
	    .sample = "https://monitoring.us-east-1.amazonaws.com",
	    .help = "Where CloudWatch is, if not at the region's usual "
		    "address" },
	{ "cloudwatch.tagInstance", AGENT(cloudwatch_instance),
	    .kind = KIND_BOOL,
	    .help = "true: a dimension Instance says which EC2 instance it "
		    "is, or the host's name" },
	{ "cloudwatch.metricsBufferTimeMillis", AGENT(cloudwatch_ms),
	    .kind = KIND_MS, .fallback = 60000, .java_fallback = 30000,
	    .min = 1000, .max = 3600000, .clamp = true,
	    .help = "How often they are published" },
	{ "flows", .scope = SCOPE_AGENT, .kind = KIND_LIST, .min = 1,
	    .max = 1000, .required = true,
	    .help = "What is followed and where it goes, each a pattern and a "
		    "destination" },

	/* A flow's. */
	{ "filePattern", FLOW(patterns), .kind = KIND_PATTERNS,
	    .sample = "/var/log/app/*.log", .required = true,
	    .help =
		"The files to follow, a path or a list of them: *, ?, [a-z] "
		"and {a,b} anywhere, ** for any directories; a leading dot "
		"must be written; names that end in .gz, .bz2, .zip, .zst, .xz "
		"or .lz4 are passed over" },
	{ "hiddenFiles", FLOW(hidden), .kind = KIND_BOOL, .java_fallback = 1,
	    .help = "A wildcard matches a leading dot, too" },
	{ "excludePattern", FLOW(excludes), .kind = KIND_EXCLUDES,
	    .sample = "'*.tmp'",
	    .help =
		"Files not to follow, and directories not to enter: paths as "
		"in filePattern, or names in any directory" },
	{ "kinesisStream", FLOW(target), .kind = KIND_STREAM,
	    .sample = "my-stream", .required = true,
	    .help = "Name or ARN of the data stream; either this or "
		    "deliveryStream" },
	{ "deliveryStream", FLOW(target), .kind = KIND_DELIVERY,
	    .sample = "my-delivery-stream",
	    .help = "Name of the Firehose delivery stream" },
	{ "name", FLOW(name), .kind = KIND_NAME, .min = 1, .max = 256,
	    .sample = "app",
	    .help = "Keys checkpoints and status, so changing it starts anew; "
		    "default: kinesis:STREAM:PATTERN or fh:STREAM:PATTERN" },
	{ "region", FLOW(region), .kind = KIND_REGION, .sample = "us-east-1",
	    .help = "This flow's, where it differs" },
	{ "assumeRoleARN", FLOW(role_arn), .kind = KIND_ROLE,
	    .sample = "arn:aws:iam::123456789012:role/writer",
	    .help = "Role to send as, in place of the agent's; assumed as "
		    "whom the keys are" },
	{ "assumeRoleExternalId", FLOW(role_external_id), .kind = KIND_HEADER,
	    .min = 2, .max = 1224, .sample = "my-external-id",
	    .help = "What that role's trust policy asks for, if it does" },
	{ "endpoint", FLOW(endpoint), .kind = KIND_ENDPOINT,
	    .sample = "https://kinesis.us-east-1.amazonaws.com",
	    .help = "This flow's, where it differs" },
	{ "initialPosition", FLOW(position), .kind = KIND_ENUM,
	    .fallback = POSITION_END_OF_FILE, .choices = positions,
	    .help = "Where to begin in files that are there at the very first "
		    "start; later ones are read from their start" },
	{ "maxBufferAgeMillis", FLOW(age_ms), .kind = KIND_MS, .fallback = 1000,
	    .java_fallback = 60000, .min = 10, .max = 900000,
	    .help = "The longest that a record waits for others" },
	{ "maxBufferSizeRecords", FLOW(max_records), .kind = KIND_COUNT,
	    .fallback = 500, .min = 1, .max = 500,
	    .help = "Records in a request" },
	{ "maxBufferSizeBytes", FLOW(max_bytes), .kind = KIND_BYTES,
	    .fallback = 5 * MIB, .min = 1, .max = 10 * MIB,
	    .help = "Bytes in a request; Firehose: at most 4 MiB, which is its "
		    "default" },
	{ "maxInFlight", FLOW(max_in_flight), .kind = KIND_COUNT,
	    .fallback = 48, .min = 1, .max = 256,
	    .help = "Requests under way at a time; 1 keeps their order" },
	{ "partitionKeyOption", FLOW(key_option), .kind = KIND_ENUM,
	    .fallback = KEY_RANDOM, .choices = key_options,
	    .help = "DETERMINISTIC: the record's MD5; data streams only" },
	{ "partitionKey", FLOW(partition_key), .kind = KIND_TEMPLATE, .min = 1,
	    .max = 1 * KIB, .sample = "\"{hostname}:{file}\"",
	    .help =
		"A key of your own: text with {FIELD} (captured by "
		"dataProcessingOptions), {hostname}, {path} or {file} in it; "
		"{{ is a brace, {field:NAME} a field whatever its name. Of "
		"more than 256 characters its MD5 is taken; a record without "
		"the field gets a random key" },
	{ "explicitHashKey", FLOW(hash_key), .kind = KIND_TEMPLATE, .min = 1,
	    .max = 1 * KIB, .sample = "170141183460469231731687303715884105728",
	    .help = "The number (0 to 2^128-1) that chooses the shard, like "
		    "partitionKey; left out where a record has none" },
	{ "aggregatedRecordSizeBytes", FLOW(aggregate), .kind = KIND_BYTES,
	    .fallback = 0, .min = 0, .max = 1 * MIB,
	    .help = "Records of one file are joined to one of up to so many "
		    "bytes, where their keys allow it; Firehose: at most "
		    "1024000; 0: each goes by itself" },
	{ "wireFormat", FLOW(wire), .kind = KIND_ENUM,
	    .fallback = CONFIG_WIRE_CBOR, .choices = wires,
	    .help = "cbor is smaller; json for endpoints that do not know it; "
		    "Firehose: always json" },
	{ "keepNewline", FLOW(keep_newline), .kind = KIND_BOOL, .fallback = 1,
	    .help = "false: a record is its line without the newline" },
	{ "multiLineStartPattern", FLOW(start_pattern), .kind = KIND_REGEX,
	    .min = 1, .max = 8 * KIB, .sample = "'[0-9]{4}-[0-9]{2}-[0-9]{2} '",
	    .help = "A record is a line that matches from its start and the "
		    "lines behind it that do not" },
	{ "multiLine", FLOW(multiline), .kind = KIND_ENUM,
	    .fallback = MULTILINE_NONE, .choices = multilines,
	    .help = "In place of that pattern: stack traces of java, python "
		    "or go belong to the line before; partial lines of "
		    "containers (cri, docker-json) become one line" },
	{ "multiLineFlushMillis", FLOW(hold_ms), .kind = KIND_MS,
	    .fallback = 1000, .min = 10, .max = 900000,
	    .help = "How long a record of several lines waits for its next "
		    "line before it is sent" },
	{ "skipHeaderLines", FLOW(skip_headers), .kind = KIND_COUNT,
	    .fallback = 0, .min = 0, .max = 1000000, .clamp = true,
	    .help = "So many lines at the start of each file are not sent" },
	{ "fileFooterPattern", FLOW(footer), .kind = KIND_REGEX, .min = 1,
	    .max = 8 * KIB, .sample = "\"#EOF.*\"",
	    .help = "A line that, without the blanks around it, is matched as "
		    "a whole ends its file: neither it nor what follows is "
		    "sent" },
	{ "partialLineTimeoutMillis", FLOW(partial_ms), .kind = KIND_MS,
	    .fallback = 0, .min = 0, .max = DAY,
	    .help = "A last line without newline that has not grown for so "
		    "long is sent as it is, and what comes behind it as "
		    "another; 0: it waits" },
	{ "dataProcessingOptions", FLOW(options), .kind = KIND_OPTIONS,
	    .sample = "[{optionName: LOGTOJSON, logFormat: COMBINEDAPACHELOG}]",
	    .help = "What becomes of each record, step by step: SINGLELINE, "
		    "CSVTOJSON, LOGTOJSON, ADDMETADATA, ADDEC2METADATA, "
		    "ADDBRACKETS, FILTER, REDACT, TYPES, TIMESTAMP, each with "
		    "its own keys" },
	{ "onMismatch", FLOW(mismatch), .kind = KIND_ENUM,
	    .fallback = MISMATCH_BY_OPTION, .choices = mismatches,
	    .help = "A record that an option does not understand is not sent, "
		    "or sent as it came, or kept in the flow's dead-letter "
		    "file; byOption: not sent if the option is "
		    "LOGTOJSON or the list has a REDACT, else as it came" },
	{ "oversizeRecords", FLOW(oversize), .kind = KIND_ENUM,
	    .fallback = OVERSIZE_TRUNCATE, .choices = oversizes,
	    .help =
		"a record larger than AWS takes is cut, or becomes several" },
	{ "truncatedRecordTerminator", FLOW(terminator), .kind = KIND_TEXT,
	    .min = 0, .max = 64 * KIB, .text_fallback = "\n",
	    .help = "The last bytes of a record that was cut" },
	{ "retryInitialBackoffMillis", FLOW(backoff_first_ms), .kind = KIND_MS,
	    .fallback = 100, .min = 0, .max = DAY, .clamp = true,
	    .help = "First wait after a failure; each further one doubles it" },
	{ "retryMaxBackoffMillis", FLOW(backoff_max_ms), .kind = KIND_MS,
	    .fallback = 10000, .min = 0, .max = DAY, .clamp = true,
	    .help = "The longest wait between attempts" },
	{ "maxTimeBetweenFileTrackerRefreshMillis", FLOW(rescan_ms),
	    .kind = KIND_MS, .fallback = 10000, .min = 100, .max = 3600000,
	    .clamp = true,
	    .help = "Directories are listed anew this often, in case an event "
		    "was missed; less often where they are so many that it "
		    "would cost" },

	/* Never done, and wrong without. */
	{ "userDefinedCredentialsProvider.classname", .kind = KIND_TEXT,
	    .state = SETTING_REFUSED, .help = NO_CLASS },
	{ "userDefinedCredentialsProvider.location", .kind = KIND_TEXT,
	    .state = SETTING_REFUSED, .help = NO_CLASS },

	/* Not done yet, and nothing is wrong without. */
	{ "log.maxBackupIndex", .state = SETTING_IDLE,
	    .help = "log.keep says how many rotated ones are kept" },
	{ "log.maxFileSize", .state = SETTING_IDLE,
	    .help = "log.maxBytes bounds log.file" },
	{ "connectionTTLMillis", .state = SETTING_LATER,
	    .help = "connections live as long as they work" },

	/* The Java agent's, without meaning here. */
	{ "maxSendingThreads", .state = SETTING_IDLE, .help = NO_THREADS },
	{ "maxSendingThreadsPerCore", .state = SETTING_IDLE,
	    .help = NO_THREADS },
	{ "sendingThreadsKeepAliveMillis", .state = SETTING_IDLE,
	    .help = NO_THREADS },
	{ "sendingThreadsMaxQueueSize", .state = SETTING_IDLE,
	    .help = NO_THREADS },
	{ "useHttpGzip", .state = SETTING_IDLE,
	    .help = "answers are a few bytes" },
	{ "cloudwatch.metricsQueueSize", .state = SETTING_IDLE,
	    .help = "what waits is added up, so it does not grow" },
	{ "log.emitMetrics", .state = SETTING_IDLE,
	    .help = "there is no such log" },
	{ "log.emitInternalMetrics", .state = SETTING_IDLE,
	    .help = "there is no such log" },
	{ "checkpoints.queryTimeoutSeconds", .state = SETTING_IDLE,
	    .help = "checkpoints have a thread of their own, which may wait" },
	{ "checkpoints.connectionTimeoutSeconds", .state = SETTING_IDLE,
	    .help = "checkpoints have a thread of their own, which may wait" },
	{ "minTimeBetweenFilePollsMillis", .scope = SCOPE_FLOW,
	    .state = SETTING_IDLE, .help = WATCHES },
	{ "pollPeriodMillis", .scope = SCOPE_FLOW, .state = SETTING_IDLE,
	    .help = WATCHES },
	{ "publishQueueCapacity", .scope = SCOPE_FLOW, .state = SETTING_IDLE,
	    .help = NO_QUEUE },
	{ "waitOnFullPublishQueueMillis", .scope = SCOPE_FLOW,
	    .state = SETTING_IDLE, .help = NO_QUEUE },
	{ "waitOnEmptyPublishQueueMillis", .scope = SCOPE_FLOW,
	    .state = SETTING_IDLE, .help = NO_QUEUE },
	{ "waitOnFullRetryQueueMillis", .scope = SCOPE_FLOW,
	    .state = SETTING_IDLE, .help = NO_QUEUE },
	{ "log.emitInternalMetrics", .scope = SCOPE_FLOW, .state = SETTING_IDLE,
	    .help = "there is no such log" },
};

#define COUNT (sizeof(settings) / sizeof(settings[0]))
_Static_assert(COUNT <= SETTINGS_MAX, "a sheet has a mark for each row");

size_t
settings_count(void)
{
	return COUNT;
}

const struct setting *
settings_at(size_t i)
{
	assert(i < COUNT);
	return &settings[i];
}

const struct setting *
settings_find(enum setting_scope scope, const char *key)
{
	for (size_t i = 0; i < COUNT; i++)
		if (settings[i].scope == scope &&
		    strcmp(settings[i].key, key) == 0)
			return &settings[i];
	return NULL;
}

bool
settings_is_group(enum setting_scope scope, const char *group)
{
	size_t len = strlen(group);

	for (size_t i = 0; i < COUNT; i++)
		if (settings[i].scope == scope &&
		    strncmp(settings[i].key, group, len) == 0 &&
		    settings[i].key[len] == '.')
			return true;
	return false;
}

const struct setting *
settings_nearest(enum setting_scope scope, const char *key)
{
	const struct setting *nearest = NULL;
	unsigned best = nearest_limit(key);

	for (size_t i = 0; i < COUNT; i++) {
		unsigned d;

		if (settings[i].scope != scope)
			continue;
		d = nearest_distance(key, settings[i].key);
		if (d < best) {
			best = d;
			nearest = &settings[i];
		}
	}
	return nearest;
}

int64_t
settings_fallback(const struct setting *s, bool java)
{
	if (java && s->java_fallback != 0)
		return s->java_fallback;
	return s->fallback;
}
