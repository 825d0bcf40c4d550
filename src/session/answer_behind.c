/* SPDX-License-Identifier: MIT */
/*
 * Passing on an introducer's word, with his signature and ours on his key (docs/protocol.md, "Third
 * party"). Layer: session. Only what counts here by itself, and never a longer chain than policy
 * takes.
 */
#include "session/answer.h"

#include "keys/keyinfo.h"
#include "session/believed.h"

#include <string.h>

/* A statement of the chain, and what was signed. */
struct sought {
	const struct troth_belief_statement *says;
	int64_t contact;
	struct answer *answer;
	bool found;
};

static bool is_same(const struct sought *s, const struct troth_store_statement *row)
{
	return row->contact == s->contact && row->says.kind == s->says->kind &&
	       row->says.introducer == s->says->introducer && row->says.depth == s->says->depth &&
	       row->says.expires == s->says->expires &&
	       troth_pin_equal(&row->says.subject, &s->says->subject) &&
	       troth_pin_equal(&row->says.issuer, &s->says->issuer);
}

/* The word on the key that is asked for: its certificate is the contact's. */
static int read_word(struct sought *s, const struct troth_stanza *xml)
{
	struct troth_cert *cert;
	struct troth_endorsement *word;
	int err = troth_endorsement_read(&word, troth_stanza_root(xml));
	if (err != TROTH_OK)
		return err;
	err = answer_cert(s->answer->session->store, &s->says->subject, &cert);
	if (err != TROTH_OK) {
		troth_endorsement_free(word);
		return err;
	}
	return answer_add(s->answer, cert, word);
}

static int read_link(struct sought *s, const struct troth_stanza *xml)
{
	struct troth_keyinfo_list list;
	struct troth_cert *cert;
	struct troth_endorsement *word;
	int err = troth_keyinfo_read(&list, troth_stanza_root(xml), NULL);
	if (err != TROTH_OK)
		return err;
	if (list.count != 1 || list.items[0].cert == NULL || list.items[0].endorsements.count != 1)
		err = TROTH_E_FORMAT;
	if (err == TROTH_OK)
		err = troth_endorsement_copy(&word, list.items[0].endorsements.items[0]);
	if (err == TROTH_OK) {
		err = troth_cert_new(&cert, troth_cert_der(list.items[0].cert));
		if (err == TROTH_OK)
			err = answer_add(s->answer, cert, word);
		else
			troth_endorsement_free(word);
	}
	troth_keyinfo_list_fini(&list);
	return err;
}

static int take_row(void *user, const struct troth_store_statement *row)
{
	struct sought *s = user;
	struct troth_stanza *xml;
	if (s->found || !is_same(s, row))
		return 0;
	s->found = true;
	int err = troth_element_parse(&xml, row->data);
	if (err != TROTH_OK)
		return err;
	err = row->says.kind == TROTH_BELIEF_VOUCHED ? read_word(s, xml) : read_link(s, xml);
	troth_stanza_free(xml);
	return err;
}

/* Dates that are over would only be refused. */
static bool may_pass(const struct answer *a, const struct troth_believed *b,
		     const struct troth_belief_key *key)
{
	const struct troth_belief_policy *policy = troth_store_belief_policy(a->session->store);
	if (key == NULL || key->standing != TROTH_KEY_VOUCHED || key->step_count >= policy->depth ||
	    a->count + key->step_count + 1 > KEYS_MAX)
		return false;
	for (size_t i = 0; i < key->step_count; i++) {
		if (key->steps[i].statement >= b->count)
			return false;
		const struct troth_belief_statement *says = &b->list[key->steps[i].statement];
		/* Nobody is told what he said himself. */
		if (says->introducer == a->asker || says->expires < session_now())
			return false;
	}
	return true;
}

/* "This key's word is taken here": the introducer's own key, which no other says anything of. */
static int introduce(struct answer *a, const struct troth_pin *pin)
{
	struct troth_cert *cert;
	struct troth_endorsement *word;
	int err = answer_cert(a->session->store, pin, &cert);
	if (err != TROTH_OK)
		return err;
	err = answer_sign(a, cert, TROTH_PURPOSE_INTRODUCE, &word);
	if (err != TROTH_OK) {
		troth_cert_free(cert);
		return err;
	}
	return answer_add(a, cert, word);
}

static int pass(struct answer *a, int64_t contact, const struct troth_believed *b,
		const struct troth_belief_key *key)
{
	int err = TROTH_OK;
	const struct troth_belief_statement *says = NULL;
	for (size_t i = 0; err == TROTH_OK && i < key->step_count; i++) {
		says = &b->list[key->steps[i].statement];
		struct sought s = {.says = says, .contact = contact, .answer = a};
		err = troth_store_statement_list_by_pin(a->session->store, &says->subject, take_row,
							&s);
		if (err == TROTH_OK && !s.found)
			err = TROTH_E_NOT_FOUND;
	}
	return err == TROTH_OK ? introduce(a, &says->issuer) : err;
}

int answer_add_behind(struct answer *a, const struct troth_store_key *key)
{
	struct troth_believed b;
	const struct troth_believed_of of = {
		.store = a->session->store, .contact = key->contact, .now = session_now()};
	int err = troth_believed_load(&b, &of);
	if (err != TROTH_OK)
		return err;
	const struct troth_belief_key *vouched =
		troth_belief_find(&b.belief, &key->pin, TROTH_ROLE_DEVICE);
	if (may_pass(a, &b, vouched))
		err = pass(a, key->contact, &b, vouched);
	troth_believed_fini(&b);
	return err;
}
