/* SPDX-License-Identifier: MIT */
/* `troth bot init` and `troth bot status`: a device gets a code; what it is. Layer: cli. */
#include "cli/bot/bot_device.h"
#include "cli/bot/bot_label.h"
#include "cli/bot/control.h"
#include "cli/terminal/fingerprint.h"

#include <sodium.h>

#include <troth/err.h>

/* ---- init ---- */

static void show(struct troth_cli *cli, const struct troth_bot_device *device)
{
	char grouped[TROTH_CODE_GROUPED];
	struct troth_output *out = &cli->out;
	troth_code_group(grouped, device->code);
	troth_line(out, TROTH_STYLE_GOOD, "This device has a code now.");
	troth_line(out, TROTH_STYLE_PLAIN, "  name  %s", device->name);
	troth_line(out, TROTH_STYLE_BOLD, "  code  %s", grouped);
	troth_json(out, json_pack("{s:o, s:o, s:s, s:i}", "name", troth_json_text(device->name),
				  "code", troth_json_text(grouped), "secret", device->code, "bits",
				  TROTH_CODE_BITS));
	troth_note(out,
		   "Whoever has the code while the device waits for its owner becomes the "
		   "owner. Put it on the device (`troth bot label`) and nowhere else: it can't "
		   "be shown any more once there is an owner.");
	sodium_memzero(grouped, sizeof grouped);
}

enum troth_exit troth_bot_init(struct troth_cli *cli)
{
	struct troth_bot_device device = {.code = ""};
	enum troth_exit status = troth_bot_device_make(cli, troth_cli_value(cli, "name"), &device);
	if (status == TROTH_EXIT_OK)
		show(cli, &device);
	if (status == TROTH_EXIT_OK && troth_cli_has(cli, "label"))
		status = troth_bot_label_write(cli, &device, troth_cli_value(cli, "label"));
	if (status == TROTH_EXIT_OK)
		troth_bot_label_next(cli, &device);
	troth_bot_device_fini(&device);
	return status;
}

/* ---- status ---- */

static void show_status(struct troth_cli *cli, const struct troth_bot_device *device,
			const char *owner, const json_t *listening)
{
	struct troth_output *out = &cli->out;
	bool armed = json_is_true(json_object_get(listening, "armed"));
	long long left = json_integer_value(json_object_get(listening, "seconds"));
	troth_line(out, TROTH_STYLE_PLAIN, "name       %s", device->name);
	troth_line(out, TROTH_STYLE_PLAIN, "owner      %s", *owner ? owner : "nobody yet");
	troth_line(out, TROTH_STYLE_PLAIN, "listening  %s", listening != NULL ? "yes" : "no");
	if (armed)
		troth_line(out, TROTH_STYLE_WARN, "armed      for %lld s more", left);
	troth_json(out,
		   json_pack("{s:o, s:o, s:b, s:b, s:I}", "name", troth_json_text(device->name),
			     "owner", troth_json_text(*owner ? owner : NULL), "listening",
			     listening != NULL, "armed", armed, "seconds",
			     (json_int_t)(armed ? left : 0)));
}

enum troth_exit troth_bot_status(struct troth_cli *cli)
{
	struct troth_bot_device device = {.code = ""};
	char owner[TROTH_STORE_LABEL_MAX + 1];
	json_t *listening = NULL;
	json_t *request = json_pack("{s:s}", "do", "status");
	enum troth_exit status = troth_bot_device_read(cli, &device);
	if (status == TROTH_EXIT_OK)
		status = troth_bot_device_owner(cli, owner);
	if (status == TROTH_EXIT_OK) {
		if (troth_control_ask(cli->home.path, request, &listening) != TROTH_OK)
			listening = NULL;
		show_status(cli, &device, owner, listening);
	}
	json_decref(listening);
	json_decref(request);
	troth_bot_device_fini(&device);
	return status;
}
