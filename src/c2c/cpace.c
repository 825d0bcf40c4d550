/* SPDX-License-Identifier: MIT */
/*
 * CPace on ristretto255. Layer: c2c. The group, the hash, the MAC and the comparison are
 * libsodium's; what is here is the order in which the draft puts them together.
 */
#include "c2c/cpace.h"

#include "base/digest.h"
#include "base/slice.h"

#include <sodium.h>
#include <stdlib.h>
#include <troth/err.h>

#define DSI "CPaceRistretto255"
#define DSI_ISK DSI "_ISK"
#define DSI_MAC "CPaceMac"
#define HASH_BLOCK 128 /* H.s_in_bytes of SHA-512 */
#define AD_MAX 64

_Static_assert(TROTH_CPACE_SHARE_LEN == crypto_core_ristretto255_BYTES, "an element");
_Static_assert(TROTH_CPACE_TAG_LEN == crypto_auth_hmacsha512_BYTES, "a tag");
_Static_assert(TROTH_CPACE_KEY_LEN == crypto_hash_sha512_BYTES, "a hash");
_Static_assert(TROTH_CPACE_RANDOM_LEN == crypto_core_ristretto255_SCALARBYTES, "a scalar");

struct troth_cpace {
	bool initiator;
	bool received;
	uint8_t ad[2][AD_MAX]; /* the initiator's, the responder's */
	size_t ad_len[2];
	uint8_t sid[64];
	size_t sid_len;
	uint8_t scalar[crypto_core_ristretto255_SCALARBYTES];
	uint8_t share[2][TROTH_CPACE_SHARE_LEN];
	uint8_t isk[TROTH_CPACE_KEY_LEN];
	uint8_t tag[2][TROTH_CPACE_TAG_LEN];
};

/* ---- lv_cat, into a hash or a MAC: nothing secret is copied together ---- */

static int hash_update(void *state, const uint8_t *bytes, size_t len)
{
	return crypto_hash_sha512_update(state, bytes, len);
}

static int mac_update(void *state, const uint8_t *bytes, size_t len)
{
	return crypto_auth_hmacsha512_update(state, bytes, len);
}

static void put(int (*to)(void *state, const uint8_t *bytes, size_t len), void *state,
		struct troth_slice part)
{
	uint8_t length[TROTH_LV_LENGTH_MAX];
	(void)to(state, length, troth_lv_length(length, part.len)); /* libsodium's never fail */
	(void)to(state, part.data, part.len);
}

/* ---- the generator ---- */

/* generator_string: lv_cat(DSI, PRS, zero_bytes(len_zpad), CI, sid): the first block of the hash
 * holds nothing but the secret, so that its time says nothing about what follows. */
static int generator(uint8_t out[TROTH_CPACE_SHARE_LEN], const struct troth_cpace_params *p)
{
	static const uint8_t zeros[HASH_BLOCK];
	crypto_hash_sha512_state state;
	uint8_t hash[crypto_hash_sha512_BYTES];
	uint8_t length[TROTH_LV_LENGTH_MAX];
	struct troth_slice dsi = troth_slice_str(DSI);
	size_t used = 1 + troth_lv_length(length, dsi.len) + dsi.len +
		      troth_lv_length(length, p->prs.len) + p->prs.len;
	size_t pad = used < HASH_BLOCK ? HASH_BLOCK - used : 0;
	(void)crypto_hash_sha512_init(&state);
	put(hash_update, &state, dsi);
	put(hash_update, &state, p->prs);
	put(hash_update, &state, troth_slice_of(zeros, pad));
	put(hash_update, &state, p->ci);
	put(hash_update, &state, p->sid);
	(void)crypto_hash_sha512_final(&state, hash);
	int rc = crypto_core_ristretto255_from_hash(out, hash);
	sodium_memzero(hash, sizeof hash);
	sodium_memzero(&state, sizeof state);
	return rc == 0 ? TROTH_OK : TROTH_E_CRYPTO;
}

/* ---- one run ---- */

static const uint8_t *own_share(const struct troth_cpace *c)
{
	return c->share[c->initiator ? 0 : 1];
}

static int make_share(struct troth_cpace *c, const struct troth_cpace_params *p)
{
	uint8_t g[TROTH_CPACE_SHARE_LEN];
	int err = generator(g, p);
	/* G.sample_scalar: "clear the most significant bits larger than G.group_size_bits" (252) */
	memcpy(c->scalar, p->random, sizeof c->scalar);
	c->scalar[sizeof c->scalar - 1] &= 0x0f;
	if (err == TROTH_OK &&
	    crypto_scalarmult_ristretto255(c->share[p->initiator ? 0 : 1], c->scalar, g) != 0)
		err = TROTH_E_CRYPTO; /* a scalar of zero */
	sodium_memzero(g, sizeof g);
	return err;
}

static bool keep(uint8_t *to, size_t room, struct troth_slice from)
{
	if (from.len > room)
		return false;
	if (from.len > 0)
		memcpy(to, from.data, from.len);
	return true;
}

