/* SPDX-License-Identifier: MIT */
/*
 * OpenPGP keys that endorse a peer's device key: what is asked about them while the stream waits,
 * and what the answer is taken for (docs/protocol.md, "OpenPGP"). Layer: session. Verifies by the
 * user's GnuPG; trust/belief.h and trust/verdict.h judge.
 */
#include "session/state.h"

#include "base/slice.h"
#include "openpgp/assigned.h"

#include <stdio.h>
#include <string.h>

/* ---- what is asked ---- */

static bool is_openpgp(const struct troth_endorsement *e)
{
	return e->purpose == TROTH_PURPOSE_DEVICE && strcmp(e->method, TROTH_METHOD_OPENPGP) == 0 &&
	       troth_openpgp_fingerprint_ok(e->issuer_name);
}

struct assigned {
	const char *fingerprint;
	struct troth_address **jid;
};

static int match_assigned(void *user, const char *jid, const char *fingerprint)
{
	struct assigned *a = user;
	if (*a->jid != NULL || strcmp(fingerprint, a->fingerprint) != 0)
		return TROTH_OK;
	return troth_address_new(a->jid, TROTH_REALM_SERVER, jid);
}

/* "There the JID is the one in the certificate, only if it is endorsed for it, or one that the
 * user assigned." Errors: TROTH_E_NOT_FOUND when it would be nobody's. */
static int fill_jid(struct troth_store *store, struct keyring_item *i, const char *jid)
{
	char assigned[TROTH_OPENPGP_FINGERPRINT_LEN + 1];
	int err;
	if (jid[0] == 0) {
		struct assigned a = {i->fingerprint, &i->jid};
		err = troth_openpgp_assigned_list(store, match_assigned, &a);
		i->assigned = true;
		return err == TROTH_OK && i->jid == NULL ? TROTH_E_NOT_FOUND : err;
	}
	err = troth_address_new(&i->jid, TROTH_REALM_SERVER, jid);
	if (err != TROTH_OK)
		return err;
	err = troth_openpgp_assigned(store, i->jid, assigned);
	i->assigned = err == TROTH_OK && strcmp(assigned, i->fingerprint) == 0;
	return err == TROTH_E_NOT_FOUND || err == TROTH_E_FORMAT ? TROTH_OK : err;
}

/* Effect: one more question about an endorsement; with its signature when cert is given. */
static int add_item(struct link *l, struct keyring *k, const struct troth_endorsement *e,
		    const struct troth_cert *cert)
{
	struct keyring_item *i = &k->items[k->count];
	if (k->count == KEYRING_ITEMS || !is_openpgp(e))
		return TROTH_OK;
	memcpy(i->fingerprint, e->issuer_name, sizeof i->fingerprint);
	i->endorsement = e;
	int err = fill_jid(l->session->store, i, e->jid);
	if (err == TROTH_E_NOT_FOUND)
		return TROTH_OK;
	if (err == TROTH_OK && cert != NULL)
		err = troth_endorsement_message(e, i->fingerprint, cert, &i->message);
	if (err == TROTH_OK && cert != NULL)
		err = troth_buf_append_slice(&i->signature, e->signature);
	if (err == TROTH_E_CERT) /* about another certificate, or another JID than its own */
		i->word = TROTH_OPENPGP_WORD_UNSIGNED;
	else if (err != TROTH_OK)
		return err;
	if (!troth_endorsement_in_force(e, session_now()))
		i->word = TROTH_OPENPGP_WORD_OVER;
	k->count++;
	return TROTH_OK;
}

/* ---- asking ---- */

static void on_done(struct keyring *k)
{
	struct link *l = k->link;
	struct troth_session *s = k->user;
	s->open_handles--;
	if (l != NULL && !l->failed) {
		k->event.address = troth_stream_peer(l->stream);
		if (k->event.type == TROTH_EVENT_WHO)
			link_who(l, &k->event);
		else
			link_verdict(l, &k->event);
	}
	if (l != NULL)
		l->keyring = NULL;
	keyring_free(k);
	if (l != NULL)
		link_wake(l);
	session_check_ended(s);
}

/* false: nothing was asked, and k is freed. */
static bool ask(struct link *l, struct keyring *k)
{
	bool any = false;
	for (size_t i = 0; i < k->count; i++)
		any |= k->items[i].jid != NULL;
	k->link = l;
	k->user = l->session;
	k->done = on_done;
	if (!any || keyring_ask(k, l->session->loop) != TROTH_OK) {
		keyring_free(k);
		return false;
	}
	l->keyring = k;
	l->session->open_handles++;
	return true;
}

void openpgp_drop(struct link *l)
{
	if (l->keyring != NULL)
		l->keyring->link = NULL;
}

static bool is_answered(const struct link *l)
{
	return l->keyring != NULL && l->keyring->answered;
}

