/* SPDX-License-Identifier: MIT */
/* Stream and stanza errors. Layer: xmpp. */
#include "xmpp/error.h"

#include "xml/writer.h"
#include "xmpp/header.h"

#include <string.h>

static const char *const stream_names[] = {
#define NAME(symbol, name) [TROTH_STREAM_##symbol] = (name),
	TROTH_STREAM_ERRORS(NAME)
#undef NAME
};

static const struct {
	const char *name;
	const char *type;
} stanza_errors[] = {
#define ENTRY(symbol, name, type) [TROTH_STANZA_##symbol] = {name, type},
	TROTH_STANZA_ERRORS(ENTRY)
#undef ENTRY
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

const char *troth_stream_condition_name(enum troth_stream_condition condition)
{
	return stream_names[condition];
}

const char *troth_stanza_condition_name(enum troth_stanza_condition condition)
{
	return stanza_errors[condition].name;
}

void troth_stream_error_write(struct troth_writer *w, enum troth_stream_condition condition,
			      const char *reason)
{
	troth_writer_open(w, TROTH_NS_STREAMS, "error");
	troth_writer_leaf(w, TROTH_NS_STREAM_ERRORS, stream_names[condition], NULL);
	if (reason != NULL)
		troth_writer_leaf(w, TROTH_NS_TROTH, reason, NULL);
	troth_writer_close(w);
}

bool troth_stream_error_read(struct troth_stream_error *out, const struct troth_element *e)
{
	struct troth_stream_error error = {TROTH_STREAM_UNDEFINED_CONDITION, NULL, ""};
	if (!troth_element_is(e, TROTH_NS_STREAMS, "error"))
		return false;
	for (size_t i = 0; i < COUNT(stream_names); i++)
		if (troth_element_child(e, TROTH_NS_STREAM_ERRORS, stream_names[i]) != NULL)
			error.condition = (enum troth_stream_condition)i;
	const struct troth_element *reason = troth_element_child(e, TROTH_NS_TROTH, NULL);
	if (reason != NULL)
		error.reason = troth_element_name(reason);
	error.text = troth_element_text(troth_element_child(e, TROTH_NS_STREAM_ERRORS, "text"));
	*out = error;
	return true;
}

void troth_stanza_error_write(struct troth_writer *w, enum troth_stanza_condition condition)
{
	troth_stanza_error_write_detail(w, condition, NULL, NULL);
}

void troth_stanza_error_write_detail(struct troth_writer *w, enum troth_stanza_condition condition,
				     const char *ns, const char *name)
{
	troth_writer_open(w, TROTH_NS_CLIENT, "error");
	troth_writer_attr(w, "type", stanza_errors[condition].type);
	troth_writer_leaf(w, TROTH_NS_STANZA_ERRORS, stanza_errors[condition].name, NULL);
	if (name != NULL)
		troth_writer_leaf(w, ns, name, NULL);
	troth_writer_close(w);
}

enum troth_stanza_condition troth_stanza_error_read(const struct troth_element *stanza)
{
	const struct troth_element *error = troth_element_child(stanza, TROTH_NS_CLIENT, "error");
	for (size_t i = 0; i < COUNT(stanza_errors); i++)
		if (troth_element_child(error, TROTH_NS_STANZA_ERRORS, stanza_errors[i].name) !=
		    NULL)
			return (enum troth_stanza_condition)i;
	return TROTH_STANZA_UNDEFINED_CONDITION;
}
