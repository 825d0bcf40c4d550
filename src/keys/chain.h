/* SPDX-License-Identifier: MIT */
/*
 * Chains of certificates up to a certificate authority, or from a job's proxy certificate
 * (RFC 3820) up to a key that is pinned. Layer: keys. Pure: everything, the time too, comes in
 * as a parameter; whose word counts for whom is the policy's business (trust/policy.h).
 */
#ifndef TROTH_KEYS_CHAIN_H
#define TROTH_KEYS_CHAIN_H

#include "base/limits.h"

#include <stdbool.h>
#include <troth/bytes.h>
#include <troth/key.h>

/* What chains are built of and up to. */
struct troth_ca;

int troth_ca_new(struct troth_ca **out) TROTH_MUST_USE;
void troth_ca_free(struct troth_ca *ca);

/* Each adds what a file holds, PEM (any number of blocks) or DER (one). Errors: TROTH_E_FORMAT
 * when there is nothing of the kind in it, or something that can't be read; TROTH_E_CERT when
 * an anchor isn't a CA's certificate; then what came before it in the file may stay. */
int troth_ca_add_anchors(struct troth_ca *ca, struct troth_slice bytes) TROTH_MUST_USE;
int troth_ca_add_intermediates(struct troth_ca *ca, struct troth_slice bytes) TROTH_MUST_USE;
int troth_ca_add_crls(struct troth_ca *ca, struct troth_slice bytes) TROTH_MUST_USE;
/* One OCSP response, DER as it came from the responder. */
int troth_ca_add_ocsp(struct troth_ca *ca, struct troth_slice der) TROTH_MUST_USE;
/* Effect: a pinned certificate as anchor: it may be no CA, and its dates don't matter. */
int troth_ca_add_pinned(struct troth_ca *ca, const struct troth_cert *cert) TROTH_MUST_USE;

size_t troth_ca_anchor_count(const struct troth_ca *ca);
/* The nth anchor's pin. Errors: TROTH_E_NOT_FOUND beyond the last. */
int troth_ca_anchor_pin(const struct troth_ca *ca, size_t n, struct troth_pin *out) TROTH_MUST_USE;

/* X(symbol, word, sentence): why a chain is refused. The word is stable, for programs. */
#define TROTH_CHAIN_FAULTS(X)                                                                      \
	X(NONE, "ok", "The chain is good.")                                                        \
	X(UNKNOWN_CA, "unknown-ca", "No CA that is trusted here has signed its certificate.")      \
	X(EXPIRED, "expired", "Its certificate has expired.")                                      \
	X(NOT_YET, "not-yet-valid", "Its certificate isn't valid yet.")                            \
	X(REVOKED, "revoked", "Its certificate has been revoked by its CA.")                       \
	X(STATUS, "status-unknown", "Nothing says that its certificate hasn't been revoked.")      \
	X(WEAK, "weak", "Its chain holds a key or a signature that is too weak.")                  \
	X(USAGE, "wrong-usage", "Its certificate, or one above it, isn't made for this use.")      \
	X(NAMES, "names", "A CA above it may not speak for the names in its certificate.")         \
	X(PROXY, "proxy", "It acts for somebody in a way that isn't allowed here.")                \
	X(SIGNATURE, "signature", "A signature in its chain is wrong.")                            \
	X(OTHER, "chain", "Its chain of certificates can't be used.")

enum troth_chain_fault {
#define TROTH_CHAIN_ENUM(symbol, word, text) TROTH_CHAIN_##symbol,
	TROTH_CHAIN_FAULTS(TROTH_CHAIN_ENUM)
#undef TROTH_CHAIN_ENUM
};

/* Static strings. */
const char *troth_chain_fault_name(enum troth_chain_fault fault);
const char *troth_chain_fault_text(enum troth_chain_fault fault);

/* Effect: the pins of the certificates that a CA's files hold, at most room of them; returns how
 * many there are. One that can't be read is left out. */
size_t troth_ca_pins(const struct troth_ca *ca, struct troth_pin *out, size_t room);
/* Effect: the pins of the CAs above a device; none where its chain doesn't go up to a root, and so
 * may leave out the one that somebody believes. */
size_t troth_device_cas(const struct troth_device *device,
			struct troth_pin out[TROTH_LIMIT_CHAIN_CERTS]);

struct troth_chain_params {
	const struct troth_cert *leaf;    /* what the handshake proved */
	const struct troth_slice *others; /* DER, as the peer sent them, in any order */
	size_t other_count;
	struct troth_slice staple; /* an OCSP response for the leaf, or nothing */
	int64_t now;               /* seconds since 1970 */
	unsigned proxies;          /* the most proxy certificates in a row; 0: none */
	bool needs_status;         /* unknown revocation is a fault */
};

struct troth_chain {
	enum troth_chain_fault fault;
	struct troth_cert *owner; /* on whose word: the first that is no proxy. Set where it is
				     known, with a fault too; owned */
	unsigned proxies;         /* how many certificates act for it; 0: it speaks itself */
	struct troth_pin anchor;  /* of the CA; meaningful without a fault */
};

/* Effect: verifies; *out is released by troth_chain_fini. What the peer shows is never an
 * error, but a fault in *out. Errors: TROTH_E_NOMEM, TROTH_E_CRYPTO. */
int troth_chain_verify(struct troth_chain *out, const struct troth_ca *ca,
		       const struct troth_chain_params *params) TROTH_MUST_USE;
void troth_chain_fini(struct troth_chain *chain);

/* Whether a certificate is its own issuer, as those that devices make for themselves are: one by
 * a CA is known by another name (SHA-1) than the device offers. */
bool troth_cert_is_own_issuer(const struct troth_cert *cert);

/* Whether a certificate says of itself that it acts for the one that signed it. */
bool troth_cert_is_proxy(const struct troth_cert *cert);

#endif
