/* SPDX-License-Identifier: Apache-2.0
 *
 * sandbox_load: how many records a CPU second of kinesis-sandbox takes.
 *
 * One PutRecords request is built and signed once, then sent over and over on
 * kept-alive connections, each with a thread of its own that does as little as
 * it can: a signature holds for five minutes. What counts is the endpoint's
 * CPU time from /proc, so that the sender's own does not blur the number.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 64
#define ANSWER_MAX      (256 * 1024)

struct load {
	uint16_t port;
	bool tls;
	bool json;
	int pid; /* of the endpoint */
	unsigned connections;
	unsigned seconds;
	unsigned records; /* of a request */
	size_t bytes;     /* of a record's data */
	uint8_t *request; /* owned: head and body */
	size_t length;
	SSL_CTX *context;
	atomic_bool over;
	atomic_ullong requests;
	atomic_ullong failures;
};

/* One connection; plain if `ssl` is NULL. */
struct wire {
	int socket;
	SSL *ssl;
};

static void
die(const char *what)
{
	fprintf(stderr, "sandbox_load: %s\n", what);
	exit(1);
}

static uint8_t *
put(uint8_t *to, const void *from, size_t length)
{
	memcpy(to, from, length);
	return to + length;
}

static uint8_t *
put_text(uint8_t *to, const char *text)
{
	return put(to, text, strlen(text));
}

static uint8_t *
put_head(uint8_t *to, unsigned major, size_t value)
{
	*to++ = (uint8_t)(major << 5 | 26);
	for (int shift = 24; shift >= 0; shift -= 8)
		*to++ = (uint8_t)(value >> shift);
	return to;
}

static uint8_t *
put_cbor_text(uint8_t *to, const char *text)
{
	return put_text(put_head(to, 3, strlen(text)), text);
}

/* 16 letters, other ones for every record. */
static void
make_key(unsigned record, char out[17])
{
	uint64_t x = (record + 1) * 0x9e3779b97f4a7c15u;

	for (int i = 0; i < 16; i++) {
		out[i] = (char)('a' + (x >> 59) % 26);
		x = x * 6364136223846793005u + 1442695040888963407u;
	}
	out[16] = '\0';
}

static uint8_t *
cbor_body(const struct load *l, uint8_t *to, const uint8_t *data)
{
	char key[17];

	to = put_head(to, 5, 2);
	to = put_cbor_text(to, "StreamName");
	to = put_cbor_text(to, "load");
	to = put_cbor_text(to, "Records");
	to = put_head(to, 4, l->records);
	for (unsigned i = 0; i < l->records; i++) {
		make_key(i, key);
		to = put_head(to, 5, 2);
		to = put_cbor_text(to, "Data");
		to = put(put_head(to, 2, l->bytes), data, l->bytes);
		to = put_cbor_text(to, "PartitionKey");
		to = put_cbor_text(to, key);
	}
	return to;
}

static uint8_t *
json_body(const struct load *l, uint8_t *to, const uint8_t *data)
{
	char key[17];

	to = put_text(to, "{\"StreamName\":\"load\",\"Records\":[");
	for (unsigned i = 0; i < l->records; i++) {
		make_key(i, key);
		to = put_text(to, i > 0 ? ",{\"Data\":\"" : "{\"Data\":\"");
		to += EVP_EncodeBlock(to, data, (int)l->bytes);
		to = put_text(to, "\",\"PartitionKey\":\"");
		to = put_text(to, key);
		to = put_text(to, "\"}");
	}
	return put_text(to, "]}");
}

static void
hex_sha256(const void *bytes, size_t length, char out[65])
{
	uint8_t hash[32];

	SHA256(bytes, length, hash);
	for (int i = 0; i < 32; i++)
		snprintf(out + 2 * i, 3, "%02x", hash[i]);
}

static void
hmac(uint8_t key[32], const char *text)
{
	uint8_t out[32];
	unsigned int length = sizeof(out);

	HMAC(EVP_sha256(), key, 32, (const uint8_t *)text, strlen(text), out,
	    &length);
	memcpy(key, out, 32);
}

