/* SPDX-License-Identifier: MIT */
/* The XML writer. Layer: xml. Must not let anything ill-formed leave. */
#include "xml/writer.h"

#include "base/encode.h"
#include "base/slice.h"
#include "xml/element.h"

#include <string.h>
#include <troth/err.h>

void troth_writer_init(struct troth_writer *w, struct troth_buf *buf, const char *default_ns)
{
	*w = (struct troth_writer){
		.buf = buf,
		.begin = troth_buf_len(buf),
		.outer_ns = default_ns,
		.err = default_ns == NULL ? TROTH_E_INVAL : TROTH_OK,
	};
}

void troth_writer_fail(struct troth_writer *w, int err)
{
	if (w->err == TROTH_OK)
		w->err = err;
}

static void put(struct troth_writer *w, const char *text)
{
	if (w->err == TROTH_OK)
		w->err = troth_buf_append_str(w->buf, text);
}

static void put_value(struct troth_writer *w, const char *text)
{
	put(w, "='");
	if (w->err == TROTH_OK)
		w->err = troth_escape_value(w->buf, text);
	put(w, "'");
}

static void end_start_tag(struct troth_writer *w)
{
	if (w->start_tag_open)
		put(w, ">");
	w->start_tag_open = false;
}

/* Namespaces in XML 1.0: NCName, of ASCII: no name of ours or of any XEP has more. */
static bool is_name(const char *name)
{
	if (name == NULL || name[0] == 0 || strchr("-.0123456789", name[0]) != NULL)
		return false;
	return name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				 "_-.0123456789")] == 0;
}

/* Two namespaces have a prefix always: the streams namespace has its own by custom
 * (RFC 6120 4.8.5), the one of xml:lang can't be a default (Namespaces in XML 3). */
static const char *element_prefix(const char *ns)
{
	if (strcmp(ns, TROTH_NS_STREAMS) == 0)
		return "stream:";
	return strcmp(ns, TROTH_NS_XML) == 0 ? "xml:" : "";
}

void troth_writer_open_checked(struct troth_writer *w, const char *ns, const char *name)
{
	const char *outside = w->depth == 0 ? w->outer_ns : w->ns[w->depth - 1];
	const char *prefix = element_prefix(ns);
	bool prefixed = prefix[0] != 0;
	if (w->depth == TROTH_WRITER_DEPTH) {
		troth_writer_fail(w, TROTH_E_LIMIT);
		return;
	}
	end_start_tag(w);
	put(w, "<");
	put(w, prefix);
	put(w, name);
	if (!prefixed && strcmp(ns, outside) != 0) {
		put(w, " xmlns");
		put_value(w, ns);
	}
	w->prefix[w->depth] = prefix;
	w->name[w->depth] = name;
	w->ns[w->depth] = prefixed ? outside : ns;
	w->depth++;
	w->start_tag_open = true;
}

void troth_writer_open(struct troth_writer *w, const char *ns, const char *name)
{
	if (w->err != TROTH_OK)
		return;
	if (ns == NULL || strcmp(ns, TROTH_NS_XMLNS) == 0 || !is_name(name))
		troth_writer_fail(w, TROTH_E_INVAL);
	else
		troth_writer_open_checked(w, ns, name);
}

/* Whether the open start tag has the attribute. The tag begins at the last '<', and
 * no value holds an apostrophe: both are written as references. */
static bool has_attr(const struct troth_writer *w, const char *prefix, const char *name)
{
	struct troth_slice s = troth_buf_slice(w->buf);
	const uint8_t *tag = memrchr(s.data, '<', s.len);
	size_t prefix_len = strlen(prefix);
	size_t name_len = strlen(name);
	const uint8_t *end = s.data + s.len;
	for (const uint8_t *at = tag; at != NULL;
	     at = memchr(at + 1, ' ', (size_t)(end - at - 1))) {
		size_t left = (size_t)(end - at) - 1;
		if (*at == ' ' && left > prefix_len + name_len + 2 &&
		    memcmp(at + 1, prefix, prefix_len) == 0 &&
		    memcmp(at + 1 + prefix_len, name, name_len) == 0 &&
		    memcmp(at + 1 + prefix_len + name_len, "='", 2) == 0)
			return true;
	}
	return false;
}

void troth_writer_attr_checked(struct troth_writer *w, const char *prefix, const char *name,
			       const char *value)
{
	put(w, " ");
	put(w, prefix);
	put(w, name);
	put_value(w, value);
}

void troth_writer_attr(struct troth_writer *w, const char *name, const char *value)
{
	if (w->err != TROTH_OK || value == NULL)
		return;
	const char *prefix = "";
	if (name != NULL && strncmp(name, "xml:", 4) == 0) {
		prefix = "xml:";
		name += 4;
	}
	if (!w->start_tag_open || !is_name(name) || (*prefix == 0 && strcmp(name, "xmlns") == 0) ||
	    has_attr(w, prefix, name))
		troth_writer_fail(w, TROTH_E_INVAL);
	else
		troth_writer_attr_checked(w, prefix, name, value);
}

void troth_writer_text(struct troth_writer *w, const char *text)
{
	if (w->depth == 0 || text == NULL)
		troth_writer_fail(w, TROTH_E_INVAL);
	if (w->err != TROTH_OK || text[0] == 0)
		return;
	end_start_tag(w);
	if (w->err == TROTH_OK)
		w->err = troth_escape_text(w->buf, text);
}

void troth_writer_base64(struct troth_writer *w, struct troth_slice bytes)
{
	if (w->depth == 0)
		troth_writer_fail(w, TROTH_E_INVAL);
	if (w->err != TROTH_OK || bytes.len == 0)
		return;
	end_start_tag(w);
	if (w->err == TROTH_OK)
		w->err = troth_base64_encode(w->buf, bytes);
}

void troth_writer_close(struct troth_writer *w)
{
	if (w->depth == 0)
		troth_writer_fail(w, TROTH_E_INVAL);
	if (w->err != TROTH_OK)
		return;
	w->depth--;
	if (w->start_tag_open) {
		put(w, "/>");
	} else {
		put(w, "</");
		put(w, w->prefix[w->depth]);
		put(w, w->name[w->depth]);
		put(w, ">");
	}
	w->start_tag_open = false;
}

void troth_writer_leaf(struct troth_writer *w, const char *ns, const char *name, const char *text)
{
	troth_writer_open(w, ns, name);
	if (text != NULL)
		troth_writer_text(w, text);
	troth_writer_close(w);
}

int troth_writer_finish(struct troth_writer *w)
{
	if (w->depth != 0)
		troth_writer_fail(w, TROTH_E_INVAL);
	if (w->err != TROTH_OK)
		troth_buf_truncate(w->buf, w->begin);
	return w->err;
}
