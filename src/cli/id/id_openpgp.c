/* SPDX-License-Identifier: MIT */
/* `troth id openpgp`: the OpenPGP key of this device's owner endorses the device. Layer: cli. */
#include "cli/id/id.h"
#include "cli/id/keyring.h"
#include "cli/id/openpgp_public.h"
#include "cli/terminal/when.h"
#include "cli/user/user_key.h"
#include "openpgp/assigned.h"

#include <string.h>
#include <troth/err.h>

struct listing {
	struct troth_output *out;
	json_t *array; /* NULL: lines */
	size_t count;
};

static int add(void *user, const struct troth_openpgp_key *key)
{
	struct listing *l = user;
	l->count++;
	if (l->array)
		return json_array_append_new(l->array, troth_keyring_json(key)) ? TROTH_E_NOMEM : 0;
	troth_keyring_show(l->out, key);
	return 0;
}

/* For completion: the fingerprint, and whose it is. */
static int add_short(void *user, const struct troth_openpgp_key *key)
{
	struct listing *l = user;
	if (!key->signs)
		return 0;
	if (l->array)
		return json_array_append_new(l->array, json_string(key->fingerprint))
			       ? TROTH_E_NOMEM
			       : 0;
	troth_line(l->out, TROTH_STYLE_PLAIN, "%s %s", key->fingerprint,
		   key->user_id_count ? key->user_ids[0].text : "");
	return 0;
}

/* Effect: the keys that could be chosen; *out (may be NULL) is how many. */
static enum troth_exit list(struct troth_cli *cli, struct troth_openpgp *openpgp,
			    troth_openpgp_key_each *each, size_t *out)
{
	struct listing l = {.out = &cli->out, .array = cli->out.json ? json_array() : NULL};
	int err = troth_openpgp_own_list(openpgp, each, &l);
	if (err) {
		json_decref(l.array);
		return troth_keyring_failed(cli, err, openpgp, "can't list your OpenPGP keys");
	}
	if (out)
		*out = l.count;
	if (!l.array)
		return TROTH_EXIT_OK;
	troth_json(&cli->out,
		   each == add ? json_pack("{s:n, s:o}", "chosen", "own", l.array) : l.array);
	return TROTH_EXIT_OK;
}

static enum troth_exit show_own(struct troth_cli *cli, struct troth_openpgp *openpgp)
{
	size_t count = 0;
	enum troth_exit status = list(cli, openpgp, add, &count);
	if (status != TROTH_EXIT_OK)
		return status;
	if (count == 0)
		troth_note(
			&cli->out,
			"There is no OpenPGP key of yours: `gpg --quick-generate-key` makes one.");
	else
		troth_note(&cli->out, "None is chosen: `troth id openpgp FINGERPRINT` does it.");
	return status;
}

/* Until when it endorses this device; 0: it doesn't. */
static enum troth_exit endorsed_until(struct troth_cli *cli, const char *fingerprint, int64_t *out)
{
	struct troth_own *own;
	enum troth_exit status = troth_user_own(cli, &own);
	if (status != TROTH_EXIT_OK)
		return status;
	bool by_it = own->openpgp != NULL && strcmp(own->openpgp->issuer_name, fingerprint) == 0;
	*out = by_it ? own->openpgp->expires_at : 0;
	troth_own_free(own);
	return status;
}

static void tell_until(struct troth_cli *cli, const char *fingerprint, int64_t until)
{
	char when[TROTH_WHEN_LEN];
	if (until == 0)
		troth_note(&cli->out,
			   "It doesn't endorse this device's key yet: `troth id openpgp %s`.",
			   fingerprint);
	else if (until <= troth_when_now())
		troth_note(&cli->out,
			   "Its endorsement of this device ended on %s: run `troth id "
			   "openpgp %s` for a new one.",
			   troth_when_local(when, until), fingerprint);
	else
		troth_line(&cli->out, TROTH_STYLE_GOOD, "It endorses this device until %s.",
			   troth_when_local(when, until));
}

static json_t *json_until(int64_t until)
{
	char when[TROTH_WHEN_LEN];
	return until == 0 ? json_null() : json_string(troth_when_iso(when, until));
}

/* Effect: the key with this fingerprint is shown as the chosen one. */
static enum troth_exit show_chosen(struct troth_cli *cli, struct troth_openpgp *openpgp,
				   const char *fingerprint)
{
	int64_t until;
	enum troth_exit status = endorsed_until(cli, fingerprint, &until);
	if (status != TROTH_EXIT_OK)
		return status;
	struct listing l = {.out = &cli->out, .array = cli->out.json ? json_array() : NULL};
	int err = troth_openpgp_key_get(openpgp, fingerprint, add, &l);
	if (err) {
		json_decref(l.array);
		return troth_keyring_failed(cli, err, openpgp, "can't show the OpenPGP key");
	}
	if (l.array)
		troth_json(&cli->out, json_pack("{s:O, s:o}", "chosen", json_array_get(l.array, 0),
						"endorsed_until", json_until(until)));
	else
		tell_until(cli, fingerprint, until);
	json_decref(l.array);
	return TROTH_EXIT_OK;
}

