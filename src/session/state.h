/* SPDX-License-Identifier: MIT */
/*
 * The session's inside, shared by the files of this folder only. Layer: session.
 *
 *   session.c    life of the session, listening, ending
 *   link.c       life of a stream with its connection, and its events
 *   who.c        who a peer might be: the answer to TROTH_EVENT_WHO
 *   question.c   secrets asked of the user, one at a time
 *   guess.c      budgets of guesses
 *   judge.c      facts from the store, the verdict, its reasons as sentences
 *   certified.c  what the CAs of the policy say of a peer
 *   meet.c, proven.c  keys learnt after a proof by secret, or known while it is made
 *   compared.c   who was called and compared a number: whether the other side came again
 *   believe.c    statements of keys about keys: recorded, concluded, applied
 *   endorsed.c, whose.c, openpgp.c  a key that other keys of a contact endorse, or its OpenPGP key
 *   introducer.c whose word on somebody else's key counts
 *   ask.c, answer.c  a third person's keys, on either side; relied.c, answer_behind.c: chains
 *   learn.c      what contacts say about their keys
 *   revoked.c    signed revocations, wherever they came from
 *   told.c       the accounts of contacts, as they say themselves
 *   fetched.c    keys that servers show for contacts
 *   published.c, own_items.c  our keys on our accounts, and when those of others are fetched
 *   add.c, join.c  a further device of the same person, on either side
 *   transfer.c   another owner for a device, on either side
 *   say.c        what this device says about its own
 *   window.c     pairing as the one that is called
 *   record.c     history, log, addresses
 *   up.c         what happens once a stream is up: conversation, nickname, rivals
 *   talk.c       conversations: what waits for a receipt, what was seen
 *   stanza.c, write.c  stanzas that arrive, and that leave
 *   liveness.c   pings
 *   call.c, call_outcome.c  calls: from a name to a stream, again and again
 *   probe.c, probe_online.c  what a peer, or an account's clients, offer
 *   place.c, link_local.c  where a call's peer is; announcing, and recognising contacts
 *   withdraw.c   presence that is taken back from whom our user forgets
 *   leg.c        bytestreams over our accounts, from a call to a link
 *   xtls.c       which of them begin with TLS
 *   news.c       what the verb is told
 *
 * With headers of their own: online.h, seen.h, talk.h, told.h; pure: label.h, rivals.h.
 */
#ifndef TROTH_SESSION_STATE_H
#define TROTH_SESSION_STATE_H

#include "c2c/offer.h"
#include "io/connection.h"
#include "io/dial.h"
#include "io/gate.h"
#include "io/listener.h"
#include "io/tcp.h"
#include "session/believed.h"
#include "session/call.h"
#include "session/endorsed.h"
#include "session/introducer.h"
#include "session/label.h"
#include "session/online.h"
#include "session/openpgp.h"
#include "session/own.h"
#include "session/seen.h"
#include "session/session.h"
#include "session/talk.h"
#include "session/told.h"
#include "session/window.h"
#include "trust/verdict.h"
#include "xmpp/disco.h"

#define KEYS_MAX 32 /* of one contact that are looked at */
#define CAS_MAX 64  /* that may speak for one */

/* ---- streams ---- */

struct link {
	struct link *next;
	struct troth_session *session;
	unsigned number;
	struct troth_connection *connection; /* NULL once it is gone */
	struct troth_stream *stream;
	struct troth_call *call; /* ours; NULL: incoming, or the call is over */
	struct talk *talk;
	bool incoming;
	enum troth_realm realm;  /* of both addresses: on the link, or over a server */
	struct troth_gate *gate; /* where its place is */
	int place;               /* TROTH_GATE_NONE: it needs none */
	struct leg *leg; /* what it runs on, over a server; NULL: it doesn't, or that has gone */
	struct online *online; /* the account; NULL: it isn't over a server */
	enum troth_path path;
	bool asks;   /* to see when we are there, before it was a contact */
	bool waited; /* for the peer's user, or ours: silence is no stall */

	int64_t chosen;  /* the contact that our user chose to call */
	int64_t contact; /* who it is; 0: nobody we know */
	char label[TROTH_STORE_LABEL_MAX + 1];
	char nick[128];                  /* as the peer says */
	char shown[TROTH_SHOWN_MAX + 1]; /* the address that it claims; "": none yet */
	bool pairing;                    /* proof by secret is wanted */
	char scope[SCOPE_SIZE];          /* whose budget pays for guesses; "": none yet */
	unsigned window;                 /* the number of the one that it came through */
	bool debited;

