/* SPDX-License-Identifier: MIT */
/*
 * A PKCS #11 module for tests: SoftHSM, made to behave as cards do. What it does is told by files
 * in the directory $TEST_CARD: `removed`, `last-try`, `locked`, `no-ecdh`, `no-signing`,
 * `asks-always`, `pad`; each login adds a byte to `logins`.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <p11-kit/pkcs11.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SOFTHSM "/usr/lib/softhsm/libsofthsm2.so"

static CK_FUNCTION_LIST *soft;
static CK_FUNCTION_LIST card;

static void path_of(char out[4096], const char *name)
{
	const char *folder = getenv("TEST_CARD");
	(void)snprintf(out, 4096, "%s/%s", folder != NULL ? folder : "/nonexistent", name);
}

static bool is(const char *name)
{
	char path[4096];
	path_of(path, name);
	return access(path, F_OK) == 0;
}

static CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
	CK_RV rv = is("removed") ? CKR_TOKEN_NOT_PRESENT : soft->C_GetTokenInfo(slot, info);
	if (rv == CKR_OK && is("last-try"))
		info->flags |= CKF_USER_PIN_FINAL_TRY;
	if (rv == CKR_OK && is("locked"))
		info->flags |= CKF_USER_PIN_LOCKED;
	if (rv == CKR_OK && is("pad"))
		info->flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
	return rv;
}

static CK_RV get_mechanism_info(CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info)
{
	if ((type == CKM_ECDH1_DERIVE && is("no-ecdh")) || is("no-signing"))
		return CKR_MECHANISM_INVALID;
	return soft->C_GetMechanismInfo(slot, type, info);
}

static CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE who, CK_UTF8CHAR *pin, CK_ULONG len)
{
	char path[4096];
	path_of(path, "logins");
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, ".", 1) != 1)
		abort();
	close(fd);
	/* Typed on the reader. */
	if (is("pad") && pin == NULL)
		return soft->C_Login(session, who, (CK_UTF8CHAR *)"271828", 6);
	return is("locked") ? CKR_PIN_LOCKED : soft->C_Login(session, who, pin, len);
}

static CK_RV sign_init(CK_SESSION_HANDLE session, CK_MECHANISM *how, CK_OBJECT_HANDLE key)
{
	return is("removed") ? CKR_DEVICE_REMOVED : soft->C_SignInit(session, how, key);
}

static CK_RV get_attributes(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *what,
			    CK_ULONG n)
{
	CK_RV rv = soft->C_GetAttributeValue(session, object, what, n);
	for (CK_ULONG i = 0; rv == CKR_OK && i < n && is("asks-always"); i++)
		if (what[i].type == CKA_ALWAYS_AUTHENTICATE && what[i].pValue != NULL)
			*(CK_BBOOL *)what[i].pValue = CK_TRUE;
	return rv;
}

static CK_RV derive_key(CK_SESSION_HANDLE session, CK_MECHANISM *how, CK_OBJECT_HANDLE key,
			CK_ATTRIBUTE *template, CK_ULONG n, CK_OBJECT_HANDLE *out)
{
	if (is("removed") || is("no-ecdh"))
		return is("removed") ? CKR_DEVICE_REMOVED : CKR_MECHANISM_INVALID;
	return soft->C_DeriveKey(session, how, key, template, n, out);
}

__attribute__((visibility("default"))) CK_RV C_GetFunctionList(CK_FUNCTION_LIST **out)
{
	CK_RV (*get)(CK_FUNCTION_LIST **);
	void *library = dlopen(SOFTHSM, RTLD_NOW | RTLD_LOCAL);
	if (library == NULL)
		return CKR_GENERAL_ERROR;
	*(void **)&get = dlsym(library, "C_GetFunctionList");
	CK_RV rv = get != NULL ? get(&soft) : CKR_GENERAL_ERROR;
	if (rv != CKR_OK)
		return rv;
	card = *soft;
	card.C_GetFunctionList = C_GetFunctionList;
	card.C_GetTokenInfo = get_token_info;
	card.C_GetMechanismInfo = get_mechanism_info;
	card.C_Login = login;
	card.C_SignInit = sign_init;
	card.C_DeriveKey = derive_key;
	card.C_GetAttributeValue = get_attributes;
	*out = &card;
	return CKR_OK;
}
