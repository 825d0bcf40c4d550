/* SPDX-License-Identifier: MIT */
/* The verdict. Layer: trust. Pure: the same facts give the same verdict and reasons. */
#include "trust/verdict.h"

#include <string.h>

static void reason(struct troth_judgement *j, enum troth_reason why, const char *about)
{
	if (j->count == TROTH_REASONS_MAX)
		return;
	j->about[j->count] = about;
	j->reasons[j->count++] = why;
}

static void refuse(struct troth_judgement *j, int err, enum troth_reason why, const char *about)
{
	if (j->verdict.err == TROTH_OK)
		j->verdict.err = err;
	reason(j, why, about);
}

static bool same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static bool is_certificate(enum troth_method method)
{
	return method == TROTH_METHOD_KEY || method == TROTH_METHOD_INSECURE;
}

/* Nobody's key, and a CA says whose it is. */
static void judge_certified(struct troth_judgement *j, const struct troth_ca_fact *ca)
{
	j->verdict.contact = ca->contact;
	j->verdict.level = TROTH_LEVEL_VERIFIED;
	reason(j, ca->proxied ? TROTH_REASON_CA_PROXY : TROTH_REASON_CA_SPEAKS, ca->who);
	/* docs/protocol.md, "Floor": "that contact's keys, by whatever road". */
	if (ca->contact != NULL && ca->contact_has_key)
		refuse(j, TROTH_E_KEY_CHANGED, TROTH_REASON_OTHER_KEY, ca->contact);
	if (ca->needs_pin)
		refuse(j, TROTH_E_NO_METHOD, TROTH_REASON_CA_NEEDS_PIN, ca->who);
}

/* A CA that knows the certificate and doesn't stand by it. For a pinned key dates don't matter,
 * revocation does. */
static void judge_refused(struct troth_judgement *j, const struct troth_facts *f)
{
	if (f->ca == NULL || f->ca->err == TROTH_OK || !is_certificate(f->method))
		return;
	if (f->key == TROTH_KEY_UNKNOWN || f->ca->err == TROTH_E_REVOKED)
		refuse(j, f->ca->err, TROTH_REASON_CA_REFUSES, f->ca->why);
}

/* Nobody's key, of which a CA says whose it is. */
static bool is_certified(const struct troth_facts *f)
{
	return f->ca != NULL && f->ca->err == TROTH_OK && f->key == TROTH_KEY_UNKNOWN &&
	       is_certificate(f->method);
}

/* A key that is nobody's. "When a promised proof fails there, the stream ends with that reason:
 * never a fallback to a weaker method." */
static void judge_unknown(struct troth_judgement *j, const struct troth_facts *f)
{
	if (f->ca != NULL && f->ca->err != TROTH_OK)
		return; /* judge_refused has the reason */
	if (f->method == TROTH_METHOD_KEY && f->ca != NULL) {
		judge_certified(j, f->ca);
		return;
	}
	bool firm = !f->tried || f->least > TROTH_LEVEL_UNVERIFIED;
	if (f->method == TROTH_METHOD_KEY && firm && f->openpgp != TROTH_OPENPGP_WORD_NONE) {
		refuse(j, troth_openpgp_word_err(f->openpgp), TROTH_REASON_OPENPGP_SAYS,
		       f->openpgp_of);
		return;
	}
	/* Whom no CA knows may still be somebody that policy lets in. */
	if (f->method == TROTH_METHOD_KEY && firm) {
		if (f->tried)
			refuse(j, TROTH_E_NO_METHOD, TROTH_REASON_CA_SILENT, NULL);
		else
			refuse(j, TROTH_E_KEY_CHANGED, TROTH_REASON_NOBODY_VERIFIED, NULL);
		return;
	}
	j->verdict.level = TROTH_LEVEL_UNVERIFIED;
	reason(j, TROTH_REASON_NOBODY_VERIFIED, NULL);
}

/* How a key that counts came to be the contact's. */
static enum troth_reason why_believed(enum troth_key_standing key)
{
	switch (key) {
	case TROTH_KEY_UNPROVEN:
		return TROTH_REASON_KEY_FIRST_PROOF;
	case TROTH_KEY_VOUCHED:
		return TROTH_REASON_KEY_VOUCHED;
	case TROTH_KEY_CERTIFIED:
		return TROTH_REASON_KEY_CERTIFIED;
	case TROTH_KEY_OPENPGP:
		return TROTH_REASON_KEY_OPENPGP;
	case TROTH_KEY_ENDORSED:
		return TROTH_REASON_KEY_ENDORSED;
	case TROTH_KEY_PROVEN:
		return TROTH_REASON_KEY_PINNED;
	case TROTH_KEY_UNKNOWN:
	case TROTH_KEY_UNCERTIFIED:
	case TROTH_KEY_REPLACED:
	case TROTH_KEY_SUSPENDED:
	case TROTH_KEY_VOID:
	case TROTH_KEY_REVOKED:
		break;
	}
	return TROTH_REASON_NOBODY_VERIFIED;
}

