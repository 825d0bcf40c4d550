/* SPDX-License-Identifier: MIT */
/* What happens once a stream is up. Layer: session. */
#include "keys/chain.h"
#include "session/meet.h"
#include "session/rivals.h"
#include "session/state.h"
#include "session/statements.h"

#include <stdlib.h>
#include <string.h>

/* ---- what is learnt and told ---- */

/* "becomes verified at its first certificate handshake" */
static void promote(struct link *l)
{
	if (troth_stream_method(l->stream) != TROTH_METHOD_KEY || l->contact == 0 || l->certified ||
	    l->voucher[0] != 0) /* whose key it is was only said */
		return;
	int err = troth_store_key_promote(l->session->store, &l->pin, "key", session_now());
	if (err != TROTH_OK)
		news_warn(l->session, l, troth_store_error(l->session->store));
}

/* Effect: a key that was pinned by its fingerprint alone gets the certificate that it has now
 * been proven by: from here on its name finds it, and its tags are made. */
static void complete(struct link *l, const struct troth_cert *cert)
{
	struct troth_session *s = l->session;
	struct troth_store_key key;
	if (troth_stream_method(l->stream) != TROTH_METHOD_KEY || l->contact == 0 || l->certified ||
	    cert == NULL)
		return;
	int err = troth_store_key_get(s->store, troth_cert_pin(cert), &key);
	if (err == TROTH_OK && (key.name[0] != 0 || !troth_cert_is_own_issuer(cert)))
		return;
	const struct troth_store_new_key shown = {
		.pin = troth_cert_pin(cert),
		.name = troth_cert_name(cert),
		.der = troth_cert_der(cert),
	};
	if (err == TROTH_OK)
		err = troth_store_key_complete(s->store, &shown, session_now());
	if (err == TROTH_OK)
		link_local_contact(s);
	else
		news_warn(s, l, troth_store_error(s->store));
}

/* "Absent where the same key showed it before: warn and log." */
static void check_transcript(struct link *l)
{
	const char *text = troth_reason_text(TROTH_REASON_TRANSCRIPT_MISSING);
	if (!l->had_transcript || l->transcript)
		return;
	news_warn(l->session, l, text);
	record_log(l->session, "transcript-missing", l->label, text);
}

void link_send_nick(struct link *l)
{
	struct troth_buf nick;
	const char *text;
	troth_buf_init(&nick, TROTH_STORE_TEXT_MAX + 1);
	if (troth_store_setting_get(l->session->store, "nick", &nick) == TROTH_OK &&
	    troth_buf_cstr(&nick, &text) == TROTH_OK && text[0] != 0 &&
	    write_nick(l, text) != TROTH_OK)
		news_warn(l->session, l, "Our nickname couldn't be sent.");
	troth_buf_fini(&nick);
}

/* Only to somebody that is proven: a nickname says who we are. */
static void send_nick(struct link *l)
{
	if (troth_stream_level(l->stream) == TROTH_LEVEL_VERIFIED)
		link_send_nick(l);
}

/* ---- rivals ---- */

static bool rivals(const struct link *a, const struct link *b)
{
	return a != b && a->contact != 0 && a->contact == b->contact && a->up && b->up &&
	       !a->failed && !b->failed && !a->superseded && !b->superseded &&
	       troth_pin_equal(&a->pin, &b->pin) &&
	       troth_stream_method(a->stream) == TROTH_METHOD_KEY &&
	       troth_stream_method(b->stream) == TROTH_METHOD_KEY;
}

/* The call goes on with the stream that stays. */
static void hand_over(struct link *from, struct link *to)
{
	if (from->call == NULL || to->call != NULL)
		return;
	to->call = from->call;
	to->call->link = to;
	from->call = NULL;
}

/* Both on the link, or both over a server in the same manner. */
static bool same_way(const struct link *a, const struct link *b)
{
	return (a->online == NULL) == (b->online == NULL) &&
	       (a->online == NULL || a->path == b->path);
}

static void supersede(struct link *loser, struct link *winner)
{
	hand_over(loser, winner);
	loser->superseded = true;
	if (loser->talk != NULL && loser->talk->link == loser)
		talk_attach(loser->talk, winner);
	link_close(loser, TROTH_OK, NULL);
}

/* false: this one gave way to another. */
static bool settle_rivals(struct link *l)
{
	const struct troth_pin *own = troth_cert_pin(troth_device_cert(l->session->device));
	for (struct link *o = l->session->links; o != NULL; o = o->next) {
		if (!rivals(o, l))
			continue;
		struct troth_rival older = {troth_stream_role(o->stream), o->up_at};
		struct troth_rival newer = {troth_stream_role(l->stream), l->up_at};
		if (troth_rivals_older_stays(&older, &newer, own, &l->pin)) {
			supersede(l, o);
			return false;
		}
		l->again |= same_way(o, l);
		supersede(o, l);
	}
	return true;
}

/* ---- up ---- */

static void tell_up(struct link *l, const struct troth_event *e)
{
	struct troth_news n = news_of(l, TROTH_NEWS_UP);
	n.tls = e->tls;
	n.transcript = e->transcript;
	n.told = l->again;
	news(l->session, &n);
}

static void join_talk(struct link *l)
{
	struct talk *t = NULL;
	/* What waits for a contact was meant for a proven one; or for one that was introduced,
	 * which no contact with keys of its own can be. */
	bool proven = l->contact != 0 && troth_stream_level(l->stream) >= TROTH_LEVEL_VOUCHED;
	if (l->call != NULL && l->call->talk != 0)
		t = talk_find(l->session, l->call->talk);
	if (t == NULL || t->contact != 0)
		t = proven ? talk_of_contact(l->session, l->contact) : talk_new(l->session, 0);
	if (t == NULL)
		return;
	talk_meet(t, l);
	if (proven && t->contact == 0)
		t = talk_become(t, l->contact);
	talk_attach(t, l);
}

void link_up(struct link *l, const struct troth_event *e)
{
	l->up = true;
	l->up_at = troth_connection_now(l->connection);
	l->transcript = e->transcript;
	if (e->method == TROTH_METHOD_PAKE) { /* pinned already; proven.c goes on */
		send_nick(l);
		link_proven_up(l);
		return;
	}
	link_judge(l, e, true);
	if (l->verdict_err != TROTH_OK) {
		link_close(l, l->verdict_err,
			   l->reason_count > 0 ? l->reasons[l->reason_count - 1]
					       : troth_err_text(l->verdict_err));
		return;
	}
	link_pin_certified(l, e);
	promote(l);
	complete(l, e->cert);
	check_transcript(l);
	send_nick(l);
	if (e->method == TROTH_METHOD_SRP) /* the keys come next; meet.c goes on */
		return;
	record_connection(l, TROTH_OK);
	record_address(l);
	online_met(l);
	record_endpoint(l); /* from now on the label will do */
	if (!settle_rivals(l))
		return;
	join_talk(l);
	if (l->call == NULL)
		calls_adopt(l);
	tell_up(l, e);
	say_keys(l);
	told_say(l);
	overlap_ask(l);
	window_confirm(l);
	compared_confirm(l);
	if (l->call != NULL)
		call_link_up(l->call, l);
	if (l->talk != NULL)
		talk_flush(l->talk);
}
