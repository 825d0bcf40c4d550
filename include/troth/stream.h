/* SPDX-License-Identifier: MIT */
/*
 * An end-to-end XML stream (XEP-0246) secured as XEP-0250 describes: bytes and
 * time go in, bytes and events come out. No I/O, no clock, no callback.
 *
 *     troth_stream_feed(s, bytes, now)      what arrived
 *     troth_stream_next(s, now, &event)     until it gives TROTH_EVENT_NONE; some
 *                                           events want an answer by another call
 *     troth_stream_output(s)                what to send; then troth_stream_sent(s, n)
 *     troth_stream_deadline(s)              when to call troth_stream_next again at the latest
 *
 * Times are milliseconds of any clock that never goes back. Calls on one engine
 * and its streams must come from one thread at a time.
 */
#ifndef TROTH_STREAM_H
#define TROTH_STREAM_H

#include <stdbool.h>
#include <troth/address.h>
#include <troth/api.h>
#include <troth/bytes.h>
#include <troth/endorsement.h>
#include <troth/err.h>
#include <troth/key.h>
#include <troth/sas.h>
#include <troth/secret.h>
#include <troth/trust.h>
#include <troth/xml.h>

TROTH_API_BEGIN

/* ---- Engine: what the streams of one device share ---- */

struct troth_engine;

struct troth_engine_params {
	const struct troth_device *device; /* borrowed: must outlive the engine */
	/* Effect: fills out with len unpredictable bytes. NULL: OpenSSL's generator. */
	void (*random)(void *user, uint8_t *out, size_t len);
	void *random_user;
};

int troth_engine_new(struct troth_engine **out,
		     const struct troth_engine_params *params) TROTH_MUST_USE;
/* Effect: frees it; every stream must have been freed before. NULL is fine. */
void troth_engine_free(struct troth_engine *engine);

/* Effect: from now on these are what this device says to its contacts: in offers (endorsements of
 * its key, the user key's name), and with its keys (everything). NULL: nothing. The struct is
 * copied; what it points at is borrowed until the next call or the engine's end. Strangers get
 * none of it. Errors: TROTH_E_LIMIT for more than a peer reads; then nothing changes. */
int troth_engine_state(struct troth_engine *engine,
		       const struct troth_statements *statements) TROTH_MUST_USE;

/* ---- What is known of a peer, and what is asked of it ---- */

/*
 * A name of "" is for a key of which only the pin is known, a fingerprint read aloud: it
 * selects every peer that names a key, and the handshake tells by the pin who it is. Such keys
 * may be given for a stranger too (unproven, contact NULL): they promise nothing, so a peer that
 * shows another key is one that nobody has verified: TROTH_METHOD_INSECURE where least allows
 * it, TROTH_E_NO_METHOD elsewhere.
 */
struct troth_known_key {
	char name[TROTH_NAME_LEN + 1];
	struct troth_pin pin;
	bool proven; /* false: learnt without proof of possession; gives no floor */
	/* It was revoked. It still selects where it has a name, so that whoever shows it is refused
	 * by an alert that says why; it proves nothing, and gives no floor. */
	bool revoked;
};

/*
 * A key whose endorsement would prove a device of this contact: its user key, its OpenPGP key, an
 * old device key whose successor may come. A peer whose offer has an endorsement by it is one
 * that can prove itself by TROTH_METHOD_KEY; whether the endorsement is right and enough is for
 * the application to judge at TROTH_EVENT_VERDICT. The stream never falls back from it.
 */
struct troth_known_issuer {
	char name[TROTH_NAME_LEN + 1];     /* as offers name it */
	char issuer[TROTH_ISSUER_LEN + 1]; /* its hash; for the application's own use */
};

/*
 * The application's knowledge, given when a stream is made and again as the answer
 * to TROTH_EVENT_WHO. Copied. It fixes the floor (docs/protocol.md, "Floor"): pairing
 * asked for: a proof by secret; else a proven key or an issuer: those keys, by whatever road;
 * else a secret: a proof by it; else least. The answer about a peer's keys may narrow what the
 * answer about its header took, and not widen it: then the stream fails.
 */
