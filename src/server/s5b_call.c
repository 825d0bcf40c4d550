/* SPDX-License-Identifier: MIT */
/* A bytestream that we ask for: XEP-0065's requester. Layer: server. */
#include "server/s5b_state.h"

#include "base/limits.h"

#include <stdlib.h>
#include <string.h>

/* What an answer comes to: the bytestream may be over by then. */
struct question {
	struct troth_s5b_account *all;
	uint64_t number;
	struct troth_s5b *b; /* while it is written */
};

static int ask(struct troth_s5b *b, const char *to, troth_account_write *write,
	       void (*done)(void *user, const struct troth_account_answer *answer))
{
	struct question *q = malloc(sizeof *q);
	if (q == NULL)
		return TROTH_E_NOMEM;
	*q = (struct question){b->all, b->number, b};
	const struct troth_account_iq iq = {
		.to = to, .set = true, .write = write, .write_user = q, .done = done, .user = q};
	int err = troth_account_ask(b->all->account, &iq);
	if (err != TROTH_OK)
		free(q);
	return err;
}

static struct troth_s5b *asked(void *user)
{
	struct question *q = user;
	struct troth_s5b *b = s5b_find(q->all, q->number);
	free(q);
	return b;
}

/* ---- what was agreed on ---- */

static void on_activated(void *user, const struct troth_account_answer *answer)
{
	struct troth_s5b *b = asked(user);
	if (b == NULL || b->relay == NULL)
		return;
	uv_tcp_t *tcp = b->relay;
	b->relay = NULL;
	if (answer->err == TROTH_OK) {
		s5b_call_drop(b);
		s5b_begin(b, tcp, true);
		return;
	}
	s5b_close_tcp(&tcp);
	s5b_end(b, TROTH_E_UNREACHABLE);
}

static void write_activation(void *user, struct troth_writer *w)
{
	const struct question *q = user;
	troth_s5b_activate_write(w, q->b->sid, troth_address_full(q->b->peer));
}

static void on_relay(void *user, uv_tcp_t *tcp, size_t index, int err)
{
	struct troth_s5b *b = user;
	(void)index;
	b->dial = NULL;
	b->relay = tcp;
	if (err == TROTH_OK)
		err = ask(b, b->hosts[0], write_activation, on_activated);
	if (err != TROTH_OK)
		s5b_end(b, err);
}

/* Effect: the only one in `hosts` is the proxy's JID. */
static int dial_relay(struct troth_s5b *b, const struct troth_proxy *proxy)
{
	const struct troth_socks5_candidate to = {
		.host = proxy->host, .port = proxy->port, .proxy = true, .dst = b->dst};
	const struct troth_socks5_dial_params params = {
		.loop = b->all->loop, .candidates = &to, .count = 1, .done = on_relay, .user = b};
	b->hosts[0] = strdup(proxy->jid);
	if (b->hosts[0] == NULL)
		return TROTH_E_NOMEM;
	b->host_count = 1;
	return troth_socks5_dial_new(&b->dial, &params);
}

/* Whether a connection was made to this address of ours. */
static bool is_at(const uv_tcp_t *tcp, const char *host)
{
	struct sockaddr_storage at;
	char text[INET6_ADDRSTRLEN] = "";
	int len = sizeof at;
	if (uv_tcp_getsockname(tcp, (struct sockaddr *)&at, &len) != 0 ||
	    uv_ip_name((struct sockaddr *)&at, text, sizeof text) != 0)
		return false;
	return strcmp(strncmp(text, "::ffff:", 7) == 0 ? text + 7 : text, host) == 0;
}

/* All our addresses have one JID, and some peers connect to several before they choose: the first
 * in the order in which we gave them. A wrong one fails in the handshake. */
static uv_tcp_t *take_accepted(struct troth_s5b *b)
{
	for (size_t own = 0; own < b->own_count; own++) {
		for (size_t i = 0; i < b->accepted_count; i++) {
			uv_tcp_t *tcp = b->accepted[i].tcp;
			if (!is_at(tcp, b->own[own].host))
				continue;
			b->accepted[i].tcp = NULL;
			return tcp;
		}
	}
	return NULL;
}

static bool is_same(const char *one, const char *other)
{
	struct troth_address *a = NULL, *b = NULL;
	bool same = troth_address_new(&a, TROTH_REALM_SERVER, one) == TROTH_OK &&
		    troth_address_new(&b, TROTH_REALM_SERVER, other) == TROTH_OK &&
		    troth_address_same(a, b);
	troth_address_free(a);
	troth_address_free(b);
	return same;
}

static int use(struct troth_s5b *b, const char *jid)
{
	size_t count;
	const struct troth_proxy *proxies = troth_proxies_get(b->all->proxies, &count);
	if (is_same(jid, s5b_own_jid(b->all))) {
		uv_tcp_t *tcp = take_accepted(b);
		if (tcp == NULL)
			return TROTH_E_PROTOCOL;
		s5b_call_drop(b);
		s5b_begin(b, tcp, false);
		return TROTH_OK;
	}
	for (size_t i = 0; i < count; i++)
		if (is_same(jid, proxies[i].jid))
			return dial_relay(b, &proxies[i]);
	return TROTH_E_PROTOCOL; /* none of those that we offered */
}

