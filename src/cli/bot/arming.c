/* SPDX-License-Identifier: MIT */
/* The window of a device with a label: who opens it, for how long. Layer: cli. */
#include "cli/bot/arming.h"

#include "base/slice.h"
#include "cli/bot/bot_device.h"
#include "cli/terminal/secret_line.h"
#include "cli/terminal/when.h"
#include "store/owner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

/* ---- telling ---- */

static void tell(struct troth_arming *a, const char *event, int64_t seconds, const char *sentence)
{
	json_t *object = json_pack("{s:s, s:b}", "event", event, "transfer", a->transfer);
	if (object != NULL && seconds > 0)
		(void)json_object_set_new(object, "seconds", json_integer(seconds));
	a->told(a->user, object);
	a->said(a->user, sentence);
}

static void record(struct troth_arming *a, const char *text)
{
	const struct troth_store_entry entry = {
		.time = troth_when_now(), .kind = "armed", .text = text};
	struct troth_store *store = a->running->cli->home.store;
	if (troth_store_log_append(store, &entry) != TROTH_OK)
		troth_note(&a->running->cli->out, "%s", troth_store_error(store));
}

/* ---- the window ---- */

static void forget(struct troth_arming *a)
{
	a->armed = false;
	(void)uv_timer_stop(&a->timer);
}

static void disarm(struct troth_arming *a, const char *sentence)
{
	if (!a->armed)
		return;
	forget(a);
	troth_session_window_close(a->running->session);
	tell(a, "disarmed", 0, sentence);
}

static void on_over(uv_timer_t *timer)
{
	disarm(timer->data, "Nobody came in time: no owner is waited for any more.");
}

static int open_window(struct troth_arming *a, enum troth_store_claim claim)
{
	struct troth_bot_device device;
	struct troth_secret *secret = NULL;
	if (troth_bot_device_read(a->running->cli, &device) != TROTH_EXIT_OK)
		return TROTH_E_IO; /* it has been said */
	int err = troth_secret_new(&secret, troth_slice_str(device.code));
	const struct troth_window_params params = {
		.secret = secret, .bits = TROTH_CODE_BITS, .claim = claim};
	if (err == TROTH_OK)
		err = troth_session_window_open(a->running->session, &params);
	troth_secret_free(secret);
	troth_bot_device_fini(&device);
	return err;
}

static int arm(struct troth_arming *a, int64_t seconds, bool transfer)
{
	int64_t owner;
	if (a->running->ending)
		return TROTH_E_BUSY;
	int err = troth_store_owner_get(a->running->cli->home.store, &owner);
	if (err == TROTH_OK && owner != 0 && !transfer)
		err = TROTH_E_REFUSED;
	if (err == TROTH_OK)
		err = open_window(a, owner == 0 ? TROTH_STORE_CLAIM_FIRST
						: TROTH_STORE_CLAIM_TRANSFER);
	if (err != TROTH_OK)
		return err;
	a->armed = true;
	a->transfer = owner != 0;
	a->until = troth_when_now() + seconds;
	(void)uv_timer_start(&a->timer, on_over, (uint64_t)seconds * 1000, 0);
	record(a, a->transfer ? "waits for another owner" : "waits for its owner");
	tell(a, "armed", seconds,
	     a->transfer ? "Another owner is waited for, who has the code on the label."
			 : "The owner is waited for, who has the code on the label.");
	return TROTH_OK;
}

int troth_arming_transfer(struct troth_arming *a, int64_t seconds)
{
	return a->running != NULL ? arm(a, seconds, true) : TROTH_E_UNSUPPORTED;
}

void troth_arming_news(struct troth_arming *a, const struct troth_news *n)
{
	if (!a->armed)
		return;
	/* The key is stored: what follows is confirmed in its own time. */
	if (n->type == TROTH_NEWS_PINNED && n->incoming)
		(void)uv_timer_stop(&a->timer);
	if (n->type == TROTH_NEWS_PAIRED || n->type == TROTH_NEWS_WINDOW_CLOSED ||
	    (n->type == TROTH_NEWS_PAIR_FAILED && n->contact != 0))
		forget(a);
}

/* ---- asked by another process ---- */

static json_t *status(const struct troth_arming *a)
{
	int64_t left = a->armed ? a->until - troth_when_now() : 0;
	return json_pack("{s:b, s:b, s:I}", "armed", a->armed, "transfer", a->armed && a->transfer,
			 "seconds", (json_int_t)(left > 0 ? left : 0));
}

