/* SPDX-License-Identifier: MIT */
/* Bytestreams by XEP-0065 alone: all of an account, and the life of one. Layer: server. */
#include "server/s5b_state.h"

#include "base/encode.h"
#include "base/limits.h"
#include "base/slice.h"

#include <sodium.h>
#include <stdlib.h>
#include <time.h>

/* ---- one ---- */

struct troth_s5b *s5b_find(const struct troth_s5b_account *all, uint64_t number)
{
	struct troth_s5b *b = all->streams;
	while (b != NULL && b->number != number)
		b = b->next;
	return b != NULL && !b->ending ? b : NULL;
}

const char *s5b_own_jid(const struct troth_s5b_account *all)
{
	return troth_address_full(troth_account_address(all->account));
}

static void free_handle(uv_handle_t *handle)
{
	free(handle);
}

void s5b_close_tcp(uv_tcp_t **tcp)
{
	if (*tcp != NULL)
		uv_close((uv_handle_t *)*tcp, free_handle);
	*tcp = NULL;
}

static void free_one(struct troth_s5b *b)
{
	for (size_t i = 0; i < b->host_count; i++)
		free(b->hosts[i]);
	free(b->request);
	troth_secured_free(b->tls);
	troth_buf_fini(&b->cert);
	troth_buf_fini(&b->in);
	troth_address_free(b->peer);
	free(b);
}

/* Whoever is admitted can ask for them, and each costs a key. */
static bool is_full(const struct troth_s5b_account *all)
{
	size_t count = 0;
	for (const struct troth_s5b *b = all->streams; b != NULL; b = b->next)
		count++;
	return count >= TROTH_LIMIT_UNAUTHENTICATED;
}

int s5b_new(struct troth_s5b **out, struct troth_s5b_account *all, struct troth_address *peer,
	    bool requester)
{
	uint8_t sid[(S5B_SID_SIZE - 1) / 2];
	struct troth_s5b *b = is_full(all) ? NULL : calloc(1, sizeof *b);
	if (b == NULL) {
		troth_address_free(peer);
		return is_full(all) ? TROTH_E_LIMIT : TROTH_E_NOMEM;
	}
	b->all = all;
	b->peer = peer;
	troth_buf_init(&b->cert, TROTH_LIMIT_CERT_BYTES);
	troth_buf_init(&b->in, S5B_PIECE);
	randombytes_buf(sid, sizeof sid);
	troth_hex(b->sid, troth_slice_of(sid, sizeof sid));
	const struct troth_secured_params params = {
		.context = all->context,
		.requester = requester,
		.address = troth_address_bare(troth_account_address(all->account)),
		.now = (int64_t)time(NULL),
	};
	int err = troth_secured_new(&b->tls, &params);
	if (err == TROTH_OK && uv_timer_init(all->loop, &b->timer) != 0)
		err = TROTH_E_NOMEM;
	if (err != TROTH_OK) {
		free_one(b);
		return err;
	}
	b->timer.data = b;
	b->number = ++all->numbers;
	b->next = all->streams;
	all->streams = b;
	*out = b;
	return TROTH_OK;
}

/* ---- its end ---- */

static void freed_account(struct troth_s5b_account *all)
{
	if (!all->freeing || all->streams != NULL)
		return;
	troth_tls_context_free(all->context);
	if (all->freed != NULL)
		all->freed(all->freed_user);
	free(all);
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct troth_s5b *b = handle->data;
	struct troth_s5b_account *all = b->all;
	struct troth_s5b **at = &all->streams;
	/* Whoever hears it may free the account, which has it until then. */
	if (b->callbacks.over != NULL)
		b->callbacks.over(b->callbacks.user, b->err);
	while (*at != b)
		at = &(*at)->next;
	*at = b->next;
	free_one(b);
	freed_account(all);
}

void s5b_gone(struct troth_s5b *b)
{
	if (uv_is_closing((uv_handle_t *)&b->timer) == 0)
		uv_close((uv_handle_t *)&b->timer, on_timer_closed);
}

static void on_gone(uv_timer_t *timer)
{
	s5b_gone(timer->data);
}

void s5b_end(struct troth_s5b *b, int err)
{
	if (b->ending)
		return;
	b->ending = true;
	b->err = err;
	s5b_call_drop(b);
	if (b->transport != NULL)
		s5b_line_end(b);
	else
		(void)uv_timer_start(&b->timer, on_gone, 0, 0); /* fails only when closing */
}

static void on_impatient(uv_timer_t *timer)
{
	s5b_end(timer->data, TROTH_E_TIMEOUT);
}

void s5b_patience(struct troth_s5b *b, uint64_t ms)
{
	(void)uv_timer_start(&b->timer, on_impatient, ms, 0); /* likewise */
}

/* ---- the account ---- */

/* What has bytes lives on them. */
static void end_unconnected(struct troth_s5b_account *all)
{
	for (struct troth_s5b *b = all->streams; b != NULL; b = b->next)
		if (b->transport == NULL)
			s5b_end(b, TROTH_E_UNREACHABLE);
}

static void on_down(void *user, const struct troth_account_down *down)
{
	(void)down;
	end_unconnected(user);
}

static bool on_admits(void *user, const struct troth_address *from)
{
	struct troth_s5b_account *all = user;
	return all->params.admits != NULL && all->params.admits(all->params.user, from);
}

static bool on_stanza(void *user, const struct troth_element *stanza)
{
	return s5b_answer(user, stanza);
}

static void on_proxies(void *user)
{
	struct troth_s5b_account *all = user;
	for (struct troth_s5b *b = all->streams; b != NULL; b = b->next)
		if (b->request == NULL && !b->offered && !b->ending)
			s5b_offer(b);
}

static int make(struct troth_s5b_account *all)
{
	const struct troth_account_listener listener = {
		.down = on_down, .stanza = on_stanza, .admits = on_admits, .user = all};
	int err = troth_tls_context_new(&all->context);
	if (err == TROTH_OK)
		err = troth_account_listen(all->account, &listener);
	if (err == TROTH_OK)
		err = troth_proxies_new(&all->proxies, all->account, on_proxies, all);
	return err;
}

int troth_s5b_account_new(struct troth_s5b_account **out, const struct troth_s5b_params *params)
{
	struct troth_s5b_account *all = calloc(1, sizeof *all);
	if (all == NULL)
		return TROTH_E_NOMEM;
	all->account = params->account;
	all->loop = troth_account_loop(params->account);
	all->params = *params;
	int err = make(all);
	if (err == TROTH_OK) {
		*out = all;
		return TROTH_OK;
	}
	troth_account_unlisten(all->account, all);
	troth_s5b_account_free(all, NULL, NULL);
	return err;
}

void troth_s5b_account_free(struct troth_s5b_account *all, void (*done)(void *user), void *user)
{
	if (all == NULL)
		return;
	all->freeing = true;
	all->freed = done;
	all->freed_user = user;
	for (struct troth_s5b *b = all->streams; b != NULL; b = b->next) {
		b->callbacks = (struct troth_s5b_callbacks){.over = NULL};
		if (b->ending && b->transport != NULL)
			s5b_line_limit(b);
		s5b_end(b, TROTH_E_TRUNCATED);
	}
	troth_socks5_listener_free(all->listener);
	troth_proxies_free(all->proxies);
	all->listener = NULL;
	all->proxies = NULL;
	freed_account(all);
}
