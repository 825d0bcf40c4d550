/* SPDX-License-Identifier: MIT */
/* Opening the user's GnuPG, and showing its keys. Layer: cli. */
#include "cli/id/keyring.h"

#include "cli/terminal/when.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

enum troth_exit troth_keyring_failed(struct troth_cli *cli, int err,
				     const struct troth_openpgp *openpgp, const char *what)
{
	struct troth_failure failure = {.err = err};
	if (openpgp && troth_openpgp_reason(openpgp) != TROTH_OPENPGP_REASON_NONE) {
		failure.cause = troth_openpgp_cause(openpgp);
		failure.next = troth_openpgp_next_step(openpgp);
	}
	return troth_cli_fail(cli, &failure, "%s", what);
}

enum troth_exit troth_keyring_open(struct troth_cli *cli, struct troth_openpgp **out)
{
	struct troth_openpgp *openpgp = NULL;
	int err = troth_openpgp_new(&openpgp);
	if (!err)
		err = troth_openpgp_open(openpgp, NULL);
	if (!err) {
		*out = openpgp;
		return TROTH_EXIT_OK;
	}
	enum troth_exit status =
		troth_keyring_failed(cli, err, openpgp, "can't look into your OpenPGP keyring");
	troth_openpgp_free(openpgp);
	return status;
}

enum troth_exit troth_keyring_fingerprint(struct troth_cli *cli, size_t n, char *out)
{
	size_t room = 1;
	for (size_t i = n; i < cli->arg_count; i++)
		room += strlen(cli->args[i]);
	char *text = calloc(room, 1);
	if (!text)
		return troth_cli_fail(cli, &(struct troth_failure){.err = TROTH_E_NOMEM},
				      "can't read the fingerprint");
	for (size_t i = n; i < cli->arg_count; i++)
		strcat(text, cli->args[i]);
	enum troth_exit status = TROTH_EXIT_OK;
	if (troth_openpgp_fingerprint_read(text, out))
		status = troth_cli_usage(
			cli, "an OpenPGP fingerprint has 40 hex digits; '%s' isn't one", text);
	free(text);
	return status;
}

const char *troth_keyring_grouped(char out[TROTH_KEYRING_FINGERPRINT_LEN], const char *fingerprint)
{
	size_t at = 0;
	for (size_t i = 0; i < TROTH_OPENPGP_FINGERPRINT_LEN && fingerprint[i]; i++) {
		if (i > 0 && i % 4 == 0)
			out[at++] = ' ';
		out[at++] = fingerprint[i];
	}
	out[at] = '\0';
	return out;
}

static enum troth_style style_of(enum troth_openpgp_level level)
{
	if (level >= TROTH_OPENPGP_MARGINAL)
		return TROTH_STYLE_GOOD;
	return level == TROTH_OPENPGP_UNKNOWN ? TROTH_STYLE_WARN : TROTH_STYLE_BAD;
}

void troth_keyring_show(struct troth_output *out, const struct troth_openpgp_key *key)
{
	char text[TROTH_KEYRING_FINGERPRINT_LEN], made[TROTH_WHEN_LEN], until[TROTH_WHEN_LEN];
	troth_line(out, TROTH_STYLE_BOLD, "%s", troth_keyring_grouped(text, key->fingerprint));
	troth_line(out, style_of(key->level), "  key      %s%s%s, made %s, expires %s",
		   troth_openpgp_level_name(key->level), key->secret ? ", yours" : "",
		   key->card ? " on a card" : "", troth_when_local(made, key->made),
		   troth_when_local(until, key->expires));
	for (size_t i = 0; i < key->user_id_count; i++)
		troth_line(out, style_of(key->user_ids[i].level), "  %-8s %s",
			   troth_openpgp_level_name(key->user_ids[i].level), key->user_ids[i].text);
	if (key->user_ids_more > 0)
		troth_line(out, TROTH_STYLE_DIM, "  and %zu more user IDs", key->user_ids_more);
}

json_t *troth_keyring_json(const struct troth_openpgp_key *key)
{
	char made[TROTH_WHEN_LEN], until[TROTH_WHEN_LEN];
	json_t *ids = json_array();
	for (size_t i = 0; i < key->user_id_count; i++) {
		json_t *id =
			json_pack("{s:o, s:s}", "text", troth_json_text(key->user_ids[i].text),
				  "validity", troth_openpgp_level_name(key->user_ids[i].level));
		if (json_array_append_new(ids, id)) {
			json_decref(ids);
			return NULL;
		}
	}
	json_t *expires =
		key->expires ? json_string(troth_when_iso(until, key->expires)) : json_null();
	return json_pack("{s:s, s:s, s:b, s:b, s:b, s:s, s:o, s:o, s:I}", "fingerprint",
			 key->fingerprint, "validity", troth_openpgp_level_name(key->level),
			 "secret", key->secret, "signs", key->signs, "card", key->card, "made",
			 troth_when_iso(made, key->made), "expires", expires, "user_ids", ids,
			 "user_ids_more", (json_int_t)key->user_ids_more);
}
