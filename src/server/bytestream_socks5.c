/* SPDX-License-Identifier: MIT */
/* The SOCKS5 of one bytestream: our candidates, the peer's, and proxies. Layer: server. */
#include "server/bytestreams_state.h"

#include "io/proxied.h"
#include "io/tcp.h"
#include "xml/namespace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void free_handle(uv_handle_t *handle)
{
	free(handle);
}

static void close_tcp(uv_tcp_t **tcp)
{
	if (*tcp != NULL)
		uv_close((uv_handle_t *)*tcp, free_handle);
	*tcp = NULL;
}

/* ---- ours ---- */

static void on_accepted(void *user, uv_tcp_t *tcp, int place)
{
	struct troth_bytestream *b = user;
	if (b->opened || b->accepted_count == BYTESTREAM_ACCEPTED_MAX) {
		troth_gate_leave(&b->all->gate, place);
		uv_close((uv_handle_t *)tcp, free_handle);
		return;
	}
	b->accepted[b->accepted_count++] = (struct accepted){tcp, place};
}

static bool expect(struct troth_bytestream *b)
{
	const char *dst = b->direct ? troth_jingle_dstaddr(b->all->jingle, b->session) : NULL;
	if (dst == NULL)
		return false;
	(void)snprintf(b->dst, sizeof b->dst, "%s", dst);
	const struct troth_socks5_expected expected = {
		.dst = b->dst, .accepted = on_accepted, .user = b};
	if (!b->expected)
		b->expected = troth_socks5_listener_expect(b->all->listener, &expected) == TROTH_OK;
	return b->expected;
}

size_t socks5_candidates(struct troth_bytestream *b,
			 struct troth_jingle_candidate out[BYTESTREAM_CANDIDATES_MAX],
			 struct troth_own_address addresses[TROTH_OWN_ADDRESSES_MAX])
{
	size_t own = 0, relays, count = 0;
	const struct troth_proxy *proxies = troth_proxies_get(b->all->proxies, &relays);
	if (expect(b) && troth_own_addresses(addresses, &own) != TROTH_OK)
		own = 0; /* then by a proxy */
	for (size_t i = 0; i < own; i++)
		out[count++] = (struct troth_jingle_candidate){
			.host = addresses[i].host,
			.port = troth_socks5_listener_port(b->all->listener),
			.type = TROTH_JINGLE_DIRECT,
			.priority = troth_jingle_priority(TROTH_JINGLE_DIRECT,
							  (uint16_t)(UINT16_MAX - i)),
		};
	for (size_t i = 0; i < relays; i++)
		out[count++] = (struct troth_jingle_candidate){
			.host = proxies[i].host,
			.port = proxies[i].port,
			.jid = proxies[i].jid,
			.type = TROTH_JINGLE_PROXY,
			.priority = troth_jingle_priority(TROTH_JINGLE_PROXY,
							  (uint16_t)(UINT16_MAX - i)),
		};
	return count;
}

/* ---- the peer's ---- */

static void forget_cids(struct troth_bytestream *b)
{
	for (size_t i = 0; i < b->cid_count; i++)
		free(b->cids[i]);
	b->cid_count = 0;
}

static void on_connected(void *user, uv_tcp_t *tcp, size_t index, int err)
{
	struct troth_bytestream *b = user;
	struct troth_jingle *jingle = b->all->jingle;
	int64_t now = bytestreams_now(b->all);
	b->dial = NULL;
	if (err == TROTH_OK) {
		close_tcp(&b->connected);
		b->connected = tcp;
		b->connected_proxy = b->proxies[index];
		err = troth_jingle_connected(jingle, b->session, b->cids[index], now);
		if (err != TROTH_OK) /* no longer wanted */
			close_tcp(&b->connected);
	} else if (troth_jingle_failed(jingle, b->session, NULL, now) != TROTH_OK) {
		b->best = 0; /* likewise */
	}
	bytestreams_pump(b->all);
}

/* Whoever may not learn our address may not be connected to either, and what he calls a proxy may
 * be his own machine: only our server's are none of his. */
static bool may_connect(const struct troth_bytestream *b, const struct troth_jingle_candidate *c)
{
	size_t count;
	const struct troth_proxy *ours = troth_proxies_get(b->all->proxies, &count);
	if (b->direct)
		return true;
	for (size_t i = 0; i < count; i++) {
		if (c->type == TROTH_JINGLE_PROXY && c->port == ours[i].port &&
		    strcmp(c->host, ours[i].host) == 0)
			return true;
	}
	return false;
}

