/* SPDX-License-Identifier: MIT */
/* In-band bytestreams: what is sent. Layer: bytestream. */
#include "bytestream/ibb.h"

#include "base/limits.h"
#include "base/slice.h"
#include "bytestream/ibb_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

#define BLOCK_MOST 65535 /* XEP-0047 2.1: "which MUST NOT be greater than 65535" */

static bool fits(const struct troth_ibb_params *p)
{
	return p->peer != NULL && p->sid != NULL && p->sid[0] != 0 && p->block <= BLOCK_MOST &&
	       p->window <= TROTH_LIMIT_IBB_WINDOW && p->random.fill != NULL;
}

int troth_ibb_new(struct troth_ibb **out, const struct troth_ibb_params *params)
{
	if (!fits(params))
		return TROTH_E_INVAL;
	struct troth_ibb *ibb = calloc(1, sizeof *ibb);
	if (ibb == NULL)
		return TROTH_E_NOMEM;
	ibb->opener = params->opener;
	ibb->block = params->block != 0 ? params->block : TROTH_IBB_BLOCK;
	ibb->window = params->window != 0 ? params->window : TROTH_IBB_WINDOW;
	troth_buf_init(&ibb->in, TROTH_LIMIT_IBB_BYTES);
	troth_buf_init(&ibb->out, TROTH_LIMIT_IBB_BYTES);
	ibb->peer = strdup(params->peer);
	ibb->sid = strdup(params->sid);
	int err = ibb->peer != NULL && ibb->sid != NULL ? TROTH_OK : TROTH_E_NOMEM;
	if (err == TROTH_OK)
		err = troth_iq_tracker_new(&ibb->tracker, &params->random);
	if (err != TROTH_OK) {
		troth_ibb_free(ibb);
		return err;
	}
	*out = ibb;
	return TROTH_OK;
}

void troth_ibb_free(struct troth_ibb *ibb)
{
	if (ibb == NULL)
		return;
	while (ibb->answers != NULL) {
		struct troth_ibb_answer *first = ibb->answers;
		ibb->answers = first->next;
		free(first);
	}
	troth_iq_tracker_free(ibb->tracker);
	troth_buf_fini(&ibb->in);
	troth_buf_fini(&ibb->out);
	free(ibb->close_id);
	free(ibb->peer);
	free(ibb->sid);
	free(ibb);
}

enum troth_ibb_state troth_ibb_state(const struct troth_ibb *ibb)
{
	return ibb->state;
}

int troth_ibb_error(const struct troth_ibb *ibb)
{
	return ibb->err;
}

unsigned troth_ibb_block(const struct troth_ibb *ibb)
{
	return ibb->block;
}

/* ---- the end ---- */

void troth_ibb_fail(struct troth_ibb *ibb, int err, bool tell)
{
	if (ibb->state == TROTH_IBB_FAILED || ibb->state == TROTH_IBB_CLOSED)
		return;
	ibb->state = TROTH_IBB_FAILED;
	ibb->err = err;
	ibb->close_due = tell && !ibb->close_sent;
	troth_buf_clear(&ibb->out);
}

void troth_ibb_settle(struct troth_ibb *ibb)
{
	if (ibb->state != TROTH_IBB_FAILED)
		ibb->state = TROTH_IBB_CLOSED;
}

void troth_ibb_close(struct troth_ibb *ibb)
{
	bool begun = ibb->open_sent || troth_buf_len(&ibb->out) > 0;
	if (ibb->state == TROTH_IBB_WAITING && !begun)
		ibb->state = TROTH_IBB_CLOSED; /* the peer knows of nothing, and needn't */
	else if (ibb->state == TROTH_IBB_WAITING || ibb->state == TROTH_IBB_OPEN)
		ibb->state = TROTH_IBB_CLOSING;
}

void troth_ibb_abort(struct troth_ibb *ibb)
{
	troth_ibb_fail(ibb, TROTH_E_TRUNCATED, ibb->open_sent || ibb->opened);
}

int64_t troth_ibb_deadline(const struct troth_ibb *ibb)
{
	bool over = ibb->state == TROTH_IBB_CLOSED || ibb->state == TROTH_IBB_FAILED;
	return over ? INT64_MAX : troth_iq_tracker_deadline(ibb->tracker);
}

void troth_ibb_expire(struct troth_ibb *ibb, int64_t now)
{
	int tag;
	while (troth_iq_tracker_expire(ibb->tracker, now, &tag)) {
		if (tag == TROTH_IBB_TAG_CLOSE)
			troth_ibb_settle(ibb);
		else
			troth_ibb_fail(ibb, TROTH_E_TIMEOUT, true);
	}
}

/* ---- bytes ---- */

