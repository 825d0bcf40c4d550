/* SPDX-License-Identifier: MIT */
/*
 * Keys in an account's own node (XEP-0189 v0.8 on XEP-0163), and asked for directly. Layer: server.
 * Whatever comes from here is evidence at most: that the server of that account shows such a key.
 * Nobody believes a key for it. Endorsements and revocations in it are verified by whoever uses
 * them.
 */
#ifndef TROTH_SERVER_PEP_H
#define TROTH_SERVER_PEP_H

#include "keys/keyinfo.h"
#include "server/account.h"

struct troth_pep;

/* Who may fetch our keys. */
enum troth_pep_access {
	TROTH_PEP_OPEN,     /* anybody who asks */
	TROTH_PEP_PRESENCE, /* whoever may see that we are there */
	TROTH_PEP_OWN       /* nobody but our own clients (a whitelist with nobody on it) */
};
const char *troth_pep_access_name(enum troth_pep_access access);

struct troth_pep_keys {
	int err; /* OK; TROTH_E_PEER_ERROR with condition, _TIMEOUT, _UNREACHABLE; _FORMAT, _CERT,
		  * _LIMIT: what came isn't keys */
	enum troth_stanza_condition condition;
	const char *jid;                       /* whose: the bare JID that was asked */
	const struct troth_keyinfo_list *list; /* NULL on error; may be empty */
};

/* Somebody asks for our keys. */
struct troth_pep_question;
/* What one item holds: one element, or servers refuse it. */
struct troth_pep_item {
	const char *name; /* of the key: the item's id; of a revocation, any other */
	/* Writes the <keyinfo/> (keys/keyinfo.h), or a <revoke/>, called at once. */
	troth_account_write *write;
	void *user;
};

struct troth_pep_callbacks {
	/* The node of somebody (bare JID; ours too) has changed: a hint, to fetch. */
	void (*changed)(void *user, const char *jid);
	/* Who may know that we are there asks for our keys: `from`, NULL for another client of our
	 * own account. true: troth_pep_answer has answered it. NULL, or false: nobody hears more
	 * than if we weren't there. */
	bool (*asked)(void *user, const struct troth_address *from,
		      const struct troth_pep_question *q);
	/* Keys came, which the sender calls his own; from as above. Whoever wants to can send them,
	 * and say to be anybody. */
	void (*sent)(void *user, const struct troth_address *from,
		     const struct troth_keyinfo_list *list);
	void *user;
};

/* Effect: listens to the account, which outlives it. TROTH_PEP_NOTIFY among the features of the
 * account asks servers to tell of changes. */
#define TROTH_PEP_NOTIFY TROTH_NS_PUBKEY "+notify"
int troth_pep_new(struct troth_pep **out, struct troth_account *account,
		  const struct troth_pep_callbacks *callbacks) TROTH_MUST_USE;
/* Effect: after the account's end only. NULL is fine. */
void troth_pep_free(struct troth_pep *p);

/* Effect: fetches the keys of an account (NULL: our own): that of a name (40 hex digits), or all
 * for NULL. An unknown name gives an empty list. done is called once, with an error too. */
int troth_pep_fetch(struct troth_pep *p, const char *jid, const char *name,
		    void (*done)(void *user, const struct troth_pep_keys *keys),
		    void *user) TROTH_MUST_USE;
/* Effect: asks one client of theirs, by its full JID (XEP-0189 "Requesting Public Keys Directly").
 */
int troth_pep_request(struct troth_pep *p, const char *full_jid,
		      void (*done)(void *user, const struct troth_pep_keys *keys),
		      void *user) TROTH_MUST_USE;
/* Effect: within `asked`: gives those items whose names were asked for; all where none was. Errors:
 * those of sending. */
int troth_pep_answer(const struct troth_pep_question *q, const struct troth_pep_item *items,
		     size_t count) TROTH_MUST_USE;
/* Effect: sends the items to an entity (XEP-0189 "Sending Public Keys Directly"): at a bare JID,
 * whichever of its clients the server gives messages to. Nobody says that they came. Errors: those
 * of sending; TROTH_E_FORMAT for the JID. */
int troth_pep_send(struct troth_pep *p, const char *jid, const struct troth_pep_item *items,
		   size_t count) TROTH_MUST_USE;

struct troth_pep_publication {
	const struct troth_pep_item *items; /* borrowed for the call */
	size_t count;
	void (*done)(void *user, int err); /* the first failure, or TROTH_OK; once */
	void *user;
};
/* Effect: makes the node where there is none and sets who may fetch, then publishes each item under
 * its own name; what other clients of ours have published stays. Errors: then `done` isn't called.
 */
int troth_pep_publish(struct troth_pep *p, enum troth_pep_access access,
		      const struct troth_pep_publication *publication) TROTH_MUST_USE;
/* Effect: takes one key of ours away. */
int troth_pep_retract(struct troth_pep *p, const char *name, void (*done)(void *user, int err),
		      void *user) TROTH_MUST_USE;

#endif
