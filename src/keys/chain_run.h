/* SPDX-License-Identifier: MIT */
/* One verification of a chain, for the two files that do it. Layer: keys. */
#ifndef TROTH_KEYS_CHAIN_RUN_H
#define TROTH_KEYS_CHAIN_RUN_H

#include "keys/chain.h"

#include <openssl/x509.h>

struct troth_chain_run {
	const struct troth_ca *ca;
	const struct troth_chain_params *params;
	STACK_OF(X509) * others; /* the peer's and ours */
	X509_STORE *store;
	X509_STORE_CTX *ctx;
	uint32_t no_crl; /* a bit for each depth of which no current list speaks */
};

/* Effect: the first fault of a chain that OpenSSL found good, and how many proxies begin it. */
enum troth_chain_fault troth_chain_check(const struct troth_chain_run *r, STACK_OF(X509) * chain,
					 struct troth_chain *out);

bool troth_x509_is_proxy(X509 *x);

#endif