int troth_ibb_write(struct troth_ibb *ibb, struct troth_slice bytes)
{
	if (ibb->peer_closed || (ibb->state != TROTH_IBB_WAITING && ibb->state != TROTH_IBB_OPEN))
		return TROTH_E_INVAL;
	return troth_buf_append_slice(&ibb->out, bytes);
}

size_t troth_ibb_unsent(const struct troth_ibb *ibb)
{
	return troth_buf_len(&ibb->out) + ibb->in_flight;
}

struct troth_slice troth_ibb_input(const struct troth_ibb *ibb)
{
	return troth_buf_slice(&ibb->in);
}

void troth_ibb_consume(struct troth_ibb *ibb, size_t len)
{
	troth_buf_consume(&ibb->in, len);
}

bool troth_ibb_ended(const struct troth_ibb *ibb)
{
	return ibb->peer_closed || ibb->state == TROTH_IBB_FAILED || ibb->state == TROTH_IBB_CLOSED;
}

/* ---- stanzas ---- */

/* Effect: writes one of our requests; with data, the first `tag` bytes that wait. */
static int write_request(struct troth_ibb *ibb, int64_t now, int tag, struct troth_buf *out)
{
	const struct troth_iq_request request = {
		.to = ibb->peer, .tag = tag, .deadline = now + TROTH_TIME_IBB_ANSWER};
	const char *id;
	char number[16];
	struct troth_writer w;
	int err = troth_iq_tracker_add(ibb->tracker, &request, &id);
	if (err != TROTH_OK)
		return err;
	troth_writer_init(&w, out, TROTH_NS_CLIENT);
	troth_writer_open(&w, TROTH_NS_CLIENT, "iq");
	troth_writer_attr(&w, "type", "set");
	troth_writer_attr(&w, "id", id);
	troth_writer_attr(&w, "to", ibb->peer);
	if (tag == TROTH_IBB_TAG_OPEN) {
		(void)snprintf(number, sizeof number, "%u", ibb->block);
		troth_writer_open(&w, TROTH_NS_IBB, "open");
		troth_writer_attr(&w, "block-size", number);
		troth_writer_attr(&w, "sid", ibb->sid);
		troth_writer_attr(&w, "stanza", "iq");
	} else if (tag == TROTH_IBB_TAG_CLOSE) {
		troth_writer_open(&w, TROTH_NS_IBB, "close");
		troth_writer_attr(&w, "sid", ibb->sid);
	} else {
		(void)snprintf(number, sizeof number, "%u", (unsigned)ibb->seq_out);
		troth_writer_open(&w, TROTH_NS_IBB, "data");
		troth_writer_attr(&w, "seq", number);
		troth_writer_attr(&w, "sid", ibb->sid);
		troth_writer_base64(&w,
				    troth_slice_of(troth_buf_slice(&ibb->out).data, (size_t)tag));
	}
	troth_writer_close(&w);
	troth_writer_close(&w);
	return troth_writer_finish(&w);
}

static int write_data(struct troth_ibb *ibb, int64_t now, struct troth_buf *out)
{
	size_t len = troth_buf_len(&ibb->out);
	/* XEP-0047 2.2: data "prior to base64-encoding [...] MUST NOT be larger than the
	 * 'block-size' determined in the bytestream negotiation" */
	len = len < ibb->block ? len : ibb->block;
	int err = write_request(ibb, now, (int)len, out);
	if (err != TROTH_OK)
		return err;
	troth_buf_consume(&ibb->out, len);
	/* XEP-0047 2.2: "after value 65535 [...] the 'seq' MUST start again at 0" */
	ibb->seq_out++;
	ibb->unanswered++;
	ibb->in_flight += len;
	return TROTH_OK;
}

static void write_error(struct troth_writer *w, const char *type,
			enum troth_stanza_condition condition)
{
	troth_writer_open(w, TROTH_NS_CLIENT, "error");
	troth_writer_attr(w, "type", type);
	troth_writer_leaf(w, TROTH_NS_STANZA_ERRORS, troth_stanza_condition_name(condition), NULL);
	troth_writer_close(w);
}

static int write_answer(const struct troth_ibb *ibb, const struct troth_ibb_answer *a,
			struct troth_buf *out)
{
	struct troth_writer w;
	troth_writer_init(&w, out, TROTH_NS_CLIENT);
	troth_writer_open(&w, TROTH_NS_CLIENT, "iq");
	troth_writer_attr(&w, "type", a->error ? "error" : "result");
	troth_writer_attr(&w, "id", a->id);
	troth_writer_attr(&w, "to", ibb->peer);
	if (a->error)
		write_error(&w, a->type, a->condition);
	troth_writer_close(&w);
	return troth_writer_finish(&w);
}

