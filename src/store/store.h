/* SPDX-License-Identifier: MIT */
/*
 * The trust store: who is who, by which keys, and what happened. One SQLite file
 * that several processes may use at once. Layer: store, above the sans-I/O core,
 * which never includes it.
 *
 * It keeps and finds; it decides no trust and never reads the clock: `now` is always
 * seconds since 1970 from the caller. Pins, names and DER are plain data here.
 *
 * Common to all calls:
 * - What a call reported as done (TROTH_OK) is on disk and survives any crash; what it
 *   didn't report as done is there whole or not at all.
 * - Strings are UTF-8 and are copied. TROTH_E_FORMAT for text that isn't UTF-8,
 *   TROTH_E_LIMIT for more than TROTH_STORE_TEXT_MAX bytes. A const char * in a row is
 *   borrowed until the callback returns. NULL and "" are the same where a text is optional.
 * - TROTH_E_BUSY when other processes held the store for about 5 seconds, TROTH_E_STORE
 *   when it is damaged, TROTH_E_IO when the disk is full or fails, TROTH_E_NOMEM,
 *   TROTH_E_INVAL on a store that isn't open. After any error troth_store_error is a sentence
 *   with cause and next step.
 * - Calls that change trust write their own log entry in the same transaction.
 * - A store belongs to one thread and doesn't cross fork(): open another one instead.
 */
#ifndef TROTH_STORE_STORE_H
#define TROTH_STORE_STORE_H

#include "trust/belief.h"

#include <stdbool.h>
#include <troth/address.h>
#include <troth/bytes.h>
#include <troth/key.h>
#include <troth/secret.h>

#define TROTH_STORE_FILE "trust.db"
#define TROTH_STORE_LABEL_MAX 63
#define TROTH_STORE_HOW_MAX 31
#define TROTH_STORE_HOW_VOUCHED "vouched" /* of an unproven key: by an introducer's word alone */
#define TROTH_STORE_TEXT_MAX 4096
#define TROTH_STORE_BLOB_MAX ((size_t)256 * 1024)
#define TROTH_STORE_HASH_LEN 32
#define TROTH_STORE_SEEN_MAX 256        /* seen keys kept for one contact, or for none */
#define TROTH_STORE_STATEMENTS_MAX 1024 /* kept for one contact */
#define TROTH_STORE_REVOCATIONS_MAX 8   /* beyond these, of one key by one issuer */

struct troth_store;

/* ---- The store itself ---- */

/* Effect: a closed store; the caller owns *out. Errors: TROTH_E_NOMEM. */
int troth_store_new(struct troth_store **out) TROTH_MUST_USE;

/* Effect: opens <home>/trust.db, making the directory (0700) and the file (0600) where they
 * are missing, and brings an older schema up to date.
 * Errors: TROTH_E_UNSUPPORTED when a newer version made it (left untouched), TROTH_E_FORMAT
 * when it is no trust store (left untouched), TROTH_E_STORE when it is damaged, TROTH_E_IO
 * when it can't be read or written or others have access to it. A failed open may be repeated. */
int troth_store_open(struct troth_store *store, const char *home) TROTH_MUST_USE;

/* Effect: closes and frees; NULL is fine. */
void troth_store_free(struct troth_store *store);

/* What the last failed call says to people; "" before the first failure. Borrowed until the
 * next call. Labels in it are safe to print; the store keeps no hostile ones. */
const char *troth_store_error(const struct troth_store *store);

/* The contact that the last TROTH_E_CONFLICT was about; 0 when there was none. */
int64_t troth_store_conflict(const struct troth_store *store);

/* Effect: reads everything and verifies structure, references and the log; for doctor.
 * Errors: TROTH_E_STORE with a sentence that names the first damage found. */
int troth_store_check(struct troth_store *store) TROTH_MUST_USE;

/* ---- Contacts ---- */

struct troth_store_contact {
	int64_t id; /* never 0, never used again */
	char label[TROTH_STORE_LABEL_MAX + 1];
	int64_t created;
};

