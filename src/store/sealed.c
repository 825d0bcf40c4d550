/* SPDX-License-Identifier: MIT */
/* Sealing by libsodium: Argon2id, then crypto_secretstream. Layer: store. */
#include "store/sealed.h"

#include "base/slice.h"

#include <sodium.h>
#include <troth/err.h>

#define MAGIC "troth-backup-1\n"
#define MAGIC_LEN 15
#define SALT_LEN crypto_pwhash_SALTBYTES
#define FRONT_LEN (MAGIC_LEN + 8 + SALT_LEN) /* what the first message vouches for */
#define STREAM_LEN crypto_secretstream_xchacha20poly1305_HEADERBYTES
#define EXTRA crypto_secretstream_xchacha20poly1305_ABYTES
#define CHUNK ((size_t)65536)
#define OPERATIONS_MAX 16
#define MEMORY_MAX_KIB (1024U * 1024)

typedef uint8_t key_bytes[crypto_secretstream_xchacha20poly1305_KEYBYTES];

/* libsodium's MODERATE. */
const struct troth_sealed_cost troth_sealed_cost = {3, 256U * 1024};

static void put_number(uint8_t *to, uint32_t n)
{
	for (unsigned i = 0; i < 4; i++)
		to[i] = (uint8_t)(n >> (24 - 8 * i));
}

static uint32_t get_number(const uint8_t *from)
{
	return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

static int make_key(key_bytes key, const char *passphrase, const uint8_t *front)
{
	uint32_t operations = get_number(front + MAGIC_LEN);
	uint32_t kib = get_number(front + MAGIC_LEN + 4);
	if (crypto_pwhash(key, sizeof(key_bytes), passphrase, strlen(passphrase),
			  front + MAGIC_LEN + 8, operations, (size_t)kib * 1024,
			  crypto_pwhash_ALG_ARGON2ID13) != 0)
		return TROTH_E_NOMEM;
	return TROTH_OK;
}

/* ---- writing ---- */

static int push_all(struct troth_buf *out, struct troth_slice plain,
		    crypto_secretstream_xchacha20poly1305_state *state, const uint8_t *front)
{
	size_t front_len = FRONT_LEN;
	bool last = false;
	while (!last) {
		size_t len = plain.len < CHUNK ? plain.len : CHUNK;
		uint8_t *to;
		last = len == plain.len;
		int err = troth_buf_reserve(out, len + EXTRA, &to);
		if (err != TROTH_OK)
			return err;
		if (crypto_secretstream_xchacha20poly1305_push(
			    state, to, NULL, plain.data, len, front, front_len,
			    last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0) != 0)
			return TROTH_E_CRYPTO;
		troth_buf_commit(out, len + EXTRA);
		plain.len -= len;
		plain.data = plain.len > 0 ? plain.data + len : NULL;
		front_len = 0;
	}
	return TROTH_OK;
}

int troth_sealed_write(struct troth_buf *out, struct troth_slice plain, const char *passphrase,
		       const struct troth_sealed_cost *cost)
{
	uint8_t front[FRONT_LEN + STREAM_LEN];
	key_bytes key;
	crypto_secretstream_xchacha20poly1305_state state;
	size_t before = troth_buf_len(out);
	if (cost == NULL)
		cost = &troth_sealed_cost;
	memcpy(front, MAGIC, MAGIC_LEN);
	put_number(front + MAGIC_LEN, cost->operations);
	put_number(front + MAGIC_LEN + 4, cost->memory_kib);
	randombytes_buf(front + MAGIC_LEN + 8, SALT_LEN);
	int err = make_key(key, passphrase, front);
	if (err == TROTH_OK &&
	    crypto_secretstream_xchacha20poly1305_init_push(&state, front + FRONT_LEN, key) != 0)
		err = TROTH_E_CRYPTO;
	if (err == TROTH_OK)
		err = troth_buf_append(out, front, sizeof front);
	if (err == TROTH_OK)
		err = push_all(out, plain, &state, front);
	if (err != TROTH_OK)
		troth_buf_truncate(out, before);
	sodium_memzero(key, sizeof key);
	sodium_memzero(&state, sizeof state);
	return err;
}

/* ---- reading ---- */

static int pull_all(struct troth_buf *out, struct troth_slice sealed,
		    crypto_secretstream_xchacha20poly1305_state *state, const uint8_t *front)
{
	size_t front_len = FRONT_LEN;
	unsigned char tag = 0;
	while (sealed.len >= EXTRA && tag != crypto_secretstream_xchacha20poly1305_TAG_FINAL) {
		size_t len = sealed.len < CHUNK + EXTRA ? sealed.len : CHUNK + EXTRA;
		uint8_t *to;
		int err = troth_buf_reserve(out, len - EXTRA + 1, &to);
		if (err != TROTH_OK)
			return err;
		if (crypto_secretstream_xchacha20poly1305_pull(state, to, NULL, &tag, sealed.data,
							       len, front, front_len) != 0)
			return TROTH_E_PASSPHRASE;
		troth_buf_commit(out, len - EXTRA);
		sealed.data += len;
		sealed.len -= len;
		front_len = 0;
	}
	bool whole = sealed.len == 0 && tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
	return whole ? TROTH_OK : TROTH_E_PASSPHRASE;
}

/* What a file asks of this machine is anybody's to write. */
static bool is_front(struct troth_slice sealed)
{
	if (sealed.len < FRONT_LEN + STREAM_LEN + EXTRA ||
	    memcmp(sealed.data, MAGIC, MAGIC_LEN) != 0)
		return false;
	uint32_t operations = get_number(sealed.data + MAGIC_LEN);
	uint32_t kib = get_number(sealed.data + MAGIC_LEN + 4);
	return operations >= crypto_pwhash_OPSLIMIT_MIN && operations <= OPERATIONS_MAX &&
	       kib >= crypto_pwhash_MEMLIMIT_MIN / 1024 && kib <= MEMORY_MAX_KIB;
}

int troth_sealed_read(struct troth_buf *out, struct troth_slice sealed, const char *passphrase)
{
	key_bytes key;
	crypto_secretstream_xchacha20poly1305_state state;
	size_t before = troth_buf_len(out);
	if (!is_front(sealed))
		return TROTH_E_FORMAT;
	const uint8_t *front = sealed.data;
	const size_t begin = FRONT_LEN + STREAM_LEN;
	int err = make_key(key, passphrase, front);
	if (err == TROTH_OK &&
	    crypto_secretstream_xchacha20poly1305_init_pull(&state, front + FRONT_LEN, key) != 0)
		err = TROTH_E_PASSPHRASE;
	if (err == TROTH_OK)
		err = pull_all(out, troth_slice_of(front + begin, sealed.len - begin), &state,
			       front);
	if (err != TROTH_OK)
		troth_buf_truncate(out, before);
	sodium_memzero(key, sizeof key);
	sodium_memzero(&state, sizeof state);
	return err;
}
