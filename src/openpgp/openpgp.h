/* SPDX-License-Identifier: MIT */
/*
 * OpenPGP by GnuPG: the user's own keyring, agent, cards and web of trust, through GPGME.
 * Layer: openpgp, above the core and the store. It never has a keyring of its own, never asks
 * the network, never judges what a level is worth, and never prints.
 *
 * Threads: a struct troth_openpgp belongs to one job. Nothing is shared between two of them,
 * so each may run on a thread of its own (uv_queue_work: open, do it, copy what came out, free,
 * all inside the work callback). Calls block: milliseconds for a keyring, and as long as the
 * user looks for the card or thinks about the passphrase where the agent asks for one. The first
 * troth_openpgp_open of a process makes GPGME ignore SIGPIPE unless it is handled already.
 *
 * Common to all calls:
 * - TROTH_E_INVAL on one that isn't open, TROTH_E_NOMEM, TROTH_E_LIMIT where a maximum is named,
 *   and what a callback returned: these speak for themselves, and the reason is NONE. For all else
 *   reason, cause and next step say what happened; the table below has the TROTH_E* of each.
 * - A fingerprint is that of a version 4 primary key: 40 lower-case hex digits (TROTH_E_FORMAT
 *   otherwise); troth_openpgp_fingerprint_read makes one from what people type.
 * - Text of keys is remote text. What is handed out has been cleaned (base/text.h): good for
 *   people, not for comparing. JIDs are compared in here, on the original.
 */
#ifndef TROTH_OPENPGP_OPENPGP_H
#define TROTH_OPENPGP_OPENPGP_H

#include <stdbool.h>
#include <troth/address.h>
#include <troth/bytes.h>
#include <troth/err.h>

#define TROTH_OPENPGP_FINGERPRINT_LEN 40
#define TROTH_OPENPGP_SIGNATURE_MAX ((size_t)4096)
#define TROTH_OPENPGP_KEY_BYTES_MAX ((size_t)256 * 1024) /* of a key to be imported */
#define TROTH_OPENPGP_USER_IDS_MAX 16                    /* shown of one key */
#define TROTH_OPENPGP_OWN_MAX 64                         /* own keys listed */

struct troth_openpgp;

