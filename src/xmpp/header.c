/* SPDX-License-Identifier: MIT */
/* The stream header. Layer: xmpp. */
#include "xmpp/header.h"

#include "xml/element.h"
#include "xml/writer.h"

#include <string.h>
#include <troth/err.h>

static int put_attr(struct troth_buf *out, const char *name, const char *value)
{
	if (value == NULL)
		return TROTH_OK;
	int err = troth_buf_append_str(out, name);
	if (err == TROTH_OK)
		err = troth_buf_append_str(out, "='");
	if (err == TROTH_OK)
		err = troth_escape_value(out, value);
	return err == TROTH_OK ? troth_buf_append_str(out, "'") : err;
}

int troth_header_write(struct troth_buf *out, const struct troth_stream_header *header)
{
	size_t before = troth_buf_len(out);
	int err = troth_buf_append_str(out,
				       "<?xml version='1.0'?><stream:stream xmlns='" TROTH_NS_CLIENT
				       "' xmlns:stream='" TROTH_NS_STREAMS "'");
	if (err == TROTH_OK)
		err = put_attr(out, " from", header->from);
	if (err == TROTH_OK)
		err = put_attr(out, " to", header->to);
	if (err == TROTH_OK)
		err = put_attr(out, " id", header->id);
	if (err == TROTH_OK)
		err = put_attr(out, " version", header->version);
	if (err == TROTH_OK)
		err = troth_buf_append_str(out, ">");
	if (err != TROTH_OK)
		troth_buf_truncate(out, before);
	return err;
}

int troth_header_write_end(struct troth_buf *out)
{
	return troth_buf_append_str(out, "</stream:stream>");
}

int troth_header_read(struct troth_stream_header *out, const struct troth_stanza *open)
{
	const struct troth_element *root = troth_stanza_root(open);
	if (!troth_element_is(root, TROTH_NS_STREAMS, "stream") ||
	    strcmp(troth_stanza_content_ns(open), TROTH_NS_CLIENT) != 0)
		return TROTH_E_PROTOCOL;
	*out = (struct troth_stream_header){
		.from = troth_element_attr(root, "from"),
		.to = troth_element_attr(root, "to"),
		.id = troth_element_attr(root, "id"),
		.version = troth_element_attr(root, "version"),
	};
	return TROTH_OK;
}

/* RFC 6120 4.7.5: "<major>.<minor>", two numbers whose leading zeros mean nothing. */
enum troth_stream_version troth_header_version(const struct troth_stream_header *header)
{
	const char *v = header->version;
	if (v == NULL)
		return TROTH_VERSION_NONE;
	v += strspn(v, "0");
	if (strncmp(v, "1.", 2) != 0)
		return TROTH_VERSION_OTHER;
	v += 2;
	size_t digits = strspn(v, "0123456789");
	return digits > 0 && v[digits] == 0 ? TROTH_VERSION_1 : TROTH_VERSION_OTHER;
}
