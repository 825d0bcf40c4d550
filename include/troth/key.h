/* SPDX-License-Identifier: MIT */
/*
 * Keys: this device's own P-256 key with its self-signed certificate, and the
 * certificates that peers show.
 *
 * Name: SHA-1 of the DER certificate in lower-case hex (XEP-0189 v0.8). It finds a
 * key and never authenticates one. Pin: SHA-256 of the DER SubjectPublicKeyInfo;
 * this is what trust attaches to.
 */
#ifndef TROTH_KEY_H
#define TROTH_KEY_H

#include <stdbool.h>
#include <troth/api.h>
#include <troth/bytes.h>

TROTH_API_BEGIN

#define TROTH_NAME_LEN 40
#define TROTH_PIN_LEN 32

struct troth_pin {
	uint8_t bytes[TROTH_PIN_LEN];
};

bool troth_pin_equal(const struct troth_pin *a, const struct troth_pin *b);

/* A certificate: any peer's, or our own. */
struct troth_cert;

/* Effect: reads one DER certificate with nothing after it; the caller owns *out.
 * Errors: TROTH_E_CERT when it can't be read or its key is too weak or of a kind
 * that isn't accepted (EC P-256/384/521, Ed25519, RSA of at least 2048 bits). */
int troth_cert_new(struct troth_cert **out, struct troth_slice der) TROTH_MUST_USE;
void troth_cert_free(struct troth_cert *cert);

struct troth_slice troth_cert_der(const struct troth_cert *cert);
const char *troth_cert_name(const struct troth_cert *cert);
const struct troth_pin *troth_cert_pin(const struct troth_cert *cert);
/* The SAN's XmppAddr entries (RFC 6120 13.7.1.4), raw; NULL beyond the last. */
const char *troth_cert_xmpp_addr(const struct troth_cert *cert, size_t index);
/* Seconds since 1970 of notBefore and notAfter. They never break a pin. */
int64_t troth_cert_not_before(const struct troth_cert *cert);
int64_t troth_cert_not_after(const struct troth_cert *cert);
/* "EC P-256" and the like, for people. Static string. */
const char *troth_cert_key_kind(const struct troth_cert *cert);

/* Effect: checks a signature by the certificate's key: ECDSA-SHA256 (DER), Ed25519
 * (pure), RSA-SHA256 (PKCS #1 v1.5). TROTH_OK only when it is right; TROTH_E_CERT otherwise. */
int troth_cert_verify(const struct troth_cert *cert, struct troth_slice message,
		      struct troth_slice signature) TROTH_MUST_USE;
/* The method name used on the wire for that key: "ECDSA-SHA256", "Ed25519", "RSA-SHA256". */
const char *troth_cert_method(const struct troth_cert *cert);

/* This device: certificate and private key. */
struct troth_device;

struct troth_device_params {
	const char *address; /* XmppAddr and xmpp: URI; must be a JID */
	int64_t now;         /* seconds since 1970 */
};

/* Effect: makes a P-256 key and a certificate valid from two days before now until
 * 9999-12-31 (RFC 5280: no well-defined end), signed by itself. */
int troth_device_generate(struct troth_device **out,
			  const struct troth_device_params *params) TROTH_MUST_USE;

/* ---- a key that isn't in the file ---- */

/* A private key that lives elsewhere, as on a token, and signs there. OpenSSL's EVP_PKEY with the
 * public half in it; where signing fails it leaves an error of ERR_LIB_USER on OpenSSL's queue,
 * and what needed the signature fails with TROTH_E_KEY. */
struct evp_pkey_st;

/* Effect: as troth_device_generate, with that key; a reference to it is kept. `reference` says
 * where it is, in whatever form its owner reads, and is written by troth_device_write in place of
 * the key. Errors: TROTH_E_KEY when it doesn't sign, TROTH_E_CERT for a kind that isn't accepted.
 */
int troth_device_generate_with(struct troth_device **out, const struct troth_device_params *params,
			       struct evp_pkey_st *key,
			       struct troth_slice reference) TROTH_MUST_USE;
/* Effect: as troth_device_read of a file without the key, with that key, which signs once to
 * show that it is the certificate's. Errors: the same, TROTH_E_KEY when it doesn't sign. */
int troth_device_read_with(struct troth_device **out, struct troth_slice pem,
			   struct evp_pkey_st *key) TROTH_MUST_USE;
/* Effect: appends the reference in such a PEM. Errors: TROTH_E_NOT_FOUND where there is none. */
int troth_device_reference(struct troth_slice pem, struct troth_buf *out) TROTH_MUST_USE;
/* The reference that it was made or read with; empty: the key is its own. Borrowed. */
struct troth_slice troth_device_elsewhere(const struct troth_device *device);

/* ---- */

/* Effect: reads what troth_device_write wrote: PEM certificate and PEM PKCS #8 key
 * in any order. Further certificates are the chain that the device shows to peers instead:
 * the first of them is for the same key. passphrase is NULL for a key that isn't encrypted.
 * Errors: TROTH_E_PASSPHRASE, TROTH_E_FORMAT, TROTH_E_CERT when the two don't match, TROTH_E_KEY
 * when the key is elsewhere. */
int troth_device_read(struct troth_device **out, struct troth_slice pem,
		      const char *passphrase) TROTH_MUST_USE;
/* Effect: appends certificate and key as PEM; with a passphrase the key is encrypted
 * by scrypt and AES-256-CBC. The buffer is wiped by its own functions. */
int troth_device_write(const struct troth_device *device, const char *passphrase,
		       struct troth_buf *out) TROTH_MUST_USE;
void troth_device_free(struct troth_device *device);

/* Borrowed for the device's life. */
const struct troth_cert *troth_device_cert(const struct troth_device *device);

/* Effect: signs with the method that troth_cert_method names; appends the signature.
 * Errors: TROTH_E_KEY when a key elsewhere doesn't. */
int troth_device_sign(const struct troth_device *device, struct troth_slice message,
		      struct troth_buf *out) TROTH_MUST_USE;

TROTH_API_END

#endif
