/* SPDX-License-Identifier: MIT */
/*
 * Patterns of bare JIDs. Layer: xmpp. A `*` stands in whole parts only:
 *
 *     romeo@example.com      that account
 *     *@example.com          every account there
 *     *@*.example.com        every account at a domain below it, at any depth
 *     example.com            the domain itself, without an account
 *     *.example.com          every domain below it, without an account
 *     *@*                    every account anywhere
 */
#ifndef TROTH_XMPP_JID_PATTERN_H
#define TROTH_XMPP_JID_PATTERN_H

#include <stdbool.h>
#include <troth/address.h>

struct troth_jid_pattern {
	char *local;  /* prepared; NULL: none, unless any_local */
	char *domain; /* prepared; NULL where any_domain */
	bool any_local;
	bool any_domain;
	bool below; /* domains below `domain`, and not itself */
};

/* Effect: reads a pattern, which troth_jid_pattern_fini releases. Errors: TROTH_E_FORMAT with
 * a static sentence in *why, TROTH_E_NOMEM. */
int troth_jid_pattern_init(struct troth_jid_pattern *out, const char *text,
			   const char **why) TROTH_MUST_USE;
void troth_jid_pattern_fini(struct troth_jid_pattern *pattern);

/* Whether a JID fits; its resource doesn't count. Names of a link never do. */
bool troth_jid_pattern_matches(const struct troth_jid_pattern *pattern,
			       const struct troth_address *jid);

#endif
