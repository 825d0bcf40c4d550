/* SPDX-License-Identifier: MIT */
/*
 * Who a peer might be, and what is known of that contact. Layer: session. Addresses and key
 * names only select; the handshake proves.
 */
#include "session/introducer.h"
#include "session/state.h"
#include "session/statements.h"

#include <string.h>

/* ---- what is known ---- */

static int add_key(void *user, const struct troth_store_key *key)
{
	struct known_peer *k = user;
	/* A suspended key selects as well: the verdict tells why it doesn't count. */
	bool revoked = key->state == TROTH_STORE_KEY_REVOKED;
	bool selects = !revoked || key->name[0] != 0;
	if (key->state == TROTH_STORE_KEY_SEEN || key->state == TROTH_STORE_KEY_REPLACED ||
	    !selects || k->known.key_count == KEYS_MAX)
		return 0;
	if (troth_key_is_vouched(key)) {
		struct troth_voucher by;
		const struct troth_believed_of of = {
			.store = k->store, .contact = key->contact, .now = session_now()};
		int err = troth_introducer_of(&of, &key->pin, &by);
		if (err != TROTH_OK) /* whose word no longer counts */
			return err == TROTH_E_NOT_FOUND ? 0 : err;
		k->vouched = true;
	}
	struct troth_known_key *to = &k->keys[k->known.key_count++];
	memcpy(to->name, key->name, sizeof to->name);
	to->pin = key->pin;
	to->proven = key->state == TROTH_STORE_KEY_PROVEN;
	to->revoked = revoked;
	return 0;
}

/* "A key whose endorsement would prove a device of this contact": its user keys, and device keys
 * whose successor may come. */
static int add_issuer(void *user, const struct troth_store_key *key)
{
	struct known_peer *k = user;
	/* Of an OpenPGP key the keyring decides anew each time. */
	bool counts = key->state == TROTH_STORE_KEY_PROVEN ||
		      (key->state == TROTH_STORE_KEY_SUSPENDED && troth_openpgp_is_row(key));
	if (!counts || key->name[0] == 0 || k->known.issuer_count == KEYS_MAX)
		return 0;
	memcpy(k->issuers[k->known.issuer_count++].name, key->name, sizeof key->name);
	return 0;
}

bool known_has_key(const struct known_peer *k)
{
	for (size_t i = 0; i < k->known.key_count; i++)
		if (!k->keys[i].revoked)
			return true;
	return false;
}

int known_of_contact(struct troth_session *s, int64_t contact, struct known_peer *out)
{
	memset(out, 0, sizeof *out);
	out->store = s->store;
	out->known.least = s->least;
	out->known.keys = out->keys;
	out->known.issuers = out->issuers;
	if (contact == 0)
		return TROTH_OK;
	int err = troth_store_contact_get(s->store, contact, &out->contact);
	if (err == TROTH_OK)
		err = contact_settle(s, contact); /* overlaps end as time goes by */
	if (err == TROTH_OK)
		err = troth_store_key_list(s->store, contact, add_key, out);
	if (err == TROTH_OK)
		err = troth_store_user_key_list(s->store, contact, add_issuer, out);
	if (err == TROTH_OK)
		err = troth_store_key_list(s->store, contact, add_issuer, out);
	out->known.contact = out->contact.label;
	/* What a policy allows to strangers isn't enough for somebody with a name. */
	out->known.least = out->vouched ? least_of_vouched(s->least) : TROTH_LEVEL_VERIFIED;
	return err;
}

enum troth_level least_of_vouched(enum troth_level policy)
{
	return policy > TROTH_LEVEL_VOUCHED ? policy : TROTH_LEVEL_VOUCHED;
}

static int add_nameless(void *user, const struct troth_store_key *key)
{
	struct known_peer *k = user;
	size_t before = k->known.key_count;
	int err = add_key(k, key);
	/* Whether this caller has it, nobody has said: it sets no floor for strangers. */
	if (k->known.key_count > before)
		k->keys[before].proven = false;
	return err;
}

int known_by_pin(struct troth_session *s, struct known_peer *k)
{
	return troth_store_key_list_nameless(s->store, add_nameless, k);
}

/* ---- finding ---- */

int find_by_address(struct troth_session *s, enum troth_realm realm, const char *bare, int64_t *out)
{
	struct troth_store_contact contact;
	*out = 0;
	if (bare == NULL)
		return TROTH_OK;
	int err = troth_store_contact_by_address(s->store, realm, bare, &contact);
	if (err == TROTH_OK)
		*out = contact.id;
	/* Text that the store can't hold is nobody's address. */
	return err == TROTH_E_NOT_FOUND || err == TROTH_E_FORMAT || err == TROTH_E_LIMIT ? TROTH_OK
											 : err;
}

int find_by_names(struct troth_session *s, const char *const *names, size_t count, int64_t *out)
{
	struct troth_store_contact contact;
	*out = 0;
	for (size_t i = 0; i < count && *out == 0; i++) {
		int err = troth_store_contact_by_name(s->store, names[i], &contact);
		if (err == TROTH_OK)
			*out = contact.id;
		else if (err != TROTH_E_NOT_FOUND && err != TROTH_E_CONFLICT)
			return err;
	}
	return TROTH_OK;
}

static const char *claimed_bare(const struct troth_event *e)
{
	return e->address != NULL ? troth_address_bare(e->address) : NULL;
}

/* The contact that our user chose goes first; a key that somebody names, before an address
 * that anybody can take. */
