/* SPDX-License-Identifier: MIT */
/* Whose words a key in an introducer's answer rests on. Layer: session. Keeps nothing. */
#include "session/relied.h"

#include "session/introducer.h"
#include "session/person.h"
#include "session/whose.h"

#include <string.h>

static bool verifies(const struct troth_endorsement *word, const struct troth_cert *issuer,
		     const struct troth_cert *subject, unsigned *budget)
{
	if (*budget == 0)
		return false;
	(*budget)--;
	return troth_endorsement_verify(word, issuer, subject) == TROTH_OK &&
	       troth_endorsement_in_force(word, session_now());
}

/* "Signed by them": by any key that is believed to be the introducer's. */
static bool is_his_word(struct link *l, const struct troth_endorsement *word,
			const struct troth_cert *subject, unsigned *budget,
			struct troth_pin *issuer)
{
	struct troth_cert *cert;
	if (contact_cert_by_name(l->session, l->contact, word->issuer_name, &cert) != TROTH_OK)
		return false;
	bool good = verifies(word, cert, subject, budget);
	*issuer = *troth_cert_pin(cert);
	troth_cert_free(cert);
	if (!good)
		return false;
	struct troth_belief_statement says = {.kind = TROTH_BELIEF_VOUCHED,
					      .introducer = l->contact,
					      .issuer = *issuer,
					      .depth = 1};
	const struct troth_believed_of of = {.store = l->session->store, .now = session_now()};
	return troth_introducers_weigh(&of, &says, 1) == TROTH_OK && says.introducer_trusted;
}

/* Our own word, come back to us, is nobody's; nor is one by a key that was withdrawn. */
static bool may_link(struct link *l, const struct troth_cert *cert)
{
	bool withdrawn = true;
	return !troth_pin_equal(troth_cert_pin(cert),
				troth_cert_pin(troth_device_cert(l->session->device))) &&
	       troth_key_is_withdrawn(l->session->store, troth_cert_pin(cert), &withdrawn) ==
		       TROTH_OK &&
	       !withdrawn;
}

struct search {
	struct link *link;
	const struct troth_event *event;
	unsigned *budget;
	struct relied *out;
};

static bool find(const struct search *s, const struct troth_peer_key *key, unsigned at);

/* Through one who is no contact of ours, whose key the answer holds as well. */
static bool find_behind(const struct search *s, const struct troth_endorsement *word,
			const struct troth_cert *subject, unsigned at)
{
	for (size_t i = 0; i < s->event->key_count; i++) {
		const struct troth_peer_key *by = &s->event->keys[i];
		if (!relied_is_link(by) ||
		    strcmp(troth_cert_name(by->cert), word->issuer_name) != 0 ||
		    !verifies(word, by->cert, subject, s->budget) || !may_link(s->link, by->cert))
			continue;
		s->out->links[at].issuer = *troth_cert_pin(by->cert);
		if (find(s, by, at + 1))
			return true;
	}
	return false;
}

/* What somebody once said of a key for one account isn't said of whom we ask for: so nobody passes
 * another person's key on as his. */
static bool is_about_him(const struct search *s, const struct troth_endorsement *word)
{
	struct troth_store *store = s->link->session->store;
	struct troth_store_contact him = {.id = 0};
	char label[TROTH_STORE_LABEL_MAX + 1];
	const struct troth_address *about = s->event->about;
	bool by_account =
		about != NULL && troth_person_label(troth_address_bare(about), label) != TROTH_OK;
	bool his = false;
	int err = troth_store_contact_by_label(store, s->link->asked, &him);
	const struct troth_whose whose = {store, him.id, by_account ? about : NULL};
	if (err == TROTH_OK || err == TROTH_E_NOT_FOUND)
		err = troth_whose_key(&whose, word->jid, &his);
	bool asked = !by_account || word->jid[0] == 0 ||
		     strcmp(word->jid, troth_address_bare(about)) == 0;
	return err == TROTH_OK && his && asked;
}

/* Each step goes one link further, and there are few. */
static bool find(const struct search *s, const struct troth_peer_key *key, unsigned at)
{
	enum troth_purpose purpose = at == 0 ? TROTH_PURPOSE_VOUCH : TROTH_PURPOSE_INTRODUCE;
	struct relied_link *l = &s->out->links[at];
	for (size_t i = 0; i < key->endorsement_count; i++) {
		const struct troth_endorsement *word = key->endorsements[i];
		if (word->purpose != purpose || (at == 0 && !is_about_him(s, word)))
			continue;
		*l = (struct relied_link){.key = key, .word = word};
		s->out->depth = at + 1;
		if (is_his_word(s->link, word, key->cert, s->budget, &l->issuer) ||
		    (at + 1 < TROTH_BELIEF_DEPTH_MAX && find_behind(s, word, key->cert, at)))
			return true;
	}
	return false;
}

bool relied_find(struct link *l, const struct troth_event *e, const struct troth_peer_key *key,
		 unsigned *budget, struct relied *out)
{
	const struct search s = {l, e, budget, out};
	return find(&s, key, 0);
}

bool relied_is_link(const struct troth_peer_key *key)
{
	for (size_t i = 0; i < key->endorsement_count; i++) {
		if (key->endorsements[i]->purpose == TROTH_PURPOSE_INTRODUCE)
			return true;
	}
	return false;
}
