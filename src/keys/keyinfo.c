/* SPDX-License-Identifier: MIT */
/* <pubkeys/> read, <keyinfo/> written: our own, and others. Layer: keys. Judges form only. */
#include "keys/keyinfo.h"

#include "base/digest.h"
#include "base/encode.h"
#include "base/limits.h"
#include "base/slice.h"
#include "keys/possession.h"
#include "keys/signer.h"

#include <stdlib.h>
#include <troth/err.h>

#define SIGNATURE_MAX 1024 /* RSA of 8192 bits */

/* The text of XEP-0189 v0.8 says x509cert, its schema x509. */
static const struct troth_element *x509_of(const struct troth_element *keyinfo)
{
	const struct troth_element *e = troth_element_child(keyinfo, TROTH_NS_PUBKEY, "x509cert");
	return e != NULL ? e : troth_element_child(keyinfo, TROTH_NS_PUBKEY, "x509");
}

static int decode(struct troth_buf *out, const struct troth_element *e)
{
	int err = troth_base64_decode(out, troth_element_text(e));
	return err == TROTH_E_FORMAT ? TROTH_E_CERT : err;
}

/* "Both `<pgpdata>` and `<openpgp>` are read": text and schema differ here, too. What isn't base64,
 * or too much, is a key that is known by name alone. */
static int read_openpgp(struct troth_keyinfo *out, const struct troth_element *keyinfo)
{
	const struct troth_element *e = troth_element_child(keyinfo, TROTH_NS_PUBKEY, "pgpdata");
	if (e == NULL)
		e = troth_element_child(keyinfo, TROTH_NS_PUBKEY, "openpgp");
	troth_buf_init(&out->openpgp, 2 * TROTH_LIMIT_OPENPGP_KEY_BYTES);
	int err = e != NULL ? troth_base64_decode(&out->openpgp, troth_element_text(e)) : TROTH_OK;
	if (err != TROTH_OK || troth_buf_len(&out->openpgp) > TROTH_LIMIT_OPENPGP_KEY_BYTES)
		troth_buf_fini(&out->openpgp);
	return err == TROTH_E_NOMEM ? err : TROTH_OK;
}

/* The name must be that of the data before anything is made of the data. */
static int read_cert(struct troth_keyinfo *out, const struct troth_element *data)
{
	uint8_t sha1[TROTH_SHA1_LEN];
	char hex[TROTH_NAME_LEN + 1];
	struct troth_buf TROTH_CLEANUP(troth_buf_fini) der;
	troth_buf_init(&der, 2 * TROTH_LIMIT_CERT_BYTES); /* white space counts while decoding */
	int err = decode(&der, data);
	if (err == TROTH_OK)
		err = troth_sha1(sha1, troth_buf_slice(&der));
	if (err != TROTH_OK)
		return err;
	troth_hex(hex, troth_slice_of(sha1, sizeof sha1));
	if (strcmp(hex, out->name) != 0)
		return TROTH_E_CERT;
	err = troth_cert_new(&out->cert, troth_buf_slice(&der));
	/* Too weak, or of a kind we don't know: the name is all that is kept. */
	return err == TROTH_E_CERT ? TROTH_OK : err;
}

static int read_possession(struct troth_keyinfo *out, const struct troth_element *keyinfo,
			   const struct troth_possession_context *signer)
{
	const struct troth_element *e = troth_element_child(keyinfo, TROTH_NS_TROTH, "possession");
	if (e == NULL || signer == NULL || out->cert == NULL)
		return TROTH_OK;
	const char *method = troth_element_attr(e, "method");
	if (method == NULL || strcmp(method, troth_cert_method(out->cert)) != 0)
		return TROTH_E_CERT;
	struct troth_buf TROTH_CLEANUP(troth_buf_fini) signature;
	troth_buf_init(&signature, 2 * SIGNATURE_MAX);
	int err = decode(&signature, e);
	if (err == TROTH_OK)
		err = troth_possession_verify(out->cert, signer, troth_buf_slice(&signature));
	out->possessed = err == TROTH_OK;
	return err;
}

/* *kept is false for a key that has neither data nor a name that we could look for. */
static int read_one(struct troth_keyinfo *out, const struct troth_element *keyinfo,
		    const struct troth_possession_context *signer, bool *kept)
{
	const char *name =
		troth_element_text(troth_element_child(keyinfo, TROTH_NS_PUBKEY, "name"));
	const struct troth_element *data = x509_of(keyinfo);
	/* XEP-0189 v0.8, "The KeyInfo Format": the name "MUST be written in lower case". */
	*kept = troth_is_name(name);
	if (!*kept)
		return data != NULL ? TROTH_E_CERT : TROTH_OK;
	memcpy(out->name, name, TROTH_NAME_LEN + 1);
	int err = data != NULL ? read_cert(out, data) : read_openpgp(out, keyinfo);
	if (err == TROTH_OK)
		err = troth_endorsement_list_read(&out->endorsements, keyinfo);
	return err != TROTH_OK ? err : read_possession(out, keyinfo, signer);
}

/* Form alone: whose key that is, is for others to know. */
static void read_successor(struct troth_keyinfo_list *list, const struct troth_element *pubkeys)
{
	const struct troth_element *e = troth_element_child(pubkeys, TROTH_NS_TROTH, "successor");
	list->has_successor = e != NULL && troth_unhex(list->successor.bytes, TROTH_PIN_LEN,
						       troth_element_text(e)) == TROTH_OK;
}

