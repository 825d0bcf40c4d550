/* SPDX-License-Identifier: MIT */
/* Own statements, made and written to the store. Layer: session. */
#include "base/limits.h"
#include "base/slice.h"
#include "session/openpgp_key.h"
#include "session/own.h"
#include "session/own_kinds.h"
#include "xml/namespace.h"

#include <string.h>
#include <troth/err.h>

#define STATEMENT_MAX ((size_t)16 * 1024)

static int keep(struct troth_store *store, const char *kind, const struct troth_pin *pin,
		struct troth_slice data, int64_t now)
{
	const struct troth_store_evidence row = {
		.kind = kind, .pin = *pin, .data = data, .time = now};
	return troth_store_evidence_append(store, &row);
}

int troth_own_keep_user_key(struct troth_store *store, const struct troth_cert *cert, int64_t now)
{
	return keep(store, OWN_USER_KEY, troth_cert_pin(cert), troth_cert_der(cert), now);
}

int troth_own_keep_openpgp_key(struct troth_store *store, const char *fingerprint,
			       struct troth_slice key, int64_t now)
{
	const struct troth_store_evidence row = {.kind = OWN_OPENPGP_KEY,
						 .pin = troth_openpgp_pin(fingerprint),
						 .method = fingerprint,
						 .data = key,
						 .time = now};
	return key.len <= TROTH_LIMIT_OPENPGP_KEY_BYTES ? troth_store_evidence_append(store, &row)
							: TROTH_E_LIMIT;
}

int troth_own_keep_user_lost(struct troth_store *store, const struct troth_pin *pin, int64_t now)
{
	return keep(store, OWN_USER_LOST, pin, (struct troth_slice){NULL, 0}, now);
}

int troth_own_keep_heir(struct troth_store *store, const struct troth_cert *heir, int64_t now)
{
	return keep(store, OWN_HEIR, troth_cert_pin(heir), troth_cert_der(heir), now);
}

int troth_own_keep_former(struct troth_store *store, const struct troth_cert *former, int64_t now)
{
	return keep(store, OWN_FORMER, troth_cert_pin(former), troth_cert_der(former), now);
}

int troth_own_keep_endorsement(struct troth_store *store, const struct troth_endorsement *e,
			       const struct troth_cert *subject, int64_t now)
{
	struct troth_buf xml TROTH_CLEANUP(troth_buf_fini);
	struct troth_writer w;
	troth_buf_init(&xml, STATEMENT_MAX);
	troth_writer_init(&w, &xml, "");
	troth_endorsement_write(&w, e);
	int err = troth_writer_finish(&w);
	if (err == TROTH_OK)
		err = keep(store, OWN_ENDORSEMENT, troth_cert_pin(subject), troth_buf_slice(&xml),
			   now);
	return err;
}

int troth_own_keep_revocation(struct troth_store *store, const struct troth_revocation *r,
			      int64_t now)
{
	struct troth_buf xml TROTH_CLEANUP(troth_buf_fini);
	struct troth_writer w;
	troth_buf_init(&xml, STATEMENT_MAX);
	troth_writer_init(&w, &xml, "");
	troth_revocation_write(&w, r);
	int err = troth_writer_finish(&w);
	if (err == TROTH_OK)
		err = keep(store, OWN_REVOCATION, &r->key, troth_buf_slice(&xml), now);
	return err;
}

int troth_own_keep_quorum(struct troth_store *store, const struct troth_quorum *q,
			  const struct troth_pin *user_key, int64_t now)
{
	struct troth_buf xml TROTH_CLEANUP(troth_buf_fini);
	struct troth_writer w;
	troth_buf_init(&xml, STATEMENT_MAX);
	troth_writer_init(&w, &xml, "");
	troth_quorum_write(&w, q);
	int err = troth_writer_finish(&w);
	if (err == TROTH_OK)
		err = keep(store, OWN_QUORUM, user_key, troth_buf_slice(&xml), now);
	return err;
}

int troth_own_succeed(struct troth_store *store, const struct troth_device *device,
		      const struct troth_cert *heir, int64_t now)
{
	const struct troth_signer signer = troth_signer_of_device(device);
	const struct troth_endorsement_terms terms = {
		.purpose = TROTH_PURPOSE_SUCCEED, .issued = now, .expires = INT64_MAX};
	struct troth_endorsement *e;
	int err = troth_endorsement_make(&e, &signer, &terms, heir);
	if (err != TROTH_OK)
		return err;
	err = troth_own_keep_endorsement(store, e, heir, now);
	troth_endorsement_free(e);
	return err;
}

int troth_own_revoke(struct troth_store *store, const struct troth_device *signer,
		     const struct troth_pin *key, enum troth_revoke_reason reason, int64_t now)
{
	const struct troth_signer by = troth_signer_of_device(signer);
	struct troth_revocation *r;
	int err = troth_revocation_make(&r, &by, key, reason, now);
	if (err != TROTH_OK)
		return err;
	err = troth_own_keep_revocation(store, r, now);
	troth_revocation_free(r);
	return err;
}

/* "jid = bare account JID that is an XmppAddr of the certificate, or empty, never a link-local
 * name": and none that stands for nobody (RFC 2606 2: ".invalid"). */
static const char *account(const struct troth_cert *device)
{
	const char *jid = troth_cert_xmpp_addr(device, 0);
	size_t len = jid != NULL ? strlen(jid) : 0;
	const char *end = ".invalid";
	if (len < strlen(end) || strcmp(jid + len - strlen(end), end) == 0)
		return "";
	return jid;
}

static int endorse(struct troth_store *store, const struct troth_signer *signer,
		   const struct troth_cert *device, int64_t now, struct troth_endorsement **out)
{
	const struct troth_endorsement_terms terms = {
		.purpose = TROTH_PURPOSE_DEVICE,
		.jid = account(device),
		.issued = now,
		.expires = now + TROTH_OWN_LIFE,
	};
	struct troth_endorsement *e;
	int err = troth_endorsement_make(&e, signer, &terms, device);
	if (err != TROTH_OK)
		return err;
	err = troth_own_keep_endorsement(store, e, device, now);
	if (err == TROTH_OK && out != NULL)
		*out = e;
	else
		troth_endorsement_free(e);
	return err;
}

int troth_own_endorse(struct troth_store *store, const struct troth_device *user_key,
		      const struct troth_cert *device, int64_t now, struct troth_endorsement **out)
{
	const struct troth_signer signer = troth_signer_of_device(user_key);
	return endorse(store, &signer, device, now, out);
}

int troth_own_endorse_openpgp(struct troth_store *store, const struct troth_signer *signer,
			      const struct troth_cert *device, int64_t now,
			      struct troth_endorsement **out)
{
	return endorse(store, signer, device, now, out);
}

int troth_own_drop_openpgp(struct troth_store *store, const struct troth_cert *device, int64_t now)
{
	return keep(store, OWN_OPENPGP_DROPPED, troth_cert_pin(device),
		    (struct troth_slice){NULL, 0}, now);
}
