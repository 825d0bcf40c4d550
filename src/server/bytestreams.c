/* SPDX-License-Identifier: MIT */
/* All bytestreams of an account: their life, and what Jingle says. Layer: server. */
#include "server/bytestreams_state.h"

#include "xmpp/iq.h"

#include <stdlib.h>
#include <string.h>

int64_t bytestreams_now(const struct troth_bytestreams *all)
{
	return (int64_t)uv_now(all->loop);
}

const char *troth_path_name(enum troth_path path)
{
	static const char *const names[] = {"direct", "proxy", "in-band"};
	return names[path];
}

struct troth_bytestream *bytestreams_find(const struct troth_bytestreams *all, uint64_t session)
{
	struct troth_bytestream *b = all->streams;
	while (b != NULL && b->session != session)
		b = b->next;
	return b;
}

/* ---- what Jingle says ---- */

static void asked(struct troth_bytestreams *all, const struct troth_jingle_event *e)
{
	bool fine = all->params.admits(all->params.user, e->peer);
	int err = fine ? troth_jingle_admit(all->jingle, e->session, bytestreams_now(all))
		       : troth_jingle_ignore(all->jingle, e->session);
	if (err != TROTH_OK)
		troth_jingle_terminate(all->jingle, e->session, TROTH_JINGLE_REASON_GENERAL_ERROR);
}

static void called(struct troth_bytestreams *all, const struct troth_jingle_event *e)
{
	struct troth_bytestream *b;
	uint64_t session = e->session;
	if (bytestream_new(&b, all, session) != TROTH_OK) {
		troth_jingle_terminate(all->jingle, session, TROTH_JINGLE_REASON_BUSY);
		return;
	}
	b->direct = all->listener != NULL &&
		    (all->params.tells == NULL || all->params.tells(all->params.user, e->peer));
	xtls_keep(&b->theirs, e->security);
	/* Who doesn't want it never hears of its end. */
	if (!all->params.called(all->params.user, b, e->peer, &b->callbacks)) {
		b->callbacks = (struct troth_bytestream_callbacks){.open = NULL};
		troth_jingle_terminate(all->jingle, session,
				       b->unsafe ? TROTH_JINGLE_REASON_SECURITY_ERROR
						 : TROTH_JINGLE_REASON_DECLINE);
	} else if (bytestream_offer(b) != TROTH_OK) {
		troth_jingle_terminate(all->jingle, session, TROTH_JINGLE_REASON_GENERAL_ERROR);
	}
}

static int err_of(const struct troth_jingle_event *e)
{
	if (e->caller && e->err == TROTH_E_NOT_FOUND)
		return TROTH_E_NOT_FOUND;
	switch (e->reason) {
	case TROTH_JINGLE_REASON_SUCCESS:
		return TROTH_OK;
	case TROTH_JINGLE_REASON_DECLINE:
	case TROTH_JINGLE_REASON_BUSY:
		return e->by_peer ? TROTH_E_PEER_REFUSED : TROTH_E_REFUSED;
	case TROTH_JINGLE_REASON_SECURITY_ERROR:
		return e->by_peer ? TROTH_E_PEER_REFUSED : TROTH_E_NO_TLS;
	case TROTH_JINGLE_REASON_UNSUPPORTED_APPLICATIONS:
	case TROTH_JINGLE_REASON_UNSUPPORTED_TRANSPORTS:
	case TROTH_JINGLE_REASON_INCOMPATIBLE_PARAMETERS:
		return TROTH_E_UNSUPPORTED;
	case TROTH_JINGLE_REASON_TIMEOUT:
		return TROTH_E_TIMEOUT;
	case TROTH_JINGLE_REASON_ALTERNATIVE_SESSION:
	case TROTH_JINGLE_REASON_CANCEL:
	case TROTH_JINGLE_REASON_CONNECTIVITY_ERROR:
	case TROTH_JINGLE_REASON_EXPIRED:
	case TROTH_JINGLE_REASON_FAILED_APPLICATION:
	case TROTH_JINGLE_REASON_FAILED_TRANSPORT:
	case TROTH_JINGLE_REASON_GENERAL_ERROR:
	case TROTH_JINGLE_REASON_GONE:
	case TROTH_JINGLE_REASON_MEDIA_ERROR:
		break;
	}
	return TROTH_E_UNREACHABLE;
}

