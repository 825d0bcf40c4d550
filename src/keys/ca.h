/* SPDX-License-Identifier: MIT */
/* What the files about chains share: the inside of a struct troth_ca. Layer: keys. */
#ifndef TROTH_KEYS_CA_H
#define TROTH_KEYS_CA_H

#include "keys/chain.h"

#include <openssl/ocsp.h>
#include <openssl/x509.h>

struct troth_ca {
	STACK_OF(X509) * anchors;
	STACK_OF(X509) * intermediates;
	STACK_OF(X509_CRL) * crls;
	OCSP_RESPONSE **ocsp;
	size_t ocsp_count;
	bool pinned; /* anchors are pins: their dates don't matter */
};

/* What the OCSP responses say of one certificate. */
enum troth_ocsp_status { TROTH_OCSP_UNKNOWN, TROTH_OCSP_GOOD, TROTH_OCSP_REVOKED };

struct troth_ocsp_question {
	X509 *cert;
	X509 *issuer;
	X509_STORE *store;       /* with the time to go by */
	STACK_OF(X509) * others; /* where the issuer and those above it are found */
	int64_t now;
};

/* ocsp.c. Effect: looks into one response. One that isn't signed by the issuer or its delegate
 * says nothing; one that is too old says only who is revoked. */
enum troth_ocsp_status troth_ocsp_look(OCSP_RESPONSE *response,
				       const struct troth_ocsp_question *question);

/* Effect: an OCSP response of that DER and nothing after it; NULL: it is none. */
OCSP_RESPONSE *troth_ocsp_new(struct troth_slice der);

#endif
