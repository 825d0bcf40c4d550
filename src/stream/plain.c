/* SPDX-License-Identifier: MIT */
/*
 * Peers that do no TLS at all: iChat, libpurple's Bonjour. Layer: stream. Only where the
 * floor admits it, and never shown as anything but plain.
 */
#include "stream/state.h"

enum step stream_plain(struct troth_stream *s, struct troth_event *out)
{
	if (!troth_floor_admits(s->floor, TROTH_METHOD_PLAIN))
		return stream_fail(s, TROTH_E_NO_TLS, "The peer offers no encryption.");
	s->method = TROTH_METHOD_PLAIN;
	s->level = TROTH_LEVEL_PLAIN;
	return stream_secured(s, out);
}

enum step stream_plain_stanza(struct troth_stream *s, struct troth_stanza *stanza,
			      struct troth_event *out)
{
	s->pending = stanza;
	return stream_plain(s, out);
}