void socks5_connect(struct troth_bytestream *b, const struct troth_jingle_event *e)
{
	struct troth_socks5_candidate to[TROTH_SOCKS5_DIAL_MAX];
	size_t count = 0;
	troth_socks5_dial_cancel(b->dial);
	b->dial = NULL;
	forget_cids(b);
	b->best = 0;
	for (size_t i = 0; i < e->candidate_count && count < TROTH_SOCKS5_DIAL_MAX; i++) {
		const struct troth_jingle_candidate *c = &e->candidates[i];
		if (!may_connect(b, c))
			continue;
		b->cids[count] = strdup(c->cid);
		if (b->cids[count] == NULL)
			break;
		b->proxies[count] = c->type == TROTH_JINGLE_PROXY;
		to[count] = (struct troth_socks5_candidate){.host = c->host,
							    .port = c->port,
							    .priority = c->priority,
							    .proxy = b->proxies[count],
							    .dst = e->dstaddr};
		b->best = c->priority > b->best ? c->priority : b->best;
		b->cid_count = ++count;
	}
	const struct troth_socks5_dial_params params = {.loop = b->all->loop,
							.candidates = to,
							.count = count,
							.done = on_connected,
							.user = b};
	if (count > 0 && troth_socks5_dial_new(&b->dial, &params) == TROTH_OK)
		return;
	if (troth_jingle_failed(b->all->jingle, b->session, NULL, bytestreams_now(b->all)) !=
	    TROTH_OK)
		b->best = 0; /* it wasn't waited for */
}

void socks5_abandon(struct troth_bytestream *b, uint32_t priority)
{
	if (b->best >= priority)
		return;
	troth_socks5_dial_cancel(b->dial);
	b->dial = NULL;
}

/* ---- our proxy ---- */

struct activation {
	struct troth_bytestreams *all;
	uint64_t session;
	char *proxy;
	char *sid;
	char *peer;
};

static void activation_free(struct activation *a)
{
	if (a == NULL)
		return;
	free(a->proxy);
	free(a->sid);
	free(a->peer);
	free(a);
}

static void no_proxy(struct troth_bytestream *b)
{
	close_tcp(&b->proxy);
	if (troth_jingle_stalled(b->all->jingle, b->session, bytestreams_now(b->all)) != TROTH_OK)
		b->best = 0; /* it wasn't waited for */
	bytestreams_pump(b->all);
}

static void on_activated(void *user, const struct troth_account_answer *answer)
{
	struct activation *a = user;
	struct troth_bytestreams *all = a->all;
	struct troth_bytestream *b = bytestreams_find(all, a->session);
	activation_free(a);
	if (b == NULL || b->proxy == NULL)
		return;
	if (answer->err != TROTH_OK ||
	    troth_jingle_activated(all->jingle, b->session, bytestreams_now(all)) != TROTH_OK)
		no_proxy(b);
	else
		bytestreams_pump(all);
}

static void write_activation(void *user, struct troth_writer *w)
{
	const struct activation *a = user;
	troth_writer_open(w, TROTH_NS_BYTESTREAMS, "query");
	troth_writer_attr(w, "sid", a->sid);
	troth_writer_leaf(w, TROTH_NS_BYTESTREAMS, "activate", a->peer);
	troth_writer_close(w);
}

static void on_proxy(void *user, uv_tcp_t *tcp, size_t index, int err)
{
	struct activation *a = user;
	struct troth_bytestream *b = bytestreams_find(a->all, a->session);
	(void)index;
	b->proxy_dial = NULL;
	b->activation = NULL;
	b->proxy = tcp;
	const struct troth_account_iq iq = {.to = a->proxy,
					    .set = true,
					    .write = write_activation,
					    .write_user = a,
					    .done = on_activated,
					    .user = a};
	if (err == TROTH_OK)
		err = troth_account_ask(a->all->account, &iq);
	if (err == TROTH_OK)
		return;
	activation_free(a);
	no_proxy(b);
}