/* A list calls this for each row. Return 0 to go on; anything else ends the list and is
 * returned by it. It may read from the same store and must not change it (TROTH_E_INVAL). */
typedef int troth_store_contact_each(void *user, const struct troth_store_contact *contact);

/* Effect: adds a contact. Labels are unique without regard to case, width or invisible
 * characters. Errors: TROTH_E_EXISTS for a label in use; TROTH_E_FORMAT for an empty one or
 * one with control, direction or line-breaking characters or a space at either end;
 * TROTH_E_LIMIT beyond 63 bytes. */
int troth_store_contact_create(struct troth_store *store, const char *label, int64_t now,
			       int64_t *out) TROTH_MUST_USE;

/* Each finds one contact. Errors: TROTH_E_NOT_FOUND.
 * By pin or name: keys in any state but seen. By pin: device keys, since a pin is what a handshake
 * shows. By name: device and user keys, by the lower-case hex of XEP-0189, which finds and never
 * authenticates; TROTH_E_CONFLICT when keys of two contacts have it. By address: bare text. */
int troth_store_contact_get(struct troth_store *store, int64_t id,
			    struct troth_store_contact *out) TROTH_MUST_USE;
int troth_store_contact_by_label(struct troth_store *store, const char *label,
				 struct troth_store_contact *out) TROTH_MUST_USE;
int troth_store_contact_by_pin(struct troth_store *store, const struct troth_pin *pin,
			       struct troth_store_contact *out) TROTH_MUST_USE;
int troth_store_contact_by_name(struct troth_store *store, const char *name,
				struct troth_store_contact *out) TROTH_MUST_USE;
int troth_store_contact_by_address(struct troth_store *store, enum troth_realm realm,
				   const char *address,
				   struct troth_store_contact *out) TROTH_MUST_USE;

/* Effect: all contacts, by label. */
int troth_store_contact_list(struct troth_store *store, troth_store_contact_each *each,
			     void *user) TROTH_MUST_USE;

/* Errors: as for create, and TROTH_E_NOT_FOUND. */
int troth_store_contact_rename(struct troth_store *store, int64_t id, const char *label,
			       int64_t now) TROTH_MUST_USE;

/* Effect: removes the contact with its keys, evidence, addresses, waiting secrets and
 * budgets. The log stays, the history stays without the contact, its addresses and details, and
 * revoked keys stay revoked (docs/protocol.md, "Revocation": kept for good). Errors:
 * TROTH_E_NOT_FOUND. */
int troth_store_contact_forget(struct troth_store *store, int64_t id, int64_t now) TROTH_MUST_USE;

/* ---- Addresses: hints where to find a contact; they prove nothing ---- */

struct troth_store_address {
	enum troth_realm realm;
	const char *address; /* bare, prepared */
	const char *source;  /* where it came from: "user", "meeting", ... */
	int64_t first_seen;
	int64_t last_seen;
};
typedef int troth_store_address_each(void *user, const struct troth_store_address *address);

/* Effect: remembers an address (`first_seen` is ignored, `last_seen` is now), or when it was
 * seen last. Errors: TROTH_E_CONFLICT when another contact holds it, TROTH_E_NOT_FOUND. */
int troth_store_address_note(struct troth_store *store, int64_t contact,
			     const struct troth_store_address *address) TROTH_MUST_USE;
/* Errors: TROTH_E_NOT_FOUND when the contact doesn't hold it. */
int troth_store_address_drop(struct troth_store *store, int64_t contact, enum troth_realm realm,
			     const char *address) TROTH_MUST_USE;
/* Effect: the contact's addresses, the one seen last first. */
int troth_store_address_list(struct troth_store *store, int64_t contact,
			     troth_store_address_each *each, void *user) TROTH_MUST_USE;

/* ---- Keys: what trust attaches to ---- */

