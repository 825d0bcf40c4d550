/* SPDX-License-Identifier: MIT */
/* What an account sends, and what it asks until it is answered. Layer: server. */
#include "server/account_state.h"

int troth_account_send_xml(struct troth_account *a, struct troth_slice xml)
{
	if (a->state != ACCOUNT_UP)
		return TROTH_E_UNREACHABLE;
	int err = troth_wire_send(a->wire, TROTH_FRAME_SEND, xml);
	return err == TROTH_E_IO ? TROTH_E_UNREACHABLE : err;
}

int troth_account_send(struct troth_account *a, troth_account_write *write, void *user)
{
	struct troth_buf buf TROTH_CLEANUP(troth_buf_fini);
	struct troth_writer w;
	troth_buf_init(&buf, TROTH_LIMIT_STANZA_BYTES);
	if (a->state != ACCOUNT_UP)
		return TROTH_E_UNREACHABLE;
	troth_writer_init(&w, &buf, TROTH_NS_CLIENT);
	write(user, &w);
	int err = troth_writer_finish(&w);
	return err == TROTH_OK ? troth_account_send_xml(a, troth_buf_slice(&buf)) : err;
}

static void write_copy(void *user, struct troth_writer *w)
{
	troth_writer_copy(w, user);
}

int troth_account_send_element(struct troth_account *a, const struct troth_element *stanza)
{
	return troth_account_send(a, write_copy, (void *)stanza);
}

size_t troth_account_unsent(const struct troth_account *a)
{
	return a->wire == NULL ? 0 : troth_wire_unsent(a->wire);
}

struct question {
	const struct troth_account_iq *iq;
	const char *id;
};

static void write_question(void *user, struct troth_writer *w)
{
	const struct question *q = user;
	troth_writer_open(w, TROTH_NS_CLIENT, "iq");
	troth_writer_attr(w, "type", q->iq->set ? "set" : "get");
	troth_writer_attr(w, "id", q->id);
	troth_writer_attr(w, "to", q->iq->to);
	q->iq->write(q->iq->write_user, w);
	troth_writer_close(w);
}

static int place_for(const struct troth_account *a)
{
	for (int i = 0; i < TROTH_IQ_OUTSTANDING; i++)
		if (!a->questions[i].used)
			return i;
	return -1;
}

/* Who must answer, as account_answered will be told: our own bare JID for our account. */
static int answerer(const struct troth_account *a, const char *to, struct troth_address **out)
{
	int err = account_sender(a, to, out);
	if (err == TROTH_OK && *out == NULL)
		err = troth_address_new(out, TROTH_REALM_SERVER, troth_address_bare(a->own));
	return err;
}

static int ask(struct troth_account *a, const struct troth_account_iq *iq, const char *from)
{
	struct question q = {iq, NULL};
	int place = place_for(a);
	int64_t timeout = iq->timeout_ms > 0 ? iq->timeout_ms : TROTH_TIME_ACCOUNT_IQ;
	const struct troth_iq_request request = {from, place, (int64_t)uv_now(a->loop) + timeout};
	if (place < 0)
		return TROTH_E_LIMIT;
	int err = troth_iq_tracker_add(a->tracker, &request, &q.id);
	if (err != TROTH_OK)
		return err;
	err = troth_account_send(a, write_question, &q);
	if (err != TROTH_OK) {
		troth_iq_tracker_forget(a->tracker, place);
		return err;
	}
	a->questions[place] = (struct account_question){true, iq->done, iq->user};
	account_arm(a);
	return TROTH_OK;
}

int troth_account_ask(struct troth_account *a, const struct troth_account_iq *iq)
{
	struct troth_address *from = NULL;
	int err = answerer(a, iq->to, &from);
	if (err == TROTH_OK)
		err = ask(a, iq, troth_address_full(from));
	troth_address_free(from);
	return err;
}

/* The place is free before the answer is given: whoever hears it may ask on. */
static void tell(struct troth_account *a, int place, const struct troth_account_answer *answer)
{
	const struct account_question q = a->questions[place];
	a->questions[place].used = false;
	if (q.used && q.done != NULL)
		q.done(q.user, answer);
}

bool account_answered(struct troth_account *a, const struct troth_element *iq, const char *from)
{
	struct troth_iq_answer found;
	if (troth_iq_tracker_match(a->tracker, iq, from, &found) != TROTH_OK)
		return false;
	const struct troth_account_answer answer = {
		.err = found.ok ? TROTH_OK : TROTH_E_PEER_ERROR,
		.condition = found.condition,
		.iq = iq,
	};
	tell(a, found.tag, &answer);
	return true;
}

void account_unanswered(struct troth_account *a)
{
	const struct troth_account_answer answer = {.err = TROTH_E_UNREACHABLE};
	int place;
	while (troth_iq_tracker_expire(a->tracker, INT64_MAX, &place))
		tell(a, place, &answer);
}

void account_late(struct troth_account *a)
{
	const struct troth_account_answer answer = {.err = TROTH_E_TIMEOUT};
	int place;
	while (troth_iq_tracker_expire(a->tracker, (int64_t)uv_now(a->loop), &place))
		tell(a, place, &answer);
}
