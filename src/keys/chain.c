/* SPDX-License-Identifier: MIT */
/*
 * Verifies a chain by OpenSSL; what OpenSSL leaves open is checked by chain_check.c. Layer: keys.
 */
#include "keys/chain.h"

#include "base/limits.h"
#include "base/slice.h"
#include "keys/ca.h"
#include "keys/cert.h"
#include "keys/chain_run.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <time.h>
#include <troth/err.h>

/* 112 bits: RSA of 2048, SHA-2. */
#define SECURITY_LEVEL 2

const char *troth_chain_fault_name(enum troth_chain_fault fault)
{
	static const char *const names[] = {
#define FAULT_NAME(symbol, word, text) word,
		TROTH_CHAIN_FAULTS(FAULT_NAME)
#undef FAULT_NAME
	};
	return names[fault];
}

const char *troth_chain_fault_text(enum troth_chain_fault fault)
{
	static const char *const texts[] = {
#define FAULT_TEXT(symbol, word, text) text,
		TROTH_CHAIN_FAULTS(FAULT_TEXT)
#undef FAULT_TEXT
	};
	return texts[fault];
}

/* Lists that are missing or too old don't end it here: what they mean is decided at the end. One
 * that is too old goes on to say who is revoked. */
static int on_step(int ok, X509_STORE_CTX *ctx)
{
	struct troth_chain_run *r = X509_STORE_CTX_get_app_data(ctx);
	int depth = X509_STORE_CTX_get_error_depth(ctx);
	if (ok == 1)
		return 1;
	if (r == NULL) /* the chain of a list's own issuer */
		return 0;
	switch (X509_STORE_CTX_get_error(ctx)) {
	case X509_V_ERR_UNABLE_TO_GET_CRL:
	case X509_V_ERR_CRL_HAS_EXPIRED:
	case X509_V_ERR_CRL_NOT_YET_VALID:
		r->no_crl |= 1U << (depth < 31 ? depth : 31);
		X509_STORE_CTX_set_error(ctx, X509_V_OK);
		return 1;
	default:
		return 0;
	}
}

static int read_other(struct troth_chain_run *r, struct troth_slice der)
{
	const uint8_t *at = der.data;
	X509 *x = d2i_X509(NULL, &at, (long)der.len);
	if (x == NULL)
		return TROTH_OK; /* what can't be read proves nothing, and harms nothing */
	if (sk_X509_push(r->others, x) <= 0) {
		X509_free(x);
		return TROTH_E_NOMEM;
	}
	return TROTH_OK;
}

static int gather_others(struct troth_chain_run *r)
{
	const struct troth_chain_params *p = r->params;
	int err = TROTH_OK;
	if ((r->others = sk_X509_new_null()) == NULL)
		return TROTH_E_NOMEM;
	for (size_t i = 0; err == TROTH_OK && i < p->other_count && i < TROTH_LIMIT_CHAIN_CERTS;
	     i++)
		err = read_other(r, p->others[i]);
	for (int i = 0; err == TROTH_OK && i < sk_X509_num(r->ca->intermediates); i++) {
		X509 *x = sk_X509_value(r->ca->intermediates, i);
		if (X509_up_ref(x) != 1)
			return TROTH_E_CRYPTO;
		if (sk_X509_push(r->others, x) <= 0) {
			X509_free(x);
			return TROTH_E_NOMEM;
		}
	}
	return err;
}

static unsigned long flags_of(const struct troth_chain_run *r)
{
	unsigned long flags =
		X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
	if (r->params->proxies > 0)
		flags |= X509_V_FLAG_ALLOW_PROXY_CERTS;
	if (r->ca->pinned) /* the dates of the others are looked at by check_dates */
		flags |= X509_V_FLAG_NO_CHECK_TIME;
	return flags;
}

static int fill_store(struct troth_chain_run *r)
{
	if ((r->store = X509_STORE_new()) == NULL)
		return TROTH_E_NOMEM;
	for (int i = 0; i < sk_X509_num(r->ca->anchors); i++)
		if (X509_STORE_add_cert(r->store, sk_X509_value(r->ca->anchors, i)) != 1)
			return TROTH_E_NOMEM;
	for (int i = 0; i < sk_X509_CRL_num(r->ca->crls); i++)
		if (X509_STORE_add_crl(r->store, sk_X509_CRL_value(r->ca->crls, i)) != 1)
			return TROTH_E_NOMEM;
	X509_VERIFY_PARAM *param = X509_STORE_get0_param(r->store);
	if (!r->ca->pinned) /* a time that is set outweighs X509_V_FLAG_NO_CHECK_TIME */
		X509_VERIFY_PARAM_set_time(param, (time_t)r->params->now);
	X509_VERIFY_PARAM_set_auth_level(param, SECURITY_LEVEL);
	/* The store verifies the responders of OCSP too: by the same rules. */
	return X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN) == 1 ? TROTH_OK
										  : TROTH_E_CRYPTO;
}

