/* SPDX-License-Identifier: MIT */
/*
 * Probing: what a peer offers, and what would come of it. Layer: session. The stream of a
 * probe knows nobody and has no secret, so it ends before TLS by itself.
 */
#include "session/state.h"
#include "xml/namespace.h"

#include "c2c/choose.h"
#include "stream/engine.h"
#include "xml/element.h"
#include "xml/reader.h"
#include "xmpp/header.h"

#include <string.h>

/* Effect: reads the element that a trace shows; *out is the caller's. */
static int parse(const char *xml, struct troth_stanza **out)
{
	static const char header[] =
		"<stream:stream xmlns='jabber:client' xmlns:stream='" TROTH_NS_STREAMS
		"' version='1.0'>";
	const struct troth_xml_limits limits = {TROTH_LIMIT_CLEAR_BYTES, TROTH_LIMIT_CLEAR_DEPTH,
						TROTH_LIMIT_CLEAR_ATTRS};
	struct troth_xml_item item = {.kind = TROTH_XML_NONE};
	struct troth_xml_reader *reader;
	int err = troth_xml_reader_new(&reader, &limits);
	if (err != TROTH_OK)
		return err;
	err = troth_xml_reader_feed(
		reader, (struct troth_slice){(const uint8_t *)header, sizeof header - 1});
	if (err == TROTH_OK)
		err = troth_xml_reader_feed(
			reader, (struct troth_slice){(const uint8_t *)xml, strlen(xml)});
	for (int i = 0; err == TROTH_OK && i < 2; i++) { /* the header, the element */
		troth_stanza_free(item.stanza);
		item.stanza = NULL;
		err = troth_xml_reader_next(reader, &item);
	}
	troth_xml_reader_free(reader);
	if (err == TROTH_OK && item.kind != TROTH_XML_ELEMENT)
		err = TROTH_E_XML;
	if (err != TROTH_OK)
		troth_stanza_free(item.stanza);
	else
		*out = item.stanza;
	return err;
}

static enum troth_method strongest(const struct troth_offer *request)
{
	if (request->name_count > 0)
		return TROTH_METHOD_KEY;
	for (const struct troth_mark_row *row = troth_mark_rows(); row->name != NULL; row++) {
		if (row->method != TROTH_METHOD_NONE && (request->marks & row->mark) != 0)
			return row->method;
	}
	return TROTH_METHOD_NONE;
}

/* ---- what it says for its keys ---- */

static struct troth_probe_word *word_add(struct troth_probe *p)
{
	return p->word_count < TROTH_PROBE_WORDS ? &p->words[p->word_count++] : NULL;
}

static void add_words(struct troth_probe *p, const struct troth_known *known,
		      const struct troth_offer_proof *proof)
{
	struct troth_probe_word *word;
	for (size_t i = 0; i < proof->endorsements.count; i++) {
		const struct troth_endorsement *e = proof->endorsements.items[i];
		/* "Signatures in the form of XEP-0189 itself [...] are read and never trusted." */
		if (e->purpose == TROTH_PURPOSE_NONE || (word = word_add(p)) == NULL)
			continue;
		*word = (struct troth_probe_word){
			.key = proof->name,
			.purpose = troth_purpose_name(e->purpose),
			.by = e->issuer_name,
			.counts = troth_known_has_issuer(known, e->issuer_name)};
	}
	for (size_t i = 0; i < proof->ca_count; i++) {
		if ((word = word_add(p)) == NULL)
			return;
		*word = (struct troth_probe_word){.key = proof->name, .ca = proof->cas[i]};
		for (size_t k = 0; known->may_try && k < known->ca_count; k++)
			word->counts |= troth_pin_equal(&known->cas[k], &proof->cas[i]);
	}
}

static void read_words(struct troth_probe *p, const struct troth_known *known,
		       const struct troth_offer *offer)
{
	size_t count = offer->proofs != NULL ? offer->proofs->count : 0;
	for (size_t i = 0; i < count; i++)
		add_words(p, known, &offer->proofs->items[i]);
}

/* ---- what would come of it ---- */

