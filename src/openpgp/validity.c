/* SPDX-License-Identifier: MIT */
/*
 * What the web of trust says about a key, a user ID and a JID. Layer: openpgp.
 *
 * Two answers are looked at, so that gpg.conf can make nobody valid: see troth_openpgp_validity.
 */
#include "base/slice.h"
#include "openpgp/context.h"

#include <stdlib.h>
#include <string.h>

#define SCHEME "xmpp:"

const char *troth_openpgp_level_name(enum troth_openpgp_level level)
{
	switch (level) {
	case TROTH_OPENPGP_ABSENT:
		return "absent";
	case TROTH_OPENPGP_INVALID:
		return "invalid";
	case TROTH_OPENPGP_REVOKED:
		return "revoked";
	case TROTH_OPENPGP_EXPIRED:
		return "expired";
	case TROTH_OPENPGP_DISABLED:
		return "disabled";
	case TROTH_OPENPGP_NEVER:
		return "never";
	case TROTH_OPENPGP_UNKNOWN:
		break;
	case TROTH_OPENPGP_MARGINAL:
		return "marginal";
	case TROTH_OPENPGP_FULL:
		return "full";
	case TROTH_OPENPGP_ULTIMATE:
		return "ultimate";
	}
	return "unknown";
}

enum troth_openpgp_level troth_openpgp_key_fault(gpgme_key_t key)
{
	if (key->revoked)
		return TROTH_OPENPGP_REVOKED;
	if (key->expired)
		return TROTH_OPENPGP_EXPIRED;
	if (key->disabled)
		return TROTH_OPENPGP_DISABLED;
	return key->invalid ? TROTH_OPENPGP_INVALID : TROTH_OPENPGP_UNKNOWN;
}

static enum troth_openpgp_level level_of(gpgme_user_id_t id)
{
	if (id->revoked)
		return TROTH_OPENPGP_REVOKED;
	if (id->invalid)
		return TROTH_OPENPGP_INVALID;
	switch (id->validity) {
	case GPGME_VALIDITY_UNKNOWN:
	case GPGME_VALIDITY_UNDEFINED:
		break;
	case GPGME_VALIDITY_NEVER:
		return TROTH_OPENPGP_NEVER;
	case GPGME_VALIDITY_MARGINAL:
		return TROTH_OPENPGP_MARGINAL;
	case GPGME_VALIDITY_FULL:
		return TROTH_OPENPGP_FULL;
	case GPGME_VALIDITY_ULTIMATE:
		return TROTH_OPENPGP_ULTIMATE;
	}
	return TROTH_OPENPGP_UNKNOWN;
}

enum troth_openpgp_level troth_openpgp_user_id_level(gpgme_user_id_t chosen, gpgme_user_id_t web)
{
	/* The keyring changed between the two answers: neither is worth anything. */
	if (!web || strcmp(chosen->uid, web->uid) != 0)
		return TROTH_OPENPGP_UNKNOWN;
	enum troth_openpgp_level level = level_of(web);
	bool refused = level_of(chosen) == TROTH_OPENPGP_NEVER;
	return refused && level > TROTH_OPENPGP_NEVER ? TROTH_OPENPGP_NEVER : level;
}

int troth_openpgp_views_get(struct troth_openpgp *openpgp, const char *fingerprint,
			    struct troth_openpgp_views *out)
{
	struct troth_openpgp_views views = {NULL, NULL};
	int err = troth_openpgp_find(openpgp, fingerprint, false, &views.chosen);
	if (!err)
		err = troth_openpgp_trust_model(openpgp, "pgp");
	if (!err) {
		err = troth_openpgp_find(openpgp, fingerprint, false, &views.web);
		int back = troth_openpgp_trust_model(openpgp, "");
		err = err ? err : back;
	}
	if (err)
		troth_openpgp_views_fini(&views);
	else
		*out = views;
	return err;
}

void troth_openpgp_views_fini(struct troth_openpgp_views *views)
{
	troth_openpgp_key_cleanup(&views->chosen);
	troth_openpgp_key_cleanup(&views->web);
	*views = (struct troth_openpgp_views){NULL, NULL};
}

/* Effect: the part of a user ID that may be a JID, or empty: all behind `xmpp:`, or what stands in
 * the angle brackets at its end and begins with that. No JID has a bracket in it (RFC 6122,
 * nodeprep and nameprep), so the two forms can't be confused. */
static struct troth_slice jid_part(const char *id)
{
	const char *end = id + strlen(id);
	const char *from = strrchr(id, '<');
	if (from && end[-1] == '>' && (from == id || from[-1] == ' ')) {
		id = from + 1;
		end--;
	}
	if (strncmp(id, SCHEME, strlen(SCHEME)) != 0)
		return (struct troth_slice){NULL, 0};
	id += strlen(SCHEME);
	return troth_slice_of(id, (size_t)(end - id));
}

int troth_openpgp_names(const char *user_id, const struct troth_address *jid, bool *out)
{
	struct troth_slice part = jid_part(user_id);
	struct troth_address *address = NULL;
	char *text = part.len ? strndup((const char *)part.data, part.len) : NULL;
	if (part.len && !text)
		return TROTH_E_NOMEM;
	int err = text ? troth_address_new(&address, TROTH_REALM_SERVER, text) : TROTH_E_FORMAT;
	free(text);
	if (err == TROTH_E_NOMEM)
		return err;
	/* A resource is one device's; a user ID that has one isn't about the account. */
	*out = !err && !troth_address_resource(address) && troth_address_same_bare(address, jid);
	troth_address_free(address);
	return TROTH_OK;
}

static int judge(const struct troth_openpgp_views *views, const struct troth_address *jid,
		 struct troth_openpgp_validity *out)
{
	enum troth_openpgp_level fault = troth_openpgp_key_fault(views->web);
	enum troth_openpgp_level mine = TROTH_OPENPGP_ABSENT, best = TROTH_OPENPGP_ABSENT;
	gpgme_user_id_t web = views->web->uids;
	for (gpgme_user_id_t id = views->chosen->uids; id; id = id->next) {
		bool named;
		enum troth_openpgp_level level = troth_openpgp_user_id_level(id, web);
		int err = troth_openpgp_names(id->uid, jid, &named);
		if (err)
			return err;
		if (level > best)
			best = level;
		if (named && level > mine)
			mine = level;
		web = web ? web->next : NULL;
	}
	if (fault != TROTH_OPENPGP_UNKNOWN) {
		best = fault;
		mine = mine == TROTH_OPENPGP_ABSENT ? mine : fault;
	}
	*out = (struct troth_openpgp_validity){.user_id = mine, .key = best};
	return TROTH_OK;
}

int troth_openpgp_validity(struct troth_openpgp *openpgp, const char *fingerprint,
			   const struct troth_address *jid, struct troth_openpgp_validity *out)
{
	struct troth_openpgp_views views TROTH_CLEANUP(troth_openpgp_views_fini) = {NULL, NULL};
	int err = troth_openpgp_ready(openpgp, fingerprint);
	if (!err && troth_address_realm(jid) != TROTH_REALM_SERVER)
		err = TROTH_E_INVAL;
	if (!err)
		err = troth_openpgp_views_get(openpgp, fingerprint, &views);
	return err ? err : judge(&views, jid, out);
}
