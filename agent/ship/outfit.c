/* SPDX-License-Identifier: Apache-2.0
 *
 * outfit: what a ship needs before it can sail: lanes, connections, and
 * credentials.
 *
 * Thread: the caller of ship_new.
 */
#include "outfit.h"

#include <assert.h>
#include <string.h>

#include "http.h"
#include "keyring.h"
#include "landing.h"
#include "lane.h"
#include "lanes.h"
#include "log.h"
#include "mem.h"
#include "pace.h"
#include "proxy.h"
#include "publisher.h"
#include "secret.h"
#include "sigv4.h"
#include "state.h"
#include "trust.h"

static char *
agent_line(const struct config *config)
{
	const char *more = config->user_agent;
	char *line;

	if (config->user_agent_override != NULL)
		line =
		    mem_format("User-Agent: %s", config->user_agent_override);
	else
		line = mem_format("User-Agent: %s%skinesis-agent/%s",
		    more != NULL ? more : "", more != NULL ? " " : "",
		    AGENT_VERSION);
	/* A header is one line, whatever was configured. */
	for (char *c = line; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ')
			*c = ' ';
	}
	return line;
}

static int
make_http(struct ship *s)
{
	static const struct http_face face = { landing_body, landing_end };
	const struct config *config = s->config;
	struct http_options options = { .max_connections =
					    config->max_connections,
		.connect_timeout_ms = config->connect_timeout_ms,
		.stall_timeout_ms = config->socket_timeout_ms,
		.tcp_keepalive = config->tcp_keepalive,
		.proxy = config->proxy,
		.no_proxy = config->no_proxy };
	bool tls =
	    config->ca_file != NULL ||
	    (config->proxy != NULL && strncmp(config->proxy, "https:", 6) == 0);

	for (size_t i = 0; i < config->flow_count; i++) {
		if (lane_is_empty(&s->lanes[i]))
			continue;
		tls = tls || s->lanes[i].address.tls;
		proxy_announce(&s->lanes[i].address, config);
	}
	options.ca_file = trust_found(config->ca_file);
	/* A flow that comes later may need them where none does now. */
	if (tls && options.ca_file == NULL) {
		options.ca_file = trust_file(config->ca_file);
		if (options.ca_file == NULL)
			return -1;
	}
	s->trusts = options.ca_file != NULL;
	s->http = http_new(&options, &face);
	return s->http != NULL ? 0 : -1;
}

/* The keyring's thread: there are keys to collect. */
static void
on_keys(void *owner)
{
	struct ship *s = owner;

	handoff_wake(&s->inbox);
}

static int
find_credentials(struct ship *s)
{
	s->keyring = keyring_new(s->config, on_keys, s);
	if (s->keyring == NULL)
		return -1;
	for (size_t i = 0; i < s->config->flow_count; i++)
		if (!lane_is_empty(&s->lanes[i]))
			s->lanes[i].credentials = keyring_of(s->keyring, i);
	return 0;
}

int
outfit(struct ship *s, struct flow_stats *stats)
{
	s->agent_line = agent_line(s->config);
	if (lanes_make(s, stats) != 0 || make_http(s) != 0)
		return -1;
	if (find_credentials(s) != 0)
		return -1;
	if (!s->config->cloudwatch)
		return 0;
	s->publisher = publisher_new(s->config, s->agent_line);
	return s->publisher != NULL ? 0 : -1;
}
