/* SPDX-License-Identifier: MIT */
/*
 * A session: one device, its trust store and its streams, seen as people see them. It
 * answers what streams ask (who is that, is this guess paid for, is that proof enough),
 * pairs, sends and receives messages, keeps connections alive; a verb hears the news and
 * asks the user. Layer: session, on the core, store, io and lan.
 *
 * Common to all calls: one thread, that of the loop. The store and the device are borrowed
 * and outlive the session. Text in news that a peer wrote isn't cleaned: whoever shows it
 * cleans it (base/text.h).
 */
#ifndef TROTH_SESSION_SESSION_H
#define TROTH_SESSION_SESSION_H

#include "lan/lan.h"
#include "server/account.h"
#include "store/store.h"
#include "trust/policy.h"

#include <troth/stream.h>
#include <uv.h>

struct troth_authorities;
struct troth_session;
struct troth_call;
struct troth_disco;

#define TROTH_MESSAGE_ID_LEN 16
#define TROTH_NEWS_REASONS 8

/* ---- News ---- */

enum troth_news_type {
	TROTH_NEWS_LOOKING,    /* of a call: its contact isn't on the link; it waits until it is */
	TROTH_NEWS_UNSEEN,     /* and it still isn't, or nobody has that name; advice, or NULL;
				* text: it is there, by a program that can't be called */
	TROTH_NEWS_CALLING,    /* a call tries `where` */
	TROTH_NEWS_ARRIVED,    /* somebody at `where` has connected to us */
	TROTH_NEWS_WAITING,    /* the other side is silent: its user is probably being asked */
	TROTH_NEWS_UP,         /* a stream is up: everything is filled in */
	TROTH_NEWS_NICK,       /* text: the nickname that the peer gives itself */
	TROTH_NEWS_MESSAGE,    /* id, text, talk */
	TROTH_NEWS_RECEIPT,    /* id: the peer's program has that message */
	TROTH_NEWS_UNSENDABLE, /* id: the peer's program can't take that message */
	TROTH_NEWS_PINNED,     /* the secret was right and the keys are stored; the second
				* connection, which must work by them, comes next */
	TROTH_NEWS_SAS, /* a short string is to be compared: sas; answer: troth_session_compared */
	TROTH_NEWS_PAIRED,       /* it did: who, contact, pin. After a secret, and a comparison */
	TROTH_NEWS_PAIR_FAILED,  /* err, text, advice: it didn't. With a contact: keys are pinned */
	TROTH_NEWS_WRONG_SECRET, /* of somebody who tried the open window; guesses: left */
	TROTH_NEWS_WINDOW_CLOSED, /* err: TROTH_E_BUDGET, TROTH_E_TIMEOUT */
	TROTH_NEWS_WARNING,       /* text */
	TROTH_NEWS_DOWN,          /* a stream that was up has ended: err, text, by_peer, advice */
	TROTH_NEWS_FAILED,        /* one that never was up: the same */
	TROTH_NEWS_RETRY,         /* a call tries again in `in_ms` */
	TROTH_NEWS_GAVE_UP,      /* a call is over: err, text, advice. The call is freed after it */
	TROTH_NEWS_NAMED,        /* text: the name under which we are announced now */
	TROTH_NEWS_SEEN,         /* who, contact: a contact is on the link; text: its name there */
	TROTH_NEWS_GONE,         /* it has left the link */
	TROTH_NEWS_DEVICE,       /* a key of a contact is new, by what its other keys say: text */
	TROTH_NEWS_JOIN_OFFERED, /* a contact would make this device one of its user's, and nobody
				  * has consented: it was refused */
	TROTH_NEWS_JOINED,       /* on either side: it is one now. text */
	TROTH_NEWS_JOIN_FAILED,  /* err, text */
	TROTH_NEWS_ASKED, /* a contact asked for somebody else's keys: text, what it was told */
	TROTH_NEWS_INTRODUCED, /* an introducer has answered: text */
	TROTH_NEWS_ASK_FAILED, /* the same, and nothing was changed: err, text, advice */
	TROTH_NEWS_TRANSFER,   /* a device that we own was asked to take another owner: err, text,
				  in_ms */
	TROTH_NEWS_PROBED,     /* what the peer of a probe offers: probe */
	TROTH_NEWS_ONLINE,     /* an account of ours is signed in: where */
	TROTH_NEWS_OFFLINE, /* it isn't, or no longer: where, err, text, advice: the server's words;
			     * in_ms until the next try, -1: none */
	TROTH_NEWS_STATE,   /* tracing: text, a state's name */
	TROTH_NEWS_XML      /* tracing: text, outgoing */
};