static struct activation *activation_new(const struct troth_bytestream *b,
					 const struct troth_jingle_event *e)
{
	struct activation *a = calloc(1, sizeof *a);
	if (a == NULL)
		return NULL;
	a->all = b->all;
	a->session = b->session;
	a->proxy = strdup(e->candidate->jid);
	a->sid = strdup(e->stream_sid);
	a->peer = strdup(troth_address_full(e->peer));
	if (a->proxy != NULL && a->sid != NULL && a->peer != NULL)
		return a;
	activation_free(a);
	return NULL;
}

void socks5_activate(struct troth_bytestream *b, const struct troth_jingle_event *e)
{
	const struct troth_socks5_candidate to = {.host = e->candidate->host,
						  .port = e->candidate->port,
						  .proxy = true,
						  .dst = e->dstaddr};
	b->activation = activation_new(b, e);
	const struct troth_socks5_dial_params params = {
		.loop = b->all->loop,
		.candidates = &to,
		.count = 1,
		.done = on_proxy,
		.user = b->activation,
	};
	if (b->activation != NULL && troth_socks5_dial_new(&b->proxy_dial, &params) == TROTH_OK)
		return;
	activation_free(b->activation);
	b->activation = NULL;
	if (troth_jingle_stalled(b->all->jingle, b->session, bytestreams_now(b->all)) != TROTH_OK)
		b->best = 0; /* it wasn't waited for */
}

/* ---- agreed ---- */

/* Whether a connection was made to this address of ours. */
static bool is_at(const uv_tcp_t *tcp, const struct troth_jingle_candidate *c)
{
	struct sockaddr_storage at;
	char host[INET6_ADDRSTRLEN] = "";
	int len = sizeof at;
	if (uv_tcp_getsockname(tcp, (struct sockaddr *)&at, &len) != 0 ||
	    uv_ip_name((struct sockaddr *)&at, host, sizeof host) != 0)
		return false;
	const char *plain = strncmp(host, "::ffff:", 7) == 0 ? host + 7 : host;
	return strcmp(plain, c->host) == 0;
}

static uv_tcp_t *take_accepted(struct troth_bytestream *b, const struct troth_jingle_candidate *c)
{
	for (size_t i = 0; i < b->accepted_count; i++) {
		uv_tcp_t *tcp = b->accepted[i].tcp;
		if (tcp == NULL || !is_at(tcp, c))
			continue;
		b->accepted[i].tcp = NULL;
		return tcp;
	}
	return NULL;
}

static uv_tcp_t *take(uv_tcp_t **from)
{
	uv_tcp_t *tcp = *from;
	*from = NULL;
	return tcp;
}

void socks5_open(struct troth_bytestream *b, const struct troth_jingle_event *e)
{
	bool proxy = e->candidate->type == TROTH_JINGLE_PROXY;
	uv_tcp_t *tcp = !e->ours ? take(&b->connected)
			: proxy  ? take(&b->proxy)
				 : take_accepted(b, e->candidate);
	struct troth_transport *transport;
	int err = TROTH_E_UNREACHABLE;
	if (tcp != NULL)
		err = proxy ? troth_proxied_new(&transport, b->all->loop, tcp)
			    : troth_tcp_new(&transport, tcp);
	socks5_drop(b);
	if (err == TROTH_OK)
		bytestream_open(b, transport, proxy ? TROTH_PATH_PROXY : TROTH_PATH_DIRECT);
	else if (troth_jingle_stalled(b->all->jingle, b->session, bytestreams_now(b->all)) !=
		 TROTH_OK)
		troth_jingle_terminate(b->all->jingle, b->session,
				       TROTH_JINGLE_REASON_FAILED_TRANSPORT);
}

void socks5_drop(struct troth_bytestream *b)
{
	if (b->expected)
		troth_socks5_listener_forget(b->all->listener, b->dst);
	b->expected = false;
	for (size_t i = 0; i < b->accepted_count; i++) {
		close_tcp(&b->accepted[i].tcp);
		troth_gate_leave(&b->all->gate, b->accepted[i].place);
	}
	b->accepted_count = 0;
	troth_socks5_dial_cancel(b->dial);
	b->dial = NULL;
	troth_socks5_dial_cancel(b->proxy_dial);
	if (b->proxy_dial != NULL)
		activation_free(b->activation);
	b->proxy_dial = NULL;
	b->activation = NULL;
	close_tcp(&b->connected);
	close_tcp(&b->proxy);
	forget_cids(b);
}
