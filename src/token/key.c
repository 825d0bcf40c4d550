/* SPDX-License-Identifier: MIT */
/*
 * The private key that a URI names, and making one. Layer: token. The key stays where it is.
 */
#include "base/slice.h"
#include "token/state.h"

#include <openssl/rand.h>
#include <string.h>
#include <troth/err.h>

#define ID_LEN 8

/* Some cards want the PIN for each signature (PIV's "digital signature"): a stream can't ask. */
static bool asks_each_time(struct troth_token *token, CK_OBJECT_HANDLE key)
{
	CK_BBOOL always = CK_FALSE;
	CK_ATTRIBUTE a = {CKA_ALWAYS_AUTHENTICATE, &always, sizeof always};
	return token->module->C_GetAttributeValue(token->session, key, &a, 1) == CKR_OK &&
	       always != CK_FALSE;
}

static int find_one(struct troth_token *token, CK_OBJECT_HANDLE *out,
		    struct troth_token_problem *problem)
{
	struct troth_token_found found;
	CK_RV rv = troth_token_find(token, CKO_PRIVATE_KEY, NULL, &found);
	if (rv != CKR_OK)
		return troth_token_failed(problem, "Its keys can't be listed", rv);
	if (found.count == 0)
		return troth_token_say(problem, TROTH_E_NOT_FOUND,
				       "There is no such private key on the token.");
	if (found.count > 1)
		return troth_token_say(problem, TROTH_E_CONFLICT,
				       "More than one private key on the token fits: add "
				       "object=NAME or id=NUMBER to the URI.");
	*out = found.all[0];
	return TROTH_OK;
}

int troth_token_key(struct troth_token *token, EVP_PKEY **out, struct troth_token_problem *problem)
{
	CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
	EVP_PKEY *public = NULL;
	problem->text[0] = 0;
	int err = find_one(token, &key, problem);
	if (err == TROTH_OK && asks_each_time(token, key))
		err = troth_token_say(problem, TROTH_E_UNSUPPORTED,
				      "That key wants the PIN for each signature, which a stream "
				      "can't give. Take another key of the token.");
	if (err == TROTH_OK)
		err = troth_token_public(token, key, &public, problem);
	if (err != TROTH_OK)
		return err;
	err = troth_token_wrap(token, key, public, out);
	EVP_PKEY_free(public);
	return err == TROTH_OK ? err
			       : troth_token_say(problem, err,
						 "That key is of a kind that isn't used here: EC "
						 "or RSA it has to be.");
}

/* ---- making one ---- */

/* RFC 5480 2.1.1.1: secp256r1. */
static const uint8_t p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};

/* Token objects take a session that may write; logging in counts for it as well. */
static CK_RV generate(struct troth_token *token, const CK_ATTRIBUTE *label, const CK_ATTRIBUTE *id)
{
	CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	CK_MECHANISM how = {CKM_EC_KEY_PAIR_GEN, NULL, 0};
	CK_ATTRIBUTE public[] = {{CKA_TOKEN, &yes, sizeof yes},
				 {CKA_VERIFY, &yes, sizeof yes},
				 {CKA_EC_PARAMS, (void *)p256, sizeof p256},
				 *label,
				 *id};
	CK_ATTRIBUTE private[] = {{CKA_TOKEN, &yes, sizeof yes},
				  {CKA_PRIVATE, &yes, sizeof yes},
				  {CKA_SENSITIVE, &yes, sizeof yes},
				  {CKA_EXTRACTABLE, &no, sizeof no},
				  {CKA_SIGN, &yes, sizeof yes},
				  *label,
				  *id,
				  {CKA_DERIVE, &yes, sizeof yes}};
	CK_ULONG n = sizeof private / sizeof *private;
	CK_OBJECT_HANDLE made[2];
	CK_SESSION_HANDLE session;
	if (token->module->C_GetMechanismInfo(token->slot, CKM_ECDH1_DERIVE,
					      &(CK_MECHANISM_INFO){0}) != CKR_OK)
		n--; /* without tags rather than not at all */
	CK_RV rv = token->module->C_OpenSession(token->slot, CKF_SERIAL_SESSION | CKF_RW_SESSION,
						NULL, NULL, &session);
	if (rv != CKR_OK)
		return rv;
	rv = token->module->C_GenerateKeyPair(session, &how, public, sizeof public / sizeof *public,
					      private, n, &made[0], &made[1]);
	(void)token->module->C_CloseSession(session);
	return rv;
}

int troth_token_make(struct troth_token *token, struct troth_token_problem *problem)
{
	struct troth_token_found found;
	uint8_t random[ID_LEN];
	const CK_ATTRIBUTE *label = p11_kit_uri_get_attribute(token->uri, CKA_LABEL);
	const CK_ATTRIBUTE *id = p11_kit_uri_get_attribute(token->uri, CKA_ID);
	const CK_ATTRIBUTE chosen = {CKA_ID, random, sizeof random};
	problem->text[0] = 0;
	if (label == NULL || label->ulValueLen == 0)
		return troth_token_say(problem, TROTH_E_FORMAT,
				       "A new key needs a name: add object=NAME to the URI.");
	CK_RV rv = troth_token_find(token, CKO_PRIVATE_KEY, NULL, &found);
	if (rv != CKR_OK)
		return troth_token_failed(problem, "Its keys can't be listed", rv);
	if (found.count > 0)
		return troth_token_say(problem, TROTH_E_EXISTS,
				       "The token has a key of that name already.");
	if (RAND_bytes(random, sizeof random) != 1)
		return TROTH_E_CRYPTO;
	rv = generate(token, label, id != NULL ? id : &chosen);
	return rv == CKR_OK ? TROTH_OK : troth_token_failed(problem, "No key was made", rv);
}
