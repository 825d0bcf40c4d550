/* SPDX-License-Identifier: MIT */
/* `troth trust assign`: whose an OpenPGP key is although no user ID says so. Layer: cli. */
#include "cli/id/keyring.h"
#include "cli/terminal/table.h"
#include "cli/terminal/when.h"
#include "cli/trust/trust.h"
#include "openpgp/assigned.h"
#include "session/openpgp_key.h"

#include <troth/err.h>

#define WORDS 12 /* assign, the JID, and a fingerprint in ten groups */

struct listing {
	struct troth_table *table;
	json_t *array; /* NULL: rows of the table */
};

static int add(void *user, const char *jid, const char *fingerprint)
{
	struct listing *l = user;
	char text[TROTH_KEYRING_FINGERPRINT_LEN];
	const char *cells[] = {jid, troth_keyring_grouped(text, fingerprint)};
	if (!l->array)
		return troth_table_row(l->table, TROTH_STYLE_PLAIN, cells);
	json_t *row = json_pack("{s:o, s:o}", "jid", troth_json_text(jid), "fingerprint",
				troth_json_text(fingerprint));
	return json_array_append_new(l->array, row) == 0 ? TROTH_OK : TROTH_E_NOMEM;
}

static enum troth_exit list(struct troth_cli *cli, struct troth_store *store)
{
	static const char *const titles[] = {"JID", "OPENPGP KEY"};
	struct listing l = {.array = NULL};
	int err = troth_table_new(&l.table, titles, 2);
	if (!err && cli->out.json)
		l.array = json_array();
	if (!err)
		err = troth_openpgp_assigned_list(store, add, &l);
	if (err)
		json_decref(l.array);
	else if (l.array)
		troth_json(&cli->out, l.array);
	else if (troth_table_rows(l.table) > 0)
		troth_table_print(l.table, &cli->out);
	else
		troth_line(&cli->out, TROTH_STYLE_PLAIN,
			   "No OpenPGP key is assigned. `troth trust assign JID FINGERPRINT` does "
			   "it.");
	troth_table_free(l.table);
	return err ? troth_home_store_failed(cli, err, "can't list the assigned keys")
		   : TROTH_EXIT_OK;
}

/* Effect: what the key said for the contact doesn't count any more. */
static int unsay(struct troth_store *store, const struct troth_address *jid, const char *was)
{
	const struct troth_openpgp_claim claim = {
		.fingerprint = was, .jid = jid, .validity = TROTH_BELIEF_INVALID, .assigned = true};
	int64_t contact;
	int err = troth_openpgp_contact(store, was, jid, &contact);
	if (!err)
		err = troth_openpgp_keep(store, contact, &claim, troth_when_now());
	return err == TROTH_E_NOT_FOUND || err == TROTH_E_CONFLICT ? TROTH_OK : err;
}

static enum troth_exit take_back(struct troth_cli *cli, struct troth_store *store,
				 const struct troth_address *jid)
{
	const char *bare = troth_address_bare(jid);
	char was[TROTH_OPENPGP_FINGERPRINT_LEN + 1];
	int err = troth_openpgp_assigned(store, jid, was);
	if (!err)
		err = unsay(store, jid, was);
	if (!err || err == TROTH_E_FORMAT)
		err = troth_openpgp_assign(store, jid, NULL, troth_when_now());
	if (err == TROTH_E_NOT_FOUND)
		return troth_cli_fail(cli,
				      &(struct troth_failure){
					      .err = err,
					      .cause = "no OpenPGP key is assigned to it",
					      .next = "`troth trust assign` lists those that are."},
				      "can't take %s back", bare);
	if (err)
		return troth_home_store_failed(cli, err, "can't take it back");
	troth_line(&cli->out, TROTH_STYLE_PLAIN, "No OpenPGP key is assigned to %s any more.",
		   bare);
	troth_json(&cli->out, json_pack("{s:o}", "removed", troth_json_text(bare)));
	return TROTH_EXIT_OK;
}

