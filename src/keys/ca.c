/* SPDX-License-Identifier: MIT */
/* What a CA's files hold: certificates, revocation lists, OCSP responses. Layer: keys. */
#include "keys/ca.h"

#include "base/limits.h"
#include "base/slice.h"
#include "keys/cert.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <troth/err.h>

int troth_ca_new(struct troth_ca **out)
{
	struct troth_ca *ca = calloc(1, sizeof *ca);
	if (ca == NULL)
		return TROTH_E_NOMEM;
	ca->anchors = sk_X509_new_null();
	ca->intermediates = sk_X509_new_null();
	ca->crls = sk_X509_CRL_new_null();
	if (ca->anchors == NULL || ca->intermediates == NULL || ca->crls == NULL) {
		troth_ca_free(ca);
		return TROTH_E_NOMEM;
	}
	*out = ca;
	return TROTH_OK;
}

void troth_ca_free(struct troth_ca *ca)
{
	if (ca == NULL)
		return;
	sk_X509_pop_free(ca->anchors, X509_free);
	sk_X509_pop_free(ca->intermediates, X509_free);
	sk_X509_CRL_pop_free(ca->crls, X509_CRL_free);
	for (size_t i = 0; i < ca->ocsp_count; i++)
		OCSP_RESPONSE_free(ca->ocsp[i]);
	free(ca->ocsp);
	free(ca);
}

/* Takes one DER object; it has been read whole or isn't one. */
typedef int take_der(struct troth_ca *ca, const uint8_t *der, long len);

static int push_cert(STACK_OF(X509) * to, const uint8_t *der, long len, bool anchor)
{
	const uint8_t *at = der;
	X509 *x = d2i_X509(NULL, &at, len);
	if (x == NULL || at != der + len) {
		X509_free(x);
		return TROTH_E_FORMAT;
	}
	/* X509_check_ca: 1 is the one answer that an extension gives; the others are guesses. */
	if (anchor && X509_check_ca(x) != 1) {
		X509_free(x);
		return TROTH_E_CERT;
	}
	if (sk_X509_push(to, x) <= 0) {
		X509_free(x);
		return TROTH_E_NOMEM;
	}
	return TROTH_OK;
}

static int take_anchor(struct troth_ca *ca, const uint8_t *der, long len)
{
	return push_cert(ca->anchors, der, len, true);
}

static int take_intermediate(struct troth_ca *ca, const uint8_t *der, long len)
{
	return push_cert(ca->intermediates, der, len, false);
}

static int take_crl(struct troth_ca *ca, const uint8_t *der, long len)
{
	const uint8_t *at = der;
	X509_CRL *crl = d2i_X509_CRL(NULL, &at, len);
	if (crl == NULL || at != der + len) {
		X509_CRL_free(crl);
		return TROTH_E_FORMAT;
	}
	if (sk_X509_CRL_push(ca->crls, crl) <= 0) {
		X509_CRL_free(crl);
		return TROTH_E_NOMEM;
	}
	return TROTH_OK;
}

/* One block; *end where none follows. Other kinds of block are left out. */
static int take_block(struct troth_ca *ca, BIO *bio, const char *kind, take_der *take,
		      size_t *count)
{
	char *name = NULL;
	char *header = NULL;
	uint8_t *data = NULL;
	long len = 0;
	if (PEM_read_bio_ex(bio, &name, &header, &data, &len, 0) != 1) {
		unsigned long e = ERR_peek_last_error();
		bool end =
			ERR_GET_LIB(e) == ERR_LIB_PEM && ERR_GET_REASON(e) == PEM_R_NO_START_LINE;
		return end ? TROTH_E_NOT_FOUND : TROTH_E_FORMAT;
	}
	int err = TROTH_OK;
	if (strcmp(name, kind) == 0) {
		err = take(ca, data, len);
		(*count)++;
	}
	OPENSSL_free(name);
	OPENSSL_free(header);
	OPENSSL_free(data);
	return err;
}

static int take_pem(struct troth_ca *ca, struct troth_slice bytes, const char *kind, take_der *take)
{
	size_t count = 0;
	BIO *bio = BIO_new_mem_buf(bytes.data, (int)bytes.len);
	if (bio == NULL)
		return TROTH_E_NOMEM;
	int err = TROTH_OK;
	while (err == TROTH_OK)
		err = take_block(ca, bio, kind, take, &count);
	BIO_free(bio);
	if (err == TROTH_E_NOT_FOUND)
		err = count > 0 ? TROTH_OK : TROTH_E_FORMAT;
	return err;
}