/* The numbers are on disk: add, never change. */
enum troth_store_key_state {
	TROTH_STORE_KEY_SEEN = 0,      /* met or heard of; changes no trust, blocks nobody */
	TROTH_STORE_KEY_UNPROVEN = 1,  /* claimed by the contact without possession: no floor */
	TROTH_STORE_KEY_PROVEN = 2,    /* the contact's */
	TROTH_STORE_KEY_REPLACED = 3,  /* was the contact's, until a repair or renewal */
	TROTH_STORE_KEY_SUSPENDED = 4, /* until the user key or a repair decides */
	TROTH_STORE_KEY_REVOKED = 5    /* for good */
};
/* "proven" and the like; static string. */
const char *troth_store_key_state_name(enum troth_store_key_state state);

struct troth_store_key {
	int64_t contact; /* 0: of no contact (seen or revoked only) */
	struct troth_pin pin;
	char name[TROTH_NAME_LEN + 1]; /* "": only the pin is known */
	enum troth_store_key_state state;
	enum troth_key_role role;
	char how[TROTH_STORE_HOW_MAX + 1]; /* "srp", "pake", "sas", "manual", "renew", ... */
	int64_t first_seen;
	int64_t changed; /* when it came into this state */
};
typedef int troth_store_key_each(void *user, const struct troth_store_key *key);

/* A key to be recorded; everything is borrowed for the call. */
struct troth_store_new_key {
	const struct troth_pin *pin;
	const char *name;       /* 40 lower-case hex digits; "" where only the pin is known */
	struct troth_slice der; /* the certificate; empty where only the pin is known */
	const char *how;        /* at most TROTH_STORE_HOW_MAX bytes */
	const char *detail;     /* optional, goes to the log */
	enum troth_key_role role;
	bool concluded; /* from what other keys say, which the caller records: nobody was met */
};

/* Effect: gives the key to the contact, proven. A key of the same contact that was seen,
 * unproven, suspended or replaced becomes proven. One that another contact holds only
 * unproven moves, since possession beats a claim, and the log names both. A pin alone takes
 * neither name nor certificate from a key that the contact has proven before.
 * Errors: TROTH_E_CONFLICT when another contact holds it in any other state but seen,
 * TROTH_E_REVOKED, TROTH_E_NOT_FOUND for the contact, TROTH_E_FORMAT for the name,
 * TROTH_E_INVAL for a proven device key as a user key, and the other way round. */
int troth_store_key_pin(struct troth_store *store, int64_t contact,
			const struct troth_store_new_key *key, int64_t now) TROTH_MUST_USE;
/* Effect: the same, unproven: never changes a key that the contact has already (TROTH_OK), but for
 * one that an introducer alone named; never takes one from another contact (TROTH_E_CONFLICT). */
int troth_store_key_claim(struct troth_store *store, int64_t contact,
			  const struct troth_store_new_key *key, int64_t now) TROTH_MUST_USE;
/* Effect: records a key as seen, for a contact or for none (0). Changes no key that
 * is known. Errors: TROTH_E_LIMIT beyond TROTH_STORE_SEEN_MAX of them. */
int troth_store_key_see(struct troth_store *store, int64_t contact,
			const struct troth_store_new_key *key, int64_t now) TROTH_MUST_USE;

/* Effect: unproven -> proven, after the key proved itself in a handshake; nothing when it is
 * proven already. Errors: TROTH_E_NOT_FOUND; TROTH_E_INVAL from any other state. */
int troth_store_key_promote(struct troth_store *store, const struct troth_pin *pin, const char *how,
			    int64_t now) TROTH_MUST_USE;

/* Effect: the certificate has been shown of a key of which only the pin was known: it gets name
 * and certificate (how and detail are ignored); nothing when it has them. Errors:
 * TROTH_E_NOT_FOUND; TROTH_E_INVAL for a key of no contact; TROTH_E_FORMAT without a name. */
int troth_store_key_complete(struct troth_store *store, const struct troth_store_new_key *key,
			     int64_t now) TROTH_MUST_USE;

/* Effect: to replaced, suspended or revoked, with the reason in the log. A key that isn't
 * known can be revoked: it is kept, of no contact. Errors: TROTH_E_REVOKED when it is revoked
 * and something else is asked; TROTH_E_NOT_FOUND; TROTH_E_INVAL for another state. */
