/* SPDX-License-Identifier: MIT */
/*
 * What a <jingle/> says, read and checked. Layer: jingle. Knows no session; borrows from the
 * element, which outlives the result.
 */
#ifndef TROTH_JINGLE_READ_H
#define TROTH_JINGLE_READ_H

#include "base/limits.h"

#include <troth/jingle.h>

/* A text that names something: not empty, not NULL, short. */
bool troth_jingle_is_text(const char *text);
/* True and *out written for a decimal number from 1 to max and nothing else; NULL is none. */
bool troth_jingle_number(uint32_t *out, const char *text, uint32_t max);

/* The <jingle/> of either namespace in an IQ, or NULL. */
const struct troth_element *troth_jingle_element(const struct troth_element *iq);

struct troth_jingle_transport_read {
	const struct troth_element *element;
	enum troth_jingle_transport kind;
	const char *sid;
	bool old;            /* transports:ibb:0 */
	uint16_t block_size; /* in-band */
	const char *dstaddr; /* SOCKS5: 40 hex digits, or NULL */
};

/* Errors: TROTH_E_FORMAT, TROTH_E_UNSUPPORTED for a method or mode that nobody here has. */
int troth_jingle_read_transport(struct troth_jingle_transport_read *out,
				const struct troth_element *transport) TROTH_MUST_USE;

struct troth_jingle_content {
	const char *name;
	struct troth_jingle_transport_read transport;
	const struct troth_element *hints;
	bool has_security;
	struct troth_jingle_security security;
};

/* Effect: the content of an offer or its acceptance that is an XML stream over something that we
 * have. name: the only one that counts; NULL: any, and all that are there must have the same
 * (XEP-0166 7.3: "alternative definitions for the same purpose").
 * Errors: TROTH_E_FORMAT for what is malformed; TROTH_E_UNSUPPORTED and *why. */
int troth_jingle_read_content(struct troth_jingle_content *out, const struct troth_element *jingle,
			      const char *name, enum troth_jingle_reason *why) TROTH_MUST_USE;

/* The <content/> of that name, which the initiator created, or NULL. */
const struct troth_element *troth_jingle_content_named(const struct troth_element *jingle,
						       const char *name);

/* False when there is no such element; a method that nobody knows is passed over. */
bool troth_jingle_read_security(struct troth_jingle_security *out,
				const struct troth_element *content);

/* What <reason/> says; GENERAL_ERROR for what it doesn't. */
enum troth_jingle_reason troth_jingle_read_reason(const struct troth_element *jingle);
/* XEP-0166 7.4: the session that <alternative-session/> names, or NULL. */
const char *troth_jingle_read_alternative(const struct troth_element *jingle);

#endif
