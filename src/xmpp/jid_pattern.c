/* SPDX-License-Identifier: MIT */
/* Patterns of bare JIDs: prepared like the JIDs that they are compared with. Layer: xmpp. */
#include "xmpp/jid_pattern.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

/* Effect: the prepared parts of a bare JID, owned by the caller. */
static int split(const struct troth_address *a, char **local, char **domain)
{
	const char *bare = troth_address_bare(a);
	const char *at = strchr(bare, '@');
	char *l = at == NULL ? NULL : strndup(bare, (size_t)(at - bare));
	char *d = strdup(at == NULL ? bare : at + 1);
	if (d == NULL || (at != NULL && l == NULL)) {
		free(l);
		free(d);
		return TROTH_E_NOMEM;
	}
	*local = l;
	*domain = d;
	return TROTH_OK;
}

/* Effect: prepares the pattern as a JID, with letters in place of its stars. */
static int prepare(struct troth_jid_pattern *p, const char *local, const char *domain)
{
	size_t size = (local != NULL ? strlen(local) : 0) + strlen(domain) + 4;
	char *text = malloc(size);
	if (text == NULL)
		return TROTH_E_NOMEM;
	(void)snprintf(text, size, "%s%s%s",
		       p->any_local    ? "x"
		       : local != NULL ? local
				       : "",
		       local != NULL ? "@" : "", p->any_domain ? "x" : domain);
	struct troth_address *a;
	int err = troth_address_new(&a, TROTH_REALM_SERVER, text);
	free(text);
	if (err == TROTH_OK) {
		err = split(a, &p->local, &p->domain);
		troth_address_free(a);
	}
	return err;
}

static int read_parts(struct troth_jid_pattern *p, char *text, const char **why)
{
	char *domain = text;
	char *local = NULL;
	char *at = strchr(text, '@');
	if (at != NULL) {
		*at = 0;
		local = text;
		domain = at + 1;
	}
	p->any_local = local != NULL && strcmp(local, "*") == 0;
	p->any_domain = strcmp(domain, "*") == 0;
	p->below = strncmp(domain, "*.", 2) == 0;
	domain += p->below ? 2 : 0;
	*why = "A star stands for a whole part: `*@example.com`, `*@*.example.com`.";
	if ((local != NULL && !p->any_local && strchr(local, '*') != NULL) ||
	    (!p->any_domain && strchr(domain, '*') != NULL))
		return TROTH_E_FORMAT;
	*why = "Addresses stand here without a resource.";
	if (strchr(domain, '/') != NULL)
		return TROTH_E_FORMAT;
	*why = "That isn't an address like `romeo@example.com`.";
	if ((local != NULL && *local == 0) || *domain == 0)
		return TROTH_E_FORMAT;
	int err = prepare(p, local, domain);
	return err == TROTH_E_LIMIT ? TROTH_E_FORMAT : err;
}

int troth_jid_pattern_init(struct troth_jid_pattern *out, const char *text, const char **why)
{
	struct troth_jid_pattern p = {0};
	char *copy = strdup(text);
	if (copy == NULL)
		return TROTH_E_NOMEM;
	int err = read_parts(&p, copy, why);
	free(copy);
	if (err != TROTH_OK)
		return err;
	if (p.any_local) {
		free(p.local);
		p.local = NULL;
	}
	if (p.any_domain) {
		free(p.domain);
		p.domain = NULL;
	}
	*out = p;
	return TROTH_OK;
}

void troth_jid_pattern_fini(struct troth_jid_pattern *pattern)
{
	free(pattern->local);
	free(pattern->domain);
	*pattern = (struct troth_jid_pattern){0};
}

static bool domain_matches(const struct troth_jid_pattern *p, const char *domain)
{
	if (p->any_domain)
		return true;
	if (!p->below)
		return strcmp(domain, p->domain) == 0;
	size_t len = strlen(domain);
	size_t suffix = strlen(p->domain);
	return len > suffix + 1 && domain[len - suffix - 1] == '.' &&
	       strcmp(domain + len - suffix, p->domain) == 0;
}

bool troth_jid_pattern_matches(const struct troth_jid_pattern *pattern,
			       const struct troth_address *jid)
{
	if (troth_address_realm(jid) != TROTH_REALM_SERVER)
		return false;
	const char *bare = troth_address_bare(jid);
	const char *at = strchr(bare, '@');
	if (!domain_matches(pattern, at == NULL ? bare : at + 1))
		return false;
	if (at == NULL)
		return pattern->local == NULL && !pattern->any_local;
	return pattern->any_local ||
	       (pattern->local != NULL && strlen(pattern->local) == (size_t)(at - bare) &&
		memcmp(pattern->local, bare, (size_t)(at - bare)) == 0);
}