int troth_cpace_new(struct troth_cpace **out, const struct troth_cpace_params *params)
{
	if (sodium_init() < 0)
		return TROTH_E_CRYPTO;
	/* Not in guarded memory like the secret itself, whose pages cost more than the proof: what
	 * is here is of no use after this run, and TLS has its keys on the heap as well. */
	struct troth_cpace *c = calloc(1, sizeof *c);
	if (c == NULL)
		return TROTH_E_NOMEM;
	c->initiator = params->initiator;
	c->ad_len[0] = params->ad_a.len;
	c->ad_len[1] = params->ad_b.len;
	c->sid_len = params->sid.len;
	bool fits = keep(c->ad[0], sizeof c->ad[0], params->ad_a) &&
		    keep(c->ad[1], sizeof c->ad[1], params->ad_b) &&
		    keep(c->sid, sizeof c->sid, params->sid);
	int err = fits ? make_share(c, params) : TROTH_E_INVAL;
	if (err != TROTH_OK) {
		troth_cpace_free(c);
		return err;
	}
	*out = c;
	return TROTH_OK;
}

void troth_cpace_free(struct troth_cpace *cpace)
{
	if (cpace == NULL)
		return;
	sodium_memzero(cpace, sizeof *cpace);
	free(cpace);
}

struct troth_slice troth_cpace_share(const struct troth_cpace *cpace)
{
	return troth_slice_of(own_share(cpace), TROTH_CPACE_SHARE_LEN);
}

static struct troth_slice side_share(const struct troth_cpace *c, int side)
{
	return troth_slice_of(c->share[side], TROTH_CPACE_SHARE_LEN);
}

static struct troth_slice side_ad(const struct troth_cpace *c, int side)
{
	return troth_slice_of(c->ad[side], c->ad_len[side]);
}

static struct troth_slice sid(const struct troth_cpace *c)
{
	return troth_slice_of(c->sid, c->sid_len);
}

/* ISK = H(lv_cat(DSI_ISK, sid, K) || lv_cat(Ya, ADa) || lv_cat(Yb, ADb)) */
static void derive_key(struct troth_cpace *c, const uint8_t k[TROTH_CPACE_SHARE_LEN])
{
	crypto_hash_sha512_state state;
	(void)crypto_hash_sha512_init(&state);
	put(hash_update, &state, troth_slice_str(DSI_ISK));
	put(hash_update, &state, sid(c));
	put(hash_update, &state, troth_slice_of(k, TROTH_CPACE_SHARE_LEN));
	for (int side = 0; side < 2; side++) {
		put(hash_update, &state, side_share(c, side));
		put(hash_update, &state, side_ad(c, side));
	}
	(void)crypto_hash_sha512_final(&state, c->isk);
	sodium_memzero(&state, sizeof state);
}

/* mac_key = H("CPaceMac" || sid || ISK); T = HMAC(mac_key, lv_cat(Y, AD)) of whoever sends it. */
static void derive_tags(struct troth_cpace *c)
{
	crypto_hash_sha512_state state;
	uint8_t key[crypto_hash_sha512_BYTES];
	(void)crypto_hash_sha512_init(&state);
	(void)crypto_hash_sha512_update(&state, (const uint8_t *)DSI_MAC, strlen(DSI_MAC));
	(void)crypto_hash_sha512_update(&state, c->sid, c->sid_len);
	(void)crypto_hash_sha512_update(&state, c->isk, sizeof c->isk);
	(void)crypto_hash_sha512_final(&state, key);
	for (int side = 0; side < 2; side++) {
		crypto_auth_hmacsha512_state mac;
		(void)crypto_auth_hmacsha512_init(&mac, key, sizeof key);
		put(mac_update, &mac, side_share(c, side));
		put(mac_update, &mac, side_ad(c, side));
		(void)crypto_auth_hmacsha512_final(&mac, c->tag[side]);
		sodium_memzero(&mac, sizeof mac);
	}
	sodium_memzero(key, sizeof key);
	sodium_memzero(&state, sizeof state);
}

int troth_cpace_receive(struct troth_cpace *cpace, struct troth_slice share)
{
	uint8_t k[TROTH_CPACE_SHARE_LEN];
	uint8_t *theirs = cpace->share[cpace->initiator ? 1 : 0];
	if (cpace->received)
		return TROTH_E_INVAL;
	cpace->received = true;
	if (share.len != TROTH_CPACE_SHARE_LEN)
		return TROTH_E_SECRET;
	memcpy(theirs, share.data, share.len);
	/* scalar_mult_vfy: libsodium refuses what doesn't decode and a neutral result, and so the
	 * neutral element itself. */
	int rc = crypto_scalarmult_ristretto255(k, cpace->scalar, theirs);
	sodium_memzero(cpace->scalar, sizeof cpace->scalar);
	if (rc == 0) {
		derive_key(cpace, k);
		derive_tags(cpace);
	}
	sodium_memzero(k, sizeof k);
	return rc == 0 ? TROTH_OK : TROTH_E_SECRET;
}

static bool has_keys(const struct troth_cpace *c)
{
	return c->received && !sodium_is_zero(c->isk, sizeof c->isk);
}

struct troth_slice troth_cpace_tag(const struct troth_cpace *cpace)
{
	return troth_slice_of(cpace->tag[cpace->initiator ? 0 : 1],
			      has_keys(cpace) ? TROTH_CPACE_TAG_LEN : 0);
}

int troth_cpace_confirm(const struct troth_cpace *cpace, struct troth_slice tag)
{
	const uint8_t *expected = cpace->tag[cpace->initiator ? 1 : 0];
	bool same = has_keys(cpace) && tag.len == TROTH_CPACE_TAG_LEN &&
		    sodium_memcmp(tag.data, expected, TROTH_CPACE_TAG_LEN) == 0;
	return same ? TROTH_OK : TROTH_E_SECRET;
}

struct troth_slice troth_cpace_key(const struct troth_cpace *cpace)
{
	return troth_slice_of(cpace->isk, has_keys(cpace) ? TROTH_CPACE_KEY_LEN : 0);
}