int troth_store_key_withdraw(struct troth_store *store, const struct troth_pin *pin,
			     enum troth_store_key_state state, const char *reason,
			     int64_t now) TROTH_MUST_USE;

/* Effect: an explicit re-pairing in one transaction: pins the key and marks every other key of the
 * contact that was proven, unproven or suspended `replaced`. Errors: as for pin. */
int troth_store_repair(struct troth_store *store, int64_t contact,
		       const struct troth_store_new_key *key, int64_t now) TROTH_MUST_USE;

/* Errors: TROTH_E_NOT_FOUND. The second appends the certificate to *out. */
int troth_store_key_get(struct troth_store *store, const struct troth_pin *pin,
			struct troth_store_key *out) TROTH_MUST_USE;
int troth_store_key_der(struct troth_store *store, const struct troth_pin *pin,
			struct troth_buf *out) TROTH_MUST_USE;
/* Effect: the contact's device keys, the one changed last first; contact 0: keys of no contact. */
int troth_store_key_list(struct troth_store *store, int64_t contact, troth_store_key_each *each,
			 void *user) TROTH_MUST_USE;
/* Effect: the same for its user keys. Apart, so that none is ever taken for a device. */
int troth_store_user_key_list(struct troth_store *store, int64_t contact,
			      troth_store_key_each *each, void *user) TROTH_MUST_USE;
/* Effect: the proven keys of all contacts of which only the pin is known, in the same order. */
int troth_store_key_list_nameless(struct troth_store *store, troth_store_key_each *each,
				  void *user) TROTH_MUST_USE;

/* ---- Evidence: append-only, what verdicts are made of ---- */

struct troth_store_evidence {
	int64_t id;      /* ignored when appending */
	int64_t contact; /* 0: none */
	struct troth_pin pin;
	const char *kind;        /* "ca", "openpgp", "endorsement", "revocation", ... */
	const char *method;      /* issuer or method, optional */
	struct troth_slice data; /* borrowed likewise; may be empty */
	int64_t time;
};
typedef int troth_store_evidence_each(void *user, const struct troth_store_evidence *evidence);

/* Errors: TROTH_E_NOT_FOUND for the contact, TROTH_E_LIMIT beyond TROTH_STORE_BLOB_MAX. */
int troth_store_evidence_append(struct troth_store *store,
				const struct troth_store_evidence *evidence) TROTH_MUST_USE;
/* Effect: in the order in which it came; contact 0: of any; pin NULL: about any key. */
int troth_store_evidence_list(struct troth_store *store, int64_t contact,
			      const struct troth_pin *pin, troth_store_evidence_each *each,
			      void *user) TROTH_MUST_USE;

/* Effect: a number that changes whenever another connection has changed something. */
int troth_store_version(struct troth_store *store, int64_t *out) TROTH_MUST_USE;

/* What the user's policy asks of what is believed. It isn't kept in the store: it is here so that
 * whoever concludes from what the store holds, concludes by the same policy. Until it is set:
 * troth_belief_policy_default. */
void troth_store_set_belief_policy(struct troth_store *store,
				   const struct troth_belief_policy *policy);
const struct troth_belief_policy *troth_store_belief_policy(const struct troth_store *store);

/* ---- Statements: append-only, what belief is made of (trust/belief.h) ---- */

struct troth_store_statement {
	int64_t id;                         /* in the order of arrival; ignored when appending */
	int64_t contact;                    /* 0: none */
	struct troth_belief_statement says; /* introducer_trusted isn't kept: false when read */
	struct troth_slice data; /* what was signed or shown, to show it to others; may be empty */
};
typedef int troth_store_statement_each(void *user, const struct troth_store_statement *statement);

