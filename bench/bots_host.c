/* SPDX-License-Identifier: MIT */
/* Many devices in one process. It is killed, never ended. */
#include "bots.h"

#include "base/slice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

#define CODE_BITS 90

struct host_bot {
	struct bots_one one;
	unsigned number;
};

static void on_news(void *user, const struct troth_news *n)
{
	const struct host_bot *bot = user;
	if (n->type == TROTH_NEWS_WRONG_SECRET) {
		printf("wrong %u\n", bot->number);
		fflush(stdout);
	}
}

/* As by its button: with an owner, too, so that the store has to say no. */
static void arm(struct host_bot *bot, const char *folder)
{
	char code[BOTS_CODE];
	struct troth_secret *secret;
	bots_code(code, folder, bot->number);
	int err = troth_secret_new(&secret, troth_slice_str(code));
	const struct troth_window_params params = {
		.secret = secret, .bits = CODE_BITS, .claim = TROTH_STORE_CLAIM_FIRST};
	if (err == TROTH_OK)
		err = troth_session_window_open(bot->one.session, &params);
	if (err != TROTH_OK)
		bots_fail("window", err);
	troth_secret_free(secret);
}

_Noreturn void bots_host(const char *folder, unsigned first, unsigned count)
{
	uv_loop_t loop;
	struct host_bot *all = calloc(count, sizeof *all);
	if (all == NULL || uv_loop_init(&loop) != 0)
		bots_fail("host", TROTH_E_NOMEM);
	for (unsigned i = 0; i < count; i++) {
		char name[16];
		const struct troth_session_callbacks callbacks = {.user = &all[i], .news = on_news};
		all[i].number = first + i;
		(void)snprintf(name, sizeof name, "%u", all[i].number);
		bots_one_open(&all[i].one, folder, name);
		bots_one_begin(&all[i].one, &loop, &callbacks);
		int err = troth_session_listen(all[i].one.session, 0);
		if (err != TROTH_OK)
			bots_fail("listen", err);
		arm(&all[i], folder);
		printf("port %u %u\n", all[i].number, troth_session_port(all[i].one.session));
	}
	printf("ready\n");
	fflush(stdout);
	(void)uv_run(&loop, UV_RUN_DEFAULT);
	bots_fail("the loop has ended", TROTH_E_IO);
}