struct troth_known {
	const char *contact;                /* a label for events; NULL: a stranger */
	const struct troth_known_key *keys; /* keys that would prove this contact */
	size_t key_count;
	const struct troth_known_issuer *issuers; /* keys that may endorse its devices */
	size_t issuer_count;
	const struct troth_secret *secret; /* shared with this peer; NULL: none yet */
	const char *question; /* in our offer, in clear: what the secret answers; NULL: nothing */
	bool pairing;         /* the user asked for a proof by secret with this peer */
	bool may_ask; /* the user may be asked for a secret: an open pairing window, a contact */
	/* A CA that the application believes may speak for this peer: where no key proves it, its
	 * chain may. It then comes by its certificate, and TROTH_EVENT_VERDICT decides. */
	bool may_try;
	/* Those CAs, all of them: a peer whose offer says that others issued its certificate isn't
	 * tried. None: whoever may be tried is. */
	const struct troth_pin *cas; /* SHA-256 of the SubjectPublicKeyInfo */
	size_t ca_count;
	enum troth_level least; /* floor where nothing above gives one:
				   TROTH_LEVEL_PLAIN allows plain old peers on a link,
				   TROTH_LEVEL_UNVERIFIED certificates nobody could verify */
};

enum troth_role { TROTH_INITIATOR, TROTH_RECIPIENT };

/*
 * TLS at once, as Jingle-XTLS has it: no header, no features and no offer in clear. What the two
 * sides have said of it elsewhere, over a channel that proves nothing: it selects, and the verdict
 * is as on any other stream. Nothing binds what was said there to the stream: TROTH_EVENT_SECURED
 * never has `transcript`, and neither pake nor a short string can be had.
 */
struct troth_tls_first {
	bool srp; /* TLS-SRP was agreed on; else certificates on both sides */
	/* The name (40 hex digits) of the certificate that the peer says it will show: another one
	 * is refused as TROTH_E_DOWNGRADE. NULL: it said none. */
	const char *fingerprint;
};

struct troth_stream_params {
	enum troth_role role;
	const struct troth_address *local; /* our address */
	/* The address dialled, or over a server the one that calls: the peer's header has to name
	 * it. NULL when only host and port are known. */
	const struct troth_address *peer;
	const struct troth_known
		*known;      /* initiator: required; recipient: ignored, see TROTH_EVENT_WHO */
	size_t stanza_bytes; /* the largest stanza taken or sent once secured; 0: 256 KiB */
	size_t stanza_depth; /* and its most levels; 0: 64 */
	bool sas;   /* the application can show a short string: on insecure streams it is offered */
	bool trace; /* give TROTH_EVENT_STATE and TROTH_EVENT_XML */
	/* Copied; needs peer. NULL: header, features and offers come first (XEP-0250). */
	const struct troth_tls_first *tls_first;
	/* Extra elements for our stream features, as a recipient inside TLS; NULL for none. */
	void (*features)(void *user, struct troth_writer *w);
	void *user;
};

/* ---- Events ---- */

enum troth_event_type {
	TROTH_EVENT_NONE,
	/* A peer named itself, or named its keys: who might it be? address, names[], issuers[], and
	 * endorsements[]: the first by each of those issuers, read and not verified.
	 * Answer: troth_stream_know. The names are claims: they select, they prove nothing. */
	TROTH_EVENT_WHO,
	/* Only a secret would do and none is known. address, method, text: a question of the
	 * peer's that the secret answers, at most 256 bytes, from in clear and so perhaps from
	 * somebody else; NULL: none.
	 * Answer: troth_stream_secret or troth_stream_refuse, before the deadline (180 s);
	 * meanwhile the peer is told nothing. */
	TROTH_EVENT_ASK_SECRET,
	/* What leaves next lets the peer test one guess at the secret: debit it durably.
	 * Answer: troth_stream_debited or troth_stream_refuse. */
	TROTH_EVENT_GUESS,
	/* The handshake is over; the peer's key is proven to be the peer's. Who is it, and is
	 * that enough? method, cert, chain, staple (none under SRP), endorsements[]: what the
	 * peer's offer showed for that key, read and not verified. With TROTH_METHOD_KEY and a key
	 * that isn't one of known.keys, endorsements and chain are all there is: no right one, no
	 * verdict but an error. Answer: troth_stream_verdict, at leisure (180 s): nothing is sent
	 * meanwhile. */
	TROTH_EVENT_VERDICT,
	/* Information: the peer got what it needs and is silent; its user is probably being asked.
	 */
	TROTH_EVENT_WAITING,
	/* The stream is up. level, method, address, transcript, cert, tls. */
	TROTH_EVENT_SECURED,
	/* Keys arrived (XEP-0189): keys[], revocations[]. On a stream by secret the peer's own are
	 * to be pinned, unproven where possessed is false. Revocations are read and not verified.
	 * about: whose keys they are, when we asked for somebody else's; NULL: the peer's own. */
	TROTH_EVENT_KEYS,
	/* The peer asks for somebody else's keys: about. Answer, before the next
	 * troth_stream_next: troth_stream_give_keys. Without one the peer is told that there are
	 * none. */
	TROTH_EVENT_KEYS_WANTED,
	/* On an insecure stream, begun by either user: a short string for both to compare. sas.
	 * Answer, when the user has: troth_stream_sas_answer. */
	TROTH_EVENT_SAS,
	/* Both users say that it is the same. cert is the peer's: to be pinned. This stream stays
	 * what it was. */
	TROTH_EVENT_SAS_CONFIRMED,
	/* A stanza: its from and to are the authenticated ones or absent. element. */
	TROTH_EVENT_STANZA,
	/* Trace only. text: a state's name, or the XML; outgoing says the direction. Never a
	   secret. */
	TROTH_EVENT_STATE,
	TROTH_EVENT_XML,
	/* The last event. err: TROTH_OK when both sides ended it properly. text: a sentence.
	 * What is in the output should still be sent before the transport is closed. */
	TROTH_EVENT_CLOSED
};

