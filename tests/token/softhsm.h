/* SPDX-License-Identifier: MIT */
/* A SoftHSM of the test's own: a new folder, a token "Card" in it, behind the module of card.c. */
#ifndef TROTH_TESTS_TOKEN_SOFTHSM_H
#define TROTH_TESTS_TOKEN_SOFTHSM_H

#include "../keys/make.h"
#include "token/token.h"

#define PIN "271828"

/* Effect: makes it and points the environment at it; undone by softhsm_fini. */
void softhsm_init(void);
void softhsm_fini(void);
/* Effect: one more token. */
void softhsm_token(const char *label);
/* Effect: brings a PEM file's worth of a private key onto the token, by softhsm2-util. */
void softhsm_import(EVP_PKEY *key, const char *label, const char *id);
/* Effect: the same for a certificate, by p11tool. */
void softhsm_certificate(X509 *x, const char *label, const char *id);

/* Effect: card.c behaves so from now on (`on`), or no more. */
void card_set(const char *name, bool on);
/* How many times somebody tried a PIN. */
size_t card_logins(void);

/* A URI behind card.c: attributes like "token=Card;object=troth". Static buffer. */
const char *card_uri(const char *attributes);

/* Effect: opens and logs in. */
struct troth_token *card_open(const char *attributes);
/* Effect: a device whose key is made on the token, as `troth init --key --make` makes it. */
struct troth_device *card_device(const char *object);

#endif
