/* SPDX-License-Identifier: MIT */
/* `troth user revoke`, `suspend` and `lost`: a stolen device, a lost user key. Layer: cli. */
#include "cli/terminal/when.h"
#include "cli/user/device_choice.h"
#include "cli/user/revoking.h"
#include "cli/user/user.h"
#include "cli/user/user_key.h"

#include "store/keyfile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>
#include <unistd.h>

/* ---- revoke ---- */

/* What becomes of a device's key, and how it is told. */
struct withdrawal {
	enum troth_store_key_state state;
	const char *by, *kind, *text; /* the last two: of the log */
};

/* This device knows it, too: as a contact that it was paired with. */
static int withdraw_here(struct troth_store *store, const struct troth_pin *pin,
			 const struct withdrawal *w)
{
	int err = troth_store_key_withdraw(store, pin, w->state, w->by, troth_when_now());
	return err == TROTH_E_NOT_FOUND ? TROTH_OK : err;
}

static enum troth_exit withdraw(struct troth_cli *cli, const struct troth_device_choice *c,
				const struct troth_device *by, enum troth_revoke_reason reason,
				const struct withdrawal *w)
{
	struct troth_store *store = cli->home.store;
	int err = TROTH_OK;
	for (size_t i = 0; err == TROTH_OK && i < c->count; i++) {
		err = troth_own_revoke(store, by, &c->pins[i], reason, troth_when_now());
		if (err == TROTH_OK)
			err = withdraw_here(store, &c->pins[i], w);
	}
	if (err == TROTH_OK)
		err = troth_revoking_log(cli, w->kind, w->text);
	return err == TROTH_OK ? TROTH_EXIT_OK
			       : troth_home_store_failed(cli, err, "can't revoke the device");
}

static enum troth_exit revoke_chosen(struct troth_cli *cli, const struct troth_device_choice *c,
				     enum troth_revoke_reason reason)
{
	struct troth_device *key;
	enum troth_exit status = troth_user_key_open(cli, &key);
	if (status != TROTH_EXIT_OK)
		return status;
	if (troth_pin_equal(troth_cert_pin(troth_device_cert(key)),
			    troth_cert_pin(c->own->user_key)))
		status = withdraw(cli, c, key, reason,
				  &(struct withdrawal){TROTH_STORE_KEY_REVOKED, "by your user key",
						       "device-revoked",
						       "The user key revoked a device."});
	else
		status = troth_cli_fail(cli, &(struct troth_failure){.err = TROTH_E_CONFLICT},
					"that isn't your user key");
	troth_device_free(key);
	if (status != TROTH_EXIT_OK)
		return status;
	troth_line(&cli->out, TROTH_STYLE_GOOD, "Your user key has revoked %s (%s).", c->text,
		   troth_revoke_reason_name(reason));
	troth_note(&cli->out, "Each contact learns it when this device, or another of yours that "
			      "knows it, connects; from then on that device is refused.");
	troth_json(&cli->out, json_pack("{s:o, s:s}", "revoked", troth_json_text(c->text), "reason",
					troth_revoke_reason_name(reason)));
	return TROTH_EXIT_OK;
}

enum troth_exit troth_user_revoke(struct troth_cli *cli)
{
	struct troth_own *own;
	enum troth_revoke_reason reason = TROTH_REVOKE_LOST;
	enum troth_exit status = troth_revoking_reason(cli, &reason);
	if (status == TROTH_EXIT_OK)
		status = troth_user_own(cli, &own);
	if (status != TROTH_EXIT_OK)
		return status;
	struct troth_device_choice c = {.own = own, .text = troth_cli_arg(cli, 1)};
	if (own->user_key == NULL)
		status = troth_cli_fail(
			cli,
			&(struct troth_failure){
				.err = TROTH_E_NOT_FOUND,
				.cause = "Only a user key revokes other devices.",
				.next = "Tell your contacts: `troth trust forget`, and "
					"pair again."},
			"you have no user key");
	if (status == TROTH_EXIT_OK)
		status = troth_device_choose(cli, &c);
	if (status == TROTH_EXIT_OK)
		status = troth_revoking_confirm(
			cli,
			"That device will be refused by all who learn it, for good. Type "
			"revoke to confirm",
			"revoke");
	if (status == TROTH_EXIT_OK)
		status = revoke_chosen(cli, &c, reason);
	troth_own_free(own);
	return status;
}

/* ---- suspend ---- */

/* "A fellow device only suspends, until the user key or a re-pairing decides." */
static enum troth_exit suspend_all(struct troth_cli *cli, const struct troth_device_choice *c,
				   enum troth_revoke_reason reason)
{
	const struct troth_device *device;
	enum troth_exit status = troth_home_device(cli, &device);
	if (status != TROTH_EXIT_OK)
		return status;
	const struct troth_pin *self = troth_cert_pin(troth_device_cert(device));
	for (size_t i = 0; i < c->count; i++)
		if (troth_pin_equal(&c->pins[i], self))
			return troth_cli_fail(cli,
					      &(struct troth_failure){.err = TROTH_E_CONFLICT,
								      .cause = "",
								      .next = "`troth id revoke`."},
					      "that is this device itself");
	return withdraw(cli, c, device, reason,
			&(struct withdrawal){TROTH_STORE_KEY_SUSPENDED, "by this device",
					     "device-suspended", "This device suspended another."});
}

