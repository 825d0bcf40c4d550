/* SPDX-License-Identifier: MIT */
/* A contact with all that the store has about it. Layer: cli. Judges nothing anew. */
#include "cli/terminal/when.h"
#include "cli/trust/trust.h"
#include "session/introducer.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

static int take_key(void *user, const struct troth_store_key *key)
{
	struct troth_portrait *p = user;
	p->proven += key->state == TROTH_STORE_KEY_PROVEN;
	if (p->key_count < TROTH_PORTRAIT_KEYS)
		p->keys[p->key_count++] = *key;
	return 0;
}

static void keep(struct troth_portrait_row *to, const struct troth_store_connection *row)
{
	if (to->time)
		return; /* newest first */
	to->time = row->time;
	to->transcript = row->transcript;
	snprintf(to->method, sizeof to->method, "%s", row->method ? row->method : "");
	snprintf(to->level, sizeof to->level, "%s", row->level ? row->level : "");
	snprintf(to->outcome, sizeof to->outcome, "%s", row->outcome ? row->outcome : "");
}

static int take_row(void *user, const struct troth_store_connection *row)
{
	struct troth_portrait *p = user;
	bool ok = row->outcome && strcmp(row->outcome, troth_err_name(TROTH_OK)) == 0;
	p->met += ok;
	keep(ok ? &p->last_ok : &p->last_bad, row);
	return 0;
}

/* Whose word it is by which a key that isn't proven counts, now. */
static int find_vouchers(struct troth_portrait *p, struct troth_store *store)
{
	const struct troth_believed_of of = {
		.store = store, .contact = p->contact.id, .now = troth_when_now()};
	for (size_t i = 0; i < p->key_count; i++) {
		struct troth_voucher by;
		if (!troth_key_is_vouched(&p->keys[i]))
			continue;
		int err = troth_introducer_of(&of, &p->keys[i].pin, &by);
		if (err == TROTH_E_NOT_FOUND)
			continue;
		if (err)
			return err;
		memcpy(p->vouchers[i], by.text, sizeof p->vouchers[i]);
	}
	return TROTH_OK;
}

int troth_portrait_load(struct troth_portrait *out, struct troth_store *store,
			const struct troth_store_contact *contact)
{
	struct troth_portrait p = {.contact = *contact};
	int err = troth_store_key_list(store, contact->id, take_key, &p);
	if (!err)
		err = troth_store_history_list(store, contact->id, 0, take_row, &p);
	if (!err)
		err = find_vouchers(&p, store);
	if (!err)
		*out = p;
	return err;
}

const char *troth_portrait_voucher(const struct troth_portrait *portrait)
{
	for (size_t i = 0; portrait->proven == 0 && i < portrait->key_count; i++)
		if (portrait->vouchers[i][0] != 0)
			return portrait->vouchers[i];
	return NULL;
}

enum troth_level troth_portrait_level(const struct troth_portrait *portrait)
{
	if (portrait->proven > 0)
		return TROTH_LEVEL_VERIFIED;
	return troth_portrait_voucher(portrait) ? TROTH_LEVEL_VOUCHED : TROTH_LEVEL_UNVERIFIED;
}

const char *troth_portrait_how(const struct troth_portrait *portrait)
{
	for (size_t i = 0; i < portrait->key_count; i++)
		if (portrait->keys[i].state == TROTH_STORE_KEY_PROVEN)
			return portrait->keys[i].how;
	return portrait->key_count > 0 ? portrait->keys[0].how : "";
}

const char *troth_how_text(const char *how)
{
	static const struct {
		const char *how, *text;
	} texts[] = {
		{"pake",
		 "you both gave the same secret, and neither side learnt it from the other"},
		{"srp", "you both gave the same secret (TLS-SRP)"},
		{"sas", "you both compared the same number"},
		{"manual", "you pinned it yourself"},
		{"renewed", "the key before it signed for it, and it for itself"},
		{"endorsed", "the user key of that contact endorses it"},
		{"openpgp", "the OpenPGP key of that contact endorses it"},
		{"own-device", "another device of yours gave it to this one"},
		{"key", "it proved itself when you met"},
		{"keyinfo", "it proved itself when you met"},
	};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (strcmp(how, texts[i].how) == 0)
			return texts[i].text;
	return how;
}

const char *troth_how_word(const char *how)
{
	if (strcmp(how, "pake") == 0 || strcmp(how, "srp") == 0)
		return "secret";
	return strcmp(how, "sas") == 0 ? "number" : how;
}

const char *troth_method_words(const char *method)
{
	static const struct {
		const char *method, *words;
	} texts[] = {
		{"keyinfo", "by key"},
		{"key", "by key"},
		{"pake", "by secret"},
		{"srp", "by secret"},
		{"insecure", "by no key that is known"},
		{"plain", "unencrypted"},
	};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (strcmp(method, texts[i].method) == 0)
			return texts[i].words;
	return method;
}

const char *troth_outcome_text(const char *outcome)
{
#define TEXT(symbol, value, name, class_, text)                                                    \
	if (strcmp(outcome, name) == 0)                                                            \
		return text;
	TROTH_ERRORS(TEXT)
#undef TEXT
	return outcome;
}

struct nearest {
	const char *labels[64];
	size_t count;
	char kept[63][TROTH_STORE_LABEL_MAX + 1];
};

static int take_label(void *user, const struct troth_store_contact *contact)
{
	struct nearest *n = user;
	if (n->count == 63)
		return 0;
	snprintf(n->kept[n->count], sizeof n->kept[0], "%s", contact->label);
	n->labels[n->count] = n->kept[n->count];
	n->count++;
	return 0;
}

static enum troth_exit no_contact(struct troth_cli *cli, struct troth_store *store,
				  const char *label)
{
	struct nearest n = {.count = 0};
	char *next = NULL;
	const char *guess = NULL;
	if (troth_store_contact_list(store, take_label, &n) == TROTH_OK)
		guess = troth_word_guess(label, n.labels);
	int written = guess ? asprintf(&next, "Did you mean '%s'?", guess) : -1;
	const struct troth_failure failure = {
		.err = TROTH_E_NOT_FOUND,
		.cause = "",
		.next = written < 0 ? "`troth trust list` shows them all." : next,
	};
	enum troth_exit status = troth_cli_fail(cli, &failure, "there is no contact '%s'", label);
	if (written >= 0)
		free(next);
	return status;
}

/* Over a server alone: on a link anybody may take any name. */
static int by_account(struct troth_store *store, const char *text, struct troth_store_contact *out)
{
	struct troth_address *jid;
	if (strchr(text, '@') == NULL ||
	    troth_address_new(&jid, TROTH_REALM_SERVER, text) != TROTH_OK)
		return TROTH_E_NOT_FOUND;
	int err = troth_store_contact_by_address(store, TROTH_REALM_SERVER, troth_address_bare(jid),
						 out);
	troth_address_free(jid);
	return err;
}

enum troth_exit troth_trust_contact(struct troth_cli *cli, size_t n,
				    struct troth_store_contact *out)
{
	struct troth_store *store;
	const char *label = troth_cli_arg(cli, n);
	if (!label)
		return troth_cli_usage(cli, "whom? troth %s %s LABEL", cli->verb->name,
				       cli->args[0]);
	enum troth_exit status = troth_home_store(cli, &store);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_store_contact_by_label(store, label, out);
	if (err == TROTH_E_NOT_FOUND)
		err = by_account(store, label, out);
	if (err == TROTH_E_NOT_FOUND)
		return no_contact(cli, store, label);
	return err ? troth_home_store_failed(cli, err, "can't read the contact") : TROTH_EXIT_OK;
}
