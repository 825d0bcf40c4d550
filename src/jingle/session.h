/* SPDX-License-Identifier: MIT */
/*
 * A Jingle session and the engine that holds all of them: what the files of this folder share.
 * Layer: jingle.
 */
#ifndef TROTH_JINGLE_SESSION_H
#define TROTH_JINGLE_SESSION_H

#include "jingle/action.h"
#include "jingle/candidate.h"
#include "jingle/read.h"
#include "xml/namespace.h"
#include "xmpp/error.h"
#include "xmpp/iq.h"

/*
 * Where a session stands, from here.
 *
 *   caller:   PREPARED - CALLING -+- CONNECTING - (ACTIVATING | ACTIVATED_BY_PEER) - OPEN
 *   answerer: ASKED - CALLED -----+         \          \               |            /
 *                                  \         +- AWAITING or REPLACING -+-----------+
 *                                   +- OPEN (in-band at once)
 *   any: OVER
 */
enum troth_jingle_stage {
	TROTH_STAGE_PREPARED,   /* nobody knows of it */
	TROTH_STAGE_ASKED,      /* the application is asked whether the peer may know of us */
	TROTH_STAGE_CALLING,    /* session-initiate is sent */
	TROTH_STAGE_CALLED,     /* session-initiate is acknowledged; the application decides */
	TROTH_STAGE_CONNECTING, /* both look for a candidate that works */
	TROTH_STAGE_ACTIVATING, /* our proxy was nominated: the application activates it */
	TROTH_STAGE_ACTIVATED_BY_PEER, /* the peer's proxy was: it will say when */
	TROTH_STAGE_AWAITING,  /* SOCKS5 is of no use: the caller must say what else (XEP-0260 3) */
	TROTH_STAGE_REPLACING, /* we have sent transport-replace */
	TROTH_STAGE_OPEN,      /* the application has the bytestream */
	TROTH_STAGE_OVER       /* kept until the application has heard of it */
};

/* What one side says of the other's candidates. */
enum troth_jingle_choice { TROTH_CHOICE_NONE, TROTH_CHOICE_ERROR, TROTH_CHOICE_USED };

struct troth_jingle_session {
	struct troth_jingle_session *next;
	uint64_t number;
	struct troth_address *peer;
	char *sid;
	char *content;    /* its name */
	char *request_id; /* of the session-initiate that isn't answered yet */
	bool caller;
	bool old; /* urn:xmpp:jingle:0 */
	enum troth_jingle_stage stage;
	bool acked;       /* our session-initiate was */
	bool forgotten;   /* the peer isn't one that is known when this is over */
	bool heard_of;    /* the application has its number */
	bool malformed;   /* what was asked for; told only to who is admitted */
	bool unsupported; /* likewise, with reason */

	enum troth_jingle_transport transport;
	bool old_ibb;
	char *stream_sid;
	char our_dstaddr[TROTH_DSTADDR_SIZE];
	char their_dstaddr[TROTH_DSTADDR_SIZE];
	struct troth_candidates ours;
	struct troth_candidates theirs;
	enum troth_jingle_choice our_choice;
	enum troth_jingle_choice their_choice;
	size_t our_index;   /* into theirs */
	size_t their_index; /* into ours */
	uint32_t abandon;   /* of the event */
	bool nominated_ours;
	uint16_t block_size;
	char *next_sid; /* in-band, that we have offered as a replacement */

	struct troth_stanza *hints;
	bool our_security;
	bool has_security;
	struct troth_jingle_security security; /* the peer's */
	char *fingerprint;

	struct troth_iq_tracker *tracker;
	int64_t deadline; /* of the stage; INT64_MAX: none */
	unsigned pending; /* events that are to be given, 1 << type */
	enum troth_jingle_reason reason;
	int err;
	bool by_peer;
	uint64_t instead;
};

/* A stanza that waits to be sent. */
struct troth_jingle_letter {
	struct troth_jingle_letter *next;
	struct troth_buf buf;
	struct troth_writer w;
};

/* A session that is over: digests of who, and of who and sid. */
struct troth_jingle_past {
	uint8_t peer[TROTH_SHA256_LEN];
	uint8_t session[TROTH_SHA256_LEN];
};

