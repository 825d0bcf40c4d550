/* SPDX-License-Identifier: MIT */
/*
 * What happened, for people who want to see it: states and XML, as events in order.
 * Layer: stream. Must never hold a secret: only XML that is sent or was received.
 */
#include "stream/state.h"

#include <stdlib.h>
#include <string.h>

struct stream_trace {
	struct stream_trace *next;
	enum troth_event_type type;
	bool outgoing;
	char text[];
};

/* Tracing is a help: without memory for it the stream goes on untraced. */
static void add(struct troth_stream *s, enum troth_event_type type, bool outgoing,
		struct troth_slice text)
{
	if (!s->trace)
		return;
	struct stream_trace *t = calloc(1, sizeof *t + text.len + 1);
	if (t == NULL)
		return;
	t->type = type;
	t->outgoing = outgoing;
	if (text.len > 0)
		memcpy(t->text, text.data, text.len);
	struct stream_trace **end = &s->traces;
	while (*end != NULL)
		end = &(*end)->next;
	*end = t;
}

void stream_trace_state(struct troth_stream *s)
{
	const char *name = troth_stream_state(s);
	add(s, TROTH_EVENT_STATE, false, (struct troth_slice){(const uint8_t *)name, strlen(name)});
}

void stream_trace_xml(struct troth_stream *s, bool outgoing, struct troth_slice xml)
{
	add(s, TROTH_EVENT_XML, outgoing, xml);
}

bool stream_trace_next(struct troth_stream *s, struct troth_event *out)
{
	free(s->trace_shown);
	s->trace_shown = s->traces;
	if (s->traces == NULL)
		return false;
	s->traces = s->traces->next;
	stream_event(s, out, s->trace_shown->type);
	out->text = s->trace_shown->text;
	out->outgoing = s->trace_shown->outgoing;
	return true;
}

void stream_trace_fini(struct troth_stream *s)
{
	s->trace = false;
	while (s->traces != NULL) {
		struct stream_trace *next = s->traces->next;
		free(s->traces);
		s->traces = next;
	}
	free(s->trace_shown);
	s->trace_shown = NULL;
}
