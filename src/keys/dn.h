/* SPDX-License-Identifier: MIT */
/*
 * Distinguished names: as text (RFC 4514) and as patterns. Layer: keys.
 * OpenSSL compares (RFC 5280 7.1: case and blanks don't count); nothing here reads ASN.1.
 */
#ifndef TROTH_KEYS_DN_H
#define TROTH_KEYS_DN_H

#include <openssl/x509.h>
#include <stdbool.h>
#include <troth/bytes.h>

/*
 * A pattern is written like a name, the most special attribute first:
 *
 *     CN=*,OU=Physics,O=Example University,C=GB
 *
 * A value of `*` stands for any one value. A `*` in place of the first attribute stands for
 * any attributes that come before the others, also none. Nothing else is a wildcard; `\2A`
 * is a star that means itself.
 */
struct troth_dn_pattern;

struct troth_dn_problem {
	size_t at;        /* offset in the text, in bytes */
	const char *text; /* a sentence; static */
};

/* Effect: reads a pattern; the caller owns *out. Errors: TROTH_E_FORMAT with *problem
 * filled in, TROTH_E_NOMEM. */
int troth_dn_pattern_new(struct troth_dn_pattern **out, const char *text,
			 struct troth_dn_problem *problem) TROTH_MUST_USE;
void troth_dn_pattern_free(struct troth_dn_pattern *pattern);

/* Whether a name fits. Attributes that share one level of the name (`CN=a+UID=b`) fit a leading
 * `*` only. When memory is short nothing fits. */
bool troth_dn_pattern_matches(const struct troth_dn_pattern *pattern, const X509_NAME *name);

/* Effect: appends the name as RFC 4514 text. */
int troth_dn_text(struct troth_buf *out, const X509_NAME *name) TROTH_MUST_USE;

/* Effect: appends, as UTF-8, the value of the attribute of that type ("CN", "UID", an OID).
 * Errors: TROTH_E_NOT_FOUND unless the name has exactly one, or it is empty or holds a NUL. */
int troth_dn_value(struct troth_buf *out, const X509_NAME *name, const char *type) TROTH_MUST_USE;

/* Whether that is a type of attribute. */
bool troth_dn_type_known(const char *type);

#endif