static int read_all(struct troth_keyinfo_list *list, const struct troth_element *pubkeys,
		    const struct troth_possession_context *signer)
{
	size_t endorsements = 0;
	const struct troth_element *e = troth_element_first(pubkeys);
	for (; e != NULL; e = troth_element_next(e)) {
		bool kept = false;
		if (!troth_element_is(e, TROTH_NS_PUBKEY, "keyinfo"))
			continue;
		struct troth_keyinfo *to = &list->items[list->count++];
		int err = read_one(to, e, signer, &kept);
		if (err != TROTH_OK)
			return err;
		if (!kept)
			list->count--;
		else if ((endorsements += to->endorsements.count) > TROTH_LIMIT_STANZA_ENDORSEMENTS)
			return TROTH_E_LIMIT;
	}
	read_successor(list, pubkeys);
	int err = troth_revocation_list_read(&list->revocations, pubkeys);
	return err != TROTH_OK ? err : troth_quorum_find(&list->quorum, pubkeys);
}

static size_t count_keys(const struct troth_element *pubkeys)
{
	size_t n = 0;
	const struct troth_element *e = troth_element_first(pubkeys);
	for (; e != NULL; e = troth_element_next(e))
		n += troth_element_is(e, TROTH_NS_PUBKEY, "keyinfo");
	return n;
}

int troth_keyinfo_read(struct troth_keyinfo_list *out, const struct troth_element *pubkeys,
		       const struct troth_possession_context *signer)
{
	struct troth_keyinfo_list list = {0};
	size_t n = count_keys(pubkeys);
	if (n > TROTH_LIMIT_STANZA_KEYS)
		return TROTH_E_LIMIT;
	list.items = calloc(n + 1, sizeof *list.items);
	if (list.items == NULL)
		return TROTH_E_NOMEM;
	int err = read_all(&list, pubkeys, signer);
	if (err != TROTH_OK) {
		troth_keyinfo_list_fini(&list);
		return err;
	}
	*out = list;
	return TROTH_OK;
}

void troth_keyinfo_list_fini(struct troth_keyinfo_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		troth_cert_free(list->items[i].cert);
		troth_buf_fini(&list->items[i].openpgp);
		troth_endorsement_list_fini(&list->items[i].endorsements);
	}
	free(list->items);
	troth_revocation_list_fini(&list->revocations);
	troth_quorum_free(list->quorum);
	*list = (struct troth_keyinfo_list){0};
}

/* ---- writing ---- */

static void write_cert(struct troth_writer *w, const struct troth_cert *cert)
{
	troth_writer_leaf(w, TROTH_NS_PUBKEY, "name", troth_cert_name(cert));
	troth_writer_open(w, TROTH_NS_PUBKEY, "x509cert");
	troth_writer_base64(w, troth_cert_der(cert));
	troth_writer_close(w);
}

int troth_keyinfo_write_own(struct troth_writer *w, const struct troth_device *device,
			    const struct troth_possession_context *self,
			    const struct troth_statements *statements)
{
	const struct troth_cert *cert = troth_device_cert(device);
	struct troth_buf TROTH_CLEANUP(troth_buf_fini) signature;
	troth_buf_init(&signature, SIGNATURE_MAX);
	int err = self != NULL ? troth_possession_sign(device, self, &signature) : TROTH_OK;
	if (err != TROTH_OK)
		return err;
	troth_writer_open(w, TROTH_NS_PUBKEY, "keyinfo");
	write_cert(w, cert);
	for (size_t i = 0; statements != NULL && i < statements->endorsement_count; i++)
		troth_endorsement_write(w, statements->endorsements[i]);
	if (self != NULL) {
		troth_writer_open(w, TROTH_NS_TROTH, "possession");
		troth_writer_attr(w, "method", troth_cert_method(cert));
		troth_writer_base64(w, troth_buf_slice(&signature));
		troth_writer_close(w);
	}
	troth_writer_close(w);
	return TROTH_OK;
}

void troth_keyinfo_write(struct troth_writer *w, const struct troth_stated_key *key)
{
	troth_writer_open(w, TROTH_NS_PUBKEY, "keyinfo");
	write_cert(w, key->cert);
	for (size_t i = 0; i < key->endorsement_count; i++)
		troth_endorsement_write(w, key->endorsements[i]);
	troth_writer_close(w);
}

void troth_keyinfo_write_openpgp(struct troth_writer *w, const char *fingerprint,
				 struct troth_slice key)
{
	troth_writer_open(w, TROTH_NS_PUBKEY, "keyinfo");
	troth_writer_leaf(w, TROTH_NS_PUBKEY, "name", fingerprint);
	troth_writer_open(w, TROTH_NS_PUBKEY, "pgpdata");
	troth_writer_base64(w, key);
	troth_writer_close(w);
	troth_writer_close(w);
}

void troth_keyinfo_write_further(struct troth_writer *w, const struct troth_statements *statements)
{
	if (statements == NULL)
		return;
	for (size_t i = 0; i < statements->further_count; i++)
		troth_keyinfo_write(w, &statements->further[i]);
	for (size_t i = 0; i < statements->revocation_count; i++)
		troth_revocation_write(w, statements->revocations[i]);
	if (statements->quorum != NULL)
		troth_quorum_write(w, statements->quorum);
	if (statements->successor != NULL) {
		char pin[2 * TROTH_PIN_LEN + 1];
		troth_hex(pin, troth_slice_of(statements->successor->bytes, TROTH_PIN_LEN));
		troth_writer_leaf(w, TROTH_NS_TROTH, "successor", pin);
	}
}