	bool has_pin;
	struct troth_pin pin;
	bool had_transcript;    /* the same key, earlier */
	bool transcript;        /* the offers were compared on this one */
	bool may_try;           /* a CA may say who it is */
	char identity[256];     /* who a CA says that it is; "": none does */
	char certified_as[280]; /* the same for people: a job isn't its owner */
	bool certified;         /* it is verified by a CA, and not by its key */
	bool proxied;           /* it acts for `identity` */
	bool ca_pins;           /* policy: its key is to be pinned */
	bool has_ca;            /* ca is filled in */
	struct troth_ca_fact ca;
	char ca_contact[TROTH_STORE_LABEL_MAX + 1];
	int64_t ca_contact_id;
	int verdict_err;
	enum troth_level verdict_level;
	char reasons[TROTH_NEWS_REASONS][320];
	size_t reason_count;
	int own_err; /* why this side ended a stream that was up; TROTH_OK: in order */
	const char *own_text;

	bool up;
	bool heard;      /* a stanza of the peer's, since it is up */
	bool met;        /* keys were stored */
	bool comparing;  /* a string has been shown */
	bool compared;   /* what both users saw was the same */
	bool told_met;   /* the user knows */
	bool unnamed;    /* as a contact whose label waits for its nickname */
	bool recorded;   /* history has its row */
	bool again;      /* it took the place of one that was up, by the same way */
	bool superseded; /* another stream took its place: no news of its end */
	bool left;       /* its call goes another way, and doesn't come back to it */
	int64_t up_at;
	int64_t pinged_at; /* 0: no ping is out */
	/* The introducer whose word alone it rests on, with those behind him; "": none. */
	char voucher[TROTH_VOUCHER_MAX + 1];
	bool asking_for; /* the keys of somebody, who is to be called `asked` */
	char asked[TROTH_STORE_LABEL_MAX + 1];
	bool overlap;           /* its key was renewed, and it is asked by which ... */
	struct troth_pin heir;  /* ... as we know it */
	bool joining;           /* it makes this device one of its user's */
	int64_t joined_contact; /* the last one that was made on its word */
	size_t joined_keys;
	bool transferring;       /* it was asked to take another owner */
	char *question;          /* of the peer, while ours is asked; NULL: none */
	unsigned asking_since;   /* its place among the questions; 0: asks nothing */
	bool failed;             /* CLOSED was reported */
	struct keyring *keyring; /* what the stream waits for; NULL: for nothing */
};

/* ---- the link ---- */

struct troth_recognise;

struct troth_session {
	uv_loop_t *loop;
	struct troth_store *store;
	const struct troth_device *device;
	const struct troth_device *former;           /* NULL: none */
	const struct troth_authorities *authorities; /* NULL: no CA is believed */
	struct troth_engine *engine;
	struct troth_session_callbacks callbacks;
	struct troth_address *local;
	enum troth_level least;
	bool compares;
	bool expects; /* a stranger */
	bool trace;

	struct troth_listener *listener;
	struct troth_gate gate;      /* peers that are proving themselves */
	struct troth_gate strangers; /* those that never will, and are taken by policy */
	struct link *links;
	struct talk *talks;
	struct troth_call *calls;
	unsigned last_link;
	unsigned last_talk;
	unsigned last_question;
	unsigned last_window;
	struct window window;
	uv_timer_t window_timer;
	struct compared *compared; /* who compared a number, and comes again */
	int64_t strong_since;      /* guesses at strong secrets are counted from then on */
	unsigned strong_guesses;
	struct link *asking;       /* the question that the user sees */
	uv_timer_t tick;           /* liveness, tags */
	uv_timer_t watch;          /* bytestreams that may not carry; runs while there are any */
	int64_t failures_hour;     /* rows for strangers that failed: limited */
	unsigned failures_rows[2]; /* in a contact's name: the second */

	struct troth_lan *lan;
	int64_t lan_since; /* ms */
	struct troth_lan_profile profile;
	char lan_user[64];
	char lan_machine[64];
	bool announcing;
	bool open; /* the card says more than tags: of the user's own will */
	char *msg; /* of the card, once it was changed */
	char caps[TROTH_CAPS_VER_SIZE];
	int64_t tags_hour;
	struct seen_entity *seen;
	struct online *accounts;
	struct troth_recognise *recognise; /* of this hour; NULL: to be made */
	int64_t join_contact;  /* who may make this device one of its user's; 0: nobody */
	struct troth_own *own; /* what this device says about its keys */
	int64_t store_version; /* of the store when it was read */

