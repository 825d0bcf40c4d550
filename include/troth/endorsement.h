/* SPDX-License-Identifier: MIT */
/*
 * What keys say about keys (docs/protocol.md, "Endorsements" and "Revocation"): a user key
 * endorses the keys of its devices, an old key its successor, a person somebody else's key; and a
 * key, or the user key above it, revokes.
 *
 * A statement that was read is well-formed and no more. Only a verify function says that it is
 * signed, and only the application knows whether its signer's word counts.
 *
 * The structs of statements are made by the functions here alone and never changed: newer
 * versions may append members. All text in them is UTF-8.
 */
#ifndef TROTH_ENDORSEMENT_H
#define TROTH_ENDORSEMENT_H

#include <stdbool.h>
#include <troth/api.h>
#include <troth/bytes.h>
#include <troth/key.h>
#include <troth/xml.h>

TROTH_API_BEGIN

/* ---- Signers: whatever can sign for a key ---- */

/* The hash that a signed text names a key by, in lower-case hex: SHA-256 of the
 * SubjectPublicKeyInfo (the pin), or the fingerprint of an OpenPGP v4 key, which is shorter. */
#define TROTH_ISSUER_LEN 64

/* The method of a signature by an OpenPGP key: binary document, SHA-256 or better. */
#define TROTH_METHOD_OPENPGP "OpenPGP"

/* A device, a key file, a token, a keyring. */
struct troth_signer {
	const char *method; /* "ECDSA-SHA256", "Ed25519", "RSA-SHA256", TROTH_METHOD_OPENPGP */
	char issuer[TROTH_ISSUER_LEN + 1]; /* the key's hash */
	char name[TROTH_NAME_LEN + 1];     /* its name; of an OpenPGP key the fingerprint again */
	/* Effect: appends the signature over message. Returns 0 or an error that is passed on. */
	int (*sign)(void *user, struct troth_slice message, struct troth_buf *out);
	void *user;
};

/* A signer of this device's key; the device must outlive it. */
struct troth_signer troth_signer_of_device(const struct troth_device *device);
/* Method, hash and name of a certificate's key; sign and user are the caller's to fill in. */
struct troth_signer troth_signer_of_cert(const struct troth_cert *cert);

/* ---- Endorsements ---- */

enum troth_purpose {
	TROTH_PURPOSE_NONE,    /* a signature in the form of XEP-0189 itself: never trusted */
	TROTH_PURPOSE_DEVICE,  /* user key: this is a device of mine */
	TROTH_PURPOSE_RENEW,   /* old key and new key: the new one takes the place of the old one */
	TROTH_PURPOSE_VOUCH,   /* somebody's key: this is the key of the person with that JID */
	TROTH_PURPOSE_SUCCEED, /* device: this is the user key in place of the one that was lost */
	TROTH_PURPOSE_INTRODUCE /* somebody's key: its word on other people's keys is taken here */
};

/* "device", "renew", "vouch", "succeed", "introduce"; "none". Static strings. */
const char *troth_purpose_name(enum troth_purpose purpose);

struct troth_endorsement {
	enum troth_purpose purpose;
	const char *issuer_name; /* 40 hex digits: finds the signer's key, proves nothing */
	const char *issuer_jid;  /* where that key might be asked for; NULL: not said */
	const char *method;
	struct troth_slice signature;
	const char *jid;     /* the bare JID that the key is endorsed for; "" for none */
	const char *issued;  /* XEP-0082, UTC, as written: these texts are signed */
	const char *expires; /* "" for never: TROTH_PURPOSE_RENEW only */
	int64_t issued_at;   /* the same in seconds since 1970 */
	int64_t expires_at;  /* INT64_MAX for never */
};

struct troth_endorsement_terms {
	enum troth_purpose purpose; /* not TROTH_PURPOSE_NONE */
	const char *jid; /* an XmppAddr of the subject, never a link's name; NULL or "": none */
	int64_t issued;  /* seconds since 1970 */
	int64_t expires; /* INT64_MAX: never, for RENEW only; otherwise at most 400 days later */
	/* RENEW, when the new key signs: the old key's hash. NULL: the signer's own. */
	const char *old_issuer;
};

