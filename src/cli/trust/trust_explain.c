/* SPDX-License-Identifier: MIT */
/* `troth trust explain`: the reasons, in sentences. Layer: cli. */
#include "cli/id/keyring.h"
#include "cli/terminal/fingerprint.h"
#include "cli/terminal/when.h"
#include "cli/trust/trust.h"
#include "cli/trust/trust_chain.h"
#include "session/introducer.h"
#include "session/openpgp_key.h"

#include <stdarg.h>
#include <stdlib.h>
#include <troth/err.h>

struct explanation {
	struct troth_output *out;
	json_t *reasons; /* NULL: text */
	int err;
	struct troth_chain chain;
};

/* Effect: one sentence; kind tells programs what it is about. */
static void say(struct explanation *e, const char *kind, const char *format, ...)
	TROTH_PRINTF(3, 4);
static void say(struct explanation *e, const char *kind, const char *format, ...)
{
	char *text = NULL;
	va_list args;
	va_start(args, format);
	int written = vasprintf(&text, format, args);
	va_end(args);
	if (written < 0) {
		e->err = TROTH_E_NOMEM;
		return;
	}
	troth_line(e->out, TROTH_STYLE_PLAIN, "- %s", text);
	if (e->reasons &&
	    json_array_append_new(e->reasons, json_pack("{s:s, s:o}", "kind", kind, "text",
							troth_json_text(text))) != 0)
		e->err = TROTH_E_NOMEM;
	free(text);
}

static void explain_unproven(struct explanation *e, const struct troth_store_key *key,
			     const char *pin, const char *voucher)
{
	char when[TROTH_WHEN_LEN];
	troth_when_local(when, key->changed);
	if (voucher[0] != 0)
		say(e, "vouched",
		    "The key %s... is vouched by %s, since %s: whose it is is that word, and "
		    "nothing more is known.",
		    pin, voucher, when);
	else if (troth_key_is_vouched(key))
		say(e, "voucher-gone",
		    "An introducer vouched for the key %s... on %s; the word doesn't count any "
		    "more, because its giver isn't an introducer now, or because the key that "
		    "signed it isn't trusted now, or because better is known.",
		    pin, when);
	else
		say(e, troth_store_key_state_name(key->state),
		    "On %s it named the key %s... as its own without proving that it holds it; "
		    "that counts for nothing until it does.",
		    when, pin);
}

static void explain_chain(struct explanation *e, const struct troth_pin *pin,
			  enum troth_key_role role)
{
	const struct troth_belief_key *key =
		troth_belief_find(&e->chain.believed->belief, pin, role);
	/* That it was met itself has been said. */
	if (key == NULL ||
	    (key->step_count == 1 && key->steps[0].kind <= TROTH_STEP_MET_BY_HANDSHAKE))
		return;
	troth_chain_explain(&e->chain, key);
}

static void explain_key(struct explanation *e, const struct troth_store_key *key,
			const char *voucher)
{
	char pin[TROTH_FINGERPRINT_LEN], when[TROTH_WHEN_LEN];
	const char *state = troth_store_key_state_name(key->state);
	troth_fingerprint(pin, &key->pin);
	pin[19] = '\0'; /* four groups tell keys apart; `show` has all of them */
	troth_when_local(when, key->changed);
	switch (key->state) {
	case TROTH_STORE_KEY_PROVEN:
		say(e, state, "Its key %s... has been trusted since %s, because %s.", pin, when,
		    troth_how_text(key->how));
		if (key->name[0] == 0)
			say(e, "fingerprint-alone",
			    "Only the fingerprint of that key is known so far: whoever shows the "
			    "key that has it is taken for this contact.");
		break;
	case TROTH_STORE_KEY_UNPROVEN:
		explain_unproven(e, key, pin, voucher);
		break;
	case TROTH_STORE_KEY_REPLACED:
		say(e, state, "Its key %s... was replaced on %s and isn't accepted any more.", pin,
		    when);
		break;
	case TROTH_STORE_KEY_SUSPENDED:
		say(e, state,
		    "Its key %s... has been suspended since %s: meet again with a shared secret to "
		    "decide.",
		    pin, when);
		break;
	case TROTH_STORE_KEY_REVOKED:
		say(e, state, "Its key %s... was revoked on %s, for good.", pin, when);
		break;
	case TROTH_STORE_KEY_SEEN:
		say(e, state, "The key %s... was seen on %s; that changes nothing.", pin, when);
		break;
	}
}

static int explain_evidence(void *user, const struct troth_store_evidence *evidence)
{
	struct explanation *e = user;
	char when[TROTH_WHEN_LEN];
	say(e, "evidence", "Evidence of %s: %s%s%s.", troth_when_local(when, evidence->time),
	    evidence->kind, evidence->method && *evidence->method ? " by " : "",
	    evidence->method ? evidence->method : "");
	return 0;
}

static void explain_meetings(struct explanation *e, const struct troth_portrait *p)
{
	char when[TROTH_WHEN_LEN];
	if (p->met == 0)
		say(e, "never-met", "You haven't met over a stream yet.");
	else
		say(e, "met", "You have met %zu time%s, last on %s: %s, %s%s.", p->met,
		    p->met == 1 ? "" : "s", troth_when_local(when, p->last_ok.time),
		    p->last_ok.level, troth_method_words(p->last_ok.method),
		    p->last_ok.transcript ? ", and nobody had changed the offers on the way" : "");
	if (p->last_bad.time > 0)
		say(e, "failed", "The last attempt that failed was on %s: %s",
		    troth_when_local(when, p->last_bad.time),
		    troth_outcome_text(p->last_bad.outcome));
}

/* ---- what keys say about keys ---- */