/* What this side would ask for, knowing what it knows. */
static void choose(struct troth_call *call, const struct troth_offer *offer, struct troth_probe *p)
{
	struct troth_session *s = call->session;
	struct known_peer k;
	struct troth_offer request;
	p->err = known_of_contact(s, p->contact, &k);
	if (p->err == TROTH_OK && p->contact == 0)
		p->err = known_by_pin(s, &k);
	if (p->err != TROTH_OK)
		return;
	memcpy(p->label, k.contact.label, sizeof p->label);
	ca_try(s, p->contact, &k);
	read_words(p, &k.known, offer);
	k.known.may_ask = p->contact != 0 && !known_has_key(&k);
	k.known.least = p->contact != 0 ? TROTH_LEVEL_VERIFIED : call->least;
	const struct troth_side us = {
		.known = &k.known,
		.own_name = troth_cert_name(troth_device_cert(s->device)),
		.can = s->engine->can,
	};
	if (!p->tls) {
		p->err = troth_floor_admits(troth_floor_of(&k.known), TROTH_METHOD_PLAIN)
				 ? TROTH_OK
				 : TROTH_E_NO_TLS;
		p->method = TROTH_METHOD_PLAIN;
	} else if (!p->offers) {
		p->err = troth_choose_without_offers(&p->method, &us);
	} else {
		p->err = troth_choose_request(&request, &us, offer);
		if (p->err == TROTH_OK)
			p->method = strongest(&request);
	}
}

/* By a key that it names, or by one that endorses it. */
static int64_t find_contact(struct troth_session *s, const struct troth_offer *offer)
{
	const char *names[TROTH_LIMIT_OFFER_KEYS];
	int64_t contact = 0;
	for (size_t i = 0; i < offer->name_count; i++)
		names[i] = offer->names[i];
	int err = find_by_names(s, names, offer->name_count, &contact);
	size_t proofs = offer->proofs != NULL ? offer->proofs->count : 0;
	for (size_t i = 0; err == TROTH_OK && contact == 0 && i < proofs; i++) {
		const struct troth_endorsement_list *l = &offer->proofs->items[i].endorsements;
		for (size_t k = 0; err == TROTH_OK && contact == 0 && k < l->count; k++)
			err = find_by_names(s, &l->items[k]->issuer_name, 1, &contact);
	}
	return err == TROTH_OK ? contact : 0;
}

void probe_report(struct troth_call *call, const struct troth_offer *offer, struct troth_news *n,
		  struct troth_probe *p)
{
	const char *names[TROTH_LIMIT_OFFER_KEYS];
	for (size_t i = 0; i < offer->name_count; i++)
		names[i] = offer->names[i];
	p->names = names;
	p->name_count = offer->name_count;
	for (const struct troth_mark_row *row = troth_mark_rows(); row->name != NULL; row++) {
		if ((offer->marks & row->mark) != 0)
			p->marks[p->mark_count++] = row->name;
	}
	p->contact = p->err == TROTH_OK ? call->contact : 0; /* who says nothing claims nothing */
	if (p->contact == 0)
		p->contact = find_contact(call->session, offer);
	if (p->err == TROTH_OK)
		choose(call, offer, p);
	n->probe = p;
	n->err = p->err;
	news(call->session, n);
}

static void report(struct link *l, const struct troth_element *features)
{
	struct troth_offer offer = {.marks = 0};
	struct troth_offer_proofs proofs = {.count = 0};
	struct troth_probe p = {.tls = false};
	const struct troth_element *tls = troth_element_child(features, TROTH_NS_TLS, "starttls");
	const struct troth_element *e = troth_element_child(tls, TROTH_NS_C2C, "offer");
	p.tls = tls != NULL;
	p.required = troth_element_child(tls, TROTH_NS_TLS, "required") != NULL;
	p.offers = e != NULL && troth_offer_read(&offer, e) == TROTH_OK;
	if (p.offers && troth_offer_proofs_read(&proofs, e) == TROTH_OK)
		offer.proofs = &proofs;
	struct troth_news n = news_of(l, TROTH_NEWS_PROBED);
	l->call->probed = true;
	probe_report(l->call, &offer, &n, &p);
	troth_offer_proofs_fini(&proofs);
}

void probe_look(struct link *l, const struct troth_event *e)
{
	struct troth_stanza *stanza;
	if (l->call == NULL || !l->call->probe || l->call->probed || e->type != TROTH_EVENT_XML ||
	    e->outgoing || strncmp(e->text, "<stream:features", 16) != 0)
		return;
	if (parse(e->text, &stanza) != TROTH_OK)
		return;
	report(l, troth_stanza_root(stanza));
	troth_stanza_free(stanza);
}
