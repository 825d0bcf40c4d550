/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes an in-band bytestream: stanzas of its peer, as they come out of the reader. The first byte
 * chooses who opens, and whether anybody consumes. What goes out must be stanzas.
 */
#include "bytestream/ibb.h"
#include "base/limits.h"
#include "base/slice.h"
#include "need.h"
#include "xml/reader.h"

#include <string.h>
#include <troth/err.h>

#define PEER "a@b/c"
#define HEADER                                                                                     \
	"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int fill(void *user, uint8_t *out, size_t len)
{
	uint8_t *count = user;
	memset(out, 0, len);
	out[len - 1] = (*count)++;
	return TROTH_OK;
}

static void pull(struct troth_ibb *ibb)
{
	struct troth_buf out;
	struct troth_stanza *stanza;
	bool any = true;
	troth_buf_init(&out, TROTH_LIMIT_STANZA_BYTES);
	while (any) {
		need(troth_ibb_next(ibb, 0, &out, &any) == TROTH_OK);
		if (any) {
			need(troth_element_parse(&stanza, troth_buf_slice(&out)) == TROTH_OK);
			troth_stanza_free(stanza);
		}
		troth_buf_clear(&out);
	}
	troth_buf_fini(&out);
}

static void take(struct troth_ibb *ibb, const struct troth_stanza *stanza, bool consume)
{
	size_t before = troth_ibb_input(ibb).len;
	bool ended = troth_ibb_ended(ibb);
	(void)troth_ibb_feed(ibb, troth_stanza_root(stanza), PEER);
	size_t after = troth_ibb_input(ibb).len;
	need(after - before <= troth_ibb_block(ibb) && (!ended || after == before));
	if (consume)
		troth_ibb_consume(ibb, after);
	pull(ibb);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct troth_xml_limits limits = {TROTH_LIMIT_STANZA_BYTES, 8, 16};
	struct troth_xml_reader *reader;
	struct troth_xml_item item;
	struct troth_ibb *ibb;
	uint8_t count = 0;
	if (size < 1)
		return 0;
	const struct troth_ibb_params params = {
		.opener = (data[0] & 1) != 0, .peer = PEER, .sid = "a", .random = {fill, &count}};
	need(troth_ibb_new(&ibb, &params) == TROTH_OK);
	need(troth_ibb_write(ibb, troth_slice_of(data, size)) == TROTH_OK || size > 65536);
	need(troth_xml_reader_new(&reader, &limits) == TROTH_OK);
	need(troth_xml_reader_feed(reader, troth_slice_str(HEADER)) == TROTH_OK);
	bool fine = troth_xml_reader_feed(reader, troth_slice_of(data + 1, size - 1)) == TROTH_OK;
	pull(ibb);
	while (fine && troth_xml_reader_next(reader, &item) == TROTH_OK &&
	       item.kind != TROTH_XML_NONE && item.kind != TROTH_XML_CLOSE) {
		if (item.kind == TROTH_XML_ELEMENT)
			take(ibb, item.stanza, (data[0] & 2) != 0);
		troth_stanza_free(item.stanza);
	}
	troth_xml_reader_free(reader);
	troth_ibb_free(ibb);
	return 0;
}