/* Effect: makes and signs one; the caller owns *out. Errors: TROTH_E_INVAL for terms that the
 * protocol doesn't allow, those of the signer. */
int troth_endorsement_make(struct troth_endorsement **out, const struct troth_signer *signer,
			   const struct troth_endorsement_terms *terms,
			   const struct troth_cert *subject) TROTH_MUST_USE;
/* Effect: reads a <signature/> of XEP-0189; the caller owns *out. One without <endorsed/> has
 * TROTH_PURPOSE_NONE. Errors: TROTH_E_FORMAT for anything else that isn't as it should be. */
int troth_endorsement_read(struct troth_endorsement **out,
			   const struct troth_element *signature) TROTH_MUST_USE;
/* Effect: writes it back as it was read or made. It must outlive the writing. */
void troth_endorsement_write(struct troth_writer *w, const struct troth_endorsement *e);
int troth_endorsement_copy(struct troth_endorsement **out,
			   const struct troth_endorsement *from) TROTH_MUST_USE;
/* Effect: frees it; NULL is fine. */
void troth_endorsement_free(struct troth_endorsement *e);

/* Effect: TROTH_OK only when issuer's key signed exactly this about subject's: the purpose is
 * DEVICE, VOUCH, SUCCEED or INTRODUCE, the JID is one of subject's certificate or empty, the method
 * is that of the key. The dates are looked at by troth_endorsement_in_force. TROTH_E_CERT
 * otherwise. */
int troth_endorsement_verify(const struct troth_endorsement *e, const struct troth_cert *issuer,
			     const struct troth_cert *subject) TROTH_MUST_USE;
/* Effect: the same for a renewal, of which one half alone means nothing: TROTH_OK only when list
 * holds a signature by the old key and one by its successor's, over the same terms. */
int troth_renewal_verify(const struct troth_cert *old, const struct troth_cert *successor,
			 const struct troth_endorsement *const *list, size_t count) TROTH_MUST_USE;
/* Effect: appends what an OpenPGP key must have signed, for whoever can verify that; issuer is
 * its fingerprint in lower-case hex. TROTH_E_CERT when it can't be meant: another purpose than
 * DEVICE or VOUCH, another method than OpenPGP, another name, a JID that isn't subject's. */
int troth_endorsement_message(const struct troth_endorsement *e, const char *issuer,
			      const struct troth_cert *subject,
			      struct troth_buf *out) TROTH_MUST_USE;

/* Whether its dates hold at now (seconds since 1970). Clocks may differ by two days at its
 * beginning; its end is its end. */
bool troth_endorsement_in_force(const struct troth_endorsement *e, int64_t now);

/* ---- Revocations ---- */

enum troth_revoke_reason {
	TROTH_REVOKE_COMPROMISED, /* somebody else may have it: what it signed is void as well */
	TROTH_REVOKE_RETIRED,     /* no longer used; what it signed stays */
	TROTH_REVOKE_LOST         /* out of its owner's hands: to be judged like compromised */
};

/* "compromised", "retired", "lost". Static strings. */
const char *troth_revoke_reason_name(enum troth_revoke_reason reason);

struct troth_revocation {
	struct troth_pin key;            /* the key that is revoked */
	const char *issuer;              /* the signer's hash; the pin of key where it is its own */
	bool own;                        /* signed by the revoked key itself */
	enum troth_revoke_reason reason; /* an unknown word counts as compromised */
	const char *reason_text;         /* as written */
	const char *time;                /* XEP-0082, UTC, as written */
	int64_t time_at;                 /* the same in seconds since 1970 */
	const char *method;
	struct troth_slice signature;
};

/* Effect: makes and signs one; the caller owns *out. Errors: those of the signer. */
int troth_revocation_make(struct troth_revocation **out, const struct troth_signer *signer,
			  const struct troth_pin *key, enum troth_revoke_reason reason,
			  int64_t time) TROTH_MUST_USE;
