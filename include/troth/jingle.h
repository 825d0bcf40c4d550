/* SPDX-License-Identifier: MIT */
/*
 * End-to-end XML streams over a server: the signalling. Jingle (XEP-0166) for XEP-0247, with
 * the transports SOCKS5 (XEP-0260) and in-band (XEP-0261). Stanzas and time go in, stanzas and
 * events come out. No I/O, no clock, no callback.
 *
 *     troth_jingle_feed(j, stanza, now)     an IQ that arrived
 *     troth_jingle_next(j, now, &event)     until it gives TROTH_JINGLE_NONE
 *     troth_jingle_output(j)                a stanza to send; then troth_jingle_sent(j)
 *     troth_jingle_deadline(j)              when to call troth_jingle_next again at the latest
 *
 * It agrees with the peer on a bytestream and tells the application which. What connects,
 * listens, relays and moves bytes is the application's; so is the stream that runs on the bytes
 * (troth/stream.h), and all trust: nothing here is authenticated, whatever a server says. It can
 * delay, refuse, and end; it can't make a stream secure or somebody else's.
 *
 * A call that goes out:   prepare, (listen, ask proxies), offer; ACCEPTED, CONNECT or OPEN_...
 * A call that comes in:   ASK, admit; CALLED, (listen), accept; CONNECT or OPEN_...
 * SOCKS5 on both sides:   CONNECT, connected or failed; (ABANDON); (ACTIVATE, activated);
 *                         OPEN_SOCKS5; where no byte comes through: stalled, OPEN_IBB
 *
 * Times are milliseconds of any clock that never goes back. One engine serves one full JID.
 */
#ifndef TROTH_JINGLE_H
#define TROTH_JINGLE_H

#include <stdbool.h>
#include <troth/address.h>
#include <troth/api.h>
#include <troth/bytes.h>
#include <troth/xml.h>

TROTH_API_BEGIN

struct troth_jingle;

struct troth_jingle_params {
	const char *jid; /* our full JID, as the server bound it; copied */
	/* Effect: fills out with len unpredictable bytes. NULL: OpenSSL's generator. */
	void (*random)(void *user, uint8_t *out, size_t len);
	void *random_user;
};

/* Errors: TROTH_E_FORMAT for what isn't a full JID, TROTH_E_NOMEM. */
int troth_jingle_new(struct troth_jingle **out,
		     const struct troth_jingle_params *params) TROTH_MUST_USE;
void troth_jingle_free(struct troth_jingle *j);

/* ---- What is offered ---- */

enum troth_jingle_transport { TROTH_JINGLE_SOCKS5, TROTH_JINGLE_IBB };

/* X(symbol, name, preference): XEP-0260 2.2, "type preference". */
#define TROTH_JINGLE_CANDIDATE_TYPES(X)                                                            \
	X(DIRECT, "direct", 126)                                                                   \
	X(ASSISTED, "assisted", 120)                                                               \
	X(TUNNEL, "tunnel", 110)                                                                   \
	X(PROXY, "proxy", 10)

enum troth_jingle_candidate_type {
#define TROTH_JINGLE_CANDIDATE_ENUM(symbol, name, preference) TROTH_JINGLE_##symbol,
	TROTH_JINGLE_CANDIDATE_TYPES(TROTH_JINGLE_CANDIDATE_ENUM)
#undef TROTH_JINGLE_CANDIDATE_ENUM
};

/* The priority of XEP-0260 2.2 for a local preference from 0 to 65535. */
uint32_t troth_jingle_priority(enum troth_jingle_candidate_type type, uint16_t local);

/* A place where the bytestream can be had. */
struct troth_jingle_candidate {
	const char *cid;  /* made here: NULL when given by the application */
	const char *host; /* an address or a host name; nothing else passes */
	uint16_t port;
	const char *jid; /* of a proxy; NULL when given: our own */
	uint32_t priority;
	enum troth_jingle_candidate_type type;
	size_t index; /* of ours: its place in what the application gave; ignored when given */
};

