/* SPDX-License-Identifier: MIT */
/*
 * The short authentication string (docs/protocol.md, "SAS"): what two people compare to find out
 * whether somebody is between them. Layer: c2c. Pure: how it travels is decided above.
 */
#ifndef TROTH_C2C_SAS_H
#define TROTH_C2C_SAS_H

#include "base/digest.h"

#include <troth/sas.h>

#define TROTH_SAS_NONCE_LEN 32
#define TROTH_SAS_VALUE_LEN 64

/* What both sides have once the nonces are there. */
struct troth_sas_input {
	const uint8_t *initiator; /* Ni */
	const uint8_t *recipient; /* Nr */
	struct troth_slice ci;
	struct troth_slice sid;
};

/* Effect: SHA-256(lv_cat("troth-sas-0", Ni)): the initiator can't change its mind after it. */
int troth_sas_commit(uint8_t out[TROTH_SHA256_LEN],
		     const uint8_t initiator[TROTH_SAS_NONCE_LEN]) TROTH_MUST_USE;

/* Effect: V, of which what is shown is the beginning. */
int troth_sas_value(uint8_t out[TROTH_SAS_VALUE_LEN],
		    const struct troth_sas_input *input) TROTH_MUST_USE;

/* Effect: V as people see it. */
void troth_sas_show(struct troth_sas *out, const uint8_t value[TROTH_SAS_VALUE_LEN]);

#endif
