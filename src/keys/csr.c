/* SPDX-License-Identifier: MIT */
/* Requests for certificates (PKCS #10). Layer: keys. */
#include "keys/cert.h"
#include "keys/issue.h"
#include "keys/key_kind.h"
#include "keys/san.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <troth/err.h>

static int add_names(X509_REQ *req, const char *jid)
{
	GENERAL_NAMES *names = NULL;
	STACK_OF(X509_EXTENSION) *extensions = NULL;
	int err = troth_san_new(&names, jid);
	if (err == TROTH_OK && (X509V3_add1_i2d(&extensions, NID_subject_alt_name, names, 0,
						X509V3_ADD_DEFAULT) != 1 ||
				X509_REQ_add_extensions(req, extensions) != 1))
		err = TROTH_E_CRYPTO;
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
	GENERAL_NAMES_free(names);
	return err;
}

/* The name is for the CA's people to read; the CA writes the one that it wants. */
static int fill(X509_REQ *req, const struct troth_device *device, const char *jid)
{
	const struct troth_key_kind *kind =
		troth_key_kind_of(troth_cert_key(troth_device_cert(device)));
	const EVP_MD *digest =
		kind == NULL || kind->digest == NULL ? NULL : EVP_get_digestbyname(kind->digest);
	/* Longer names than X.520 allows are left to the extension. */
	(void)X509_NAME_add_entry_by_NID(X509_REQ_get_subject_name(req), NID_commonName,
					 MBSTRING_UTF8, (const unsigned char *)jid, -1, -1, 0);
	if (X509_REQ_set_version(req, X509_REQ_VERSION_1) != 1 ||
	    X509_REQ_set_pubkey(req, troth_device_key(device)) != 1)
		return TROTH_E_CRYPTO;
	int err = add_names(req, jid);
	if (err == TROTH_OK && X509_REQ_sign(req, troth_device_key(device), digest) <= 0)
		err = troth_device_signing_failed(TROTH_E_CRYPTO);
	return err;
}

static int append_pem(struct troth_buf *out, X509_REQ *req)
{
	char *text = NULL;
	BIO *bio = BIO_new(BIO_s_mem());
	if (bio == NULL)
		return TROTH_E_NOMEM;
	int err = TROTH_E_CRYPTO;
	if (PEM_write_bio_X509_REQ(bio, req) == 1) {
		long len = BIO_get_mem_data(bio, &text);
		err = troth_buf_append(out, text, (size_t)len);
	}
	BIO_free(bio);
	return err;
}

int troth_device_csr(const struct troth_device *device, const char *jid, struct troth_buf *out)
{
	if (!troth_san_is_address(jid))
		return TROTH_E_INVAL;
	X509_REQ *req = X509_REQ_new();
	if (req == NULL)
		return TROTH_E_NOMEM;
	int err = fill(req, device, jid);
	if (err == TROTH_OK)
		err = append_pem(out, req);
	X509_REQ_free(req);
	ERR_clear_error();
	return err;
}
