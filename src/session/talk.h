/* SPDX-License-Identifier: MIT */
/* Conversations: what waits for a receipt, what was seen. Layer: session; inside. */
#ifndef TROTH_SESSION_TALK_H
#define TROTH_SESSION_TALK_H

#include "session/session.h"

struct link;

#define SEEN_IDS 256
#define UNRECEIVED_MAX 1024
#define PEER_ID_MAX 64

struct message {
	struct message *next;
	char id[TROTH_MESSAGE_ID_LEN + 1];
	unsigned sent_on; /* number of the stream it was sent on last; 0: none */
	char text[];
};

struct talk {
	struct talk *next;
	struct troth_session *session;
	unsigned number;
	int64_t contact;   /* 0: somebody unverified, for the life of the stream or call */
	bool kept;         /* a call looks for its peer: what is said waits */
	struct link *link; /* the one to send on; NULL: none */
	/* Without a contact: whom it was with last. */
	bool met;
	bool has_pin;
	struct troth_pin pin;
	enum troth_level level;
	struct message *unreceived;
	size_t unreceived_count;
	char seen[SEEN_IDS][PEER_ID_MAX + 1]; /* a ring */
	size_t seen_next;
};

struct talk *talk_find(const struct troth_session *s, unsigned number);
/* Effect: the conversation of a contact, made where it is missing; NULL: no memory. */
struct talk *talk_of_contact(struct troth_session *s, int64_t contact);
struct talk *talk_new(struct troth_session *s, int64_t contact);
/* Effect: it turns out to be with a contact; returns the contact's, with what waited in t. */
struct talk *talk_become(struct talk *t, int64_t contact);
void talk_attach(struct talk *t, struct link *l);
/* Effect: what was said to one stranger isn't sent to another one, nor with less protection. */
void talk_meet(struct talk *t, const struct link *l);
void talk_detach(struct link *l);
/* Effect: sends what the stream in use hasn't had yet. */
void talk_flush(struct talk *t);
bool talk_receipt(struct talk *t, const char *id); /* false: no such message */
/* Whether the id is new; remembers it. */
bool talk_is_new(struct talk *t, const char *id);
void talks_free(struct troth_session *s);

#endif
