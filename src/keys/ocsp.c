/* SPDX-License-Identifier: MIT */
/* OCSP responses (RFC 6960) that came from files or were stapled. Layer: keys. Asks no
 * responder, and no clock: OCSP_check_validity would. */
#include "base/limits.h"
#include "keys/ca.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <time.h>

#define CLOCKS_DIFFER 300
/* RFC 6960 4.2.2.1: without nextUpdate "newer revocation information is available all the
 * time"; offline that has to end somewhere. */
#define WITHOUT_NEXT_UPDATE (7 * 86400)

OCSP_RESPONSE *troth_ocsp_new(struct troth_slice der)
{
	if (der.len == 0 || der.len > TROTH_LIMIT_OCSP_BYTES)
		return NULL;
	const uint8_t *at = der.data;
	OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &at, (long)der.len);
	ERR_clear_error();
	if (response != NULL && at != der.data + der.len) {
		OCSP_RESPONSE_free(response);
		return NULL;
	}
	return response;
}

/* -2, an unreadable time, is neither before nor after. */
static bool is_current(const ASN1_GENERALIZEDTIME *from, const ASN1_GENERALIZEDTIME *until,
		       int64_t now)
{
	int begun = from == NULL ? -2 : ASN1_TIME_cmp_time_t(from, (time_t)(now + CLOCKS_DIFFER));
	if (begun != -1 && begun != 0)
		return false;
	if (until == NULL)
		return ASN1_TIME_cmp_time_t(from, (time_t)(now - WITHOUT_NEXT_UPDATE)) == 1;
	return ASN1_TIME_cmp_time_t(until, (time_t)(now - CLOCKS_DIFFER)) == 1;
}

/* The question names its certificate by hashes of the responder's choice. */
static bool is_about(const OCSP_SINGLERESP *single, const struct troth_ocsp_question *q)
{
	ASN1_OBJECT *digest = NULL;
	OCSP_CERTID *shown = (OCSP_CERTID *)OCSP_SINGLERESP_get0_id(single);
	if (shown == NULL || OCSP_id_get0_info(NULL, &digest, NULL, NULL, shown) != 1)
		return false;
	const EVP_MD *md = EVP_get_digestbyobj(digest);
	OCSP_CERTID *ours = md == NULL ? NULL : OCSP_cert_to_id(md, q->cert, q->issuer);
	bool same = ours != NULL && OCSP_id_cmp(ours, shown) == 0;
	OCSP_CERTID_free(ours);
	return same;
}

static enum troth_ocsp_status look_at(OCSP_SINGLERESP *single, const struct troth_ocsp_question *q)
{
	ASN1_GENERALIZEDTIME *from = NULL;
	ASN1_GENERALIZEDTIME *until = NULL;
	int status = OCSP_single_get0_status(single, NULL, NULL, &from, &until);
	if (status == V_OCSP_CERTSTATUS_REVOKED)
		return TROTH_OCSP_REVOKED;
	if (status == V_OCSP_CERTSTATUS_GOOD && is_current(from, until, q->now))
		return TROTH_OCSP_GOOD;
	return TROTH_OCSP_UNKNOWN;
}

static enum troth_ocsp_status look_into(OCSP_BASICRESP *basic, const struct troth_ocsp_question *q)
{
	enum troth_ocsp_status found = TROTH_OCSP_UNKNOWN;
	for (int i = 0; i < OCSP_resp_count(basic); i++) {
		OCSP_SINGLERESP *single = OCSP_resp_get0(basic, i);
		if (!is_about(single, q))
			continue;
		enum troth_ocsp_status one = look_at(single, q);
		found = one > found ? one : found; /* in their order, revoked is the last */
	}
	return found;
}

enum troth_ocsp_status troth_ocsp_look(OCSP_RESPONSE *response, const struct troth_ocsp_question *q)
{
	enum troth_ocsp_status found = TROTH_OCSP_UNKNOWN;
	if (OCSP_response_status(response) != OCSP_RESPONSE_STATUS_SUCCESSFUL)
		return found;
	OCSP_BASICRESP *basic = OCSP_response_get1_basic(response);
	if (basic != NULL && OCSP_basic_verify(basic, q->others, q->store, 0) == 1)
		found = look_into(basic, q);
	OCSP_BASICRESP_free(basic);
	ERR_clear_error();
	return found;
}
