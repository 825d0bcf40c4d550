/* SPDX-License-Identifier: MIT */
/*
 * Files sealed by a passphrase: the form of backups. Layer: store. Knows nothing about what is in
 * one.
 *
 *   "troth-backup-1\n"                 15 bytes
 *   operations, memory in KiB          4 bytes each, big-endian: of Argon2id (crypto_pwhash)
 *   salt                               16 bytes
 *   header of crypto_secretstream      24 bytes (XChaCha20-Poly1305)
 *   messages                           of 64 KiB of plain text each, the last one shorter
 *
 * All before the messages is additional data of the first one; the last one alone has the tag
 * FINAL. So a file that was changed, cut, lengthened or put together of two doesn't open.
 */
#ifndef TROTH_STORE_SEALED_H
#define TROTH_STORE_SEALED_H

#include <troth/bytes.h>

#define TROTH_SEALED_MAX ((size_t)512 * 1024 * 1024)

/* What Argon2id costs: some tenths of a second and this memory, also for who guesses. */
struct troth_sealed_cost {
	uint32_t operations;
	uint32_t memory_kib;
};
extern const struct troth_sealed_cost troth_sealed_cost;

/* Effect: appends the sealed form. cost NULL: troth_sealed_cost.
 * Errors: TROTH_E_NOMEM, TROTH_E_LIMIT, TROTH_E_CRYPTO. */
int troth_sealed_write(struct troth_buf *out, struct troth_slice plain, const char *passphrase,
		       const struct troth_sealed_cost *cost) TROTH_MUST_USE;
/* Effect: appends what was sealed; all of it or nothing. Errors: TROTH_E_FORMAT for what isn't such
 * a file, of another version, or would cost more than 1 GiB to open; TROTH_E_PASSPHRASE for another
 * passphrase, or a file that is damaged. */
int troth_sealed_read(struct troth_buf *out, struct troth_slice sealed,
		      const char *passphrase) TROTH_MUST_USE;

#endif
