/* SPDX-License-Identifier: MIT */
/*
 * Peers that a CA speaks for: what the policy says of the chain that was shown. Layer: session.
 * The answers are facts for the verdict (judge.c); nothing is decided here.
 */
#include "base/limits.h"
#include "base/slice.h"
#include "keys/cert.h"
#include "session/state.h"
#include "session/statements.h"
#include "trust/authority.h"

#include <stdio.h>
#include <string.h>

/* ---- whether to try ---- */

struct cover {
	const struct troth_policy *policy;
	bool sections[TROTH_LIMIT_POLICY_CAS]; /* that may speak for the contact */
	bool covered;
};

static void cover(struct cover *c, const char *jid)
{
	struct troth_address *address;
	if (troth_address_new(&address, TROTH_REALM_SERVER, jid) != TROTH_OK)
		return;
	for (size_t i = 0; i < c->policy->ca_count; i++) {
		bool covers = troth_policy_ca_covers(&c->policy->cas[i], address);
		c->sections[i] |= covers;
		c->covered |= covers;
	}
	troth_address_free(address);
}

static int look_at_address(void *user, const struct troth_store_address *a)
{
	if (a->realm == TROTH_REALM_SERVER)
		cover(user, a->address);
	return 0;
}

/* Nobody knows yet whose JID a stranger has: any of them may speak for it. */
static void cover_stranger(struct cover *c)
{
	for (size_t i = 0; i < c->policy->ca_count; i++)
		c->sections[i] = true;
	c->covered = c->policy->ca_count > 0 || c->policy->contact_proxies > 0;
}

/* Effect: the CAs of these sections. With more than there is room for, and where a key of a
 * contact's may send jobs without any CA, none are listed: then whoever comes is tried. */
static void list_cas(const struct troth_authorities *all, const struct cover *c,
		     struct known_peer *k)
{
	size_t n = 0;
	for (size_t i = 0; i < c->policy->ca_count && n <= CAS_MAX; i++) {
		if (c->sections[i])
			n += troth_ca_pins(troth_authorities_ca(all, i), k->cas + n, CAS_MAX - n);
	}
	k->known.cas = k->cas;
	k->known.ca_count = n <= CAS_MAX && c->policy->contact_proxies == 0 ? n : 0;
}

void ca_try(struct troth_session *s, int64_t contact, struct known_peer *k)
{
	if (s->authorities == NULL)
		return;
	struct cover c = {.policy = troth_authorities_policy(s->authorities)};
	if (contact == 0)
		cover_stranger(&c);
	else if (troth_store_address_list(s->store, contact, look_at_address, &c) < 0)
		return;
	k->known.may_try = c.covered;
	list_cas(s->authorities, &c, k);
}

/* ---- asking ---- */

static int err_of(enum troth_chain_fault fault)
{
	switch (fault) {
	case TROTH_CHAIN_NONE:
		return TROTH_OK;
	case TROTH_CHAIN_EXPIRED:
		return TROTH_E_EXPIRED;
	case TROTH_CHAIN_REVOKED:
		return TROTH_E_REVOKED;
	case TROTH_CHAIN_UNKNOWN_CA:
	case TROTH_CHAIN_NOT_YET:
	case TROTH_CHAIN_STATUS:
	case TROTH_CHAIN_WEAK:
	case TROTH_CHAIN_USAGE:
	case TROTH_CHAIN_NAMES:
	case TROTH_CHAIN_PROXY:
	case TROTH_CHAIN_SIGNATURE:
	case TROTH_CHAIN_OTHER:
		break;
	}
	return TROTH_E_CERT;
}

/* A job isn't the contact that it acts for: what waits for the contact isn't for the job. */
static int find_contact(struct link *l, const struct troth_ca_word *word)
{
	struct troth_store_contact contact;
	int err = TROTH_E_NOT_FOUND;
	for (size_t i = 0; word->proxies == 0 && err == TROTH_E_NOT_FOUND && i < word->jid_count;
	     i++)
		err = troth_store_contact_by_address(l->session->store, TROTH_REALM_SERVER,
						     troth_address_bare(word->jids[i]), &contact);
	if (err == TROTH_OK) {
		l->ca_contact_id = contact.id;
		memcpy(l->ca_contact, contact.label, sizeof l->ca_contact);
		l->ca.contact = l->ca_contact;
	}
	return err == TROTH_E_NOT_FOUND || err == TROTH_E_FORMAT || err == TROTH_E_LIMIT ? TROTH_OK
											 : err;
}

/* Of several JIDs the one by which the peer goes here. */
static const struct troth_address *shown(const struct troth_event *e,
					 const struct troth_ca_word *word)
{
	for (size_t i = 0; e->address != NULL && i < word->jid_count; i++) {
		if (troth_address_same_bare(word->jids[i], e->address))
			return word->jids[i];
	}
	return word->jids[0];
}

static int keep_word(struct link *l, const struct troth_event *e, const struct troth_ca_word *word)
{
	l->ca = (struct troth_ca_fact){
		.err = err_of(word->fault),
		.why = troth_chain_fault_text(word->fault),
		.who = l->identity,
		.proxied = word->proxies > 0,
	};
	l->has_ca = word->fault != TROTH_CHAIN_UNKNOWN_CA && word->fault != TROTH_CHAIN_SIGNATURE;
	if (word->fault != TROTH_CHAIN_NONE)
		return TROTH_OK;
	(void)snprintf(l->identity, sizeof l->identity, "%s", troth_address_bare(shown(e, word)));
	l->ca.needs_pin = word->by->needs_pin;
	l->ca.claimed = e->address != NULL && troth_ca_word_speaks_for(word, e->address);
	l->ca_pins = word->by->pins && word->proxies == 0;
	return find_contact(l, word);
}

