/* SPDX-License-Identifier: Apache-2.0
 *
 * tls: see tls.h. GnuTLS, since that is what the HTTP server brings along;
 * P-256 keys, since they are made in a millisecond.
 *
 * Thread: main, before the server starts.
 */
#include "tls.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <gnutls/crypto.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "say.h"

#define DAY ((time_t)86400)

/* A key and the certificate of its public half. */
struct pair {
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t certificate;
};

static int
failed(const char *what, int code)
{
	if (code >= 0)
		return 0;
	say("%s: %s", what, gnutls_strerror(code));
	return -1;
}

static int
new_pair(struct pair *p)
{
	if (failed("key", gnutls_x509_privkey_init(&p->key)) != 0 ||
	    failed("certificate", gnutls_x509_crt_init(&p->certificate)) != 0)
		return -1;
	return failed(
	    "key", gnutls_x509_privkey_generate(p->key, GNUTLS_PK_ECDSA,
		       GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0));
}

static void
free_pair(struct pair *p)
{
	if (p->certificate != NULL)
		gnutls_x509_crt_deinit(p->certificate);
	if (p->key != NULL)
		gnutls_x509_privkey_deinit(p->key);
}

/* What every certificate has: names, numbers, times, its public key. */
static int
fill(struct pair *p, const char *name, bool expired)
{
	gnutls_x509_crt_t c = p->certificate;
	time_t now = time(NULL);
	uint8_t serial[16];
	char subject[300] = "CN=";

	strncat(subject, name, sizeof(subject) - 4);
	if (failed("serial",
		gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof(serial))) != 0)
		return -1;
	serial[0] &= 0x7f;
	serial[0] |= 1;
	if (gnutls_x509_crt_set_version(c, 3) < 0 ||
	    gnutls_x509_crt_set_serial(c, serial, sizeof(serial)) < 0 ||
	    gnutls_x509_crt_set_dn(c, subject, NULL) < 0 ||
	    gnutls_x509_crt_set_key(c, p->key) < 0 ||
	    gnutls_x509_crt_set_activation_time(c, now - 2 * DAY) < 0 ||
	    gnutls_x509_crt_set_expiration_time(
		c, expired ? now - DAY : now + 3650 * DAY) < 0) {
		say("cannot fill the certificate for %s", name);
		return -1;
	}
	return 0;
}

static int
fill_ca(struct pair *ca)
{
	if (fill(ca, "kinesis-sandbox CA", false) != 0)
		return -1;
	if (gnutls_x509_crt_set_basic_constraints(ca->certificate, 1, -1) < 0 ||
	    gnutls_x509_crt_set_key_usage(ca->certificate,
		GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN) < 0)
		return -1;
	return failed(
	    "CA", gnutls_x509_crt_sign2(ca->certificate, ca->certificate,
		      ca->key, GNUTLS_DIG_SHA256, 0));
}

static int
fill_leaf(struct pair *leaf, struct pair *ca, const char *name, bool expired)
{
	static const uint8_t loopback[4] = { 127, 0, 0, 1 };
	gnutls_x509_crt_t c = leaf->certificate;
	const char *dns = name == NULL ? "localhost" : name;

	if (fill(leaf, dns, expired) != 0)
		return -1;
	if (gnutls_x509_crt_set_basic_constraints(c, 0, -1) < 0 ||
	    gnutls_x509_crt_set_key_usage(c, GNUTLS_KEY_DIGITAL_SIGNATURE) <
		0 ||
	    gnutls_x509_crt_set_key_purpose_oid(
		c, GNUTLS_KP_TLS_WWW_SERVER, 0) < 0 ||
	    gnutls_x509_crt_set_subject_alt_name(c, GNUTLS_SAN_DNSNAME, dns,
		(unsigned)strlen(dns), GNUTLS_FSAN_SET) < 0)
		return -1;
	if (name == NULL &&
	    gnutls_x509_crt_set_subject_alt_name(c, GNUTLS_SAN_IPADDRESS,
		loopback, sizeof(loopback), GNUTLS_FSAN_APPEND) < 0)
		return -1;
	return failed("certificate", gnutls_x509_crt_sign2(c, ca->certificate,
					 ca->key, GNUTLS_DIG_SHA256, 0));
}

static char *
text_of(gnutls_datum_t *datum)
{
	char *text = strndup((const char *)datum->data, datum->size);

	gnutls_free(datum->data);
	return text;
}

static int export(struct pair *leaf, struct pair *ca, struct tls_files *out)
{
	gnutls_datum_t d;

	if (failed("certificate", gnutls_x509_crt_export2(leaf->certificate,
				      GNUTLS_X509_FMT_PEM, &d)) != 0)
		return -1;
	out->certificate = text_of(&d);
	if (failed("key", gnutls_x509_privkey_export2(
			      leaf->key, GNUTLS_X509_FMT_PEM, &d)) != 0)
		return -1;
	out->key = text_of(&d);
	if (failed("CA", gnutls_x509_crt_export2(
			     ca->certificate, GNUTLS_X509_FMT_PEM, &d)) != 0)
		return -1;
	out->ca = text_of(&d);
	return 0;
}

int
tls_make(const char *name, bool expired, struct tls_files *out)
{
	struct pair ca = { 0 }, leaf = { 0 };
	int result = -1;

	*out = (struct tls_files){ 0 };
	if (new_pair(&ca) == 0 && new_pair(&leaf) == 0 && fill_ca(&ca) == 0 &&
	    fill_leaf(&leaf, &ca, name, expired) == 0)
		result = export(&leaf, &ca, out);
	free_pair(&ca);
	free_pair(&leaf);
	return result;
}

int
tls_read(const char *certificate, const char *key, struct tls_files *out)
{
	gnutls_datum_t d;

	*out = (struct tls_files){ 0 };
	if (failed(certificate, gnutls_load_file(certificate, &d)) != 0)
		return -1;
	out->certificate = text_of(&d);
	if (failed(key, gnutls_load_file(key, &d)) != 0)
		return -1;
	out->key = text_of(&d);
	return 0;
}

void
tls_fini(struct tls_files *files)
{
	free(files->certificate);
	free(files->key);
	free(files->ca);
	*files = (struct tls_files){ 0 };
}
