/* SPDX-License-Identifier: MIT */
/* The life of an account: connecting, staying connected, ending. Layer: server. */
#include "server/account_state.h"

#include <sodium.h>
#include <stdio.h>

/* A connection that lasted so long starts counting its tries anew. */
#define LASTED_MS 60000

void account_set_state(struct troth_account *a, enum account_state state, int64_t in_ms)
{
	a->state = state;
	a->deadline = in_ms < 0 ? INT64_MAX : (int64_t)uv_now(a->loop) + in_ms;
	account_arm(a);
}

static bool is_final(enum troth_account_reason reason)
{
	switch (reason) {
	case TROTH_ACCOUNT_UNREACHABLE:
	case TROTH_ACCOUNT_LOST:
	case TROTH_ACCOUNT_SERVER:
	case TROTH_ACCOUNT_BROKEN:
		return false;
	case TROTH_ACCOUNT_ENDED:
	case TROTH_ACCOUNT_WRONG_PASSWORD:
	case TROTH_ACCOUNT_CERTIFICATE:
	case TROTH_ACCOUNT_NO_TLS:
	case TROTH_ACCOUNT_CONFLICT:
	case TROTH_ACCOUNT_LOCAL:
		return true;
	}
	return true;
}

/* A fifth of it random, so that a restarted server isn't met by all of its users at once. */
static int64_t pause_of(struct troth_account *a)
{
	int64_t ms = TROTH_TIME_ACCOUNT_RETRY;
	for (unsigned i = 0; i < a->tries && ms < TROTH_TIME_ACCOUNT_RETRY_MAX; i++)
		ms *= 2;
	if (ms > TROTH_TIME_ACCOUNT_RETRY_MAX)
		ms = TROTH_TIME_ACCOUNT_RETRY_MAX;
	a->tries++;
	return ms - (int64_t)randombytes_uniform((uint32_t)(ms / 5));
}

/* ---- the end of an account ---- */

static void free_account(struct troth_account *a)
{
	for (size_t i = 0; i < TROTH_IQ_OUTSTANDING; i++)
		a->questions[i].used = false;
	troth_iq_tracker_free(a->tracker);
	troth_address_free(a->wanted);
	troth_address_free(a->own);
	troth_secret_free(a->password);
	troth_buf_fini(&a->pem);
	free(a->host);
	free(a->ca_file);
	free((char *)a->presence.show);
	free((char *)a->presence.status);
	free(a);
}

void account_handle_gone(struct troth_account *a)
{
	if (--a->handles > 0)
		return;
	if (a->gone != NULL)
		a->gone(a->user);
	free_account(a);
}

static void timer_gone(uv_handle_t *handle)
{
	account_handle_gone(handle->data);
}

static void end_now(struct troth_account *a)
{
	account_drop_wire(a);
	if (!uv_is_closing((uv_handle_t *)&a->timer))
		uv_close((uv_handle_t *)&a->timer, timer_gone);
}

/* ---- going down ---- */

static void tell_down(struct troth_account *a, const struct troth_account_down *down)
{
	for (size_t i = 0; i < a->n_listeners && a->state != ACCOUNT_ENDING; i++)
		if (a->listeners[i].down != NULL)
			a->listeners[i].down(a->listeners[i].user, down);
}

void account_go_down(struct troth_account *a, enum troth_account_reason reason, const char *text)
{
	enum account_state before = a->state;
	if (before == ACCOUNT_ENDING) {
		account_unanswered(a);
		end_now(a);
		return;
	}
	if (before == ACCOUNT_OFF || before == ACCOUNT_WAITING)
		return;
	if (before == ACCOUNT_CLOSING)
		reason = TROTH_ACCOUNT_ENDED;
	struct troth_account_down down = {reason, text, -1, before == ACCOUNT_UP};
	if (before == ACCOUNT_UP && (int64_t)uv_now(a->loop) - a->since > LASTED_MS)
		a->tries = 0;
	a->pinging = false;
	if (is_final(reason)) {
		account_set_state(a, ACCOUNT_OFF, -1);
		account_drop_wire(a); /* with it the password leaves that process */
	} else {
		down.retry_ms = pause_of(a);
		account_set_state(a, ACCOUNT_WAITING, down.retry_ms);
	}
	account_unanswered(a);
	tell_down(a, &down);
}

