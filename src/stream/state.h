/* SPDX-License-Identifier: MIT */
/*
 * The stream's inside, shared by the files of this folder only. Layer: stream.
 *
 *   stream.c     life, input, output, the loop over the steps
 *   item.c       the next element, from the transport or out of TLS
 *   header.c     the headers before TLS
 *   clear.c      features, request, proceed: what else is before TLS
 *   plain.c      peers that do no TLS at all
 *   proceed.c    the answer to our request
 *   first.c      TLS at once, without any of these (XTLS)
 *   secure.c     TLS handshake, guesses, verdict
 *   inner.c      header, features and transcript inside TLS
 *   pake.c       the proof by secret inside TLS
 *   sas.c        comparing a short string, once up
 *   answer.c     the application's answers to the stream's questions
 *   up.c         stanzas once secured
 *   keys.c       keys asked for and given (XEP-0189)
 *   keys_read.c  keys received, and which of them are reported
 *   ending.c     closing, failing, and what the peer is told
 *   trace.c      what happened, for people who want to see it
 */
#ifndef TROTH_STREAM_STATE_H
#define TROTH_STREAM_STATE_H

#include "base/digest.h"
#include "base/limits.h"
#include "c2c/choose.h"
#include "c2c/cpace.h"
#include "keys/keyinfo.h"
#include "stream/engine.h"
#include "xml/reader.h"
#include "xml/writer.h"
#include "xmpp/error.h"
#include "xmpp/header.h"
#include "xmpp/iq.h"

/* X(symbol, name): the order is the order of a stream's life. */
#define STREAM_STATES(X)                                                                           \
	X(HEADER, "waiting for the peer's header")                                                 \
	X(WHO_HEADER, "looking up who the peer might be")                                          \
	X(FEATURES, "waiting for the peer's features")                                             \
	X(REQUEST, "waiting for the peer to start TLS")                                            \
	X(WHO_KEYS, "looking up the keys that the peer names")                                     \
	X(ASK, "waiting for the user's secret")                                                    \
	X(ANSWERED, "going on after an answer")                                                    \
	X(PROCEED, "waiting for the peer to proceed")                                              \
	X(HANDSHAKE, "TLS handshake")                                                              \
	X(GUESS, "counting a guess")                                                               \
	X(VERDICT, "judging the proof")                                                            \
	X(INNER_HEADER, "waiting for the header inside TLS")                                       \
	X(INNER_FEATURES, "waiting for the features inside TLS")                                   \
	X(TRANSCRIPT, "waiting for the peer's transcript")                                         \
	X(PAKE, "proving the secret")                                                              \
	X(UP, "up")                                                                                \
	X(CLOSING, "closing")                                                                      \
	X(CLOSING_TLS, "waiting for the end of TLS")                                               \
	X(OVER, "over")                                                                            \
	X(ENDED, "ended")

enum stream_state {
#define STREAM_STATE_ENUM(symbol, name) STREAM_##symbol,
	STREAM_STATES(STREAM_STATE_ENUM)
#undef STREAM_STATE_ENUM
};

/* What a step came to. */
enum step {
	STEP_WAIT,  /* nothing to do until something arrives; where the state changed: AGAIN */
	STEP_AGAIN, /* go on at once */
	STEP_EVENT  /* the event is filled in */
};

struct stream_trace; /* trace.c */
struct stream_sas;   /* sas.c */

/* A copy of struct troth_known that owns what it points at. */
struct stream_known {
	struct troth_known view;
	struct troth_known_key *keys;
	struct troth_known_issuer *issuers;
	struct troth_pin *cas;
	struct troth_secret *secret;
	char *contact;
	char *question;
};

struct stream_offers {
	struct troth_offer ours;                   /* features as recipient, request as initiator */
	struct troth_offer theirs;                 /* the other one */
	struct troth_offer_proofs proofs;          /* what theirs points at */
	const char *names[TROTH_LIMIT_OFFER_KEYS]; /* theirs, for events */
	const char *issuers[TROTH_LIMIT_OFFER_KEYS];
	const struct troth_endorsement *by[TROTH_LIMIT_OFFER_KEYS]; /* the first of each issuer */
	size_t issuer_count;
	char question[TROTH_LIMIT_QUESTION_BYTES + 1]; /* theirs */
};

struct troth_stream {
	struct troth_engine *engine;
	enum troth_role role;
	enum stream_state state;
	size_t stanza_bytes;
	size_t stanza_depth;
	enum stream_state answered; /* ANSWERED: the state whose question was answered */
	bool trace;
	void (*features)(void *user, struct troth_writer *w);
	void *features_user;

