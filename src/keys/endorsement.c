/* SPDX-License-Identifier: MIT */
/*
 * Endorsements made and verified (docs/protocol.md, "Endorsements").
 * Layer: keys. Nothing here knows whose word counts.
 */
#include "keys/endorsement.h"

#include "base/date.h"
#include "base/digest.h"
#include "base/slice.h"
#include "keys/signer.h"
#include "keys/statement.h"

#include <stdlib.h>
#include <troth/address.h>
#include <troth/err.h>

#define LABEL "troth-endorse-0"
#define DAY ((int64_t)86400)

static const char *const purposes[] = {
	[TROTH_PURPOSE_NONE] = "none",       [TROTH_PURPOSE_DEVICE] = "device",
	[TROTH_PURPOSE_RENEW] = "renew",     [TROTH_PURPOSE_VOUCH] = "vouch",
	[TROTH_PURPOSE_SUCCEED] = "succeed", [TROTH_PURPOSE_INTRODUCE] = "introduce",
};

const char *troth_purpose_name(enum troth_purpose purpose)
{
	return purposes[purpose];
}

static void cleanup(struct troth_endorsement **e)
{
	troth_endorsement_free(*e);
}

void troth_endorsement_free(struct troth_endorsement *e)
{
	if (e == NULL)
		return;
	troth_statement_drop(e->issuer_name);
	troth_statement_drop(e->issuer_jid);
	troth_statement_drop(e->method);
	troth_statement_drop(e->signature.data);
	troth_statement_drop(e->jid);
	troth_statement_drop(e->issued);
	troth_statement_drop(e->expires);
	free(e);
}

int troth_endorsement_copy(struct troth_endorsement **out, const struct troth_endorsement *from)
{
	struct troth_endorsement TROTH_CLEANUP(cleanup) *e = calloc(1, sizeof *e);
	if (e == NULL)
		return TROTH_E_NOMEM;
	e->purpose = from->purpose;
	e->issued_at = from->issued_at;
	e->expires_at = from->expires_at;
	int err = troth_statement_keep(&e->issuer_name, from->issuer_name);
	if (err == TROTH_OK)
		err = troth_statement_keep(&e->issuer_jid, from->issuer_jid);
	if (err == TROTH_OK)
		err = troth_statement_keep(&e->method, from->method);
	if (err == TROTH_OK)
		err = troth_statement_keep_bytes(&e->signature, from->signature);
	if (err == TROTH_OK)
		err = troth_statement_keep(&e->jid, from->jid);
	if (err == TROTH_OK)
		err = troth_statement_keep(&e->issued, from->issued);
	if (err == TROTH_OK)
		err = troth_statement_keep(&e->expires, from->expires);
	if (err != TROTH_OK)
		return err;
	*out = e;
	e = NULL;
	return TROTH_OK;
}

/* ---- form ---- */

/* "never a link-local name": a JID whose domain has a single label, or ends in .local (RFC 6762),
 * can't be told from the name of a machine on a link. */
static bool is_of_a_link(const char *bare)
{
	const char *at = strchr(bare, '@');
	const char *domain = at != NULL ? at + 1 : bare;
	const char *last = strrchr(domain, '.');
	return last == NULL || strcmp(last, ".local") == 0;
}

/* A bare JID in the one form that preparation gives, or nothing. */
static int check_jid(const char *jid)
{
	struct troth_address *address;
	if (jid[0] == 0)
		return TROTH_OK;
	int err = troth_address_new(&address, TROTH_REALM_SERVER, jid);
	if (err != TROTH_OK)
		return err == TROTH_E_NOMEM ? err : TROTH_E_FORMAT;
	bool good = strcmp(troth_address_full(address), jid) == 0 &&
		    troth_address_resource(address) == NULL && !is_of_a_link(jid);
	troth_address_free(address);
	return good ? TROTH_OK : TROTH_E_FORMAT;
}

/* "`device`, `vouch` and `introduce` last at most 400 days"; what takes the place of a key needn't
 * end. */
static int check_dates(enum troth_purpose purpose, int64_t issued, int64_t expires)
{
	bool lasting = purpose == TROTH_PURPOSE_RENEW || purpose == TROTH_PURPOSE_SUCCEED;
	if (expires == INT64_MAX)
		return lasting ? TROTH_OK : TROTH_E_FORMAT;
	if (expires <= issued)
		return TROTH_E_FORMAT;
	return lasting || expires - issued <= TROTH_LIMIT_ENDORSEMENT_DAYS * DAY ? TROTH_OK
										 : TROTH_E_FORMAT;
}