struct troth_peer_key {
	const struct troth_cert *cert; /* borrowed with the event */
	bool possessed;                /* the peer proved that it holds the private key */
	/* Isn't the key that authenticates this stream, and isn't possessed: there because it has a
	 * device or renew endorsement, or because it signed one of those that came with it. */
	bool further;
	const struct troth_endorsement *const *endorsements; /* read, not verified */
	size_t endorsement_count;
};

/* Everything pointed at is borrowed until the next troth_stream_next or _free. */
struct troth_event {
	enum troth_event_type type;
	const struct troth_address *address; /* the peer's, as it says; NULL when it gave none */
	const char *const *names;            /* key names of the peer's offer */
	size_t name_count;
	const char *const *issuers; /* names of keys that endorse them, as the offer says */
	size_t issuer_count;
	enum troth_method method;
	enum troth_level level;
	const struct troth_cert *cert;
	/* VERDICT: DER of what the peer sent behind cert, and an OCSP response for cert or nothing;
	 * both stay until the verdict is given, or the stream has ended. */
	const struct troth_slice *chain;
	size_t chain_count;
	struct troth_slice staple;
	bool transcript; /* offers were compared inside TLS */
	const char *tls; /* version and suite, for people */
	const struct troth_endorsement *const *endorsements;
	size_t endorsement_count;
	const struct troth_peer_key *keys;
	size_t key_count;
	const struct troth_revocation *const *revocations;
	size_t revocation_count;
	const struct troth_quorum *quorum; /* KEYS: read and not verified; NULL: none */
	/* KEYS: the key that takes the place of the one that authenticates the stream, as its
	 * holder says; NULL: it names none. */
	const struct troth_pin *successor;
	const struct troth_address *about;
	const struct troth_sas *sas; /* for the life of the stream */
	const struct troth_element *element;
	const char *text;
	bool outgoing;
	int err;
	bool by_peer; /* the peer ended it, or sent the error */
};

/* ---- The stream ---- */

struct troth_stream;

/* Effect: a stream; an initiator's header waits in the output at once (together with its
 * request when a proven key is known: one round trip less). The caller owns *out; the
 * engine must outlive it. Errors: TROTH_E_INVAL, TROTH_E_NOMEM, TROTH_E_CRYPTO. */
int troth_stream_new(struct troth_stream **out, struct troth_engine *engine,
		     const struct troth_stream_params *params, int64_t now) TROTH_MUST_USE;
void troth_stream_free(struct troth_stream *s);

/* Effect: takes what arrived, to be worked on by troth_stream_next. Call next until NONE
 * before feeding again. A len of 0 is fine. Errors: TROTH_E_LIMIT, TROTH_E_NOMEM; either way
 * the stream says so itself by TROTH_EVENT_CLOSED. */
void troth_stream_feed(struct troth_stream *s, struct troth_slice bytes, int64_t now);
/* Effect: the transport has ended (or failed): no more bytes will come. */
void troth_stream_feed_end(struct troth_stream *s, int64_t now);

/* Effect: works until there is an event or nothing more to do. After TROTH_EVENT_CLOSED
 * only NONE follows. */
void troth_stream_next(struct troth_stream *s, int64_t now, struct troth_event *out);

/* What is to be sent, borrowed until the next call; then tell how much was. */
struct troth_slice troth_stream_output(const struct troth_stream *s);
void troth_stream_sent(struct troth_stream *s, size_t len);

