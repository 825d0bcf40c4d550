/* SPDX-License-Identifier: MIT */
/*
 * Our accounts: who is there, and streams over them. Layer: session; inside. What a server says is
 * a hint like what is seen on the link.
 */
#ifndef TROTH_SESSION_ONLINE_H
#define TROTH_SESSION_ONLINE_H

#include "server/bytestreams.h"

struct leg;
struct link;
struct troth_call;
struct troth_session;

struct online {
	struct online *next;
	struct troth_session *session;
	struct troth_account *account;
	struct troth_bytestreams *bytestreams;
};

/* ---- online.c ---- */
/* Our own address there: full while it is connected. */
const char *online_jid(const struct online *online);
/* Effect: shows ourselves to that JID by the accounts that are up: who wants to be found answers.
 */
void online_look_for(struct troth_session *s, const char *jid);
/* Effect: asks a contact's addresses again to let us see when they are there: a server may have
 * lost that, and answers at once where it hasn't. */
void online_ask_again(struct troth_session *s, int64_t contact);
/* Effect: a contact is new that was met over a server: we ask to see when it is there. */
void online_contact(const struct link *l);
/* Whether it is another client of our own account: its bare JID says nothing about whose it is. */
bool online_is_own(const struct link *l);
void online_free(struct troth_session *s);

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