/* What an offer says for one of the keys that it names: proven by nothing yet. */
struct troth_probe_word {
	const char *key;     /* its name */
	const char *purpose; /* of an endorsement; NULL: it says that a CA has issued it */
	const char *by;      /* name of the key that endorses it; NULL: of a CA */
	struct troth_pin ca; /* its key's */
	bool counts;         /* that one speaks for the contact, if it holds in the handshake */
};
#define TROTH_PROBE_WORDS 32

/* What a probe found. */
struct troth_probe {
	bool tls; /* it can encrypt */
	bool required;
	bool offers;              /* it says how it can prove itself (XEP-0250) */
	const char *const *names; /* of its keys, at most TROTH_LIMIT_OFFER_KEYS */
	size_t name_count;
	struct troth_probe_word words[TROTH_PROBE_WORDS];
	size_t word_count;
	const char *marks[8]; /* "srp", "insecure", ...: elements of its offer */
	size_t mark_count;
	int64_t contact; /* who holds one of those keys, or was called; 0: nobody */
	char label[TROTH_STORE_LABEL_MAX + 1];
	int err;                  /* TROTH_OK: it would come to a stream by */
	enum troth_method method; /* this */
	/* Over a server, of each client of an account in turn, the first to be called first: */
	const char *resource; /* its full JID; NULL: not over a server */
	bool streams;         /* it takes any */
	bool answers;         /* it says what it offers */
	bool proves;          /* it says that it can prove a key of the contact */
	int priority;         /* as its owner says */
	bool chosen;          /* it would be called first */
};

/* Everything pointed at is borrowed for the callback. Fields that don't apply are zero. */
struct troth_news {
	enum troth_news_type type;
	unsigned stream;         /* number of the stream, from 1; 0: none */
	unsigned talk;           /* of the conversation, likewise */
	struct troth_call *call; /* whose; NULL: incoming */
	int64_t contact;         /* 0: nobody we know */
	const char *who;         /* its label; else `claimed`; else where */
	const char *address;     /* as claimed; NULL: none */
	const char *claimed;     /* the same, fit to be shown (label.h); NULL: none */
	const char *where;       /* host:port; of an account: its JID */
	const char *path;        /* over a server: "direct", "proxy", "in-band"; else NULL */
	bool incoming;
	enum troth_level level;
	enum troth_method method;
	const char *voucher; /* the introducer whose word alone the level rests on; NULL: none */
	const char *tls;
	bool transcript;
	const struct troth_pin *pin;
	const char *identity; /* who a CA of the policy says that it is; NULL: none does */
	bool proxied;         /* it is a job that acts for `identity` */
	const char *reasons[TROTH_NEWS_REASONS]; /* why it is worth that; sentences */
	size_t reason_count;
	const char *id;
	const char *text;
	const char *advice; /* what to do now, or NULL */
	int err;
	bool by_peer;
	bool told; /* the news before have said it already, for people; of TROTH_NEWS_UP: it takes
		    * the place of a stream that was up, by the same way */
	bool outgoing;
	int64_t in_ms;
	int64_t guesses;
	const struct troth_probe *probe;
	const struct troth_sas *sas;
};