/* Keys that a contact has are looked at when they have signed. */
static bool is_stored(struct link *l, const char *fingerprint)
{
	struct troth_store_contact contact;
	return troth_store_contact_by_name(l->session->store, fingerprint, &contact) !=
	       TROTH_E_NOT_FOUND;
}

bool openpgp_ask_who(struct link *l, const struct troth_event *e)
{
	struct keyring *k;
	bool wanted = false;
	bool probe = l->call != NULL && (l->call->probe || l->call->pairing);
	for (size_t i = 0; i < e->endorsement_count; i++)
		wanted |= is_openpgp(e->endorsements[i]);
	if (!wanted || probe || l->keyring != NULL || keyring_new(&k, e) != TROTH_OK)
		return false;
	for (size_t i = 0; i < k->event.endorsement_count; i++) {
		const struct troth_endorsement *one = k->event.endorsements[i];
		if (is_stored(l, one->issuer_name))
			continue;
		if (add_item(l, k, one, NULL) != TROTH_OK)
			break; /* what can't be asked about is nobody's */
	}
	return ask(l, k);
}

/* ---- keys that are the contact's already ---- */

struct asking {
	struct link *link;
	struct keyring *keyring;
	int64_t contact;
	const char *jid; /* of the contact; NULL: none is known */
	char text[TROTH_STORE_TEXT_MAX + 1];
};

static int first_jid(void *user, const struct troth_store_address *address)
{
	struct asking *a = user;
	if (address->realm != TROTH_REALM_SERVER || a->jid != NULL ||
	    strlen(address->address) >= sizeof a->text)
		return TROTH_OK;
	memcpy(a->text, address->address, strlen(address->address) + 1);
	a->jid = a->text;
	return TROTH_OK;
}

static int add_known(void *user, const struct troth_store_key *key)
{
	struct asking *a = user;
	struct keyring_item *i = &a->keyring->items[a->keyring->count];
	if (!troth_openpgp_is_row(key) || a->keyring->count == KEYRING_ITEMS)
		return TROTH_OK;
	memcpy(i->fingerprint, key->name, sizeof i->fingerprint);
	int err = fill_jid(a->link->session->store, i, a->jid);
	if (err == TROTH_OK)
		a->keyring->count++;
	return err;
}

/* "Of what the keyring says about one OpenPGP key, the last counts": it is asked each time. */
static int add_all_known(struct link *l, struct keyring *k, int64_t contact)
{
	struct asking a = {.link = l, .keyring = k, .contact = contact};
	int err = troth_store_address_list(l->session->store, contact, first_jid, &a);
	if (err == TROTH_OK && a.jid != NULL)
		err = troth_store_user_key_list(l->session->store, contact, add_known, &a);
	return err;
}

bool openpgp_ask_verdict(struct link *l, const struct troth_event *e)
{
	struct keyring *k;
	struct troth_store_key key;
	if (e->cert == NULL || e->method != TROTH_METHOD_KEY || l->keyring != NULL)
		return false;
	int err = troth_store_key_get(l->session->store, troth_cert_pin(e->cert), &key);
	bool known = err == TROTH_OK && key.contact != 0;
	bool by_openpgp = known && strcmp(key.how, HOW_OPENPGP) == 0;
	bool open = err == TROTH_E_NOT_FOUND || key.state == TROTH_STORE_KEY_SEEN ||
		    key.state == TROTH_STORE_KEY_SUSPENDED;
	if ((err != TROTH_OK && err != TROTH_E_NOT_FOUND) || (!open && !by_openpgp) ||
	    (known && key.state == TROTH_STORE_KEY_REVOKED) || keyring_new(&k, e) != TROTH_OK)
		return false;
	err = TROTH_OK;
	for (size_t i = 0; open && err == TROTH_OK && i < k->event.endorsement_count; i++)
		err = add_item(l, k, k->event.endorsements[i], k->cert);
	if (err == TROTH_OK && by_openpgp && k->count == 0)
		err = add_all_known(l, k, key.contact);
	if (err == TROTH_OK)
		return ask(l, k);
	keyring_free(k);
	return false;
}

/* ---- what the answers are taken for ---- */

static bool is_enough(struct link *l, const struct keyring_item *i)
{
	return (i->word == TROTH_OPENPGP_WORD_FULL || i->word == TROTH_OPENPGP_WORD_MARGINAL) &&
	       troth_openpgp_worth(i->level) >=
		       troth_store_belief_policy(l->session->store)->openpgp;
}

/* Effect: the sentence that fits the word. */
void openpgp_sentence(char *out, size_t size, enum troth_openpgp_word word, const char *whose)
{
	const char *text = troth_openpgp_word_text(word);
	const char *mark = strstr(text, "%s");
	if (mark == NULL)
		(void)snprintf(out, size, "%s", text);
	else
		(void)snprintf(out, size, "%.*s%.64s%s", (int)(mark - text), text,
			       whose != NULL ? whose : "nobody", mark + 2);
}

