/* SPDX-License-Identifier: MIT */
/* The user's choices as settings of the store. Layer: openpgp. */
#include "openpgp/assigned.h"

#include "base/slice.h"

#include <stdio.h>
#include <string.h>

#define CHOSEN "openpgp.key"
#define ASSIGNED "openpgp.assigned."
/* Two parts of an address and what joins them. */
#define NAME_MAX_LEN (sizeof ASSIGNED + 2048)

static int get(struct troth_store *store, const char *name, char *out)
{
	const char *text;
	struct troth_buf value TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&value, TROTH_STORE_TEXT_MAX + 1);
	int err = troth_store_setting_get(store, name, &value);
	if (!err)
		err = troth_buf_cstr(&value, &text);
	if (err)
		return err;
	if (!troth_openpgp_fingerprint_ok(text))
		return TROTH_E_FORMAT;
	memcpy(out, text, TROTH_OPENPGP_FINGERPRINT_LEN + 1);
	return TROTH_OK;
}

/* Written down first: a line about a change that failed does less harm than a change without a
 * line. */
static int record(struct troth_store *store, const char *kind, const char *text, int64_t now)
{
	const struct troth_store_entry entry = {.time = now, .kind = kind, .text = text};
	return troth_store_log_append(store, &entry);
}

int troth_openpgp_chosen(struct troth_store *store, char *out)
{
	return get(store, CHOSEN, out);
}

int troth_openpgp_choose(struct troth_store *store, const char *fingerprint, int64_t now)
{
	if (fingerprint && !troth_openpgp_fingerprint_ok(fingerprint))
		return TROTH_E_FORMAT;
	int err = record(store, "openpgp-chosen", fingerprint ? fingerprint : "none", now);
	return err ? err : troth_store_setting_set(store, CHOSEN, fingerprint);
}

static int name_of(const struct troth_address *jid, char *out)
{
	if (troth_address_realm(jid) != TROTH_REALM_SERVER)
		return TROTH_E_INVAL;
	int len = snprintf(out, NAME_MAX_LEN, ASSIGNED "%s", troth_address_bare(jid));
	return len > 0 && (size_t)len < NAME_MAX_LEN ? TROTH_OK : TROTH_E_LIMIT;
}

int troth_openpgp_assigned(struct troth_store *store, const struct troth_address *jid, char *out)
{
	char name[NAME_MAX_LEN];
	int err = name_of(jid, name);
	return err ? err : get(store, name, out);
}

int troth_openpgp_assign(struct troth_store *store, const struct troth_address *jid,
			 const char *fingerprint, int64_t now)
{
	char name[NAME_MAX_LEN], text[NAME_MAX_LEN + TROTH_OPENPGP_FINGERPRINT_LEN + 8];
	char was[TROTH_OPENPGP_FINGERPRINT_LEN + 1];
	if (fingerprint && !troth_openpgp_fingerprint_ok(fingerprint))
		return TROTH_E_FORMAT;
	int err = name_of(jid, name);
	if (!err && !fingerprint) {
		err = get(store, name, was);
		/* One that can't be read can be removed. */
		err = err == TROTH_E_FORMAT ? TROTH_OK : err;
	}
	if (err)
		return err;
	snprintf(text, sizeof text, "%s: %s", troth_address_bare(jid),
		 fingerprint ? fingerprint : "none");
	err = record(store, "openpgp-assigned", text, now);
	return err ? err : troth_store_setting_set(store, name, fingerprint);
}

struct listing {
	troth_openpgp_assigned_each *each;
	void *user;
};

static int pass_on(void *user, const char *key, const char *value)
{
	const struct listing *l = user;
	return l->each(l->user, key + strlen(ASSIGNED), value);
}

int troth_openpgp_assigned_list(struct troth_store *store, troth_openpgp_assigned_each *each,
				void *user)
{
	struct listing l = {each, user};
	return troth_store_setting_list(store, ASSIGNED, pass_on, &l);
}
