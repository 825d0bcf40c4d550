/* SPDX-License-Identifier: MIT */
/* Keys shown: one of them, or the user's own. Layer: openpgp. */
#include "base/slice.h"
#include "base/text.h"
#include "openpgp/context.h"

#include <stdlib.h>

#define USER_ID_CHARS 200
#define USER_IDS_BYTES ((size_t)64 * 1024)

/* A key and the cleaned text that its user IDs point into. */
struct shown {
	struct troth_openpgp_key key;
	struct troth_buf text; /* strings, a NUL behind each */
	size_t at[TROTH_OPENPGP_USER_IDS_MAX];
};

static int add_user_id(struct shown *shown, const char *id, enum troth_openpgp_level level)
{
	struct troth_openpgp_key *key = &shown->key;
	if (key->user_id_count == TROTH_OPENPGP_USER_IDS_MAX) {
		key->user_ids_more++;
		return TROTH_OK;
	}
	shown->at[key->user_id_count] = troth_buf_len(&shown->text);
	int err = troth_text_clean(&shown->text, troth_slice_str(id), TROTH_TEXT_ONE_LINE,
				   USER_ID_CHARS);
	if (!err)
		err = troth_buf_append_byte(&shown->text, '\0');
	if (!err)
		key->user_ids[key->user_id_count++].level = level;
	return err;
}

static void describe(struct troth_openpgp_key *key, gpgme_key_t from)
{
	gpgme_subkey_t primary = from->subkeys;
	bool sound = troth_openpgp_key_fault(from) == TROTH_OPENPGP_UNKNOWN;
	key->secret = from->secret;
	key->made = primary && primary->timestamp > 0 ? primary->timestamp : 0;
	key->expires = primary && primary->expires > 0 ? primary->expires : 0;
	for (gpgme_subkey_t part = from->subkeys; part; part = part->next) {
		if (!part->can_sign || part->revoked || part->expired || part->invalid)
			continue;
		key->signs = sound;
		key->card = key->card || part->is_cardkey;
	}
}

static int show(struct shown *shown, const struct troth_openpgp_views *views)
{
	enum troth_openpgp_level fault = troth_openpgp_key_fault(views->web);
	enum troth_openpgp_level best = TROTH_OPENPGP_ABSENT;
	gpgme_user_id_t web = views->web->uids;
	for (gpgme_user_id_t id = views->chosen->uids; id; id = id->next) {
		enum troth_openpgp_level level = troth_openpgp_user_id_level(id, web);
		int err = add_user_id(shown, id->uid, level);
		if (err)
			return err;
		best = level > best ? level : best;
		web = web ? web->next : NULL;
	}
	for (size_t i = 0; i < shown->key.user_id_count; i++)
		shown->key.user_ids[i].text =
			(const char *)troth_buf_slice(&shown->text).data + shown->at[i];
	shown->key.level = fault == TROTH_OPENPGP_UNKNOWN ? best : fault;
	describe(&shown->key, views->web);
	return TROTH_OK;
}

int troth_openpgp_key_get(struct troth_openpgp *openpgp, const char *fingerprint,
			  troth_openpgp_key_each *each, void *user)
{
	struct troth_openpgp_views views TROTH_CLEANUP(troth_openpgp_views_fini) = {NULL, NULL};
	struct shown shown = {.key.user_id_count = 0};
	int err = troth_openpgp_ready(openpgp, fingerprint);
	if (err)
		return err;
	err = troth_openpgp_views_get(openpgp, fingerprint, &views);
	if (err)
		return err;
	troth_buf_init(&shown.text, USER_IDS_BYTES);
	err = troth_openpgp_fingerprint_read(views.web->fpr, shown.key.fingerprint);
	if (!err)
		err = show(&shown, &views);
	if (!err)
		err = each(user, &shown.key);
	troth_buf_fini(&shown.text);
	return err;
}

struct own {
	char fingerprints[TROTH_OPENPGP_OWN_MAX][TROTH_OPENPGP_FINGERPRINT_LEN + 1];
	size_t count;
};

/* Effect: the fingerprints of secret keys; what isn't of version 4 is left out. */
static int gather(struct troth_openpgp *openpgp, struct own *own)
{
	gpgme_key_t key;
	gpgme_error_t gpg = gpgme_op_keylist_start(openpgp->ctx, NULL, 1);
	while (!gpg && own->count < TROTH_OPENPGP_OWN_MAX &&
	       !(gpg = gpgme_op_keylist_next(openpgp->ctx, &key))) {
		if (key->fpr &&
		    !troth_openpgp_fingerprint_read(key->fpr, own->fingerprints[own->count]))
			own->count++;
		gpgme_key_unref(key);
	}
	gpgme_error_t end = gpgme_op_keylist_end(openpgp->ctx);
	if (gpgme_err_code(gpg) == GPG_ERR_EOF)
		gpg = gpgme_err_code(end) == GPG_ERR_INV_STATE ? 0 : end;
	return gpg ? troth_openpgp_fail_gpg(openpgp, gpg) : TROTH_OK;
}

int troth_openpgp_own_list(struct troth_openpgp *openpgp, troth_openpgp_key_each *each, void *user)
{
	troth_openpgp_forget(openpgp);
	if (!openpgp->ctx)
		return TROTH_E_INVAL;
	struct own *own = calloc(1, sizeof *own);
	if (!own)
		return TROTH_E_NOMEM;
	int err = gather(openpgp, own);
	for (size_t i = 0; i < own->count && !err; i++)
		err = troth_openpgp_key_get(openpgp, own->fingerprints[i], each, user);
	free(own);
	return err;
}
