/* SPDX-License-Identifier: MIT */
/*
 * Keys and certificates on a PKCS #11 token: a smart card, a security key, an HSM. Named by the
 * URIs of RFC 7512, found through p11-kit. Layer: token.
 *
 * A PIN is tried once and kept nowhere: tokens lock after a few wrong ones, so nothing here tries
 * again or logs in anew by itself. Calls block as long as the token takes, and come from one
 * thread.
 */
#ifndef TROTH_TOKEN_TOKEN_H
#define TROTH_TOKEN_TOKEN_H

#include <stdbool.h>
#include <troth/key.h>

struct troth_token;

#define TROTH_TOKEN_LABEL_SIZE 100 /* 32 characters of three bytes */

/* Why a call failed and what to do, for people; "" on success. */
struct troth_token_problem {
	char text[512];
};

/* What a token says of itself, without a PIN. */
struct troth_token_facts {
	char label[TROTH_TOKEN_LABEL_SIZE]; /* cleaned for a terminal */
	bool needs_pin;                     /* nobody has logged in yet */
	bool has_pad;                       /* the PIN is typed on the reader */
	bool pin_is_locked;                 /* too many wrong ones */
	bool last_try;                      /* one more wrong one locks it */
	bool can_agree;                     /* ECDH */
};

/* Whether somebody means a URI of RFC 7512, right or wrong. */
bool troth_token_is_uri(const char *text);
/* Whether it names a module, whose code would run in this process: only who is at the command line,
 * or a file of the user's own, may say so (RFC 7512 7). */
bool troth_token_names_module(const char *uri);

/* Effect: finds the token that the URI names; the module is its module-path, or else any that
 * p11-kit is set up with. Nobody logs in. The caller closes *out; keys from it keep it open.
 * Errors: TROTH_E_FORMAT for a URI that can't be used (a PIN in it too), TROTH_E_NOT_FOUND,
 * TROTH_E_CONFLICT when several tokens fit, TROTH_E_KEY when the module fails. */
int troth_token_open(struct troth_token **out, const char *uri,
		     struct troth_token_problem *problem) TROTH_MUST_USE;
void troth_token_close(struct troth_token *token);

void troth_token_facts(struct troth_token *token, struct troth_token_facts *out);

/* Effect: logs in, one try; NULL where the reader has a pad. Errors: TROTH_E_PASSPHRASE when it is
 * wrong, TROTH_E_REFUSED when it is locked, TROTH_E_KEY. */
int troth_token_login(struct troth_token *token, const char *pin,
		      struct troth_token_problem *problem) TROTH_MUST_USE;

/* Effect: makes a P-256 key on the token, named as the URI says; it can't leave it.
 * Errors: TROTH_E_EXISTS when there is one of that name, TROTH_E_FORMAT without `object`. */
int troth_token_make(struct troth_token *token, struct troth_token_problem *problem) TROTH_MUST_USE;

/* Effect: the private key that the URI names, to sign and agree on the token; the caller owns a
 * reference. Errors: TROTH_E_NOT_FOUND, TROTH_E_CONFLICT for several, TROTH_E_UNSUPPORTED for a
 * kind or a use that isn't done here. */
int troth_token_key(struct troth_token *token, struct evp_pkey_st **out,
		    struct troth_token_problem *problem) TROTH_MUST_USE;

/* Effect: appends the certificates that the URI names, as PEM. Errors: TROTH_E_NOT_FOUND. */
int troth_token_certs(struct troth_token *token, struct troth_buf *pem,
		      struct troth_token_problem *problem) TROTH_MUST_USE;

/* ---- what stands in a file in place of the key ---- */

/* Effect: appends the reference for troth_device_generate_with: the URI as pkcs11-provider for
 * OpenSSL writes it. Errors: TROTH_E_FORMAT. */
int troth_token_refer(const char *uri, struct troth_buf *out) TROTH_MUST_USE;
/* Effect: appends the URI in such a reference, NUL-free and printable.
 * Errors: TROTH_E_FORMAT when it isn't one. */
int troth_token_referred(struct troth_slice reference, struct troth_buf *out) TROTH_MUST_USE;

#endif