struct troth_jingle {
	struct troth_address *self;
	void (*random)(void *user, uint8_t *out, size_t len);
	void *random_user;
	struct troth_jingle_session *sessions;
	uint64_t last_number;
	struct troth_jingle_letter *first;
	struct troth_jingle_letter **end;
	size_t letters;
	struct troth_jingle_past past[TROTH_LIMIT_JINGLE_PAST];
	size_t past_count; /* ever */
};

/* ---- session.c ---- */

#define TROTH_TOKEN_SIZE 33
/* Effect: 128 unpredictable bits in hex: names of sessions, streams, requests. */
int troth_jingle_token(struct troth_jingle *j, char out[TROTH_TOKEN_SIZE]) TROTH_MUST_USE;

/* Effect: a session with a name of its own, in no list yet. peer is copied. Errors: TROTH_E_LIMIT
 * when there are too many, in all or with this peer. */
int troth_jingle_session_new(struct troth_jingle_session **out, struct troth_jingle *j,
			     const struct troth_address *peer) TROTH_MUST_USE;
void troth_jingle_session_free(struct troth_jingle_session *s);
void troth_jingle_session_add(struct troth_jingle *j, struct troth_jingle_session *s);

/* The session that isn't over with that number, or NULL. */
struct troth_jingle_session *troth_jingle_session_get(const struct troth_jingle *j,
						      uint64_t number);
/* The session with that peer and sid that the peer may know of, or NULL. */
struct troth_jingle_session *troth_jingle_session_find(const struct troth_jingle *j,
						       const struct troth_address *peer,
						       const char *sid);
/* Effect: frees what is over and was told of. */
void troth_jingle_reap(struct troth_jingle *j);

/* Whether this full JID was told, by us, that we are here. */
int troth_jingle_is_known(const struct troth_jingle *j, const struct troth_address *peer,
			  bool *out) TROTH_MUST_USE;
/* Whether that session of theirs has been over for a while. */
int troth_jingle_is_past(const struct troth_jingle *j, const struct troth_address *peer,
			 const char *sid, bool *out) TROTH_MUST_USE;

/* Whether it is accepted, and not over. */
bool troth_jingle_is_accepted(const struct troth_jingle_session *s);
/* For what the peer sends. */
enum troth_jingle_phase troth_jingle_session_phase(const struct troth_jingle_session *s);

/* Effect: another stage, with a time to leave it; INT64_MAX: none. */
void troth_jingle_enter(struct troth_jingle_session *s, enum troth_jingle_stage stage,
			int64_t deadline);
void troth_jingle_tell(struct troth_jingle_session *s, enum troth_jingle_event_type type);

struct troth_jingle_ending {
	enum troth_jingle_reason reason;
	int err;
	bool by_peer;
	bool quiet; /* the peer isn't told: it knows, or can't hear */
};
/* Effect: ends a session; the only way that one ends. */
void troth_jingle_end(struct troth_jingle *j, struct troth_jingle_session *s,
		      const struct troth_jingle_ending *ending);

/* Effect: keeps what the peer's content says beside its transport. Errors: TROTH_E_LIMIT for
 * hints beyond the limit, TROTH_E_NOMEM. */
int troth_jingle_keep_content(struct troth_jingle_session *s,
			      const struct troth_jingle_content *content) TROTH_MUST_USE;

/* ---- send.c ---- */

/* Where an answer goes. */
struct troth_jingle_asker {
	const char *from;
	const char *id;
	bool old;
};
int troth_jingle_acknowledge(struct troth_jingle *j,
			     const struct troth_jingle_asker *to) TROTH_MUST_USE;
/* detail: a condition of Jingle's own, a literal, or NULL. */
int troth_jingle_refuse(struct troth_jingle *j, const struct troth_jingle_asker *to,
			enum troth_stanza_condition condition, const char *detail) TROTH_MUST_USE;

/* Effect: begins a request about a session: <iq><jingle>, open. Its answer is waited for, but
 * that of session-terminate. */
int troth_jingle_begin(struct troth_jingle_letter **out, struct troth_jingle *j,
		       struct troth_jingle_session *s, enum troth_jingle_action action,
		       int64_t now) TROTH_MUST_USE;
