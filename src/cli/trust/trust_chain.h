/* SPDX-License-Identifier: MIT */
/* Why a key counts, or doesn't: the steps of belief as sentences. Layer: cli. */
#ifndef TROTH_CLI_TRUST_TRUST_CHAIN_H
#define TROTH_CLI_TRUST_TRUST_CHAIN_H

#include "session/believed.h"

struct troth_chain {
	struct troth_store *store;
	int64_t contact;
	const struct troth_believed *believed;
	/* Called for each step, the last one first; `when` is "" where nothing was said. */
	void (*say)(void *user, const char *step, const char *text, const char *when);
	void *user;
};

void troth_chain_explain(const struct troth_chain *chain, const struct troth_belief_key *key);

#endif