/* A question for the user; one at a time. Borrowed for the callback. */
struct troth_question {
	const char *who;      /* label or claimed address */
	const char *where;    /* host:port */
	bool known;           /* `who` is a contact's label */
	bool incoming;        /* they called us */
	const char *question; /* of theirs, which the secret answers; not cleaned; NULL: none */
	unsigned wrong;       /* secrets that were wrong before, in this call */
	struct troth_call *call;
};

struct troth_session_callbacks {
	void *user;
	void (*news)(void *user, const struct troth_news *news);
	/* A secret is needed: answer by troth_session_answer, there or later. NULL: always
	 * refused. */
	void (*ask)(void *user, const struct troth_question *question);
	/* The question is void: its peer has gone, or time is over. */
	void (*ask_over)(void *user);
	/* The owner of this device gives it away: open a window of that many seconds in which
	 * whoever comes becomes the owner. An error refuses, as NULL does. */
	int (*transfer)(void *user, int64_t seconds);
};

/* ---- The session ---- */

struct troth_session_params {
	uv_loop_t *loop;
	struct troth_store *store;
	const struct troth_device *device;
	/* The key that it had before its renewal, for contacts that only know that one: by it they
	 * are recognised on the link. Never shown in a handshake. NULL: none. */
	const struct troth_device *former;
	/* The CAs that are believed (trust/authority.h); NULL: none. Borrowed, outlives it. */
	const struct troth_authorities *authorities;
	const char *name;       /* own link-local address "user@machine"; NULL: a random one */
	enum troth_level least; /* for strangers that call; no less than the policy's `chat` */
	bool compares;          /* SAS news are shown to somebody: strangers may begin it */
	bool expects;           /* one of them: over servers they may know that we are there, as
				 * while a pairing is open */
	bool trace;             /* STATE and XML news */
	struct troth_session_callbacks callbacks; /* copied */
};

/* Errors: TROTH_E_FORMAT for the name, TROTH_E_CRYPTO, TROTH_E_NOMEM, TROTH_E_IO. */
int troth_session_new(struct troth_session **out,
		      const struct troth_session_params *params) TROTH_MUST_USE;
/* Effect: ends everything in order: streams, announcement, listening. `done` is called when
 * nothing is left, from the loop; new peers aren't taken any more. At most 5 seconds. */
void troth_session_end(struct troth_session *s, void (*done)(void *user));
/* Effect: frees a session whose `done` has been called, or that never had a stream; the loop
 * must run once more afterwards. NULL is fine. */
void troth_session_free(struct troth_session *s);

/* What this program can (XEP-0030) under the policy of that session (NULL: under none), for whoever
 * says it elsewhere than on a stream. Static. */
const struct troth_disco *troth_session_disco(const struct troth_session *s);

/* The own address in stream headers. Borrowed until it changes (TROTH_NEWS_NAMED). */
const char *troth_session_name(const struct troth_session *s);

/* Effect: takes callers on a port (0: any). Errors: TROTH_E_BUSY, TROTH_E_IO, TROTH_E_EXISTS. */
int troth_session_listen(struct troth_session *s, uint16_t port) TROTH_MUST_USE;
/* The port, 0 when not listening. */
uint16_t troth_session_port(const struct troth_session *s);

struct troth_session_lan {
	enum troth_lan_backend_choice backend;
	const char *const *interfaces; /* as for troth_lan_params */
	bool announce;                 /* needs troth_session_listen first */
	/* What to say besides the tags; NULL: nothing. Its texts outlive the session. Whoever
	 * says anything is announced with port and capabilities too, which needn't be in it. */
	const struct troth_lan_card *card;
};
/* Effect: browses the link for contacts, and announces. Errors: those of lan/lan.h. */
int troth_session_lan(struct troth_session *s, const struct troth_session_lan *lan) TROTH_MUST_USE;

/* Effect: changes status and message (copied; NULL: none) of what is announced. Errors:
 * TROTH_E_INVAL when the card says nothing: who hides isn't shown by this either; otherwise
 * those of troth_lan_update, and the old ones stand. */
int troth_session_status(struct troth_session *s, enum troth_lan_status status,
			 const char *msg) TROTH_MUST_USE;

