/* SPDX-License-Identifier: MIT */
/* What the worker tells the account. Layer: server, in the worker's process. */
#include "server/worker_out.h"

#include "base/limits.h"
#include "base/slice.h"
#include "xml/writer.h"

#include <errno.h>
#include <string.h>
#include <troth/err.h>
#include <unistd.h>

#define MUCH ((size_t)64 * 1024)
#define ATTRIBUTES (TROTH_LIMIT_STANZA_ATTRS + 1) /* of one element, with its namespace */

void worker_out_init(struct troth_buf *out)
{
	troth_buf_init(out, MUCH + TROTH_FRAME_HEAD + TROTH_LIMIT_FRAME_BYTES);
}

static int add(struct troth_buf *out, enum troth_frame_type type, struct troth_slice body)
{
	uint8_t head[TROTH_FRAME_HEAD];
	size_t before = troth_buf_len(out);
	troth_frame_head(head, type, body.len);
	int err = troth_buf_append(out, head, sizeof head);
	if (err == TROTH_OK)
		err = troth_buf_append_slice(out, body);
	if (err != TROTH_OK)
		troth_buf_truncate(out, before);
	return err;
}

int worker_out_text(struct troth_buf *out, enum troth_frame_type type, char first, const char *text)
{
	struct troth_buf body TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&body, TROTH_LIMIT_FRAME_BYTES);
	int err = troth_buf_append_byte(&body, (uint8_t)first);
	if (err == TROTH_OK)
		err = troth_buf_append_str(&body, text);
	return err == TROTH_OK ? add(out, type, troth_buf_slice(&body)) : err;
}

/* ---- a stanza ----
 * Not by xmpp_stanza_to_text: that walks through it four times, and leaves out the namespace. */

/* libstrophe has taken the prefixes away, and the namespace is among the attributes. */
static void write_attributes(struct troth_writer *w, xmpp_stanza_t *e)
{
	const char *pairs[2 * ATTRIBUTES];
	int count = xmpp_stanza_get_attribute_count(e);
	if (count > ATTRIBUTES) {
		troth_writer_fail(w, TROTH_E_LIMIT);
		return;
	}
	int len = xmpp_stanza_get_attributes(e, pairs, 2 * ATTRIBUTES);
	for (int i = 0; i + 1 < len; i += 2)
		if (strcmp(pairs[i], "xmlns") != 0)
			troth_writer_attr_checked(w, "", pairs[i], pairs[i + 1]);
}

/* The writer's limit of depth ends the descent too. */
static void write_element(struct troth_writer *w, xmpp_stanza_t *e)
{
	const char *ns = xmpp_stanza_get_ns(e);
	troth_writer_open_checked(w, ns == NULL ? "" : ns, xmpp_stanza_get_name(e));
	write_attributes(w, e);
	for (xmpp_stanza_t *child = xmpp_stanza_get_children(e);
	     child != NULL && w->err == TROTH_OK; child = xmpp_stanza_get_next(child)) {
		if (xmpp_stanza_is_text(child))
			troth_writer_text(w, xmpp_stanza_get_text_ptr(child));
		else
			write_element(w, child);
	}
	troth_writer_close(w);
}

int worker_out_stanza(struct troth_buf *out, xmpp_stanza_t *stanza)
{
	struct troth_writer w;
	struct troth_buf body TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&body, TROTH_LIMIT_FRAME_BYTES);
	troth_writer_init(&w, &body, "");
	write_element(&w, stanza);
	int err = troth_writer_finish(&w);
	if (err == TROTH_OK)
		err = add(out, TROTH_FRAME_STANZA, troth_buf_slice(&body));
	return err == TROTH_OK || err == TROTH_E_NOMEM ? err : TROTH_OK;
}

/* ---- away ---- */

bool worker_out_is_much(const struct troth_buf *out)
{
	return troth_buf_len(out) >= MUCH;
}

bool worker_out_flush(struct troth_buf *out, int fd)
{
	while (troth_buf_len(out) > 0) {
		struct troth_slice rest = troth_buf_slice(out);
		ssize_t n = write(fd, rest.data, rest.len);
		if (n <= 0 && errno != EINTR)
			return false;
		if (n > 0)
			troth_buf_consume(out, (size_t)n);
	}
	return true;
}
