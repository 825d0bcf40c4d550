/* SPDX-License-Identifier: MIT */
/* Finding proxies: the server's items, what each of them is, where it listens. Layer: server. */
#include "server/proxies.h"

#include "xml/namespace.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

#define ITEMS_MAX 16 /* that are asked what they are */
#define TIMEOUT_MS 5000
#define HOST_MAX 255

struct troth_proxies {
	struct troth_account *account;
	void (*ready)(void *user);
	void *user;
	struct troth_proxy items[TROTH_PROXIES_MAX];
	size_t count;
	unsigned open;  /* questions */
	unsigned round; /* answers to earlier ones don't count */
};

/* One question. */
struct query {
	struct troth_proxies *proxies;
	unsigned round;
	const char *ns;
	char jid[];
};

static void forget(struct troth_proxies *p)
{
	for (size_t i = 0; i < p->count; i++) {
		free(p->items[i].jid);
		free(p->items[i].host);
	}
	p->count = 0;
}

static void settle(struct troth_proxies *p)
{
	if (--p->open == 0)
		p->ready(p->user);
}

static void write_query(void *user, struct troth_writer *w)
{
	const struct query *q = user;
	troth_writer_leaf(w, q->ns, "query", NULL);
}

static void ask(struct troth_proxies *p, const char *jid, const char *ns,
		void (*done)(void *user, const struct troth_account_answer *answer))
{
	struct query *q = malloc(sizeof *q + strlen(jid) + 1);
	if (q == NULL)
		return;
	q->proxies = p;
	q->round = p->round;
	q->ns = ns;
	memcpy(q->jid, jid, strlen(jid) + 1);
	const struct troth_account_iq iq = {.to = q->jid,
					    .write = write_query,
					    .write_user = q,
					    .done = done,
					    .user = q,
					    .timeout_ms = TIMEOUT_MS};
	if (troth_account_ask(p->account, &iq) != TROTH_OK)
		free(q);
	else
		p->open++;
}

/* ---- the answers, from the last to the first ---- */

static bool is_host(const char *text)
{
	size_t len = text != NULL ? strlen(text) : 0;
	return len > 0 && len <= HOST_MAX &&
	       strspn(text, "0123456789abcdefghijklmnopqrstuvwxyz"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ.:-") == len;
}

static uint16_t port_of(const char *text)
{
	char *end = NULL;
	long port = text != NULL ? strtol(text, &end, 10) : 0;
	return text != NULL && *text != 0 && *end == 0 && port > 0 && port <= UINT16_MAX
		       ? (uint16_t)port
		       : 0;
}

static void add(struct troth_proxies *p, const char *asked, const struct troth_element *host)
{
	const char *jid = troth_element_attr(host, "jid");
	const char *at = troth_element_attr(host, "host");
	uint16_t port = port_of(troth_element_attr(host, "port"));
	if (p->count == TROTH_PROXIES_MAX || port == 0 || !is_host(at))
		return;
	struct troth_proxy *to = &p->items[p->count];
	/* ejabberd's has a resource: it is activated under exactly that name. */
	*to = (struct troth_proxy){
		.jid = strdup(jid != NULL ? jid : asked), .host = strdup(at), .port = port};
	if (to->jid != NULL && to->host != NULL) {
		p->count++;
		return;
	}
	free(to->jid);
	free(to->host);
}

static void on_address(void *user, const struct troth_account_answer *answer)
{
	struct query *q = user;
	struct troth_proxies *p = q->proxies;
	const struct troth_element *query =
		troth_element_child(answer->iq, TROTH_NS_BYTESTREAMS, "query");
	const struct troth_element *host =
		troth_element_child(query, TROTH_NS_BYTESTREAMS, "streamhost");
	if (q->round == p->round && answer->err == TROTH_OK && host != NULL)
		add(p, q->jid, host);
	if (q->round == p->round)
		settle(p);
	free(q);
}

static bool is_proxy(const struct troth_element *iq)
{
	const struct troth_element *e =
		troth_element_first(troth_element_child(iq, TROTH_NS_DISCO_INFO, "query"));
	for (; e != NULL; e = troth_element_next(e)) {
		const char *category = troth_element_attr(e, "category");
		const char *type = troth_element_attr(e, "type");
		if (troth_element_is(e, TROTH_NS_DISCO_INFO, "identity") && category != NULL &&
		    type != NULL && strcmp(category, "proxy") == 0 &&
		    strcmp(type, "bytestreams") == 0)
			return true;
	}
	return false;
}

static void on_info(void *user, const struct troth_account_answer *answer)
{
	struct query *q = user;
	struct troth_proxies *p = q->proxies;
	bool now = q->round == p->round;
	if (now && answer->err == TROTH_OK && is_proxy(answer->iq))
		ask(p, q->jid, TROTH_NS_BYTESTREAMS, on_address);
	if (now)
		settle(p);
	free(q);
}

static void on_items(void *user, const struct troth_account_answer *answer)
{
	struct query *q = user;
	struct troth_proxies *p = q->proxies;
	const struct troth_element *e =
		troth_element_first(troth_element_child(answer->iq, TROTH_NS_DISCO_ITEMS, "query"));
	bool now = q->round == p->round;
	size_t asked = 0;
	for (; now && e != NULL && asked < ITEMS_MAX; e = troth_element_next(e)) {
		const char *jid = troth_element_attr(e, "jid");
		if (!troth_element_is(e, TROTH_NS_DISCO_ITEMS, "item") || jid == NULL)
			continue;
		ask(p, jid, TROTH_NS_DISCO_INFO, on_info);
		asked++;
	}
	if (now)
		settle(p);
	free(q);
}

static void on_up(void *user, bool resumed)
{
	struct troth_proxies *p = user;
	const char *domain = strchr(troth_address_bare(troth_account_address(p->account)), '@');
	if (resumed)
		return;
	forget(p);
	p->round++;
	p->open = 0;
	if (domain != NULL)
		ask(p, domain + 1, TROTH_NS_DISCO_ITEMS, on_items);
}

/* ---- life ---- */

int troth_proxies_new(struct troth_proxies **out, struct troth_account *account,
		      void (*ready)(void *user), void *user)
{
	struct troth_proxies *p = calloc(1, sizeof *p);
	if (p == NULL)
		return TROTH_E_NOMEM;
	*p = (struct troth_proxies){.account = account, .ready = ready, .user = user};
	const struct troth_account_listener listener = {.up = on_up, .user = p};
	int err = troth_account_listen(account, &listener);
	if (err != TROTH_OK)
		free(p);
	else
		*out = p;
	return err;
}

void troth_proxies_free(struct troth_proxies *p)
{
	if (p == NULL)
		return;
	forget(p);
	free(p);
}

bool troth_proxies_are_known(const struct troth_proxies *p)
{
	return p->open == 0;
}

const struct troth_proxy *troth_proxies_get(const struct troth_proxies *p, size_t *count)
{
	*count = p->count;
	return p->items;
}