enum troth_exit troth_user_suspend(struct troth_cli *cli)
{
	struct troth_own *own;
	enum troth_revoke_reason reason = TROTH_REVOKE_LOST;
	enum troth_exit status = troth_revoking_reason(cli, &reason);
	if (status == TROTH_EXIT_OK)
		status = troth_user_own(cli, &own);
	if (status != TROTH_EXIT_OK)
		return status;
	struct troth_device_choice c = {.own = own, .text = troth_cli_arg(cli, 1)};
	status = troth_device_choose(cli, &c);
	if (status == TROTH_EXIT_OK)
		status = troth_revoking_confirm(
			cli,
			"That device will be refused by all who learn it, until your user key "
			"endorses it again. Type suspend to confirm",
			"suspend");
	if (status == TROTH_EXIT_OK)
		status = suspend_all(cli, &c, reason);
	troth_own_free(own);
	if (status != TROTH_EXIT_OK)
		return status;
	troth_line(&cli->out, TROTH_STYLE_GOOD, "This device has suspended %s (%s).",
		   troth_cli_arg(cli, 1), troth_revoke_reason_name(reason));
	troth_note(&cli->out,
		   "Each contact that knows both devices learns it when this one connects. `troth "
		   "user "
		   "revoke` ends it for good; \"troth user endorse\" on that device takes it back. "
		   "Both "
		   "take the user key.");
	troth_json(&cli->out,
		   json_pack("{s:o, s:s}", "suspended", troth_json_text(troth_cli_arg(cli, 1)),
			     "reason", troth_revoke_reason_name(reason)));
	return TROTH_EXIT_OK;
}

/* ---- lost ---- */

/* It would be in the way of another one. Who has said its last word goes; one whose passphrase
 * wasn't given is only put aside, because it can still say that it is lost. */
static void put_aside(struct troth_cli *cli, bool said)
{
	char *path = NULL, *aside = NULL;
	if (asprintf(&path, "%s/%s", cli->home.path, TROTH_KEYFILE_USER_NAME) < 0)
		return;
	if (asprintf(&aside, "%s.lost", path) < 0)
		aside = NULL;
	int rc = said || aside == NULL ? unlink(path) : rename(path, aside);
	if (rc != 0 && errno != ENOENT)
		troth_note(&cli->out, "%s couldn't be put aside: %s.", path, strerror(errno));
	free(aside);
	free(path);
}

/* Whoever still has the key lets it say so itself: then contacts stop believing it. */
static enum troth_exit give_up(struct troth_cli *cli, const struct troth_own *own, bool *said)
{
	struct troth_device *key = NULL;
	const struct troth_pin *pin = troth_cert_pin(own->user_key);
	enum troth_exit status = TROTH_EXIT_OK;
	int err = TROTH_OK;
	if (troth_cli_has(cli, "user-key") || troth_cli_has(cli, "user-passphrase-fd"))
		status = troth_user_key_open(cli, &key);
	else
		key = troth_user_key_at_hand(cli);
	if (status != TROTH_EXIT_OK)
		return status;
	*said = key != NULL && troth_pin_equal(troth_cert_pin(troth_device_cert(key)), pin);
	if (*said)
		err = troth_own_revoke(cli->home.store, key, pin, TROTH_REVOKE_LOST,
				       troth_when_now());
	if (err == TROTH_OK)
		err = troth_own_keep_user_lost(cli->home.store, pin, troth_when_now());
	if (err == TROTH_OK)
		err = troth_revoking_log(cli, "user-key-lost",
					 "The user key was given up on this device.");
	troth_device_free(key);
	if (err != TROTH_OK)
		return troth_home_store_failed(cli, err, "can't give up the user key");
	put_aside(cli, *said);
	return TROTH_EXIT_OK;
}

enum troth_exit troth_user_lost(struct troth_cli *cli)
{
	struct troth_own *own;
	bool said = false;
	enum troth_exit status = troth_user_own(cli, &own);
	if (status != TROTH_EXIT_OK)
		return status;
	if (own->user_key == NULL)
		status = troth_cli_fail(
			cli, &(struct troth_failure){.err = TROTH_E_NOT_FOUND, .cause = ""},
			"you have no user key to lose");
	if (status == TROTH_EXIT_OK)
		status = troth_revoking_confirm(cli,
						"This device gives up its user key. Type "
						"revoke to confirm",
						"revoke");
	if (status == TROTH_EXIT_OK)
		status = give_up(cli, own, &said);
	bool quorum = own->quorum != NULL;
	troth_own_free(own);
	if (status != TROTH_EXIT_OK)
		return status;
	troth_line(&cli->out, TROTH_STYLE_GOOD, "This device has no user key any more.");
	if (said)
		troth_note(&cli->out, "It has said itself that it is lost: contacts learn it when "
				      "this device connects.");
	troth_note(&cli->out,
		   "Next: `troth user init` makes another one. Contacts believe it once "
		   "they have paired with this device again (`troth pair --generate "
		   "LABEL`)%s%s.",
		   said ? ", or have heard that the old one is lost" : "",
		   quorum ? ", or heard from enough devices of its quorum: \"troth user succeed\", "
			    "on those"
			  : "");
	troth_json(&cli->out, json_pack("{s:b}", "revoked", said));
	return TROTH_EXIT_OK;
}
