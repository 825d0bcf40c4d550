/* SPDX-License-Identifier: MIT */
/*
 * The verdict: facts from the store, judged by trust/verdict.h, the reasons as sentences.
 * Layer: session. Decides nothing itself.
 */
#include "session/introducer.h"
#include "session/meet.h"
#include "session/state.h"
#include "session/statements.h"

#include <stdio.h>
#include <string.h>

/* The texts that facts point at. */
struct gathered {
	struct troth_facts facts;
	struct troth_store_contact owner;
	struct troth_store_contact chosen;
	struct troth_store_contact of_address;
	struct troth_store_contact of_secret;
	struct troth_voucher voucher;
	struct endorsed endorsed;
	struct openpgp_said said;
};

static enum troth_key_standing standing(const struct troth_store_key *key)
{
	switch (key->state) {
	case TROTH_STORE_KEY_SEEN:
		return TROTH_KEY_UNKNOWN;
	case TROTH_STORE_KEY_UNPROVEN:
		return TROTH_KEY_UNPROVEN;
	case TROTH_STORE_KEY_PROVEN:
		if (strcmp(key->how, HOW_OPENPGP) == 0)
			return TROTH_KEY_OPENPGP;
		return troth_key_is_concluded(key) ? TROTH_KEY_ENDORSED : TROTH_KEY_PROVEN;
	case TROTH_STORE_KEY_REPLACED:
		return TROTH_KEY_REPLACED;
	case TROTH_STORE_KEY_SUSPENDED:
		return TROTH_KEY_SUSPENDED;
	case TROTH_STORE_KEY_REVOKED:
		return TROTH_KEY_REVOKED;
	}
	return TROTH_KEY_REVOKED;
}

/* Whose the key would be: a contact's, or somebody's who is known by a JID only so far. */
static int gather_owner(struct link *l, struct gathered *g)
{
	const struct endorsed *e = &g->endorsed;
	g->facts.key_owner = g->owner.label;
	if (e->contact != 0)
		return troth_store_contact_get(l->session->store, e->contact, &g->owner);
	(void)snprintf(g->owner.label, sizeof g->owner.label, "%s",
		       troth_address_bare(e->claim.jid));
	return TROTH_OK;
}

/* A key that isn't one of a contact's, or is none now: its endorsements may make it one. */
static int gather_endorsed(struct link *l, const struct troth_event *e, int64_t owner,
			   struct gathered *g)
{
	struct troth_session *s = l->session;
	if (e->endorsement_count == 0 || troth_standing_is_believed(g->facts.key) ||
	    g->facts.key == TROTH_KEY_REVOKED)
		return TROTH_OK;
	int err = endorsed_find(s, e, &g->endorsed);
	if (err == TROTH_OK && g->endorsed.count == 0)
		err = openpgp_endorsed(l, &g->endorsed, &g->said);
	if (err != TROTH_OK || g->endorsed.count == 0)
		return err;
	if (owner != 0 && owner != g->endorsed.contact) { /* "A key belongs to one contact" */
		memset(&g->endorsed, 0, sizeof g->endorsed);
		return TROTH_OK;
	}
	err = endorsed_standing(s, &g->endorsed, &l->pin, &g->facts.key);
	return err == TROTH_OK ? gather_owner(l, g) : err;
}

/* An introducer's word counts as long as he is one: whoever has only that is nobody without it. */
static int gather_voucher(struct link *l, const struct troth_store_key *key, struct gathered *g)
{
	if (!troth_key_is_vouched(key))
		return TROTH_OK;
	const struct troth_believed_of of = {
		.store = l->session->store, .contact = key->contact, .now = session_now()};
	int err = troth_introducer_of(&of, &key->pin, &g->voucher);
	g->facts.key = err == TROTH_OK ? TROTH_KEY_VOUCHED : TROTH_KEY_UNKNOWN;
	g->facts.voucher = err == TROTH_OK ? g->voucher.text : NULL;
	return err == TROTH_E_NOT_FOUND ? TROTH_OK : err;
}

static int gather_key(struct link *l, const struct troth_event *e, struct gathered *g)
{
	struct troth_store *store = l->session->store;
	struct troth_store_key key;
	g->facts.key = TROTH_KEY_UNKNOWN;
	/* Under a secret nothing else says whose the key is. */
	if (!l->has_pin || e->method == TROTH_METHOD_PAKE)
		return TROTH_OK;
	int err = openpgp_recheck(l, &g->said);
	if (err != TROTH_OK)
		return err;
	/* Whoever shows it may have named another key, or none. */
	err = key_settled(l->session, &l->pin, &key);
	if (err == TROTH_E_NOT_FOUND)
		return gather_endorsed(l, e, 0, g);
	/* A user key endorses devices; whoever shows it in a handshake is nobody. */
	if (err == TROTH_OK && key.role == TROTH_ROLE_USER)
		return TROTH_OK;
	if (err == TROTH_OK)
		err = troth_store_history_had_transcript(store, &l->pin, &l->had_transcript);
	if (err != TROTH_OK)
		return err;
	g->facts.key = standing(&key);
	err = gather_voucher(l, &key, g);
	if (err != TROTH_OK)
		return err;
	if (key.contact == 0 || g->facts.key == TROTH_KEY_UNKNOWN)
		return gather_endorsed(l, e, key.contact, g);
	err = troth_store_contact_get(store, key.contact, &g->owner);
	g->facts.key_owner = g->owner.label;
	return err == TROTH_OK ? gather_endorsed(l, e, key.contact, g) : err;
}