	void (*ended)(void *user);
	bool ending;
	bool withdrawn;   /* from the link */
	int open_handles; /* of calls */
	int timers;       /* still to be closed */
	uv_timer_t end_timer;
};

/* ---- session.c ---- */
int64_t session_now(void); /* seconds since 1970 */
int session_random(uint8_t *out, size_t len) TROTH_MUST_USE;
/* Effect: `done` of troth_session_end, when nothing is left. */
void session_check_ended(struct troth_session *s);

/* ---- news.c ---- */
void news(struct troth_session *s, const struct troth_news *n);
/* Effect: fills in what is known of a link. */
struct troth_news news_of(const struct link *l, enum troth_news_type type);
struct troth_news news_of_call(struct troth_call *call, enum troth_news_type type);
void news_warn(struct troth_session *s, const struct link *l, const char *text);
/* What to do after an error; NULL: nothing. Static. */
const char *news_advice(int err, bool known);

/* ---- link.c ---- */
struct link_params {
	struct troth_transport *transport;
	struct troth_call *call; /* NULL: incoming */
	int place;
	struct leg *leg; /* ended with the link; NULL: not over a server */
	struct online *online;
	enum troth_path path;
	const struct troth_address *local; /* ours in the headers; NULL: the link-local one */
	const struct troth_address *peer;
	const struct troth_known *known;         /* initiator */
	const struct troth_tls_first *tls_first; /* NULL: header and offers come first */
};
/* Effect: a stream on the transport, which it takes over even when it fails. */
int link_new(struct link **out, struct troth_session *s,
	     const struct link_params *params) TROTH_MUST_USE;
/* Effect: ends it in order, or cancels it. err and text say why to our own user. */
void link_close(struct link *l, int err, const char *text);
void link_wake(struct link *l);
const char *link_claimed(const struct link *l); /* NULL: no address */

/* ---- who.c ---- */
struct known_peer {
	struct troth_known known;
	struct troth_known_key keys[KEYS_MAX];
	struct troth_known_issuer issuers[KEYS_MAX];
	struct troth_pin cas[CAS_MAX];
	struct troth_store_contact contact;
	struct troth_store *store;
	bool vouched; /* its keys are its by an introducer's word; nothing better is known */
};
/* The least of a contact that is known by an introducer's word alone: never a stranger's. */
enum troth_level least_of_vouched(enum troth_level policy);
/* Whether there is a key that isn't revoked. */
bool known_has_key(const struct known_peer *k);
/* Effect: what is known of a contact; of nobody for 0. */
int known_of_contact(struct troth_session *s, int64_t contact,
		     struct known_peer *out) TROTH_MUST_USE;
/* Effect: for a peer that nobody could be chosen for: adds the keys of which only the pin is
 * known, at most KEYS_MAX, the newest first. The handshake tells whether it is one of them. */
int known_by_pin(struct troth_session *s, struct known_peer *k) TROTH_MUST_USE;
/* Effect: finds the contact of an address or of key names; 0: none. */
int find_by_address(struct troth_session *s, enum troth_realm realm, const char *bare,
		    int64_t *out) TROTH_MUST_USE;
int find_by_names(struct troth_session *s, const char *const *names, size_t count,
		  int64_t *out) TROTH_MUST_USE;
/* Effect: the same of somebody who calls over a server and may be asked for nothing yet: by the
 * name of a key (NULL: none), else by the address; *contact: who that would be, 0: nobody. */
int known_of_caller(struct troth_session *s, const char *name, const char *bare, int64_t *contact,
		    struct known_peer *out) TROTH_MUST_USE;
void link_who(struct link *l, const struct troth_event *e);
/* Effect: what an initiator knows before its first byte. */
int call_known(const struct troth_call *call, struct known_peer *out) TROTH_MUST_USE;

/* ---- question.c ---- */
void question_ask(struct link *l, const char *question);
/* Effect: the link has gone, or the question is void. */
void question_drop(struct link *l);

/* ---- guess.c ---- */
int scope_new(char out[SCOPE_SIZE], const char *kind) TROTH_MUST_USE;
/* Effect: on the user's word. */
int scope_arm(struct troth_session *s, const char *scope, int64_t contact,
	      unsigned bits) TROTH_MUST_USE;