/* X(symbol, name, error, cause, next step) */
#define TROTH_OPENPGP_REASONS(X)                                                                   \
	X(NONE, "none", OK, "", "")                                                                \
	X(NO_GPG, "no-gpg", E_UNSUPPORTED, "GnuPG can't be run.",                                  \
	  "Install it: `apt install gnupg`.")                                                      \
	X(NO_AGENT, "no-agent", E_IO, "The agent of GnuPG can't be reached.",                      \
	  "Start it: `gpgconf --launch gpg-agent`, and look at what it says.")                     \
	X(NO_PINENTRY, "no-pinentry", E_PASSPHRASE,                                                \
	  "The agent of GnuPG has no way to ask for the passphrase.",                              \
	  "Install a pinentry; on a terminal, `export GPG_TTY=$(tty)` first.")                     \
	X(CANCELLED, "cancelled", E_REFUSED,                                                       \
	  "The agent of GnuPG asked, and wasn't given permission.",                                \
	  "Try again and confirm when it asks.")                                                   \
	X(PASSPHRASE, "passphrase", E_PASSPHRASE, "The passphrase of the OpenPGP key is wrong.",   \
	  "Try again.")                                                                            \
	X(NO_CARD, "no-card", E_IO, "The card that holds the OpenPGP key isn't there.",            \
	  "Insert it and see that `gpg --card-status` shows it.")                                  \
	X(CARD, "card", E_IO, "The card that holds the OpenPGP key refused.",                      \
	  "See the tries that are left for its PIN: `gpg --card-status`.")                         \
	X(NO_KEY, "no-key", E_NOT_FOUND, "The keyring has no key with this fingerprint.",          \
	  "Compare it with `gpg --list-keys`: the one of the primary key counts.")                 \
	X(NO_SECRET, "no-secret", E_NOT_FOUND, "The secret part of this OpenPGP key isn't here.",  \
	  "Choose one that `gpg --list-secret-keys` shows.")                                       \
	X(CANT_SIGN, "cant-sign", E_INVAL, "This OpenPGP key has no part that can sign.",          \
	  "Add one: `gpg --quick-add-key FINGERPRINT ed25519 sign`.")                              \
	X(EXPIRED, "expired", E_CERT, "The OpenPGP key has expired.",                              \
	  "Its owner can extend it and publish it again; then refresh the keyring.")               \
	X(REVOKED, "revoked", E_REVOKED, "The OpenPGP key has been revoked.",                      \
	  "Ask its owner for the new one.")                                                        \
	X(DISABLED, "disabled", E_REFUSED, "The OpenPGP key is disabled in this keyring.",         \
	  "If that was a mistake: `gpg --edit-key FINGERPRINT enable save`.")                      \
	X(INVALID, "invalid", E_CERT, "The OpenPGP key is invalid.",                               \
	  "Get it again from its owner.")                                                          \
	X(WEAK_KEY, "weak-key", E_CERT, "The OpenPGP key is too short to be believed.",            \
	  "RSA and DSA take 2048 bits or more; ask its owner for a new key.")                      \
	X(WEAK_DIGEST, "weak-digest", E_CERT,                                                      \
	  "The OpenPGP signature uses a digest weaker than SHA-256.",                              \
	  "See `digest-algo` in the gpg.conf of the one who signs: SHA256 or better.")             \
	X(BAD_SIGNATURE, "bad-signature", E_CERT, "The OpenPGP signature isn't over these bytes.", \
	  "Ask its maker for a new one.")                                                          \
	X(EXPIRED_SIGNATURE, "expired-signature", E_CERT, "The OpenPGP signature has expired.",    \
	  "Ask its maker for a new one.")                                                          \
	X(OTHER_KEY, "other-key", E_CERT, "Another OpenPGP key than the one named has signed.",    \
	  "Ask its maker which key is theirs.")                                                    \
	X(OTHER_FORM, "other-form", E_CERT,                                                        \
	  "That isn't one detached OpenPGP signature over a binary document.",                     \
	  "Ask its maker for a new one.")                                                          \
	X(NO_USER_ID, "no-user-id", E_NOT_FOUND, "The OpenPGP key has no user ID for this JID.",   \
	  "If you know that the key is theirs: `troth trust assign JID FINGERPRINT`.")             \
	X(NO_LEVEL, "no-level", E_UNSUPPORTED,                                                     \
	  "What a key of your own signs is fully valid to GnuPG; it can't be made marginal.",      \
	  "Sign it fully, or leave it to the people who introduce it.")                            \
	X(NOT_ONE_KEY, "not-one-key", E_FORMAT,                                                    \
	  "That isn't the public part of exactly the OpenPGP key named.",                          \
	  "Ask its owner for `gpg --export FINGERPRINT`.")                                         \
	X(FAILED, "failed", E_CRYPTO, "GnuPG failed.", "Try the same by `gpg`; it says more.")

enum troth_openpgp_reason {
#define TROTH_OPENPGP_ENUM(symbol, name, err, cause, next) TROTH_OPENPGP_REASON_##symbol,
	TROTH_OPENPGP_REASONS(TROTH_OPENPGP_ENUM)
#undef TROTH_OPENPGP_ENUM
};
/* "no-gpg" and the like; static string. */
const char *troth_openpgp_reason_name(enum troth_openpgp_reason reason);

/* ---- Open and close ---- */

struct troth_openpgp_params {
	const char *home; /* a GnuPG home; NULL: the user's */
	const char *gpg;  /* the program; NULL: the one that GPGME finds */
};

/* Effect: a closed one; the caller owns *out. Errors: TROTH_E_NOMEM. */
int troth_openpgp_new(struct troth_openpgp **out) TROTH_MUST_USE;
/* Effect: finds gpg; params may be NULL. Reads no keyring and starts no agent yet. A failed open
 * may be repeated. Errors: reason no-gpg; TROTH_E_NOMEM. */
int troth_openpgp_open(struct troth_openpgp *openpgp,
		       const struct troth_openpgp_params *params) TROTH_MUST_USE;
/* Effect: closes and frees; NULL is fine. */
void troth_openpgp_free(struct troth_openpgp *openpgp);

/* What the last call says; NONE and "" where it didn't fail. Borrowed until the next one. */
enum troth_openpgp_reason troth_openpgp_reason(const struct troth_openpgp *openpgp);
const char *troth_openpgp_cause(const struct troth_openpgp *openpgp);
const char *troth_openpgp_next_step(const struct troth_openpgp *openpgp);

/* ---- Fingerprints ---- */

