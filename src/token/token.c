/* SPDX-License-Identifier: MIT */
/* Finding a token, and logging in. Layer: token. Keeps no PIN and tries none twice. */
#include "base/slice.h"
#include "base/text.h"
#include "token/state.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

int troth_token_say(struct troth_token_problem *problem, int err, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	(void)vsnprintf(problem->text, sizeof problem->text, format, args);
	va_end(args);
	return err;
}

/* p11_kit_strerror's words are for developers; these few are for people. */
int troth_token_failed(struct troth_token_problem *problem, const char *what, CK_RV rv)
{
	switch (rv) {
	case CKR_HOST_MEMORY:
		return troth_token_say(problem, TROTH_E_NOMEM, "%s: out of memory.", what);
	case CKR_PIN_INCORRECT:
	case CKR_PIN_INVALID:
	case CKR_PIN_LEN_RANGE:
		return troth_token_say(problem, TROTH_E_PASSPHRASE,
				       "The PIN is wrong. It was tried once; the token locks after "
				       "a few wrong ones.");
	case CKR_PIN_LOCKED:
		return troth_token_say(problem, TROTH_E_REFUSED,
				       "The PIN is locked after too many wrong ones. The token's "
				       "own tools unlock it.");
	case CKR_TOKEN_NOT_PRESENT:
	case CKR_DEVICE_REMOVED:
		return troth_token_say(problem, TROTH_E_KEY, "%s: the token was removed.", what);
	case CKR_USER_NOT_LOGGED_IN:
		return troth_token_say(problem, TROTH_E_KEY, "%s: nobody has logged in.", what);
	default:
		return troth_token_say(problem, TROTH_E_KEY, "%s: the token answers 0x%lx.", what,
				       rv);
	}
}

bool troth_token_is_uri(const char *text)
{
	/* RFC 7512 2.3: the scheme; RFC 3986 3.1 has it in either case. */
	return text != NULL && strncasecmp(text, "pkcs11:", 7) == 0;
}

/* ---- the URI ---- */

bool troth_token_is_plain(struct troth_slice uri)
{
	for (size_t i = 0; i < uri.len; i++)
		if (uri.data[i] <= ' ' || uri.data[i] >= 0x7f)
			return false;
	return uri.len >= 7 && strncasecmp((const char *)uri.data, "pkcs11:", 7) == 0;
}

bool troth_token_names_module(const char *text)
{
	P11KitUri *uri = p11_kit_uri_new();
	/* What can't be read isn't opened either. */
	bool names = uri != NULL &&
		     p11_kit_uri_parse(text, P11_KIT_URI_FOR_ANY, uri) == P11_KIT_URI_OK &&
		     p11_kit_uri_get_module_path(uri) != NULL;
	p11_kit_uri_free(uri);
	return names;
}

static int read_uri(struct troth_token *token, const char *text,
		    struct troth_token_problem *problem)
{
	if ((token->uri = p11_kit_uri_new()) == NULL)
		return TROTH_E_NOMEM;
	/* RFC 7512 2.3: attributes that aren't known mustn't be passed over. */
	if (!troth_token_is_plain(troth_slice_str(text)) ||
	    p11_kit_uri_parse(text, P11_KIT_URI_FOR_ANY, token->uri) != P11_KIT_URI_OK ||
	    p11_kit_uri_any_unrecognized(token->uri))
		return troth_token_say(problem, TROTH_E_FORMAT,
				       "That isn't a PKCS #11 URI (RFC 7512), like "
				       "pkcs11:token=Card;object=troth, with %%20 for a blank.");
	/* RFC 7512 7: a PIN in a URI is as public as the URI. */
	if (p11_kit_uri_get_pin_value(token->uri) != NULL ||
	    p11_kit_uri_get_pin_source(token->uri) != NULL)
		return troth_token_say(problem, TROTH_E_FORMAT,
				       "A PIN doesn't belong into the URI, which others can read. "
				       "It is asked for.");
	return TROTH_OK;
}

/* ---- finding it ---- */

static int load_modules(struct troth_token *token, struct troth_token_problem *problem)
{
	const char *path = p11_kit_uri_get_module_path(token->uri);
	p11_kit_be_quiet();
	if (path == NULL) {
		token->modules = p11_kit_modules_load_and_initialize(0);
		return token->modules != NULL ? TROTH_OK
					      : troth_token_say(problem, TROTH_E_KEY,
								"p11-kit can't load its modules.");
	}
	CK_FUNCTION_LIST *module = p11_kit_module_load(path, 0);
	if (module == NULL || p11_kit_module_initialize(module) != CKR_OK) {
		if (module != NULL)
			p11_kit_module_release(module);
		return troth_token_say(problem, TROTH_E_NOT_FOUND,
				       "The module %.200s can't be loaded.", path);
	}
	token->lone = module;
	return TROTH_OK;
}

static bool can(CK_FUNCTION_LIST *module, CK_SLOT_ID slot, CK_MECHANISM_TYPE type)
{
	CK_MECHANISM_INFO info;
	return module->C_GetMechanismInfo(slot, type, &info) == CKR_OK;
}

static bool fits(const struct troth_token *token, CK_FUNCTION_LIST *module, CK_SLOT_ID slot,
		 CK_TOKEN_INFO *info)
{
	CK_SLOT_ID wanted = p11_kit_uri_get_slot_id(token->uri);
	if (wanted != (CK_SLOT_ID)-1 && wanted != slot)
		return false;
	return module->C_GetTokenInfo(slot, info) == CKR_OK &&
	       (info->flags & CKF_TOKEN_INITIALIZED) != 0 &&
	       p11_kit_uri_match_token_info(token->uri, info) == 1 &&
	       /* Else it only keeps certificates, as that of p11-kit's own trust. */
	       (can(module, slot, CKM_ECDSA) || can(module, slot, CKM_RSA_PKCS));
}