/* DER of all these begins with the tag of a SEQUENCE, which no text does. */
static int add(struct troth_ca *ca, struct troth_slice bytes, const char *kind, take_der *take)
{
	if (bytes.len == 0 || bytes.len > TROTH_LIMIT_POLICY_FILE)
		return TROTH_E_FORMAT;
	ERR_clear_error();
	int err = bytes.data[0] == 0x30 ? take(ca, bytes.data, (long)bytes.len)
					: take_pem(ca, bytes, kind, take);
	ERR_clear_error();
	return err;
}

int troth_ca_add_anchors(struct troth_ca *ca, struct troth_slice bytes)
{
	return add(ca, bytes, PEM_STRING_X509, take_anchor);
}

int troth_ca_add_intermediates(struct troth_ca *ca, struct troth_slice bytes)
{
	return add(ca, bytes, PEM_STRING_X509, take_intermediate);
}

int troth_ca_add_crls(struct troth_ca *ca, struct troth_slice bytes)
{
	return add(ca, bytes, PEM_STRING_X509_CRL, take_crl);
}

int troth_ca_add_ocsp(struct troth_ca *ca, struct troth_slice der)
{
	OCSP_RESPONSE *response = troth_ocsp_new(der);
	if (response == NULL)
		return TROTH_E_FORMAT;
	OCSP_RESPONSE **more = reallocarray(ca->ocsp, ca->ocsp_count + 1, sizeof *more);
	if (more == NULL) {
		OCSP_RESPONSE_free(response);
		return TROTH_E_NOMEM;
	}
	ca->ocsp = more;
	ca->ocsp[ca->ocsp_count++] = response;
	return TROTH_OK;
}

int troth_ca_add_pinned(struct troth_ca *ca, const struct troth_cert *cert)
{
	X509 *x = troth_cert_x509(cert);
	/* A proxy among them would be an owner of its own. */
	if (troth_cert_is_proxy(cert))
		return TROTH_E_CERT;
	if (X509_up_ref(x) != 1)
		return TROTH_E_CRYPTO;
	if (sk_X509_push(ca->anchors, x) <= 0) {
		X509_free(x);
		return TROTH_E_NOMEM;
	}
	ca->pinned = true;
	return TROTH_OK;
}

size_t troth_ca_anchor_count(const struct troth_ca *ca)
{
	return (size_t)sk_X509_num(ca->anchors);
}

int troth_ca_anchor_pin(const struct troth_ca *ca, size_t n, struct troth_pin *out)
{
	if (n >= troth_ca_anchor_count(ca))
		return TROTH_E_NOT_FOUND;
	return troth_x509_pin(out, sk_X509_value(ca->anchors, (int)n));
}

/* ---- who they are ---- */

size_t troth_ca_pins(const struct troth_ca *ca, struct troth_pin *out, size_t room)
{
	const STACK_OF(X509) * lists[] = {ca->anchors, ca->intermediates};
	struct troth_pin pin;
	size_t n = 0;
	for (size_t i = 0; i < 2; i++) {
		for (int k = 0; k < sk_X509_num(lists[i]); k++) {
			if (troth_x509_pin(&pin, sk_X509_value(lists[i], k)) != TROTH_OK)
				continue;
			if (n < room)
				out[n] = pin;
			n++;
		}
	}
	return n;
}

size_t troth_device_cas(const struct troth_device *device,
			struct troth_pin out[TROTH_LIMIT_CHAIN_CERTS])
{
	const STACK_OF(X509) *chain = troth_device_chain(device);
	bool whole = false;
	size_t n = 0;
	for (int i = 1; chain != NULL && i < sk_X509_num(chain); i++) {
		X509 *x = sk_X509_value(chain, i);
		if (X509_check_ca(x) != 1 || troth_x509_pin(&out[n], x) != TROTH_OK)
			continue;
		whole |= (X509_get_extension_flags(x) & EXFLAG_SS) != 0;
		n++;
	}
	return whole ? n : 0;
}
