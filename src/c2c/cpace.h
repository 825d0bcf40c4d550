/* SPDX-License-Identifier: MIT */
/*
 * CPace (draft-irtf-cfrg-cpace) on ristretto255 with SHA-512, initiator-responder setting, with the
 * draft's explicit key confirmation by HMAC-SHA512: two sides that share a secret, however weak,
 * find out whether they do, and a third one can test one guess in each run with one of them.
 * Layer: c2c. Sans-I/O: values in, values out. How they travel and what a guess costs is decided
 * above.
 */
#ifndef TROTH_C2C_CPACE_H
#define TROTH_C2C_CPACE_H

#include <stdbool.h>
#include <troth/bytes.h>

#define TROTH_CPACE_SHARE_LEN 32  /* Ya, Yb */
#define TROTH_CPACE_TAG_LEN 64    /* Ta, Tb */
#define TROTH_CPACE_KEY_LEN 64    /* ISK */
#define TROTH_CPACE_RANDOM_LEN 32 /* what a scalar is made of */

/* One run of one side. Its memory is wiped when freed. */
struct troth_cpace;

struct troth_cpace_params {
	bool initiator;
	struct troth_slice prs; /* the prepared secret */
	struct troth_slice ci;  /* what both sides agree on: who they are, over which channel */
	struct troth_slice sid; /* of this very session */
	struct troth_slice ad_a, ad_b; /* of the initiator, of the responder */
	const uint8_t *random; /* TROTH_CPACE_RANDOM_LEN unpredictable bytes, never reused */
};

/* Effect: begins a run; nothing of params is kept but by copy. The caller owns *out. Errors:
 * TROTH_E_NOMEM, TROTH_E_CRYPTO. */
int troth_cpace_new(struct troth_cpace **out,
		    const struct troth_cpace_params *params) TROTH_MUST_USE;
/* Effect: wipes and frees; NULL is fine. */
void troth_cpace_free(struct troth_cpace *cpace);

/* Our public share, TROTH_CPACE_SHARE_LEN; it tells nothing about the secret. Borrowed. */
struct troth_slice troth_cpace_share(const struct troth_cpace *cpace);

/* Effect: takes the peer's share and derives the keys, once. TROTH_E_SECRET for what isn't the
 * encoding of an element, and where the result is the neutral one ("MUST abort if K=G.I"): the run
 * is over then. TROTH_E_INVAL for a second one. */
int troth_cpace_receive(struct troth_cpace *cpace, struct troth_slice share) TROTH_MUST_USE;

/* Our confirmation, TROTH_CPACE_TAG_LEN: whoever has it and ran the protocol with us can test one
 * guess. Empty before troth_cpace_receive has succeeded. Borrowed. */
struct troth_slice troth_cpace_tag(const struct troth_cpace *cpace);

/* Effect: TROTH_OK when that is the peer's confirmation; TROTH_E_SECRET otherwise. Constant time.
 */
int troth_cpace_confirm(const struct troth_cpace *cpace, struct troth_slice tag) TROTH_MUST_USE;

/* ISK, TROTH_CPACE_KEY_LEN: the same on both sides if they shared the secret, all else being equal.
 * Empty before troth_cpace_receive has succeeded. Borrowed. */
struct troth_slice troth_cpace_key(const struct troth_cpace *cpace);

#endif
