/* SPDX-License-Identifier: MIT */
/* `troth bot arm` and `troth bot reset`: asked on the device itself. Layer: cli. */
#include "cli/bot/arming.h"
#include "cli/bot/bot_device.h"
#include "cli/terminal/prompt.h"
#include "cli/terminal/when.h"
#include "store/owner.h"

#include <string.h>
#include <troth/err.h>

/* ---- asking the one that listens ---- */

static enum troth_exit not_listening(struct troth_cli *cli, int err)
{
	const struct troth_failure failure = {
		.err = err,
		.cause = err == TROTH_E_NOT_FOUND ? "" : NULL,
		.next = "Run `troth listen` on this device, for the same home.",
	};
	return troth_cli_fail(cli, &failure,
			      err == TROTH_E_NOT_FOUND
				      ? "nothing listens for this device"
				      : "can't reach what listens for this device");
}

static enum troth_exit refused(struct troth_cli *cli, const char *name)
{
	bool owned = strcmp(name, troth_err_name(TROTH_E_REFUSED)) == 0;
	const struct troth_failure failure = {
		.err = TROTH_E_REFUSED,
		.cause = owned ? "It has an owner." : "It couldn't.",
		.next = owned ? "The owner gives it away by `troth bot transfer`; `troth bot "
				"reset` "
				"on the device forgets the owner."
			      : "See what `troth listen` wrote.",
	};
	return troth_cli_fail(cli, &failure, "this device doesn't wait for an owner");
}

/* Effect: *out is the answer, the caller's. `request` is given away. */
static enum troth_exit ask(struct troth_cli *cli, json_t *request, json_t **out)
{
	json_t *answer = NULL;
	int err = request != NULL ? troth_control_ask(cli->home.path, request, &answer)
				  : TROTH_E_NOMEM;
	json_decref(request);
	if (err != TROTH_OK)
		return not_listening(cli, err);
	const char *error = json_string_value(json_object_get(answer, "error"));
	if (error == NULL) {
		*out = answer;
		return TROTH_EXIT_OK;
	}
	enum troth_exit status = refused(cli, error);
	json_decref(answer);
	return status;
}

/* ---- arm ---- */

static enum troth_exit arm(struct troth_cli *cli, bool transfer)
{
	char span[TROTH_WHEN_LEN];
	json_t *answer = NULL;
	int64_t seconds = TROTH_ARM_SECONDS;
	bool off = troth_cli_has(cli, "off");
	enum troth_exit status = troth_bot_seconds(cli, "for", &seconds);
	if (status != TROTH_EXIT_OK)
		return status;
	status = ask(cli,
		     off ? json_pack("{s:s}", "do", "disarm")
			 : json_pack("{s:s, s:I, s:b}", "do", "arm", "seconds", (json_int_t)seconds,
				     "transfer", transfer),
		     &answer);
	if (status != TROTH_EXIT_OK)
		return status;
	if (off)
		troth_line(&cli->out, TROTH_STYLE_PLAIN, "No owner is waited for.");
	else
		troth_line(&cli->out, TROTH_STYLE_GOOD,
			   "For %s this device takes the first who has its code as its owner.",
			   troth_when_span(span, seconds));
	troth_json(&cli->out, answer);
	return TROTH_EXIT_OK;
}

static enum troth_exit with_device(struct troth_cli *cli, bool transfer)
{
	struct troth_bot_device device = {.code = ""};
	enum troth_exit status = troth_bot_device_read(cli, &device);
	troth_bot_device_fini(&device);
	return status == TROTH_EXIT_OK ? arm(cli, transfer) : status;
}

enum troth_exit troth_bot_arm(struct troth_cli *cli)
{
	return with_device(cli, false);
}

enum troth_exit troth_bot_give(struct troth_cli *cli)
{
	return with_device(cli, true);
}

/* ---- reset ---- */

static enum troth_exit confirm(struct troth_cli *cli, const char *owner)
{
	char question[200];
	if (troth_cli_has(cli, "yes"))
		return TROTH_EXIT_OK;
	(void)snprintf(question, sizeof question,
		       "Forget the owner (%s) and every contact? Type yes",
		       *owner ? owner : "none");
	return troth_prompt_confirm(cli, question, "yes");
}

static void tell_listening(struct troth_cli *cli)
{
	static const char *const words[] = {"disarm", "forgotten"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		json_t *request = json_pack("{s:s}", "do", words[i]);
		json_t *answer = NULL;
		int err = troth_control_ask(cli->home.path, request, &answer);
		json_decref(request);
		json_decref(answer);
		if (err != TROTH_OK && err != TROTH_E_NOT_FOUND)
			troth_note(&cli->out, "`troth listen` couldn't be told: end it.");
	}
}

enum troth_exit troth_bot_reset(struct troth_cli *cli)
{
	struct troth_bot_device device = {.code = ""};
	struct troth_store *store;
	char owner[TROTH_STORE_LABEL_MAX + 1];
	enum troth_exit status = troth_bot_device_read(cli, &device);
	troth_bot_device_fini(&device);
	if (status == TROTH_EXIT_OK)
		status = troth_bot_device_owner(cli, owner);
	if (status == TROTH_EXIT_OK)
		status = confirm(cli, owner);
	if (status == TROTH_EXIT_OK)
		status = troth_home_store(cli, &store);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_store_owner_reset(store, troth_when_now());
	if (err != TROTH_OK)
		return troth_home_store_failed(cli, err, "can't forget the owner");
	tell_listening(cli);
	troth_line(&cli->out, TROTH_STYLE_GOOD, "This device has no owner and no contacts.");
	troth_json(&cli->out, json_pack("{s:b, s:o}", "reset", 1, "former",
					troth_json_text(*owner ? owner : NULL)));
	troth_note(&cli->out, "Key, name and code are the same: the label is good for the next "
			      "owner. Who knows the code could claim it, too, while it is armed: "
			      "`troth bot init --replace` makes another one.");
	return TROTH_EXIT_OK;
}
