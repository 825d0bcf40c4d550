/* SPDX-License-Identifier: MIT */
/* OpenPGP keys of contacts in the store. Layer: session. */
#include "session/openpgp_key.h"

#include "session/believed.h"
#include "session/label.h"

#include <string.h>
#include <troth/err.h>

static uint8_t digit(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

struct troth_pin troth_openpgp_pin(const char *fingerprint)
{
	uint8_t bytes[TROTH_OPENPGP_FINGERPRINT_LEN / 2];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] =
			(uint8_t)(digit(fingerprint[2 * i]) << 4 | digit(fingerprint[2 * i + 1]));
	return troth_belief_openpgp_id(bytes);
}

bool troth_openpgp_is_row(const struct troth_store_key *key)
{
	return key->role == TROTH_ROLE_USER && strcmp(key->how, HOW_OPENPGP) == 0;
}

/* ---- what answers are worth ---- */

enum troth_belief_validity troth_openpgp_worth(enum troth_openpgp_level level)
{
	switch (level) {
	case TROTH_OPENPGP_MARGINAL:
		return TROTH_BELIEF_MARGINAL;
	case TROTH_OPENPGP_FULL:
		return TROTH_BELIEF_FULL;
	case TROTH_OPENPGP_ULTIMATE:
		return TROTH_BELIEF_ULTIMATE;
	case TROTH_OPENPGP_ABSENT:
	case TROTH_OPENPGP_INVALID:
	case TROTH_OPENPGP_REVOKED:
	case TROTH_OPENPGP_EXPIRED:
	case TROTH_OPENPGP_DISABLED:
	case TROTH_OPENPGP_NEVER:
	case TROTH_OPENPGP_UNKNOWN:
		break;
	}
	return TROTH_BELIEF_INVALID;
}

enum troth_openpgp_word troth_openpgp_level_word(enum troth_openpgp_level level)
{
	switch (level) {
	case TROTH_OPENPGP_ABSENT:
		return TROTH_OPENPGP_WORD_ABSENT;
	case TROTH_OPENPGP_INVALID:
		return TROTH_OPENPGP_WORD_UNUSABLE;
	case TROTH_OPENPGP_REVOKED:
		return TROTH_OPENPGP_WORD_REVOKED;
	case TROTH_OPENPGP_EXPIRED:
		return TROTH_OPENPGP_WORD_EXPIRED;
	case TROTH_OPENPGP_DISABLED:
		return TROTH_OPENPGP_WORD_DISABLED;
	case TROTH_OPENPGP_NEVER:
		return TROTH_OPENPGP_WORD_NEVER;
	case TROTH_OPENPGP_UNKNOWN:
		break;
	case TROTH_OPENPGP_MARGINAL:
		return TROTH_OPENPGP_WORD_MARGINAL;
	case TROTH_OPENPGP_FULL:
	case TROTH_OPENPGP_ULTIMATE:
		return TROTH_OPENPGP_WORD_FULL;
	}
	return TROTH_OPENPGP_WORD_UNKNOWN;
}

enum troth_openpgp_word troth_openpgp_reason_word(enum troth_openpgp_reason reason)
{
	switch (reason) {
	case TROTH_OPENPGP_REASON_NO_KEY:
		return TROTH_OPENPGP_WORD_MISSING;
	case TROTH_OPENPGP_REASON_REVOKED:
		return TROTH_OPENPGP_WORD_REVOKED;
	case TROTH_OPENPGP_REASON_EXPIRED:
		return TROTH_OPENPGP_WORD_EXPIRED;
	case TROTH_OPENPGP_REASON_DISABLED:
		return TROTH_OPENPGP_WORD_DISABLED;
	case TROTH_OPENPGP_REASON_INVALID:
	case TROTH_OPENPGP_REASON_WEAK_KEY:
	case TROTH_OPENPGP_REASON_WEAK_DIGEST:
		return TROTH_OPENPGP_WORD_UNUSABLE;
	case TROTH_OPENPGP_REASON_BAD_SIGNATURE:
	case TROTH_OPENPGP_REASON_EXPIRED_SIGNATURE:
	case TROTH_OPENPGP_REASON_OTHER_KEY:
	case TROTH_OPENPGP_REASON_OTHER_FORM:
		return TROTH_OPENPGP_WORD_UNSIGNED;
	case TROTH_OPENPGP_REASON_NONE:
	case TROTH_OPENPGP_REASON_NO_GPG:
	case TROTH_OPENPGP_REASON_NO_AGENT:
	case TROTH_OPENPGP_REASON_NO_PINENTRY:
	case TROTH_OPENPGP_REASON_CANCELLED:
	case TROTH_OPENPGP_REASON_PASSPHRASE:
	case TROTH_OPENPGP_REASON_NO_CARD:
	case TROTH_OPENPGP_REASON_CARD:
	case TROTH_OPENPGP_REASON_NO_SECRET:
	case TROTH_OPENPGP_REASON_CANT_SIGN:
	case TROTH_OPENPGP_REASON_NO_USER_ID:
	case TROTH_OPENPGP_REASON_NO_LEVEL:
	case TROTH_OPENPGP_REASON_NOT_ONE_KEY:
	case TROTH_OPENPGP_REASON_FAILED:
		break;
	}
	return TROTH_OPENPGP_WORD_UNASKED;
}

