/* SPDX-License-Identifier: MIT */
/*
 * Service discovery of ourselves (XEP-0030) and its hash (XEP-0115). Layer: xmpp.
 * What is offered is the caller's table; nothing here knows a feature.
 */
#ifndef TROTH_XMPP_DISCO_H
#define TROTH_XMPP_DISCO_H

#include "xml/namespace.h"

#include <troth/xml.h>

struct troth_disco_identity {
	const char *category;
	const char *type;
	const char *lang; /* or NULL */
	const char *name; /* or NULL */
};

/* All borrowed. At most TROTH_DISCO_MAX of each, none twice. */
#define TROTH_DISCO_MAX 64
struct troth_disco {
	const struct troth_disco_identity *identities;
	size_t n_identities;
	const char *const *features;
	size_t n_features;
	const char *node; /* URI of the software, for XEP-0115 */
};

/* Base64 of SHA-1 and a NUL. */
#define TROTH_CAPS_VER_SIZE 29

/* Effect: the verification string of XEP-0115 5.1.
 * Errors: TROTH_E_INVAL for a table beyond the above, TROTH_E_CRYPTO, TROTH_E_NOMEM. */
int troth_caps_ver(char out[TROTH_CAPS_VER_SIZE], const struct troth_disco *disco) TROTH_MUST_USE;

/* Effect: writes <c/> for presence. */
void troth_caps_write(struct troth_writer *w, const struct troth_disco *disco);

/* Effect: writes <query/> with node#ver and all of the table, for stream features. */
void troth_disco_write(struct troth_writer *w, const struct troth_disco *disco);

/* True for an IQ get of disco#info. */
bool troth_disco_is_request(const struct troth_element *iq);
/* Effect: writes the whole answer to such a request: an <item-not-found/> when it
 * asks for a node that isn't node#ver. */
void troth_disco_answer(struct troth_writer *w, const struct troth_element *request,
			const struct troth_disco *disco);

/* Whether a peer's disco#info result lists the feature. */
bool troth_disco_has(const struct troth_element *iq, const char *feature);

#endif
