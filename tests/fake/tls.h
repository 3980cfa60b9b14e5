/* SPDX-License-Identifier: Apache-2.0
 *
 * tls: a certificate for this endpoint, good or bad on purpose.
 */
#ifndef FAKE_TLS_H
#define FAKE_TLS_H

#include <stdbool.h>

/* All PEM, owned, ended by NUL. */
struct tls_files {
	char *certificate;
	char *key;
	char *ca; /* NULL when read from files */
};

/* Make a CA and a certificate signed by it: for `name`, or for NULL for
 * localhost and 127.0.0.1; over since yesterday if `expired`. 0, or -1
 * logged. */
int tls_make(const char *name, bool expired, struct tls_files *out);

/* Read a certificate and its key. 0, or -1 logged. */
int tls_read(const char *certificate, const char *key, struct tls_files *out);

void tls_fini(struct tls_files *files);

#endif
