/* SPDX-License-Identifier: MIT */
/* Distinguished names as text, and one attribute of them. Layer: keys. Decides nothing. */
#include "keys/dn.h"

#include "base/limits.h"
#include "keys/dn_type.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <troth/err.h>

/* RFC 4514 2.3 lets types be written in either case; OpenSSL knows the usual ones in upper case,
 * and a few long ones as they stand. */
ASN1_OBJECT *troth_dn_type(const char *text)
{
	char upper[TROTH_DN_TYPE_MAX];
	ASN1_OBJECT *type = OBJ_txt2obj(text, 0);
	size_t len = strlen(text);
	if (type == NULL && len < sizeof upper) {
		for (size_t i = 0; i <= len; i++)
			upper[i] =
				(char)(text[i] >= 'a' && text[i] <= 'z' ? text[i] - 32 : text[i]);
		type = OBJ_txt2obj(upper, 0);
	}
	ERR_clear_error();
	return type;
}

bool troth_dn_type_known(const char *type)
{
	ASN1_OBJECT *object = troth_dn_type(type);
	ASN1_OBJECT_free(object);
	return object != NULL;
}

int troth_dn_text(struct troth_buf *out, const X509_NAME *name)
{
	BIO *bio = BIO_new(BIO_s_mem());
	if (bio == NULL)
		return TROTH_E_NOMEM;
	int err = TROTH_E_CERT;
	if (X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0) {
		char *text = NULL;
		long len = BIO_get_mem_data(bio, &text);
		err = len == 0 ? TROTH_OK : troth_buf_append(out, text, (size_t)len);
	}
	BIO_free(bio);
	ERR_clear_error();
	return err;
}

static int append_value(struct troth_buf *out, const X509_NAME_ENTRY *entry)
{
	unsigned char *text = NULL;
	int len = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry));
	int err = TROTH_E_NOT_FOUND;
	if (len > 0 && memchr(text, 0, (size_t)len) == NULL)
		err = troth_buf_append(out, text, (size_t)len);
	OPENSSL_free(text);
	ERR_clear_error();
	return err;
}

int troth_dn_value(struct troth_buf *out, const X509_NAME *name, const char *type)
{
	ASN1_OBJECT *object = troth_dn_type(type);
	if (object == NULL)
		return TROTH_E_NOT_FOUND;
	int at = X509_NAME_get_index_by_OBJ(name, object, -1);
	/* Of two values nobody can say which of them counts. */
	bool single = at >= 0 && X509_NAME_get_index_by_OBJ(name, object, at) < 0;
	ASN1_OBJECT_free(object);
	return single ? append_value(out, X509_NAME_get_entry(name, at)) : TROTH_E_NOT_FOUND;
}
