/* SPDX-License-Identifier: MIT */
/*
 * `troth user quorum` and `succeed`: who may name the next user key when this one is lost, and this
 * device's word for one. Layer: cli.
 */
#include "cli/terminal/fingerprint.h"
#include "cli/terminal/when.h"
#include "cli/user/device_choice.h"
#include "cli/user/revoking.h"
#include "cli/user/user.h"
#include "cli/user/user_key.h"

#include <troth/err.h>

/* ---- quorum ---- */

struct naming {
	struct troth_cli *cli;
	const struct troth_own *own;
	struct troth_pin devices[TROTH_QUORUM_DEVICES];
	size_t count;
	int64_t need;
};

static bool is_named(const struct naming *n, const struct troth_pin *pin)
{
	for (size_t i = 0; i < n->count; i++) {
		if (troth_pin_equal(&n->devices[i], pin))
			return true;
	}
	return false;
}

static enum troth_exit name(struct naming *n, const struct troth_pin *pin)
{
	if (is_named(n, pin))
		return TROTH_EXIT_OK;
	if (n->count == TROTH_QUORUM_DEVICES)
		return troth_cli_usage(n->cli, "at most %d devices", TROTH_QUORUM_DEVICES);
	n->devices[n->count++] = *pin;
	return TROTH_EXIT_OK;
}

/* A label may stand for several keys: one that was revoked, and the one in use. */
static enum troth_exit name_chosen(struct naming *n, const char *text)
{
	struct troth_device_choice c = {.own = n->own, .text = text};
	enum troth_exit status = troth_device_choose(n->cli, &c);
	for (size_t i = 0; status == TROTH_EXIT_OK && i < c.count; i++) {
		if (troth_own_device_find(n->own, &c.pins[i])->revoked == NULL)
			status = name(n, &c.pins[i]);
	}
	return status;
}

static enum troth_exit name_all(struct naming *n)
{
	const struct troth_cert *self;
	enum troth_exit status = troth_home_cert(n->cli, &self);
	if (status == TROTH_EXIT_OK)
		status = name(n, troth_cert_pin(self));
	for (size_t i = 1; status == TROTH_EXIT_OK && troth_cli_arg(n->cli, i) != NULL; i++)
		status = name_chosen(n, troth_cli_arg(n->cli, i));
	if (status == TROTH_EXIT_OK)
		status = troth_cli_number(n->cli, "need", TROTH_QUORUM_LEAST, TROTH_QUORUM_DEVICES,
					  &n->need);
	if (status == TROTH_EXIT_OK && (size_t)n->need > n->count)
		return troth_cli_usage(n->cli, "%lld devices are needed, and you name %zu",
				       (long long)n->need, n->count);
	return status;
}

static enum troth_exit sign_quorum(struct naming *n, const struct troth_device *key)
{
	const struct troth_signer signer = troth_signer_of_device(key);
	const struct troth_quorum_terms terms = {n->devices, n->count, (unsigned)n->need};
	const struct troth_pin *pin = troth_cert_pin(troth_device_cert(key));
	struct troth_quorum *q;
	if (!troth_pin_equal(pin, troth_cert_pin(n->own->user_key)))
		return troth_cli_fail(n->cli, &(struct troth_failure){.err = TROTH_E_CONFLICT},
				      "that isn't your user key");
	int err = troth_quorum_make(&q, &signer, &terms, troth_when_now());
	if (err != TROTH_OK)
		return troth_cli_fail(n->cli, &(struct troth_failure){.err = err},
				      "the user key can't sign that");
	err = troth_own_keep_quorum(n->cli->home.store, q, pin, troth_when_now());
	troth_quorum_free(q);
	if (err == TROTH_OK)
		err = troth_revoking_log(
			n->cli, "quorum-named",
			"The user key named the devices that may name the next one.");
	return err == TROTH_OK
		       ? TROTH_EXIT_OK
		       : troth_home_store_failed(n->cli, err, "can't keep what the user key said");
}

static enum troth_exit quorum(struct naming *n)
{
	struct troth_device *key;
	if (n->own->user_key == NULL)
		return troth_cli_fail(
			n->cli,
			&(struct troth_failure){.err = TROTH_E_NOT_FOUND,
						.cause = "",
						.next = "`troth user init` makes one."},
			"you have no user key");
	if (n->own->quorum != NULL &&
	    troth_pin_equal(&n->own->quorum_by, troth_cert_pin(n->own->user_key)))
		return troth_cli_fail(
			n->cli,
			&(struct troth_failure){
				.err = TROTH_E_EXISTS,
				.cause = "A user key says so once, so that whoever steals it can't "
					 "say otherwise.",
				.next = "`troth user show` shows it."},
			"your user key has named its quorum already");
	enum troth_exit status = name_all(n);
	char question[160];
	(void)snprintf(question, sizeof question,
		       "%lld of these %zu devices will be able to name the next user key. A user "
		       "key says that once, for good. Type quorum to confirm",
		       (long long)n->need, n->count);
	if (status == TROTH_EXIT_OK)
		status = troth_revoking_confirm(n->cli, question, "quorum");
	if (status == TROTH_EXIT_OK)
		status = troth_user_key_open(n->cli, &key);
	if (status != TROTH_EXIT_OK)
		return status;
	status = sign_quorum(n, key);
	troth_device_free(key);
	return status;
}

