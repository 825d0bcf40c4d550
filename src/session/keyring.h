/* SPDX-License-Identifier: MIT */
/*
 * Questions to the user's OpenPGP keyring, answered on a thread of libuv's pool, since GnuPG may
 * take seconds. Layer: session. Knows no store: what is asked comes in, what GnuPG says comes out.
 */
#ifndef TROTH_SESSION_KEYRING_H
#define TROTH_SESSION_KEYRING_H

#include "base/limits.h"
#include "openpgp/openpgp.h"
#include "trust/verdict.h"

#include <troth/stream.h>
#include <uv.h>

#define KEYRING_ITEMS 4    /* of one peer that are looked at */
#define KEYRING_ENDORSED 8 /* endorsements of one key, likewise */
#define KEYRING_MESSAGE ((size_t)64 * 1024)

struct link;

/* Is this key somebody's, and, where a signature is given, has it signed that? */
struct keyring_item {
	char fingerprint[TROTH_OPENPGP_FINGERPRINT_LEN + 1];
	struct troth_address *jid;
	bool assigned; /* our user says that the key is the JID's */
	struct troth_buf message;
	struct troth_buf signature;                  /* empty: only whose it is */
	const struct troth_endorsement *endorsement; /* of the copied event; NULL: none */
	enum troth_openpgp_word word;                /* the answer; NONE before */
	enum troth_openpgp_level level;              /* where the word is about validity */
};

/* A question of a link, with the event that waits for it. */
struct keyring {
	uv_work_t work;
	struct link *link; /* NULL: it has gone */
	void *user;        /* whoever is to be told even then */
	void (*done)(struct keyring *k);
	bool answered;
	struct keyring_item items[KEYRING_ITEMS];
	size_t count;
	struct troth_event event; /* what it points at is owned here, but for the address */
	struct troth_cert *cert;
	struct troth_endorsement *endorsements[KEYRING_ENDORSED];
	char names[2][TROTH_LIMIT_OFFER_KEYS][TROTH_NAME_LEN + 1];
	const char *name_list[2][TROTH_LIMIT_OFFER_KEYS];
};

/* Effect: a question without items; the event is copied. Errors: TROTH_E_NOMEM, those of reading a
 * certificate. */
int keyring_new(struct keyring **out, const struct troth_event *e) TROTH_MUST_USE;
/* Effect: asks; done is called from the loop, or, on an error, never. */
int keyring_ask(struct keyring *k, uv_loop_t *loop) TROTH_MUST_USE;
void keyring_free(struct keyring *k);

#endif