static void warn(struct link *l, const struct keyring_item *i)
{
	char text[256];
	openpgp_sentence(text, sizeof text, i->word, troth_address_bare(i->jid));
	news_warn(l->session, l, text);
	record_log(l->session, "openpgp-refused", NULL, text);
}

static bool is_not_asked(const struct keyring_item *i)
{
	/* Strangers may name any key: only what the keyring knows is worth a word. */
	return i->word == TROTH_OPENPGP_WORD_MISSING || i->word == TROTH_OPENPGP_WORD_UNASKED;
}

int openpgp_known(struct link *l, int64_t *contact, const struct keyring_item **out)
{
	*out = NULL;
	for (size_t n = 0; is_answered(l) && n < l->keyring->count; n++) {
		const struct keyring_item *i = &l->keyring->items[n];
		int64_t whose = 0;
		if (!is_enough(l, i)) {
			if (!is_not_asked(i))
				warn(l, i);
			continue;
		}
		int err = troth_openpgp_contact(l->session->store, i->fingerprint, i->jid, &whose);
		if (err != TROTH_OK && err != TROTH_E_NOT_FOUND && err != TROTH_E_CONFLICT)
			return err;
		if (err == TROTH_E_CONFLICT || (*contact != 0 && *contact != whose))
			continue;
		*contact = whose;
		*out = i;
		return TROTH_OK;
	}
	return TROTH_OK;
}

static struct troth_openpgp_claim claim_of(const struct keyring_item *i)
{
	return (struct troth_openpgp_claim){
		.fingerprint = i->fingerprint,
		.jid = i->jid,
		.validity = troth_openpgp_worth(i->level),
		.assigned = i->assigned,
	};
}

static void add_statements(struct endorsed *out, const struct keyring_item *i,
			   const struct troth_cert *cert)
{
	const struct troth_endorsement *e = i->endorsement;
	const struct troth_openpgp_claim claim = claim_of(i);
	out->claim = claim;
	out->says[out->count++] = (struct troth_belief_statement){
		.kind = TROTH_BELIEF_OPENPGP,
		.subject = troth_openpgp_pin(i->fingerprint),
		.validity = claim.validity,
		.assigned = claim.assigned,
		.time = session_now(),
	};
	out->by[out->count] = e;
	out->says[out->count++] = (struct troth_belief_statement){
		.kind = TROTH_BELIEF_ENDORSED,
		.subject = *troth_cert_pin(cert),
		.issuer = troth_openpgp_pin(i->fingerprint),
		.purpose = TROTH_BELIEF_DEVICE,
		.presented = true,
		.issued = e->issued_at,
		.expires = e->expires_at,
		.time = session_now(),
	};
}

int openpgp_endorsed(struct link *l, struct endorsed *out, struct openpgp_said *said)
{
	for (size_t n = 0; is_answered(l) && n < l->keyring->count; n++) {
		const struct keyring_item *i = &l->keyring->items[n];
		int64_t whose = 0;
		if (i->endorsement == NULL)
			continue;
		said->word = i->word;
		said->whose = troth_address_bare(i->jid);
		if (!is_enough(l, i))
			continue;
		int err = troth_openpgp_contact(l->session->store, i->fingerprint, i->jid, &whose);
		if (err != TROTH_OK && err != TROTH_E_NOT_FOUND && err != TROTH_E_CONFLICT)
			return err;
		/* "A stream dialled to a contact must show that contact's key." */
		if (err == TROTH_E_CONFLICT || (whose == 0 && l->chosen != 0)) {
			said->word = TROTH_OPENPGP_WORD_OTHERS;
			continue;
		}
		out->contact = whose;
		add_statements(out, i, l->keyring->cert);
		return TROTH_OK;
	}
	return TROTH_OK;
}

int openpgp_recheck(struct link *l, struct openpgp_said *said)
{
	struct troth_store *store = l->session->store;
	for (size_t n = 0; is_answered(l) && n < l->keyring->count; n++) {
		const struct keyring_item *i = &l->keyring->items[n];
		int64_t contact;
		if (i->endorsement != NULL)
			continue;
		said->word = i->word;
		said->whose = troth_address_bare(i->jid);
		/* "Expiry stops learning and never breaks a pin", and silence says nothing. */
		if (i->word == TROTH_OPENPGP_WORD_EXPIRED || i->word == TROTH_OPENPGP_WORD_UNASKED)
			continue;
		const struct troth_openpgp_claim claim = claim_of(i);
		int err = troth_openpgp_contact(store, i->fingerprint, i->jid, &contact);
		if (err == TROTH_OK)
			err = troth_openpgp_keep(store, contact, &claim, session_now());
		if (err != TROTH_OK && err != TROTH_E_NOT_FOUND && err != TROTH_E_CONFLICT)
			return err;
	}
	return TROTH_OK;
}