/* ---- connecting ---- */

int troth_account_connect(struct troth_account *a)
{
	int err = TROTH_OK;
	if (a->state == ACCOUNT_CONNECTING || a->state == ACCOUNT_UP)
		return TROTH_OK;
	if (a->state == ACCOUNT_CLOSING || a->state == ACCOUNT_ENDING)
		return TROTH_E_INVAL;
	if (a->wire == NULL)
		err = account_open_wire(a);
	if (err == TROTH_OK)
		err = troth_wire_send(a->wire, TROTH_FRAME_CONNECT, (struct troth_slice){NULL, 0});
	if (err == TROTH_OK)
		account_set_state(a, ACCOUNT_CONNECTING, TROTH_TIME_ACCOUNT_UP);
	return err;
}

static void sign_off(struct troth_account *a, enum account_state state)
{
	bool up = a->wire != NULL &&
		  (a->state == ACCOUNT_UP || a->state == ACCOUNT_CONNECTING ||
		   a->state == ACCOUNT_CLOSING) &&
		  troth_wire_send(a->wire, TROTH_FRAME_CLOSE, (struct troth_slice){NULL, 0}) ==
			  TROTH_OK;
	account_set_state(a, state, up ? TROTH_TIME_ACCOUNT_CLOSE : 0);
}

void troth_account_disconnect(struct troth_account *a)
{
	if (a->state != ACCOUNT_OFF && a->state != ACCOUNT_ENDING)
		sign_off(a, ACCOUNT_CLOSING);
}

void troth_account_end(struct troth_account *a)
{
	if (a == NULL || a->state == ACCOUNT_ENDING)
		return;
	sign_off(a, ACCOUNT_ENDING);
}

/* ---- time ---- */

static void no_payload(void *user, struct troth_writer *w)
{
	(void)user;
	troth_writer_leaf(w, TROTH_NS_PING, "ping", NULL);
}

static void ponged(void *user, const struct troth_account_answer *answer)
{
	struct troth_account *a = user;
	a->pinging = false;
	/* An error is an answer, too: somebody is there. */
	if (answer->err != TROTH_E_TIMEOUT || a->state != ACCOUNT_UP)
		return;
	account_drop_wire(a);
	account_go_down(a, TROTH_ACCOUNT_LOST, "");
}

static void ping(struct troth_account *a)
{
	const char *domain = strchr(troth_address_bare(a->own), '@') + 1;
	const struct troth_account_iq iq = {
		.to = domain,
		.write = no_payload,
		.done = ponged,
		.user = a,
	};
	/* Where it can't be asked now, it is in a moment. */
	a->heard = (int64_t)uv_now(a->loop);
	a->pinging = troth_account_ask(a, &iq) == TROTH_OK;
}

static void state_is_over(struct troth_account *a)
{
	switch (a->state) {
	case ACCOUNT_OFF:
	case ACCOUNT_UP:
		a->deadline = INT64_MAX;
		break;
	case ACCOUNT_CONNECTING:
		account_drop_wire(a);
		account_go_down(a, TROTH_ACCOUNT_UNREACHABLE, "");
		break;
	case ACCOUNT_WAITING:
		if (troth_account_connect(a) != TROTH_OK) {
			a->state = ACCOUNT_CONNECTING;
			account_go_down(a, TROTH_ACCOUNT_LOCAL, "");
		}
		break;
	case ACCOUNT_CLOSING:
		account_drop_wire(a);
		account_go_down(a, TROTH_ACCOUNT_ENDED, "");
		break;
	case ACCOUNT_ENDING:
		account_unanswered(a);
		end_now(a);
		break;
	}
}

static void on_timer(uv_timer_t *timer)
{
	struct troth_account *a = timer->data;
	int64_t now = (int64_t)uv_now(a->loop);
	account_late(a);
	if (a->deadline <= now)
		state_is_over(a);
	if (a->state == ACCOUNT_UP && !a->pinging && a->heard + TROTH_TIME_ACCOUNT_IDLE <= now)
		ping(a);
	account_arm(a);
}

