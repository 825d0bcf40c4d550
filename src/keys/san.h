/* SPDX-License-Identifier: MIT */
/* What certificates and requests that are made here have in common. Layer: keys. */
#ifndef TROTH_KEYS_SAN_H
#define TROTH_KEYS_SAN_H

#include <openssl/x509v3.h>
#include <stdbool.h>
#include <troth/bytes.h>

/* Whether that may stand in a certificate: no blanks, no control characters, UTF-8. */
bool troth_san_is_address(const char *text);

/* Effect: the names of a subjectAltName: otherName XmppAddr and an xmpp: URI; freed by the
 * caller with GENERAL_NAMES_free. */
int troth_san_new(GENERAL_NAMES **out, const char *address) TROTH_MUST_USE;

/* Effect: an unpredictable serial number. */
int troth_x509_set_serial(X509 *x) TROTH_MUST_USE;

#endif
