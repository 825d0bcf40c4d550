/* SPDX-License-Identifier: MIT */
/*
 * `troth id renew`: a new key for this device, which the old one names as its successor and which
 * says so itself. Layer: cli. Contacts take it when it is shown to them.
 */
#include "cli/bot/bot_device.h"
#include "cli/id/id.h"
#include "cli/id/token_key.h"
#include "cli/terminal/fingerprint.h"
#include "cli/terminal/prompt.h"
#include "cli/terminal/when.h"
#include "cli/user/revoking.h"
#include "cli/user/user_key.h"

#include "base/slice.h"
#include "openpgp/assigned.h"
#include "store/keyfile.h"

#include <troth/err.h>

struct renewing {
	struct troth_cli *cli;
	struct troth_store *store;
	const struct troth_device *old;
	struct troth_device *new;
	struct troth_device *user_key; /* NULL: there is none */
};

/* ---- signing ---- */

/* "Old and new key both sign", over the same terms. */
static int sign_by(struct renewing *r, const struct troth_device *by, const char *old_issuer,
		   int64_t now)
{
	const struct troth_signer signer = troth_signer_of_device(by);
	const struct troth_endorsement_terms terms = {
		.purpose = TROTH_PURPOSE_RENEW,
		.issued = now,
		.expires = INT64_MAX,
		.old_issuer = old_issuer,
	};
	struct troth_endorsement *e;
	const struct troth_cert *subject = troth_device_cert(r->new);
	int err = troth_endorsement_make(&e, &signer, &terms, subject);
	if (err != TROTH_OK)
		return err;
	err = troth_own_keep_endorsement(r->store, e, subject, now);
	troth_endorsement_free(e);
	return err;
}

static int sign(struct renewing *r)
{
	int64_t now = troth_when_now();
	const struct troth_signer old = troth_signer_of_device(r->old);
	int err = troth_own_keep_former(r->store, troth_device_cert(r->old), now);
	if (err == TROTH_OK)
		err = sign_by(r, r->old, NULL, now);
	if (err == TROTH_OK)
		err = sign_by(r, r->new, old.issuer, now);
	/* "if the contact has a user key, its `device` endorsement is needed instead" */
	if (err == TROTH_OK && r->user_key != NULL)
		err = troth_own_endorse(r->store, r->user_key, troth_device_cert(r->new), now,
					NULL);
	if (err == TROTH_OK)
		err = troth_revoking_log(r->cli, "own-key-renewed",
					 "This device has a new key, which its old one names.");
	return err;
}

/* ---- files ---- */

static enum troth_exit keyfile_failed(struct renewing *r, int err,
				      const struct troth_keyfile_problem *problem)
{
	return troth_cli_fail(
		r->cli,
		&(struct troth_failure){.err = err, .cause = *problem->text ? problem->text : NULL},
		"can't keep the new key");
}

/* The old one first, as it is: whatever happens in between, one of the two is device.pem. */
static enum troth_exit save(struct renewing *r, const char *passphrase)
{
	struct troth_keyfile_problem problem = {""};
	struct troth_buf former TROTH_CLEANUP(troth_buf_fini);
	struct troth_buf pem TROTH_CLEANUP(troth_buf_fini);
	const char *home = "";
	troth_buf_init(&former, TROTH_KEYFILE_MAX + 4096);
	troth_buf_init(&pem, TROTH_KEYFILE_MAX);
	enum troth_exit status = troth_home_path(r->cli, &home);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_keyfile_load(home, &former, &problem);
	if (err == TROTH_OK)
		err = troth_keyfile_save_kind(home, TROTH_KEYFILE_FORMER, troth_buf_slice(&former),
					      true, &problem);
	if (err == TROTH_OK)
		err = troth_device_write(r->new, passphrase, &pem);
	if (err == TROTH_OK)
		err = troth_keyfile_save(home, troth_buf_slice(&pem), true, &problem);
	return err == TROTH_OK ? TROTH_EXIT_OK : keyfile_failed(r, err, &problem);
}

/* ---- all of it ---- */

static enum troth_exit open_user_key(struct renewing *r)
{
	struct troth_own *own;
	enum troth_exit status = troth_user_own(r->cli, &own);
	if (status != TROTH_EXIT_OK)
		return status;
	if (own->user_key != NULL)
		status = troth_user_key_open(r->cli, &r->user_key);
	if (status == TROTH_EXIT_OK && r->user_key != NULL &&
	    !troth_pin_equal(troth_cert_pin(own->user_key),
			     troth_cert_pin(troth_device_cert(r->user_key))))
		status = troth_cli_fail(r->cli, &(struct troth_failure){.err = TROTH_E_CONFLICT},
					"that isn't this device's user key");
	troth_own_free(own);
	return status;
}

