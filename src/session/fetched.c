/* SPDX-License-Identifier: MIT */
/* Keys of a contact as its account shows them. Layer: session. */
#include "session/fetched.h"

#include "session/believed.h"
#include "session/openpgp_key.h"
#include "session/revoked.h"

#include <string.h>
#include <troth/err.h>

static int count_evidence(void *user, const struct troth_store_evidence *e)
{
	*(size_t *)user += strcmp(e->kind, FETCHED_EVIDENCE) == 0;
	return 0;
}

static int count_revoked(void *user, const struct troth_store_key *key)
{
	*(size_t *)user += key->state == TROTH_STORE_KEY_REVOKED;
	return 0;
}

/* A server may show new keys for ever: only so many are worth a row. */
static int record(const struct troth_fetched_of *of, const struct troth_pin *pin,
		  struct troth_slice data, struct troth_fetched *out)
{
	struct troth_store_key key;
	size_t same = 0, all = 0;
	int err = troth_store_key_get(of->store, pin, &key);
	if (err == TROTH_OK && key.contact == of->contact) {
		out->known++;
		return TROTH_OK;
	}
	if (err == TROTH_OK || err == TROTH_E_NOT_FOUND)
		err = troth_store_evidence_list(of->store, of->contact, pin, count_evidence, &same);
	if (err == TROTH_OK)
		err = troth_store_evidence_list(of->store, of->contact, NULL, count_evidence, &all);
	if (err != TROTH_OK || same > 0 || all >= FETCHED_MAX)
		return err;
	out->fresh++;
	const struct troth_store_evidence row = {
		.contact = of->contact,
		.pin = *pin,
		.kind = FETCHED_EVIDENCE,
		.method = of->from,
		.data = data,
		.time = of->now,
	};
	return troth_store_evidence_append(of->store, &row);
}

int troth_fetched_take(const struct troth_fetched_of *of, const struct troth_keyinfo_list *list,
		       struct troth_fetched *out)
{
	struct troth_fetched f = {0};
	size_t before = 0, after = 0;
	const struct troth_believed_of belief = {
		.store = of->store, .contact = of->contact, .now = of->now};
	int err = troth_store_key_list(of->store, of->contact, count_revoked, &before);
	for (size_t i = 0; err == TROTH_OK && i < list->count; i++) {
		const struct troth_keyinfo *k = &list->items[i];
		f.keys++;
		if (k->cert != NULL) {
			err = record(of, troth_cert_pin(k->cert), troth_cert_der(k->cert), &f);
		} else if (troth_buf_len(&k->openpgp) > 0) {
			/* What it is GnuPG alone can say: only that it was named. */
			const struct troth_pin pin = troth_openpgp_pin(k->name);
			err = record(of, &pin, (struct troth_slice){NULL, 0}, &f);
		}
	}
	/* One for which there is no room mustn't keep out the next, which may have it. */
	for (size_t i = 0; i < list->revocations.count; i++) {
		int failed = troth_revoked_learn(of->store, of->contact, list->revocations.items[i],
						 of->now);
		if (err == TROTH_OK && failed != TROTH_E_LIMIT)
			err = failed;
	}
	if (err == TROTH_OK)
		err = troth_believed_settle(&belief);
	if (err == TROTH_OK)
		err = troth_store_key_list(of->store, of->contact, count_revoked, &after);
	f.revoked = after > before ? after - before : 0;
	if (err == TROTH_OK)
		*out = f;
	return err;
}