/* Effect: closes and queues it; on error it is freed. */
int troth_jingle_post(struct troth_jingle *j, struct troth_jingle_letter *letter) TROTH_MUST_USE;

/* Opens <content/> of the session. */
void troth_jingle_open_content(const struct troth_jingle_session *s, struct troth_writer *w);
/* Writes <transport/> with our candidates. */
void troth_jingle_write_transport(const struct troth_jingle_session *s, struct troth_writer *w);
/* Effect: sends session-initiate or session-accept with what the session has. */
int troth_jingle_send_offer(struct troth_jingle *j, struct troth_jingle_session *s,
			    const struct troth_jingle_offer *offer, int64_t now) TROTH_MUST_USE;
/* Effect: sends transport-info of one element, with a cid or without. */
int troth_jingle_send_info(struct troth_jingle *j, struct troth_jingle_session *s, const char *name,
			   const char *cid, int64_t now) TROTH_MUST_USE;
/* Effect: sends transport-replace or transport-accept with an in-band stream of that name. */
int troth_jingle_send_ibb(struct troth_jingle *j, struct troth_jingle_session *s,
			  enum troth_jingle_action action, const char *sid,
			  int64_t now) TROTH_MUST_USE;
int troth_jingle_send_terminate(struct troth_jingle *j,
				struct troth_jingle_session *s) TROTH_MUST_USE;

const char *troth_jingle_ns(bool old);

/* ---- socks5.c, replace.c: the bytestream ---- */

/* Effect: the session is accepted: goes for its bytestream. */
int troth_jingle_start(struct troth_jingle *j, struct troth_jingle_session *s,
		       int64_t now) TROTH_MUST_USE;
/* The nominated candidate. */
const struct troth_jingle_candidate *troth_jingle_nominated(const struct troth_jingle_session *s);

/* Effect: SOCKS5 is of no use: we ask for in-band, or wait for the caller to do so. */
int troth_jingle_fall_back(struct troth_jingle *j, struct troth_jingle_session *s, bool ask,
			   int64_t now) TROTH_MUST_USE;
/* Effect: the bytestream is in-band from now on, with that name (owned by s from now on). */
void troth_jingle_go_in_band(struct troth_jingle_session *s, char *sid);

/* What was received. Each answers the request, and returns errors of ours only. */
struct troth_jingle_request {
	struct troth_jingle_asker asker;
	const struct troth_element *jingle;
	enum troth_jingle_action action;
	const char *sid;
	const struct troth_address *peer;
	int64_t now;
};
int troth_jingle_take_info(struct troth_jingle *j, struct troth_jingle_session *s,
			   const struct troth_jingle_request *r) TROTH_MUST_USE;
int troth_jingle_take_replace(struct troth_jingle *j, struct troth_jingle_session *s,
			      const struct troth_jingle_request *r) TROTH_MUST_USE;
int troth_jingle_take_replaced(struct troth_jingle *j, struct troth_jingle_session *s,
			       const struct troth_jingle_request *r) TROTH_MUST_USE;

/* ---- initiate.c, request.c, answer.c: what arrives ---- */

/* A session-initiate for a session that there isn't. */
int troth_jingle_take_initiate(struct troth_jingle *j,
			       const struct troth_jingle_request *r) TROTH_MUST_USE;
/* Effect: calculates both sides' DST.ADDR, the peer's only where it hasn't said its own. */
int troth_jingle_make_dstaddr(const struct troth_jingle *j,
			      struct troth_jingle_session *s) TROTH_MUST_USE;
int troth_jingle_take_accept(struct troth_jingle *j, struct troth_jingle_session *s,
			     const struct troth_jingle_request *r) TROTH_MUST_USE;
/* Any request. */
int troth_jingle_take_request(struct troth_jingle *j,
			      const struct troth_jingle_request *r) TROTH_MUST_USE;
/* An answer; *handled when it was to one of our requests. */
int troth_jingle_take_answer(struct troth_jingle *j, const struct troth_element *iq,
			     const struct troth_address *peer, int64_t now,
			     bool *handled) TROTH_MUST_USE;
/* Effect: what the time has brought. */
void troth_jingle_expire(struct troth_jingle *j, int64_t now);

#endif