static int set_up(struct troth_chain_run *r)
{
	int err = gather_others(r);
	if (err == TROTH_OK)
		err = fill_store(r);
	if (err != TROTH_OK)
		return err;
	r->ctx = X509_STORE_CTX_new();
	if (r->ctx == NULL ||
	    X509_STORE_CTX_init(r->ctx, r->store, troth_cert_x509(r->params->leaf), r->others) != 1)
		return TROTH_E_NOMEM;
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(r->ctx);
	X509_VERIFY_PARAM_set_depth(param, TROTH_LIMIT_CHAIN_CERTS);
	if (X509_VERIFY_PARAM_set_flags(param, flags_of(r)) != 1 ||
	    X509_STORE_CTX_set_app_data(r->ctx, r) != 1)
		return TROTH_E_CRYPTO;
	X509_STORE_CTX_set_verify_cb(r->ctx, on_step);
	return TROTH_OK;
}

static enum troth_chain_fault fault_of(int error)
{
	switch (error) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return TROTH_CHAIN_EXPIRED;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return TROTH_CHAIN_NOT_YET;
	case X509_V_ERR_CERT_REVOKED:
		return TROTH_CHAIN_REVOKED;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_CERT_CHAIN_TOO_LONG:
		return TROTH_CHAIN_UNKNOWN_CA;
	case X509_V_ERR_EE_KEY_TOO_SMALL:
	case X509_V_ERR_CA_KEY_TOO_SMALL:
	case X509_V_ERR_CA_MD_TOO_WEAK:
		return TROTH_CHAIN_WEAK;
	case X509_V_ERR_INVALID_CA:
	case X509_V_ERR_INVALID_PURPOSE:
	case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
	case X509_V_ERR_KEYUSAGE_NO_DIGITAL_SIGNATURE:
	case X509_V_ERR_PATH_LENGTH_EXCEEDED:
		return TROTH_CHAIN_USAGE;
	case X509_V_ERR_PERMITTED_VIOLATION:
	case X509_V_ERR_EXCLUDED_VIOLATION:
	case X509_V_ERR_SUBTREE_MINMAX:
	case X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE:
	case X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX:
	case X509_V_ERR_UNSUPPORTED_NAME_SYNTAX:
		return TROTH_CHAIN_NAMES;
	case X509_V_ERR_PROXY_CERTIFICATES_NOT_ALLOWED:
	case X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED:
	case X509_V_ERR_PROXY_SUBJECT_NAME_VIOLATION:
		return TROTH_CHAIN_PROXY;
	case X509_V_ERR_CERT_SIGNATURE_FAILURE:
		return TROTH_CHAIN_SIGNATURE;
	case X509_V_ERR_CRL_SIGNATURE_FAILURE:
	case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
	case X509_V_ERR_KEYUSAGE_NO_CRL_SIGN:
		return TROTH_CHAIN_STATUS;
	default:
		return TROTH_CHAIN_OTHER;
	}
}

/* Also of a chain that failed: to say whose certificate it is that has expired. */
static int keep_owner(STACK_OF(X509) * chain, struct troth_chain *out)
{
	for (int i = 0; i < sk_X509_num(chain); i++) {
		X509 *x = sk_X509_value(chain, i);
		if (troth_x509_is_proxy(x))
			continue;
		int err = troth_cert_from_x509(&out->owner, x);
		return err == TROTH_E_NOMEM ? err : TROTH_OK;
	}
	return TROTH_OK;
}

static int judge(struct troth_chain_run *r, struct troth_chain *out)
{
	int good = X509_verify_cert(r->ctx);
	int error = X509_STORE_CTX_get_error(r->ctx);
	STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(r->ctx);
	if (error == X509_V_ERR_OUT_OF_MEM)
		return TROTH_E_NOMEM;
	if (chain == NULL || sk_X509_num(chain) == 0) {
		out->fault = TROTH_CHAIN_OTHER;
		return TROTH_OK;
	}
	int err = keep_owner(chain, out);
	if (err != TROTH_OK)
		return err;
	out->fault = good == 1 ? troth_chain_check(r, chain, out) : fault_of(error);
	if (out->fault == TROTH_CHAIN_NONE && out->owner == NULL)
		out->fault = TROTH_CHAIN_WEAK;
	return troth_x509_pin(&out->anchor, sk_X509_value(chain, sk_X509_num(chain) - 1));
}

int troth_chain_verify(struct troth_chain *out, const struct troth_ca *ca,
		       const struct troth_chain_params *params)
{
	struct troth_chain_run r = {.ca = ca, .params = params};
	struct troth_chain chain = {.fault = TROTH_CHAIN_OTHER};
	int err = set_up(&r);
	if (err == TROTH_OK)
		err = judge(&r, &chain);
	X509_STORE_CTX_free(r.ctx);
	X509_STORE_free(r.store);
	sk_X509_pop_free(r.others, X509_free);
	ERR_clear_error();
	if (err != TROTH_OK) {
		troth_chain_fini(&chain);
		return err;
	}
	*out = chain;
	return TROTH_OK;
}

void troth_chain_fini(struct troth_chain *chain)
{
	troth_cert_free(chain->owner);
	*chain = (struct troth_chain){.fault = TROTH_CHAIN_OTHER};
}
