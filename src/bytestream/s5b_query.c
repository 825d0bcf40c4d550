/* SPDX-License-Identifier: MIT */
/* The IQs of SOCKS5 bytestreams. Layer: bytestream. */
#include "bytestream/s5b_query.h"

#include "base/encode.h"
#include "base/limits.h"
#include "jingle/candidate.h"

#include <stdio.h>
#include <string.h>
#include <troth/err.h>

static bool read_port(uint16_t *out, const char *text)
{
	size_t len = text != NULL ? strlen(text) : 0;
	unsigned value = 0;
	if (len == 0 || len > 5 || strspn(text, "0123456789") != len)
		return false;
	for (size_t i = 0; i < len; i++)
		value = value * 10 + (unsigned)(text[i] - '0');
	*out = (uint16_t)value;
	return value > 0 && value <= 65535;
}

/* Effect: appends the certificate that parent brings along. One that is there and can't be read is
 * an error and never none: who wants TLS doesn't do without. */
static int read_cert(struct troth_slice *out, const struct troth_element *parent,
		     struct troth_buf *der)
{
	const struct troth_element *e =
		troth_element_child(parent, TROTH_NS_BYTESTREAMS_SECURE, "cert");
	size_t before = troth_buf_len(der);
	*out = (struct troth_slice){NULL, 0};
	if (e == NULL)
		return TROTH_OK;
	const struct troth_element *another = troth_element_next(e);
	while (another != NULL && !troth_element_is(another, TROTH_NS_BYTESTREAMS_SECURE, "cert"))
		another = troth_element_next(another);
	if (another != NULL) /* which one is meant? */
		return TROTH_E_CERT;
	int err = troth_base64_decode(der, troth_element_text(e));
	if (err != TROTH_OK)
		return err == TROTH_E_NOMEM ? err : TROTH_E_CERT;
	struct troth_slice all = troth_buf_slice(der);
	*out = (struct troth_slice){all.data + before, all.len - before};
	return out->len > 0 && out->len <= TROTH_LIMIT_CERT_BYTES ? TROTH_OK : TROTH_E_CERT;
}

static void read_host(struct troth_s5b_query *q, const struct troth_element *e)
{
	struct troth_streamhost h = {.jid = troth_element_attr(e, "jid"),
				     .host = troth_element_attr(e, "host")};
	if (q->count < TROTH_STREAMHOSTS_MAX && h.jid != NULL && h.host != NULL &&
	    troth_jingle_is_host(h.host) && read_port(&h.port, troth_element_attr(e, "port")))
		q->hosts[q->count++] = h;
}

int troth_s5b_query_read(struct troth_s5b_query *out, const struct troth_element *iq,
			 struct troth_buf *der)
{
	const struct troth_element *query = troth_element_child(iq, TROTH_NS_BYTESTREAMS, "query");
	const char *mode = troth_element_attr(query, "mode");
	if (query == NULL)
		return TROTH_E_NOT_FOUND;
	if (mode != NULL && strcmp(mode, "tcp") != 0)
		return TROTH_E_PROTOCOL;
	struct troth_s5b_query q = {.sid = troth_element_attr(query, "sid"),
				    .dstaddr = troth_element_attr(query, "dstaddr")};
	for (const struct troth_element *e = troth_element_first(query); e != NULL;
	     e = troth_element_next(e))
		if (troth_element_is(e, TROTH_NS_BYTESTREAMS, "streamhost"))
			read_host(&q, e);
	int err = q.count > 0 ? read_cert(&q.cert, query, der) : TROTH_E_PROTOCOL;
	if (err == TROTH_OK)
		*out = q;
	return err;
}

int troth_s5b_used_read(struct troth_s5b_used *out, const struct troth_element *iq,
			struct troth_buf *der)
{
	const struct troth_element *query = troth_element_child(iq, TROTH_NS_BYTESTREAMS, "query");
	const struct troth_element *used =
		troth_element_child(query, TROTH_NS_BYTESTREAMS, "streamhost-used");
	struct troth_s5b_used u = {.jid = troth_element_attr(used, "jid")};
	if (query == NULL)
		return TROTH_E_NOT_FOUND;
	int err = u.jid != NULL ? read_cert(&u.cert, query, der) : TROTH_E_PROTOCOL;
	if (err == TROTH_OK)
		*out = u;
	return err;
}

static void write_cert(struct troth_writer *w, struct troth_slice der)
{
	if (der.len == 0)
		return;
	troth_writer_open(w, TROTH_NS_BYTESTREAMS_SECURE, "cert");
	troth_writer_base64(w, der);
	troth_writer_close(w);
}

void troth_s5b_query_write(struct troth_writer *w, const struct troth_s5b_query *query)
{
	troth_writer_open(w, TROTH_NS_BYTESTREAMS, "query");
	troth_writer_attr(w, "sid", query->sid);
	troth_writer_attr(w, "dstaddr", query->dstaddr);
	troth_writer_attr(w, "mode", "tcp");
	for (size_t i = 0; i < query->count; i++) {
		char port[8];
		(void)snprintf(port, sizeof port, "%u", (unsigned)query->hosts[i].port);
		troth_writer_open(w, TROTH_NS_BYTESTREAMS, "streamhost");
		troth_writer_attr(w, "jid", query->hosts[i].jid);
		troth_writer_attr(w, "host", query->hosts[i].host);
		troth_writer_attr(w, "port", port);
		troth_writer_close(w);
	}
	write_cert(w, query->cert);
	troth_writer_close(w);
}

void troth_s5b_used_write(struct troth_writer *w, const struct troth_s5b_used *used)
{
	troth_writer_open(w, TROTH_NS_BYTESTREAMS, "query");
	troth_writer_open(w, TROTH_NS_BYTESTREAMS, "streamhost-used");
	troth_writer_attr(w, "jid", used->jid);
	troth_writer_close(w);
	write_cert(w, used->cert);
	troth_writer_close(w);
}

void troth_s5b_activate_write(struct troth_writer *w, const char *sid, const char *target)
{
	troth_writer_open(w, TROTH_NS_BYTESTREAMS, "query");
	troth_writer_attr(w, "sid", sid);
	troth_writer_leaf(w, TROTH_NS_BYTESTREAMS, "activate", target);
	troth_writer_close(w);
}
