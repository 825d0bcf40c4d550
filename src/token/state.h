/* SPDX-License-Identifier: MIT */
/* A token from inside. Layer: token. Never included from outside this folder. */
#ifndef TROTH_TOKEN_STATE_H
#define TROTH_TOKEN_STATE_H

#include "token/token.h"

#include <openssl/evp.h>
#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>

struct troth_token {
	unsigned references; /* the opener's, and one for each key */
	P11KitUri *uri;
	CK_FUNCTION_LIST *lone;     /* the module of module-path, or NULL */
	CK_FUNCTION_LIST **modules; /* else all that p11-kit knows */
	CK_FUNCTION_LIST *module;   /* that with the token */
	CK_SLOT_ID slot;
	CK_TOKEN_INFO info; /* when it was opened */
	CK_SESSION_HANDLE session;
};

/* Whether that is a URI in printable ASCII without blanks, as RFC 3986 has it: it goes to terminals
 * and into files. */
bool troth_token_is_plain(struct troth_slice uri);

struct troth_token *troth_token_ref(struct troth_token *token);

/* Effect: says what a module answered; TROTH_E_KEY, or what fits better. */
int troth_token_failed(struct troth_token_problem *problem, const char *what, CK_RV rv);
/* Effect: a sentence of our own. Returns err. */
int troth_token_say(struct troth_token_problem *problem, int err, const char *format, ...)
	TROTH_PRINTF(3, 4);

/* ---- objects ---- */

#define TROTH_TOKEN_FOUND_MAX 16

struct troth_token_found {
	CK_OBJECT_HANDLE all[TROTH_TOKEN_FOUND_MAX];
	size_t count; /* more than there is room for isn't told */
};

/* Effect: the objects of a class that the URI names, or (id not NULL) that have that CKA_ID. */
CK_RV troth_token_find(struct troth_token *token, CK_OBJECT_CLASS class_, const CK_ATTRIBUTE *id,
		       struct troth_token_found *out);
/* Effect: replaces *out by the attribute's value. */
CK_RV troth_token_value(struct troth_token *token, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
			struct troth_buf *out);

/* Effect: the public half of a private key. */
int troth_token_public(struct troth_token *token, CK_OBJECT_HANDLE key, EVP_PKEY **out,
		       struct troth_token_problem *problem);

/* Effect: an EVP_PKEY that works on the token, with that public half. */
int troth_token_wrap(struct troth_token *token, CK_OBJECT_HANDLE key, const EVP_PKEY *public,
		     EVP_PKEY **out);

#endif
