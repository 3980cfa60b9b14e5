/* SPDX-License-Identifier: Apache-2.0
 *
 * kinesis-sandbox: a local endpoint that is as strict as AWS, as fast as the
 * machine, and wrong when a test wants it to be. Never listens on anything but
 * 127.0.0.1; shares no source with the agent.
 *
 * Thread: main reads the options, builds the sandbox, waits for a signal and
 * meanwhile sees to it that stored lines do not lie about.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "options.h"
#include "sandbox.h"
#include "say.h"
#include "server.h"
#include "tls.h"

#define FLUSH_NS (50 * 1000 * 1000)

/* Write `text` to `path` so that nobody sees half of it. */
static int
write_file(const char *path, const char *text)
{
	char beside[4096];
	FILE *f;
	bool good;

	if (snprintf(beside, sizeof(beside), "%s.new", path) >=
	    (int)sizeof(beside)) {
		say("%s: too long a name", path);
		return -1;
	}
	f = fopen(beside, "we");
	good = f != NULL && fputs(text, f) >= 0;
	if (f != NULL && fclose(f) != 0)
		good = false;
	if (good && rename(beside, path) == 0)
		return 0;
	say("%s: %s", path, strerror(errno));
	return -1;
}

static int
add_stream(struct streams *streams, const char *wish, bool throttle)
{
	const char *colon = strrchr(wish, ':');
	struct stream *stream;
	struct span name;
	unsigned long shards;
	char *end;

	if (colon == NULL || colon == wish || colon - wish > PUT_NAME_MAX)
		goto wrong;
	shards = strtoul(colon + 1, &end, 10);
	if (end == colon + 1 || *end != '\0' || shards < 1 ||
	    shards > STREAM_SHARDS_MAX)
		goto wrong;
	name =
	    (struct span){ (uint8_t *)(uintptr_t)wish, (size_t)(colon - wish) };
	return streams_set(streams, name, (uint32_t)shards, throttle, &stream);

wrong:
	say("--stream: %s is not NAME:SHARDS", wish);
	return -1;
}

static int
fill_issue(struct sandbox *s, const struct options *o)
{
	struct issue *issue = &s->issue;

	issue->seconds = (int64_t)o->credentials_seconds;
	if (o->web_identity != NULL)
		memcpy(issue->web_identity, o->web_identity,
		    strlen(o->web_identity) + 1);
	if (o->container_token != NULL)
		memcpy(issue->container_token, o->container_token,
		    strlen(o->container_token) + 1);
	s->metadata.role = o->instance_role;
	s->metadata.region = o->instance_region;
	s->metadata.v1 = o->imds_v1;
	for (size_t i = 0; i < o->role_count; i++)
		if (issue_role(issue, o->roles[i]) != 0)
			return -1;
	for (size_t i = 0; i < o->grant_count; i++)
		if (issue_grant(issue, o->grants[i]) != 0)
			return -1;
	return 0;
}

static int
fill_sandbox(struct sandbox *s, const struct options *o)
{
	s->identity = (struct sigv4_identity){ o->access_key, o->secret_key,
		o->session_token, o->region, 0 };
	s->request_bytes = (size_t)o->max_body;
	streams_init(&s->streams);
	faults_init(&s->faults);
	issue_init(&s->issue);
	metadata_init(&s->metadata);
	cloudwatch_init(&s->cloudwatch);
	s->streams.any = o->stream_count == 0 || o->any_stream_given;
	s->streams.any_shards = (uint32_t)o->any_stream;
	s->streams.throttling = o->throttle;
	if (fill_issue(s, o) != 0)
		return -1;
	for (size_t i = 0; i < o->stream_count; i++)
		if (add_stream(&s->streams, o->streams[i], o->throttle) != 0)
			return -1;
	return 0;
}

static void
empty_sandbox(struct sandbox *s)
{
	cloudwatch_fini(&s->cloudwatch);
	metadata_fini(&s->metadata);
	issue_fini(&s->issue);
	faults_fini(&s->faults);
	streams_fini(&s->streams);
}

static int
prepare_tls(const struct options *o, struct tls_files *files)
{
	if (o->cert != NULL)
		return tls_read(o->cert, o->key, files);
	if (tls_make(o->cert_name, o->cert_expired, files) != 0)
		return -1;
	return o->ca_out == NULL ? 0 : write_file(o->ca_out, files->ca);
}

static int
announce(const struct options *o, uint16_t port)
{
	char line[64];

	snprintf(line, sizeof(line), "listening http%s://127.0.0.1:%u\n",
	    o->tls ? "s" : "", port);
	if (o->ready_file != NULL && write_file(o->ready_file, line) != 0)
		return -1;
	fputs(line, stdout);
	fflush(stdout);
	return 0;
}

static void
wait_for_the_end(struct sandbox *s, const sigset_t *ends)
{
	static const struct timespec beat = { 0, FLUSH_NS };

	while (sigtimedwait(ends, NULL, &beat) < 0)
		store_flush(&s->store);
}

static int
serve(struct sandbox *s, const struct options *o, const sigset_t *ends)
{
	struct tls_files files = { 0 };
	struct server *server = NULL;
	int result = -1;

	if (o->tls && prepare_tls(o, &files) != 0)
		goto end;
	server = server_new(s, (uint16_t)o->listen_port, (unsigned)o->threads,
	    o->tls ? &files : NULL);
	if (server == NULL || announce(o, server_port(server)) != 0)
		goto end;
	wait_for_the_end(s, ends);
	result = 0;
end:
	server_free(server);
	tls_fini(&files);
	return result;
}

int
main(int argc, char **argv)
{
	static struct sandbox sandbox;
	struct options o;
	sigset_t ends;
	int result = -1;

	if (options_read(&o, argc, argv) != 0)
		return 2;
	if (o.help) {
		options_help();
		return 0;
	}
	/* Before any thread: they all leave these to main. */
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	pthread_sigmask(SIG_BLOCK, &ends, NULL);
	signal(SIGPIPE, SIG_IGN);

	if (store_init(&sandbox.store, o.store, o.print) != 0)
		return 1;
	if (fill_sandbox(&sandbox, &o) == 0)
		result = serve(&sandbox, &o, &ends);
	empty_sandbox(&sandbox);
	store_fini(&sandbox.store);
	return result == 0 ? 0 : 1;
}
