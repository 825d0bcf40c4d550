/* SPDX-License-Identifier: MIT */
/* In-band bytestreams: what arrives. Layer: bytestream. Must not believe a stanza's own word for
 * its sender. */
#include "base/encode.h"
#include "base/limits.h"
#include "bytestream/ibb_state.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

#define BLOCK_LEAST 256 /* a peer that wants less than this wants none */

static bool has_text(const char *text, const char *expected)
{
	return text != NULL && strcmp(text, expected) == 0;
}

/* xs:unsignedShort, as everybody writes it. */
static bool read_number(unsigned *out, const char *text)
{
	size_t len = text != NULL ? strlen(text) : 0;
	unsigned value = 0;
	if (len == 0 || len > 5 || strspn(text, "0123456789") != len)
		return false;
	for (size_t i = 0; i < len; i++)
		value = value * 10 + (unsigned)(text[i] - '0');
	*out = value;
	return value <= 65535;
}

/* ---- what we owe ---- */

static int owe(struct troth_ibb *ibb, const struct troth_element *iq,
	       const struct troth_ibb_answer *what)
{
	const char *id = troth_element_attr(iq, "id");
	struct troth_ibb_answer **at = &ibb->answers;
	if (!troth_iq_is_request(iq)) /* a message: nobody waits for an answer */
		return TROTH_OK;
	if (id == NULL)
		id = "";
	if (ibb->answer_count == TROTH_LIMIT_IBB_ANSWERS) {
		troth_ibb_fail(ibb, TROTH_E_LIMIT, true);
		return TROTH_OK;
	}
	struct troth_ibb_answer *a = malloc(sizeof *a + strlen(id) + 1);
	if (a == NULL)
		return TROTH_E_NOMEM;
	*a = *what;
	a->next = NULL;
	memcpy(a->id, id, strlen(id) + 1);
	while (*at != NULL)
		at = &(*at)->next;
	*at = a;
	ibb->answer_count++;
	return TROTH_OK;
}

static int owe_error(struct troth_ibb *ibb, const struct troth_element *iq, const char *type,
		     enum troth_stanza_condition condition)
{
	const struct troth_ibb_answer a = {.error = true, .type = type, .condition = condition};
	return owe(ibb, iq, &a);
}

/* XEP-0047 2.2: "the recipient MUST close the bytestream" */
static int break_off(struct troth_ibb *ibb, const struct troth_element *stanza,
		     enum troth_stanza_condition condition)
{
	int err = owe_error(ibb, stanza, "cancel", condition);
	troth_ibb_fail(ibb, TROTH_E_PROTOCOL, true);
	return err;
}

/* ---- the peer's requests ---- */

static int read_open(struct troth_ibb *ibb, const struct troth_element *iq,
		     const struct troth_element *e)
{
	const char *stanza = troth_element_attr(e, "stanza");
	unsigned block;
	const struct troth_ibb_answer ok = {.error = false};
	if (ibb->opener || ibb->opened || troth_ibb_ended(ibb))
		return owe_error(ibb, iq, "cancel", TROTH_STANZA_NOT_ACCEPTABLE);
	if (!read_number(&block, troth_element_attr(e, "block-size")) || block == 0 ||
	    (stanza != NULL && !has_text(stanza, "iq") && !has_text(stanza, "message")))
		return owe_error(ibb, iq, "modify", TROTH_STANZA_BAD_REQUEST);
	/* XEP-0047 2.1: "would prefer a smaller block-size" */
	if (block > ibb->block)
		return owe_error(ibb, iq, "modify", TROTH_STANZA_RESOURCE_CONSTRAINT);
	ibb->block = block;
	ibb->opened = true;
	if (ibb->state == TROTH_IBB_WAITING)
		ibb->state = TROTH_IBB_OPEN;
	return owe(ibb, iq, &ok);
}

/* Effect: appends the data. Errors: TROTH_E_FORMAT for what isn't, or is too much for a block;
 * TROTH_E_LIMIT when nobody consumes; then nothing is appended. */
static int take(struct troth_ibb *ibb, const struct troth_element *e)
{
	size_t before = troth_buf_len(&ibb->in);
	if (troth_element_first(e) != NULL)
		return TROTH_E_FORMAT;
	int err = troth_base64_decode(&ibb->in, troth_element_text(e));
	if (err == TROTH_OK && troth_buf_len(&ibb->in) - before > ibb->block) {
		troth_buf_truncate(&ibb->in, before);
		err = TROTH_E_FORMAT;
	}
	return err;
}

