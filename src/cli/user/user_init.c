/* SPDX-License-Identifier: MIT */
/* `troth user init` and `endorse`: a user key, and its word for this device. Layer: cli. */
#include "cli/id/token_key.h"
#include "cli/terminal/fingerprint.h"
#include "cli/terminal/when.h"
#include "cli/user/user.h"
#include "cli/user/user_key.h"

#include <troth/err.h>

static enum troth_exit has_one(struct troth_cli *cli)
{
	const struct troth_failure failure = {
		.err = TROTH_E_EXISTS,
		.cause = "",
		.next = "`troth user show` shows it. If it is lost: `troth user lost` says what to "
			"do.",
	};
	return troth_cli_fail(cli, &failure, "there is a user key already");
}

/* A user key that follows a lost one needs the word of this device, if that may give it. */
static int speak_for(struct troth_cli *cli, const struct troth_cert *heir)
{
	char print[TROTH_FINGERPRINT_LEN];
	struct troth_own *own;
	bool spoke = false;
	if (troth_user_own(cli, &own) != TROTH_EXIT_OK)
		return TROTH_E_STORE;
	int err = troth_user_speak_for(cli, own, heir, &spoke);
	if (spoke)
		troth_note(
			&cli->out,
			"Of the devices that the user key before this one had named it takes %u to "
			"name the next, and this one has spoken. On another of them, when it has "
			"connected to this one (`troth listen` here, \"troth send\" there): "
			"\"troth "
			"user succeed %.8s\".",
			own->quorum->need, troth_fingerprint_hex(print, troth_cert_pin(heir)));
	troth_own_free(own);
	return err;
}

/* Effect: keeps the user key's certificate and its endorsement of this device. */
static enum troth_exit keep(struct troth_cli *cli, const struct troth_device *key, bool fresh)
{
	struct troth_store *store;
	const struct troth_cert *cert;
	enum troth_exit status = troth_home_cert(cli, &cert);
	if (status == TROTH_EXIT_OK)
		status = troth_home_store(cli, &store);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = fresh ? troth_own_keep_user_key(store, troth_device_cert(key), troth_when_now())
			: TROTH_OK;
	if (err == TROTH_OK)
		err = troth_own_endorse(store, key, cert, troth_when_now(), NULL);
	if (err == TROTH_OK && fresh)
		err = speak_for(cli, troth_device_cert(key));
	const struct troth_store_entry entry = {
		.time = troth_when_now(),
		.kind = fresh ? "user-key-new" : "device-endorsed",
		.text = fresh ? "This device has a user key, which endorses it."
			      : "The user key endorsed this device again.",
	};
	if (err == TROTH_OK)
		err = troth_store_log_append(store, &entry);
	return err == TROTH_OK ? TROTH_EXIT_OK
			       : troth_home_store_failed(cli, err, "can't endorse this device");
}

static void show_made(struct troth_cli *cli, const struct troth_cert *key, const char *path,
		      bool locked)
{
	char pin[TROTH_FINGERPRINT_LEN];
	struct troth_output *out = &cli->out;
	const char *token = troth_cli_value(cli, "key");
	troth_line(out, TROTH_STYLE_GOOD, "You have a user key now, and it endorses this device.");
	troth_line(out, TROTH_STYLE_PLAIN, "  fingerprint  %s",
		   troth_fingerprint(pin, troth_cert_pin(key)));
	if (path != NULL)
		troth_line(out, TROTH_STYLE_PLAIN, "  file         %s", path);
	if (token != NULL)
		troth_line(out, TROTH_STYLE_PLAIN, "  on token     %s", token);
	else if (!locked)
		troth_note(out, "It has no passphrase: whoever reads its file can add devices in "
				"your name.");
	troth_note(out,
		   "Contacts learn it when they meet this device next. Another device of yours is "
		   "paired with this one first; then \"troth user join LABEL\" there, and `troth "
		   "user add LABEL` here.");
	troth_json(out, json_pack("{s:s, s:s, s:o, s:b, s:o}", "fingerprint",
				  troth_fingerprint_hex(pin, troth_cert_pin(key)), "name",
				  troth_cert_name(key), "file", troth_json_text(path), "passphrase",
				  locked, "token", troth_json_text(token)));
}

enum troth_exit troth_user_init(struct troth_cli *cli)
{
	struct troth_own *own;
	struct troth_device *key;
	const struct troth_cert *cert;
	const char *path = troth_cli_value(cli, "offline");
	bool locked = false;
	enum troth_exit status = troth_token_key_check(cli);
	if (status == TROTH_EXIT_OK)
		status = troth_user_own(cli, &own);
	if (status != TROTH_EXIT_OK)
		return status;
	bool has = own->user_key != NULL;
	troth_own_free(own);
	if (has && !troth_cli_has(cli, "replace"))
		return has_one(cli);
	status = troth_home_cert(cli, &cert);
	if (status == TROTH_EXIT_OK)
		status = troth_user_key_make(cli, path, troth_cert_xmpp_addr(cert, 0), &key,
					     &locked);
	if (status != TROTH_EXIT_OK)
		return status;
	status = keep(cli, key, true);
	if (status == TROTH_EXIT_OK)
		show_made(cli, troth_device_cert(key), path, locked);
	troth_device_free(key);
	return status;
}

/* ---- endorse ---- */

/* A device without a user key takes the one that is given; one that has another doesn't. */
static enum troth_exit is_ours(struct troth_cli *cli, const struct troth_device *key, bool *fresh)
{
	struct troth_own *own;
	enum troth_exit status = troth_user_own(cli, &own);
	if (status != TROTH_EXIT_OK)
		return status;
	*fresh = own->user_key == NULL;
	bool same = *fresh || troth_pin_equal(troth_cert_pin(own->user_key),
					      troth_cert_pin(troth_device_cert(key)));
	troth_own_free(own);
	if (same)
		return TROTH_EXIT_OK;
	return troth_cli_fail(cli,
			      &(struct troth_failure){.err = TROTH_E_CONFLICT,
						      .cause = "This device has another one.",
						      .next = "`troth user show` shows which."},
			      "that isn't this device's user key");
}

static void show_endorsed(struct troth_cli *cli, const struct troth_device *key)
{
	char pin[TROTH_FINGERPRINT_LEN], until[TROTH_WHEN_LEN];
	int64_t expires = troth_when_now() + TROTH_OWN_LIFE;
	troth_line(&cli->out, TROTH_STYLE_GOOD, "Your user key endorses this device until %s.",
		   troth_when_local(until, expires));
	troth_json(&cli->out,
		   json_pack("{s:s, s:s}", "user_key",
			     troth_fingerprint_hex(pin, troth_cert_pin(troth_device_cert(key))),
			     "expires", troth_when_iso(until, expires)));
}

enum troth_exit troth_user_endorse(struct troth_cli *cli)
{
	struct troth_device *key;
	bool fresh = false;
	enum troth_exit status = troth_user_key_open(cli, &key);
	if (status != TROTH_EXIT_OK)
		return status;
	status = is_ours(cli, key, &fresh);
	if (status == TROTH_EXIT_OK)
		status = keep(cli, key, fresh);
	if (status == TROTH_EXIT_OK)
		show_endorsed(cli, key);
	troth_device_free(key);
	return status;
}
