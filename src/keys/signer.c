/* SPDX-License-Identifier: MIT */
/* Who signs, and how a key is named in what is signed. Layer: keys. */
#include "keys/signer.h"

#include "base/encode.h"
#include "base/slice.h"

#include <string.h>

static bool is_hex(const char *text, size_t len)
{
	return strlen(text) == len && strspn(text, "0123456789abcdef") == len;
}

bool troth_is_name(const char *text)
{
	return text != NULL && is_hex(text, TROTH_NAME_LEN);
}

bool troth_is_issuer(const char *text)
{
	return troth_is_name(text) || (text != NULL && is_hex(text, TROTH_ISSUER_LEN));
}

void troth_issuer_of_cert(char out[TROTH_ISSUER_LEN + 1], const struct troth_cert *cert)
{
	troth_hex(out, troth_slice_of(troth_cert_pin(cert)->bytes, TROTH_PIN_LEN));
}

struct troth_signer troth_signer_of_cert(const struct troth_cert *cert)
{
	struct troth_signer signer = {.method = troth_cert_method(cert)};
	troth_issuer_of_cert(signer.issuer, cert);
	memcpy(signer.name, troth_cert_name(cert), sizeof signer.name);
	return signer;
}

static int sign_by_device(void *user, struct troth_slice message, struct troth_buf *out)
{
	return troth_device_sign(user, message, out);
}

struct troth_signer troth_signer_of_device(const struct troth_device *device)
{
	struct troth_signer signer = troth_signer_of_cert(troth_device_cert(device));
	signer.sign = sign_by_device;
	signer.user = (void *)device; /* which only reads it */
	return signer;
}
