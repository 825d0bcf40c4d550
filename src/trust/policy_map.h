/* SPDX-License-Identifier: MIT */
/* JIDs made of distinguished names: the right side of a `map` rule. Layer: trust. */
#ifndef TROTH_TRUST_POLICY_MAP_H
#define TROTH_TRUST_POLICY_MAP_H

#include <openssl/x509.h>
#include <stdbool.h>
#include <troth/address.h>

/* Effect: looks whether a template can ever give a JID. Errors: TROTH_E_FORMAT with a static
 * sentence in *why, TROTH_E_NOMEM. */
int troth_policy_map_check(const char *text, const char **why) TROTH_MUST_USE;

/* Effect: fills the template from a name; the caller owns *out. Characters that no account
 * may have are written as XEP-0106 has it. Errors: TROTH_E_NOT_FOUND where an attribute is
 * missing or there twice, or the result is no JID. */
int troth_policy_map_apply(const char *text, const X509_NAME *name,
			   struct troth_address **out) TROTH_MUST_USE;

#endif
