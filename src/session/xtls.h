/* SPDX-License-Identifier: MIT */
/*
 * XTLS over our accounts: whose calls begin with TLS, and by which proof (docs/protocol.md,
 * "XTLS"). Layer: session; inside. Decides what is said in Jingle; who the peer is, the stream
 * and the verdict decide as always.
 */
#ifndef TROTH_SESSION_XTLS_H
#define TROTH_SESSION_XTLS_H

#include "session/online.h"

#include <troth/jingle.h>

struct xtls {
	bool run;                          /* false: nothing is said of it */
	struct troth_jingle_security ours; /* one method */
	char fingerprint[TROTH_NAME_LEN + 1];
};

/* What the policy says; without one: contacts alone. */
enum troth_policy_xtls xtls_policy(const struct troth_session *s);

/* Effect: the name of the certificate that the peer announces, as keys have it, into out; returns
 * that, or NULL: none, or none that can be one. */
const char *xtls_name(char out[TROTH_NAME_LEN + 1], const struct troth_jingle_security *theirs);

/* Effect: our answer to somebody who asks for it; `run` is false where policy wants us not to know
 * of it. false: the caller is sent away, and our user was told. */
bool xtls_answer(struct online *o, const struct troth_address *peer,
		 const struct troth_jingle_security *asked, struct xtls *out) TROTH_MUST_USE;

/* Effect: what a call asks for. Errors: those of the store, and those of xtls_cannot. */
int xtls_call(struct troth_call *call, struct xtls *out) TROTH_MUST_USE;
/* Whether an error says that nothing we know can prove the peer in that way. */
bool xtls_cannot(int err);

#endif
