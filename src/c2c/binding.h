/* SPDX-License-Identifier: MIT */
/*
 * CI: what a proof inside TLS is bound to beside the exporter (docs/protocol.md, "Binding"): who
 * talks to whom, by which certificates, after which words in clear. Layer: c2c. Pure.
 */
#ifndef TROTH_C2C_BINDING_H
#define TROTH_C2C_BINDING_H

#include "base/digest.h"

struct troth_binding {
	const char *initiator; /* bare addresses, as in the headers inside TLS */
	const char *recipient;
	uint8_t initiator_cert[TROTH_SHA256_LEN]; /* of the DER shown in the handshake */
	uint8_t recipient_cert[TROTH_SHA256_LEN];
	uint8_t transcript[TROTH_SHA256_LEN]; /* its value */
};

#define TROTH_BINDING_MAX ((size_t)8192) /* two bare addresses of full length, and the rest */

/* Effect: appends CI. */
int troth_binding_append(struct troth_buf *out, const struct troth_binding *binding) TROTH_MUST_USE;

#endif
