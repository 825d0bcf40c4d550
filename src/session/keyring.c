/* SPDX-License-Identifier: MIT */
/* Asking GnuPG on a thread. Layer: session. The thread touches nothing but its question. */
#include "session/keyring.h"

#include "session/openpgp_key.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

/* ---- on the thread ---- */

static void answer(struct troth_openpgp *openpgp, struct keyring_item *i)
{
	struct troth_openpgp_validity validity;
	int err = TROTH_OK;
	if (i->word != TROTH_OPENPGP_WORD_NONE)
		return;
	if (troth_buf_len(&i->signature) > 0) {
		const struct troth_openpgp_signed signed_ = {
			.fingerprint = i->fingerprint,
			.message = troth_buf_slice(&i->message),
			.signature = troth_buf_slice(&i->signature),
		};
		err = troth_openpgp_verify(openpgp, &signed_, NULL);
	}
	if (err == TROTH_OK)
		err = troth_openpgp_validity(openpgp, i->fingerprint, i->jid, &validity);
	if (err != TROTH_OK) {
		i->word = troth_openpgp_reason_word(troth_openpgp_reason(openpgp));
		return;
	}
	i->level = i->assigned ? validity.key : validity.user_id;
	i->word = troth_openpgp_level_word(i->level);
}

static void on_thread(uv_work_t *work)
{
	struct keyring *k = work->data;
	struct troth_openpgp *openpgp = NULL;
	int err = troth_openpgp_new(&openpgp);
	if (err == TROTH_OK)
		err = troth_openpgp_open(openpgp, NULL);
	for (size_t i = 0; i < k->count; i++) {
		if (err == TROTH_OK)
			answer(openpgp, &k->items[i]);
		else if (k->items[i].word == TROTH_OPENPGP_WORD_NONE)
			k->items[i].word = TROTH_OPENPGP_WORD_UNASKED;
	}
	troth_openpgp_free(openpgp);
}

/* ---- on the loop ---- */

static void on_answered(uv_work_t *work, int status)
{
	struct keyring *k = work->data;
	(void)status; /* nothing is ever cancelled: it would be told by words that are missing */
	k->answered = true;
	k->done(k);
}

int keyring_ask(struct keyring *k, uv_loop_t *loop)
{
	k->work.data = k;
	return uv_queue_work(loop, &k->work, on_thread, on_answered) == 0 ? TROTH_OK : TROTH_E_IO;
}

static size_t copy_names(struct keyring *k, int which, const char *const *names, size_t count)
{
	size_t copied = 0;
	for (; copied < count && copied < TROTH_LIMIT_OFFER_KEYS; copied++) {
		size_t len = strlen(names[copied]);
		if (len > TROTH_NAME_LEN)
			break;
		memcpy(k->names[which][copied], names[copied], len + 1);
		k->name_list[which][copied] = k->names[which][copied];
	}
	return copied;
}

static int copy_event(struct keyring *k, const struct troth_event *e)
{
	int err = TROTH_OK;
	k->event = *e;
	k->event.element = NULL;
	k->event.text = k->event.tls = NULL;
	k->event.address = NULL; /* the stream has it */
	k->event.names = k->name_list[0];
	k->event.name_count = copy_names(k, 0, e->names, e->name_count);
	k->event.issuers = k->name_list[1];
	k->event.issuer_count = copy_names(k, 1, e->issuers, e->issuer_count);
	k->event.endorsements = (const struct troth_endorsement *const *)k->endorsements;
	k->event.endorsement_count = 0;
	if (e->cert != NULL)
		err = troth_cert_new(&k->cert, troth_cert_der(e->cert));
	k->event.cert = k->cert;
	for (size_t i = 0; err == TROTH_OK && i < e->endorsement_count && i < KEYRING_ENDORSED;
	     i++) {
		err = troth_endorsement_copy(&k->endorsements[i], e->endorsements[i]);
		if (err == TROTH_OK)
			k->event.endorsement_count++;
	}
	return err;
}

int keyring_new(struct keyring **out, const struct troth_event *e)
{
	struct keyring *k = calloc(1, sizeof *k);
	if (k == NULL)
		return TROTH_E_NOMEM;
	for (size_t i = 0; i < KEYRING_ITEMS; i++) {
		troth_buf_init(&k->items[i].message, KEYRING_MESSAGE);
		troth_buf_init(&k->items[i].signature, KEYRING_MESSAGE);
	}
	int err = copy_event(k, e);
	if (err != TROTH_OK)
		keyring_free(k);
	else
		*out = k;
	return err;
}

void keyring_free(struct keyring *k)
{
	if (k == NULL)
		return;
	for (size_t i = 0; i < KEYRING_ITEMS; i++) {
		troth_address_free(k->items[i].jid);
		troth_buf_fini(&k->items[i].message);
		troth_buf_fini(&k->items[i].signature);
	}
	for (size_t i = 0; i < KEYRING_ENDORSED; i++)
		troth_endorsement_free(k->endorsements[i]);
	troth_cert_free(k->cert);
	free(k);
}
