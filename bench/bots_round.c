/* SPDX-License-Identifier: MIT */
/* Somebody goes to every device, a few at a time, and wants the same of each. */
#include "bots.h"

#include "base/slice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

#define AT_ONCE 8
#define PATIENCE_MS 60000

struct visit {
	struct troth_call *call; /* NULL: free */
	unsigned bot;
	uint64_t began;
};

struct going {
	struct bots_round *round;
	uv_loop_t loop;
	struct visit visits[AT_ONCE];
	unsigned next;
	unsigned done;
	bool ended;
	uv_async_t more; /* from within news no call is begun */
};

static bool is_wanted(enum bots_want want, int err)
{
	switch (want) {
	case BOTS_GUESS:
		return err == TROTH_E_SECRET;
	case BOTS_STEAL:
		return err != TROTH_OK;
	case BOTS_CLAIM:
	case BOTS_VISIT:
		return err == TROTH_OK;
	}
	return false;
}

static void finish(struct going *g, struct visit *v, int err)
{
	g->round->took[v->bot] = (double)(uv_hrtime() - v->began) / 1e6;
	g->round->good += is_wanted(g->round->want, err);
	if (!is_wanted(g->round->want, err))
		fprintf(stderr, "bots: bot %u: %s\n", v->bot, troth_err_text(err));
	v->call = NULL;
	g->done++;
	(void)uv_async_send(&g->more);
}

static void on_news(void *user, const struct troth_news *n)
{
	struct going *g = user;
	struct visit *v = NULL;
	for (size_t i = 0; i < AT_ONCE; i++)
		if (n->call != NULL && g->visits[i].call == n->call)
			v = &g->visits[i];
	if (v == NULL)
		return;
	if (n->type == TROTH_NEWS_UP && g->round->want == BOTS_VISIT) {
		struct troth_call *call = v->call;
		finish(g, v, TROTH_OK);
		troth_call_end(call);
	} else if (n->type == TROTH_NEWS_GAVE_UP) {
		finish(g, v, n->err);
	}
}

static void begin(struct going *g, struct visit *v)
{
	char where[32], label[32], code[BOTS_CODE];
	struct troth_secret *secret = NULL;
	bool pairs = g->round->want != BOTS_VISIT;
	v->bot = g->next++;
	v->began = uv_hrtime();
	(void)snprintf(where, sizeof where, "127.0.0.1:%u", g->round->ports[v->bot]);
	(void)snprintf(label, sizeof label, "bot %u", v->bot);
	bots_code(code, g->round->folder, v->bot);
	if (g->round->want == BOTS_GUESS)
		code[0] = 'x';
	int err = pairs ? troth_secret_new(&secret, troth_slice_str(code)) : TROTH_OK;
	const struct troth_call_params params = {
		.peer = pairs ? where : label,
		.at = pairs ? NULL : where,
		.pairing = pairs,
		.secret = secret,
		.bits = 90,
		.label = pairs ? label : NULL,
		.least = TROTH_LEVEL_VERIFIED,
		.end_paired = true,
		.patience = PATIENCE_MS,
	};
	if (err == TROTH_OK)
		err = troth_session_call(g->round->who->session, &params, &v->call);
	if (err != TROTH_OK)
		bots_fail("call", err);
	troth_secret_free(secret);
}

static void on_ended(void *user)
{
	((struct going *)user)->ended = true;
}

static void on_more(uv_async_t *async)
{
	struct going *g = async->data;
	for (size_t i = 0; i < AT_ONCE; i++)
		if (g->visits[i].call == NULL && g->next < g->round->count)
			begin(g, &g->visits[i]);
	if (g->done == g->round->count)
		troth_session_end(g->round->who->session, on_ended);
}

void bots_go_round(struct bots_round *round)
{
	struct going g = {.round = round};
	const struct troth_session_callbacks callbacks = {.user = &g, .news = on_news};
	if (uv_loop_init(&g.loop) != 0 || uv_async_init(&g.loop, &g.more, on_more) != 0)
		bots_fail("loop", TROTH_E_NOMEM);
	g.more.data = &g;
	bots_one_begin(round->who, &g.loop, &callbacks);
	(void)uv_async_send(&g.more);
	while (!g.ended)
		(void)uv_run(&g.loop, UV_RUN_ONCE);
	troth_session_free(round->who->session);
	uv_close((uv_handle_t *)&g.more, NULL);
	while (uv_run(&g.loop, UV_RUN_DEFAULT) != 0)
		;
	(void)uv_loop_close(&g.loop);
}