/* The agent asks the user, or a card does. */
static enum troth_exit endorse(struct troth_cli *cli, struct troth_openpgp *openpgp,
			       const char *fingerprint)
{
	const struct troth_cert *cert;
	struct troth_endorsement *e;
	struct troth_openpgp_signing signing = {openpgp, fingerprint};
	struct troth_signer signer = {
		.method = TROTH_METHOD_OPENPGP, .sign = troth_openpgp_signer, .user = &signing};
	enum troth_exit status = troth_home_cert(cli, &cert);
	if (status != TROTH_EXIT_OK)
		return status;
	memcpy(signer.issuer, fingerprint, TROTH_OPENPGP_FINGERPRINT_LEN + 1);
	memcpy(signer.name, fingerprint, TROTH_OPENPGP_FINGERPRINT_LEN + 1);
	int err = troth_own_endorse_openpgp(cli->home.store, &signer, cert, troth_when_now(), &e);
	if (err && troth_openpgp_reason(openpgp) != TROTH_OPENPGP_REASON_NONE)
		return troth_keyring_failed(cli, err, openpgp,
					    "the OpenPGP key hasn't endorsed this device");
	if (err)
		return troth_home_store_failed(cli, err, "can't keep the endorsement");
	if (e->jid[0] == '\0')
		troth_note(&cli->out,
			   "This device's key names no JID, so it counts only with people who "
			   "assign one to your OpenPGP key: `troth trust assign`. A key for a JID "
			   "is made by `troth init --jid JID`.");
	troth_endorsement_free(e);
	return TROTH_EXIT_OK;
}

static enum troth_exit choose(struct troth_cli *cli, struct troth_openpgp *openpgp,
			      struct troth_store *store)
{
	char fingerprint[TROTH_OPENPGP_FINGERPRINT_LEN + 1];
	enum troth_exit status = troth_keyring_fingerprint(cli, 1, fingerprint);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_openpgp_can_sign(openpgp, fingerprint);
	if (err)
		return troth_keyring_failed(cli, err, openpgp, "can't take this OpenPGP key");
	status = endorse(cli, openpgp, fingerprint);
	if (status == TROTH_EXIT_OK)
		status = troth_openpgp_public_keep(cli, openpgp, fingerprint);
	if (status != TROTH_EXIT_OK)
		return status;
	err = troth_openpgp_choose(store, fingerprint, troth_when_now());
	if (err)
		return troth_home_store_failed(cli, err, "can't keep the choice");
	return show_chosen(cli, openpgp, fingerprint);
}

static enum troth_exit take_back(struct troth_cli *cli, struct troth_store *store)
{
	char was[TROTH_OPENPGP_FINGERPRINT_LEN + 1];
	char text[TROTH_KEYRING_FINGERPRINT_LEN];
	const struct troth_cert *cert;
	enum troth_exit status = troth_home_cert(cli, &cert);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_openpgp_chosen(store, was);
	if (err == TROTH_E_NOT_FOUND)
		return troth_cli_fail(
			cli,
			&(struct troth_failure){.err = err, .cause = "none is chosen", .next = ""},
			"can't remove the OpenPGP key");
	if (!err)
		err = troth_own_drop_openpgp(store, cert, troth_when_now());
	if (!err)
		err = troth_openpgp_choose(store, NULL, troth_when_now());
	if (err)
		return troth_home_store_failed(cli, err, "can't remove the OpenPGP key");
	troth_line(&cli->out, TROTH_STYLE_PLAIN,
		   "No OpenPGP key endorses this device any more; it was %s.",
		   troth_keyring_grouped(text, was));
	troth_note(&cli->out, "Contacts that have learnt this device's key by it keep it: their "
			      "trust is in the device's key now.");
	troth_json(&cli->out, json_pack("{s:s}", "removed", was));
	return TROTH_EXIT_OK;
}

static enum troth_exit with_keyring(struct troth_cli *cli, struct troth_openpgp *openpgp,
				    struct troth_store *store)
{
	char chosen[TROTH_OPENPGP_FINGERPRINT_LEN + 1];
	if (troth_cli_arg(cli, 1))
		return choose(cli, openpgp, store);
	int err = troth_openpgp_chosen(store, chosen);
	if (err == TROTH_E_NOT_FOUND)
		return show_own(cli, openpgp);
	if (err)
		return troth_home_store_failed(cli, err, "can't read the choice");
	return show_chosen(cli, openpgp, chosen);
}

enum troth_exit troth_id_openpgp(struct troth_cli *cli)
{
	struct troth_store *store = NULL;
	struct troth_openpgp *openpgp = NULL;
	bool listed = troth_cli_has(cli, "list");
	bool removed = troth_cli_has(cli, "remove");
	enum troth_exit status = troth_cli_args(cli, 1, listed || removed ? 1 : 11);
	if (status == TROTH_EXIT_OK && listed && removed)
		return troth_cli_usage(cli, "--list or --remove, not both");
	/* The keyring is the user's, not this device's: it is listed before `troth init`, too. */
	if (status == TROTH_EXIT_OK && !listed)
		status = troth_home_store(cli, &store);
	if (status == TROTH_EXIT_OK && removed)
		return take_back(cli, store);
	if (status == TROTH_EXIT_OK)
		status = troth_keyring_open(cli, &openpgp);
	if (status == TROTH_EXIT_OK && listed)
		status = list(cli, openpgp, add_short, NULL);
	else if (status == TROTH_EXIT_OK)
		status = with_keyring(cli, openpgp, store);
	troth_openpgp_free(openpgp);
	return status;
}
