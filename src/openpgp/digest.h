/* SPDX-License-Identifier: MIT */
/* Which digests and classes of signatures count, for making and for checking. Layer: openpgp,
 * internal to it. */
#ifndef TROTH_OPENPGP_DIGEST_H
#define TROTH_OPENPGP_DIGEST_H

#include <gpgme.h>
#include <stdbool.h>

/* RFC 4880 5.2.1: "0x00: Signature of a binary document." A text document (0x01) has its line
 * ends changed before it is signed: the signature would be good for other bytes, too. */
#define TROTH_OPENPGP_BINARY 0x00

/* SHA-256 or better. What GnuPG believes for mail (SHA-1, for one) is no measure. */
static inline bool troth_openpgp_digest_ok(gpgme_hash_algo_t digest)
{
	return digest == GPGME_MD_SHA256 || digest == GPGME_MD_SHA384 || digest == GPGME_MD_SHA512;
}

#endif
