/* SPDX-License-Identifier: MIT */
/*
 * The verdict: a pure function of evidence, policy and time that carries its reasons.
 * Layer: trust, the top of the sans-I/O core. Reads no store and no clock: what is known
 * comes in as facts. A further kind of evidence is a further fact and its rule.
 */
#ifndef TROTH_TRUST_VERDICT_H
#define TROTH_TRUST_VERDICT_H

#include "trust/standing.h"

#include <troth/err.h>
#include <troth/stream.h>
#include <troth/trust.h>

/* X(symbol, sentence): what the user's OpenPGP keyring says of a key that endorses the one shown;
 * %s is whose it would be. */
#define TROTH_OPENPGP_WORDS(X)                                                                     \
	X(FULL, "The keyring finds that OpenPGP key fully valid for %s.")                          \
	X(MARGINAL, "The keyring finds that OpenPGP key marginally valid for %s.")                 \
	X(UNKNOWN, "An OpenPGP key endorses it; nobody whom the keyring trusts says that it is "   \
		   "%s's.")                                                                        \
	X(NEVER,                                                                                   \
	  "An OpenPGP key endorses it, and the keyring is told never to believe it for %s.")       \
	X(ABSENT, "An OpenPGP key endorses it that has no user ID for %s and isn't assigned.")     \
	X(REVOKED, "The OpenPGP key that endorses it for %s has been revoked.")                    \
	X(EXPIRED, "The OpenPGP key that endorses it for %s has expired.")                         \
	X(DISABLED, "The OpenPGP key that endorses it for %s is disabled in the keyring.")         \
	X(UNUSABLE, "The OpenPGP key that endorses it for %s is invalid or too weak.")             \
	X(MISSING, "The keyring doesn't have the OpenPGP key that endorses it for %s.")            \
	X(UNSIGNED, "The OpenPGP endorsement that came with it, for %s, isn't right.")             \
	X(OVER, "The OpenPGP endorsement that came with it, for %s, is out of date.")              \
	X(OTHERS, "The OpenPGP key that endorses it for %s isn't that of this contact.")           \
	X(UNASKED, "GnuPG can't be asked about the OpenPGP key that endorses it for %s.")

enum troth_openpgp_word {
	TROTH_OPENPGP_WORD_NONE, /* no OpenPGP key endorses it */
#define TROTH_OPENPGP_WORD_ENUM(symbol, text) TROTH_OPENPGP_WORD_##symbol,
	TROTH_OPENPGP_WORDS(TROTH_OPENPGP_WORD_ENUM)
#undef TROTH_OPENPGP_WORD_ENUM
};

/* What the CAs of a policy say of the certificate (trust/authority.h). */
struct troth_ca_fact {
	int err;              /* TROTH_OK: they say who it is; else why not */
	const char *why;      /* with an error: a sentence */
	const char *who;      /* who it is: a JID */
	const char *contact;  /* the contact that holds that JID; NULL: none, or it is a proxy */
	bool contact_has_key; /* and has a proven key */
	bool claimed;         /* and the address that it claims is that JID */
	bool proxied;         /* it acts for who it says */
	bool needs_pin;       /* policy: the CA alone isn't enough */
};

struct troth_facts {
	enum troth_method method;    /* how the handshake was authenticated */
	enum troth_key_standing key; /* of the key shown in the handshake; UNKNOWN under a secret */
	const char *key_owner;       /* the contact that holds that key; NULL: none */
	const char *voucher;         /* the introducer, where key is VOUCHED */
	enum troth_openpgp_word openpgp; /* of the OpenPGP key that endorses it */
	const char *openpgp_of;          /* whose it would be: a JID, or a contact */
	const char *chosen;    /* the contact that our user chose to call; NULL: nobody special */
	bool chosen_has_key;   /* and has a proven key */
	const char *secret_of; /* the contact that the secret belongs to; NULL: somebody new */
	const char *address_owner;      /* the contact that holds the address claimed; NULL: none */
	bool address_owner_has_key;     /* and has a proven key */
	const struct troth_ca_fact *ca; /* NULL: no CA knows the certificate */
	bool tried;             /* nothing was promised but that a CA might know it (may_try) */
	bool link;              /* the address is a label (XEP-0174), not a JID */
	bool transcript_before; /* the same key showed a transcript on an earlier stream */
	bool transcript;        /* and on this one; meaningful once secured */
	enum troth_level least; /* policy for what nothing else decides */
};

