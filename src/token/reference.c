/* SPDX-License-Identifier: MIT */
/*
 * The reference to a key on a token, as it stands in a PEM file. Layer: token.
 *
 * The form is that of pkcs11-provider for OpenSSL ("PKCS#11 PROVIDER URI"): SEQUENCE {
 * VisibleString, UTF8String }, so that its tools can use the same file.
 */
#include "base/slice.h"
#include "token/state.h"

#include <openssl/asn1t.h>
#include <openssl/err.h>
#include <string.h>
#include <troth/err.h>

#define DESCRIPTION "PKCS#11 Provider URI v1.0"

struct reference {
	ASN1_VISIBLESTRING *description;
	ASN1_UTF8STRING *uri;
};

ASN1_SEQUENCE(reference) =
	{ASN1_SIMPLE(struct reference, description, ASN1_VISIBLESTRING),
	 ASN1_SIMPLE(struct reference, uri,
		     ASN1_UTF8STRING)} static_ASN1_SEQUENCE_END_name(struct reference, reference)

		static struct reference
	* reference_new(void)
{
	return (struct reference *)ASN1_item_new(ASN1_ITEM_rptr(reference));
}

static void reference_free(struct reference *r)
{
	ASN1_item_free((ASN1_VALUE *)r, ASN1_ITEM_rptr(reference));
}

static struct troth_slice uri_of(const struct reference *r)
{
	return troth_slice_of(ASN1_STRING_get0_data(r->uri), (size_t)ASN1_STRING_length(r->uri));
}

int troth_token_refer(const char *uri, struct troth_buf *out)
{
	uint8_t *der = NULL;
	if (!troth_token_is_plain(troth_slice_str(uri)))
		return TROTH_E_FORMAT;
	struct reference *r = reference_new();
	if (r == NULL || ASN1_STRING_set(r->description, DESCRIPTION, -1) != 1 ||
	    ASN1_STRING_set(r->uri, uri, -1) != 1) {
		reference_free(r);
		return TROTH_E_NOMEM;
	}
	int len = ASN1_item_i2d((const ASN1_VALUE *)r, &der, ASN1_ITEM_rptr(reference));
	reference_free(r);
	if (len <= 0)
		return TROTH_E_CRYPTO;
	int err = troth_buf_append(out, der, (size_t)len);
	OPENSSL_free(der);
	return err;
}

int troth_token_referred(struct troth_slice reference, struct troth_buf *out)
{
	const uint8_t *at = reference.data;
	struct reference *r = (struct reference *)ASN1_item_d2i(NULL, &at, (long)reference.len,
								ASN1_ITEM_rptr(reference));
	int err = TROTH_E_FORMAT;
	ERR_clear_error();
	if (r != NULL && at == reference.data + reference.len &&
	    ASN1_STRING_length(r->description) == (int)strlen(DESCRIPTION) &&
	    memcmp(ASN1_STRING_get0_data(r->description), DESCRIPTION, strlen(DESCRIPTION)) == 0 &&
	    troth_token_is_plain(uri_of(r)))
		err = troth_buf_append_slice(out, uri_of(r));
	reference_free(r);
	return err;
}
