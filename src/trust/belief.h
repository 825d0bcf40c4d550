/* SPDX-License-Identifier: MIT */
/*
 * Belief: which keys are a contact's, as a pure function of what was recorded of them, policy and
 * time, which says why. Layer: trust, in the sans-I/O core. The only place that decides it.
 *
 * What comes in was verified before it was recorded: signatures, chains, possession, the longest
 * life of an endorsement. What is decided here is whose word counts, for what, and how long.
 *
 * The rules are those of docs/protocol.md, "Keys about keys". Statements about different things
 * may arrive in any order. These rules alone look at the order of arrival:
 * 1. A re-pairing replaces what came before it. Revocations stay.
 * 2. Dates count when a statement arrives, by the clock of that moment, and never again: a key that
 *    was learnt while its endorsement, chain or voucher was valid stays.
 * 3. A revoked key says nothing new: an endorsement, renewal or succession that arrives after its
 *    signer's revocation isn't learnt. (One that came before stays, unless the key was
 *    compromised or lost.)
 * 4. A renewal counts if there was no user key yet when it arrived; otherwise the user key's
 *    own endorsement of the new key is needed.
 * 5. The overlap of old and new key begins when the renewal arrives.
 * 6. What is suspended, or replaced by a renewal, returns when something that decides arrives
 *    afterwards: the key proven by a secret or by hand, or an endorsement by the user key.
 * 7. Of what the keyring says about one OpenPGP key, the last counts.
 * 8. A user key names one quorum, the first that arrives, and that quorum one successor: the first
 *    for which enough devices of it have spoken. From then on the user key adds nothing. What it
 *    takes away still counts.
 */
#ifndef TROTH_TRUST_BELIEF_H
#define TROTH_TRUST_BELIEF_H

#include "trust/standing.h"

#include <stdbool.h>
#include <troth/key.h>
#include <troth/trust.h>

/* Days and the like, in seconds. */
#define TROTH_BELIEF_OVERLAP ((int64_t)30 * 24 * 3600)
#define TROTH_BELIEF_CLOCK_SLACK ((int64_t)2 * 24 * 3600) /* a signer's clock may be ahead */

/* ---- What was recorded ---- */

/* The numbers of these enums are on disk: add, never change. */
enum troth_belief_kind {
	TROTH_BELIEF_CLAIMED = 1,    /* the contact named the key as its own, without possession */
	TROTH_BELIEF_MET = 2,        /* the key was proven; `how` */
	TROTH_BELIEF_REPAIRED = 3,   /* proven by an explicit re-pairing: all before is replaced */
	TROTH_BELIEF_ENDORSED = 4,   /* signed by issuer; `purpose` */
	TROTH_BELIEF_REVOKED = 5,    /* signed by issuer; `reason` */
	TROTH_BELIEF_CA = 6,         /* the chain was verified under the policy for this JID */
	TROTH_BELIEF_OPENPGP = 7,    /* what the keyring says of the OpenPGP key `subject` */
	TROTH_BELIEF_VOUCHED = 8,    /* `introducer` vouches, by issuer, a key of his; with a
					`depth` of more, issuer is somebody's whose word he
					passes on: INTRODUCED */
	TROTH_BELIEF_ANCHOR = 9,     /* the user key `subject` was accepted, because it endorsed the
					proven device issuer, or (issuer all zero) was met itself */
	TROTH_BELIEF_SUCCESSOR = 10, /* the device issuer says: the user key subject takes the place
					of the one before. One alone means nothing: QUORUM */
	TROTH_BELIEF_DISPUTED = 11,  /* during the overlap a stream by subject or by its successor
					named another successor than the one known */
	TROTH_BELIEF_QUORUM = 12,    /* the user key issuer named the device subject in advance, in
					the list `list`; `depth` devices of it may say SUCCESSOR */
	TROTH_BELIEF_INTRODUCED = 13 /* a link of `introducer`'s chain: issuer takes the word of the
					key subject, which is somebody else's; `depth` 1: issuer is
					a key of his */
};

enum troth_belief_how {
	TROTH_BELIEF_BY_SECRET = 1,
	TROTH_BELIEF_BY_HAND = 2,     /* a fingerprint or short string that a person compared */
	TROTH_BELIEF_BY_HANDSHAKE = 3 /* the first one of a key that was only claimed */
};

enum troth_belief_purpose {
	TROTH_BELIEF_DEVICE = 1, /* user key -> device */
	TROTH_BELIEF_RENEW = 2,  /* old -> new device key, signed by both */
	TROTH_BELIEF_VOUCH = 3   /* as TROTH_BELIEF_VOUCHED; by itself it counts for nothing, since
				    nobody is known to stand behind it */
};

