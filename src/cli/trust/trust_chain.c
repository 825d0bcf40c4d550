/* SPDX-License-Identifier: MIT */
/* Why a key counts, or doesn't: the steps of belief as sentences. Layer: cli. */
#include "cli/trust/trust_chain.h"

#include "cli/terminal/fingerprint.h"
#include "cli/terminal/when.h"
#include "session/believed.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

#define SENTENCE 512

static const char *step_name(enum troth_belief_step_kind kind)
{
	static const char *const names[] = {
#define STEP_NAME(symbol, text) #symbol,
		TROTH_BELIEF_STEPS(STEP_NAME)
#undef STEP_NAME
	};
	return names[kind];
}

struct sentence {
	char text[SENTENCE];
	size_t len;
};

static void put(struct sentence *s, const char *text, size_t len)
{
	size_t room = SENTENCE - 1 - s->len;
	if (len > room)
		len = room;
	memcpy(s->text + s->len, text, len);
	s->len += len;
	s->text[s->len] = '\0';
}

static void put_pin(struct sentence *s, const struct troth_pin *pin)
{
	char text[TROTH_FINGERPRINT_LEN];
	troth_fingerprint(text, pin);
	put(s, text, 19); /* four groups tell keys apart */
	put(s, "...", 3);
}

static void put_contact(struct sentence *s, struct troth_store *store, int64_t id)
{
	struct troth_store_contact contact;
	if (id != 0 && troth_store_contact_get(store, id, &contact) == TROTH_OK)
		put(s, contact.label, strlen(contact.label));
	else
		put(s, "somebody", 8);
}

/* The marks of TROTH_BELIEF_STEPS: %1 the subject, %2 the issuer, %c the contact, %i the
 * introducer. Where the step rests on no statement the key itself is its subject. */
static void write_step(struct sentence *s, const struct troth_chain *c,
		       const struct troth_belief_key *key, const struct troth_belief_step *step)
{
	static const struct troth_belief_statement none;
	const struct troth_belief_statement *says =
		step->statement < c->believed->count ? &c->believed->list[step->statement] : &none;
	const char *text = troth_belief_step_text(step->kind);
	for (; *text != '\0'; text++) {
		if (text[0] != '%' || text[1] == '\0') {
			put(s, text, 1);
			continue;
		}
		text++;
		if (*text == '1')
			put_pin(s, says == &none ? &key->pin : &says->subject);
		else if (*text == '2')
			put_pin(s, &says->issuer);
		else
			put_contact(s, c->store, *text == 'c' ? c->contact : says->introducer);
	}
}

void troth_chain_explain(const struct troth_chain *c, const struct troth_belief_key *key)
{
	for (size_t i = 0; i < key->step_count; i++) {
		struct sentence s = {.len = 0};
		char when[TROTH_WHEN_LEN];
		const struct troth_belief_step *step = &key->steps[i];
		write_step(&s, c, key, step);
		if (step->statement < c->believed->count)
			troth_when_local(when, c->believed->list[step->statement].time);
		else
			when[0] = '\0';
		c->say(c->user, step_name(step->kind), s.text, when);
	}
}
