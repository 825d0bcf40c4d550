/* SPDX-License-Identifier: MIT */
/*
 * Our accounts: who is there, and streams over them. Layer: session; inside. What a server says is
 * a hint like what is seen on the link.
 */
#ifndef TROTH_SESSION_ONLINE_H
#define TROTH_SESSION_ONLINE_H

#include "server/bytestreams.h"
#include "server/pep.h"
#include "server/probe.h"
#include "session/session.h"

struct leg;
struct seen_entity;
struct link;
struct troth_call;
struct troth_session;

struct online {
	struct online *next;
	struct troth_session *session;
	struct troth_account *account;
	struct troth_bytestreams *bytestreams;
	struct troth_prober *prober;
	struct troth_pep *pep;
	enum troth_publish publish;
	unsigned asking;      /* clients that haven't said yet what they offer, before a call */
	unsigned strangers;   /* clients that haven't said yet what they can, of nobody we know */
	unsigned withdrawing; /* answers that are awaited (withdraw.h) */
	bool refused;         /* it isn't tried again by itself */
	bool xtls;            /* calls by it begin with TLS */
};

/* ---- online.c ---- */
/* Our own address there: full while it is connected. */
const char *online_jid(const struct online *online);
/* Effect: shows ourselves to that JID by the accounts that are up: who wants to be found answers.
 */
void online_look_for(struct troth_session *s, const char *jid);
/* Effect: the same for all addresses of a contact: we may have no presence of each other's. */
void online_look_for_contact(struct troth_session *s, int64_t contact);
/* Effect: asks a contact's addresses again to let us see when they are there: a server may have
 * lost that, and answers at once where it hasn't. */
void online_ask_again(struct troth_session *s, int64_t contact);
/* Effect: a contact is new that was met over a server: we ask to see when it is there. */
void online_contact(const struct link *l);
/* Effect: another client of our own account has proved which contact it is. */
void online_met(const struct link *l);
/* Effect: which contact may see when we are there, by that JID: one whom an address that we know,
 * or a stream that was proved, says it to be, and whom some key may still prove; 0: none. */
int64_t online_viewer(struct online *o, const struct troth_address *jid);
/* Whether it is another client of our own account: its bare JID says nothing about whose it is. */
bool online_is_own(const struct link *l);
void online_free(struct troth_session *s);

/* ---- probe_online.c ---- */
/* What answers those who ask what we offer; `user` is an online. */
bool probe_answer(void *online, const struct troth_address *from, const struct troth_offer *theirs,
		  struct troth_prober_offer *out);
/* Effect: asks what a client offers, and those beside it, unless that was done. true: its answer is
 * worth waiting for until *until (ms): calls that look are woken by it. */
bool probe_first(struct troth_session *s, const struct seen_entity *e, int64_t *until);
/* Effect: asks what all those offer that are shown as clients of the same contact, or of the same
 * JID, and weren't asked yet. */
void probe_rivals(struct troth_session *s, const struct seen_entity *of);
/* Effect: asks another client of our own account by what key it can prove itself: our bare JID says
 * nothing about whose it is. Nothing for others. */
void probe_own(struct online *o, const char *jid);
/* Effect: a call that only probes goes on: asks all clients that it may mean, once they have had
 * time to show. */
int probe_all(struct troth_call *call) TROTH_MUST_USE;
/* Effect: a client was seen that takes no streams: whoever probes is told. */
void probe_unable(struct online *o, const char *jid);
/* Effect: the call is over. */
void probe_drop(struct troth_call *call);

/* ---- published.c ---- */
/* Effect: our keys are published, if our user wants that, and those of our other devices fetched;
 * published anew, since they have changed. */
void published_up(struct online *o);
void published_refresh(struct troth_session *s);
/* Effect: what another program of ours has changed since is published, too. */
void published_tick(struct troth_session *s);
/* Effect: the keys of an account are fetched; of ours for NULL. */
void published_fetch(struct online *o, const char *jid);
/* What hears of changes; `user` is an online. */
void published_changed(void *online, const char *jid);
/* What answers who asks for our keys, and takes what is sent; the same. */
bool published_asked(void *online, const struct troth_address *from,
		     const struct troth_pep_question *q);
void published_sent(void *online, const struct troth_address *from,
		    const struct troth_keyinfo_list *list);

/* ---- leg.c ---- */
/* What tells a bytestream of its beginning and end; `user` is a leg. */
bool leg_called(void *online, struct troth_bytestream *b, const struct troth_address *peer,
		struct troth_bytestream_callbacks *out);
/* Effect: opens a bytestream to call->name over call->online. */
int online_call(struct troth_call *call) TROTH_MUST_USE;
/* Effect: ends a bytestream; NULL is fine. */
void leg_end(struct leg *leg);
/* Effect: nothing comes through it: another way takes its place, where there is one. */
void leg_stalled(struct leg *leg);

#endif