static void on_answer(void *user, const struct troth_account_answer *answer)
{
	struct troth_s5b *b = asked(user);
	struct troth_s5b_used used;
	if (b == NULL)
		return;
	int err = answer->err == TROTH_E_PEER_ERROR ? TROTH_E_PEER_REFUSED : answer->err;
	if (err == TROTH_OK)
		err = troth_s5b_used_read(&used, answer->iq, &b->cert);
	/* A certificate that the answer hasn't isn't done without: somebody on the way may have
	 * taken it out. */
	if (err == TROTH_OK && used.cert.len == 0)
		err = TROTH_E_NO_TLS;
	if (err == TROTH_OK)
		err = use(b, used.jid);
	if (err != TROTH_OK)
		s5b_end(b, err == TROTH_E_NOT_FOUND ? TROTH_E_PROTOCOL : err);
}

/* ---- asking ---- */

static void on_accepted(void *user, uv_tcp_t *tcp, int place)
{
	struct troth_s5b *b = user;
	if (b->accepted_count == S5B_ACCEPTED_MAX) {
		troth_gate_leave(&b->all->gate, place);
		s5b_close_tcp(&tcp);
		return;
	}
	b->accepted[b->accepted_count++] = (struct s5b_accepted){tcp, place};
}

/* Nobody need connect to whoever calls nobody. */
static bool is_listening(struct troth_s5b_account *all)
{
	const struct troth_socks5_listener_params own = {.loop = all->loop, .gate = &all->gate};
	return all->listener != NULL ||
	       (all->params.direct && troth_socks5_listener_new(&all->listener, &own) == TROTH_OK);
}

static void expect(struct troth_s5b *b)
{
	const struct troth_socks5_expected expected = {
		.dst = b->dst, .accepted = on_accepted, .user = b};
	b->expected = is_listening(b->all) &&
		      troth_socks5_listener_expect(b->all->listener, &expected) == TROTH_OK;
	if (!b->expected || troth_own_addresses(b->own, &b->own_count) != TROTH_OK)
		b->own_count = 0; /* then by a proxy */
}

static void write_query(void *user, struct troth_writer *w)
{
	const struct question *q = user;
	const struct troth_s5b *b = q->b;
	size_t count;
	const struct troth_proxy *proxies = troth_proxies_get(b->all->proxies, &count);
	struct troth_s5b_query query = {.sid = b->sid, .cert = troth_secured_cert(b->tls)};
	const size_t most = TROTH_STREAMHOSTS_MAX - count;
	for (size_t i = 0; i < b->own_count && i < most; i++)
		query.hosts[query.count++] =
			(struct troth_streamhost){s5b_own_jid(b->all), b->own[i].host,
						  troth_socks5_listener_port(b->all->listener)};
	for (size_t i = 0; i < count; i++)
		query.hosts[query.count++] =
			(struct troth_streamhost){proxies[i].jid, proxies[i].host, proxies[i].port};
	troth_s5b_query_write(w, &query);
}

void s5b_offer(struct troth_s5b *b)
{
	size_t count;
	(void)troth_proxies_get(b->all->proxies, &count);
	b->offered = true;
	int err =
		troth_socks5_dst(b->dst, b->sid, s5b_own_jid(b->all), troth_address_full(b->peer));
	if (err == TROTH_OK)
		expect(b);
	if (err == TROTH_OK && b->own_count + count == 0)
		err = TROTH_E_UNREACHABLE;
	if (err == TROTH_OK)
		err = ask(b, troth_address_full(b->peer), write_query, on_answer);
	if (err != TROTH_OK)
		s5b_end(b, err);
}

void s5b_call_drop(struct troth_s5b *b)
{
	if (b->expected)
		troth_socks5_listener_forget(b->all->listener, b->dst);
	b->expected = false;
	for (size_t i = 0; i < b->accepted_count; i++) {
		s5b_close_tcp(&b->accepted[i].tcp);
		troth_gate_leave(&b->all->gate, b->accepted[i].place);
	}
	b->accepted_count = 0;
	troth_socks5_dial_cancel(b->dial);
	b->dial = NULL;
	s5b_close_tcp(&b->relay);
}

/* Whoever calls as soon as the account is up is ahead of those who ask for proxies then. */
static void on_begin(uv_timer_t *timer)
{
	struct troth_s5b *b = timer->data;
	if (troth_proxies_are_known(b->all->proxies)) /* else it is offered when they are */
		s5b_offer(b);
}

int troth_s5b_call(struct troth_s5b **out, struct troth_s5b_account *all, const char *jid,
		   const struct troth_s5b_callbacks *callbacks)
{
	struct troth_address *peer;
	struct troth_s5b *b;
	if (!troth_account_is_up(all->account))
		return TROTH_E_UNREACHABLE;
	int err = troth_address_new(&peer, TROTH_REALM_SERVER, jid);
	if (err != TROTH_OK)
		return err;
	if (troth_address_resource(peer) == NULL)
		err = TROTH_E_FORMAT;
	else if (troth_address_same(peer, troth_account_address(all->account)))
		err = TROTH_E_SELF;
	if (err != TROTH_OK) {
		troth_address_free(peer);
		return err;
	}
	err = s5b_new(&b, all, peer, true);
	if (err != TROTH_OK)
		return err;
	b->callbacks = *callbacks;
	(void)uv_timer_start(&b->timer, on_begin, 0, 0); /* fails only when closing */
	*out = b;
	return TROTH_OK;
}
