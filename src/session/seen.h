/* SPDX-License-Identifier: MIT */
/*
 * Who is to be seen, on the link and over our accounts, and how calls there went. Layer: session;
 * inside. All of it is a hint: it says whom to call, and the call proves who it is.
 */
#ifndef TROTH_SESSION_SEEN_H
#define TROTH_SESSION_SEEN_H

#include <stdbool.h>
#include <stdint.h>

struct online;
struct troth_session;

#define SEEN_NAME_MAX 1023 /* longer addresses aren't called */

/* What a client says that it offers (XEP-0250 3.2): in what order clients are called. */
enum seen_offers {
	SEEN_WRONG_KEY, /* no key of the contact */
	SEEN_SILENT,    /* it doesn't say */
	SEEN_ASKED,     /* it was asked */
	SEEN_UNASKED,
	SEEN_KEY /* a key of the contact; of whom nobody knows, anything that it can be met by */
};

struct seen_entity {
	struct seen_entity *next;
	int64_t contact;       /* 0: nobody's, and only over a server */
	char *name;            /* on the link; or a full JID */
	struct online *online; /* the account that sees it; NULL: on the link */
	int priority;          /* as its owner says (RFC 6121 4.7.2.3) */
	unsigned failures;     /* calls in a row that didn't find its contact there */
	enum seen_offers offers;
	int64_t asked_at; /* ms */
	bool told;        /* in the news */
};

/* Effect: it is there; name is copied. Calls that look for it go on. Tells of it when it is a
 * contact's, but not of whom it takes the place of another: such come and go as a server likes. */
void seen_here(struct troth_session *s, const char *name, struct online *online, int64_t contact,
	       int priority);
/* Effect: it has left; all that an account saw. */
void seen_gone(struct troth_session *s, const char *name, const struct online *online);
void seen_gone_all(struct troth_session *s, const struct online *online);
void seen_free(struct troth_session *s);
/* Where a contact is now, or any client of a bare JID, or a full one; NULL: nowhere. Of several
 * that look like it (tags can be copied) the one that has disappointed least. */
struct seen_entity *seen_contact(const struct troth_session *s, int64_t contact);
struct seen_entity *seen_find(struct troth_session *s, const char *name,
			      const struct online *online);
/* Whether a name over a server is that bare or full JID. */
bool seen_is_of(const struct seen_entity *e, const char *jid);
/* Whether it is a client of the account of that full JID. */
bool seen_is_same(const struct seen_entity *e, const char *full);
/* Whether its account is shown with as many clients as are kept. */
bool seen_is_crowded(const struct troth_session *s, const struct seen_entity *of);
const struct seen_entity *seen_jid(const struct troth_session *s, const char *jid);
/* Effect: remembers how a call there went. */
void seen_called(struct troth_session *s, const char *name, const struct online *online, bool good);
/* Whether another name looks like that contact, which wasn't tried in vain yet. */
bool seen_untried(const struct troth_session *s, int64_t contact);
/* Whether another name than this one looks like that contact at all. */
bool seen_other(const struct troth_session *s, int64_t contact, const char *name);

#endif
