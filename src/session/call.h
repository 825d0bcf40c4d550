/* SPDX-License-Identifier: MIT */
/*
 * A call: from a name to a stream, and again when it is lost. Layer: session; inside. Where it goes
 * is place.c's business, what is done while nobody is there unseen.c's, how its streams went
 * call_outcome.c's.
 */
#ifndef TROTH_SESSION_CALL_H
#define TROTH_SESSION_CALL_H

#include "io/dial.h"
#include "session/seen.h"
#include "session/session.h"
#include "session/window.h"

struct leg;
struct link;
struct link_params;

enum call_state {
	CALL_LOOKING,
	CALL_RESOLVING,
	CALL_DIALLING,
	CALL_LINKED,
	CALL_PAUSED,
	CALL_OVER
};

enum target_kind { TARGET_CONTACT, TARGET_INSTANCE, TARGET_WHERE, TARGET_JID };

struct troth_call {
	struct troth_call *next;
	struct troth_session *session;
	enum call_state state;
	enum target_kind kind;
	char *peer; /* as given */
	char *at;   /* where it goes, as given; NULL: where the contact is known to be */
	struct troth_where where;
	int64_t contact; /* the one chosen, or paired with; 0: nobody yet */
	struct troth_secret *secret;
	unsigned bits;
	char *question;
	char *label;
	bool has_pin; /* the only key that may be learnt */
	struct troth_pin pin;
	enum troth_level least;
	bool pairing; /* until keys are pinned */
	bool paired;  /* by this call: the connection by keys comes next */
	bool persist;
	bool end_paired;
	char scope[SCOPE_SIZE];
	unsigned wrong;    /* secrets */
	unsigned failures; /* in a row, for the backoff */
	int64_t give_up_at;
	unsigned talk; /* number; 0: none yet */
	struct link *link;
	struct troth_dial *dial;
	struct troth_lan_resolve *resolve;
	struct leg *leg;              /* over a server, until it is open */
	char name[SEEN_NAME_MAX + 1]; /* the instance or full JID dialled; "": host and port */
	struct online *online;        /* the account that it is dialled by; NULL: none */
	uv_timer_t timer;
	bool ended; /* by its owner: no news */
	bool was_up;
	bool unknown; /* the other side answered as it answers strangers */
	bool unseen;  /* it was told that nobody has been seen yet */
	bool unable;  /* a client of whom it is for is there, and takes no streams */
	bool probe;
	bool probed;
	struct probe_round *round; /* over a server; NULL: none */
	int64_t settled_at; /* until then further clients of an account may show; 0: not yet */
};

/* ---- call.c ---- */
void call_free_all(struct troth_session *s);
/* Effect: tells the call how its stream went. */
void call_link_up(struct troth_call *call, struct link *l);
void call_link_met(struct troth_call *call, struct link *l);
void call_link_gone(struct troth_call *call, struct link *l, const struct troth_event *closed);
/* Effect: a contact or a name has appeared on the link: calls that look for it go on. */
void calls_look_again(struct troth_session *s);
/* Effect: a contact has come or gone: calls that have reached it over a server go to the link, or
 * away from a link that it has left. */
void calls_move(struct troth_session *s, int64_t contact);
/* Effect: a stream that its contact opened is taken by a call that looks for that contact. */
void calls_adopt(struct link *l);
void call_go(struct troth_call *call);
void call_over(struct troth_call *call, int err, const char *text, const char *advice);
void call_retry(struct troth_call *call, int err, const char *text);
int call_timer(struct troth_call *call, int64_t in_ms) TROTH_MUST_USE;

/* ---- call_outcome.c ---- */
void call_pair_failed(struct troth_call *call, int err, const char *text);

/* ---- place.c ---- */
/* Effect: a stream on what was reached: p without what the call knows. Takes the transport over
 * even when it fails. */
int call_make_link(struct troth_call *call, const struct link_params *p) TROTH_MUST_USE;
int call_target(struct troth_call *call, const char *at) TROTH_MUST_USE;
/* Effect: begins to find or to dial the peer. TROTH_E_NOT_FOUND: nobody knows where it is now. */
int call_reach(struct troth_call *call) TROTH_MUST_USE;
void call_unreach(struct troth_call *call);

/* ---- unseen.c ---- */
/* Each may end the call. Effect: waits for a contact that isn't on the link, or for the answer to
 * a name; and what to do when that wait is over. */
int call_look(struct troth_call *call) TROTH_MUST_USE;
void call_not_seen(struct troth_call *call);
/* Effect: a client that takes no streams has come or gone. Of whom it is the only one, nobody waits
 * for long; contact: 0 for nobody's. */
void calls_unable(struct troth_session *s, const char *jid, int64_t contact, bool there);
int call_resolving(struct troth_call *call) TROTH_MUST_USE;
void call_unresolved(struct troth_call *call);
/* Effect: a name that nobody can be asked for; a host that has no address. */
void call_no_link(struct troth_call *call);
void call_unknown_host(struct troth_call *call);

#endif