static const char *text_of(const struct troth_bytestream *b, const struct troth_jingle_event *e)
{
	switch (err_of(e)) {
	case TROTH_OK:
		return "The bytestream has ended.";
	case TROTH_E_PEER_REFUSED:
		return e->reason == TROTH_JINGLE_REASON_SECURITY_ERROR
			       ? "The other side says that it can't be secured like that."
			       : "The other side doesn't want to be called now.";
	case TROTH_E_NO_TLS:
		return "The other side doesn't agree to be secured by XTLS like that.";
	case TROTH_E_UNSUPPORTED:
		return "The other side's program can't do what this needs.";
	case TROTH_E_TIMEOUT:
		return "The other side's program doesn't answer.";
	case TROTH_E_NOT_FOUND:
		return "Nobody takes our call there: that program has gone this moment, or it "
		       "doesn't know us.";
	default:
		return e->instead != 0 ? "Both called at once: theirs goes on."
		       : b->taken      ? "No bytes come through between the two."
				       : "The other side's program didn't take the call.";
	}
}

static void on_event(struct troth_bytestreams *all, const struct troth_jingle_event *e)
{
	struct troth_bytestream *b = bytestreams_find(all, e->session);
	if (e->type == TROTH_JINGLE_ASK)
		asked(all, e);
	else if (e->type == TROTH_JINGLE_CALLED)
		called(all, e);
	if (b == NULL)
		return;
	switch (e->type) {
	case TROTH_JINGLE_NONE:
	case TROTH_JINGLE_ASK:
	case TROTH_JINGLE_CALLED:
		break;
	case TROTH_JINGLE_SECURITY:
		xtls_chosen(b, e);
		break;
	case TROTH_JINGLE_ACCEPTED:
		b->taken = true;
		xtls_accepted(b, e);
		break;
	case TROTH_JINGLE_CONNECT:
		socks5_connect(b, e);
		break;
	case TROTH_JINGLE_ABANDON:
		socks5_abandon(b, e->priority);
		break;
	case TROTH_JINGLE_ACTIVATE:
		socks5_activate(b, e);
		break;
	case TROTH_JINGLE_OPEN_SOCKS5:
		socks5_open(b, e);
		break;
	case TROTH_JINGLE_OPEN_IBB:
		socks5_drop(b);
		ibb_open(b, e);
		break;
	case TROTH_JINGLE_ENDED:
		bytestream_over(b, err_of(e), text_of(b, e));
		break;
	}
}

/* ---- moving ---- */

static void send_all(struct troth_bytestreams *all)
{
	struct troth_slice xml;
	while ((xml = troth_jingle_output(all->jingle)).len > 0) {
		/* While it isn't up all of this is lost anyway: `down` follows, or came. */
		int err = troth_account_send_xml(all->account, xml);
		troth_jingle_sent(all->jingle);
		if (err != TROTH_OK && err != TROTH_E_UNREACHABLE) {
			troth_jingle_gone(all->jingle, NULL);
			return;
		}
	}
}

static void on_timer(uv_timer_t *timer)
{
	bytestreams_pump(timer->data);
}

static void set_timer(struct troth_bytestreams *all)
{
	int64_t at = troth_jingle_deadline(all->jingle);
	int64_t in = at - bytestreams_now(all);
	if (at < 0)
		(void)uv_timer_stop(&all->timer); /* always 0 */
	else
		(void)uv_timer_start(&all->timer, on_timer, in > 0 ? (uint64_t)in : 0, 0);
}

void bytestreams_pump(struct troth_bytestreams *all)
{
	struct troth_jingle_event e;
	if (all->jingle == NULL)
		return;
	send_all(all);
	for (;;) {
		troth_jingle_next(all->jingle, bytestreams_now(all), &e);
		if (e.type == TROTH_JINGLE_NONE)
			break;
		on_event(all, &e);
		send_all(all);
	}
	send_all(all);
	set_timer(all);
}

void bytestreams_later(struct troth_bytestreams *all)
{
	(void)uv_timer_start(&all->timer, on_timer, 0, 0); /* fails only without a callback */
}

/* ---- the account ---- */

static void end_all(struct troth_bytestreams *all)
{
	if (all->jingle == NULL)
		return;
	troth_jingle_gone(all->jingle, NULL);
	bytestreams_pump(all);
}