static void
sign(const char *canonical, const char *when, char out[65])
{
	static const char secret[] = "AWS4sandbox-secret";
	char to_sign[256], hash[65], day[9];
	uint8_t key[32];
	unsigned int length = sizeof(key);

	snprintf(day, sizeof(day), "%.8s", when);
	hex_sha256(canonical, strlen(canonical), hash);
	snprintf(to_sign, sizeof(to_sign),
	    "AWS4-HMAC-SHA256\n%s\n%s/us-east-1/kinesis/aws4_request\n%s", when,
	    day, hash);
	HMAC(EVP_sha256(), secret, sizeof(secret) - 1, (const uint8_t *)day, 8,
	    key, &length);
	hmac(key, "us-east-1");
	hmac(key, "kinesis");
	hmac(key, "aws4_request");
	hmac(key, to_sign);
	for (int i = 0; i < 32; i++)
		snprintf(out + 2 * i, 3, "%02x", key[i]);
}

static void
build_request(struct load *l)
{
	static const char names[] = "content-type;host;x-amz-date;x-amz-target";
	size_t room = 65536 + l->records * (l->bytes * 4 / 3 + 128);
	uint8_t *data = malloc(l->bytes + 1), *body = malloc(room);
	char head[2048], canonical[2048], hash[65], signature[65], when[32];
	const char *type = l->json ? "json" : "cbor";
	time_t now = time(NULL);
	struct tm tm;
	size_t length;

	l->request = malloc(room + sizeof(head));
	if (data == NULL || body == NULL || l->request == NULL)
		die("no memory");
	for (size_t i = 0; i < l->bytes; i++)
		data[i] = (uint8_t)(' ' + i % 90);
	length =
	    (size_t)((l->json ? json_body : cbor_body)(l, body, data) - body);
	gmtime_r(&now, &tm);
	strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &tm);
	hex_sha256(body, length, hash);
	snprintf(canonical, sizeof(canonical),
	    "POST\n/\n\ncontent-type:application/x-amz-%s-1.1\n"
	    "host:127.0.0.1:%u\nx-amz-date:%s\n"
	    "x-amz-target:Kinesis_20131202.PutRecords\n\n%s\n%s",
	    type, l->port, when, names, hash);
	sign(canonical, when, signature);
	l->length = (size_t)snprintf(head, sizeof(head),
	    "POST / HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n"
	    "Content-Type: application/x-amz-%s-1.1\r\nX-Amz-Date: %s\r\n"
	    "X-Amz-Target: Kinesis_20131202.PutRecords\r\n"
	    "Authorization: AWS4-HMAC-SHA256 Credential=AKIDSANDBOX/%.8s/"
	    "us-east-1/kinesis/aws4_request, SignedHeaders=%s, Signature=%s"
	    "\r\nContent-Length: %zu\r\n\r\n",
	    l->port, type, when, when, names, signature, length);
	memcpy(l->request, head, l->length);
	memcpy(l->request + l->length, body, length);
	l->length += length;
	free(data);
	free(body);
}

