/* SPDX-License-Identifier: MIT */
/*
 * `troth trust add`: somebody becomes a contact by the OpenPGP key that the keyring has for their
 * JID, before they were met. Layer: cli.
 */
#include "cli/id/keyring.h"
#include "cli/terminal/when.h"
#include "cli/trust/trust.h"
#include "openpgp/assigned.h"
#include "session/openpgp_key.h"

#include <string.h>
#include <troth/err.h>

#define KEYS_MAX 8

struct adding {
	struct troth_cli *cli;
	struct troth_store *store;
	struct troth_address *jid;
	enum troth_belief_validity needed;
	char keys[KEYS_MAX][TROTH_OPENPGP_FINGERPRINT_LEN + 1];
	enum troth_openpgp_level levels[KEYS_MAX];
	size_t count;
	enum troth_openpgp_level best; /* of those that aren't enough; ABSENT: there are none */
};

static int each(void *user, const char *fingerprint, enum troth_openpgp_level level)
{
	struct adding *a = user;
	if (troth_openpgp_worth(level) < a->needed) {
		a->best = level > a->best ? level : a->best;
		return 0;
	}
	if (a->count < KEYS_MAX) {
		memcpy(a->keys[a->count], fingerprint, sizeof a->keys[0]);
		a->levels[a->count++] = level;
	}
	return 0;
}

static enum troth_exit none(const struct adding *a)
{
	char cause[128];
	struct troth_failure failure = {.err = TROTH_E_NOT_FOUND, .cause = cause};
	if (a->best == TROTH_OPENPGP_ABSENT) {
		snprintf(cause, sizeof cause, "Your keyring has no key with a user ID for it.");
		failure.next = "If you know which key is theirs: `troth trust assign JID "
			       "FINGERPRINT`.";
	} else {
		snprintf(cause, sizeof cause, "The best key that your keyring has for it is %s.",
			 troth_openpgp_level_name(a->best));
		failure.next = "If you have compared its fingerprint with its owner: `gpg "
			       "--lsign-key FINGERPRINT`.";
	}
	return troth_cli_fail(a->cli, &failure, "can't add %s", troth_address_bare(a->jid));
}

static enum troth_exit keep(struct adding *a)
{
	char text[TROTH_KEYRING_FINGERPRINT_LEN];
	struct troth_store_contact contact = {.label = ""};
	json_t *keys = json_array();
	int64_t id = 0;
	int err = TROTH_OK;
	for (size_t i = 0; i < a->count && !err; i++) {
		const struct troth_openpgp_claim claim = {
			.fingerprint = a->keys[i],
			.jid = a->jid,
			.validity = troth_openpgp_worth(a->levels[i]),
		};
		err = troth_openpgp_introduce(a->store, &claim, troth_when_now(), &id);
		if (!err && json_array_append_new(keys, json_string(a->keys[i])))
			err = TROTH_E_NOMEM;
	}
	if (!err)
		err = troth_store_contact_get(a->store, id, &contact);
	if (err) {
		json_decref(keys);
		return troth_home_store_failed(a->cli, err, "can't add the contact");
	}
	troth_line(&a->cli->out, TROTH_STYLE_GOOD,
		   "%s is a contact, known by OpenPGP:", contact.label);
	for (size_t i = 0; i < a->count; i++)
		troth_line(&a->cli->out, TROTH_STYLE_PLAIN, "  %s (%s)",
			   troth_keyring_grouped(text, a->keys[i]),
			   troth_openpgp_level_name(a->levels[i]));
	troth_note(&a->cli->out,
		   "To call: `troth chat --at WHERE %s`, where WHERE is host:port or a name that "
		   "`troth nearby` shows. From the first time on the label will do.",
		   contact.label);
	troth_json(&a->cli->out,
		   json_pack("{s:o, s:s, s:o}", "label", troth_json_text(contact.label), "jid",
			     troth_address_bare(a->jid), "keys", keys));
	return TROTH_EXIT_OK;
}

static enum troth_exit add(struct adding *a)
{
	struct troth_openpgp *openpgp;
	enum troth_exit status = troth_home_store(a->cli, &a->store);
	if (status == TROTH_EXIT_OK)
		status = troth_keyring_open(a->cli, &openpgp);
	if (status != TROTH_EXIT_OK)
		return status;
	a->needed = troth_store_belief_policy(a->store)->openpgp;
	int err =
		troth_openpgp_named_list(openpgp, a->jid, (struct troth_openpgp_named_to){each, a});
	if (err != 0)
		status = troth_keyring_failed(a->cli, err, openpgp, "can't look for keys");
	troth_openpgp_free(openpgp);
	if (status != TROTH_EXIT_OK)
		return status;
	return a->count > 0 ? keep(a) : none(a);
}

enum troth_exit troth_trust_add(struct troth_cli *cli)
{
	struct adding a = {.cli = cli};
	const char *text = troth_cli_arg(cli, 1);
	if (!text)
		return troth_cli_usage(cli, "whom? troth trust add JID");
	if (troth_address_new(&a.jid, TROTH_REALM_SERVER, text))
		return troth_cli_usage(cli, "'%s' is no JID", text);
	enum troth_exit status = add(&a);
	troth_address_free(a.jid);
	return status;
}