/* When troth_stream_next must be called even if nothing arrives; -1: not needed. */
int64_t troth_stream_deadline(const struct troth_stream *s);

/* ---- Answers. Each is TROTH_E_INVAL when the question isn't open. ---- */

int troth_stream_know(struct troth_stream *s, const struct troth_known *known) TROTH_MUST_USE;
/* Effect: goes on with this secret (copied). */
int troth_stream_secret(struct troth_stream *s, const struct troth_secret *secret) TROTH_MUST_USE;
/* Effect: the user, or the budget, said no; err is TROTH_E_REFUSED or TROTH_E_BUDGET.
 * The peer gets <failure/>, or the reason where it is already inside TLS. */
int troth_stream_refuse(struct troth_stream *s, int err) TROTH_MUST_USE;
int troth_stream_debited(struct troth_stream *s) TROTH_MUST_USE;

/* Below TROTH_LEVEL_VERIFIED a peer that was let in by may_try goes on as
 * TROTH_METHOD_INSECURE, where the floor admits that. */
struct troth_verdict {
	int err; /* TROTH_OK: go on; else why not (TROTH_E_KEY_CHANGED, _REFUSED, ...) */
	enum troth_level level; /* what the proof is worth; never above what the method gives */
	const char *contact;    /* the label; NULL: none. Who has none and proved no secret isn't
				   given our statements when it asks for our keys */
};
int troth_stream_verdict(struct troth_stream *s,
			 const struct troth_verdict *verdict) TROTH_MUST_USE;

/* ---- Once secured ---- */

/* Effect: writes a stanza: what write puts into the writer must be one element of
 * jabber:client. from and to may be left out. Errors: the writer's, TROTH_E_INVAL when
 * the stream isn't up. */
int troth_stream_send(struct troth_stream *s, void (*write)(void *user, struct troth_writer *w),
		      void *user) TROTH_MUST_USE;

/* Effect: asks the peer for its keys; TROTH_EVENT_KEYS follows when they come. Done by
 * itself once on every stream by secret. */
int troth_stream_request_keys(struct troth_stream *s) TROTH_MUST_USE;
/* Effect: the same for somebody else's keys; the answer has `about` set. One request of either
 * kind at a time. Errors: TROTH_E_INVAL also for what isn't a JID. */
int troth_stream_request_keys_of(struct troth_stream *s, const char *jid) TROTH_MUST_USE;

/* Effect: sends our keys and statements unasked, after one of them changed. Errors:
 * TROTH_E_INVAL when the stream isn't up and verified. */
int troth_stream_push_keys(struct troth_stream *s) TROTH_MUST_USE;

/* Effect: answers TROTH_EVENT_KEYS_WANTED with somebody's keys and what we say about them
 * (TROTH_PURPOSE_VOUCH). Errors: TROTH_E_INVAL when nothing is wanted, TROTH_E_LIMIT. */
int troth_stream_give_keys(struct troth_stream *s, const struct troth_stated_key *keys,
			   size_t count) TROTH_MUST_USE;

/* Effect: begins to compare a short string; TROTH_EVENT_SAS follows. Once in the life of a stream.
 * TROTH_E_INVAL when it isn't up and insecure, or the peer can't. */
int troth_stream_sas(struct troth_stream *s) TROTH_MUST_USE;
/* Effect: what our user says. When both have said that it is the same TROTH_EVENT_SAS_CONFIRMED
 * follows; anything else ends the stream. TROTH_E_INVAL when nothing is asked. */
int troth_stream_sas_answer(struct troth_stream *s, enum troth_sas_answer answer) TROTH_MUST_USE;

/* Effect: ends the stream in order; TROTH_EVENT_CLOSED follows. On a stream by secret our
 * keys are given first if the peer hasn't had them. Before the stream is up: cancels it. */
void troth_stream_close(struct troth_stream *s, int64_t now);

/* ---- Facts, any time ---- */

enum troth_role troth_stream_role(const struct troth_stream *s);
const char *troth_stream_state(const struct troth_stream *s);
const struct troth_address *troth_stream_local(const struct troth_stream *s);
/* The peer's address, or NULL while unknown. */
const struct troth_address *troth_stream_peer(const struct troth_stream *s);
/* Whether the stream is up, and what it is worth. TROTH_LEVEL_PLAIN until then. */
bool troth_stream_is_up(const struct troth_stream *s);
enum troth_level troth_stream_level(const struct troth_stream *s);
enum troth_method troth_stream_method(const struct troth_stream *s);

TROTH_API_END

#endif
