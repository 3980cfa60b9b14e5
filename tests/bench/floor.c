/* SPDX-License-Identifier: Apache-2.0
 *
 * floor: the least work a correct sender can do, as a yardstick for the agent
 * on the machine it runs on. Reads a file, finds its newlines, copies each
 * line into a CBOR record, 500 records a request, hashes the request with
 * SHA-256 (what SigV4 asks for) and writes it over TLS on loopback to a sink,
 * whose answer of PutRecords' size it reads. Nothing else: no following, no
 * checkpoints, no retries, no verdicts.
 *
 * Threads: one sends; the sink is a forked process with a thread for each
 * connection, so that its CPU time is counted apart. Requests take turns on
 * the connections: the answer of one is read before its next request, so the
 * sink works while the next lines are cut.
 *
 * Refuses to be useful: any error ends it.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS 4
#define RECORDS     500
#define CHUNK       (1 << 20)
#define BODY_MAX    (5 << 20)
#define ANSWER      60000 /* bytes PutRecords answers for 500 records */
#define KEY         20    /* digits of a partition key */

/* One record's encoding beyond data and key: {"Data": h'', "PartitionKey":} */
#define OVERHEAD 32

static void
die(const char *what)
{
	fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void *
must(void *p, const char *what)
{
	if (p == NULL)
		die(what);
	return p;
}

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double
cpu(int who)
{
	struct rusage u;

	getrusage(who, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* Without this the kernel waits for more before it sends a request's end. */
static void
send_at_once(int fd)
{
	int on = 1;

	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0)
		die("TCP_NODELAY");
}

/* ---- the sink ---------------------------------------------------------- */

static SSL_CTX *
sink_context(void)
{
	EVP_PKEY *key = must(EVP_EC_gen("P-256"), "key");
	X509 *cert = must(X509_new(), "certificate");
	SSL_CTX *context = must(SSL_CTX_new(TLS_server_method()), "context");

	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
	X509_gmtime_adj(X509_getm_notAfter(cert), 86400);
	X509_set_pubkey(cert, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN",
	    MBSTRING_ASC, (const unsigned char *)"floor", -1, -1, 0);
	X509_set_issuer_name(cert, X509_get_subject_name(cert));
	if (X509_sign(cert, key, EVP_sha256()) == 0 ||
	    SSL_CTX_use_certificate(context, cert) != 1 ||
	    SSL_CTX_use_PrivateKey(context, key) != 1)
		die("certificate");
	X509_free(cert);
	EVP_PKEY_free(key);
	return context;
}

static void
write_all(SSL *tls, const unsigned char *at, size_t len)
{
	size_t n;

	for (; len > 0; at += n, len -= n)
		if (SSL_write_ex(tls, at, len, &n) != 1)
			die("TLS write");
}

/* Exactly `len` bytes; false at the end of the connection. */
static int
read_all(SSL *tls, unsigned char *at, size_t len)
{
	size_t n;

	for (; len > 0; at += n, len -= n)
		if (SSL_read_ex(tls, at, len, &n) != 1)
			return 0;
	return 1;
}

/* A request is eight bytes of length and so many bytes. */
static void *
sink_serve(void *tls)
{
	unsigned char *scratch = must(malloc(BODY_MAX), "memory");
	unsigned char *answer = must(calloc(1, ANSWER), "memory");
	uint64_t len;

	if (SSL_accept(tls) != 1)
		die("TLS accept");
	while (read_all(tls, (unsigned char *)&len, sizeof(len))) {
		if (len > BODY_MAX || !read_all(tls, scratch, len))
			die("half a request");
		write_all(tls, answer, ANSWER);
	}
	SSL_free(tls);
	free(scratch);
	free(answer);
	return NULL;
}

static void
sink(int listener)
{
	SSL_CTX *context = sink_context();
	pthread_t thread[CONNECTIONS];

	for (int i = 0; i < CONNECTIONS; i++) {
		SSL *tls = must(SSL_new(context), "TLS");
		int fd = accept(listener, NULL, NULL);

		if (fd < 0 || SSL_set_fd(tls, fd) != 1)
			die("accept");
		send_at_once(fd);
		if (pthread_create(&thread[i], NULL, sink_serve, tls) != 0)
			die("thread");
	}
	for (int i = 0; i < CONNECTIONS; i++)
		pthread_join(thread[i], NULL);
	SSL_CTX_free(context);
	exit(0);
}

/* ---- the sender -------------------------------------------------------- */

struct sender {
	SSL *tls[CONNECTIONS];
	int waiting[CONNECTIONS]; /* a request's answer is still to be read */
	int turn;
	unsigned char *body; /* the request being filled, length first */
	size_t len;
	unsigned records;
	unsigned char *answer;
	EVP_MD *sha256;
	EVP_MD_CTX *hash;
	uint64_t random;
	uint64_t lines, requests;
};

static int
listen_somewhere(struct sockaddr_in *at)
{
	socklen_t len = sizeof(*at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	*at = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	if (fd < 0 || bind(fd, (struct sockaddr *)at, len) != 0 ||
	    listen(fd, CONNECTIONS) != 0 ||
	    getsockname(fd, (struct sockaddr *)at, &len) != 0)
		die("listen");
	return fd;
}

static void
connect_all(struct sender *s, const struct sockaddr_in *at)
{
	SSL_CTX *context = must(SSL_CTX_new(TLS_client_method()), "context");

	for (int i = 0; i < CONNECTIONS; i++) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);

		s->tls[i] = must(SSL_new(context), "TLS");
		if (fd < 0 ||
		    connect(fd, (const struct sockaddr *)at, sizeof(*at)) !=
			0 ||
		    SSL_set_fd(s->tls[i], fd) != 1 ||
		    SSL_connect(s->tls[i]) != 1)
			die("connect");
		send_at_once(fd);
	}
	SSL_CTX_free(context);
}

static void
take_answer(struct sender *s, int i)
{
	if (s->waiting[i] && !read_all(s->tls[i], s->answer, ANSWER))
		die("no answer");
	s->waiting[i] = 0;
}

static void
send_request(struct sender *s)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	uint64_t len = s->len - sizeof(len);
	int i = s->turn;

	if (s->records == 0)
		return;
	memcpy(s->body, &len, sizeof(len));
	if (EVP_DigestInit_ex2(s->hash, s->sha256, NULL) != 1 ||
	    EVP_DigestUpdate(s->hash, s->body + sizeof(len), len) != 1 ||
	    EVP_DigestFinal_ex(s->hash, digest, NULL) != 1)
		die("digest");
	take_answer(s, i);
	write_all(s->tls[i], s->body, s->len);
	s->waiting[i] = 1;
	s->turn = (i + 1) % CONNECTIONS;
	s->len = sizeof(len);
	s->lines += s->records;
	s->records = 0;
	s->requests++;
}

