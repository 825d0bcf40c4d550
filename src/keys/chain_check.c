/* SPDX-License-Identifier: MIT */
/*
 * What OpenSSL leaves open of a chain that it found good: the usage, the dates above a pin, OCSP,
 * and of proxy certificates the language and that it is critical. Layer: keys. Pure.
 */
#include "keys/ca.h"
#include "keys/cert.h"
#include "keys/chain_run.h"

#include <openssl/x509v3.h>
#include <time.h>

bool troth_x509_is_proxy(X509 *x)
{
	return (X509_get_extension_flags(x) & EXFLAG_PROXY) != 0;
}

bool troth_cert_is_own_issuer(const struct troth_cert *cert)
{
	return (X509_get_extension_flags(troth_cert_x509(cert)) & EXFLAG_SI) != 0;
}

bool troth_cert_is_proxy(const struct troth_cert *cert)
{
	return troth_x509_is_proxy(troth_cert_x509(cert));
}

/* RFC 3820 3.8: "proxyCertInfo MUST be critical"; and of its languages only the one by which the
 * owner's word counts is understood here. */
static bool proxy_is_good(X509 *x)
{
	int at = X509_get_ext_by_NID(x, NID_proxyCertInfo, -1);
	X509_EXTENSION *ext = at < 0 ? NULL : X509_get_ext(x, at);
	if (ext == NULL || X509_EXTENSION_get_critical(ext) != 1 ||
	    X509_get_ext_by_NID(x, NID_proxyCertInfo, at) >= 0)
		return false;
	PROXY_CERT_INFO_EXTENSION *info = X509V3_EXT_d2i(ext);
	bool good = info != NULL && info->proxyPolicy != NULL &&
		    info->proxyPolicy->policy == NULL &&
		    OBJ_obj2nid(info->proxyPolicy->policyLanguage) == NID_id_ppl_inheritAll;
	PROXY_CERT_INFO_EXTENSION_free(info);
	return good;
}

/* How many proxies stand before the owner. */
static enum troth_chain_fault check_proxies(const struct troth_chain_run *r, STACK_OF(X509) * chain,
					    unsigned *out)
{
	unsigned count = 0;
	while (count < (unsigned)sk_X509_num(chain) &&
	       troth_x509_is_proxy(sk_X509_value(chain, (int)count)))
		count++;
	*out = count;
	if (count > r->params->proxies || count == (unsigned)sk_X509_num(chain))
		return count == 0 ? TROTH_CHAIN_NONE : TROTH_CHAIN_PROXY;
	for (unsigned i = 0; i < count; i++) {
		if (!proxy_is_good(sk_X509_value(chain, (int)i)))
			return TROTH_CHAIN_PROXY;
	}
	return TROTH_CHAIN_NONE;
}

/* Either use of TLS will do: both sides are clients of a server, and a company's certificates are
 * made for that. Above the owner, a CA that is restricted to other uses can't speak here. */
static enum troth_chain_fault check_usage(STACK_OF(X509) * chain, unsigned owner, bool pinned)
{
	int last = sk_X509_num(chain) - 1;
	for (int i = 0; i <= last; i++) {
		X509 *x = sk_X509_value(chain, i);
		uint32_t extended = X509_get_extended_key_usage(x);
		if ((unsigned)i <= owner && (X509_get_key_usage(x) & KU_DIGITAL_SIGNATURE) == 0)
			return TROTH_CHAIN_USAGE;
		if ((i < last || pinned) &&
		    (extended & (XKU_SSL_CLIENT | XKU_SSL_SERVER | XKU_ANYEKU)) == 0)
			return TROTH_CHAIN_USAGE;
	}
	return TROTH_CHAIN_NONE;
}

/* "for a pinned key dates don't matter": those of what it signed do. */
static enum troth_chain_fault check_dates(const struct troth_chain_run *r, STACK_OF(X509) * chain)
{
	time_t now = (time_t)r->params->now;
	for (int i = 0; r->ca->pinned && i < sk_X509_num(chain) - 1; i++) {
		X509 *x = sk_X509_value(chain, i);
		int begun = ASN1_TIME_cmp_time_t(X509_get0_notBefore(x), now);
		int over = ASN1_TIME_cmp_time_t(X509_get0_notAfter(x), now);
		if (begun != -1 && begun != 0)
			return TROTH_CHAIN_NOT_YET;
		if (over != 1 && over != 0)
			return TROTH_CHAIN_EXPIRED;
	}
	return TROTH_CHAIN_NONE;
}

static enum troth_ocsp_status ocsp_of(const struct troth_chain_run *r, STACK_OF(X509) * chain,
				      int at, OCSP_RESPONSE *staple)
{
	struct troth_ocsp_question q = {
		.cert = sk_X509_value(chain, at),
		.issuer = sk_X509_value(chain, at + 1),
		.store = r->store,
		.others = chain,
		.now = r->params->now,
	};
	enum troth_ocsp_status found = TROTH_OCSP_UNKNOWN;
	if (staple != NULL)
		found = troth_ocsp_look(staple, &q);
	for (size_t i = 0; i < r->ca->ocsp_count; i++) {
		enum troth_ocsp_status one = troth_ocsp_look(r->ca->ocsp[i], &q);
		found = one > found ? one : found;
	}
	return found;
}

/* Every certificate but the proxies, which no CA knows, and the anchor, which is trusted. */
static enum troth_chain_fault check_status(const struct troth_chain_run *r, STACK_OF(X509) * chain,
					   unsigned owner)
{
	enum troth_chain_fault fault = TROTH_CHAIN_NONE;
	OCSP_RESPONSE *staple = troth_ocsp_new(r->params->staple);
	for (int i = (int)owner; i < sk_X509_num(chain) - 1; i++) {
		enum troth_ocsp_status status = ocsp_of(r, chain, i, staple);
		bool unknown = status == TROTH_OCSP_UNKNOWN && (r->no_crl >> i & 1) != 0;
		if (status == TROTH_OCSP_REVOKED)
			fault = TROTH_CHAIN_REVOKED;
		else if (unknown && r->params->needs_status && fault == TROTH_CHAIN_NONE)
			fault = TROTH_CHAIN_STATUS;
	}
	OCSP_RESPONSE_free(staple);
	return fault;
}

enum troth_chain_fault troth_chain_check(const struct troth_chain_run *r, STACK_OF(X509) * chain,
					 struct troth_chain *out)
{
	enum troth_chain_fault fault = check_proxies(r, chain, &out->proxies);
	if (fault == TROTH_CHAIN_NONE)
		fault = check_usage(chain, out->proxies, r->ca->pinned);
	if (fault == TROTH_CHAIN_NONE)
		fault = check_dates(r, chain);
	if (fault == TROTH_CHAIN_NONE)
		fault = check_status(r, chain, out->proxies);
	return fault;
}