static void say_step(void *user, const char *step, const char *text, const char *when)
{
	struct explanation *e = user;
	troth_line(e->out, TROTH_STYLE_PLAIN, "    %s%s%s", text, *when != '\0' ? " " : "", when);
	if (e->reasons != NULL &&
	    json_array_append_new(e->reasons, json_pack("{s:s, s:s, s:o, s:o}", "kind", "step",
							"step", step, "text", troth_json_text(text),
							"when", troth_json_text(when))) != 0)
		e->err = TROTH_E_NOMEM;
}

static int explain_user_id(void *user, const struct troth_openpgp_key *key)
{
	struct explanation *e = user;
	for (size_t i = 0; i < key->user_id_count; i++)
		say(e, "openpgp-user-id", "Now the keyring finds its user ID \"%s\" %s.",
		    key->user_ids[i].text, troth_openpgp_level_name(key->user_ids[i].level));
	say(e, "openpgp-validity", "Now the keyring finds the key as a whole %s.",
	    troth_openpgp_level_name(key->level));
	return 0;
}

/* As of now: what it was when it was asked last is among the steps. */
static void explain_openpgp(struct explanation *e, const struct troth_store_key *key)
{
	struct troth_openpgp *openpgp = NULL;
	char text[TROTH_KEYRING_FINGERPRINT_LEN];
	say(e, "openpgp",
	    "Its OpenPGP key is %s: devices that it endorses are recognised while "
	    "the keyring believes it.",
	    troth_keyring_grouped(text, key->name));
	int err = troth_openpgp_new(&openpgp);
	if (!err)
		err = troth_openpgp_open(openpgp, NULL);
	if (!err)
		err = troth_openpgp_key_get(openpgp, key->name, explain_user_id, e);
	if (err)
		say(e, "openpgp-unasked", "The keyring can't say more of it now: %s",
		    openpgp && troth_openpgp_reason(openpgp) ? troth_openpgp_cause(openpgp)
							     : troth_err_text(err));
	troth_openpgp_free(openpgp);
}

static int explain_user_key(void *user, const struct troth_store_key *key)
{
	struct explanation *e = user;
	if (troth_openpgp_is_row(key)) {
		explain_openpgp(e, key);
		explain_chain(e, &key->pin, TROTH_ROLE_USER);
		return 0;
	}
	char pin[TROTH_FINGERPRINT_LEN];
	const char *state = troth_store_key_state_name(key->state);
	troth_fingerprint(pin, &key->pin);
	pin[19] = '\0';
	say(e, "user-key",
	    key->state == TROTH_STORE_KEY_PROVEN
		    ? "Its user key %s... is %s: devices that it endorses are recognised."
		    : "Its user key %s... is %s: it adds no devices.",
	    pin, state);
	explain_chain(e, &key->pin, TROTH_ROLE_USER);
	return 0;
}

static void explain(struct explanation *e, const struct troth_portrait *p)
{
	const char *label = p->contact.label;
	for (size_t i = 0; i < p->key_count; i++) {
		explain_key(e, &p->keys[i], p->vouchers[i]);
		explain_chain(e, &p->keys[i].pin, TROTH_ROLE_DEVICE);
	}
	if (troth_store_user_key_list(e->chain.store, p->contact.id, explain_user_key, e) < 0)
		e->err = TROTH_E_STORE;
	explain_meetings(e, p);
	if (p->proven > 0)
		say(e, "floor",
		    "Whoever claims to be %s and doesn't show one of the trusted keys is turned "
		    "away.",
		    label);
	else if (troth_portrait_voucher(p))
		say(e, "vouched-only",
		    "That is less than verified: it is accepted with `--accept vouched` only. "
		    "`troth "
		    "pair` proves %s by a shared secret.",
		    label);
	else
		say(e, "no-key",
		    "There is no trusted key: `troth pair` proves %s by a shared secret.", label);
}

enum troth_exit troth_trust_explain(struct troth_cli *cli)
{
	struct troth_store *store;
	struct troth_portrait p;
	struct troth_store_contact contact;
	enum troth_exit status = troth_trust_contact(cli, 1, &contact);
	if (status == TROTH_EXIT_OK)
		status = troth_home_store(cli, &store);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_portrait_load(&p, store, &contact);
	if (err)
		return troth_home_store_failed(cli, err, "can't read the contact");
	const struct troth_believed_of of = {
		.store = store, .contact = contact.id, .now = troth_when_now()};
	struct troth_believed believed;
	err = troth_believed_load(&believed, &of);
	if (err)
		return troth_home_store_failed(cli, err, "can't read what keys say about keys");
	struct explanation e = {.out = &cli->out, .reasons = cli->out.json ? json_array() : NULL};
	const char *voucher = troth_portrait_voucher(&p);
	e.chain = (struct troth_chain){store, contact.id, &believed, say_step, &e};
	const char *level = troth_level_name(troth_portrait_level(&p));
	troth_line(&cli->out, p.proven ? TROTH_STYLE_GOOD : TROTH_STYLE_WARN, "%s is %s%s%s.",
		   contact.label, level, voucher ? " by " : "", voucher ? voucher : "");
	explain(&e, &p);
	err = troth_store_evidence_list(store, contact.id, NULL, explain_evidence, &e);
	troth_believed_fini(&believed);
	if (err || e.err) {
		json_decref(e.reasons);
		return troth_home_store_failed(cli, err ? err : e.err, "can't explain the contact");
	}
	troth_json(&cli->out, cli->out.json
				      ? json_pack("{s:o, s:s, s:s*, s:o}", "label",
						  troth_json_text(contact.label), "level", level,
						  "voucher", voucher, "reasons", e.reasons)
				      : NULL);
	return TROTH_EXIT_OK;
}