static void
wire_open(const struct load *l, struct wire *w)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons(l->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int on = 1;

	w->ssl = NULL;
	w->socket = socket(AF_INET, SOCK_STREAM, 0);
	if (w->socket < 0 || connect(w->socket, (struct sockaddr *)&address,
				 sizeof(address)) != 0)
		die("cannot connect");
	setsockopt(w->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (!l->tls)
		return;
	w->ssl = SSL_new(l->context);
	if (w->ssl == NULL || SSL_set_fd(w->ssl, w->socket) != 1 ||
	    SSL_connect(w->ssl) != 1)
		die("no TLS");
}

static void
wire_write(struct wire *w, const uint8_t *at, size_t length)
{
	while (length > 0) {
		ssize_t n = w->ssl != NULL ? SSL_write(w->ssl, at, (int)length)
					   : write(w->socket, at, length);

		if (n <= 0)
			die("cannot write");
		at += n;
		length -= (size_t)n;
	}
}

static size_t
wire_read(struct wire *w, uint8_t *at, size_t most)
{
	ssize_t n = w->ssl != NULL ? SSL_read(w->ssl, at, (int)most)
				   : read(w->socket, at, most);

	if (n <= 0)
		die("cannot read");
	return (size_t)n;
}

/* Read one answer; whether it is a good one. */
static bool
read_answer(struct wire *w, uint8_t *answer)
{
	static const char mark[] = "\r\n\r\n", field[] = "Content-Length:";
	size_t got = 0, whole = SIZE_MAX;
	const char *found;

	while (got < whole) {
		got += wire_read(w, answer + got, ANSWER_MAX - 1 - got);
		answer[got] = '\0';
		if (whole != SIZE_MAX)
			continue;
		found = memmem(answer, got, mark, 4);
		if (found == NULL)
			continue;
		whole = (size_t)(found + 4 - (const char *)answer);
		found = strcasestr((const char *)answer, field);
		if (found == NULL)
			die("an answer without a length");
		whole += strtoul(found + sizeof(field) - 1, NULL, 10);
		if (whole >= ANSWER_MAX)
			die("an answer too long");
	}
	return memcmp(answer, "HTTP/1.1 200", 12) == 0;
}

static void *
run(void *argument)
{
	struct load *l = argument;
	uint8_t *answer = malloc(ANSWER_MAX);
	struct wire w;

	if (answer == NULL)
		die("no memory");
	wire_open(l, &w);
	while (!l->over) {
		wire_write(&w, l->request, l->length);
		if (!read_answer(&w, answer)) {
			if (l->failures++ == 0)
				fprintf(stderr, "%s\n", (char *)answer);
			break;
		}
		l->requests++;
	}
	SSL_free(w.ssl);
	close(w.socket);
	free(answer);
	return NULL;
}

/* Seconds of CPU that `pid` has used. */
static double
cpu_seconds(int pid)
{
	unsigned long user = 0, system = 0;
	char path[64], text[1024] = "";
	const char *after;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (f == NULL || fgets(text, sizeof(text), f) == NULL)
		die("no such endpoint");
	fclose(f);
	after = strrchr(text, ')');
	if (after == NULL ||
	    sscanf(after + 1,
		" %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
		&system) != 2)
		die("cannot read its CPU time");
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static double
now_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
measure(struct load *l)
{
	struct timespec all = { .tv_sec = l->seconds }, warm = { 0, 300000000 };
	pthread_t threads[CONNECTIONS_MAX];
	double cpu, wall, records;
	unsigned long long requests;

	for (unsigned i = 0; i < l->connections; i++)
		if (pthread_create(&threads[i], NULL, run, l) != 0)
			die("no thread");
	nanosleep(&warm, NULL);
	requests = l->requests;
	cpu = cpu_seconds(l->pid);
	wall = now_seconds();
	nanosleep(&all, NULL);
	requests = l->requests - requests;
	cpu = cpu_seconds(l->pid) - cpu;
	wall = now_seconds() - wall;
	l->over = true;
	for (unsigned i = 0; i < l->connections; i++)
		pthread_join(threads[i], NULL);
	records = (double)requests * l->records;
	printf("%s %s, %u x %zu bytes, %u connections: %.0f records/s, "
	       "%.2f of a core, %.0f records per CPU second, %.0f MB/s of "
	       "data, %llu failures\n",
	    l->tls ? "TLS" : "plain", l->json ? "JSON" : "CBOR", l->records,
	    l->bytes, l->connections, records / wall, cpu / wall,
	    cpu > 0 ? records / cpu : 0,
	    records * (double)l->bytes / wall / 1e6,
	    (unsigned long long)l->failures);
}

static void
read_options(struct load *l, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "p:P:c:s:r:b:tj")) != -1) {
		unsigned long n =
		    optarg == NULL ? 0 : strtoul(optarg, NULL, 10);

		switch (option) {
		case 'p':
			l->port = (uint16_t)n;
			break;
		case 'P':
			l->pid = (int)n;
			break;
		case 'c':
			l->connections = (unsigned)n;
			break;
		case 's':
			l->seconds = (unsigned)n;
			break;
		case 'r':
			l->records = (unsigned)n;
			break;
		case 'b':
			l->bytes = n;
			break;
		case 't':
			l->tls = true;
			break;
		case 'j':
			l->json = true;
			break;
		default:
			die("-p PORT -P PID [-c connections] [-s seconds] "
			    "[-r records] [-b bytes] [-t TLS] [-j JSON]");
		}
	}
	if (l->port == 0 || l->pid == 0 || l->connections == 0 ||
	    l->connections > CONNECTIONS_MAX || l->records == 0 ||
	    l->records > 500 || l->bytes > 1048576)
		die("-p PORT and -P PID of the endpoint; -r at most 500");
}

int
main(int argc, char **argv)
{
	struct load l = {
		.connections = 4, .seconds = 5, .records = 500, .bytes = 100
	};

	read_options(&l, argc, argv);
	if (l.tls) {
		l.context = SSL_CTX_new(TLS_client_method());
		if (l.context == NULL)
			die("no TLS");
	}
	build_request(&l);
	measure(&l);
	SSL_CTX_free(l.context);
	free(l.request);
	return l.failures == 0 ? 0 : 1;
}