/* Effect: reads a <revoke/>; the caller owns *out. Errors: TROTH_E_FORMAT. */
int troth_revocation_read(struct troth_revocation **out,
			  const struct troth_element *revoke) TROTH_MUST_USE;
/* Effect: writes it back as it was read or made. It must outlive the writing. */
void troth_revocation_write(struct troth_writer *w, const struct troth_revocation *r);
int troth_revocation_copy(struct troth_revocation **out,
			  const struct troth_revocation *from) TROTH_MUST_USE;
/* Effect: frees it; NULL is fine. */
void troth_revocation_free(struct troth_revocation *r);

/* Effect: TROTH_OK only when signer's key signed it. Whether signer may revoke that key is the
 * caller's to know: the key itself may, and the user key under which it was accepted.
 * TROTH_E_CERT otherwise. */
int troth_revocation_verify(const struct troth_revocation *r,
			    const struct troth_cert *signer) TROTH_MUST_USE;
/* Effect: appends what was signed, for whoever can verify OpenPGP. TROTH_E_CERT for another
 * method. */
int troth_revocation_message(const struct troth_revocation *r,
			     struct troth_buf *out) TROTH_MUST_USE;

/* ---- Quorums: who may name the next user key when this one is lost ---- */

#define TROTH_QUORUM_DEVICES 8
#define TROTH_QUORUM_LEAST 2

struct troth_quorum {
	const char *issuer; /* the user key's hash */
	unsigned need;      /* how many of the devices must say TROTH_PURPOSE_SUCCEED */
	struct troth_pin devices[TROTH_QUORUM_DEVICES]; /* ascending */
	size_t device_count;
	struct troth_pin id; /* SHA-256 of what is signed */
	const char *time;    /* XEP-0082, UTC, as written */
	int64_t time_at;     /* the same in seconds since 1970 */
	const char *method;
	struct troth_slice signature;
};

struct troth_quorum_terms {
	const struct troth_pin *devices;
	size_t device_count;
	unsigned need; /* at least TROTH_QUORUM_LEAST, at most device_count */
};

/* Effect: makes and signs one; the caller owns *out. Errors: TROTH_E_INVAL for terms that the
 * protocol doesn't allow, also a device named twice; those of the signer. */
int troth_quorum_make(struct troth_quorum **out, const struct troth_signer *signer,
		      const struct troth_quorum_terms *terms, int64_t time) TROTH_MUST_USE;
/* Effect: reads a <quorum/>; the caller owns *out. Errors: TROTH_E_FORMAT. */
int troth_quorum_read(struct troth_quorum **out, const struct troth_element *quorum) TROTH_MUST_USE;
/* Effect: writes it back as it was read or made. It must outlive the writing. */
void troth_quorum_write(struct troth_writer *w, const struct troth_quorum *q);
/* Effect: frees it; NULL is fine. */
void troth_quorum_free(struct troth_quorum *q);
/* Effect: TROTH_OK only when signer's key signed it. Whose user key that is, is the caller's to
 * know. TROTH_E_CERT otherwise. */
int troth_quorum_verify(const struct troth_quorum *q,
			const struct troth_cert *signer) TROTH_MUST_USE;
bool troth_quorum_names(const struct troth_quorum *q, const struct troth_pin *device);

/* ---- What this device says to its contacts ---- */

/* A key that isn't this device's: our user key, or the device key that takes over. */
struct troth_stated_key {
	const struct troth_cert *cert;
	const struct troth_endorsement *const *endorsements;
	size_t endorsement_count;
};

struct troth_statements {
	const struct troth_endorsement *const *endorsements; /* of this device's key, best first */
	size_t endorsement_count;
	const char *user_key; /* name of the key that endorses it; NULL: none */
	const struct troth_stated_key *further;
	size_t further_count;
	const struct troth_revocation *const *revocations;
	size_t revocation_count;
	const struct troth_quorum *quorum; /* NULL: none */
	/* The key that takes the place of this device's, where it was renewed; NULL: none. */
	const struct troth_pin *successor;
};

TROTH_API_END

#endif