/* Effect: records it. Nothing when the same is recorded already since the contact's last
 * re-pairing: for what is signed, whenever it arrived; for what happened, at the same time; for
 * what the keyring says, when nothing else was said since. Meetings, claims, re-pairings and the
 * user's own revocations are recorded by the calls for keys above, in their transaction; a signed
 * revocation is to be appended before the key is withdrawn.
 * Statements go with their contact, except those about revoked keys and all revocations.
 * Errors: TROTH_E_NOT_FOUND for the contact; TROTH_E_INVAL for a kind, purpose or the like that
 * isn't one; TROTH_E_LIMIT beyond TROTH_STORE_BLOB_MAX, and beyond TROTH_STORE_STATEMENTS_MAX of
 * one contact: then re-pairings and revocations of known keys are recorded all the same,
 * of these no more than TROTH_STORE_REVOCATIONS_MAX of one key by one issuer. */
int troth_store_statement_append(struct troth_store *store,
				 const struct troth_store_statement *statement) TROTH_MUST_USE;
/* Effect: all that was said for the contact, and revocations of keys spoken of there whoever they
 * were recorded for; in the order of arrival. It is what belief about the contact is made of:
 * `data`, which belief has no use for, is empty. */
int troth_store_statement_list(struct troth_store *store, int64_t contact,
			       troth_store_statement_each *each, void *user) TROTH_MUST_USE;
/* Effect: all that was said about a key or by it, for any contact, likewise and with `data`. */
int troth_store_statement_list_by_pin(struct troth_store *store, const struct troth_pin *pin,
				      troth_store_statement_each *each, void *user) TROTH_MUST_USE;

/* ---- Guess budgets: one per scope, a text that the caller chooses ---- */

struct troth_store_budget {
	unsigned bits; /* strength of the secret */
	bool unlimited;
	int64_t allowed;   /* ignored when unlimited */
	int64_t spent;     /* debits not given back */
	int64_t remaining; /* INT64_MAX when unlimited */
	int64_t armed;
};

struct troth_store_budget_params {
	const char *scope;
	int64_t contact; /* 0: none yet; forgetting the contact removes the budget */
	unsigned bits;   /* from TROTH_WEAK_SECRET_BITS on: counted, not limited */
	int64_t allowed; /* 0: TROTH_LIMIT_GUESSES */
};

/* Effect: arms the scope with a full budget. Only on the user's own word: a program that arms again
 * by itself gives away the protection. Errors: TROTH_E_INVAL, TROTH_E_NOT_FOUND (contact). */
int troth_store_budget_arm(struct troth_store *store,
			   const struct troth_store_budget_params *params,
			   int64_t now) TROTH_MUST_USE;
/* Effect: takes one guess, on disk before it returns; *out (may be NULL) is what is left. Parallel
 * debits each count. Errors: TROTH_E_BUDGET when none is left, TROTH_E_NOT_FOUND when not armed. */
int troth_store_budget_debit(struct troth_store *store, const char *scope,
			     struct troth_store_budget *out) TROTH_MUST_USE;
/* Effect: gives one debit back, after a correct proof only. Errors: TROTH_E_INVAL when none
 * is out, TROTH_E_NOT_FOUND. */
int troth_store_budget_credit(struct troth_store *store, const char *scope) TROTH_MUST_USE;
/* Errors: TROTH_E_NOT_FOUND when not armed. */
int troth_store_budget_get(struct troth_store *store, const char *scope,
			   struct troth_store_budget *out) TROTH_MUST_USE;
/* Effect: forgets the scope; debits are refused from then on. Nothing when not armed. */
int troth_store_budget_disarm(struct troth_store *store, const char *scope) TROTH_MUST_USE;

/* ---- Secrets given in advance: one belongs to one contact ---- */

/* Effect: remembers that this secret waits in this scope, as a slow keyed hash (about a tenth of a
 * second, 64 MiB); another secret in the same scope takes its place. contact may be 0.
 * Errors: TROTH_E_CONFLICT when the same secret waits in another scope, TROTH_E_NOT_FOUND. */
int troth_store_secret_claim(struct troth_store *store, const char *scope, int64_t contact,
			     const struct troth_secret *secret, int64_t now) TROTH_MUST_USE;
/* Effect: the secret was used or withdrawn: its hash is erased. Nothing when none waits. */
int troth_store_secret_spent(struct troth_store *store, const char *scope) TROTH_MUST_USE;

