/* SPDX-License-Identifier: MIT */
/*
 * Revocations made, read, written and verified (docs/protocol.md, "Revocation"). Layer: keys.
 * Whether the signer may revoke that key is known above.
 */
#include "keys/revocation.h"

#include "base/date.h"
#include "base/digest.h"
#include "base/encode.h"
#include "base/limits.h"
#include "base/slice.h"
#include "keys/signer.h"
#include "keys/statement.h"
#include "xml/namespace.h"

#include <stdlib.h>
#include <troth/err.h>

#define LABEL "troth-revoke-0"
#define PIN_HEX (2 * TROTH_PIN_LEN)

static const char *const reasons[] = {
	[TROTH_REVOKE_COMPROMISED] = "compromised",
	[TROTH_REVOKE_RETIRED] = "retired",
	[TROTH_REVOKE_LOST] = "lost",
};

const char *troth_revoke_reason_name(enum troth_revoke_reason reason)
{
	return reasons[reason];
}

/* A word from the future can't mean less harm than is feared. */
static enum troth_revoke_reason reason_of(const char *text)
{
	for (enum troth_revoke_reason r = TROTH_REVOKE_RETIRED; r <= TROTH_REVOKE_LOST; r++) {
		if (strcmp(text, reasons[r]) == 0)
			return r;
	}
	return TROTH_REVOKE_COMPROMISED;
}

static void cleanup(struct troth_revocation **r)
{
	troth_revocation_free(*r);
}

void troth_revocation_free(struct troth_revocation *r)
{
	if (r == NULL)
		return;
	troth_statement_drop(r->issuer);
	troth_statement_drop(r->reason_text);
	troth_statement_drop(r->time);
	troth_statement_drop(r->method);
	troth_statement_drop(r->signature.data);
	free(r);
}

static int describe(struct troth_revocation *r, const char *issuer, const char *reason,
		    const char *time)
{
	char own[PIN_HEX + 1];
	troth_hex(own, troth_slice_of(r->key.bytes, TROTH_PIN_LEN));
	r->own = strcmp(own, issuer) == 0;
	r->reason = reason_of(reason);
	int err = troth_date_read(&r->time_at, time);
	if (err == TROTH_OK)
		err = troth_statement_keep(&r->issuer, issuer);
	if (err == TROTH_OK)
		err = troth_statement_keep(&r->reason_text, reason);
	return err != TROTH_OK ? err : troth_statement_keep(&r->time, time);
}

int troth_revocation_copy(struct troth_revocation **out, const struct troth_revocation *from)
{
	struct troth_revocation TROTH_CLEANUP(cleanup) *r = calloc(1, sizeof *r);
	if (r == NULL)
		return TROTH_E_NOMEM;
	r->key = from->key;
	int err = describe(r, from->issuer, from->reason_text, from->time);
	if (err == TROTH_OK)
		err = troth_statement_keep(&r->method, from->method);
	if (err == TROTH_OK)
		err = troth_statement_keep_bytes(&r->signature, from->signature);
	if (err != TROTH_OK)
		return err;
	*out = r;
	r = NULL;
	return TROTH_OK;
}

/* ---- what is signed ---- */

/* docs/protocol.md, "Revocation": lv_cat("troth-revoke-0", key, by, reason, time) */
static int message(struct troth_buf *out, const struct troth_revocation *r)
{
	char key[PIN_HEX + 1];
	troth_hex(key, troth_slice_of(r->key.bytes, TROTH_PIN_LEN));
	const char *parts[] = {LABEL, key, r->issuer, r->reason_text, r->time};
	int err = TROTH_OK;
	for (size_t i = 0; i < sizeof parts / sizeof *parts && err == TROTH_OK; i++)
		err = troth_lv_append_str(out, parts[i]);
	return err;
}

