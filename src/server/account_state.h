/* SPDX-License-Identifier: MIT */
/* The inside of an account. Layer: server, for account*.c only. */
#ifndef TROTH_SERVER_ACCOUNT_STATE_H
#define TROTH_SERVER_ACCOUNT_STATE_H

#include "base/limits.h"
#include "base/slice.h"
#include "server/account.h"
#include "server/wire.h"
#include "xml/namespace.h"
#include "xmpp/iq.h"

#include <stdlib.h>
#include <troth/err.h>

#define ACCOUNT_LISTENERS 8

enum account_state {
	ACCOUNT_OFF,
	ACCOUNT_CONNECTING,
	ACCOUNT_UP,
	ACCOUNT_WAITING, /* for the time of the next try */
	ACCOUNT_CLOSING, /* signing off, to stay off */
	ACCOUNT_ENDING   /* signing off, to be freed */
};

struct account_question {
	bool used;
	void (*done)(void *user, const struct troth_account_answer *answer);
	void *user;
};

struct troth_account {
	uv_loop_t *loop;
	uv_timer_t timer;
	enum account_state state;
	struct troth_wire *wire; /* NULL: none */
	unsigned handles;        /* wires and timers that aren't closed */
	unsigned tries;          /* since it was up for a while */
	int64_t deadline;        /* of the state; INT64_MAX: none */
	int64_t since;           /* when it came up */
	int64_t heard;           /* when the server last said something */
	bool pinging;

	struct troth_address *wanted; /* as given */
	struct troth_address *own;    /* with the server's resource */
	struct troth_secret *password;
	struct troth_buf pem;
	char *host;
	char *ca_file;
	uint16_t port;
	bool direct_tls;
	bool resume;
	const struct troth_disco *disco;
	void (*gone)(void *user);
	void *user;

	struct troth_account_listener listeners[ACCOUNT_LISTENERS];
	size_t n_listeners;

	struct troth_iq_tracker *tracker;
	struct account_question questions[TROTH_IQ_OUTSTANDING];

	bool has_presence;
	struct troth_account_presence presence; /* texts owned */
};

/* Effect: enters a state, for so long at most; -1: for ever. */
void account_set_state(struct troth_account *a, enum account_state state, int64_t in_ms);
/* Effect: it isn't connected any more: goes on as the state and the reason want. */
void account_go_down(struct troth_account *a, enum troth_account_reason reason, const char *text);
/* Effect: one handle less; the last one frees the account. */
void account_handle_gone(struct troth_account *a);
/* Effect: starts the worker and tells it what the account is. */
int account_open_wire(struct troth_account *a) TROTH_MUST_USE;
void account_drop_wire(struct troth_account *a);

/* Effect: sends the presence that was set. */
int account_send_presence(struct troth_account *a) TROTH_MUST_USE;
/* Effect: looks at one stanza that has come, and tells whom it is for. */
void account_stanza(struct troth_account *a, struct troth_slice xml);
/* Effect: answers a request that nobody else has answered. from is NULL for our own account. */
void account_answer(struct troth_account *a, const struct troth_element *iq);

/* Effect: gives the answer to whoever asked; false when nobody did. from: the sender, prepared, our
 * own bare JID for our account. */
bool account_answered(struct troth_account *a, const struct troth_element *iq, const char *from);
/* Effect: everything that was asked is answered by an error. */
void account_unanswered(struct troth_account *a);
/* Effect: the same for what is late. */
void account_late(struct troth_account *a);
/* Effect: the timer goes off at the next deadline. */
void account_arm(struct troth_account *a);

/* Effect: the sender of a stanza: NULL for our own account (by its bare JID, our full one, or
 * none at all). *out is the caller's. Errors: TROTH_E_FORMAT and others for what is no JID. */
int account_sender(const struct troth_account *a, const char *from,
		   struct troth_address **out) TROTH_MUST_USE;

#endif