static int has_proven_key(struct link *l, int64_t contact, bool *out)
{
	struct known_peer k;
	int err = known_of_contact(l->session, contact, &k);
	for (size_t i = 0; err == TROTH_OK && i < k.known.key_count; i++)
		*out |= k.keys[i].proven;
	return err;
}

static int gather_address(struct link *l, const struct troth_event *e, struct gathered *g)
{
	int64_t contact = 0;
	const char *bare = e->address != NULL ? troth_address_bare(e->address) : NULL;
	int err =
		online_is_own(l) ? TROTH_OK : find_by_address(l->session, l->realm, bare, &contact);
	bool secret = e->method == TROTH_METHOD_PAKE || e->method == TROTH_METHOD_SRP;
	if (secret && err == TROTH_OK && l->realm == TROTH_REALM_SERVER &&
	    told_only(l->session, contact, bare))
		contact = 0; /* its own word for an address holds nothing against a proof */
	if (err != TROTH_OK || contact == 0)
		return err;
	err = troth_store_contact_get(l->session->store, contact, &g->of_address);
	g->facts.address_owner = g->of_address.label;
	return err != TROTH_OK ? err : has_proven_key(l, contact, &g->facts.address_owner_has_key);
}

static int gather_contact(struct link *l, int64_t id, struct troth_store_contact *to,
			  const char **label)
{
	if (id == 0)
		return TROTH_OK;
	int err = troth_store_contact_get(l->session->store, id, to);
	*label = to->label;
	return err;
}

/* The contact that a secret belongs to: the one called, or the one the window is for; nobody
 * yet when that is somebody new, whatever the peer says. */
static int64_t of_secret(const struct link *l)
{
	if (!l->pairing)
		return l->chosen != 0 ? l->chosen : l->contact;
	return l->incoming ? l->session->window.contact : l->chosen;
}

/* What policy allows to strangers isn't enough for a contact that our user chose; for one that
 * is known by an introducer's word, that is the least. */
static int gather_least(struct link *l, struct gathered *g)
{
	struct known_peer k;
	if (l->chosen == 0)
		return TROTH_OK;
	int err = known_of_contact(l->session, l->chosen, &k);
	g->facts.least = err == TROTH_OK && k.vouched ? least_of_vouched(g->facts.least)
						      : TROTH_LEVEL_VERIFIED;
	return err;
}

static int gather(struct link *l, const struct troth_event *e, struct gathered *g)
{
	memset(g, 0, sizeof *g);
	g->facts.method = e->method;
	/* Of our own account's clients each has that bare JID: it is nobody's. */
	g->facts.link = l->realm == TROTH_REALM_LINK || online_is_own(l);
	g->facts.least = l->call != NULL ? l->call->least : l->session->least;
	g->facts.tried = l->may_try;
	int err = gather_key(l, e, g);
	g->facts.openpgp = g->said.word;
	g->facts.openpgp_of = g->said.whose;
	if (err == TROTH_OK && e->type == TROTH_EVENT_VERDICT && e->method != TROTH_METHOD_PAKE)
		err = link_ask_ca(l, e);
	if (err == TROTH_OK && l->has_ca && l->ca_contact_id != 0)
		err = has_proven_key(l, l->ca_contact_id, &l->ca.contact_has_key);
	g->facts.ca = l->has_ca ? &l->ca : NULL;
	if (err == TROTH_OK)
		err = gather_least(l, g);
	if (err == TROTH_OK)
		err = gather_address(l, e, g);
	if (err == TROTH_OK)
		err = gather_contact(l, l->chosen, &g->chosen, &g->facts.chosen);
	if (err == TROTH_OK && l->chosen != 0)
		err = has_proven_key(l, l->chosen, &g->facts.chosen_has_key);
	if (err == TROTH_OK)
		err = gather_contact(l, of_secret(l), &g->of_secret, &g->facts.secret_of);
	return err;
}

/* ---- the result, kept with the link ---- */