static int find(struct link *l, const struct troth_event *e, int64_t *out)
{
	*out = l->chosen;
	/* A secret that our user shares with somebody new makes nobody a contact who only says to
	 * be one. */
	bool somebody_new = l->call != NULL && l->call->pairing;
	if (*out != 0 || somebody_new)
		return TROTH_OK;
	int err = find_by_names(l->session, e->names, e->name_count, out);
	if (err == TROTH_OK && *out == 0)
		err = find_by_names(l->session, e->issuers, e->issuer_count, out);
	if (err == TROTH_OK && *out == 0)
		err = find_by_address(l->session, l->realm, claimed_bare(e), out);
	return err;
}

/* ---- the answer ---- */

/* "Only an open pairing window or a known contact raises such a prompt." false: it isn't open for
 * that one. */
static bool known_by_window(const struct troth_session *s, struct known_peer *k, int64_t contact)
{
	const struct window *w = &s->window;
	if (!window_admits(s, contact))
		return false;
	/* A key that proves a contact needs no window for anybody, and doesn't lose its floor by
	 * it. */
	if (w->contact == 0 && k->known.contact != NULL && !k->vouched &&
	    (known_has_key(k) || k->known.issuer_count > 0))
		return false;
	k->known.pairing = true;
	k->known.may_ask = true;
	k->known.secret = w->secret;
	k->known.question = w->question[0] != 0 ? w->question : NULL;
	return true;
}

static void add_window(struct link *l, struct known_peer *k, int64_t contact)
{
	const struct window *w = &l->session->window;
	if (!known_by_window(l->session, k, contact))
		return;
	l->pairing = true;
	l->window = w->number;
	memcpy(l->scope, w->scope, sizeof l->scope);
}

static void add_call(const struct troth_call *call, struct known_peer *k)
{
	if (k->known.contact == NULL)
		k->known.least = call->least;
	else if (k->vouched)
		k->known.least = least_of_vouched(call->least);
	if (!call->pairing)
		return;
	k->known.pairing = true;
	k->known.may_ask = true;
	k->known.secret = call->secret;
	k->known.question = call->question;
}

int call_known(const struct troth_call *call, struct known_peer *out)
{
	int err = known_of_contact(call->session, call->probe ? 0 : call->contact, out);
	if (err != TROTH_OK)
		return err;
	out->known.least = call->probe ? TROTH_LEVEL_VERIFIED : out->known.least;
	if (call->probe)
		return TROTH_OK;
	if (call->contact == 0)
		err = known_by_pin(call->session, out);
	add_call(call, out);
	ca_try(call->session, call->contact, out);
	out->known.may_ask |= call->contact != 0 && !known_has_key(out);
	return err;
}

/* Effect: a key that the keyring believes may endorse the peer's; somebody who isn't a contact yet
 * goes by the JID until the handshake has proved it. */
static void add_openpgp(struct known_peer *k, const struct keyring_item *i)
{
	if (i == NULL || k->known.issuer_count == KEYS_MAX)
		return;
	memcpy(k->issuers[k->known.issuer_count++].name, i->fingerprint, sizeof i->fingerprint);
	if (k->known.contact == NULL)
		k->known.contact = troth_address_bare(i->jid);
	k->known.least = TROTH_LEVEL_VERIFIED;
}

int known_of_caller(struct troth_session *s, const char *name, const char *bare, int64_t *contact,
		    struct known_peer *out)
{
	int64_t id = 0;
	int err = name != NULL ? find_by_names(s, &name, 1, &id) : TROTH_OK;
	if (err == TROTH_OK && id == 0)
		err = find_by_address(s, TROTH_REALM_SERVER, bare, &id);
	if (err == TROTH_OK)
		err = known_of_contact(s, id, out);
	if (err == TROTH_OK && id == 0)
		err = known_by_pin(s, out);
	if (err != TROTH_OK)
		return err;
	(void)known_by_window(s, out, id);
	out->known.may_ask |= id != 0 && !known_has_key(out);
	ca_try(s, id, out);
	*contact = id;
	return TROTH_OK;
}

void link_who(struct link *l, const struct troth_event *e)
{
	struct known_peer k;
	const struct keyring_item *openpgp = NULL;
	int64_t contact = 0;
	if (openpgp_ask_who(l, e))
		return;
	l->pairing = l->incoming ? false : l->pairing;
	l->scope[0] = l->incoming ? 0 : l->scope[0];
	bool probe = l->call != NULL && l->call->probe;
	int err = probe ? TROTH_OK : find(l, e, &contact);
	if (err == TROTH_OK)
		err = openpgp_known(l, &contact, &openpgp);
	if (err == TROTH_OK)
		err = known_of_contact(l->session, contact, &k);
	if (err == TROTH_OK && contact == 0 && openpgp == NULL && !probe)
		err = known_by_pin(l->session, &k);
	if (err == TROTH_OK) {
		l->contact = contact;
		memcpy(l->label, k.contact.label, sizeof l->label);
		add_openpgp(&k, openpgp);
		if (probe)
			k.known.least = TROTH_LEVEL_VERIFIED;
		else if (l->call != NULL)
			add_call(l->call, &k);
		else if (l->incoming)
			add_window(l, &k, contact);
		if (contact != 0 && !known_has_key(&k))
			k.known.may_ask = true;
		if (!probe)
			ca_try(l->session, contact, &k);
		l->may_try = k.known.may_try;
		err = troth_stream_know(l->stream, &k.known);
	}
	if (err != TROTH_OK)
		link_close(l, err, "The trust store couldn't be asked who that is.");
}