static unsigned char *
put(unsigned char *to, const char *literal, size_t len)
{
	memcpy(to, literal, len);
	return to + len;
}

static void
add_record(struct sender *s, const unsigned char *line, size_t len)
{
	unsigned char *to;

	if (s->records == RECORDS || s->len + len + KEY + OVERHEAD > BODY_MAX)
		send_request(s);
	to = put(s->body + s->len,
	    "\xa2\x64"
	    "Data\x5a",
	    7);
	*to++ = (unsigned char)(len >> 24);
	*to++ = (unsigned char)(len >> 16);
	*to++ = (unsigned char)(len >> 8);
	*to++ = (unsigned char)len;
	memcpy(to, line, len);
	to = put(to + len, "\x6cPartitionKey\x74", 14);
	s->random ^= s->random << 13;
	s->random ^= s->random >> 7;
	s->random ^= s->random << 17;
	for (uint64_t i = 0, n = s->random; i < KEY; i++, n /= 10)
		*to++ = (unsigned char)('0' + n % 10);
	s->len = (size_t)(to - s->body);
	s->records++;
}

/* Every line of `fd`; answers the bytes read. */
static uint64_t
send_file(struct sender *s, int fd)
{
	unsigned char *chunk = must(malloc(CHUNK), "memory");
	size_t held = 0;
	uint64_t total = 0;
	ssize_t n;

	while ((n = read(fd, chunk + held, CHUNK - held)) > 0) {
		unsigned char *at = chunk, *end = chunk + held + n, *newline;

		total += (uint64_t)n;
		while ((newline = memchr(at, '\n', (size_t)(end - at)))) {
			add_record(s, at, (size_t)(newline + 1 - at));
			at = newline + 1;
		}
		held = (size_t)(end - at);
		memmove(chunk, at, held);
		if (held == CHUNK)
			die("a line longer than a chunk");
	}
	if (n < 0)
		die("read");
	send_request(s);
	for (int i = 0; i < CONNECTIONS; i++)
		take_answer(s, i);
	free(chunk);
	return total;
}

static void
close_all(struct sender *s)
{
	for (int i = 0; i < CONNECTIONS; i++) {
		SSL_shutdown(s->tls[i]);
		close(SSL_get_fd(s->tls[i]));
		SSL_free(s->tls[i]);
	}
	EVP_MD_CTX_free(s->hash);
	EVP_MD_free(s->sha256);
	free(s->body);
	free(s->answer);
}

int
main(int argc, char **argv)
{
	struct sender s = { .len = sizeof(uint64_t),
		.random = 88172645463325252 };
	struct sockaddr_in at;
	int listener, fd = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
	double began, busy, took, gb;
	pid_t child;

	if (fd < 0)
		die("usage: floor FILE");
	listener = listen_somewhere(&at);
	child = fork();
	if (child == 0)
		sink(listener);
	close(listener);
	s.body = must(malloc(BODY_MAX + 64), "memory");
	s.answer = must(malloc(ANSWER), "memory");
	s.sha256 = must(EVP_MD_fetch(NULL, "SHA256", NULL), "SHA-256");
	s.hash = must(EVP_MD_CTX_new(), "memory");
	connect_all(&s, &at);

	began = seconds();
	busy = cpu(RUSAGE_SELF);
	gb = (double)send_file(&s, fd) / 1e9;
	took = seconds() - began;
	busy = cpu(RUSAGE_SELF) - busy;
	close_all(&s);
	close(fd);
	if (waitpid(child, NULL, 0) != child)
		die("sink");
	printf("{\"mb_per_s\": %.1f, \"cpu_s_per_gb\": %.2f, "
	       "\"sink_cpu_s_per_gb\": %.2f, \"lines\": %llu, "
	       "\"requests\": %llu}\n",
	    gb * 1000 / took, busy / gb, cpu(RUSAGE_CHILDREN) / gb,
	    (unsigned long long)s.lines, (unsigned long long)s.requests);
	return 0;
}
