/* SPDX-License-Identifier: MIT */
/* The names of a device in certificates and requests: XmppAddr and URI. Layer: keys. */
#include "keys/san.h"

#include "base/limits.h"
#include "base/slice.h"

#include <openssl/bn.h>
#include <troth/err.h>
#include <unistr.h>

#define SERIAL_BITS 127

static int add_name(GENERAL_NAMES *names, GENERAL_NAME *name)
{
	if (sk_GENERAL_NAME_push(names, name) > 0)
		return TROTH_OK;
	GENERAL_NAME_free(name);
	return TROTH_E_NOMEM;
}

/* RFC 6120 13.7.1.4: the otherName id-on-xmppAddr, a UTF8String. */
static int add_xmpp_addr(GENERAL_NAMES *names, const char *address)
{
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_TYPE *value = ASN1_TYPE_new();
	ASN1_UTF8STRING *text = ASN1_UTF8STRING_new();
	if (name == NULL || value == NULL || text == NULL ||
	    ASN1_STRING_set(text, address, (int)strlen(address)) != 1)
		goto fail;
	ASN1_TYPE_set(value, V_ASN1_UTF8STRING, text);
	text = NULL;
	if (GENERAL_NAME_set0_othername(name, OBJ_nid2obj(NID_XmppAddr), value) != 1)
		goto fail;
	return add_name(names, name);
fail:
	ASN1_UTF8STRING_free(text);
	ASN1_TYPE_free(value);
	GENERAL_NAME_free(name);
	return TROTH_E_NOMEM;
}

/* RFC 5122 2.2: characters that a URI may hold as they are; the rest in percents. */
static int append_uri(struct troth_buf *out, const char *address)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				    "-._~!$()*+,;=@/:[]";
	static const char hex[] = "0123456789ABCDEF";
	int err = troth_buf_append_str(out, "xmpp:");
	for (const char *p = address; *p != 0 && err == TROTH_OK; p++) {
		uint8_t c = (uint8_t)*p;
		if (strchr(plain, c) != NULL)
			err = troth_buf_append_byte(out, c);
		else
			err = troth_buf_append(out, (char[]){'%', hex[c >> 4], hex[c & 15]}, 3);
	}
	return err;
}

static int add_uri(GENERAL_NAMES *names, const char *address)
{
	struct troth_buf TROTH_CLEANUP(troth_buf_fini) uri;
	troth_buf_init(&uri, 3 * (3 * TROTH_LIMIT_JID_PART + 8));
	int err = append_uri(&uri, address);
	if (err != TROTH_OK)
		return err;
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_IA5STRING *text = ASN1_IA5STRING_new();
	struct troth_slice s = troth_buf_slice(&uri);
	if (name == NULL || text == NULL || ASN1_STRING_set(text, s.data, (int)s.len) != 1) {
		ASN1_IA5STRING_free(text);
		GENERAL_NAME_free(name);
		return TROTH_E_NOMEM;
	}
	GENERAL_NAME_set0_value(name, GEN_URI, text);
	return add_name(names, name);
}

int troth_san_new(GENERAL_NAMES **out, const char *address)
{
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	if (names == NULL)
		return TROTH_E_NOMEM;
	int err = add_xmpp_addr(names, address);
	if (err == TROTH_OK)
		err = add_uri(names, address);
	if (err != TROTH_OK) {
		GENERAL_NAMES_free(names);
		return err;
	}
	*out = names;
	return TROTH_OK;
}

bool troth_san_is_address(const char *text)
{
	size_t len = text == NULL ? 0 : strlen(text);
	if (len == 0 || len > 3 * TROTH_LIMIT_JID_PART + 2)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((uint8_t)text[i] <= ' ' || text[i] == 0x7f)
			return false;
	return u8_check((const uint8_t *)text, len) == NULL;
}

int troth_x509_set_serial(X509 *x)
{
	BIGNUM *n = BN_new();
	int ok = n != NULL && BN_rand(n, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
		 BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x)) != NULL;
	BN_free(n);
	return ok ? TROTH_OK : TROTH_E_CRYPTO;
}