/* ---- History of connections ---- */

struct troth_store_connection {
	int64_t id;      /* ignored when appending */
	int64_t contact; /* 0: none */
	int64_t time;
	const struct troth_pin *pin; /* NULL: no key was shown */
	bool incoming;
	const char *address;
	const char *method;  /* "keyinfo", "pake", "srp", "sas", "insecure", "plain" */
	const char *level;   /* "plain", "unverified", "vouched", "verified" */
	bool transcript;     /* the offers were compared inside TLS */
	const char *outcome; /* troth_err_name: "ok", "downgrade", ... */
	const char *detail;  /* optional */
};
typedef int troth_store_connection_each(void *user, const struct troth_store_connection *row);

/* Errors: TROTH_E_NOT_FOUND for the contact. */
int troth_store_history_append(struct troth_store *store,
			       const struct troth_store_connection *row) TROTH_MUST_USE;
/* Effect: *out tells whether this key ever showed a transcript on a connection that ended "ok". */
int troth_store_history_had_transcript(struct troth_store *store, const struct troth_pin *pin,
				       bool *out) TROTH_MUST_USE;
/* Effect: when the contact was last met with outcome "ok". Errors: TROTH_E_NOT_FOUND when never. */
int troth_store_history_last_met(struct troth_store *store, int64_t contact,
				 int64_t *out) TROTH_MUST_USE;
/* Effect: newest first, at most `limit` rows (0: all); contact 0: of everybody. */
int troth_store_history_list(struct troth_store *store, int64_t contact, int64_t limit,
			     troth_store_connection_each *each, void *user) TROTH_MUST_USE;

/* ---- First meeting: all of it or nothing ---- */

/* What a meeting does about the owner of this device (owner.h). */
enum troth_store_claim {
	TROTH_STORE_CLAIM_NONE,
	TROTH_STORE_CLAIM_FIRST,   /* whoever is met is the owner, if there is none */
	TROTH_STORE_CLAIM_TRANSFER /* in place of the one that there is, who is forgotten */
};

struct troth_store_meeting {
	int64_t contact;   /* 0: make a new one called `label` */
	const char *label; /* for a new contact only */
	const struct troth_store_new_key *key;
	bool claimed;      /* possession isn't proven: as by troth_store_key_claim */
	bool repair;       /* the contact's other keys become replaced; not by a claim */
	const char *scope; /* give one guess back and erase the secret; NULL: there was none */
	bool keep_secret;  /* a device secret: not spent by use */
	enum troth_store_claim claim;
	const struct troth_store_address *address;       /* optional hint */
	const struct troth_store_connection *connection; /* `contact` and `pin` are filled in */
};

/* Effect: makes or takes the contact, pins the key, credits the budget, spends the secret, and
 * writes address, history and log, atomically; *out is the contact. Errors: those of the single
 * steps, TROTH_E_INVAL for a repair by a claim, TROTH_E_REFUSED when another one is the owner. A
 * label in use is TROTH_E_EXISTS: it isn't taken for the same person. */
int troth_store_meeting_commit(struct troth_store *store, const struct troth_store_meeting *meeting,
			       int64_t now, int64_t *out) TROTH_MUST_USE;

/* ---- Introducers ---- */

/* What our user lets a contact do; nothing of it unless it is set. */
enum troth_store_leave {
	TROTH_STORE_LEAVE_INTRODUCE, /* its word on other people's keys is heard */
	TROTH_STORE_LEAVE_ASK        /* it is told the keys of people that it asks for */
};
/* Effect: on the user's own word. Errors: TROTH_E_NOT_FOUND. */
int troth_store_leave_set(struct troth_store *store, int64_t contact, enum troth_store_leave leave,
			  bool on, int64_t now) TROTH_MUST_USE;
/* false for nobody's contact, too. */
int troth_store_leave_get(struct troth_store *store, int64_t contact, enum troth_store_leave leave,
			  bool *out) TROTH_MUST_USE;