/* The texts are what counts: the numbers are made of them. */
int troth_endorsement_check(struct troth_endorsement *e)
{
	e->expires_at = INT64_MAX;
	int err = troth_date_read(&e->issued_at, e->issued);
	if (err == TROTH_OK && e->expires[0] != 0)
		err = troth_date_read(&e->expires_at, e->expires);
	if (err == TROTH_OK)
		err = check_dates(e->purpose, e->issued_at, e->expires_at);
	return err != TROTH_OK ? err : check_jid(e->jid);
}

bool troth_endorsement_in_force(const struct troth_endorsement *e, int64_t now)
{
	return e->purpose != TROTH_PURPOSE_NONE &&
	       e->issued_at - TROTH_LIMIT_SKEW_DAYS * DAY <= now && now < e->expires_at;
}

/* ---- what is signed ---- */

/* docs/protocol.md, "Endorsements": lv_cat("troth-endorse-0", purpose, jid, issued, expires,
 * issuer, DER) */
static int message(struct troth_buf *out, const struct troth_endorsement *e, const char *issuer,
		   const struct troth_cert *subject)
{
	const char *parts[] = {LABEL, troth_purpose_name(e->purpose), e->jid, e->issued, e->expires,
			       issuer};
	int err = TROTH_OK;
	for (size_t i = 0; i < sizeof parts / sizeof *parts && err == TROTH_OK; i++)
		err = troth_lv_append_str(out, parts[i]);
	return err != TROTH_OK ? err : troth_lv_append(out, troth_cert_der(subject));
}

/* "jid = bare account JID that is an XmppAddr of the certificate, or empty": a user key can't
 * endorse a device for an account that the device itself doesn't claim. */
static int check_subject(const char *jid, const struct troth_cert *subject)
{
	const char *addr;
	if (jid[0] == 0)
		return TROTH_OK;
	for (size_t i = 0; (addr = troth_cert_xmpp_addr(subject, i)) != NULL; i++) {
		struct troth_address *address;
		int err = troth_address_new(&address, TROTH_REALM_SERVER, addr);
		if (err == TROTH_E_NOMEM)
			return err;
		if (err != TROTH_OK)
			continue;
		bool same = strcmp(troth_address_bare(address), jid) == 0;
		troth_address_free(address);
		if (same)
			return TROTH_OK;
	}
	return TROTH_E_CERT;
}

/* ---- making ---- */

static int describe(struct troth_endorsement *e, const struct troth_signer *signer,
		    const struct troth_endorsement_terms *terms)
{
	char issued[TROTH_DATE_LEN + 1];
	char expires[TROTH_DATE_LEN + 1] = "";
	e->purpose = terms->purpose;
	int err = troth_date_write(issued, terms->issued);
	if (err == TROTH_OK && terms->expires != INT64_MAX)
		err = troth_date_write(expires, terms->expires);
	if (err == TROTH_OK)
		err = troth_statement_keep(&e->issued, issued);
	if (err == TROTH_OK)
		err = troth_statement_keep(&e->expires, expires);
	if (err == TROTH_OK)
		err = troth_statement_keep(&e->jid, terms->jid != NULL ? terms->jid : "");
	if (err == TROTH_OK)
		err = troth_statement_keep(&e->issuer_name, signer->name);
	return err != TROTH_OK ? err : troth_statement_keep(&e->method, signer->method);
}

static bool are_possible(const struct troth_signer *signer,
			 const struct troth_endorsement_terms *terms)
{
	switch (terms->purpose) {
	case TROTH_PURPOSE_NONE:
		return false;
	case TROTH_PURPOSE_DEVICE:
	case TROTH_PURPOSE_VOUCH:
	case TROTH_PURPOSE_SUCCEED:
	case TROTH_PURPOSE_INTRODUCE:
		if (terms->old_issuer != NULL)
			return false;
		break;
	case TROTH_PURPOSE_RENEW:
		break;
	}
	return troth_is_name(signer->name) && troth_is_issuer(signer->issuer) &&
	       (terms->old_issuer == NULL || troth_is_issuer(terms->old_issuer));
}

static int as_call(int err)
{
	return err == TROTH_E_FORMAT || err == TROTH_E_CERT ? TROTH_E_INVAL : err;
}

