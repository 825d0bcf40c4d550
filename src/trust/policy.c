/* SPDX-License-Identifier: MIT */
/* A policy that was read: its life, and whom it lets a CA speak for. Layer: trust. Pure. */
#include "trust/policy.h"

#include "keys/cert.h"
#include "trust/policy_map.h"

#include <stdlib.h>
#include <troth/err.h>

static void free_ca(struct troth_policy_ca *ca)
{
	for (size_t i = 0; i < ca->file_count; i++)
		free(ca->files[i].path);
	for (size_t i = 0; i < ca->jid_count; i++) {
		free(ca->jids[i].text);
		troth_jid_pattern_fini(&ca->jids[i].pattern);
	}
	for (size_t i = 0; i < ca->subject_count; i++) {
		free(ca->subjects[i].text);
		troth_dn_pattern_free(ca->subjects[i].pattern);
	}
	for (size_t i = 0; i < ca->map_count; i++) {
		free(ca->maps[i].text);
		free(ca->maps[i].jid);
		troth_dn_pattern_free(ca->maps[i].subject);
	}
	free(ca->files);
	free(ca->jids);
	free(ca->subjects);
	free(ca->maps);
	free(ca->name);
}

void troth_policy_free(struct troth_policy *policy)
{
	if (policy == NULL)
		return;
	for (size_t i = 0; i < policy->ca_count; i++)
		free_ca(&policy->cas[i]);
	free(policy->cas);
	free(policy);
}

const char *troth_policy_xtls_name(enum troth_policy_xtls xtls)
{
	switch (xtls) {
	case TROTH_POLICY_XTLS_CONTACTS:
		return "contacts";
	case TROTH_POLICY_XTLS_NO:
		return "no";
	case TROTH_POLICY_XTLS_ANYBODY:
		return "anybody";
	}
	return "no";
}

const char *troth_policy_use_name(enum troth_policy_use use)
{
	static const char *const names[TROTH_POLICY_USES] = {"chat", "files", "bots"};
	return names[use];
}

const char *troth_policy_kind_name(enum troth_policy_kind kind)
{
	static const char *const names[TROTH_POLICY_KINDS] = {"trust", "intermediates", "crl",
							      "ocsp"};
	return names[kind];
}

bool troth_policy_ca_covers(const struct troth_policy_ca *ca, const struct troth_address *jid)
{
	for (size_t i = 0; i < ca->jid_count; i++) {
		if (troth_jid_pattern_matches(&ca->jids[i].pattern, jid))
			return true;
	}
	return false;
}

static const X509_NAME *subject_of(const struct troth_cert *cert)
{
	return X509_get_subject_name(troth_cert_x509(cert));
}

bool troth_policy_ca_takes(const struct troth_policy_ca *ca, const struct troth_cert *cert)
{
	for (size_t i = 0; i < ca->subject_count; i++) {
		if (troth_dn_pattern_matches(ca->subjects[i].pattern, subject_of(cert)))
			return true;
	}
	return ca->subject_count == 0;
}

static int keep_covered(const struct troth_policy_ca *ca, struct troth_address *jid,
			struct troth_address **out)
{
	if (!troth_policy_ca_covers(ca, jid)) {
		troth_address_free(jid);
		return TROTH_E_NOT_FOUND;
	}
	*out = jid;
	return TROTH_OK;
}

static int mapped(const struct troth_policy_ca *ca, const struct troth_cert *cert, size_t n,
		  struct troth_address **out)
{
	struct troth_address *jid;
	for (size_t i = 0; n == 0 && i < ca->map_count; i++) {
		if (!troth_dn_pattern_matches(ca->maps[i].subject, subject_of(cert)))
			continue;
		int err = troth_policy_map_apply(ca->maps[i].jid, subject_of(cert), &jid);
		return err == TROTH_OK ? keep_covered(ca, jid, out) : err;
	}
	return TROTH_E_NOT_FOUND;
}

int troth_policy_ca_identity(const struct troth_policy_ca *ca, const struct troth_cert *cert,
			     size_t n, struct troth_address **out)
{
	const char *text;
	if (ca->identity == TROTH_POLICY_MAPPED)
		return mapped(ca, cert, n, out);
	for (size_t i = 0; (text = troth_cert_xmpp_addr(cert, i)) != NULL; i++) {
		struct troth_address *jid = NULL;
		int err = troth_address_new(&jid, TROTH_REALM_SERVER, text);
		if (err == TROTH_E_NOMEM)
			return err;
		/* Addresses that aren't, and those that the CA may not speak for, don't count. */
		if (err == TROTH_OK && troth_policy_ca_covers(ca, jid) && n-- == 0) {
			*out = jid;
			return TROTH_OK;
		}
		troth_address_free(jid);
	}
	return TROTH_E_NOT_FOUND;
}