void link_guess(struct link *l);

/* ---- judge.c ---- */
void link_judge(struct link *l, const struct troth_event *e, bool transcript_known);
void link_verdict(struct link *l, const struct troth_event *e);

/* ---- certified.c ---- */
/* Effect: says whether some CA may speak for a contact, or for a stranger (0), and which. */
void ca_try(struct troth_session *s, int64_t contact, struct known_peer *k);
/* Effect: asks the CAs about what the peer showed; kept with the link. */
int link_ask_ca(struct link *l, const struct troth_event *e) TROTH_MUST_USE;
/* Effect: pins the key of a stream that is up, where the policy says so. */
void link_pin_certified(struct link *l, const struct troth_event *e);

/* ---- answer.c ---- */
/* Effect: the peer asks for somebody else's keys: given, if our user lets it ask. */
void link_keys_wanted(struct link *l, const struct troth_event *e);

/* ---- ask.c ---- */
/* Effect: what we asked for has come. */
void link_introduced(struct link *l, const struct troth_event *e);

/* ---- meet.c ---- */
/* Effect: stores the meeting with whoever has that key, all or nothing; *contact: who it is. An
 * error has been told, and the link closed. */
int meet_store(struct link *l, const struct troth_peer_key *key, int64_t *contact) TROTH_MUST_USE;
/* Effect: the link knows whom it has met; then the user hears of it. */
void meet_done(struct link *l, int64_t contact, const struct troth_pin *pin);
void meet_tell(struct link *l);

/* ---- record.c ---- */
void record_connection(struct link *l, int err);
/* Effect: a string was shown, and not both users have said that it is the same. */
void record_compared(struct link *l, int err);
void record_log(struct troth_session *s, const char *kind, const char *contact, const char *text);
void record_address(struct link *l);
/* Effect: remembers the host:port that was called. */
void record_endpoint(struct link *l);
const char *record_method(enum troth_method method);

/* ---- up.c ---- */
/* Effect: our nickname, to somebody that is proven. */
void link_send_nick(struct link *l);
void link_up(struct link *l, const struct troth_event *e);

/* ---- stanza.c, write.c ---- */
void link_stanza(struct link *l, const struct troth_element *e);
int write_message(struct link *l, const char *id, const char *text) TROTH_MUST_USE;
int write_received(struct link *l, const char *id) TROTH_MUST_USE;
int write_nick(struct link *l, const char *nick) TROTH_MUST_USE;
/* Stream features: what disco#info would answer. Inside TLS only: in clear it would show
 * strangers which program this is. */
void write_features(void *user, struct troth_writer *w);
/* Effect: what XEP-0115 says of the same; node is static. Errors: those of troth_caps_ver. */
int write_caps(char ver[TROTH_CAPS_VER_SIZE], const char **node) TROTH_MUST_USE;
int write_ping(struct link *l, const char *id) TROTH_MUST_USE;
int write_iq_answer(struct link *l, const struct troth_element *iq) TROTH_MUST_USE;

/* ---- join.c ---- */
/* Effect: deals with what two devices of one person say to each other; false: it is none. */
bool join_stanza(struct link *l, const struct troth_element *message);

/* ---- use.c ---- */
/* The least that a stream is taken for: as asked, and no less than policy says of chat. */
enum troth_level session_least(const struct troth_session *s, enum troth_level asked);
bool link_may(const struct link *l, enum troth_policy_use use);
/* ---- transfer.c ---- */
/* Effect: deals with a device that gets another owner; false: it is none of that. */
bool transfer_stanza(struct link *l, const struct troth_element *message);

/* ---- probe.c ---- */
/* Effect: tells what a peer offers: n without it, p with what is known of how. */
void probe_report(struct troth_call *call, const struct troth_offer *offer, struct troth_news *n,
		  struct troth_probe *p);
void probe_look(struct link *l, const struct troth_event *e);

/* ---- liveness.c ---- */
void links_check_alive(struct troth_session *s);
/* Effect: a new link's bytestream is replaced when nothing comes through it. */
void link_watch(struct link *l);

/* ---- link_local.c ---- */
void link_local_tick(struct troth_session *s);
void link_local_free(struct troth_session *s);
/* Effect: a contact is new: it may be on the link already, and gets a tag. */
void link_local_contact(struct troth_session *s);

#endif
