/* SPDX-License-Identifier: MIT */
/*
 * What the tls layer and this one need of certificates and devices beyond
 * <troth/key.h>: the OpenSSL objects inside. Layer: keys. Not installed.
 */
#ifndef TROTH_KEYS_CERT_H
#define TROTH_KEYS_CERT_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <troth/key.h>

/* Effect: takes a certificate that OpenSSL has read; keeps a reference of its own.
 * Errors: as troth_cert_new, plus TROTH_E_NOMEM. */
int troth_cert_from_x509(struct troth_cert **out, X509 *x509) TROTH_MUST_USE;

/* Effect: the pin of a certificate that needn't be one that we'd accept: a CA's. */
int troth_x509_pin(struct troth_pin *out, const X509 *x509) TROTH_MUST_USE;

/* All borrowed for the life of their owner; the caller doesn't change them. */
X509 *troth_cert_x509(const struct troth_cert *cert);
EVP_PKEY *troth_cert_key(const struct troth_cert *cert);
EVP_PKEY *troth_device_key(const struct troth_device *device);

/* Effect: joins a certificate and its private key; both now belong to *out, on
 * success only. Errors: TROTH_E_CERT when they don't match. */
int troth_device_join(struct troth_device **out, struct troth_cert *cert,
		      EVP_PKEY *key) TROTH_MUST_USE;

/* Effect: the same with a key that lives elsewhere, of which the device keeps a reference.
 * Errors: TROTH_E_KEY when it doesn't sign, TROTH_E_CERT when it isn't the certificate's. */
int troth_device_join_elsewhere(struct troth_device **out, struct troth_cert *cert, EVP_PKEY *key,
				struct troth_slice reference) TROTH_MUST_USE;

/* Effect: TROTH_E_KEY where OpenSSL's queue tells that a key elsewhere failed; else `err`. The
 * queue is left empty. */
int troth_device_signing_failed(int err) TROTH_MUST_USE;

/* The chain that the device shows instead of its own certificate: first one for the same key,
 * then those above it; NULL: none. Borrowed. */
const STACK_OF(X509) * troth_device_chain(const struct troth_device *device);
/* The certificate that a peer sees: the first of the chain, or its own. Borrowed. */
X509 *troth_device_leaf(const struct troth_device *device);
/* The OCSP response that the device staples as TLS server, or nothing. Effect of setting: copied;
 * whether it is one, the peer sees. Errors: TROTH_E_LIMIT beyond TROTH_LIMIT_OCSP_BYTES. */
struct troth_slice troth_device_staple(const struct troth_device *device);
int troth_device_set_staple(struct troth_device *device, struct troth_slice der) TROTH_MUST_USE;
/* Effect: takes the chain over, on success only. Errors: TROTH_E_CERT when the first isn't for
 * this device's key, or there are more than TROTH_LIMIT_CHAIN_CERTS. */
int troth_device_set_chain(struct troth_device *device, STACK_OF(X509) * chain) TROTH_MUST_USE;

#endif
