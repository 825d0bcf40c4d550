/* SPDX-License-Identifier: MIT */
/* A key that an OpenPGP key endorses; shared by the files of this folder only. Layer: session. */
#ifndef TROTH_SESSION_OPENPGP_H
#define TROTH_SESSION_OPENPGP_H

#include "session/endorsed.h"
#include "session/keyring.h"

/* What the keyring said of a peer's OpenPGP key. */
struct openpgp_said {
	enum troth_openpgp_word word;
	const char *whose;
};

/* Whether the keyring is asked first: then link_who, or link_verdict, is called again, with the
 * same event, when it has answered; the stream waits. */
bool openpgp_ask_who(struct link *l, const struct troth_event *e);
bool openpgp_ask_verdict(struct link *l, const struct troth_event *e);
/* Effect: the link has gone. */
void openpgp_drop(struct link *l);
/* Effect: a key of the peer's offer that the keyring believes: *out (NULL: none), and the contact
 * whose it is, 0 for somebody new. One that is chosen already stays. */
int openpgp_known(struct link *l, int64_t *contact, const struct keyring_item **out) TROTH_MUST_USE;
/* Effect: what an OpenPGP key that the keyring believes has signed about the key just shown. */
int openpgp_endorsed(struct link *l, struct endorsed *out,
		     struct openpgp_said *said) TROTH_MUST_USE;
/* Effect: what the keyring says now of OpenPGP keys that the contact has is recorded. */
int openpgp_recheck(struct link *l, struct openpgp_said *said) TROTH_MUST_USE;
/* Effect: the sentence that fits the word. */
void openpgp_sentence(char *out, size_t size, enum troth_openpgp_word word, const char *whose);

/* ---- openpgp_note.c ---- */
/* Effect: which OpenPGP keys endorse the key that a contact has just proved is kept, for our user
 * to sign (`troth trust sign`). It changes no trust. */
void openpgp_note(struct link *l, const struct troth_event *e);

#endif