/* The method caps what its proof can be worth, whatever is known of the key. */
static void take_key(struct troth_judgement *j, const struct troth_facts *f, enum troth_level level)
{
	bool capped = f->method != TROTH_METHOD_KEY;
	if (f->key_owner == NULL) {
		judge_unknown(j, f);
		return;
	}
	j->verdict.level = capped ? TROTH_LEVEL_UNVERIFIED : level;
	reason(j, why_believed(f->key), f->key_owner);
	if (f->key == TROTH_KEY_OPENPGP && f->openpgp != TROTH_OPENPGP_WORD_NONE)
		reason(j, TROTH_REASON_OPENPGP_SAYS, f->openpgp_of);
}

/* By a certificate: trust attaches to the key, and the key belongs to a contact. */
static void judge_key(struct troth_judgement *j, const struct troth_facts *f)
{
	j->verdict.contact = f->key == TROTH_KEY_UNKNOWN ? NULL : f->key_owner;
	switch (f->key) {
	case TROTH_KEY_PROVEN:
	case TROTH_KEY_ENDORSED:
	case TROTH_KEY_OPENPGP:
	case TROTH_KEY_CERTIFIED:
	case TROTH_KEY_UNPROVEN:
		/* docs/protocol.md, "Possession": "becomes verified at its first certificate
		 * handshake" */
		take_key(j, f, TROTH_LEVEL_VERIFIED);
		break;
	case TROTH_KEY_VOUCHED:
		take_key(j, f, TROTH_LEVEL_VOUCHED);
		if (f->voucher != NULL)
			reason(j, TROTH_REASON_VOUCHED_BY, f->voucher);
		break;
	case TROTH_KEY_UNKNOWN:
		judge_unknown(j, f);
		break;
	case TROTH_KEY_UNCERTIFIED:
		refuse(j, TROTH_E_FLOOR, TROTH_REASON_KEY_UNCERTIFIED, f->key_owner);
		break;
	case TROTH_KEY_REPLACED:
		refuse(j, TROTH_E_KEY_CHANGED, TROTH_REASON_KEY_WAS_REPLACED, f->key_owner);
		break;
	case TROTH_KEY_SUSPENDED:
		if (f->openpgp != TROTH_OPENPGP_WORD_NONE)
			refuse(j, troth_openpgp_word_err(f->openpgp), TROTH_REASON_OPENPGP_SAYS,
			       f->openpgp_of);
		else
			refuse(j, TROTH_E_REFUSED, TROTH_REASON_KEY_IS_SUSPENDED, f->key_owner);
		break;
	case TROTH_KEY_VOID:
		refuse(j, TROTH_E_REVOKED, TROTH_REASON_KEY_IS_VOID, f->key_owner);
		break;
	case TROTH_KEY_REVOKED:
		refuse(j, TROTH_E_REVOKED, TROTH_REASON_KEY_IS_REVOKED, f->key_owner);
		break;
	}
}

/* "A stream dialled to a contact must show that contact's key", whatever the policy. One that has
 * no key yet can show none: then policy decides. */
static void judge_choice(struct troth_judgement *j, const struct troth_facts *f)
{
	const char *who = j->verdict.contact;
	if (f->chosen == NULL || same(f->chosen, who))
		return;
	/* Somebody that a CA names, and not whom our user called. */
	if (who == NULL && is_certified(f)) {
		refuse(j, TROTH_E_KEY_CHANGED, TROTH_REASON_OTHER_KEY, f->chosen);
		return;
	}
	if (who != NULL)
		refuse(j, TROTH_E_KEY_CHANGED, TROTH_REASON_OTHER_CONTACT, who);
	else if (f->chosen_has_key)
		refuse(j, TROTH_E_KEY_CHANGED, TROTH_REASON_OTHER_KEY, f->chosen);
}

/* "A claimed address held by another contact is refused. Over a server the bare JID must belong to
 * the identity; on a link the address is a label." */