/* Who may fetch our keys from the account, or ask this client for them (XEP-0189). Nobody but
 * contacts and our own clients is answered by this client, whatever the node shows. */
enum troth_publish {
	TROTH_PUBLISH_NOTHING,
	TROTH_PUBLISH_NO_MORE, /* nobody, and what is there is taken away */
	TROTH_PUBLISH_ASKED,   /* contacts, of this client: the server keeps nothing */
	TROTH_PUBLISH_OWN,     /* our own clients */
	TROTH_PUBLISH_PRESENCE,
	TROTH_PUBLISH_OPEN
};

struct troth_session_account {
	enum troth_publish publish;
	/* Outlives the session, and isn't connected yet: it has disco = troth_session_disco. */
	struct troth_account *account;
	bool direct; /* peers are told our addresses, for a connection past the server */
	bool xtls;   /* calls by it go by XTLS, and by nothing else */
};
/* Effect: who is there is seen by that account, too, and streams go over it. Before
 * troth_account_connect. Errors: those of troth_bytestreams_new. */
int troth_session_account(struct troth_session *s,
			  const struct troth_session_account *account) TROTH_MUST_USE;

/* ---- Pairing as the one that is called ---- */

struct troth_window_params {
	int64_t contact;                   /* only for that one (a re-pairing); 0: for anybody */
	const char *label;                 /* for a new contact; NULL: by the peer's nickname */
	const struct troth_secret *secret; /* copied; NULL: the user is asked */
	unsigned bits;                     /* its strength; 0: unknown */
	/* What the secret answers: everybody who comes, and whoever listens, can read it. At most
	 * TROTH_LIMIT_QUESTION_BYTES; NULL: none. */
	const char *question;
	/* Other than NONE: the secret is that of this device (its label's), which isn't spent;
	 * whoever proves it and a key becomes the owner. Not with a contact. */
	enum troth_store_claim claim;
};
#define TROTH_WINDOW_SECONDS_MAX 86400 /* that an owner may ask for */
/* Effect: opens the window, or replaces the open one; its guesses are armed: on the user's
 * word only. It closes by success, by wrong guesses, or by the call below. */
int troth_session_window_open(struct troth_session *s,
			      const struct troth_window_params *params) TROTH_MUST_USE;
void troth_session_window_close(struct troth_session *s);
bool troth_session_window_is_open(const struct troth_session *s);

/* ---- Calling ---- */

struct troth_call_params {
	const char *peer; /* a contact's label, an instance name, a JID, or host:port */
	const char *at;   /* where a contact is: one of the others; NULL: as known */
	bool pairing;     /* prove by a secret, learn the keys, and call again by them */
	const struct troth_secret *secret; /* copied; NULL: the user is asked */
	unsigned bits;                     /* of that secret; 0: unknown */
	const char *question;              /* as of a window; copied */
	const char *label;                 /* for a new contact; NULL: by the peer's nickname */
	const struct troth_pin *pin; /* pairing: the key that it must have; copied; NULL: any */
	enum troth_level least;      /* no less than the policy's `chat` */
	bool persist;                /* connects again and again until troth_call_end */
	bool end_paired;             /* ends when paired */
	bool probe;                  /* only looks at what the peer offers, and ends before TLS */
	int64_t patience;            /* ms to look for the peer before the first connection */
};
/* Effect: begins to call; news follow from the loop. Errors: TROTH_E_NOT_FOUND when `peer` is
 * neither of the three, TROTH_E_NOMEM, TROTH_E_STORE. */
int troth_session_call(struct troth_session *s, const struct troth_call_params *params,
		       struct troth_call **out) TROTH_MUST_USE;
/* Effect: ends it without news; its stream, if it is up, ends in order. NULL is fine. */
void troth_call_end(struct troth_call *call);
/* The conversation of a call; what is said in it before it is up waits. When the peer turns
 * out to be a contact that has one, news come with that one, and it has what waited. */
unsigned troth_call_talk(const struct troth_call *call);

/* ---- Comparing ---- */