bool troth_ibb_refuse(struct troth_writer *w, const struct troth_element *stanza)
{
	const struct troth_element *e = troth_element_child(stanza, TROTH_NS_IBB, NULL);
	const char *type = troth_element_attr(stanza, "type");
	if (e == NULL || !troth_iq_is_request(stanza) || strcmp(type, "set") != 0)
		return false;
	/* XEP-0047 2.1, 2.2, 2.3 */
	enum troth_stanza_condition condition = troth_element_is(e, NULL, "open")
							? TROTH_STANZA_NOT_ACCEPTABLE
							: TROTH_STANZA_ITEM_NOT_FOUND;
	troth_writer_open(w, TROTH_NS_CLIENT, "iq");
	troth_writer_attr(w, "type", "error");
	troth_writer_attr(w, "id", troth_element_attr(stanza, "id"));
	troth_writer_attr(w, "to", troth_element_attr(stanza, "from"));
	write_error(w, "cancel", condition);
	troth_writer_close(w);
	return true;
}

/* ---- what is due ---- */

/* Effect: the first answer that isn't held. */
static int answer_next(struct troth_ibb *ibb, struct troth_buf *out, bool *any)
{
	struct troth_ibb_answer **at = &ibb->answers;
	while (*at != NULL && (*at)->held && troth_buf_len(&ibb->in) > 0)
		at = &(*at)->next;
	if (*at == NULL)
		return TROTH_OK;
	struct troth_ibb_answer *a = *at;
	int err = write_answer(ibb, a, out);
	if (err != TROTH_OK)
		return err;
	*at = a->next;
	free(a);
	ibb->answer_count--;
	*any = true;
	return TROTH_OK;
}

/* XEP-0047 2.3: "the receiving party might wait until it has had a chance to send any remaining
 * data in the other direction" */
static int answer_close(struct troth_ibb *ibb, struct troth_buf *out, bool *any)
{
	const char *id = ibb->close_id;
	struct troth_writer w;
	troth_writer_init(&w, out, TROTH_NS_CLIENT);
	troth_writer_open(&w, TROTH_NS_CLIENT, "iq");
	troth_writer_attr(&w, "type", "result");
	troth_writer_attr(&w, "id", id);
	troth_writer_attr(&w, "to", ibb->peer);
	troth_writer_close(&w);
	int err = troth_writer_finish(&w);
	if (err != TROTH_OK)
		return err;
	free(ibb->close_id);
	ibb->close_id = NULL;
	troth_ibb_settle(ibb);
	*any = true;
	return TROTH_OK;
}

static int request(struct troth_ibb *ibb, int64_t now, int tag, struct troth_buf *out)
{
	int err = write_request(ibb, now, tag, out);
	if (err == TROTH_OK)
		*(tag == TROTH_IBB_TAG_OPEN ? &ibb->open_sent : &ibb->close_sent) = true;
	return err;
}

/* What of ours is due now: a tag as the tracker has them; 0: nothing. */
static int due(const struct troth_ibb *ibb)
{
	bool drained = troth_buf_len(&ibb->out) == 0;
	switch (ibb->state) {
	case TROTH_IBB_WAITING:
		return ibb->opener && !ibb->open_sent ? TROTH_IBB_TAG_OPEN : 0;
	case TROTH_IBB_OPEN:
		return !drained && ibb->unanswered < ibb->window ? 1 : 0;
	case TROTH_IBB_CLOSING:
		if (!ibb->opened)
			return ibb->opener && !ibb->open_sent ? TROTH_IBB_TAG_OPEN : 0;
		if (ibb->close_sent)
			return 0;
		if (drained)
			return ibb->peer_closed ? 0 : TROTH_IBB_TAG_CLOSE;
		return ibb->unanswered < ibb->window ? 1 : 0;
	case TROTH_IBB_FAILED:
		return ibb->close_due && !ibb->close_sent ? TROTH_IBB_TAG_CLOSE : 0;
	case TROTH_IBB_CLOSED:
		break;
	}
	return 0;
}

int troth_ibb_next(struct troth_ibb *ibb, int64_t now, struct troth_buf *out, bool *any)
{
	*any = false;
	int err = answer_next(ibb, out, any);
	if (err != TROTH_OK || *any)
		return err;
	int tag = due(ibb);
	if (tag != 0) {
		err = tag > 0 ? write_data(ibb, now, out) : request(ibb, now, tag, out);
		*any = err == TROTH_OK;
		return err;
	}
	if (ibb->close_id != NULL && ibb->unanswered == 0)
		return answer_close(ibb, out, any);
	return TROTH_OK;
}
