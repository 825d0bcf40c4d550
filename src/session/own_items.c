/* SPDX-License-Identifier: MIT */
/* What this device shows of its keys over servers. Layer: session. */
#include "session/own_items.h"

#include "base/encode.h"

#include <string.h>

static void write_key(void *user, struct troth_writer *w)
{
	troth_keyinfo_write(w, user);
}

static void write_revocation(void *user, struct troth_writer *w)
{
	troth_revocation_write(w, user);
}

static void write_openpgp(void *user, struct troth_writer *w)
{
	const struct troth_own *own = user;
	troth_keyinfo_write_openpgp(w, own->openpgp_name, troth_buf_slice(&own->openpgp_key));
}

static void add_key(struct troth_own_items *to, const struct troth_stated_key *key)
{
	to->items[to->count++] = (struct troth_pep_item){
		.name = troth_cert_name(key->cert), .write = write_key, .user = (void *)key};
}

/* An item of a node has one payload, so that each revocation is one. */
static void add_revocations(struct troth_own_items *to, const struct troth_statements *says)
{
	for (size_t i = 0; i < says->revocation_count && i < TROTH_OWN_REVOCATIONS; i++) {
		const struct troth_revocation *r = says->revocations[i];
		memcpy(to->names[i], TROTH_OWN_REVOKE, sizeof TROTH_OWN_REVOKE);
		troth_hex(to->names[i] + sizeof TROTH_OWN_REVOKE - 1,
			  (struct troth_slice){r->key.bytes, sizeof r->key.bytes});
		to->items[to->count++] = (struct troth_pep_item){
			.name = to->names[i], .write = write_revocation, .user = (void *)r};
	}
}

void troth_own_items(struct troth_own_items *out, const struct troth_own *own,
		     const struct troth_cert *device)
{
	const struct troth_statements *says = &own->statements;
	out->count = 0;
	out->device =
		(struct troth_stated_key){device, says->endorsements, says->endorsement_count};
	add_key(out, &out->device);
	for (size_t i = 0; i < says->further_count; i++)
		add_key(out, &says->further[i]);
	if (troth_own_says_openpgp(own))
		out->items[out->count++] = (struct troth_pep_item){
			.name = own->openpgp_name, .write = write_openpgp, .user = (void *)own};
	add_revocations(out, says);
}