/* Effect: begins to compare a short string with the unverified peer of a conversation;
 * TROTH_NEWS_SAS follows. When both users have said that it is the same the peer's key is pinned,
 * and the side that called calls again by it. Errors: TROTH_E_INVAL when there is no such stream,
 * its peer can't, or it was done on it before. */
int troth_session_compare(struct troth_session *s, unsigned talk) TROTH_MUST_USE;
/* Effect: what the user says to it. Errors: TROTH_E_INVAL when nothing was asked. */
int troth_session_compared(struct troth_session *s, unsigned talk,
			   enum troth_sas_answer answer) TROTH_MUST_USE;

/* ---- Asked ---- */

/* Effect: the answer to the open question; NULL refuses. Copied. Nothing when none is open. */
void troth_session_answer(struct troth_session *s, const struct troth_secret *secret);

/* ---- Devices of one person ---- */

/* Effect: makes the device at the other end of a conversation one of ours: our user key's word for
 * it, and the keys of our contacts. TROTH_NEWS_JOINED or _JOIN_FAILED follows.
 * Errors: TROTH_E_INVAL when that isn't a verified stream by a contact's key. */
int troth_session_add(struct troth_session *s, unsigned talk,
		      const struct troth_device *user_key) TROTH_MUST_USE;
/* Effect: the user's consent that this contact makes this device one of its own; 0: nobody. */
void troth_session_join(struct troth_session *s, int64_t contact);

/* Effect: asks a device that we own, at the other end of a conversation, to take another owner, who
 * has to come within `seconds`. TROTH_NEWS_TRANSFER follows, or the end of the stream. Errors:
 * TROTH_E_INVAL when that isn't a verified stream by a contact's key, or for the seconds. */
int troth_session_transfer(struct troth_session *s, unsigned talk, int64_t seconds) TROTH_MUST_USE;

/* Effect: ends streams with contacts that have been forgotten since. */
void troth_session_end_forgotten(struct troth_session *s);

/* ---- A third person's keys ---- */

struct troth_ask {
	const char *name;  /* as the introducer calls that person, or an address */
	const char *label; /* how that person is to be called here */
};
/* Effect: asks the contact at the other end of a conversation. TROTH_NEWS_INTRODUCED or _ASK_FAILED
 * follows, or the end of the stream. Errors: TROTH_E_INVAL when that isn't a verified stream by a
 * contact's key, or another answer is awaited; TROTH_E_REFUSED when it is no introducer;
 * TROTH_E_FORMAT, _LIMIT for the name. */
int troth_session_ask(struct troth_session *s, unsigned talk,
		      const struct troth_ask *ask) TROTH_MUST_USE;

/* ---- Talking ---- */

/* Whether text can be sent at all. Errors: TROTH_E_XML for what XML can't carry, TROTH_E_LIMIT. */
int troth_session_check_text(const char *text) TROTH_MUST_USE;
/* Effect: sends text, or keeps it until the contact is connected; delivered again on
 * every new stream until the receipt came. id is written.
 * Errors: TROTH_E_NOT_FOUND for the talk, TROTH_E_UNREACHABLE when it has no stream and no
 * contact, TROTH_E_XML for text that XML can't carry, TROTH_E_LIMIT. */
int troth_session_say(struct troth_session *s, unsigned talk, const char *text,
		      char id[TROTH_MESSAGE_ID_LEN + 1]) TROTH_MUST_USE;
/* Messages without a receipt yet. */
size_t troth_session_unreceived(const struct troth_session *s, unsigned talk);
/* Whether policy lets the stream of that number (troth_news.stream) be used for something: by its
 * verdict. false for one that isn't up. Messages that it may not be used for come and go on no
 * stream: that is seen to. What a message makes a program do is its user's to ask here. */
bool troth_session_may(const struct troth_session *s, unsigned stream, enum troth_policy_use use);
/* Effect: ends the stream of a talk in order. */
void troth_session_hang_up(struct troth_session *s, unsigned talk);

#endif