/* Effect: 40 hex digits in either case, with blanks, and 0x in front or not, become a fingerprint
 * in out, which holds TROTH_OPENPGP_FINGERPRINT_LEN + 1. Errors: TROTH_E_FORMAT. */
int troth_openpgp_fingerprint_read(const char *text, char *out) TROTH_MUST_USE;
bool troth_openpgp_fingerprint_ok(const char *fingerprint);

/* ---- Keys ---- */

/* What GnuPG says about a user ID, or about a key: the best of its user IDs. In rising order:
 * from TROTH_OPENPGP_MARGINAL on it is an answer in favour. */
enum troth_openpgp_level {
	TROTH_OPENPGP_ABSENT,   /* no such user ID */
	TROTH_OPENPGP_INVALID,  /* its own signature isn't valid */
	TROTH_OPENPGP_REVOKED,  /* the user ID or the key has been revoked */
	TROTH_OPENPGP_EXPIRED,  /* the key has expired */
	TROTH_OPENPGP_DISABLED, /* the user disabled the key */
	TROTH_OPENPGP_NEVER,
	TROTH_OPENPGP_UNKNOWN,
	TROTH_OPENPGP_MARGINAL,
	TROTH_OPENPGP_FULL,
	TROTH_OPENPGP_ULTIMATE
};
/* "absent", "invalid", "revoked", "expired", "disabled", "never", "unknown", "marginal", "full",
 * "ultimate"; static string. */
const char *troth_openpgp_level_name(enum troth_openpgp_level level);

struct troth_openpgp_user_id {
	const char *text; /* cleaned */
	enum troth_openpgp_level level;
};

struct troth_openpgp_key {
	char fingerprint[TROTH_OPENPGP_FINGERPRINT_LEN + 1];
	enum troth_openpgp_level level;
	bool secret; /* the secret part is here or on a card */
	bool signs;  /* has a part that can sign, and isn't expired, revoked, disabled or invalid */
	bool card;   /* that part is on a card */
	int64_t made;    /* seconds since 1970 */
	int64_t expires; /* 0: never */
	size_t user_id_count;
	size_t user_ids_more; /* that aren't shown */
	struct troth_openpgp_user_id user_ids[TROTH_OPENPGP_USER_IDS_MAX];
};
/* Strings are borrowed for the call. Return 0 to go on; anything else ends and is returned. It
 * must not use the same struct troth_openpgp. */
typedef int troth_openpgp_key_each(void *user, const struct troth_openpgp_key *key);

/* Effect: shows one key. Errors: reason no-key. */
int troth_openpgp_key_get(struct troth_openpgp *openpgp, const char *fingerprint,
			  troth_openpgp_key_each *each, void *user) TROTH_MUST_USE;
/* Effect: shows the keys whose secret part is here or on a card that was seen here. */
int troth_openpgp_own_list(struct troth_openpgp *openpgp, troth_openpgp_key_each *each,
			   void *user) TROTH_MUST_USE;

/* Effect: appends the public part of a key, with what others have signed about it for all to see;
 * without that where out has no room for it. Errors: reason no-key; TROTH_E_LIMIT. */
int troth_openpgp_export(struct troth_openpgp *openpgp, const char *fingerprint,
			 struct troth_buf *out) TROTH_MUST_USE;

/* ---- Signatures ---- */

/* Effect: appends a detached signature over the message as a binary document, with SHA-256 or
 * better, by the key or its signing subkey. The agent may ask the user.
 * Errors: reasons no-key, no-secret, cant-sign, expired, revoked, disabled, those of agent and
 * card, weak-digest (the user's gpg.conf wants it); TROTH_E_LIMIT. */
int troth_openpgp_sign(struct troth_openpgp *openpgp, const char *fingerprint,
		       struct troth_slice message, struct troth_buf *out) TROTH_MUST_USE;

/* Effect: TROTH_OK if the key is one to sign with, as far as can be told without the agent and the
 * card. Errors: reasons no-key, no-secret, cant-sign, expired, revoked, disabled, invalid. */
int troth_openpgp_can_sign(struct troth_openpgp *openpgp, const char *fingerprint) TROTH_MUST_USE;

/* Who signs, for troth_openpgp_signer. Everything is borrowed. */
struct troth_openpgp_signing {
	struct troth_openpgp *openpgp;
	const char *fingerprint;
};
/* Effect: troth_openpgp_sign with a struct troth_openpgp_signing as user: the form of a signing
 * function that is handed to an endorsement, whose issuer is the fingerprint. */