enum troth_exit troth_user_quorum(struct troth_cli *cli)
{
	struct troth_own *own;
	enum troth_exit status = troth_user_own(cli, &own);
	if (status != TROTH_EXIT_OK)
		return status;
	struct naming n = {.cli = cli, .own = own, .need = TROTH_QUORUM_LEAST};
	status = quorum(&n);
	troth_own_free(own);
	if (status != TROTH_EXIT_OK)
		return status;
	troth_line(&cli->out, TROTH_STYLE_GOOD,
		   "If the user key is lost, %lld of these %zu devices can name another one.",
		   (long long)n.need, n.count);
	troth_note(&cli->out,
		   "Contacts learn it when they meet this device next. None of the devices "
		   "can do it alone.");
	troth_json(&cli->out, json_pack("{s:I, s:I}", "need", (json_int_t)n.need, "devices",
					(json_int_t)n.count));
	return TROTH_EXIT_OK;
}

/* ---- succeed ---- */

int troth_user_speak_for(struct troth_cli *cli, const struct troth_own *own,
			 const struct troth_cert *heir, bool *spoke)
{
	const struct troth_device *device;
	*spoke = false;
	if (own->quorum == NULL || troth_pin_equal(&own->quorum_by, troth_cert_pin(heir)))
		return TROTH_OK;
	if (troth_home_device(cli, &device) != TROTH_EXIT_OK)
		return TROTH_E_PASSPHRASE;
	if (!troth_quorum_names(own->quorum, troth_cert_pin(troth_device_cert(device))))
		return TROTH_OK;
	int err = troth_own_succeed(cli->home.store, device, heir, troth_when_now());
	*spoke = err == TROTH_OK;
	return err;
}

static enum troth_exit succeed(struct troth_cli *cli, const struct troth_own *own)
{
	char hex[TROTH_FINGERPRINT_LEN];
	bool spoke = false;
	if (own->heir == NULL)
		return troth_cli_fail(
			cli,
			&(struct troth_failure){.err = TROTH_E_NOT_FOUND,
						.cause = "",
						.next = "On the first device: \"troth user lost\", "
							"\"troth user init\", \"troth "
							"listen\". This one hears of it when it "
							"connects, as by `troth send`."},
			"no other device of yours has named a new user key");
	if (!troth_fingerprint_begins(troth_fingerprint_hex(hex, troth_cert_pin(own->heir)),
				      troth_cli_arg(cli, 1)))
		return troth_cli_fail(
			cli,
			&(struct troth_failure){
				.err = TROTH_E_CONFLICT,
				.cause = "",
				.next = "\"troth user show\" on that device shows its own. "
					"If they differ, that device isn't in your hands."},
			"that isn't the user key that the other device has named");
	enum troth_exit status = troth_revoking_confirm(
		cli,
		"This device says that your user key is lost and that this is the next. Type "
		"succeed to confirm",
		"succeed");
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_user_speak_for(cli, own, own->heir, &spoke);
	if (err == TROTH_OK && !spoke)
		return troth_cli_fail(cli, &(struct troth_failure){.err = TROTH_E_REFUSED},
				      "the lost user key hasn't named this device for that");
	if (err == TROTH_OK)
		err = troth_own_keep_user_key(cli->home.store, own->heir, troth_when_now());
	if (err == TROTH_OK)
		err = troth_revoking_log(cli, "user-key-succeeded",
					 "This device said that the user key has a successor.");
	return err == TROTH_OK ? TROTH_EXIT_OK
			       : troth_home_store_failed(cli, err, "can't take the new user key");
}

enum troth_exit troth_user_succeed(struct troth_cli *cli)
{
	struct troth_own *own;
	char hex[TROTH_FINGERPRINT_LEN];
	enum troth_exit status = troth_user_own(cli, &own);
	if (status != TROTH_EXIT_OK)
		return status;
	status = succeed(cli, own);
	if (status == TROTH_EXIT_OK) {
		troth_line(&cli->out, TROTH_STYLE_GOOD, "This device goes with the new user key.");
		troth_note(
			&cli->out,
			"Contacts take it when they have heard it from enough of your devices. "
			"Next: `troth user join LABEL` here, and \"troth user add LABEL\" on the "
			"one that holds the new key.");
		troth_json(&cli->out,
			   json_pack("{s:s}", "fingerprint",
				     troth_fingerprint_hex(hex, troth_cert_pin(own->heir))));
	}
	troth_own_free(own);
	return status;
}