/* X(symbol, sentence): why; %s is the contact. */
#define TROTH_REASONS(X)                                                                           \
	X(KEY_PINNED, "It showed the key pinned for %s.")                                          \
	X(KEY_FIRST_PROOF, "It showed the key that %s named earlier, and proved it now.")          \
	X(KEY_ENDORSED, "It showed a key that %s's user key, or its earlier key, endorses.")       \
	X(KEY_CERTIFIED, "A certificate authority that policy names certified its key as %s's.")   \
	X(KEY_OPENPGP, "It showed a key that the OpenPGP key of %s endorses.")                     \
	X(OPENPGP_SAYS, "The keyring speaks of the OpenPGP key that endorses it, for %s.")         \
	X(KEY_VOUCHED, "It showed a key that is %s's on the word of an introducer only.")          \
	X(VOUCHED_BY, "The introducer is %s.")                                                     \
	X(KEY_UNCERTIFIED, "Policy asks for a certificate authority's word on %s's key as well.")  \
	X(SECRET_SHARED, "It proved the shared secret.")                                           \
	X(NOBODY_VERIFIED, "Nobody has verified its key.")                                         \
	X(NO_TLS, "It can't encrypt.")                                                             \
	X(OTHER_KEY, "It didn't show the key pinned for %s.")                                      \
	X(OTHER_CONTACT, "Its key belongs to %s, not to the contact that was called.")             \
	X(ADDRESS_TAKEN, "The address that it claims belongs to %s.")                              \
	X(ADDRESS_STRANGE, "The address that it claims isn't known as one of %s's.")               \
	X(KEY_WAS_REPLACED, "Its key was %s's and has been replaced.")                             \
	X(KEY_IS_SUSPENDED, "%s's key is suspended.")                                              \
	X(KEY_IS_VOID, "Its key is %s's only on the word of a key whose word no longer counts.")   \
	X(KEY_IS_REVOKED, "%s's key has been revoked.")                                            \
	X(TRANSCRIPT_MISSING, "It compared the offers before, and didn't this time.")              \
	X(CA_SPEAKS, "A CA that the policy believes says that it is %s.")                          \
	X(CA_PROXY, "It acts for %s, with a delegation that the policy allows.")                   \
	X(CA_SILENT, "No CA that the policy believes has certified it.")                           \
	X(CA_REFUSES, "%s")                                                                        \
	X(CA_NEEDS_PIN, "A CA says that it is %s; the policy wants the key pinned as well.")       \
	X(CA_OTHER_ADDRESS, "A CA says that it is %s, which isn't the address that it claims.")    \
	X(BELOW_POLICY, "That is less than the policy asks for.")

enum troth_reason {
#define TROTH_REASON_ENUM(symbol, text) TROTH_REASON_##symbol,
	TROTH_REASONS(TROTH_REASON_ENUM)
#undef TROTH_REASON_ENUM
};

#define TROTH_REASONS_MAX 8

struct troth_judgement {
	struct troth_verdict
		verdict; /* for troth_stream_verdict; contact borrowed from the facts */
	enum troth_reason reasons[TROTH_REASONS_MAX];
	const char *about[TROTH_REASONS_MAX]; /* the contact of each; NULL where it has none */
	size_t count;
};

/* Effect: judges. Never fails: what isn't good enough has verdict.err set, and then its level
 * is PLAIN: a refused proof is worth nothing. */
void troth_judge(struct troth_judgement *out, const struct troth_facts *facts);

/* The sentence of a word, with %s for whose key it would be; "" for NONE. Static string. It says
 * more than TROTH_REASON_OPENPGP_SAYS does, in whose place it is shown. */
const char *troth_openpgp_word_text(enum troth_openpgp_word word);
/* What it comes to where nothing else says whose the key is: never TROTH_OK. */
int troth_openpgp_word_err(enum troth_openpgp_word word);

/* The sentence of a reason, with %s for the contact where it has one. Static string. */
const char *troth_reason_text(enum troth_reason reason);

#endif