int troth_revocation_make(struct troth_revocation **out, const struct troth_signer *signer,
			  const struct troth_pin *key, enum troth_revoke_reason reason,
			  int64_t time)
{
	char text[TROTH_DATE_LEN + 1];
	struct troth_buf TROTH_CLEANUP(troth_buf_fini) m;
	struct troth_revocation TROTH_CLEANUP(cleanup) *r = calloc(1, sizeof *r);
	troth_buf_init(&m, TROTH_STATEMENT_BYTES);
	if (r == NULL)
		return TROTH_E_NOMEM;
	if (!troth_is_issuer(signer->issuer))
		return TROTH_E_INVAL;
	r->key = *key;
	int err = troth_date_write(text, time);
	if (err == TROTH_OK)
		err = describe(r, signer->issuer, troth_revoke_reason_name(reason), text);
	if (err == TROTH_OK)
		err = troth_statement_keep(&r->method, signer->method);
	if (err == TROTH_OK)
		err = message(&m, r);
	if (err == TROTH_OK)
		err = troth_statement_sign(signer, troth_buf_slice(&m), &r->signature);
	if (err != TROTH_OK)
		return err;
	*out = r;
	r = NULL;
	return TROTH_OK;
}

int troth_revocation_verify(const struct troth_revocation *r, const struct troth_cert *signer)
{
	char hash[TROTH_ISSUER_LEN + 1];
	struct troth_buf TROTH_CLEANUP(troth_buf_fini) m;
	troth_buf_init(&m, TROTH_STATEMENT_BYTES);
	troth_issuer_of_cert(hash, signer);
	if (strcmp(r->issuer, hash) != 0 || strcmp(r->method, troth_cert_method(signer)) != 0)
		return TROTH_E_CERT;
	int err = message(&m, r);
	return err != TROTH_OK ? err : troth_cert_verify(signer, troth_buf_slice(&m), r->signature);
}

int troth_revocation_message(const struct troth_revocation *r, struct troth_buf *out)
{
	if (strcmp(r->method, TROTH_METHOD_OPENPGP) != 0 || !troth_is_name(r->issuer))
		return TROTH_E_CERT;
	return message(out, r);
}

/* ---- reading and writing ---- */

static bool is_lower(const char *hex)
{
	return strspn(hex, "0123456789abcdef") == strlen(hex);
}

int troth_revocation_read(struct troth_revocation **out, const struct troth_element *revoke)
{
	const char *key = troth_element_attr(revoke, "key");
	const char *by = troth_element_attr(revoke, "by");
	const char *reason = troth_element_attr(revoke, "reason");
	const char *time = troth_element_attr(revoke, "time");
	struct troth_revocation TROTH_CLEANUP(cleanup) *r = calloc(1, sizeof *r);
	if (r == NULL)
		return TROTH_E_NOMEM;
	if (key == NULL || !is_lower(key) || !troth_is_issuer(by) || reason == NULL ||
	    reason[0] == 0 || time == NULL || strlen(reason) > TROTH_LIMIT_JID_PART)
		return TROTH_E_FORMAT;
	int err = troth_unhex(r->key.bytes, TROTH_PIN_LEN, key);
	if (err == TROTH_OK)
		err = describe(r, by, reason, time);
	if (err == TROTH_OK)
		err = troth_statement_read_value(
			&r->method, &r->signature,
			troth_element_child(revoke, TROTH_NS_TROTH, "value"));
	if (err != TROTH_OK)
		return err;
	*out = r;
	r = NULL;
	return TROTH_OK;
}

void troth_revocation_write(struct troth_writer *w, const struct troth_revocation *r)
{
	char key[PIN_HEX + 1];
	troth_hex(key, troth_slice_of(r->key.bytes, TROTH_PIN_LEN));
	troth_writer_open(w, TROTH_NS_TROTH, "revoke");
	troth_writer_attr(w, "key", key);
	troth_writer_attr(w, "by", r->issuer);
	troth_writer_attr(w, "reason", r->reason_text);
	troth_writer_attr(w, "time", r->time);
	troth_writer_open(w, TROTH_NS_TROTH, "value");
	troth_writer_attr(w, "method", r->method);
	troth_writer_base64(w, r->signature);
	troth_writer_close(w);
	troth_writer_close(w);
}
