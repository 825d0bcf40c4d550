/* SPDX-License-Identifier: MIT */
/*
 * OpenPGP endorsements that contacts give of their own keys, kept for their owner's friends to
 * sign. Layer: session. Verifies nothing and believes nothing: `troth trust sign` does.
 */
#include "session/state.h"

#include "base/slice.h"

#include <string.h>

struct same {
	const struct troth_store_evidence *row;
	bool found;
};

static int compare(void *user, const struct troth_store_evidence *row)
{
	struct same *s = user;
	s->found |= strcmp(row->kind, TROTH_OPENPGP_EVIDENCE) == 0 &&
		    strcmp(row->method, s->row->method) == 0 && row->data.len == s->row->data.len &&
		    memcmp(row->data.data, s->row->data.data, row->data.len) == 0;
	return 0;
}

static int keep(struct link *l, const struct troth_pin *pin, const struct troth_endorsement *e)
{
	struct troth_store *store = l->session->store;
	struct troth_buf xml TROTH_CLEANUP(troth_buf_fini);
	struct troth_writer w;
	troth_buf_init(&xml, TROTH_STORE_BLOB_MAX);
	troth_writer_init(&w, &xml, "");
	troth_endorsement_write(&w, e);
	int err = troth_writer_finish(&w);
	const struct troth_store_evidence row = {
		.contact = l->contact,
		.pin = *pin,
		.kind = TROTH_OPENPGP_EVIDENCE,
		.method = e->issuer_name,
		.data = troth_buf_slice(&xml),
		.time = session_now(),
	};
	struct same same = {.row = &row};
	if (err == TROTH_OK)
		err = troth_store_evidence_list(store, l->contact, pin, compare, &same);
	return err == TROTH_OK && !same.found ? troth_store_evidence_append(store, &row) : err;
}

void openpgp_note(struct link *l, const struct troth_event *e)
{
	int err = TROTH_OK;
	if (l->contact == 0 || e->about != NULL ||
	    troth_stream_level(l->stream) != TROTH_LEVEL_VERIFIED)
		return;
	for (size_t i = 0; i < e->key_count; i++) {
		const struct troth_peer_key *key = &e->keys[i];
		if (!troth_pin_equal(troth_cert_pin(key->cert), &l->pin))
			continue;
		for (size_t k = 0; err == TROTH_OK && k < key->endorsement_count; k++) {
			const struct troth_endorsement *one = key->endorsements[k];
			if (one->purpose == TROTH_PURPOSE_DEVICE &&
			    strcmp(one->method, TROTH_METHOD_OPENPGP) == 0 &&
			    troth_openpgp_fingerprint_ok(one->issuer_name))
				err = keep(l, &l->pin, one);
		}
	}
	if (err != TROTH_OK)
		news_warn(l->session, l, troth_store_error(l->session->store));
}