/* XTLS (urn:xmpp:jingle:security:xtls:0): TLS at once on the bytestream. Only for peers for which
 * the user configured it. Whoever agrees on it makes the stream with tls_first (troth/stream.h),
 * and ends the session with SECURITY_ERROR where what was agreed on isn't what proves the peer. */
struct troth_jingle_security {
	/* Name of the certificate that will be shown, or NULL; the peer's as it wrote it. */
	const char *fingerprint;
	bool x509;
	bool srp;
};

/* What one side brings to a session. Everything is copied. */
struct troth_jingle_offer {
	/* Caller: what is tried first. Ignored by whoever is called: the caller decides. */
	enum troth_jingle_transport transport;
	/* Caller: urn:xmpp:jingle:0 with transports:ibb:0, for peers of XEP-0247's own time. */
	bool old;
	const struct troth_jingle_candidate *candidates; /* ours; none with IBB */
	size_t candidate_count;
	uint16_t block_size; /* the most for in-band blocks; 0: 4096 */
	/* The children of <hints xmlns='urn:xmpp:troth:0'>; NULL: no such element. */
	void (*hints)(void *user, struct troth_writer *w);
	void *hints_user;
	const struct troth_jingle_security *security; /* NULL: none */
};

/* ---- Sessions. A number names one; it is never used again. 0 is none. ---- */

/* Effect: a session with `peer` (a full JID) that nobody else knows of yet. Its bytestream has a
 * name already, so that listeners can be made ready: troth_jingle_stream_sid, _dstaddr.
 * Errors: TROTH_E_FORMAT, TROTH_E_SELF for our own JID, TROTH_E_LIMIT, TROTH_E_NOMEM. */
int troth_jingle_prepare(struct troth_jingle *j, const char *peer,
			 uint64_t *session) TROTH_MUST_USE;

/* Effect: sends session-initiate for a prepared session. Errors: TROTH_E_INVAL, also for a
 * candidate that isn't one, TROTH_E_LIMIT, TROTH_E_NOMEM; then it is still prepared. */
int troth_jingle_offer(struct troth_jingle *j, uint64_t session,
		       const struct troth_jingle_offer *offer, int64_t now) TROTH_MUST_USE;

/* Answers to TROTH_JINGLE_ASK. Effect of admit: the peer learns that we are here; CALLED follows
 * if what it sent is something that we can do, else the session ends by itself. Effect of ignore:
 * the peer gets what it would get if nobody were here, and the session is forgotten. */
int troth_jingle_admit(struct troth_jingle *j, uint64_t session, int64_t now) TROTH_MUST_USE;
int troth_jingle_ignore(struct troth_jingle *j, uint64_t session) TROTH_MUST_USE;

/* Effect: answers TROTH_JINGLE_CALLED with session-accept. Candidates that the peer offered, too,
 * are left out (XEP-0260 2.2). Errors: as troth_jingle_offer; then it can be answered again. */
int troth_jingle_accept(struct troth_jingle *j, uint64_t session,
			const struct troth_jingle_offer *offer, int64_t now) TROTH_MUST_USE;

/* X(symbol, name): XEP-0166 7.4, why a session ends. */
#define TROTH_JINGLE_REASONS(X)                                                                    \
	X(GENERAL_ERROR, "general-error")                                                          \
	X(ALTERNATIVE_SESSION, "alternative-session")                                              \
	X(BUSY, "busy")                                                                            \
	X(CANCEL, "cancel")                                                                        \
	X(CONNECTIVITY_ERROR, "connectivity-error")                                                \
	X(DECLINE, "decline")                                                                      \
	X(EXPIRED, "expired")                                                                      \
	X(FAILED_APPLICATION, "failed-application")                                                \
	X(FAILED_TRANSPORT, "failed-transport")                                                    \
	X(GONE, "gone")                                                                            \
	X(INCOMPATIBLE_PARAMETERS, "incompatible-parameters")                                      \
	X(MEDIA_ERROR, "media-error")                                                              \
	X(SECURITY_ERROR, "security-error")                                                        \
	X(SUCCESS, "success")                                                                      \
	X(TIMEOUT, "timeout")                                                                      \
	X(UNSUPPORTED_APPLICATIONS, "unsupported-applications")                                    \
	X(UNSUPPORTED_TRANSPORTS, "unsupported-transports")