	struct troth_address *local;
	struct troth_address *dialled; /* NULL when only host and port are known */
	struct troth_address *peer;    /* from its header */
	bool peer_had_to;
	struct stream_known known;
	enum troth_floor floor; /* fixed at each WHO, before what follows is sent */

	/* Bytes. */
	struct troth_buf in;  /* arrived, not yet worked on */
	struct troth_buf out; /* to be sent */
	bool in_ended;        /* the transport has ended */
	bool bulk;            /* something large has passed since there was nothing to do */
	struct troth_xml_reader *reader;
	struct troth_buf clear_in; /* everything that arrived before TLS, for the transcript */
	struct troth_hash *clear_out;
	size_t clear_out_len;
	uint8_t transcript[TROTH_SHA256_LEN];
	struct troth_stanza *pending; /* came with the step before: next to be handled */
	struct troth_buf plain;       /* decrypted, not yet parsed */

	/* TLS at once (first.c). What the peer announced for its certificate stands in offers. */
	bool tls_first;
	bool first_srp;   /* what both sides said that it would be */
	bool other_shown; /* the certificate isn't the one that was announced */

	/* Negotiation. */
	struct stream_offers *offers; /* NULL once the stream is up */
	bool header_sent;
	bool peer_offers;  /* the peer's features or request held an offer */
	bool requested;    /* initiator: request sent; recipient: request received */
	bool eager;        /* initiator: the request went with the header */
	bool new_key;      /* and the features name only keys that aren't known */
	bool peer_version; /* its header had version 1.x */
	enum troth_method method;

	/* TLS. */
	struct troth_tls *tls;
	bool first_flight;  /* of an SRP handshake: has left; what follows tests a guess */
	bool hello_arrived; /* the peer has begun its part of the handshake */
	bool self_shown;    /* the peer's certificate is our own */
	bool stranger;      /* it is nobody's, and nobody's was promised */
	bool tried;         /* it is nobody's: a CA may say whose */
	int user_err;       /* of reading the SRP user name that arrived */
	bool debited;
	bool handshaken;
	int handshake_err; /* held back until the guess is debited */
	bool srp_restart;  /* this side begins again with SRP (seed 000) */
	bool has_exporter; /* live.exporter is filled */
	struct troth_live live;
	bool tls_ended; /* the peer's close_notify came */

	/* Up. */
	bool inner_header_sent;
	bool transcript_compared;
	struct troth_cpace *cpace; /* from the transcript on until the proof is over */
	int pake_step;             /* 1 to 4: the next one to arrive */
	int pake_err;              /* of what arrived, held back until the guess is debited */
	enum troth_level level;
	bool named;                  /* the verdict named a contact */
	bool shows_sas;              /* the application can */
	bool sas_agreed;             /* both offered it */
	struct stream_sas *sas;      /* sas.c; NULL: no run yet */
	struct troth_stanza *stanza; /* of the last event */
	struct troth_keyinfo_list *key_list;
	struct troth_peer_key *peer_keys;
	struct troth_address *event_about; /* of the last event: whose keys */
	bool keys_asked_of_us;           /* the last event was KEYS_WANTED, and has no answer yet */
	char key_request[33];            /* id of our open request for keys; "" for none */
	struct troth_address *key_about; /* whose keys it asks for; NULL: the peer's */
	bool keys_given;                 /* the peer has had our keys */
	bool keys_wanted;                /* fresh SRP stream: the peer's own keys are welcome */
	bool keys_wanted_done;           /* and have come */

	/* Ending. */
	int err;
	char reason[200];
	bool by_peer;

	/* Time. */
	int64_t now;
	int64_t deadline;   /* -1: none */
	int64_t waiting_at; /* when to say that the peer is being asked; -1: not */
	struct stream_trace *traces;
	struct stream_trace *trace_shown;
};

/* ---- stream.c ---- */
void stream_set_state(struct troth_stream *s, enum stream_state state);
/* Effect: the phase ends `in_ms` from now; -1: never. */
void stream_set_deadline(struct troth_stream *s, int64_t in_ms);
void stream_event(const struct troth_stream *s, struct troth_event *out,
		  enum troth_event_type type);
int stream_known_set(struct stream_known *to, const struct troth_known *from) TROTH_MUST_USE;
void stream_known_fini(struct stream_known *known);
void stream_known_forget_secret(struct stream_known *known);
struct troth_side stream_side(const struct troth_stream *s);
/* What the peer may know of our statements; NULL for strangers, and when there are none. */
const struct troth_statements *stream_statements(const struct troth_stream *s);
void stream_offers_free(struct stream_offers *offers);
enum troth_floor stream_floor(const struct troth_stream *s);
/* Effect: appends clear text to the output and to the transcript. */
int stream_write_clear(struct troth_stream *s, struct troth_slice bytes) TROTH_MUST_USE;
/* Effect: sends bytes the way the stream is now: inside TLS, or in clear. */
int stream_write(struct troth_stream *s, struct troth_slice bytes) TROTH_MUST_USE;
/* Effect: what write makes, written like that, and traced. */
int stream_write_xml(struct troth_stream *s,
		     int (*write)(struct troth_stream *, struct troth_buf *)) TROTH_MUST_USE;
