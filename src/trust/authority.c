/* SPDX-License-Identifier: MIT */
/* Asks the CAs of a policy about a certificate. Layer: trust. Pure. */
#include "trust/authority.h"

#include "base/limits.h"
#include "base/slice.h"
#include "keys/cert.h"

#include <stdlib.h>
#include <troth/err.h>

struct troth_authorities {
	struct troth_policy *policy;
	struct troth_ca **cas; /* one for each section */
};

int troth_authorities_new(struct troth_authorities **out, struct troth_policy *policy)
{
	struct troth_authorities *a = calloc(1, sizeof *a);
	if (a == NULL)
		return TROTH_E_NOMEM;
	a->cas = calloc(policy->ca_count + 1, sizeof *a->cas);
	int err = a->cas == NULL ? TROTH_E_NOMEM : TROTH_OK;
	a->policy = policy;
	for (size_t i = 0; err == TROTH_OK && i < policy->ca_count; i++)
		err = troth_ca_new(&a->cas[i]);
	if (err == TROTH_OK) {
		*out = a;
		return TROTH_OK;
	}
	for (size_t i = 0; a->cas != NULL && i < policy->ca_count; i++)
		troth_ca_free(a->cas[i]);
	free(a->cas);
	free(a);
	return err;
}

void troth_authorities_free(struct troth_authorities *all)
{
	if (all == NULL)
		return;
	for (size_t i = 0; i < all->policy->ca_count; i++)
		troth_ca_free(all->cas[i]);
	free(all->cas);
	troth_policy_free(all->policy);
	free(all);
}

const struct troth_policy *troth_authorities_policy(const struct troth_authorities *all)
{
	return all->policy;
}

const struct troth_ca *troth_authorities_ca(const struct troth_authorities *all, size_t section)
{
	return all->cas[section];
}

int troth_authorities_add(struct troth_authorities *all, size_t section,
			  enum troth_policy_kind kind, struct troth_slice bytes)
{
	switch (kind) {
	case TROTH_POLICY_TRUST:
		return troth_ca_add_anchors(all->cas[section], bytes);
	case TROTH_POLICY_INTERMEDIATES:
		return troth_ca_add_intermediates(all->cas[section], bytes);
	case TROTH_POLICY_CRL:
		return troth_ca_add_crls(all->cas[section], bytes);
	case TROTH_POLICY_OCSP:
		return troth_ca_add_ocsp(all->cas[section], bytes);
	}
	return TROTH_E_INVAL;
}

/* ---- asking ---- */

static int keep_subject(struct troth_ca_word *word, const struct troth_cert *owner)
{
	struct troth_buf TROTH_CLEANUP(troth_buf_fini) text;
	troth_buf_init(&text, TROTH_LIMIT_CERT_BYTES * 4);
	int err = troth_dn_text(&text, X509_get_subject_name(troth_cert_x509(owner)));
	struct troth_slice got = troth_buf_slice(&text);
	if (err == TROTH_E_NOMEM)
		return err;
	size_t len = got.len < sizeof word->subject ? got.len : sizeof word->subject - 1;
	while (len > 0 && len < got.len && (got.data[len] & 0xc0) == 0x80)
		len--; /* not in the middle of a character */
	if (len > 0)
		memcpy(word->subject, got.data, len);
	word->subject[len] = 0;
	return TROTH_OK;
}

/* The chain is good: whom does it speak for? */
static int identify(const struct troth_policy_ca *rules, const struct troth_cert *owner,
		    struct troth_ca_word *word)
{
	int err = TROTH_OK;
	if (!troth_policy_ca_takes(rules, owner)) {
		word->fault = TROTH_CHAIN_NAMES;
		return TROTH_OK;
	}
	while (err == TROTH_OK && word->jid_count < TROTH_WORD_JIDS) {
		err = troth_policy_ca_identity(rules, owner, word->jid_count,
					       &word->jids[word->jid_count]);
		word->jid_count += err == TROTH_OK;
	}
	if (word->jid_count == 0)
		word->fault = TROTH_CHAIN_NAMES;
	return err == TROTH_E_NOT_FOUND ? TROTH_OK : err;
}

static int ask_one(const struct troth_authorities *all, size_t section,
		   const struct troth_ca_word_params *p, struct troth_ca_word *word)
{
	const struct troth_policy_ca *rules = &all->policy->cas[section];
	struct troth_chain chain;
	int err = troth_chain_verify(&chain, all->cas[section],
				     &(struct troth_chain_params){
					     .leaf = p->leaf,
					     .others = p->others,
					     .other_count = p->other_count,
					     .staple = p->staple,
					     .now = p->now,
					     .proxies = rules->proxies,
					     .needs_status = rules->needs_status,
				     });
	if (err != TROTH_OK)
		return err;
	*word = (struct troth_ca_word){.fault = chain.fault, .proxies = chain.proxies};
	if (chain.fault != TROTH_CHAIN_UNKNOWN_CA)
		word->by = rules;
	if (chain.owner != NULL)
		err = keep_subject(word, chain.owner);
	if (err == TROTH_OK && chain.fault == TROTH_CHAIN_NONE)
		err = identify(rules, chain.owner, word);
	troth_chain_fini(&chain);
	if (err != TROTH_OK)
		troth_ca_word_fini(word);
	return err;
}

/* A revocation outweighs everything; then a good answer; then any CA that knows the certificate;
 * among equals the first. */
static int weight(const struct troth_ca_word *word)
{
	if (word->fault == TROTH_CHAIN_REVOKED)
		return 3;
	if (word->fault == TROTH_CHAIN_NONE)
		return 2;
	return word->fault != TROTH_CHAIN_UNKNOWN_CA && word->fault != TROTH_CHAIN_SIGNATURE;
}

int troth_authorities_ask(const struct troth_authorities *all,
			  const struct troth_ca_word_params *params, struct troth_ca_word *out)
{
	struct troth_ca_word best = {.fault = TROTH_CHAIN_UNKNOWN_CA};
	for (size_t i = 0; i < all->policy->ca_count; i++) {
		struct troth_ca_word word;
		int err = ask_one(all, i, params, &word);
		if (err != TROTH_OK) {
			troth_ca_word_fini(&best);
			return err;
		}
		bool better = weight(&word) > weight(&best);
		troth_ca_word_fini(better ? &best : &word);
		if (better)
			best = word;
	}
	*out = best;
	return TROTH_OK;
}

void troth_ca_word_fini(struct troth_ca_word *word)
{
	for (size_t i = 0; i < word->jid_count; i++)
		troth_address_free(word->jids[i]);
	word->jid_count = 0;
}

bool troth_ca_word_speaks_for(const struct troth_ca_word *word, const struct troth_address *jid)
{
	for (size_t i = 0; i < word->jid_count; i++) {
		if (troth_address_same_bare(word->jids[i], jid))
			return true;
	}
	return false;
}
