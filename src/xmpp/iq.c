/* SPDX-License-Identifier: MIT */
/* IQ stanzas. Layer: xmpp. Must not answer an answer. */
#include "xmpp/iq.h"

#include "base/encode.h"
#include "base/slice.h"
#include "xml/writer.h"
#include "xmpp/header.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

struct entry {
	bool used;
	char id[TROTH_IQ_ID_LEN + 1];
	char *to;
	int tag;
	int64_t deadline;
};

struct troth_iq_tracker {
	struct troth_iq_random random;
	struct entry entries[TROTH_IQ_OUTSTANDING];
};

static bool has_type(const struct troth_element *e, const char *type)
{
	const char *given = troth_element_attr(e, "type");
	return troth_element_is(e, TROTH_NS_CLIENT, "iq") && given != NULL &&
	       strcmp(given, type) == 0;
}

bool troth_iq_is_request(const struct troth_element *e)
{
	return has_type(e, "get") || has_type(e, "set");
}

static void open_answer(struct troth_writer *w, const struct troth_element *request,
			const char *type)
{
	if (!troth_iq_is_request(request)) {
		troth_writer_fail(w, TROTH_E_INVAL);
		return;
	}
	troth_writer_open(w, TROTH_NS_CLIENT, "iq");
	troth_writer_attr(w, "type", type);
	troth_writer_attr(w, "id", troth_element_attr(request, "id"));
	troth_writer_attr(w, "from", troth_element_attr(request, "to"));
	troth_writer_attr(w, "to", troth_element_attr(request, "from"));
}

void troth_iq_result_open(struct troth_writer *w, const struct troth_element *request)
{
	open_answer(w, request, "result");
}

void troth_iq_error(struct troth_writer *w, const struct troth_element *request,
		    enum troth_stanza_condition condition)
{
	open_answer(w, request, "error");
	troth_stanza_error_write(w, condition);
	troth_writer_close(w);
}

int troth_iq_tracker_new(struct troth_iq_tracker **out, const struct troth_iq_random *random)
{
	struct troth_iq_tracker *t = calloc(1, sizeof *t);
	if (t == NULL)
		return TROTH_E_NOMEM;
	t->random = *random;
	*out = t;
	return TROTH_OK;
}

static void forget(struct entry *entry)
{
	free(entry->to);
	*entry = (struct entry){0};
}

void troth_iq_tracker_free(struct troth_iq_tracker *tracker)
{
	if (tracker == NULL)
		return;
	for (size_t i = 0; i < TROTH_IQ_OUTSTANDING; i++)
		forget(&tracker->entries[i]);
	free(tracker);
}

static struct entry *unused(struct troth_iq_tracker *t)
{
	for (size_t i = 0; i < TROTH_IQ_OUTSTANDING; i++)
		if (!t->entries[i].used)
			return &t->entries[i];
	return NULL;
}

int troth_iq_tracker_add(struct troth_iq_tracker *tracker, const struct troth_iq_request *request,
			 const char **id)
{
	uint8_t bytes[TROTH_IQ_ID_LEN / 2];
	struct entry *entry = unused(tracker);
	if (entry == NULL)
		return TROTH_E_LIMIT;
	int err = tracker->random.fill(tracker->random.user, bytes, sizeof bytes);
	if (err != TROTH_OK)
		return err;
	if (request->to != NULL) {
		entry->to = strdup(request->to);
		if (entry->to == NULL)
			return TROTH_E_NOMEM;
	}
	troth_hex(entry->id, troth_slice_of(bytes, sizeof bytes));
	entry->tag = request->tag;
	entry->deadline = request->deadline;
	entry->used = true;
	*id = entry->id;
	return TROTH_OK;
}

static bool same_peer(const char *asked, const char *from)
{
	return asked == NULL || from == NULL ? asked == from : strcmp(asked, from) == 0;
}

int troth_iq_tracker_match(struct troth_iq_tracker *tracker, const struct troth_element *iq,
			   const char *from, struct troth_iq_answer *out)
{
	bool ok = has_type(iq, "result");
	const char *id = troth_element_attr(iq, "id");
	if (id == NULL || (!ok && !has_type(iq, "error")))
		return TROTH_E_NOT_FOUND;
	for (size_t i = 0; i < TROTH_IQ_OUTSTANDING; i++) {
		struct entry *entry = &tracker->entries[i];
		if (!entry->used || strcmp(entry->id, id) != 0 || !same_peer(entry->to, from))
			continue;
		*out = (struct troth_iq_answer){entry->tag, ok, TROTH_STANZA_UNDEFINED_CONDITION};
		if (!ok)
			out->condition = troth_stanza_error_read(iq);
		forget(entry);
		return TROTH_OK;
	}
	return TROTH_E_NOT_FOUND;
}

void troth_iq_tracker_forget(struct troth_iq_tracker *tracker, int tag)
{
	for (size_t i = 0; i < TROTH_IQ_OUTSTANDING; i++)
		if (tracker->entries[i].used && tracker->entries[i].tag == tag)
			forget(&tracker->entries[i]);
}

int64_t troth_iq_tracker_deadline(const struct troth_iq_tracker *tracker)
{
	int64_t first = INT64_MAX;
	for (size_t i = 0; i < TROTH_IQ_OUTSTANDING; i++)
		if (tracker->entries[i].used && tracker->entries[i].deadline < first)
			first = tracker->entries[i].deadline;
	return first;
}

bool troth_iq_tracker_expire(struct troth_iq_tracker *tracker, int64_t now, int *tag)
{
	for (size_t i = 0; i < TROTH_IQ_OUTSTANDING; i++) {
		struct entry *entry = &tracker->entries[i];
		if (!entry->used || entry->deadline > now)
			continue;
		*tag = entry->tag;
		forget(entry);
		return true;
	}
	return false;
}
