/* SPDX-License-Identifier: Apache-2.0
 *
 * trust: which certificates we believe.
 *
 * A file without a certificate would only show at the first connection, as a
 * server that nobody vouches for; so it is looked at before anything starts.
 *
 * Thread: main, at start.
 */
#include "trust.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

/* Debian and its kin; Red Hat and its kin; the rest. */
static const char *const system_files[] = {
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/ssl/cert.pem",
};

static bool
holds_certificate(FILE *f)
{
	char line[256];

	while (fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, "-----BEGIN ", 11) == 0 &&
		    strstr(line, "CERTIFICATE-----") != NULL)
			return true;
	}
	return false;
}

static const char *
checked(const char *path)
{
	FILE *f = fopen(path, "re");
	bool good;

	if (f == NULL) {
		log_error("%s: cannot read the certificates to trust: %s", path,
		    strerror(errno));
		return NULL;
	}
	good = holds_certificate(f);
	fclose(f);
	if (good)
		return path;
	log_error("%s: no certificate in it: caFile must be PEM", path);
	return NULL;
}

static bool
holds(const char *path)
{
	FILE *f = fopen(path, "re");
	bool good = f != NULL && holds_certificate(f);

	if (f != NULL)
		fclose(f);
	return good;
}

const char *
trust_found(const char *configured)
{
	if (configured != NULL)
		return holds(configured) ? configured : NULL;
	for (size_t i = 0; i < sizeof(system_files) / sizeof(char *); i++)
		if (holds(system_files[i]))
			return system_files[i];
	return NULL;
}

const char *
trust_file(const char *configured)
{
	if (configured != NULL)
		return checked(configured);
	for (size_t i = 0; i < sizeof(system_files) / sizeof(char *); i++) {
		if (access(system_files[i], F_OK) == 0)
			return checked(system_files[i]);
	}
	log_error("no certificates to trust: install ca-certificates, "
		  "or name a file by caFile");
	return NULL;
}
