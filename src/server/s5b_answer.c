/* SPDX-License-Identifier: MIT */
/* A bytestream that others ask for: XEP-0065's target. Layer: server. */
#include "server/s5b_state.h"

#include "base/slice.h"

#include <stdlib.h>
#include <string.h>

/* ---- answering ---- */

struct reply {
	const struct troth_s5b *b;
	const char *used; /* NULL: none could be connected to */
};

static void write_reply(void *user, struct troth_writer *w)
{
	const struct reply *r = user;
	const struct troth_s5b_used used = {.jid = r->used, .cert = troth_secured_cert(r->b->tls)};
	troth_writer_open(w, TROTH_NS_CLIENT, "iq");
	troth_writer_attr(w, "type", r->used != NULL ? "result" : "error");
	troth_writer_attr(w, "id", r->b->request);
	troth_writer_attr(w, "to", troth_address_full(r->b->peer));
	if (r->used != NULL)
		troth_s5b_used_write(w, &used);
	else /* XEP-0065 5.3.2: "it MUST return an <item-not-found/> error to the Requester" */
		troth_stanza_error_write(w, TROTH_STANZA_ITEM_NOT_FOUND);
	troth_writer_close(w);
}

static void on_dialled(void *user, uv_tcp_t *tcp, size_t index, int err)
{
	struct troth_s5b *b = user;
	b->dial = NULL;
	struct reply r = {b, err == TROTH_OK ? b->hosts[index] : NULL};
	int sent = troth_account_send(b->all->account, write_reply, &r);
	if (err == TROTH_OK)
		err = sent;
	if (err == TROTH_OK) {
		s5b_begin(b, tcp, b->relays[index]);
		return;
	}
	s5b_close_tcp(&tcp);
	s5b_end(b, err);
}

/* ---- connecting ---- */

/* Whoever may not learn our address has us connect to nothing of his: what he calls a proxy may be
 * his own machine. Only our server's are none of his. */
static bool may_connect(const struct troth_s5b_account *all, const struct troth_streamhost *h)
{
	size_t count;
	const struct troth_proxy *ours = troth_proxies_get(all->proxies, &count);
	if (all->params.direct)
		return true;
	for (size_t i = 0; i < count; i++)
		if (h->port == ours[i].port && strcmp(h->host, ours[i].host) == 0)
			return true;
	return false;
}

static int dial(struct troth_s5b *b, const struct troth_s5b_query *query)
{
	struct troth_socks5_candidate to[TROTH_STREAMHOSTS_MAX];
	for (size_t i = 0; i < query->count; i++) {
		const struct troth_streamhost *h = &query->hosts[i];
		size_t at = b->host_count;
		if (!may_connect(b->all, h))
			continue;
		b->hosts[at] = strdup(h->jid);
		if (b->hosts[at] == NULL)
			return TROTH_E_NOMEM;
		b->relays[at] = strcmp(h->jid, troth_address_full(b->peer)) != 0;
		/* The requester's order: the first one that works is used. */
		to[at] = (struct troth_socks5_candidate){
			.host = h->host,
			.port = h->port,
			.priority = (uint32_t)(TROTH_STREAMHOSTS_MAX - i),
			.proxy = b->relays[at],
			.dst = b->dst};
		b->host_count++;
	}
	const struct troth_socks5_dial_params params = {.loop = b->all->loop,
							.candidates = to,
							.count = b->host_count,
							.done = on_dialled,
							.user = b};
	return b->host_count > 0 ? troth_socks5_dial_new(&b->dial, &params) : TROTH_E_UNREACHABLE;
}

/* ---- what is asked for ---- */

static int read_dst(struct troth_s5b *b, const struct troth_s5b_query *query)
{
	if (query->dstaddr == NULL)
		return troth_socks5_dst(b->dst, query->sid, troth_address_full(b->peer),
					s5b_own_jid(b->all));
	if (!troth_socks5_is_dst(query->dstaddr))
		return TROTH_E_PROTOCOL;
	memcpy(b->dst, query->dstaddr, sizeof b->dst);
	return TROTH_OK;
}

static int begin(struct troth_s5b *b, const struct troth_s5b_query *query,
		 const struct troth_element *iq)
{
	const char *id = troth_element_attr(iq, "id");
	b->request = strdup(id != NULL ? id : "");
	if (b->request == NULL)
		return TROTH_E_NOMEM;
	int err = read_dst(b, query);
	if (err == TROTH_OK)
		err = troth_buf_append_slice(&b->cert, query->cert);
	return err == TROTH_OK ? dial(b, query) : err;
}

/* Effect: b, which nobody hears of until it is wanted. */
static int take(struct troth_s5b_account *all, const struct troth_s5b_query *query,
		const struct troth_element *iq, struct troth_address *peer)
{
	struct troth_s5b *b;
	struct troth_s5b_callbacks callbacks = {.over = NULL};
	int err = s5b_new(&b, all, peer, false);
	if (err != TROTH_OK)
		return err;
	if (all->params.called == NULL ||
	    !all->params.called(all->params.user, b, b->peer, &callbacks))
		err = TROTH_E_REFUSED;
	else
		b->callbacks = callbacks;
	if (err == TROTH_OK)
		err = begin(b, query, iq);
	if (err != TROTH_OK)
		s5b_end(b, err);
	return err;
}

static enum troth_stanza_condition condition(int err)
{
	switch (err) {
	case TROTH_E_UNREACHABLE:
		return TROTH_STANZA_ITEM_NOT_FOUND;
	case TROTH_E_PROTOCOL:
	case TROTH_E_CERT:
		return TROTH_STANZA_BAD_REQUEST;
	default: /* XEP-0065 5.3.1: "it MUST return an error of <not-acceptable/>" */
		return TROTH_STANZA_NOT_ACCEPTABLE;
	}
}

bool s5b_answer(struct troth_s5b_account *all, const struct troth_element *iq)
{
	struct troth_buf der TROTH_CLEANUP(troth_buf_fini);
	struct troth_s5b_query query;
	struct troth_address *peer;
	const char *from = troth_element_attr(iq, "from");
	const char *type = troth_element_attr(iq, "type");
	troth_buf_init(&der, TROTH_LIMIT_CERT_BYTES);
	if (!troth_element_is(iq, TROTH_NS_CLIENT, "iq") || type == NULL ||
	    strcmp(type, "set") != 0 || from == NULL || !troth_account_admits(all->account, from))
		return false;
	int err = troth_s5b_query_read(&query, iq, &der);
	if (err == TROTH_E_NOT_FOUND)
		return false;
	if (err == TROTH_OK && query.sid == NULL)
		err = TROTH_E_PROTOCOL;
	if (err == TROTH_OK && query.cert.len == 0) /* in clear it isn't wanted */
		err = TROTH_E_NO_TLS;
	if (err == TROTH_OK)
		err = troth_address_new(&peer, TROTH_REALM_SERVER, from);
	if (err == TROTH_OK)
		err = take(all, &query, iq, peer);
	return err == TROTH_OK ||
	       troth_account_refuse(all->account, iq, condition(err)) == TROTH_OK;
}