/* Effect: counts the tokens that fit and keeps the last. */
static size_t look(struct troth_token *token, CK_FUNCTION_LIST *module)
{
	CK_SLOT_ID slots[64];
	CK_ULONG count = sizeof slots / sizeof *slots;
	CK_INFO about;
	CK_TOKEN_INFO info;
	size_t found = 0;
	if (module->C_GetInfo(&about) != CKR_OK ||
	    p11_kit_uri_match_module_info(token->uri, &about) != 1 ||
	    module->C_GetSlotList(CK_TRUE, slots, &count) != CKR_OK)
		return 0;
	for (CK_ULONG i = 0; i < count; i++) {
		if (!fits(token, module, slots[i], &info))
			continue;
		token->module = module;
		token->slot = slots[i];
		token->info = info;
		found++;
	}
	return found;
}

static int find(struct troth_token *token, struct troth_token_problem *problem)
{
	size_t found = token->lone != NULL ? look(token, token->lone) : 0;
	for (size_t i = 0; token->modules != NULL && token->modules[i] != NULL; i++)
		found += look(token, token->modules[i]);
	if (found == 0)
		return troth_token_say(problem, TROTH_E_NOT_FOUND,
				       "There is no such token now: is it plugged in? `p11-kit "
				       "list-tokens` shows those that are.");
	if (found > 1)
		return troth_token_say(problem, TROTH_E_CONFLICT,
				       "More than one token fits: add token=NAME or serial=NUMBER "
				       "to the URI.");
	CK_RV rv = token->module->C_OpenSession(token->slot, CKF_SERIAL_SESSION, NULL, NULL,
						&token->session);
	return rv == CKR_OK ? TROTH_OK
			    : troth_token_failed(problem, "The token can't be opened", rv);
}

int troth_token_open(struct troth_token **out, const char *uri, struct troth_token_problem *problem)
{
	problem->text[0] = 0;
	struct troth_token *token = calloc(1, sizeof *token);
	if (token == NULL)
		return TROTH_E_NOMEM;
	token->references = 1;
	token->session = CK_INVALID_HANDLE;
	int err = read_uri(token, uri, problem);
	if (err == TROTH_OK)
		err = load_modules(token, problem);
	if (err == TROTH_OK)
		err = find(token, problem);
	if (err == TROTH_OK)
		*out = token;
	else
		troth_token_close(token);
	return err;
}

struct troth_token *troth_token_ref(struct troth_token *token)
{
	token->references++;
	return token;
}

void troth_token_close(struct troth_token *token)
{
	if (token == NULL || --token->references > 0)
		return;
	/* Of a token that is gone nothing more is wanted. */
	if (token->session != CK_INVALID_HANDLE)
		(void)token->module->C_CloseSession(token->session);
	if (token->lone != NULL) {
		(void)p11_kit_module_finalize(token->lone);
		p11_kit_module_release(token->lone);
	}
	if (token->modules != NULL)
		p11_kit_modules_finalize_and_release(token->modules);
	p11_kit_uri_free(token->uri);
	free(token);
}

/* ---- the PIN ---- */

static bool is_logged_in(const struct troth_token *token)
{
	CK_SESSION_INFO info;
	return token->module->C_GetSessionInfo(token->session, &info) == CKR_OK &&
	       (info.state == CKS_RO_USER_FUNCTIONS || info.state == CKS_RW_USER_FUNCTIONS);
}

/* PKCS #11 pads a label with spaces. */
static void read_label(char out[TROTH_TOKEN_LABEL_SIZE], const CK_TOKEN_INFO *info)
{
	struct troth_buf clean TROTH_CLEANUP(troth_buf_fini);
	const char *text = "";
	size_t len = sizeof info->label;
	while (len > 0 && info->label[len - 1] == ' ')
		len--;
	troth_buf_init(&clean, TROTH_TOKEN_LABEL_SIZE);
	if (troth_text_clean(&clean, troth_slice_of(info->label, len), TROTH_TEXT_ONE_LINE,
			     sizeof info->label) != TROTH_OK ||
	    troth_buf_cstr(&clean, &text) != TROTH_OK)
		text = "?";
	(void)snprintf(out, TROTH_TOKEN_LABEL_SIZE, "%s", text);
}

void troth_token_facts(struct troth_token *token, struct troth_token_facts *out)
{
	/* Asked again: a wrong PIN changes them. */
	(void)token->module->C_GetTokenInfo(token->slot, &token->info);
	CK_FLAGS flags = token->info.flags;
	*out = (struct troth_token_facts){
		.needs_pin = (flags & CKF_LOGIN_REQUIRED) != 0 && !is_logged_in(token),
		.has_pad = (flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0,
		.pin_is_locked = (flags & CKF_USER_PIN_LOCKED) != 0,
		.last_try = (flags & CKF_USER_PIN_FINAL_TRY) != 0,
		.can_agree = can(token->module, token->slot, CKM_ECDH1_DERIVE),
	};
	read_label(out->label, &token->info);
}

int troth_token_login(struct troth_token *token, const char *pin,
		      struct troth_token_problem *problem)
{
	problem->text[0] = 0;
	if (is_logged_in(token))
		return TROTH_OK;
	CK_RV rv = token->module->C_Login(token->session, CKU_USER, (CK_UTF8CHAR *)pin,
					  pin != NULL ? strlen(pin) : 0);
	return rv == CKR_OK ? TROTH_OK : troth_token_failed(problem, "The login failed", rv);
}