enum troth_belief_reason {
	TROTH_BELIEF_COMPROMISED = 1, /* and for reasons that aren't known */
	TROTH_BELIEF_RETIRED = 2,
	TROTH_BELIEF_LOST = 3 /* judged as compromised: whoever found it may use it */
};

enum troth_belief_validity {
	TROTH_BELIEF_INVALID = 0, /* unknown, undefined or never */
	TROTH_BELIEF_MARGINAL = 1,
	TROTH_BELIEF_FULL = 2,
	TROTH_BELIEF_ULTIMATE = 3
};

/* One thing that was said. Members that its kind has no use for are zero. */
struct troth_belief_statement {
	enum troth_belief_kind kind;
	/* What it is about, and who says it: pins. An OpenPGP key is its fingerprint followed by
	 * zeros (troth_belief_openpgp_id). */
	struct troth_pin subject;
	struct troth_pin issuer;
	enum troth_belief_how how;         /* MET */
	enum troth_belief_purpose purpose; /* ENDORSED */
	bool presented;                    /* ENDORSED, DEVICE: by that device, on a stream that
					      its own key authenticated; otherwise it counts for
					      nothing */
	enum troth_belief_reason reason;   /* REVOKED */
	enum troth_belief_validity
		validity;        /* OPENPGP: of the user ID xmpp:JID, or of the key ... */
	bool assigned;           /* ... that our user assigned to the contact. Expiry
				    isn't a change of validity. */
	int64_t introducer;      /* VOUCHED, INTRODUCED: the contact */
	bool introducer_trusted; /* VOUCHED, INTRODUCED: is an introducer now, and issuer is
				    believed to be his (depth 1), or isn't known to be withdrawn
				    (more); found out anew for each judgement, never stored */
	unsigned depth;          /* VOUCHED: how many people the word comes from, one behind the
				    other; 1: the introducer knows the key himself. INTRODUCED:
				    the same of the link. QUORUM: how many devices it takes */
	struct troth_pin list; /* QUORUM: SHA-256 of all that was signed, which names each device */
	/* What was signed, or found in a certificate: */
	int64_t issued;  /* ENDORSED, VOUCHED, INTRODUCED, SUCCESSOR; REVOKED: its time */
	int64_t expires; /* ENDORSED, VOUCHED, INTRODUCED, CA (not after); INT64_MAX: never */
	int64_t time;    /* when it arrived, by our clock */
};

/* Effect: the 20 bytes of a fingerprint as a pin. */
struct troth_pin troth_belief_openpgp_id(const uint8_t fingerprint[20]);

/* Whether its dates let it be learnt at the time at which it arrived. One that doesn't pass
 * should not be recorded: it would stand in the way of the same one, shown again later. */
bool troth_belief_in_date(const struct troth_belief_statement *statement);

/* ---- Policy ---- */

enum troth_belief_ca_policy {
	TROTH_BELIEF_CA_IGNORED, /* a CA says nothing about this contact */
	TROTH_BELIEF_CA_ENOUGH,  /* a CA's word makes a key the contact's */
	TROTH_BELIEF_CA_AND_PIN  /* ... doesn't, and no key counts without it: only where policy
				    names a CA for the contact's JID */
};

struct troth_belief_policy {
	enum troth_level vouched; /* what an introducer's word is worth; below VOUCHED: nothing */
	unsigned depth;           /* the longest chain of introducers; normally 1 */
	enum troth_belief_validity openpgp; /* that an OpenPGP key needs; normally FULL */
	int64_t overlap;                    /* of old and new key, in seconds */
	enum troth_belief_ca_policy ca;
};

/* VOUCHED, depth 1, FULL, 30 days, CAs ignored. */
struct troth_belief_policy troth_belief_policy_default(void);

/* ---- What is believed ---- */

enum troth_key_role {
	TROTH_ROLE_DEVICE = 0, /* its handshakes are the contact's */
	TROTH_ROLE_USER = 1    /* endorses devices; never a pin of a handshake */
};

/* X(symbol, sentence): one step of the reasoning. %1 is the subject, %2 the issuer, %c the
 * contact, %i the introducer. */
