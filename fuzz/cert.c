/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes certificates: what is read is kept byte by byte, all of it can be asked for, and no
 * signature that the input brings along is right.
 */
#include "base/slice.h"
#include "need.h"

#include <troth/err.h>
#include <troth/key.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct troth_cert *cert;
	struct troth_slice der = troth_slice_of(data, size);
	if (troth_cert_new(&cert, der) != TROTH_OK)
		return 0;
	need(troth_slice_equal(troth_cert_der(cert), der));
	need(strlen(troth_cert_name(cert)) == TROTH_NAME_LEN);
	need(troth_cert_key_kind(cert) != NULL && troth_cert_method(cert) != NULL);
	size_t count = 0;
	for (const char *a; (a = troth_cert_xmpp_addr(cert, count)) != NULL; count++)
		need(a[0] != 0 && strlen(a) < size);
	need(count < size);
	need(troth_cert_not_after(cert) != INT64_MIN && troth_cert_not_before(cert) != INT64_MIN);
	size_t part = size < 64 ? size : 64;
	need(troth_cert_verify(cert, der, troth_slice_of(data + size - part, part)) != TROTH_OK);
	troth_cert_free(cert);
	return 0;
}