enum troth_jingle_reason {
#define TROTH_JINGLE_REASON_ENUM(symbol, name) TROTH_JINGLE_REASON_##symbol,
	TROTH_JINGLE_REASONS(TROTH_JINGLE_REASON_ENUM)
#undef TROTH_JINGLE_REASON_ENUM
};

/* The name on the wire; a static string. */
const char *troth_jingle_reason_name(enum troth_jingle_reason reason);

/* Effect: ends a session in any state, with that reason for the peer where it knows of the
 * session; TROTH_JINGLE_ENDED follows. Fine for one that has ended. */
void troth_jingle_terminate(struct troth_jingle *j, uint64_t session,
			    enum troth_jingle_reason reason);

/* ---- Events ---- */

enum troth_jingle_event_type {
	TROTH_JINGLE_NONE,
	/* Somebody asks for a session: peer. May they know that we are here (XEP-0166 6.3.2)?
	 * Nothing was answered yet, and nobody but the server says who it is.
	 * Answer: troth_jingle_admit or _ignore, within 30 s. */
	TROTH_JINGLE_ASK,
	/* An admitted peer calls: transport, hints, security. Our addresses are told by the
	 * answer: troth_jingle_accept, or _terminate (DECLINE, BUSY), within 180 s. */
	TROTH_JINGLE_CALLED,
	/* The peer took our call: hints, security. */
	TROTH_JINGLE_ACCEPTED,
	/* Connect to these: candidates, the best first, and dstaddr. Answer for each of them:
	 * troth_jingle_connected for the first that works, troth_jingle_failed for others.
	 * Again, with further ones only, when the peer sends more. */
	TROTH_JINGLE_CONNECT,
	/* The peer has connected to one of ours: attempts at candidates with a priority below
	 * `priority` are given up. No answer. */
	TROTH_JINGLE_ABANDON,
	/* The peer has connected to the proxy `candidate`, which we offered. Connect to it with
	 * dstaddr, activate stream_sid for peer (XEP-0065 6.3.5).
	 * Answer: troth_jingle_activated or _stalled. */
	TROTH_JINGLE_ACTIVATE,
	/* The bytestream is there: candidate, dstaddr; ours: the peer (or the proxy that was
	 * activated) has it from us, else it is the connection that troth_jingle_connected told
	 * of. All others are closed. Where nothing comes through it: troth_jingle_stalled. */
	TROTH_JINGLE_OPEN_SOCKS5,
	/* An in-band bytestream is to be opened: stream_sid, block_size; opens: by us. Whatever
	 * was opened before in this session is closed, and the stream starts anew. */
	TROTH_JINGLE_OPEN_IBB,
	/* XTLS: the caller says by which method it will go on: security. */
	TROTH_JINGLE_SECURITY,
	/* The last event of a session: reason, err, by_peer; instead: the session that goes on
	 * where both called at once. Not given for one that was ignored. TROTH_E_NOT_FOUND: our
	 * call was answered as if nobody were there, which is what strangers are told as well. */
	TROTH_JINGLE_ENDED
};

/* What is pointed at is borrowed until the next call that isn't one of the facts below. Strings of
 * the peer are checked as the members say; hints are its words. */
struct troth_jingle_event {
	enum troth_jingle_event_type type;
	uint64_t session;
	const struct troth_address *peer; /* full */
	bool caller;                      /* we called */
	enum troth_jingle_transport transport;
	const char *stream_sid;
	const char *dstaddr; /* for the candidates at hand: 40 hex digits */
	const struct troth_jingle_candidate *candidates;
	size_t candidate_count;
	const struct troth_jingle_candidate *candidate;
	bool ours;
	uint32_t priority;
	uint16_t block_size;
	bool opens;
	const struct troth_element *hints;            /* NULL: none */
	const struct troth_jingle_security *security; /* NULL: none */
	enum troth_jingle_reason reason;
	uint64_t instead;
	int err;
	bool by_peer;
};