struct troth_store_vouch {
	int64_t contact;                           /* 0: make a new one called `label` */
	const char *label;                         /* for a new contact only */
	const struct troth_store_new_key *key;     /* concluded; how: TROTH_STORE_HOW_VOUCHED */
	const struct troth_store_statement *says;  /* VOUCHED; its contact is filled in */
	const struct troth_store_statement *links; /* INTRODUCED, that it rests on; likewise */
	size_t link_count;
};
/* Effect: makes or takes the contact, keeps the key unproven with what was said of it, atomically.
 * Errors: those of claim and append; TROTH_E_CONFLICT also for a contact that has keys otherwise
 * than by introducers; TROTH_E_EXISTS for a label in use. */
int troth_store_vouch_commit(struct troth_store *store, const struct troth_store_vouch *vouch,
			     int64_t now, int64_t *out) TROTH_MUST_USE;

/* ---- Event log: append-only, hash-chained ---- */

struct troth_store_entry {
	int64_t seq; /* from 1, without gaps; ignored when appending */
	int64_t time;
	const char *kind;    /* "contact-new", "key-pinned", "downgrade", ... */
	const char *contact; /* label at that time, optional */
	const char *text;
	const uint8_t *hash; /* TROTH_STORE_HASH_LEN bytes; ignored when appending */
};
typedef int troth_store_entry_each(void *user, const struct troth_store_entry *entry);

/* Effect: hash = SHA-256(lv_cat("troth-log-0", hash before, seq, time, kind, contact, text));
 * numbers in decimal, 32 zero bytes before the first. */
int troth_store_log_append(struct troth_store *store,
			   const struct troth_store_entry *entry) TROTH_MUST_USE;
/* Effect: entries with seq > since, in order. */
int troth_store_log_list(struct troth_store *store, int64_t since, troth_store_entry_each *each,
			 void *user) TROTH_MUST_USE;
/* Effect: recomputes the chain; *out is the first entry that is changed, missing or cut off, or 0
 * when all is well. Somebody who rewrites the whole file with a new chain isn't noticed. */
int troth_store_log_verify(struct troth_store *store, int64_t *out) TROTH_MUST_USE;

/* ---- Accounts on servers ---- */

struct troth_store_account {
	const char *jid;     /* bare, prepared */
	const char *host;    /* "": as DNS says */
	uint16_t port;       /* 0: the usual one */
	const char *ca_file; /* "": the system's CAs */
	bool direct_tls;
	bool certificate;     /* signs in by this device's certificate */
	const char *password; /* in clear, on the user's word only; NULL: asked for each time */
	int64_t added;
};
typedef int troth_store_account_each(void *user, const struct troth_store_account *account);

/* Effect: adds an account, or takes the place of the one of that JID. Errors: TROTH_E_INVAL,
 * TROTH_E_FORMAT, TROTH_E_LIMIT for its texts. */
int troth_store_account_put(struct troth_store *store,
			    const struct troth_store_account *account) TROTH_MUST_USE;
/* Effect: removes it, and its password from the file. Errors: TROTH_E_NOT_FOUND. */
int troth_store_account_remove(struct troth_store *store, const char *jid,
			       int64_t now) TROTH_MUST_USE;
/* Effect: all of them, by JID; what they point at is borrowed for the call. */
int troth_store_account_list(struct troth_store *store, troth_store_account_each *each,
			     void *user) TROTH_MUST_USE;

/* ---- Settings: key and value ---- */

/* Effect: appends the value to *out. Errors: TROTH_E_NOT_FOUND. */
int troth_store_setting_get(struct troth_store *store, const char *key,
			    struct troth_buf *out) TROTH_MUST_USE;
/* Effect: a NULL value removes it. */
int troth_store_setting_set(struct troth_store *store, const char *key,
			    const char *value) TROTH_MUST_USE;
typedef int troth_store_setting_each(void *user, const char *key, const char *value);
/* Effect: the settings whose key begins with `prefix`, by key. */
int troth_store_setting_list(struct troth_store *store, const char *prefix,
			     troth_store_setting_each *each, void *user) TROTH_MUST_USE;

#endif