int troth_endorsement_make(struct troth_endorsement **out, const struct troth_signer *signer,
			   const struct troth_endorsement_terms *terms,
			   const struct troth_cert *subject)
{
	struct troth_buf TROTH_CLEANUP(troth_buf_fini) m;
	struct troth_endorsement TROTH_CLEANUP(cleanup) *e = calloc(1, sizeof *e);
	troth_buf_init(&m, TROTH_STATEMENT_BYTES);
	if (e == NULL)
		return TROTH_E_NOMEM;
	if (!are_possible(signer, terms))
		return TROTH_E_INVAL;
	int err = describe(e, signer, terms);
	if (err == TROTH_OK)
		err = as_call(troth_endorsement_check(e));
	if (err == TROTH_OK)
		err = as_call(check_subject(e->jid, subject));
	if (err == TROTH_OK)
		err = message(&m, e, terms->old_issuer != NULL ? terms->old_issuer : signer->issuer,
			      subject);
	if (err == TROTH_OK)
		err = troth_statement_sign(signer, troth_buf_slice(&m), &e->signature);
	if (err != TROTH_OK)
		return err;
	*out = e;
	e = NULL;
	return TROTH_OK;
}

/* ---- verifying ---- */

static int verify_with(const struct troth_endorsement *e, const struct troth_cert *signer,
		       const char *issuer, const struct troth_cert *subject)
{
	struct troth_buf TROTH_CLEANUP(troth_buf_fini) m;
	troth_buf_init(&m, TROTH_STATEMENT_BYTES);
	if (strcmp(e->issuer_name, troth_cert_name(signer)) != 0 ||
	    strcmp(e->method, troth_cert_method(signer)) != 0)
		return TROTH_E_CERT;
	int err = check_subject(e->jid, subject);
	if (err == TROTH_OK)
		err = message(&m, e, issuer, subject);
	return err != TROTH_OK ? err : troth_cert_verify(signer, troth_buf_slice(&m), e->signature);
}

/* One signature is all that these need. */
static bool stands_alone(const struct troth_endorsement *e)
{
	return e->purpose == TROTH_PURPOSE_DEVICE || e->purpose == TROTH_PURPOSE_VOUCH ||
	       e->purpose == TROTH_PURPOSE_SUCCEED || e->purpose == TROTH_PURPOSE_INTRODUCE;
}

int troth_endorsement_verify(const struct troth_endorsement *e, const struct troth_cert *issuer,
			     const struct troth_cert *subject)
{
	char hash[TROTH_ISSUER_LEN + 1];
	/* A key that endorses itself says nothing. */
	if (!stands_alone(e) || troth_pin_equal(troth_cert_pin(issuer), troth_cert_pin(subject)))
		return TROTH_E_CERT;
	troth_issuer_of_cert(hash, issuer);
	return verify_with(e, issuer, hash, subject);
}

int troth_endorsement_message(const struct troth_endorsement *e, const char *issuer,
			      const struct troth_cert *subject, struct troth_buf *out)
{
	if (!stands_alone(e) || e->purpose == TROTH_PURPOSE_SUCCEED ||
	    strcmp(e->method, TROTH_METHOD_OPENPGP) != 0 || !troth_is_name(issuer) ||
	    strcmp(e->issuer_name, issuer) != 0)
		return TROTH_E_CERT;
	int err = check_subject(e->jid, subject);
	return err != TROTH_OK ? err : message(out, e, issuer, subject);
}

static bool same_terms(const struct troth_endorsement *a, const struct troth_endorsement *b)
{
	return a->purpose == b->purpose && strcmp(a->jid, b->jid) == 0 &&
	       strcmp(a->issued, b->issued) == 0 && strcmp(a->expires, b->expires) == 0;
}

int troth_renewal_verify(const struct troth_cert *old, const struct troth_cert *successor,
			 const struct troth_endorsement *const *list, size_t count)
{
	char hash[TROTH_ISSUER_LEN + 1];
	if (troth_pin_equal(troth_cert_pin(old), troth_cert_pin(successor)))
		return TROTH_E_CERT;
	troth_issuer_of_cert(hash, old);
	for (size_t i = 0; i < count; i++) {
		if (list[i]->purpose != TROTH_PURPOSE_RENEW)
			continue;
		int err = verify_with(list[i], old, hash, successor);
		for (size_t k = 0; k < count && err == TROTH_OK; k++) {
			if (same_terms(list[i], list[k]) &&
			    verify_with(list[k], successor, hash, successor) == TROTH_OK)
				return TROTH_OK;
		}
		if (err != TROTH_OK && err != TROTH_E_CERT)
			return err;
	}
	return TROTH_E_CERT;
}