/* Effect: takes an IQ as the server delivered it, its `from` included. *handled: it was for us,
 * and is answered where it must be; what isn't handled is for others. Errors: TROTH_E_NOMEM,
 * TROTH_E_LIMIT when the output isn't fetched, TROTH_E_CRYPTO: ours, never the peer's. */
int troth_jingle_feed(struct troth_jingle *j, const struct troth_element *stanza, int64_t now,
		      bool *handled) TROTH_MUST_USE;

void troth_jingle_next(struct troth_jingle *j, int64_t now, struct troth_jingle_event *out);

/* The next stanza to send, one whole <iq/> of jabber:client, borrowed until the next call; empty
 * when there is none. Then tell that it was sent. */
struct troth_slice troth_jingle_output(const struct troth_jingle *j);
void troth_jingle_sent(struct troth_jingle *j);

/* When troth_jingle_next must be called even if nothing arrives; -1: not needed. */
int64_t troth_jingle_deadline(const struct troth_jingle *j);

/* Effect: the peer's presence says that this full JID has gone: its sessions end, but those whose
 * bytestream is up over SOCKS5, which needs no server. NULL: we have lost the server ourselves.
 * Nothing is sent to whoever has gone. */
void troth_jingle_gone(struct troth_jingle *j, const char *peer);

/* Effect: this full JID isn't one that knows of us any more: once its sessions are over it gets
 * what anybody would get. Sessions that are over aren't taken again all the same. Errors:
 * TROTH_E_FORMAT, TROTH_E_NOMEM. */
int troth_jingle_forget(struct troth_jingle *j, const char *peer) TROTH_MUST_USE;

/* ---- What became of the bytestream. Each is TROTH_E_INVAL, and changes nothing, when it isn't
 * asked for (any more): reports cross with TROTH_JINGLE_ABANDON, with what replaces SOCKS5, and
 * with the end. ---- */

/* Effect: we have connected to the peer's candidate with this cid. */
int troth_jingle_connected(struct troth_jingle *j, uint64_t session, const char *cid,
			   int64_t now) TROTH_MUST_USE;
/* Effect: that candidate can't be had; NULL: none of those that are left. */
int troth_jingle_failed(struct troth_jingle *j, uint64_t session, const char *cid,
			int64_t now) TROTH_MUST_USE;
/* Effect: our proxy has been activated. */
int troth_jingle_activated(struct troth_jingle *j, uint64_t session, int64_t now) TROTH_MUST_USE;
/* Effect: the SOCKS5 bytestream that was agreed on doesn't work: a proxy that can't be reached or
 * activated, or one that swallows bytes. In-band takes its place, or the session ends. In-band
 * has nothing behind it: then the session ends. */
int troth_jingle_stalled(struct troth_jingle *j, uint64_t session, int64_t now) TROTH_MUST_USE;

/* Effect: XTLS: says by which method we go on, as the caller, once ACCEPTED has security. */
int troth_jingle_choose(struct troth_jingle *j, uint64_t session,
			const struct troth_jingle_security *security, int64_t now) TROTH_MUST_USE;

/* ---- Facts, any time. NULL for a session that there isn't. ---- */

const struct troth_address *troth_jingle_peer(const struct troth_jingle *j, uint64_t session);
/* Of the bytestream (not of the Jingle session): XEP-0260's and XEP-0261's sid. */
const char *troth_jingle_stream_sid(const struct troth_jingle *j, uint64_t session);
/* SHA-1 of the above, our JID and the peer's, in hex: what whoever connects to our candidates
 * says, directly or at our proxy (XEP-0260 2.2). */
const char *troth_jingle_dstaddr(const struct troth_jingle *j, uint64_t session);

TROTH_API_END

#endif
