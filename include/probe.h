/* SPDX-License-Identifier: Apache-2.0
 *
 * probe: what the network side would meet, tried once before anything runs:
 * can the endpoints be reached, and who are we to AWS. Sends no record, and
 * tells no secret.
 */
#ifndef PROBE_H
#define PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"

enum probe_end {
	PROBE_ANSWERED,      /* whatever it was */
	PROBE_NO_NAME,       /* there is no such host, or no name server */
	PROBE_NO_CONNECTION, /* refused, no route, no TLS */
	PROBE_UNTRUSTED,     /* not the server it should be */
	PROBE_LATE,          /* connected, but no answer in time */
	PROBE_BROKEN         /* the connection broke */
};

struct probe_endpoint {
	char *url; /* owned */
	enum probe_end end;
	long status;      /* of the answer */
	int64_t took_ms;  /* until it was there */
	bool dated;       /* it told the time */
	int64_t ahead_ms; /* by how much its clock is ahead of ours */
	char why[256];    /* unless it answered */
};

enum probe_keys {
	PROBE_KEYS,         /* there are keys */
	PROBE_KEYS_AWAY,    /* set up, and not asked for */
	PROBE_KEYS_FAILED,  /* not now: the agent would wait for them */
	PROBE_KEYS_REFUSED, /* the agent would not start */
	PROBE_KEYS_UNTRIED  /* for want of keys to ask with */
};

struct probe_identity {
	const char *role; /* borrowed of the config; NULL: whom providers say */
	const char *source; /* static: the provider; NULL: none is set up */
	enum probe_keys keys;
	char access_key[132]; /* its id, which is no secret */
	int64_t left_ms;      /* they hold so long; 0: until refused */
	char why[600];
};

struct probe {
	struct probe_endpoint *endpoints; /* owned: each once */
	size_t endpoint_count;
	struct probe_identity *identities; /* owned: providers, then roles */
	size_t identity_count;
	bool untrusting; /* no certificates to trust: logged; none was asked */
};

/* Every flow has a region. With `away`, all endpoints are asked at a time, and
 * providers and STS beside them, for some seconds at most; without, only what
 * this machine can tell by itself is filled in, and no endpoint. Starts and
 * ends a thread. NULL: failed, logged. */
struct probe *probe_new(const struct config *config, bool away);

/* NULL is fine. */
void probe_free(struct probe *p);

#endif
