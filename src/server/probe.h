/* SPDX-License-Identifier: MIT */
/*
 * Asking a client what it offers, and being asked (XEP-0250 3.2). Layer: server. "This information
 * will be exchanged over an insecure communication channel and may be forged": it is for people to
 * look at and for choosing whom to call, and decides nothing. A probe changes no state.
 */
#ifndef TROTH_SERVER_PROBE_H
#define TROTH_SERVER_PROBE_H

#include "c2c/offer.h"
#include "server/account.h"

struct troth_prober;

/* What we say: the offer, and to contacts what speaks for our key beside its name. */
struct troth_prober_offer {
	struct troth_offer offer;
	const struct troth_device *device;         /* whose key it is; borrowed */
	const struct troth_statements *statements; /* borrowed; NULL: to nobody's contact */
};

struct troth_prober_callbacks {
	/* Somebody who may know that we are there asks: what we offer him (troth_choose_probed).
	 * false: nothing, as if we didn't know what he asks. */
	bool (*answer)(void *user, const struct troth_address *from,
		       const struct troth_offer *theirs, struct troth_prober_offer *out);
	void *user;
};

/* Effect: listens to the account, which outlives it. Errors: those of troth_account_listen. */
int troth_prober_new(struct troth_prober **out, struct troth_account *account,
		     const struct troth_prober_callbacks *callbacks) TROTH_MUST_USE;
/* Effect: after the account's end only. NULL is fine. */
void troth_prober_free(struct troth_prober *p);

struct troth_prober_result {
	int err; /* as of an IQ; TROTH_E_LIMIT, _PROTOCOL for what is no offer */
	enum troth_stanza_condition condition;
	const struct troth_offer *offer;   /* NULL on error */
	struct troth_offer_proofs *proofs; /* those of the offer: who wants to keep them takes
					    * them, and leaves none */
};
/* Effect: asks a client by its full JID, with what we can prove to it. done is called once. */
int troth_prober_ask(struct troth_prober *p, const char *full_jid,
		     const struct troth_prober_offer *ours,
		     void (*done)(void *user, const struct troth_prober_result *result),
		     void *user) TROTH_MUST_USE;

#endif
