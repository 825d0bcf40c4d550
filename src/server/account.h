/* SPDX-License-Identifier: MIT */
/*
 * One XMPP account: signing in, staying signed in, stanzas in and out. Layer: server, on the
 * core and io. Knows nothing of people, streams or trust.
 *
 * The server delivers and is never believed. What `from` says is what the server says: good
 * enough to answer to, and worth nothing as a proof. (libstrophe also drops the prefix of
 * attributes, so any peer can write `x:from` and have it taken for `from`.)
 *
 * libstrophe runs in a process of its own (server/worker.h): it blocks while it looks up names and
 * shakes hands, and what a server sends can crash it. Its end is a lost connection here.
 *
 * Common to all calls: one thread, that of the loop. Callbacks come from the loop, never from
 * inside a call. What they point at is borrowed for the callback. An account may be ended in any of
 * them.
 */
#ifndef TROTH_SERVER_ACCOUNT_H
#define TROTH_SERVER_ACCOUNT_H

#include "xmpp/disco.h"
#include "xmpp/error.h"

#include <troth/address.h>
#include <troth/secret.h>
#include <troth/xml.h>
#include <uv.h>

struct troth_account;

/* Why it isn't connected. Those from WRONG_PASSWORD on aren't tried again by themselves. */
enum troth_account_reason {
	TROTH_ACCOUNT_ENDED,          /* by troth_account_disconnect */
	TROTH_ACCOUNT_UNREACHABLE,    /* no server, no name, no network */
	TROTH_ACCOUNT_LOST,           /* was connected: cut, restarted, silent */
	TROTH_ACCOUNT_SERVER,         /* the server ended it: text says why */
	TROTH_ACCOUNT_BROKEN,         /* the server sent what can't be taken: not XML, too much */
	TROTH_ACCOUNT_WRONG_PASSWORD, /* or a certificate that it doesn't take */
	TROTH_ACCOUNT_CERTIFICATE,    /* the server's isn't valid for the domain: text says why */
	TROTH_ACCOUNT_NO_TLS,         /* the server offers no encryption */
	TROTH_ACCOUNT_CONFLICT,       /* another client took our resource */
	TROTH_ACCOUNT_LOCAL           /* this machine: no process, no memory */
};
/* One word for programs ("wrong-password"), one sentence for people. Static strings. */
const char *troth_account_reason_name(enum troth_account_reason reason);
const char *troth_account_reason_text(enum troth_account_reason reason);

struct troth_account_down {
	enum troth_account_reason reason;
	const char *text; /* the server's or a library's words, not cleaned; "" for none */
	int64_t retry_ms; /* when it is tried again; -1: not by itself */
	bool was_up;      /* a connection was lost, rather than not made */
};

/* ---- Who listens ---- */

/* A part of the program that an account tells what happens: any of the functions may be NULL. Those
 * added first are told first. */
struct troth_account_listener {
	/* Signed in: presence may be sent, everything asked for again. resumed: the server kept
	 * everything (XEP-0198), nothing was lost and nothing need be asked for. */
	void (*up)(void *user, bool resumed);
	/* Not, or not any more. What was asked has been answered by TROTH_E_UNREACHABLE before. */
	void (*down)(void *user, const struct troth_account_down *down);
	/* A message, presence, IQ request, or an answer to nothing that was asked by
	 * troth_account_ask. True: it was for this one, and nobody else is told; an IQ request is
	 * answered by it, then or later. */
	bool (*stanza)(void *user, const struct troth_element *stanza);
	/* Whether `from` may know that we are there, without having asked us: true if so. */
	bool (*admits)(void *user, const struct troth_address *from);
	void *user;
};

/* Effect: adds a listener, copied. Errors: TROTH_E_NOMEM, TROTH_E_LIMIT beyond eight. */
int troth_account_listen(struct troth_account *a,
			 const struct troth_account_listener *listener) TROTH_MUST_USE;
/* Effect: the listeners with this user hear nothing any more. Never from a callback. */
void troth_account_unlisten(struct troth_account *a, const void *user);

/* ---- Life ---- */

struct troth_account_params {
	uv_loop_t *loop; /* outlives the account and runs until `gone` */
	const char *jid; /* bare: the server chooses a resource; full: this one is asked for */
	const struct troth_secret *password; /* copied; NULL: by certificate */
	/* Certificate and key as PEM, for SASL EXTERNAL where the server offers it; copied, wiped.
	 * Empty: none. The key is shown to the process that libstrophe runs in. */
	struct troth_slice pem;
	const char *host;    /* NULL: as DNS says (SRV) */
	uint16_t port;       /* 0: 5222, or 5223 with direct_tls */
	bool direct_tls;     /* TLS from the first byte, rather than STARTTLS */
	const char *ca_file; /* the CAs that are believed instead of the system's; NULL: those */
	/* XEP-0198: after a lost connection the server has kept what it couldn't deliver. Costs the
	 * server its own requests for acknowledgements. */
	bool resume;
	/* What we say that we can (XEP-0030), and its hash in presence (XEP-0115). Borrowed for the
	 * account's life. */
	const struct troth_disco *disco;
	/* The last call, always: the account is freed when it returns. */
	void (*gone)(void *user);
	void *user;
};

