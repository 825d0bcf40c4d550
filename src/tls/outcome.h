/* SPDX-License-Identifier: MIT */
/* What OpenSSL's return values mean here. Layer: tls. */
#ifndef TROTH_TLS_OUTCOME_H
#define TROTH_TLS_OUTCOME_H

#include "tls/session.h"

/* Effect: after a call on tls->ssl returned rc <= 0. Returns TROTH_OK when it only
 * wants more input or the peer has closed; otherwise the session has failed for
 * good, *tls says so, and the error is returned. Empties OpenSSL's error queue. */
int troth_tls_outcome(struct troth_tls *tls, int rc) TROTH_MUST_USE;

/* Effect: marks the session failed; returns err. */
int troth_tls_fail(struct troth_tls *tls, int err);

#endif
