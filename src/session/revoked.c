/* SPDX-License-Identifier: MIT */
/* Signed revocations: verified, recorded, applied, wherever they came from. Layer: session. */
#include "session/revoked.h"

#include "base/encode.h"
#include "base/slice.h"
#include "session/believed.h"
#include "session/state.h"
#include "session/statements.h"

#include <string.h>

static enum troth_belief_reason reason_of(const struct troth_revocation *r)
{
	switch (r->reason) {
	case TROTH_REVOKE_COMPROMISED:
		break;
	case TROTH_REVOKE_RETIRED:
		return TROTH_BELIEF_RETIRED;
	case TROTH_REVOKE_LOST:
		return TROTH_BELIEF_LOST;
	}
	return TROTH_BELIEF_COMPROMISED;
}

struct signer {
	const char *issuer;
	struct troth_pin pin;
	bool found;
};

static bool is_issuer(const struct troth_pin *pin, const char *issuer)
{
	char hex[2 * TROTH_PIN_LEN + 1];
	troth_hex(hex, (struct troth_slice){pin->bytes, sizeof pin->bytes});
	return strcmp(hex, issuer) == 0;
}

bool revoked_by_us(const struct troth_session *s, const struct troth_revocation *r)
{
	return s->own->user_key != NULL && is_issuer(troth_cert_pin(s->own->user_key), r->issuer);
}

static int match_signer(void *user, const struct troth_store_key *key)
{
	struct signer *sg = user;
	if (is_issuer(&key->pin, sg->issuer)) {
		sg->pin = key->pin;
		sg->found = true;
	}
	return 0;
}

/* Effect: the certificate of the contact's key that signed. */
static int signer_of(struct troth_store *store, int64_t contact, const struct troth_revocation *r,
		     struct troth_cert **out)
{
	struct troth_buf der;
	struct signer sg = {.issuer = r->issuer};
	int err = troth_store_user_key_list(store, contact, match_signer, &sg);
	if (err == TROTH_OK && !sg.found)
		err = troth_store_key_list(store, contact, match_signer, &sg);
	if (err == TROTH_OK && !sg.found)
		err = TROTH_E_NOT_FOUND;
	troth_buf_init(&der, TROTH_STORE_BLOB_MAX);
	if (err == TROTH_OK)
		err = troth_store_key_der(store, &sg.pin, &der);
	if (err == TROTH_OK)
		err = troth_cert_new(out, troth_buf_slice(&der));
	troth_buf_fini(&der);
	return err;
}

static int record(struct troth_store *store, int64_t contact,
		  const struct troth_belief_statement *says, const struct troth_revocation *r)
{
	struct troth_buf xml TROTH_CLEANUP(troth_buf_fini);
	struct troth_writer w;
	troth_buf_init(&xml, TROTH_STORE_BLOB_MAX);
	troth_writer_init(&w, &xml, "");
	troth_revocation_write(&w, r);
	int err = troth_writer_finish(&w);
	const struct troth_store_statement row = {
		.contact = contact, .says = *says, .data = troth_buf_slice(&xml)};
	return err == TROTH_OK ? troth_store_statement_append(store, &row) : err;
}

int troth_revoked_learn(struct troth_store *store, int64_t contact,
			const struct troth_revocation *r, int64_t now)
{
	struct troth_cert *signer;
	int err = signer_of(store, contact, r, &signer);
	if (err != TROTH_OK) /* nobody whose word counts here */
		return err == TROTH_E_NOT_FOUND || err == TROTH_E_CERT ? TROTH_OK : err;
	const struct troth_belief_statement says = {
		.kind = TROTH_BELIEF_REVOKED,
		.subject = r->key,
		.issuer = *troth_cert_pin(signer),
		.reason = reason_of(r),
		.issued = r->time_at,
		.time = now,
	};
	if (troth_revocation_verify(r, signer) == TROTH_OK)
		err = record(store, contact, &says, r);
	troth_cert_free(signer);
	return err;
}

/* ---- by our own user key ---- */

/* By that signer: that a device has suspended it before doesn't say the same. */
static bool is_known(const struct troth_own *own, const struct troth_revocation *r)
{
	for (size_t i = 0; i < own->revocation_count; i++)
		if (troth_pin_equal(&own->revocations[i]->key, &r->key) &&
		    strcmp(own->revocations[i]->issuer, r->issuer) == 0)
			return true;
	return false;
}

int revoked_own(struct troth_session *s, struct link *l, const struct troth_revocation *r)
{
	static const char text[] = "The user key has revoked this device: its contacts refuse it.";
	const struct troth_pin *self = troth_cert_pin(troth_device_cert(s->device));
	if (is_known(s->own, r) || troth_revocation_verify(r, s->own->user_key) != TROTH_OK)
		return TROTH_OK;
	int err = troth_own_keep_revocation(s->store, r, session_now());
	if (err == TROTH_OK && !troth_pin_equal(&r->key, self))
		err = troth_store_key_withdraw(s->store, &r->key, TROTH_STORE_KEY_REVOKED,
					       "by our user key", session_now());
	if (err != TROTH_OK && err != TROTH_E_NOT_FOUND)
		return err;
	if (troth_pin_equal(&r->key, self)) {
		news_warn(s, l, text);
		record_log(s, "own-key-revoked", l != NULL ? l->label : NULL, text);
	}
	return say_load(s);
}