/* What is told of the key, kept beyond the callback. */
struct assigned {
	struct troth_output *out;
	const char *jid;
	enum troth_openpgp_level level;
	int64_t contact;
};

static int show(void *user, const struct troth_openpgp_key *key)
{
	struct assigned *a = user;
	a->level = key->level;
	troth_line(a->out, TROTH_STYLE_PLAIN,
		   "%s is assigned to the owner of this OpenPGP key:", a->jid);
	troth_keyring_show(a->out, key);
	troth_json(a->out, json_pack("{s:o, s:o}", "jid", troth_json_text(a->jid), "key",
				     troth_keyring_json(key)));
	return 0;
}

/* Looks first, so that a mistyped fingerprint isn't believed; the store changes last. */
static enum troth_exit assign(struct troth_cli *cli, struct troth_store *store,
			      const struct troth_address *jid)
{
	struct assigned a = {.out = &cli->out, .jid = troth_address_bare(jid)};
	struct troth_openpgp *openpgp = NULL;
	struct troth_openpgp_validity validity;
	char fingerprint[TROTH_OPENPGP_FINGERPRINT_LEN + 1];
	enum troth_exit status = troth_keyring_fingerprint(cli, 2, fingerprint);
	if (status == TROTH_EXIT_OK)
		status = troth_keyring_open(cli, &openpgp);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_openpgp_validity(openpgp, fingerprint, jid, &validity);
	if (err)
		status = troth_keyring_failed(cli, err, openpgp, "can't assign this OpenPGP key");
	if (!err) {
		const struct troth_openpgp_claim claim = {
			.fingerprint = fingerprint,
			.jid = jid,
			.validity = troth_openpgp_worth(validity.key),
			.assigned = true,
		};
		err = troth_openpgp_introduce(store, &claim, troth_when_now(), &a.contact);
		if (!err)
			err = troth_openpgp_assign(store, jid, fingerprint, troth_when_now());
		if (err)
			status = troth_home_store_failed(cli, err, "can't keep the assignment");
	}
	if (!err && (err = troth_openpgp_key_get(openpgp, fingerprint, show, &a)))
		status = troth_keyring_failed(cli, err, openpgp, "can't show the OpenPGP key");
	if (!err && a.level < TROTH_OPENPGP_MARGINAL)
		troth_note(&cli->out,
			   "GnuPG calls this key %s, so that counts for nothing yet. If you have "
			   "compared its fingerprint with its owner: `gpg --lsign-key %s`.",
			   troth_openpgp_level_name(a.level), fingerprint);
	troth_openpgp_free(openpgp);
	return status;
}

enum troth_exit troth_trust_assign(struct troth_cli *cli)
{
	struct troth_store *store;
	struct troth_address *jid = NULL;
	const char *text = troth_cli_arg(cli, 1);
	bool removed = troth_cli_has(cli, "remove");
	enum troth_exit status = troth_cli_args(cli, 1, removed ? 2 : WORDS);
	if (status == TROTH_EXIT_OK && ((removed && !text) || (!removed && cli->arg_count == 2)))
		return troth_cli_usage(cli, "%s? troth trust assign JID %s",
				       removed ? "whose" : "which key",
				       removed ? "--remove" : "FINGERPRINT");
	if (status == TROTH_EXIT_OK && text && troth_address_new(&jid, TROTH_REALM_SERVER, text))
		return troth_cli_usage(cli, "'%s' is no JID", text);
	if (status == TROTH_EXIT_OK)
		status = troth_home_store(cli, &store);
	if (status == TROTH_EXIT_OK && !jid)
		status = list(cli, store);
	else if (status == TROTH_EXIT_OK)
		status = removed ? take_back(cli, store, jid) : assign(cli, store, jid);
	troth_address_free(jid);
	return status;
}