static json_t *refusal(int err)
{
	return json_pack("{s:s}", "error", troth_err_name(err));
}

static json_t *on_arm(struct troth_arming *a, const json_t *request)
{
	json_int_t seconds = 0;
	int transfer = 0;
	const char *what;
	if (json_unpack_ex((json_t *)request, NULL, JSON_STRICT, "{s:s, s:I, s:b}", "do", &what,
			   "seconds", &seconds, "transfer", &transfer) != 0 ||
	    seconds < 1 || seconds > TROTH_WINDOW_SECONDS_MAX)
		return NULL;
	int err = arm(a, seconds, transfer != 0);
	return err == TROTH_OK ? status(a) : refusal(err);
}

static json_t *on_request(void *user, const json_t *request)
{
	struct troth_arming *a = user;
	const char *what = json_string_value(json_object_get(request, "do"));
	if (what == NULL || a->running->ending)
		return NULL;
	if (strcmp(what, "arm") == 0)
		return on_arm(a, request);
	if (strcmp(what, "disarm") == 0)
		disarm(a, "No owner is waited for any more.");
	else if (strcmp(what, "forgotten") == 0)
		troth_session_end_forgotten(a->running->session);
	else if (strcmp(what, "status") != 0)
		return NULL;
	return status(a);
}

/* ---- the hook ---- */

static void on_hook_line(void *user, struct troth_slice line)
{
	struct troth_arming *a = user;
	if (!troth_slice_equal(line, troth_slice_str("arm"))) {
		a->said(a->user, "The hook wrote something else than \"arm\".");
		return;
	}
	int err = arm(a, TROTH_ARM_SECONDS, false);
	if (err == TROTH_E_REFUSED)
		a->said(a->user, "The hook asks for an owner, and there is one.");
	else if (err != TROTH_OK)
		a->said(a->user, troth_err_text(err));
}

static void on_hook_note(void *user, const char *text)
{
	struct troth_arming *a = user;
	troth_note(&a->running->cli->out, "hook: %s", text);
}

static enum troth_exit start_hook(struct troth_arming *a)
{
	struct troth_cli *cli = a->running->cli;
	const char *why = NULL;
	a->hook_argv[0] = troth_cli_value(cli, "arm-hook");
	const struct troth_program_params params = {
		.loop = &a->running->loop,
		.argv = a->hook_argv,
		.user = a,
		.line = on_hook_line,
		.note = on_hook_note,
	};
	if (a->hook_argv[0] == NULL)
		return TROTH_EXIT_OK;
	int err = troth_program_start(&a->hook, &params, &why);
	return err == TROTH_OK
		       ? TROTH_EXIT_OK
		       : troth_cli_fail(cli, &(struct troth_failure){.err = err, .cause = why},
					"can't run %s", a->hook_argv[0]);
}

/* ---- life ---- */

static void open_control(struct troth_arming *a, const char *home)
{
	const struct troth_control_params params = {
		.loop = &a->running->loop, .home = home, .answer = on_request, .user = a};
	int err = troth_control_open(&a->control, &params);
	if (err == TROTH_E_BUSY)
		troth_note(&a->running->cli->out, "Another process listens for this device: "
						  "`troth bot arm` goes there.");
	else if (err != TROTH_OK)
		troth_note(&a->running->cli->out, "`troth bot arm` can't reach this process: %s.",
			   err == TROTH_E_IO ? strerror(errno) : troth_err_text(err));
}

enum troth_exit troth_arming_start(struct troth_arming *a, struct troth_running *running)
{
	const char *home;
	enum troth_exit result = troth_home_path(running->cli, &home);
	if (result != TROTH_EXIT_OK)
		return result;
	if (!troth_bot_device_is(home))
		return troth_cli_has(running->cli, "arm-hook")
			       ? troth_cli_usage(running->cli,
						 "--arm-hook is for a device with a code: `troth "
						 "bot init` gives it one")
			       : TROTH_EXIT_OK;
	a->running = running;
	(void)uv_timer_init(&running->loop, &a->timer); /* always 0 */
	a->timer.data = a;
	open_control(a, home);
	return start_hook(a);
}

void troth_arming_end(struct troth_arming *a)
{
	if (a->running == NULL)
		return;
	troth_program_end(a->hook);
	troth_control_close(a->control);
	a->control = NULL;
	a->hook = NULL;
	if (!uv_is_closing((uv_handle_t *)&a->timer))
		uv_close((uv_handle_t *)&a->timer, NULL);
}