/* ---- whose it is ---- */

int troth_openpgp_contact(struct troth_store *store, const char *fingerprint,
			  const struct troth_address *jid, int64_t *out)
{
	struct troth_store_contact by_key = {.id = 0}, by_jid = {.id = 0};
	int err = troth_store_contact_by_name(store, fingerprint, &by_key);
	if (err == TROTH_OK || err == TROTH_E_NOT_FOUND)
		err = troth_store_contact_by_address(store, TROTH_REALM_SERVER,
						     troth_address_bare(jid), &by_jid);
	if (err == TROTH_E_NOT_FOUND && by_key.id != 0)
		err = TROTH_OK;
	if (err != TROTH_OK)
		return err;
	if (by_key.id != 0 && by_jid.id != 0 && by_key.id != by_jid.id)
		return TROTH_E_CONFLICT;
	*out = by_key.id != 0 ? by_key.id : by_jid.id;
	return TROTH_OK;
}

/* ---- keeping ---- */

static struct troth_store_new_key row_of(const struct troth_openpgp_claim *claim,
					 const struct troth_pin *pin)
{
	return (struct troth_store_new_key){
		.pin = pin,
		.name = claim->fingerprint,
		.how = HOW_OPENPGP,
		.role = TROTH_ROLE_USER,
		.concluded = true,
	};
}

static int say(struct troth_store *store, int64_t contact, const struct troth_openpgp_claim *claim,
	       int64_t now)
{
	const struct troth_store_statement statement = {
		.contact = contact,
		.says = {.kind = TROTH_BELIEF_OPENPGP,
			 .subject = troth_openpgp_pin(claim->fingerprint),
			 .validity = claim->validity,
			 .assigned = claim->assigned,
			 .time = now},
	};
	return troth_store_statement_append(store, &statement);
}

static int note_jid(struct troth_store *store, int64_t contact, const struct troth_address *jid,
		    int64_t now)
{
	const struct troth_store_address address = {.realm = TROTH_REALM_SERVER,
						    .address = troth_address_bare(jid),
						    .source = HOW_OPENPGP,
						    .last_seen = now};
	return troth_store_address_note(store, contact, &address);
}

int troth_openpgp_keep(struct troth_store *store, int64_t contact,
		       const struct troth_openpgp_claim *claim, int64_t now)
{
	struct troth_store_key known;
	const struct troth_pin pin = troth_openpgp_pin(claim->fingerprint);
	const struct troth_store_new_key row = row_of(claim, &pin);
	const struct troth_believed_of of = {.store = store, .contact = contact, .now = now};
	int err = troth_store_key_get(store, &pin, &known);
	bool replaced = err == TROTH_OK && known.contact == contact &&
			known.state == TROTH_STORE_KEY_REPLACED;
	if (err == TROTH_OK && known.contact != contact)
		err = TROTH_E_CONFLICT;
	else if (err == TROTH_E_NOT_FOUND || replaced)
		err = troth_store_key_pin(store, contact, &row, now);
	if (err == TROTH_OK)
		err = note_jid(store, contact, claim->jid, now);
	if (err == TROTH_OK)
		err = say(store, contact, claim, now);
	return err == TROTH_OK ? troth_believed_settle(&of) : err;
}

/* The JID is the label; where it is too long, or taken, one is made of it. */
int troth_openpgp_meet(struct troth_store *store, const struct troth_openpgp_claim *claim,
		       int64_t now, int64_t *out)
{
	char label[TROTH_STORE_LABEL_MAX + 1];
	const char *jid = troth_address_bare(claim->jid);
	const struct troth_pin pin = troth_openpgp_pin(claim->fingerprint);
	const struct troth_store_new_key row = row_of(claim, &pin);
	const struct troth_store_address address = {.realm = TROTH_REALM_SERVER,
						    .address = jid,
						    .source = HOW_OPENPGP,
						    .last_seen = now};
	struct troth_store_meeting meeting = {.label = jid, .key = &row, .address = &address};
	int err = troth_store_meeting_commit(store, &meeting, now, out);
	for (unsigned i = 0; i < TROTH_LABEL_TRIES; i++) {
		if (err != TROTH_E_EXISTS && err != TROTH_E_LIMIT && err != TROTH_E_FORMAT)
			break;
		troth_label_make(label, err == TROTH_E_EXISTS ? jid : NULL, &pin, i);
		meeting.label = label;
		err = troth_store_meeting_commit(store, &meeting, now, out);
	}
	return err == TROTH_OK ? say(store, *out, claim, now) : err;
}

int troth_openpgp_introduce(struct troth_store *store, const struct troth_openpgp_claim *claim,
			    int64_t now, int64_t *out)
{
	int err = troth_openpgp_contact(store, claim->fingerprint, claim->jid, out);
	if (err == TROTH_E_NOT_FOUND)
		return troth_openpgp_meet(store, claim, now, out);
	return err == TROTH_OK ? troth_openpgp_keep(store, *out, claim, now) : err;
}
