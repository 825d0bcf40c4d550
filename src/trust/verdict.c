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

/* By a certificate: trust attaches to the key, and the key belongs to a contact. */
static void judge_key(struct troth_judgement *j, const struct troth_facts *f)
{
	switch (f->key) {
	case TROTH_KEY_PROVEN:
		j->verdict.level = TROTH_LEVEL_VERIFIED;
		reason(j, TROTH_REASON_KEY_PINNED, f->key_owner);
		break;
	case TROTH_KEY_UNPROVEN:
		/* docs/protocol.md, "Possession": "becomes verified at its first certificate
		 * handshake" */
		j->verdict.level = TROTH_LEVEL_VERIFIED;
		reason(j, TROTH_REASON_KEY_FIRST_PROOF, f->key_owner);
		break;
	case TROTH_KEY_UNKNOWN:
		j->verdict.level = TROTH_LEVEL_UNVERIFIED;
		reason(j, TROTH_REASON_NOBODY_VERIFIED, NULL);
		break;
	case TROTH_KEY_REPLACED:
		refuse(j, TROTH_E_KEY_CHANGED, TROTH_REASON_KEY_WAS_REPLACED, f->key_owner);
		break;
	case TROTH_KEY_SUSPENDED:
		refuse(j, TROTH_E_REFUSED, TROTH_REASON_KEY_IS_SUSPENDED, f->key_owner);
		break;
	case TROTH_KEY_REVOKED:
		refuse(j, TROTH_E_REVOKED, TROTH_REASON_KEY_IS_REVOKED, f->key_owner);
		break;
	}
	j->verdict.contact = f->key_owner;
}

/* "A stream dialled to a contact must show that contact's key." */
static void judge_choice(struct troth_judgement *j, const struct troth_facts *f)
{
	if (f->chosen == NULL || same(f->chosen, f->key_owner))
		return;
	if (f->key_owner != NULL)
		refuse(j, TROTH_E_KEY_CHANGED, TROTH_REASON_OTHER_CONTACT, f->key_owner);
	else if (f->least > TROTH_LEVEL_UNVERIFIED || same(f->chosen, f->address_owner))
		refuse(j, TROTH_E_KEY_CHANGED, TROTH_REASON_OTHER_KEY, f->chosen);
}

/* "A claimed address held by another contact is refused." */
static void judge_address(struct troth_judgement *j, const struct troth_facts *f, const char *who)
{
	if (f->address_owner == NULL || !f->address_owner_has_key || same(f->address_owner, who))
		return;
	refuse(j, who == NULL ? TROTH_E_KEY_CHANGED : TROTH_E_ADDRESS, TROTH_REASON_ADDRESS_TAKEN,
	       f->address_owner);
}

void troth_judge(struct troth_judgement *out, const struct troth_facts *f)
{
	struct troth_judgement j = {.verdict = {.level = TROTH_LEVEL_PLAIN}};
	switch (f->method) {
	case TROTH_METHOD_KEY:
	case TROTH_METHOD_INSECURE:
		judge_key(&j, f);
		judge_choice(&j, f);
		judge_address(&j, f, f->key_owner);
		if (f->transcript_before && !f->transcript)
			reason(&j, TROTH_REASON_TRANSCRIPT_MISSING, f->key_owner);
		break;
	case TROTH_METHOD_PAKE:
	case TROTH_METHOD_SRP:
		j.verdict.level = TROTH_LEVEL_VERIFIED;
		j.verdict.contact = f->secret_of;
		reason(&j, TROTH_REASON_SECRET_SHARED, NULL);
		judge_address(&j, f, f->secret_of);
		break;
	case TROTH_METHOD_PLAIN:
	case TROTH_METHOD_NONE:
		reason(&j, TROTH_REASON_NO_TLS, NULL);
		judge_address(&j, f, NULL);
		break;
	}
	/* The method caps what its proof can be worth, whatever is known of the key. */
	if (f->method == TROTH_METHOD_INSECURE && j.verdict.level > TROTH_LEVEL_UNVERIFIED)
		j.verdict.level = TROTH_LEVEL_UNVERIFIED;
	if (j.verdict.err == TROTH_OK && j.verdict.level < f->least)
		refuse(&j, TROTH_E_FLOOR, TROTH_REASON_BELOW_POLICY, NULL);
	*out = j;
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
