/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes the keys that a peer sends (XEP-0189): whatever is accepted has the name of its data, and
 * nobody possesses a key for a stream that was never his. Statements that are accepted have
 * their form, come back as they were read, and are nobody's.
 */
#include "keys/keyinfo.h"

#include "base/limits.h"
#include "base/slice.h"
#include "need.h"

#include <troth/err.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read, written and read again is the same. */
static void write_again(const struct troth_endorsement *e)
{
	struct troth_buf buf;
	struct troth_writer w;
	struct troth_stanza *stanza;
	struct troth_endorsement *again;
	troth_buf_init(&buf, 1 << 20);
	troth_writer_init(&w, &buf, TROTH_NS_CLIENT);
	troth_endorsement_write(&w, e);
	need(troth_writer_finish(&w) == TROTH_OK);
	need(troth_element_parse(&stanza, troth_buf_slice(&buf)) == TROTH_OK);
	need(troth_endorsement_read(&again, troth_stanza_root(stanza)) == TROTH_OK);
	need(again->purpose == e->purpose && strcmp(again->jid, e->jid) == 0);
	need(again->issued_at == e->issued_at && again->expires_at == e->expires_at);
	need(troth_slice_equal(again->signature, e->signature));
	troth_endorsement_free(again);
	troth_stanza_free(stanza);
	troth_buf_fini(&buf);
}

static void judge_endorsement(const struct troth_endorsement *e, const struct troth_cert *cert)
{
	need(strlen(e->issuer_name) == TROTH_NAME_LEN);
	need(e->signature.len > 0 && e->signature.len <= TROTH_LIMIT_SIGNATURE_BYTES);
	need(e->purpose != TROTH_PURPOSE_DEVICE ||
	     e->expires_at - e->issued_at <= TROTH_LIMIT_ENDORSEMENT_DAYS * INT64_C(86400));
	need(e->purpose == TROTH_PURPOSE_NONE || e->expires_at > e->issued_at);
	need(cert == NULL || troth_endorsement_verify(e, cert, cert) != TROTH_OK);
	write_again(e);
}

static void judge_revocation(const struct troth_revocation *r)
{
	need(r->method[0] != 0 && r->reason_text[0] != 0);
	need(strlen(r->issuer) == TROTH_ISSUER_LEN || strlen(r->issuer) == TROTH_NAME_LEN);
}

static void judge(const struct troth_keyinfo *k)
{
	need(strlen(k->name) == TROTH_NAME_LEN);
	need(strspn(k->name, "0123456789abcdef") == TROTH_NAME_LEN);
	need(k->cert == NULL || strcmp(k->name, troth_cert_name(k->cert)) == 0);
	need(!k->possessed);
	need(k->endorsements.count <= TROTH_LIMIT_KEY_ENDORSEMENTS);
	for (size_t i = 0; i < k->endorsements.count; i++)
		judge_endorsement(k->endorsements.items[i], k->cert);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t exporter[32] = {1};
	const struct troth_possession_context signer = {true, "romeo@forza", exporter};
	const struct troth_possession_context *signers[] = {NULL, &signer};
	struct troth_stanza *stanza;
	if (troth_element_parse(&stanza, troth_slice_of(data, size)) != TROTH_OK)
		return 0;
	for (size_t i = 0; i < 2; i++) {
		struct troth_keyinfo_list list;
		if (troth_keyinfo_read(&list, troth_stanza_root(stanza), signers[i]) != TROTH_OK)
			continue;
		need(list.count <= TROTH_LIMIT_STANZA_KEYS);
		for (size_t k = 0; k < list.count; k++)
			judge(&list.items[k]);
		for (size_t k = 0; k < list.revocations.count; k++)
			judge_revocation(list.revocations.items[k]);
		troth_keyinfo_list_fini(&list);
	}
	troth_stanza_free(stanza);
	return 0;
}
