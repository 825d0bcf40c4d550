/* SPDX-License-Identifier: MIT */
/* Hashes and endorsements in offers. Layer: c2c. */
#include "c2c/proof.h"

#include "base/encode.h"
#include "base/slice.h"
#include "c2c/offer.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

#define HASH_ALGO "sha-256"
#define SPACE " \t\r\n"

/* A hash that can't be read is none: the name still has to fit. */
static int read_hash(struct troth_offer_proof *out, const struct troth_element *keyinfo)
{
	struct troth_buf TROTH_CLEANUP(troth_buf_fini) bytes;
	troth_buf_init(&bytes, 256);
	const struct troth_element *e = troth_element_child(keyinfo, TROTH_NS_HASHES, "hash");
	const char *algo = troth_element_attr(e, "algo");
	if (algo == NULL || strcmp(algo, HASH_ALGO) != 0)
		return TROTH_OK;
	int err = troth_base64_decode(&bytes, troth_element_text(e));
	if (err == TROTH_OK && troth_buf_len(&bytes) == sizeof out->hash) {
		memcpy(out->hash, troth_buf_slice(&bytes).data, sizeof out->hash);
		out->has_hash = true;
	}
	return err == TROTH_E_NOMEM ? err : TROTH_OK;
}

/* "the SPKI SHA-256 of each CA above it": in hex, with white space between. What isn't in this form
 * says nothing. */
static void read_issued_by(struct troth_offer_proof *out, const struct troth_element *keyinfo)
{
	const struct troth_element *e = troth_element_child(keyinfo, TROTH_NS_TROTH, "issued-by");
	const char *at = e != NULL ? troth_element_text(e) : "";
	size_t n = 0;
	for (at += strspn(at, SPACE); *at != 0; at += strspn(at, SPACE)) {
		char hex[2 * TROTH_PIN_LEN + 1];
		size_t len = strcspn(at, SPACE);
		if (n == TROTH_LIMIT_CHAIN_CERTS || len >= sizeof hex)
			return;
		memcpy(hex, at, len);
		hex[len] = 0;
		if (troth_unhex(out->cas[n].bytes, sizeof out->cas[n].bytes, hex) != TROTH_OK)
			return;
		at += len;
		n++;
	}
	out->ca_count = n;
}

static bool says_more(const struct troth_element *e)
{
	return troth_element_is(e, TROTH_NS_PUBKEY, "keyinfo") &&
	       (troth_element_child(e, TROTH_NS_PUBKEY, "signature") != NULL ||
		troth_element_child(e, TROTH_NS_TROTH, "issued-by") != NULL);
}

static int read_one(struct troth_offer_proofs *proofs, const struct troth_element *keyinfo)
{
	struct troth_offer_proof *proof = &proofs->items[proofs->count];
	if (!troth_offer_read_name(proof->name, keyinfo))
		return TROTH_OK;
	read_issued_by(proof, keyinfo);
	int err = troth_endorsement_list_read(&proof->endorsements, keyinfo);
	if (err != TROTH_OK || (proof->endorsements.count == 0 && proof->ca_count == 0))
		return err;
	proofs->count++;
	return read_hash(proof, keyinfo);
}

static size_t count(const struct troth_element *offer)
{
	size_t n = 0;
	const struct troth_element *e = troth_element_first(offer);
	for (; e != NULL; e = troth_element_next(e))
		n += says_more(e);
	return n;
}

int troth_offer_proofs_read(struct troth_offer_proofs *out, const struct troth_element *offer)
{
	struct troth_offer_proofs proofs = {0};
	size_t n = count(offer);
	int err = n > TROTH_LIMIT_OFFER_KEYS ? TROTH_E_LIMIT : TROTH_OK;
	if (err == TROTH_OK && n > 0) {
		proofs.items = calloc(n, sizeof *proofs.items);
		if (proofs.items == NULL)
			return TROTH_E_NOMEM;
	}
	const struct troth_element *e = troth_element_first(offer);
	for (; e != NULL && err == TROTH_OK; e = troth_element_next(e)) {
		if (says_more(e))
			err = read_one(&proofs, e);
	}
	if (err != TROTH_OK) {
		troth_offer_proofs_fini(&proofs);
		return err;
	}
	*out = proofs;
	return TROTH_OK;
}

void troth_offer_proofs_fini(struct troth_offer_proofs *proofs)
{
	for (size_t i = 0; i < proofs->count; i++)
		troth_endorsement_list_fini(&proofs->items[i].endorsements);
	free(proofs->items);
	*proofs = (struct troth_offer_proofs){0};
}

bool troth_offer_proof_is_of(const struct troth_offer_proof *proof, const struct troth_cert *cert)
{
	uint8_t hash[TROTH_SHA256_LEN];
	if (strcmp(proof->name, troth_cert_name(cert)) != 0)
		return false;
	return !proof->has_hash || (troth_sha256(hash, troth_cert_der(cert)) == TROTH_OK &&
				    memcmp(hash, proof->hash, sizeof hash) == 0);
}

/* About what it takes on the wire: base64 is a third longer, and the rest is short but the JIDs. */
static size_t size_of(const struct troth_endorsement *e)
{
	return 512 + e->signature.len * 4 / 3 + strlen(e->jid) +
	       (e->issuer_jid != NULL ? strlen(e->issuer_jid) : 0);
}

static void write_issued_by(struct troth_writer *w, const struct troth_offer_own *own)
{
	char hex[2 * TROTH_PIN_LEN + 1];
	if (own->ca_count == 0)
		return;
	troth_writer_open(w, TROTH_NS_TROTH, "issued-by");
	for (size_t i = 0; i < own->ca_count; i++) {
		troth_hex(hex, troth_slice_of(own->cas[i].bytes, sizeof own->cas[i].bytes));
		troth_writer_text(w, i > 0 ? " " : "");
		troth_writer_text(w, hex);
	}
	troth_writer_close(w);
}

void troth_offer_proof_write(struct troth_writer *w, const struct troth_offer_own *own)
{
	uint8_t hash[TROTH_SHA256_LEN];
	size_t left = TROTH_LIMIT_OFFER_ENDORSEMENTS_BYTES;
	const struct troth_statements *s = own->statements;
	if (troth_sha256(hash, troth_cert_der(own->cert)) == TROTH_OK) {
		troth_writer_open(w, TROTH_NS_HASHES, "hash");
		troth_writer_attr(w, "algo", HASH_ALGO);
		troth_writer_base64(w, troth_slice_of(hash, sizeof hash));
		troth_writer_close(w);
	}
	for (size_t i = 0; i < s->endorsement_count; i++) {
		size_t size = size_of(s->endorsements[i]);
		if (size > left)
			continue;
		left -= size;
		troth_endorsement_write(w, s->endorsements[i]);
	}
	write_issued_by(w, own);
}