static enum troth_exit generate(struct renewing *r, const char *address, char **passphrase)
{
	struct troth_cli *cli = r->cli;
	const struct troth_device_params params = {address, troth_when_now()};
	enum troth_exit status = TROTH_EXIT_OK;
	if (troth_cli_has(cli, "key"))
		return troth_token_key_new(cli, TROTH_TOKEN_DEVICE, address, &r->new);
	/* A key that had one never gets a successor without. */
	if (cli->home.locked || troth_cli_has(cli, "passphrase") ||
	    troth_cli_has(cli, TROTH_NEW_PASSPHRASE_FD))
		status = troth_prompt_new_passphrase(cli, TROTH_NEW_PASSPHRASE_FD, passphrase);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_device_generate(&r->new, &params);
	return err == TROTH_OK ? TROTH_EXIT_OK
			       : troth_cli_fail(cli, &(struct troth_failure){.err = err},
						"can't make a key");
}

/* Nor does one on a token get one in a file. */
static enum troth_exit check_place(struct troth_cli *cli)
{
	const struct troth_cert *cert;
	enum troth_exit status = troth_token_key_check(cli);
	if (status == TROTH_EXIT_OK)
		status = troth_home_cert(cli, &cert);
	if (status == TROTH_EXIT_OK && !troth_cli_has(cli, "key") &&
	    troth_home_elsewhere(cli) != NULL)
		return troth_cli_usage(cli, "this device's key is on a token: where is the new one "
					    "to be? Give --key URI");
	return status;
}

static enum troth_exit make(struct renewing *r)
{
	const struct troth_cert *cert = troth_device_cert(r->old);
	char *passphrase = NULL;
	int err;
	enum troth_exit status = generate(r, troth_cert_xmpp_addr(cert, 0), &passphrase);
	/* Statements first: about a key that isn't used they say nothing to anybody. */
	if (status == TROTH_EXIT_OK && (err = sign(r)) != TROTH_OK)
		status = troth_home_store_failed(r->cli, err, "can't renew the key");
	if (status == TROTH_EXIT_OK)
		status = save(r, passphrase);
	troth_prompt_free(passphrase);
	return status;
}

static void show(struct renewing *r)
{
	char openpgp[TROTH_OPENPGP_FINGERPRINT_LEN + 1];
	char pin[TROTH_FINGERPRINT_LEN];
	const struct troth_pin *new = troth_cert_pin(troth_device_cert(r->new));
	troth_line(&r->cli->out, TROTH_STYLE_GOOD, "This device has a new key.");
	troth_line(&r->cli->out, TROTH_STYLE_PLAIN, "  fingerprint  %s",
		   troth_fingerprint(pin, new));
	troth_note(&r->cli->out, "Contacts take it when they meet this device next, however late; "
				 "for 30 days from then on they accept the old one as well. "
				 "Programs of troth that are running here go on with the old one "
				 "until they are started again.");
	if (troth_openpgp_chosen(r->store, openpgp) == TROTH_OK)
		troth_note(
			&r->cli->out,
			"Your OpenPGP key hasn't endorsed the new key yet: `troth id openpgp %s`.",
			openpgp);
	if (troth_bot_device_is(r->cli->home.path))
		troth_note(&r->cli->out,
			   "A label that was printed before has the old key's fingerprint: `troth "
			   "bot label` makes a new one, while there is no owner.");
	troth_json(&r->cli->out,
		   json_pack("{s:s, s:s}", "fingerprint", troth_fingerprint_hex(pin, new), "name",
			     troth_cert_name(troth_device_cert(r->new))));
}

enum troth_exit troth_id_renew(struct troth_cli *cli)
{
	struct renewing r = {.cli = cli};
	enum troth_exit status = check_place(cli);
	if (status == TROTH_EXIT_OK)
		status = troth_home_device(cli, &r.old);
	if (status == TROTH_EXIT_OK)
		status = troth_home_store(cli, &r.store);
	if (status == TROTH_EXIT_OK)
		status = open_user_key(&r);
	if (status == TROTH_EXIT_OK)
		status = make(&r);
	if (status == TROTH_EXIT_OK)
		show(&r);
	troth_device_free(r.new);
	troth_device_free(r.user_key);
	return status;
}