int stream_new_reader(struct troth_stream *s, bool authenticated) TROTH_MUST_USE;
/* Effect: the secret has been proven: stanzas of full size are taken. */
void stream_reader_proven(struct troth_stream *s);

/* ---- the steps: one function for each state, in the files named above ---- */
enum step stream_step_header(struct troth_stream *s, struct troth_event *out);
enum step stream_step_features(struct troth_stream *s, struct troth_event *out);
enum step stream_step_request(struct troth_stream *s, struct troth_event *out);
enum step stream_step_answered(struct troth_stream *s, struct troth_event *out);
enum step stream_step_handshake(struct troth_stream *s, struct troth_event *out);
enum step stream_step_pake(struct troth_stream *s, struct troth_event *out);
enum step stream_step_inner(struct troth_stream *s, struct troth_event *out);
enum step stream_step_up(struct troth_stream *s, struct troth_event *out);
enum step stream_step_closing_tls(struct troth_stream *s, struct troth_event *out);
enum step stream_step_over(struct troth_stream *s, struct troth_event *out);

/* ---- header.c ---- */
int stream_send_header(struct troth_stream *s) TROTH_MUST_USE;
/* Effect: the peer's first header, which gives its address; false: the stream has failed. Frees the
 * item's stanza. */
bool stream_read_header(struct troth_stream *s, const struct troth_xml_item *item);

/* ---- clear.c ---- */
/* Effect: asks who the peer may be, with the names that it showed. */
enum step stream_ask_who(struct troth_stream *s, struct troth_event *out, enum stream_state state);
/* Effect: initiator: header, and the request with it where a proven key is known. */
int stream_begin(struct troth_stream *s) TROTH_MUST_USE;
/* Effect: goes on after the answer to WHO. */
enum step stream_known_header(struct troth_stream *s, struct troth_event *out);
enum step stream_known_keys(struct troth_stream *s, struct troth_event *out);
/* Effect: goes on with the method in s: asks for a secret where one is needed and missing. */
enum step stream_have_method(struct troth_stream *s, struct troth_event *out);
/* Effect: goes on with the method and the secret in s. */
enum step stream_have_secret(struct troth_stream *s, struct troth_event *out);

/* "Bytes in clear after <starttls/> or <proceed/> are fatal." */
bool stream_crosses_line(const struct troth_stream *s);
enum step stream_fail_crossing(struct troth_stream *s);
/* Effect: fails because of what a choice in c2c/choose.h said. */
#define STREAM_NO_CA "No CA that is believed for the peer has certified its key, as it says itself."
enum step stream_fail_choice(struct troth_stream *s, int err);

/* ---- proceed.c ---- */
enum step stream_step_proceed(struct troth_stream *s, struct troth_event *out);

/* ---- first.c ---- */
/* Effect: takes what was agreed on over into a stream that begins with TLS. TROTH_E_FORMAT for a
 * fingerprint that isn't one. */
int stream_first_init(struct troth_stream *s,
		      const struct troth_stream_params *params) TROTH_MUST_USE;
/* Effect: begins: asks who the peer may be, where that isn't known. */
enum step stream_first(struct troth_stream *s, struct troth_event *out);
/* Effect: that is known: TLS follows, if it is what was agreed on. */
enum step stream_first_known(struct troth_stream *s, struct troth_event *out);
/* Whether it is the certificate that was announced, where one was. */
bool stream_first_is_announced(const struct troth_stream *s, const struct troth_cert *cert);

/* ---- secure.c ---- */
/* Effect: begins the TLS handshake for s->method. */
enum step stream_start_tls(struct troth_stream *s, struct troth_event *out);
/* Effect: works on `in` and moves what TLS wants sent to `out`, unless it is held back. */
int stream_tls_pump(struct troth_stream *s) TROTH_MUST_USE;
/* Why TROTH_E_PEER_REFUSED came from TLS: a sentence. */
const char *stream_key_refused(const struct troth_stream *s);
/* Effect: asks whether the proof is enough, and whose it is. */
enum step stream_ask_verdict(struct troth_stream *s, struct troth_event *out);
/* Effect: decrypts into the reader. *more: something new was fed. */
int stream_tls_read(struct troth_stream *s, bool *more) TROTH_MUST_USE;