#define TROTH_BELIEF_STEPS(X)                                                                      \
	X(CLAIMED, "%c named the key %1 without proving it.")                                      \
	X(MET_BY_SECRET, "The key %1 was proven by a secret shared with %c.")                      \
	X(MET_BY_HAND, "The key %1 was compared by hand.")                                         \
	X(MET_BY_HANDSHAKE, "The key %1, which %c had named, proved itself later.")                \
	X(REPAIRED, "The key %1 was proven when %c was paired again.")                             \
	X(ENDORSED, "The user key %2 endorses the key %1.")                                        \
	X(RENEWED, "The key %1 takes the place of %2; both signed it.")                            \
	X(CA, "A certificate authority that policy names for %c certified the key %1.")            \
	X(OPENPGP, "The keyring finds the OpenPGP key %1 valid for %c.")                           \
	X(ASSIGNED, "The OpenPGP key %1 was assigned to %c by hand, and the keyring finds it "     \
		    "valid.")                                                                      \
	X(VOUCHED, "%i vouches for the key %1.")                                                   \
	X(VOUCHED_BEHIND, "The key %2 vouches for the key %1, and %i passes that on.")             \
	X(INTRODUCED, "%i takes the word of the key %1.")                                          \
	X(INTRODUCED_BEHIND, "The key %2 takes the word of the key %1.")                           \
	X(ANCHORED, "The user key %1 was accepted with the device %2, which it endorses.")         \
	X(ANCHOR_MET, "The user key %1 was proven itself.")                                        \
	X(SUCCESSOR, "The user key %1 takes the place of the one before: so say as many devices "  \
		     "as that one had named for it, %2 among them.")                               \
	X(SUCCEEDED, "The user key %1 took its place: this one adds no more devices.")             \
	X(OVERLAP, "It is being renewed by the key %1, and may be used for some days more.")       \
	X(REPLACED, "The key %1 took its place.")                                                  \
	X(REPLACED_BY_REPAIR, "%c was paired again later, with the key %1.")                       \
	X(REVOKED, "The key %1 was revoked by %2.")                                                \
	X(FELLOW_REVOKED, "Another device of %c, %2, revoked the key %1.")                         \
	X(TWO_SUCCESSORS, "The key %2 named two successors; one is %1.")                           \
	X(DISPUTED, "A stream of %c named another successor of the key %1 than the one known.")    \
	X(ISSUER_REVOKED, "The word of %2, which spoke for the key %1, no longer counts.")         \
	X(ISSUER_SUSPENDED, "The key %2, which speaks for the key %1, is suspended.")              \
	X(OPENPGP_INVALID, "The keyring no longer finds the OpenPGP key %1 valid enough.")         \
	X(CA_MISSING, "Policy asks for a certificate authority's word as well.")

enum troth_belief_step_kind {
#define TROTH_BELIEF_STEP_ENUM(symbol, text) TROTH_STEP_##symbol,
	TROTH_BELIEF_STEPS(TROTH_BELIEF_STEP_ENUM)
#undef TROTH_BELIEF_STEP_ENUM
};

/* The sentence, with its marks. Static string. */
const char *troth_belief_step_text(enum troth_belief_step_kind kind);

#define TROTH_BELIEF_STEPS_MAX 8
#define TROTH_BELIEF_DEPTH_MAX 3 /* of introducers, whatever policy says */
#define TROTH_BELIEF_NO_STATEMENT SIZE_MAX

struct troth_belief_step {
	enum troth_belief_step_kind kind;
	size_t statement; /* its place in what came in; TROTH_BELIEF_NO_STATEMENT where none says
			     it */
};

struct troth_belief_key {
	struct troth_pin pin;
	enum troth_key_role role;
	enum troth_key_standing standing;
	/* What made it so, the last first: from the key to what was proven. A chain that is
	 * longer is cut. None for UNKNOWN. */
	struct troth_belief_step steps[TROTH_BELIEF_STEPS_MAX];
	size_t step_count;
};

struct troth_belief {
	struct troth_belief_key *keys; /* by pin, then by role: each that was spoken of */
	size_t count;
};

/* What a contact's evidence amounts to at now. */
struct troth_belief_question {
	const struct troth_belief_statement *statements; /* in the order in which they arrived */
	size_t count;
	const struct troth_belief_policy *policy;
	int64_t now; /* seconds since 1970; the overlap alone depends on it */
};

/* Effect: concludes; free with troth_belief_fini. Revocations of its keys that were recorded for
 * other contacts, or for none, belong into the statements too.
 * Errors: TROTH_E_NOMEM, TROTH_E_INVAL for a statement of no known kind. */
int troth_belief_conclude(struct troth_belief *out,
			  const struct troth_belief_question *question) TROTH_MUST_USE;
void troth_belief_fini(struct troth_belief *belief);

/* The key in that role; NULL when nothing was said of it. Borrowed. */
const struct troth_belief_key *troth_belief_find(const struct troth_belief *belief,
						 const struct troth_pin *pin,
						 enum troth_key_role role);
/* Whether a key that stands so is the contact's, beyond an introducer's word: a handshake by a
 * device key, an endorsement by a user key. */
bool troth_standing_is_believed(enum troth_key_standing standing);
/* Whether the contact has, or had, a device key of its own: then nothing less is taken from it
 * until it is paired again. That its keys were revoked or suspended doesn't lower what is asked. */
bool troth_belief_has_key(const struct troth_belief *belief);

#endif