static void keep_reasons(struct link *l, const struct troth_judgement *j,
			 enum troth_openpgp_word openpgp)
{
	l->reason_count = 0;
	for (size_t i = 0; i < j->count && i < TROTH_NEWS_REASONS; i++) {
		const char *text = troth_reason_text(j->reasons[i]);
		const char *about = j->about[i] != NULL ? j->about[i] : "somebody else";
		const char *mark = strstr(text, "%s");
		char *to = l->reasons[l->reason_count++];
		if (j->reasons[i] == TROTH_REASON_OPENPGP_SAYS) {
			openpgp_sentence(to, sizeof l->reasons[0], openpgp, about);
			continue;
		}
		if (mark == NULL)
			(void)snprintf(to, sizeof l->reasons[0], "%s", text);
		else
			(void)snprintf(to, sizeof l->reasons[0], "%.*s%s%s", (int)(mark - text),
				       text, about, mark + 2);
	}
}

static void judge(struct link *l, const struct troth_event *e, bool transcript_known,
		  struct endorsed *endorsed)
{
	struct gathered g;
	struct troth_judgement j;
	if (e->cert != NULL) {
		l->pin = *troth_cert_pin(e->cert);
		l->has_pin = true;
	}
	int err = gather(l, e, &g);
	/* Before the offers were compared their absence says nothing. */
	g.facts.transcript_before = l->had_transcript && transcript_known;
	g.facts.transcript = e->transcript;
	troth_judge(&j, &g.facts);
	if (err != TROTH_OK)
		j.verdict.err = err;
	l->verdict_err = j.verdict.err;
	l->verdict_level = j.verdict.level;
	keep_reasons(l, &j, g.facts.openpgp);
	l->contact = 0;
	l->label[0] = 0;
	memcpy(l->voucher, g.voucher.text, sizeof l->voucher);
	bool good = j.verdict.err == TROTH_OK;
	l->certified = good && l->has_ca && l->ca.err == TROTH_OK &&
		       g.facts.key == TROTH_KEY_UNKNOWN && j.verdict.level == TROTH_LEVEL_VERIFIED;
	l->proxied = l->certified && l->ca.proxied;
	(void)snprintf(l->certified_as, sizeof l->certified_as, l->proxied ? "%s's job" : "%s",
		       l->identity);
	if (l->certified && j.verdict.contact != NULL) {
		l->contact = l->ca_contact_id;
		memcpy(l->label, l->ca_contact, sizeof l->label);
	} else if (j.verdict.contact != NULL) {
		bool by_key = j.verdict.contact == g.facts.key_owner;
		const struct troth_store_contact *who = by_key ? &g.owner : &g.of_secret;
		l->contact = who->id;
		memcpy(l->label, who->label, sizeof l->label);
	}
	*endorsed = g.endorsed;
}

void link_judge(struct link *l, const struct troth_event *e, bool transcript_known)
{
	struct endorsed endorsed;
	judge(l, e, transcript_known, &endorsed);
}

/* "An endorsement counts only now": the device itself has presented it. */
static void take_endorsed(struct link *l, const struct endorsed *endorsed,
			  const struct troth_event *e)
{
	if (l->verdict_err != TROTH_OK && endorsed->contact != 0)
		endorsed_refused(l, endorsed);
	if (l->verdict_err != TROTH_OK || endorsed->count == 0 || endorsed->contact != l->contact ||
	    e->method != TROTH_METHOD_KEY)
		return;
	int err = endorsed_take(l, endorsed, e->cert);
	if (err == TROTH_OK)
		return;
	l->verdict_err = err;
	l->verdict_level = TROTH_LEVEL_PLAIN;
	l->own_text = "The new key of that contact couldn't be stored.";
}

void link_verdict(struct link *l, const struct troth_event *e)
{
	struct endorsed endorsed;
	if (openpgp_ask_verdict(l, e))
		return;
	judge(l, e, false, &endorsed);
	/* "A secret [...] is spent on success": two may have proved it at once. */
	if (l->verdict_err == TROTH_OK && !window_holds(l)) {
		l->verdict_err = TROTH_E_REFUSED;
		l->verdict_level = TROTH_LEVEL_PLAIN;
		l->own_text = "The pairing was over before this stream had proved the secret.";
	}
	take_endorsed(l, &endorsed, e);
	if (l->verdict_err == TROTH_OK && e->method == TROTH_METHOD_PAKE &&
	    link_proven(l, e) != TROTH_OK)
		return;
	const struct troth_verdict verdict = {
		.err = l->verdict_err,
		.level = l->verdict_level,
		.contact = l->label[0] != 0 ? l->label : NULL,
	};
	if (verdict.err == TROTH_E_FLOOR && l->voucher[0] != 0)
		l->own_text = "Only an introducer's word says whose key that is. With --accept "
			      "vouched that is enough.";
	if (verdict.err != TROTH_OK && l->reason_count > 0) {
		l->own_err = verdict.err;
		if (l->own_text == NULL)
			l->own_text = l->reasons[l->reason_count - 1];
	}
	int err = troth_stream_verdict(l->stream, &verdict);
	if (err != TROTH_OK)
		link_close(l, err, "The verdict couldn't be given.");
}
