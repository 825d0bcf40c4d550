/* SPDX-License-Identifier: MIT */
/* Public parts of OpenPGP keys: ours to be published, others to be imported. Layer: cli. */
#include "cli/id/openpgp_public.h"

#include "base/limits.h"
#include "base/slice.h"
#include "cli/terminal/when.h"
#include "cli/user/user_key.h"
#include "openpgp/assigned.h"
#include "session/own.h"

#include <string.h>
#include <troth/err.h>

/* ---- ours ---- */

static bool is_kept(const struct troth_own *own, const char *fingerprint, struct troth_slice key)
{
	struct troth_slice kept = troth_buf_slice(&own->openpgp_key);
	return strcmp(own->openpgp_name, fingerprint) == 0 && kept.len == key.len &&
	       memcmp(kept.data, key.data, key.len) == 0;
}

enum troth_exit troth_openpgp_public_keep(struct troth_cli *cli, struct troth_openpgp *openpgp,
					  const char *fingerprint)
{
	struct troth_buf key TROTH_CLEANUP(troth_buf_fini);
	struct troth_own *own;
	troth_buf_init(&key, TROTH_LIMIT_OPENPGP_KEY_BYTES);
	int err = troth_openpgp_export(openpgp, fingerprint, &key);
	if (err == TROTH_E_LIMIT) {
		troth_note(&cli->out,
			   "The OpenPGP key is too long to be published with the others.");
		return TROTH_EXIT_OK;
	}
	if (err != TROTH_OK)
		return troth_keyring_failed(cli, err, openpgp, "can't read the OpenPGP key");
	enum troth_exit status = troth_user_own(cli, &own);
	if (status != TROTH_EXIT_OK)
		return status;
	if (!is_kept(own, fingerprint, troth_buf_slice(&key)))
		err = troth_own_keep_openpgp_key(cli->home.store, fingerprint,
						 troth_buf_slice(&key), troth_when_now());
	troth_own_free(own);
	return err == TROTH_OK ? TROTH_EXIT_OK
			       : troth_home_store_failed(cli, err, "can't keep the OpenPGP key");
}

enum troth_exit troth_openpgp_public_keep_chosen(struct troth_cli *cli)
{
	char chosen[TROTH_OPENPGP_FINGERPRINT_LEN + 1];
	struct troth_openpgp *openpgp = NULL;
	int err = troth_openpgp_chosen(cli->home.store, chosen);
	if (err == TROTH_E_NOT_FOUND)
		return TROTH_EXIT_OK;
	if (err != TROTH_OK)
		return troth_home_store_failed(cli, err, "can't read the choice");
	err = troth_openpgp_new(&openpgp);
	if (err == TROTH_OK)
		err = troth_openpgp_open(openpgp, NULL);
	enum troth_exit status = TROTH_EXIT_OK;
	if (err == TROTH_OK)
		status = troth_openpgp_public_keep(cli, openpgp, chosen);
	else
		troth_note(&cli->out,
			   "GnuPG can't be asked for the OpenPGP key: it is published as it "
			   "was, if it was.");
	troth_openpgp_free(openpgp);
	return status;
}

/* ---- others ---- */

enum troth_exit troth_openpgp_shown_read(struct troth_cli *cli, struct troth_openpgp_shown *out)
{
	const char *text = troth_cli_value(cli, "import");
	if (text == NULL || troth_openpgp_fingerprint_read(text, out->wanted) == TROTH_OK)
		return TROTH_EXIT_OK;
	return troth_cli_usage(cli, "--import takes the fingerprint of an OpenPGP key, not '%s'",
			       text);
}

/* "Import takes exactly the key named, after looking at what is there", and no trust comes with it.
 */
static enum troth_exit import(struct troth_cli *cli, const char *fingerprint,
			      struct troth_slice key)
{
	struct troth_openpgp *openpgp;
	enum troth_exit status = troth_keyring_open(cli, &openpgp);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_openpgp_import(openpgp, fingerprint, key);
	if (err != TROTH_OK)
		status = troth_keyring_failed(cli, err, openpgp, "can't import the OpenPGP key");
	troth_openpgp_free(openpgp);
	return status;
}

void troth_openpgp_shown_take(struct troth_cli *cli, struct troth_openpgp_shown *s,
			      const struct troth_keyinfo_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct troth_keyinfo *k = &list->items[i];
		if (troth_buf_len(&k->openpgp) == 0)
			continue;
		if (s->count < TROTH_OPENPGP_SHOWN_MAX)
			memcpy(s->names[s->count++], k->name, sizeof k->name);
		if (s->imported || strcmp(k->name, s->wanted) != 0)
			continue;
		s->imported = true;
		s->status = import(cli, k->name, troth_buf_slice(&k->openpgp));
	}
}

enum troth_exit troth_openpgp_shown_tell(struct troth_cli *cli, const struct troth_openpgp_shown *s)
{
	char grouped[TROTH_KEYRING_FINGERPRINT_LEN];
	for (size_t i = 0; i < s->count; i++)
		troth_line(&cli->out, TROTH_STYLE_PLAIN, "OpenPGP key: %s",
			   troth_keyring_grouped(grouped, s->names[i]));
	if (*s->wanted != 0 && !s->imported)
		return troth_cli_fail(
			cli,
			&(struct troth_failure){.err = TROTH_E_NOT_FOUND,
						.cause = "The account doesn't show it."},
			"can't import the OpenPGP key");
	if (s->imported && s->status == TROTH_EXIT_OK)
		troth_line(&cli->out, TROTH_STYLE_GOOD,
			   "It is in your keyring now; how valid it is, your GnuPG says.");
	else if (s->count > 0 && !s->imported)
		troth_note(&cli->out,
			   "--import FINGERPRINT puts one into your keyring: compare it with "
			   "its owner's first.");
	return s->status;
}

json_t *troth_openpgp_shown_json(const struct troth_openpgp_shown *s)
{
	json_t *names = json_array();
	for (size_t i = 0; i < s->count; i++)
		(void)json_array_append_new(names, troth_json_text(s->names[i]));
	return names;
}