/* ---- jobs of contacts, without a CA ---- */

/* Effect: the contact whose proven device key a certificate has; TROTH_E_NOT_FOUND: none. A user
 * key signs, and acts for nobody. */
static int owner_of(struct link *l, const struct troth_cert *cert, struct troth_store_contact *out)
{
	struct troth_store_key key;
	int err = key_settled(l->session, troth_cert_pin(cert), &key);
	if (err == TROTH_OK && key.state == TROTH_STORE_KEY_REVOKED)
		return TROTH_E_REVOKED;
	if (err == TROTH_OK && (key.state != TROTH_STORE_KEY_PROVEN || key.contact == 0 ||
				key.role != TROTH_ROLE_DEVICE))
		return TROTH_E_NOT_FOUND;
	return err == TROTH_OK ? troth_store_contact_get(l->session->store, key.contact, out) : err;
}

static int verify_job(struct link *l, const struct troth_event *e, const struct troth_cert *owner,
		      struct troth_chain *out)
{
	struct troth_ca *pins;
	int err = troth_ca_new(&pins);
	if (err != TROTH_OK)
		return err;
	err = troth_ca_add_pinned(pins, owner);
	if (err == TROTH_OK)
		err = troth_chain_verify(
			out, pins,
			&(struct troth_chain_params){
				.leaf = e->cert,
				.others = e->chain,
				.other_count = e->chain_count,
				.now = session_now(),
				.proxies = troth_authorities_policy(l->session->authorities)
						   ->contact_proxies,
			});
	troth_ca_free(pins);
	return err;
}

static int ask_owner(struct link *l, const struct troth_event *e, const struct troth_cert *owner)
{
	struct troth_store_contact contact;
	struct troth_chain chain;
	int err = owner_of(l, owner, &contact);
	if (err == TROTH_E_REVOKED) {
		l->has_ca = true;
		l->ca = (struct troth_ca_fact){
			.err = err, .why = "The key of the one for whom it acts has been revoked."};
		return TROTH_OK;
	}
	if (err != TROTH_OK)
		return err == TROTH_E_NOT_FOUND ? TROTH_OK : err;
	err = verify_job(l, e, owner, &chain);
	if (err != TROTH_OK)
		return err;
	l->has_ca = true;
	l->ca = (struct troth_ca_fact){
		.err = err_of(chain.fault),
		.why = troth_chain_fault_text(chain.fault),
		.who = l->identity,
		.proxied = true,
	};
	(void)snprintf(l->identity, sizeof l->identity, "%s", contact.label);
	troth_chain_fini(&chain);
	return TROTH_OK;
}

static int ask_owners(struct link *l, const struct troth_event *e)
{
	int err = TROTH_OK;
	for (size_t i = 0; err == TROTH_OK && !l->has_ca && i < e->chain_count; i++) {
		struct troth_cert *cert = NULL;
		err = troth_cert_new(&cert, e->chain[i]);
		if (err == TROTH_OK && !troth_cert_is_proxy(cert))
			err = ask_owner(l, e, cert);
		else if (err == TROTH_E_CERT)
			err = TROTH_OK;
		troth_cert_free(cert);
	}
	return err;
}

int link_ask_ca(struct link *l, const struct troth_event *e)
{
	struct troth_ca_word word;
	const struct troth_authorities *all = l->session->authorities;
	l->has_ca = l->ca_pins = false;
	l->identity[0] = 0;
	l->ca_contact_id = 0;
	if (all == NULL || e->cert == NULL)
		return TROTH_OK;
	const struct troth_ca_word_params params = {
		.leaf = e->cert,
		.others = e->chain,
		.other_count = e->chain_count,
		.staple = e->staple,
		.now = session_now(),
	};
	int err = troth_authorities_ask(all, &params, &word);
	if (err != TROTH_OK)
		return err;
	err = keep_word(l, e, &word);
	troth_ca_word_fini(&word);
	bool job = err == TROTH_OK && !l->has_ca && troth_cert_is_proxy(e->cert) &&
		   troth_authorities_policy(all)->contact_proxies > 0;
	return job ? ask_owners(l, e) : err;
}

/* ---- pinning ---- */

void link_pin_certified(struct link *l, const struct troth_event *e)
{
	struct troth_session *s = l->session;
	struct troth_store_contact contact;
	int64_t id;
	if (!l->certified || !l->ca_pins || e->cert == NULL)
		return;
	const struct troth_store_new_key key = {
		/* The pin alone: this certificate goes by another name than the device offers. */
		.pin = troth_cert_pin(e->cert),
		.name = "",
		.how = "ca",
	};
	const struct troth_store_address address = {
		.realm = TROTH_REALM_SERVER,
		.address = l->identity,
		.source = "certificate",
		.last_seen = session_now(),
	};
	const struct troth_store_meeting meeting = {
		.contact = l->contact,
		.label = l->identity,
		.key = &key,
		.address = &address,
	};
	int err = troth_store_meeting_commit(s->store, &meeting, session_now(), &id);
	if (err == TROTH_OK)
		err = troth_store_contact_get(s->store, id, &contact);
	if (err != TROTH_OK) {
		news_warn(s, l, troth_store_error(s->store));
		return;
	}
	l->contact = id;
	memcpy(l->label, contact.label, sizeof l->label);
	link_local_contact(s);
}