static int read_data(struct troth_ibb *ibb, const struct troth_element *stanza,
		     const struct troth_element *e)
{
	const struct troth_ibb_answer ok = {.held = true};
	unsigned seq;
	if (!ibb->opened || ibb->peer_closed || troth_ibb_ended(ibb))
		return owe_error(ibb, stanza, "cancel", TROTH_STANZA_ITEM_NOT_FOUND);
	if (!read_number(&seq, troth_element_attr(e, "seq")))
		return break_off(ibb, stanza, TROTH_STANZA_BAD_REQUEST);
	/* XEP-0047 2.2: "The recipient MUST NOT process the data of such an out-of-sequence
	 * packet, nor any that follow it within the same bytestream" */
	if (seq != ibb->seq_in)
		return break_off(ibb, stanza, TROTH_STANZA_UNEXPECTED_REQUEST);
	int err = take(ibb, e);
	if (err == TROTH_E_FORMAT)
		return break_off(ibb, stanza, TROTH_STANZA_BAD_REQUEST);
	if (err == TROTH_E_LIMIT) {
		err = owe_error(ibb, stanza, "wait", TROTH_STANZA_RESOURCE_CONSTRAINT);
		troth_ibb_fail(ibb, TROTH_E_LIMIT, true);
		return err;
	}
	if (err != TROTH_OK)
		return err;
	ibb->seq_in++;
	return owe(ibb, stanza, &ok);
}

static int read_close(struct troth_ibb *ibb, const struct troth_element *iq)
{
	const char *id = troth_element_attr(iq, "id");
	if (!ibb->opened || ibb->peer_closed || ibb->state == TROTH_IBB_CLOSED)
		return owe_error(ibb, iq, "cancel", TROTH_STANZA_ITEM_NOT_FOUND);
	ibb->close_id = strdup(id != NULL ? id : "");
	if (ibb->close_id == NULL)
		return TROTH_E_NOMEM;
	ibb->peer_closed = true;
	ibb->close_due = false;
	return TROTH_OK;
}

/* ---- the peer's answers ---- */

static void opened(struct troth_ibb *ibb, const struct troth_iq_answer *a)
{
	if (a->ok) {
		ibb->opened = true;
		if (ibb->state == TROTH_IBB_WAITING)
			ibb->state = TROTH_IBB_OPEN;
	} else if (a->condition == TROTH_STANZA_RESOURCE_CONSTRAINT &&
		   ibb->block / 2 >= BLOCK_LEAST) {
		ibb->block /= 2;
		ibb->open_sent = false;
	} else {
		bool gone = a->condition == TROTH_STANZA_RECIPIENT_UNAVAILABLE;
		troth_ibb_fail(ibb, gone ? TROTH_E_UNREACHABLE : TROTH_E_PEER_REFUSED, false);
	}
}

static void delivered(struct troth_ibb *ibb, const struct troth_iq_answer *a)
{
	ibb->unanswered--;
	ibb->in_flight -= (size_t)a->tag;
	/* XEP-0047 2.2: "Upon receiving an error related to the data packet, the sender MUST close
	 * the bytestream". Neither is one tried again that wasn't delivered: others may have been.
	 */
	if (!a->ok)
		troth_ibb_fail(ibb, TROTH_E_TRUNCATED, a->condition != TROTH_STANZA_ITEM_NOT_FOUND);
}

static int read_answer(struct troth_ibb *ibb, const struct troth_element *iq, const char *from)
{
	struct troth_iq_answer a;
	int err = troth_iq_tracker_match(ibb->tracker, iq, from, &a);
	if (err != TROTH_OK)
		return err;
	if (a.tag == TROTH_IBB_TAG_OPEN)
		opened(ibb, &a);
	else if (a.tag == TROTH_IBB_TAG_CLOSE)
		troth_ibb_settle(ibb); /* XEP-0047 2.3: "In either case" */
	else
		delivered(ibb, &a);
	return TROTH_OK;
}

/* ---- which it is ---- */

static int read_message(struct troth_ibb *ibb, const struct troth_element *message,
			const struct troth_element *e)
{
	if (has_text(troth_element_attr(message, "type"), "error")) {
		troth_ibb_fail(ibb, TROTH_E_TRUNCATED, true);
		return TROTH_OK;
	}
	return troth_element_is(e, NULL, "data") ? read_data(ibb, message, e) : TROTH_E_NOT_FOUND;
}

static int read_set(struct troth_ibb *ibb, const struct troth_element *iq,
		    const struct troth_element *e)
{
	if (troth_element_is(e, NULL, "open"))
		return read_open(ibb, iq, e);
	if (troth_element_is(e, NULL, "data"))
		return read_data(ibb, iq, e);
	if (troth_element_is(e, NULL, "close"))
		return read_close(ibb, iq);
	return TROTH_E_NOT_FOUND;
}

int troth_ibb_feed(struct troth_ibb *ibb, const struct troth_element *stanza, const char *from)
{
	const struct troth_element *e = troth_element_child(stanza, TROTH_NS_IBB, NULL);
	const char *type = troth_element_attr(stanza, "type");
	bool iq = troth_element_is(stanza, TROTH_NS_CLIENT, "iq");
	/* Anybody can name our sid. */
	if (from == NULL || strcmp(from, ibb->peer) != 0)
		return TROTH_E_NOT_FOUND;
	if (iq && (has_text(type, "result") || has_text(type, "error")))
		return read_answer(ibb, stanza, from);
	if (e == NULL || !has_text(troth_element_attr(e, "sid"), ibb->sid))
		return TROTH_E_NOT_FOUND;
	if (iq)
		return has_text(type, "set") ? read_set(ibb, stanza, e) : TROTH_E_NOT_FOUND;
	if (troth_element_is(stanza, TROTH_NS_CLIENT, "message"))
		return read_message(ibb, stanza, e);
	return TROTH_E_NOT_FOUND;
}