int troth_openpgp_signer(void *user, struct troth_slice message,
			 struct troth_buf *out) TROTH_MUST_USE;

struct troth_openpgp_signed {
	const char *fingerprint; /* whose it must be: a primary key */
	struct troth_slice message;
	struct troth_slice signature;
};
struct troth_openpgp_signature {
	char fingerprint[TROTH_OPENPGP_FINGERPRINT_LEN + 1]; /* of the primary key */
	int64_t made;
	int64_t expires; /* 0: never */
};
/* Effect: TROTH_OK only when the signature is exactly one, detached, over a binary document with
 * these bytes, with SHA-256 or better, by this key or a signing subkey of it, and neither it nor
 * the key has expired or been revoked, and the key isn't disabled. It says nothing about whose
 * the key is: that is troth_openpgp_validity. *out (may be NULL) tells the rest.
 * Errors: reasons no-key, expired, revoked, disabled, invalid, weak-key, weak-digest,
 * bad-signature, expired-signature, other-key, other-form; TROTH_E_LIMIT for a longer signature
 * than TROTH_OPENPGP_SIGNATURE_MAX. */
int troth_openpgp_verify(struct troth_openpgp *openpgp, const struct troth_openpgp_signed *signed_,
			 struct troth_openpgp_signature *out) TROTH_MUST_USE;

/* ---- Validity ---- */

struct troth_openpgp_validity {
	enum troth_openpgp_level
		user_id;              /* of the user ID for the JID; the best, if there are more */
	enum troth_openpgp_level key; /* for a JID that the user assigned to the key */
};

/* Effect: what the web of trust says to "this key is JID's". A user ID is for a JID when it is
 * `xmpp:JID` or `Name <xmpp:JID>` and both are the same bare JID after preparation. It is what
 * the web of trust says, by signatures and owner trust, whatever trust model gpg.conf sets: with
 * `trust-model always` in it, as scripts like to do, anybody could be anybody. Only "never" is
 * taken from the user's own model, too: what TOFU was told to be bad stays so.
 * Errors: reason no-key; TROTH_E_INVAL for an address on a link. */
int troth_openpgp_validity(struct troth_openpgp *openpgp, const char *fingerprint,
			   const struct troth_address *jid,
			   struct troth_openpgp_validity *out) TROTH_MUST_USE;

#define TROTH_OPENPGP_NAMED_MAX 32
/* Where keys of a JID go; the level is that of the user ID. Return 0 to go on. */
struct troth_openpgp_named_to {
	int (*each)(void *user, const char *fingerprint, enum troth_openpgp_level level);
	void *user;
};
/* Effect: the keys of the keyring that have a user ID for the JID, at most that many. Errors:
 * TROTH_E_INVAL for an address on a link. */
int troth_openpgp_named_list(struct troth_openpgp *openpgp, const struct troth_address *jid,
			     struct troth_openpgp_named_to to) TROTH_MUST_USE;

/* ---- Changes to the user's keyring: only when the user asked for this very change ---- */

/* Effect: adds the public key in bytes to the user's keyring, if it is exactly the one with this
 * fingerprint; nothing else is added, and no trust comes with it. For a key that a peer gave
 * after a meeting by secret. Errors: reason not-one-key; TROTH_E_LIMIT. */
int troth_openpgp_import(struct troth_openpgp *openpgp, const char *fingerprint,
			 struct troth_slice bytes) TROTH_MUST_USE;

struct troth_openpgp_certification {
	const char *own;                 /* the user's key that signs */
	const char *peer;                /* the key that is signed */
	const struct troth_address *jid; /* its user ID for this JID, no other */
	enum troth_openpgp_level level;  /* what it is to become: TROTH_OPENPGP_FULL */
};
/* Effect: signs by the user's own key, locally: the signature is never exported. *out (may be
 * NULL) is what GnuPG computes then. Errors: reasons no-level for TROTH_OPENPGP_MARGINAL,
 * no-user-id, no-key, no-secret, expired, revoked, disabled, those of agent and card;
 * TROTH_E_INVAL for any other level. */
int troth_openpgp_certify(struct troth_openpgp *openpgp,
			  const struct troth_openpgp_certification *certification,
			  struct troth_openpgp_validity *out) TROTH_MUST_USE;

#endif