static void judge_address(struct troth_judgement *j, const struct troth_facts *f)
{
	const char *who = j->verdict.contact;
	const char *owner = f->address_owner;
	if (owner != NULL && who != NULL && !same(owner, who))
		refuse(j, TROTH_E_ADDRESS, TROTH_REASON_ADDRESS_TAKEN, owner);
	else if (owner != NULL && who == NULL && f->address_owner_has_key)
		refuse(j, TROTH_E_KEY_CHANGED, TROTH_REASON_ADDRESS_TAKEN, owner);
	else if (is_certified(f) && !f->link && !f->ca->claimed)
		refuse(j, TROTH_E_ADDRESS, TROTH_REASON_CA_OTHER_ADDRESS, f->ca->who);
	else if (owner == NULL && who != NULL && !f->link && is_certificate(f->method) &&
		 !is_certified(f))
		refuse(j, TROTH_E_ADDRESS, TROTH_REASON_ADDRESS_STRANGE, who);
}

static void judge_method(struct troth_judgement *j, const struct troth_facts *f)
{
	switch (f->method) {
	case TROTH_METHOD_KEY:
	case TROTH_METHOD_INSECURE:
		judge_key(j, f);
		if (f->transcript_before && !f->transcript)
			reason(j, TROTH_REASON_TRANSCRIPT_MISSING, f->key_owner);
		break;
	case TROTH_METHOD_PAKE:
	case TROTH_METHOD_SRP:
		j->verdict.level = TROTH_LEVEL_VERIFIED;
		j->verdict.contact = f->secret_of;
		reason(j, TROTH_REASON_SECRET_SHARED, NULL);
		break;
	case TROTH_METHOD_PLAIN:
		/* docs/protocol.md, "Stream": plain old peers are for links only. */
		if (!f->link)
			refuse(j, TROTH_E_NO_TLS, TROTH_REASON_NO_TLS, NULL);
		else
			reason(j, TROTH_REASON_NO_TLS, NULL);
		break;
	case TROTH_METHOD_NONE:
		refuse(j, TROTH_E_NO_METHOD, TROTH_REASON_NO_TLS, NULL);
		break;
	}
}

void troth_judge(struct troth_judgement *out, const struct troth_facts *f)
{
	struct troth_judgement j = {.verdict = {.level = TROTH_LEVEL_PLAIN}};
	judge_method(&j, f);
	judge_refused(&j, f);
	judge_choice(&j, f);
	judge_address(&j, f);
	if (j.verdict.err == TROTH_OK && j.verdict.level < f->least)
		refuse(&j, TROTH_E_FLOOR, TROTH_REASON_BELOW_POLICY, NULL);
	if (j.verdict.err != TROTH_OK)
		j.verdict.level = TROTH_LEVEL_PLAIN;
	*out = j;
}

const char *troth_openpgp_word_text(enum troth_openpgp_word word)
{
	static const char *const texts[] = {"",
#define WORD_TEXT(symbol, text) text,
					    TROTH_OPENPGP_WORDS(WORD_TEXT)
#undef WORD_TEXT
	};
	return texts[word];
}

int troth_openpgp_word_err(enum troth_openpgp_word word)
{
	switch (word) {
	case TROTH_OPENPGP_WORD_REVOKED:
		return TROTH_E_REVOKED;
	case TROTH_OPENPGP_WORD_EXPIRED:
	case TROTH_OPENPGP_WORD_UNUSABLE:
	case TROTH_OPENPGP_WORD_UNSIGNED:
	case TROTH_OPENPGP_WORD_OVER:
		return TROTH_E_CERT;
	case TROTH_OPENPGP_WORD_UNASKED:
		return TROTH_E_UNSUPPORTED;
	case TROTH_OPENPGP_WORD_OTHERS:
		return TROTH_E_CONFLICT;
	case TROTH_OPENPGP_WORD_NONE:
		return TROTH_E_KEY_CHANGED;
	case TROTH_OPENPGP_WORD_FULL:
	case TROTH_OPENPGP_WORD_MARGINAL:
	case TROTH_OPENPGP_WORD_UNKNOWN:
	case TROTH_OPENPGP_WORD_NEVER:
	case TROTH_OPENPGP_WORD_ABSENT:
	case TROTH_OPENPGP_WORD_DISABLED:
	case TROTH_OPENPGP_WORD_MISSING:
		break;
	}
	return TROTH_E_FLOOR;
}

const char *troth_reason_text(enum troth_reason reason)
{
	static const char *const texts[] = {
#define REASON_TEXT(symbol, text) text,
		TROTH_REASONS(REASON_TEXT)
#undef REASON_TEXT
	};
	return texts[reason];
}