/* Effect: an account that isn't connected. Errors: TROTH_E_FORMAT for the JID (it must have a local
 * part), TROTH_E_INVAL with neither password nor certificate, TROTH_E_NOMEM, TROTH_E_CRYPTO. */
int troth_account_new(struct troth_account **out,
		      const struct troth_account_params *params) TROTH_MUST_USE;
/* Effect: ends it, signing off where it is connected, and frees it; `gone` is called then. NULL is
 * fine. Listeners hear nothing any more; what was asked is answered by TROTH_E_UNREACHABLE before.
 */
void troth_account_end(struct troth_account *a);

/* Effect: connects, and again after every end that may pass: after 1 s, then twice as long each
 * time, up to 5 min, a fifth of it random. A call while it waits tries at once. Errors: TROTH_E_IO,
 * _NOMEM. */
int troth_account_connect(struct troth_account *a) TROTH_MUST_USE;
/* Effect: signs off; `down` follows with TROTH_ACCOUNT_ENDED. */
void troth_account_disconnect(struct troth_account *a);

bool troth_account_is_up(const struct troth_account *a);
/* Our own address: with the resource that the server gave, while it is up. Borrowed until the next
 * `up`. */
const struct troth_address *troth_account_address(const struct troth_account *a);
uv_loop_t *troth_account_loop(const struct troth_account *a);

/* ---- Sending ---- */

typedef void troth_account_write(void *user, struct troth_writer *w);

/* Effect: sends one stanza; write puts one element of jabber:client into the writer. Errors: the
 * writer's, TROTH_E_UNREACHABLE while it isn't up, TROTH_E_LIMIT over the size of a stanza. */
int troth_account_send(struct troth_account *a, troth_account_write *write,
		       void *user) TROTH_MUST_USE;
/* Effect: the same with one element of jabber:client that was written already: as it stands in a
 * stream whose default namespace that is. */
int troth_account_send_xml(struct troth_account *a, struct troth_slice xml) TROTH_MUST_USE;
/* Effect: the same with a copy of an element. */
int troth_account_send_element(struct troth_account *a,
			       const struct troth_element *stanza) TROTH_MUST_USE;
/* Bytes that wait in this process to be sent: whoever sends much waits while this is much. */
size_t troth_account_unsent(const struct troth_account *a);

/* Our presence, sent at once and at every `up`: type NULL (there) or "unavailable"; show and status
 * may be NULL. Copied. It carries our capabilities. Until the first call none is sent, and so the
 * server delivers nothing that is for anybody there. */
struct troth_account_presence {
	bool available;
	const char *show; /* "away", "chat", "dnd", "xa" */
	const char *status;
	int priority; /* -128 to 127; negative: no messages to the bare JID */
};
int troth_account_presence(struct troth_account *a,
			   const struct troth_account_presence *presence) TROTH_MUST_USE;

/* ---- Asking ---- */

struct troth_account_answer {
	int err; /* OK; TROTH_E_PEER_ERROR with condition; _TIMEOUT; _UNREACHABLE */
	enum troth_stanza_condition condition;
	const struct troth_element *iq; /* the whole answer; NULL when there is none */
};

struct troth_account_iq {
	const char *to; /* NULL: our own account. Only an answer from there counts. */
	bool set;
	troth_account_write *write; /* the payload, called at once */
	void *write_user;
	void (*done)(void *user, const struct troth_account_answer *answer); /* exactly once */
	void *user;
	int64_t timeout_ms; /* 0: 30 s */
};
/* Effect: asks. An error here means that `done` won't be called. Errors: those of sending,
 * TROTH_E_LIMIT when 32 are waiting, TROTH_E_FORMAT for `to`. */
int troth_account_ask(struct troth_account *a, const struct troth_account_iq *iq) TROTH_MUST_USE;

/* Effect: answers a request by an error. */
int troth_account_refuse(struct troth_account *a, const struct troth_element *iq,
			 enum troth_stanza_condition condition) TROTH_MUST_USE;

/* Whether an entity may know that we are there (RFC 6120 13.10.2 and XEP-0250 3.2): our own
 * account, our own server, and whom a listener admits. Everybody else is told service-unavailable,
 * whatever he asks. NULL (no `from`) is our own account. */
bool troth_account_admits(const struct troth_account *a, const char *from);

#endif
