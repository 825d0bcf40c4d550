/* SPDX-License-Identifier: MIT */
/* The tags of contacts and our own ones for them. Layer: session. No network, no clock. */
#include "session/recognise.h"

#include "base/limits.h"
#include "base/slice.h"
#include "keys/tag.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

#define HOUR 3600
#define HOURS 3 /* before, now, after: clocks differ */
#define KEYS_MAX 4096

_Static_assert(TROTH_TAG_LEN == TROTH_LAN_TAG_LEN, "one tag, two headers");

/* A key of a contact, with what it would announce and what we announce for it. */
struct known {
	struct troth_store_contact contact;
	int64_t met;
	struct troth_pin pin;
	struct troth_lan_tag expected[HOURS];
	struct troth_lan_tag own;
};

struct troth_recognise {
	int64_t hour;
	struct known *known;
	size_t count, room;
	struct troth_lan_tag own[TROTH_LAN_TAGS_MAX];
	size_t own_count;
};

/* While the store lists. */
struct gathering {
	struct troth_recognise *r;
	struct troth_store *store;
	const struct troth_store_contact *contact;
	int64_t met;
};

static struct known *add(struct troth_recognise *r)
{
	if (r->count == r->room) {
		size_t room = r->room ? 2 * r->room : 16;
		struct known *grown = reallocarray(r->known, room, sizeof *grown);
		if (!grown)
			return NULL;
		r->known = grown;
		r->room = room;
	}
	struct known *known = &r->known[r->count++];
	memset(known, 0, sizeof *known);
	return known;
}

static int take_key(void *user, const struct troth_store_key *key)
{
	struct gathering *g = user;
	/* An unproven key selects nobody: whoever claimed it isn't recognised by it. */
	if (key->state != TROTH_STORE_KEY_PROVEN || g->r->count == KEYS_MAX)
		return TROTH_OK;
	struct known *known = add(g->r);
	if (!known)
		return TROTH_E_NOMEM;
	known->contact = *g->contact;
	known->met = g->met > key->changed ? g->met : key->changed;
	known->pin = key->pin;
	return TROTH_OK;
}

static int take_contact(void *user, const struct troth_store_contact *contact)
{
	struct gathering *g = user;
	g->contact = contact;
	int err = troth_store_history_last_met(g->store, contact->id, &g->met);
	if (err == TROTH_E_NOT_FOUND)
		g->met = 0;
	else if (err)
		return err;
	return troth_store_key_list(g->store, contact->id, take_key, g);
}

static int make_tags(struct known *known, const struct troth_device *device, int64_t hour,
		     const struct troth_cert *cert)
{
	uint8_t key[TROTH_TAG_KEY_LEN];
	int err = troth_tag_key(device, cert, key);
	for (int i = 0; i < HOURS && !err; i++)
		err = troth_tag_make(key, &known->pin, hour - 1 + i, known->expected[i].bytes);
	if (!err)
		err = troth_tag_make(key, troth_cert_pin(troth_device_cert(device)), hour,
				     known->own.bytes);
	sodium_memzero(key, sizeof key);
	return err;
}

/* Effect: the tags of one key; *usable tells whether it can have any. */
static int compute(struct known *known, struct troth_store *store,
		   const struct troth_device *device, int64_t hour, bool *usable)
{
	struct troth_buf der TROTH_CLEANUP(troth_buf_fini);
	struct troth_cert *cert = NULL;
	troth_buf_init(&der, TROTH_LIMIT_CERT_BYTES);
	int err = troth_store_key_der(store, &known->pin, &der);
	if (err)
		return err;
	*usable = false;
	/* Pinned by its fingerprint alone, or a certificate that we can't read any more. */
	if (troth_cert_new(&cert, troth_buf_slice(&der)) != TROTH_OK)
		return TROTH_OK;
	err = make_tags(known, device, hour, cert);
	troth_cert_free(cert);
	/* docs/protocol.md: "Where a device key can't do ECDH (some tokens), no tags." */
	if (err == TROTH_E_UNSUPPORTED)
		return TROTH_OK;
	*usable = !err;
	return err;
}

static int compute_all(struct troth_recognise *r, size_t from, struct troth_store *store,
		       const struct troth_device *device)
{
	size_t kept = from;
	for (size_t i = from; i < r->count; i++) {
		bool usable;
		int err = compute(&r->known[i], store, device, r->hour, &usable);
		if (err)
			return err;
		if (usable)
			r->known[kept++] = r->known[i];
	}
	r->count = kept;
	return TROTH_OK;
}

static int by_last_met(const void *a, const void *b)
{
	const struct known *x = a, *y = b;
	return (x->met < y->met) - (x->met > y->met);
}

static void choose_own(struct troth_recognise *r)
{
	if (r->count > 0)
		qsort(r->known, r->count, sizeof *r->known, by_last_met);
	for (size_t i = 0; i < r->count && i < TROTH_LAN_TAGS_MAX; i++)
		r->own[r->own_count++] = r->known[i].own;
}

/* Effect: adds what contacts and this device announce for each other by that key of ours. */
static int gather(struct troth_recognise *r, struct troth_store *store,
		  const struct troth_device *device)
{
	size_t from = r->count;
	struct gathering g = {.r = r, .store = store};
	if (device == NULL)
		return TROTH_OK;
	int err = troth_store_contact_list(store, take_contact, &g);
	return err ? err : compute_all(r, from, store, device);
}

int troth_recognise_new(struct troth_recognise **out, struct troth_store *store,
			const struct troth_recognise_self *self, int64_t now)
{
	struct troth_recognise *r = calloc(1, sizeof *r);
	if (!r)
		return TROTH_E_NOMEM;
	r->hour = now / HOUR;
	int err = gather(r, store, self->device);
	if (!err) /* contacts that were away don't know the new key yet */
		err = gather(r, store, self->former);
	if (err) {
		troth_recognise_free(r);
		return err;
	}
	choose_own(r);
	*out = r;
	return TROTH_OK;
}

void troth_recognise_free(struct troth_recognise *recognise)
{
	if (!recognise)
		return;
	free(recognise->known);
	free(recognise);
}

bool troth_recognise_is_stale(const struct troth_recognise *recognise, int64_t now)
{
	return now / HOUR != recognise->hour;
}

bool troth_recognise_find(const struct troth_recognise *recognise, const struct troth_lan_tag *tags,
			  size_t count, struct troth_store_contact *out)
{
	for (size_t i = 0; i < recognise->count; i++) {
		const struct known *known = &recognise->known[i];
		if (troth_lan_tags_find(tags, count, known->expected, HOURS) < 0)
			continue;
		*out = known->contact;
		return true;
	}
	return false;
}

const struct troth_lan_tag *troth_recognise_own(const struct troth_recognise *recognise,
						size_t *count, int64_t *hour)
{
	*count = recognise->own_count;
	*hour = recognise->hour;
	return recognise->own;
}
