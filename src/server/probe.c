/* SPDX-License-Identifier: MIT */
/* Probing through a server. Layer: server. */
#include "server/probe.h"

#include "keys/chain.h"
#include "xml/namespace.h"
#include "xmpp/iq.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

struct troth_prober {
	struct troth_account *account;
	struct troth_prober_callbacks callbacks;
};

/* "Further children, for contacts only": hashes, signatures and issuers. */
static void write_ours(struct troth_writer *w, const struct troth_prober_offer *ours)
{
	struct troth_pin cas[TROTH_LIMIT_CHAIN_CERTS];
	struct troth_offer_own own = {.statements = ours->statements, .cas = cas};
	if (own.statements == NULL) {
		troth_offer_write(w, &ours->offer, NULL);
		return;
	}
	own.cert = troth_device_cert(ours->device);
	own.ca_count = troth_device_cas(ours->device, cas);
	troth_offer_write(w, &ours->offer, &own);
}

/* Effect: an offer with its proofs, which are the caller's: offer->proofs points at them. */
static int read_theirs(struct troth_offer *offer, struct troth_offer_proofs *proofs,
		       const struct troth_element *e)
{
	int err = e == NULL ? TROTH_E_PROTOCOL : troth_offer_read(offer, e);
	if (err == TROTH_OK)
		err = troth_offer_proofs_read(proofs, e);
	if (err == TROTH_OK)
		offer->proofs = proofs;
	return err;
}

struct reply {
	const struct troth_element *iq;
	const struct troth_prober_offer *ours;
};

static void write_reply(void *user, struct troth_writer *w)
{
	const struct reply *r = user;
	troth_iq_result_open(w, r->iq);
	write_ours(w, r->ours);
	troth_writer_close(w);
}

/* Effect: answers; false where anybody else's answer is right: service-unavailable. */
static bool answer(struct troth_prober *p, const struct troth_element *iq,
		   const struct troth_element *e)
{
	const char *text = troth_element_attr(iq, "from");
	struct troth_offer theirs;
	struct troth_offer_proofs proofs = {.count = 0};
	struct troth_prober_offer ours = {.statements = NULL};
	struct troth_address *from;
	/* docs/protocol.md, "Probing": "Presence rules decide who gets `service-unavailable`." */
	if (text == NULL || p->callbacks.answer == NULL ||
	    !troth_account_admits(p->account, text) ||
	    troth_address_new(&from, TROTH_REALM_SERVER, text) != TROTH_OK)
		return false;
	bool answers = read_theirs(&theirs, &proofs, e) == TROTH_OK &&
		       p->callbacks.answer(p->callbacks.user, from, &theirs, &ours);
	troth_offer_proofs_fini(&proofs);
	troth_address_free(from);
	if (!answers)
		return false;
	struct reply r = {iq, &ours};
	return troth_account_send(p->account, write_reply, &r) == TROTH_OK;
}

static bool on_stanza(void *user, const struct troth_element *stanza)
{
	const char *type = troth_element_attr(stanza, "type");
	const struct troth_element *e = troth_element_child(stanza, TROTH_NS_C2C, "offer");
	return e != NULL && troth_iq_is_request(stanza) && strcmp(type, "get") == 0 &&
	       answer(user, stanza, e);
}

int troth_prober_new(struct troth_prober **out, struct troth_account *account,
		     const struct troth_prober_callbacks *callbacks)
{
	struct troth_prober *p = calloc(1, sizeof *p);
	if (p == NULL)
		return TROTH_E_NOMEM;
	*p = (struct troth_prober){account, *callbacks};
	const struct troth_account_listener listener = {.stanza = on_stanza, .user = p};
	int err = troth_account_listen(account, &listener);
	if (err != TROTH_OK)
		free(p);
	else
		*out = p;
	return err;
}

void troth_prober_free(struct troth_prober *p)
{
	free(p);
}

/* ---- asking ---- */

struct probe {
	void (*done)(void *user, const struct troth_prober_result *result);
	void *user;
};

static void write_offer(void *user, struct troth_writer *w)
{
	write_ours(w, user);
}

static void on_answer(void *user, const struct troth_account_answer *a)
{
	struct probe *probe = user;
	struct troth_offer offer;
	struct troth_offer_proofs proofs = {.count = 0};
	struct troth_prober_result result = {.err = a->err, .condition = a->condition};
	if (result.err == TROTH_OK)
		result.err = read_theirs(&offer, &proofs,
					 troth_element_child(a->iq, TROTH_NS_C2C, "offer"));
	if (result.err == TROTH_OK) {
		result.offer = &offer;
		result.proofs = &proofs;
	}
	probe->done(probe->user, &result);
	troth_offer_proofs_fini(&proofs);
	free(probe);
}

int troth_prober_ask(struct troth_prober *p, const char *full_jid,
		     const struct troth_prober_offer *ours,
		     void (*done)(void *user, const struct troth_prober_result *result), void *user)
{
	struct probe *probe = malloc(sizeof *probe);
	if (probe == NULL)
		return TROTH_E_NOMEM;
	*probe = (struct probe){done, user};
	const struct troth_account_iq iq = {
		.to = full_jid,
		.write = write_offer,
		.write_user = (void *)ours,
		.done = on_answer,
		.user = probe,
		.timeout_ms = TROTH_TIME_PROBE,
	};
	int err = troth_account_ask(p->account, &iq);
	if (err != TROTH_OK)
		free(probe);
	return err;
}
