/* SPDX-License-Identifier: MIT */
/*
 * A policy with the certificates that it names: whose word a chain is, and for which JID.
 * Layer: trust. Pure: the files come in as bytes; the time is a parameter.
 */
#ifndef TROTH_TRUST_AUTHORITY_H
#define TROTH_TRUST_AUTHORITY_H

#include "keys/chain.h"
#include "trust/policy.h"

struct troth_authorities;

/* Effect: takes the policy over, on success only. Its files are to be added. */
int troth_authorities_new(struct troth_authorities **out,
			  struct troth_policy *policy) TROTH_MUST_USE;
void troth_authorities_free(struct troth_authorities *all);
const struct troth_policy *troth_authorities_policy(const struct troth_authorities *all);

/* Effect: adds what a file of the nth section holds. Errors: those of troth_ca_add_*. */
int troth_authorities_add(struct troth_authorities *all, size_t section,
			  enum troth_policy_kind kind, struct troth_slice bytes) TROTH_MUST_USE;
/* Of the nth section; borrowed. */
const struct troth_ca *troth_authorities_ca(const struct troth_authorities *all, size_t section);

#define TROTH_WORD_JIDS 8
#define TROTH_WORD_TEXT 1024

struct troth_ca_word_params {
	const struct troth_cert *leaf;
	const struct troth_slice *others; /* DER, as the peer sent them */
	size_t other_count;
	struct troth_slice staple;
	int64_t now;
};

/* What the CAs say of a certificate. */
struct troth_ca_word {
	enum troth_chain_fault fault;     /* NONE: `by` speaks for jids */
	const struct troth_policy_ca *by; /* also of a fault, where one CA could be named; borrowed
					     from the policy */
	struct troth_address *jids[TROTH_WORD_JIDS]; /* owned; empty with a fault */
	size_t jid_count;
	unsigned proxies;              /* certificates that act for the owner */
	char subject[TROTH_WORD_TEXT]; /* the owner's name (RFC 4514), cut where it is too long */
};

/* Effect: asks the sections in their order; the first good answer counts, unless another one says
 * that the certificate was revoked. *out is released by troth_ca_word_fini. Errors: TROTH_E_NOMEM,
 * TROTH_E_CRYPTO. */
int troth_authorities_ask(const struct troth_authorities *all,
			  const struct troth_ca_word_params *params,
			  struct troth_ca_word *out) TROTH_MUST_USE;
void troth_ca_word_fini(struct troth_ca_word *word);

/* Whether the owner is that JID; resources don't count. */
bool troth_ca_word_speaks_for(const struct troth_ca_word *word, const struct troth_address *jid);

#endif