/* ---- inner.c ---- */
enum step stream_inner_begin(struct troth_stream *s, struct troth_event *out);
/* Effect: the stream is up: the event tells it. */
enum step stream_secured(struct troth_stream *s, struct troth_event *out);

/* ---- pake.c ---- */
/* Effect: begins the proof; headers and transcript have been compared. */
enum step stream_pake_begin(struct troth_stream *s);
/* Effect: goes on after the debit, and after the verdict. */
enum step stream_pake_paid(struct troth_stream *s, struct troth_event *out);
enum step stream_pake_judged(struct troth_stream *s, struct troth_event *out);
/* Effect: appends CI of this stream (c2c/binding.h). */
int stream_binding(const struct troth_stream *s, struct troth_buf *out) TROTH_MUST_USE;

/* ---- sas.c ---- */
/* Whether a string may be compared on this stream. */
bool stream_sas_is_agreed(const struct troth_stream *s);
/* Effect: an element of the comparison. */
enum step stream_sas_element(struct troth_stream *s, const struct troth_element *e,
			     struct troth_event *out);
/* Effect: the event that both have confirmed, if our user was the second; else STEP_WAIT. */
enum step stream_sas_answered(struct troth_stream *s, struct troth_event *out);
void stream_sas_free(struct stream_sas *sas);

/* ---- item.c ---- */
/* Effect: the next item of the peer, from the transport or out of TLS, which the caller owns.
 * false: there is none yet, or the stream has failed. */
bool stream_next_item(struct troth_stream *s, struct troth_xml_item *item) TROTH_MUST_USE;
/* Effect: the same where only an element may come: the end of the stream and stream errors
 * are dealt with. NULL: none yet, or the stream's state has changed. */
struct troth_stanza *stream_next_element(struct troth_stream *s) TROTH_MUST_USE;

/* ---- plain.c ---- */
/* Effect: the peer does no TLS: goes on in plain where the floor admits it, else fails. */
enum step stream_plain(struct troth_stream *s, struct troth_event *out);
/* Effect: the same, and the peer's first stanza is there already; takes it over. */
enum step stream_plain_stanza(struct troth_stream *s, struct troth_stanza *stanza,
			      struct troth_event *out);

/* ---- keys.c ---- */
/* Effect: our request for the peer's keys. */
int stream_ask_keys(struct troth_stream *s) TROTH_MUST_USE;
/* Effect: our keys and statements, unasked. */
int stream_send_keys(struct troth_stream *s) TROTH_MUST_USE;
/* Effect: the application has let a question for somebody else's keys pass: there are none. */
void stream_keys_unanswered(struct troth_stream *s);
/* Effect: the keys that came are in the event: pubkeys NULL when the peer has none to give.
 * asked: for our open request; otherwise unasked, and nothing of use is no event. */
enum step stream_keys_event(struct troth_stream *s, const struct troth_element *pubkeys, bool asked,
			    struct troth_event *out);
/* What a proof of possession covers, made here or by the peer. */
struct troth_possession_context stream_possession(const struct troth_stream *s, bool own);
/* Effect: deals with a stanza about keys; STEP_WAIT when it is none. */
enum step stream_keys_stanza(struct troth_stream *s, const struct troth_element *e,
			     struct troth_event *out);

/* ---- up.c ---- */
/* Effect: a stanza of the peer on a stream that is up; takes it over. */
enum step stream_stanza(struct troth_stream *s, struct troth_stanza *stanza,
			struct troth_event *out);

/* ---- ending.c ---- */
/* Effect: the stream fails here: the peer is told what it may know. */
enum step stream_fail(struct troth_stream *s, int err, const char *reason);
/* Effect: the peer has ended or failed it: nothing more is sent but the end. */
enum step stream_failed_by_peer(struct troth_stream *s, int err, const char *reason);
/* Effect: the peer sent <stream:error/>. */
enum step stream_error_received(struct troth_stream *s, const struct troth_element *error);
/* Effect: the peer sent </stream:stream>. */
enum step stream_close_received(struct troth_stream *s);
/* Effect: ends in order from this side. */
enum step stream_close_now(struct troth_stream *s);
/* Effect: the deadline passed, or the transport ended. */
enum step stream_timed_out(struct troth_stream *s);
enum step stream_transport_ended(struct troth_stream *s);

/* ---- trace.c ---- */
void stream_trace_state(struct troth_stream *s);
void stream_trace_xml(struct troth_stream *s, bool outgoing, struct troth_slice xml);
bool stream_trace_next(struct troth_stream *s, struct troth_event *out);
void stream_trace_fini(struct troth_stream *s);

#endif