/* Whom we admitted once may be nobody by now: a contact that was removed. */
static void forget_unwanted(struct troth_bytestreams *all, const struct troth_element *stanza)
{
	const char *from = troth_element_attr(stanza, "from");
	struct troth_address *peer;
	if (from == NULL || !troth_iq_is_request(stanza) ||
	    troth_address_new(&peer, TROTH_REALM_SERVER, from) != TROTH_OK)
		return;
	if (!all->params.admits(all->params.user, peer) &&
	    troth_jingle_forget(all->jingle, from) != TROTH_OK)
		end_all(all); /* no memory: rather nobody than one too many */
	troth_address_free(peer);
}

static bool on_stanza(void *user, const struct troth_element *stanza)
{
	struct troth_bytestreams *all = user;
	bool handled = false;
	if (ibb_stanza(all, stanza))
		return true;
	if (all->jingle != NULL)
		forget_unwanted(all, stanza);
	if (all->jingle == NULL ||
	    troth_jingle_feed(all->jingle, stanza, bytestreams_now(all), &handled) != TROTH_OK)
		return false;
	if (handled)
		bytestreams_pump(all);
	return handled;
}

/* A number of an old engine means nothing to the new one: what still has bytes lives on them. */
static void orphan_all(struct troth_bytestreams *all)
{
	for (struct troth_bytestream *b = all->streams; b != NULL; b = b->next)
		b->session = 0;
}

static void on_up(void *user, bool resumed)
{
	struct troth_bytestreams *all = user;
	const struct troth_jingle_params params = {
		.jid = troth_address_full(troth_account_address(all->account))};
	struct troth_jingle *fresh;
	if (resumed && all->jingle != NULL)
		return;
	if (troth_jingle_new(&fresh, &params) != TROTH_OK)
		return; /* nobody is called over it until the next time */
	end_all(all);
	orphan_all(all);
	troth_jingle_free(all->jingle);
	all->jingle = fresh;
}

static void on_down(void *user, const struct troth_account_down *down)
{
	(void)down;
	end_all(user);
}

/* ---- proxies are known ---- */

static void on_proxies(void *user)
{
	struct troth_bytestreams *all = user;
	for (struct troth_bytestream *b = all->streams, *next; b != NULL; b = next) {
		next = b->next;
		if (b->caller && !b->offered && b->session != 0 && bytestream_offer(b) != TROTH_OK)
			bytestream_over(b, TROTH_E_UNREACHABLE, "The other side can't be called.");
	}
	bytestreams_later(all);
}

/* ---- life ---- */

static int make(struct troth_bytestreams *all)
{
	const struct troth_account_listener listener = {
		.up = on_up, .down = on_down, .stanza = on_stanza, .user = all};
	const struct troth_socks5_listener_params own = {.loop = all->loop, .gate = &all->gate};
	int err = TROTH_OK;
	if (all->params.direct)
		err = troth_socks5_listener_new(&all->listener, &own);
	if (err == TROTH_OK)
		err = troth_account_listen(all->account, &listener);
	if (err == TROTH_OK)
		err = troth_proxies_new(&all->proxies, all->account, on_proxies, all);
	return err;
}

static void on_closed(uv_handle_t *handle)
{
	struct troth_bytestreams *all = handle->data;
	if (all->freed != NULL)
		all->freed(all->freed_user);
	free(all);
}

int troth_bytestreams_new(struct troth_bytestreams **out,
			  const struct troth_bytestreams_params *params)
{
	struct troth_bytestreams *all = calloc(1, sizeof *all);
	if (all == NULL)
		return TROTH_E_NOMEM;
	all->account = params->account;
	all->loop = troth_account_loop(params->account);
	all->params = *params;
	if (uv_timer_init(all->loop, &all->timer) != 0)
		abort(); /* it only fills in memory that is there */
	all->timer.data = all;
	int err = make(all);
	if (err != TROTH_OK)
		troth_bytestreams_free(all, NULL, NULL);
	else
		*out = all;
	return err;
}

void troth_bytestreams_free(struct troth_bytestreams *all, void (*done)(void *user), void *user)
{
	if (all == NULL)
		return;
	while (all->streams != NULL)
		bytestream_free(all->streams);
	troth_socks5_listener_free(all->listener);
	troth_proxies_free(all->proxies);
	troth_jingle_free(all->jingle);
	all->freed = done;
	all->freed_user = user;
	uv_close((uv_handle_t *)&all->timer, on_closed);
}