void account_arm(struct troth_account *a)
{
	int64_t now = (int64_t)uv_now(a->loop);
	int64_t next = troth_iq_tracker_deadline(a->tracker);
	if (uv_is_closing((uv_handle_t *)&a->timer))
		return;
	if (a->deadline < next)
		next = a->deadline;
	if (a->state == ACCOUNT_UP && !a->pinging && a->heard + TROTH_TIME_ACCOUNT_IDLE < next)
		next = a->heard + TROTH_TIME_ACCOUNT_IDLE;
	if (next == INT64_MAX)
		(void)uv_timer_stop(&a->timer);
	else
		(void)uv_timer_start(&a->timer, on_timer, next > now ? (uint64_t)(next - now) : 0,
				     0);
}

/* ---- the beginning ---- */

static int fill_random(void *user, uint8_t *out, size_t len)
{
	(void)user;
	randombytes_buf(out, len);
	return TROTH_OK;
}

static int copy_text(char **out, const char *text)
{
	*out = text == NULL ? NULL : strdup(text);
	return text != NULL && *out == NULL ? TROTH_E_NOMEM : TROTH_OK;
}

static int fill_in(struct troth_account *a, const struct troth_account_params *params)
{
	const struct troth_iq_random random = {fill_random, NULL};
	int err = troth_address_new(&a->wanted, TROTH_REALM_SERVER, params->jid);
	if (err == TROTH_OK && strchr(troth_address_bare(a->wanted), '@') == NULL)
		err = TROTH_E_FORMAT;
	if (err == TROTH_OK)
		err = troth_address_copy(&a->own, a->wanted);
	if (err == TROTH_OK && params->password != NULL)
		err = troth_secret_copy(&a->password, params->password);
	if (err == TROTH_OK)
		err = troth_buf_append_slice(&a->pem, params->pem);
	if (err == TROTH_OK)
		err = copy_text(&a->host, params->host);
	if (err == TROTH_OK)
		err = copy_text(&a->ca_file, params->ca_file);
	return err == TROTH_OK ? troth_iq_tracker_new(&a->tracker, &random) : err;
}

int troth_account_new(struct troth_account **out, const struct troth_account_params *params)
{
	if (params->password == NULL && params->pem.len == 0)
		return TROTH_E_INVAL;
	struct troth_account *a = calloc(1, sizeof *a);
	if (a == NULL)
		return TROTH_E_NOMEM;
	*a = (struct troth_account){
		.loop = params->loop,
		.deadline = INT64_MAX,
		.port = params->port,
		.direct_tls = params->direct_tls,
		.resume = params->resume,
		.disco = params->disco,
		.gone = params->gone,
		.user = params->user,
	};
	troth_buf_init(&a->pem, TROTH_LIMIT_CHAIN_BYTES);
	int err = sodium_init() < 0 ? TROTH_E_CRYPTO : fill_in(a, params);
	if (err == TROTH_OK && uv_timer_init(a->loop, &a->timer) != 0)
		err = TROTH_E_IO;
	if (err != TROTH_OK) {
		free_account(a);
		return err;
	}
	a->timer.data = a;
	a->handles = 1;
	*out = a;
	return TROTH_OK;
}

int troth_account_listen(struct troth_account *a, const struct troth_account_listener *listener)
{
	if (a->n_listeners == ACCOUNT_LISTENERS)
		return TROTH_E_LIMIT;
	a->listeners[a->n_listeners++] = *listener;
	return TROTH_OK;
}

void troth_account_unlisten(struct troth_account *a, const void *user)
{
	size_t kept = 0;
	for (size_t i = 0; i < a->n_listeners; i++)
		if (a->listeners[i].user != user)
			a->listeners[kept++] = a->listeners[i];
	a->n_listeners = kept;
}

bool troth_account_is_up(const struct troth_account *a)
{
	return a->state == ACCOUNT_UP;
}

const struct troth_address *troth_account_address(const struct troth_account *a)
{
	return a->own;
}

uv_loop_t *troth_account_loop(const struct troth_account *a)
{
	return a->loop;
}
