/* SPDX-License-Identifier: MIT */
/*
 * What is written down of connections: history, log, addresses. Layer: session. What can't
 * be written is told; a stranger can't make us write without bounds.
 */
#include "session/state.h"

#include "base/encode.h"
#include "base/slice.h"

#include <stdio.h>
#include <string.h>

#define STRANGERS_PER_HOUR 60
#define ADDRESSES_KEPT 8 /* of one contact: most names are random and last a day */

const char *record_method(enum troth_method method)
{
	/* The word of the store's history for a proof by key is that of the element. */
	return method == TROTH_METHOD_KEY ? "keyinfo" : troth_method_name(method);
}

static void tell(struct troth_session *s, int err)
{
	if (err != TROTH_OK)
		news_warn(s, NULL, troth_store_error(s->store));
}

void record_log(struct troth_session *s, const char *kind, const char *contact, const char *text)
{
	const struct troth_store_entry entry = {
		.time = session_now(),
		.kind = kind,
		.contact = contact != NULL && contact[0] != 0 ? contact : NULL,
		.text = text,
	};
	tell(s, troth_store_log_append(s->store, &entry));
}

/* Anybody can connect and fail, in a contact's name too: only so many of them are worth a row.
 * Those in contacts' names are counted apart, so that nobody can hide one among the others. */
static bool worth_a_row(struct link *l, int err)
{
	struct troth_session *s = l->session;
	int64_t hour = session_now() / 3600;
	bool proven = troth_stream_level(l->stream) == TROTH_LEVEL_VERIFIED;
	if (err == TROTH_OK || proven || l->call != NULL)
		return true;
	if (s->failures_hour != hour) {
		s->failures_hour = hour;
		memset(s->failures_rows, 0, sizeof s->failures_rows);
	}
	return s->failures_rows[l->contact != 0]++ < STRANGERS_PER_HOUR;
}

/* Of this device, or of its key: which one that was, `troth doctor` wants to know. */
static void log_copy(const struct link *l)
{
	char text[200], hex[TROTH_PIN_LEN * 2 + 1];
	const struct troth_pin *own = troth_cert_pin(troth_device_cert(l->session->device));
	troth_hex(hex, troth_slice_of(own->bytes, sizeof own->bytes));
	(void)snprintf(text, sizeof text, "%s Key %s.", troth_err_text(TROTH_E_SELF), hex);
	record_log(l->session, troth_err_name(TROTH_E_SELF), l->label, text);
}

static void log_failure(struct link *l, int err)
{
	enum troth_err_class class_ = troth_err_class(err);
	if (err == TROTH_E_SELF)
		log_copy(l);
	else if (class_ == TROTH_CLASS_ATTACK || (class_ == TROTH_CLASS_REFUSED && l->contact != 0))
		record_log(l->session, troth_err_name(err), l->label, troth_err_text(err));
}

void record_compared(struct link *l, int err)
{
	if (!worth_a_row(l, err))
		return;
	record_log(l->session, err == TROTH_E_MISMATCH ? "compare-mismatch" : "compare-ended",
		   l->label,
		   err == TROTH_E_MISMATCH
			   ? "Two people compared a string, and it differed: nobody was verified."
			   : "A string was shown, and wasn't confirmed: nobody was verified.");
}

void record_connection(struct link *l, int err)
{
	if (l->recorded || l->superseded || !worth_a_row(l, err))
		return;
	l->recorded = true;
	const struct troth_store_connection row = {
		.contact = l->contact,
		.time = session_now(),
		.pin = l->has_pin ? &l->pin : NULL,
		.incoming = l->incoming,
		.address = link_claimed(l),
		.method = record_method(troth_stream_method(l->stream)),
		.level = troth_level_name(troth_stream_level(l->stream)),
		.transcript = l->transcript,
		.outcome = troth_err_name(err),
		.detail = l->realm == TROTH_REALM_SERVER ? troth_path_name(l->path)
							 : troth_connection_where(l->connection),
	};
	int did = troth_store_history_append(l->session->store, &row);
	/* An address that can't be stored isn't worth losing the row. */
	if (did == TROTH_E_FORMAT || did == TROTH_E_LIMIT) {
		struct troth_store_connection without = row;
		without.address = NULL;
		did = troth_store_history_append(l->session->store, &without);
	}
	tell(l->session, did);
	log_failure(l, err);
}

/* ---- addresses ---- */

struct oldest {
	size_t count;
	char address[TROTH_STORE_TEXT_MAX + 1];
};

static int count_address(void *user, const struct troth_store_address *a)
{
	struct oldest *o = user;
	bool own_word = a->source != NULL && strcmp(a->source, "user") == 0;
	if (a->realm != TROTH_REALM_LINK || own_word || strlen(a->address) >= sizeof o->address)
		return 0;
	o->count++;
	memcpy(o->address, a->address, strlen(a->address) + 1); /* the last one is the oldest */
	return 0;
}

static void note(struct link *l, enum troth_realm realm, const char *text, const char *source)
{
	struct troth_store *store = l->session->store;
	struct oldest oldest = {0};
	const struct troth_store_address address = {
		.realm = realm,
		.address = text,
		.source = source,
		.last_seen = session_now(),
	};
	int err = realm == TROTH_REALM_SERVER ? told_yield(l->session, l->contact, text) : TROTH_OK;
	if (err == TROTH_OK)
		err = troth_store_address_note(store, l->contact, &address);
	/* Held by a contact without a proven key, or not storable: a hint less. */
	if (err == TROTH_E_CONFLICT || err == TROTH_E_FORMAT || err == TROTH_E_LIMIT)
		return;
	if (err == TROTH_OK)
		err = troth_store_address_list(store, l->contact, count_address, &oldest);
	if (err == TROTH_OK && oldest.count > ADDRESSES_KEPT)
		err = troth_store_address_drop(store, l->contact, TROTH_REALM_LINK, oldest.address);
	tell(l->session, err);
}

void record_address(struct link *l)
{
	const struct troth_address *peer = troth_stream_peer(l->stream);
	if (l->contact != 0 && peer != NULL && !online_is_own(l))
		note(l, l->realm, troth_address_bare(peer), "stream");
}

void record_endpoint(struct link *l)
{
	if (l->contact != 0 && l->call != NULL && l->call->kind == TARGET_WHERE)
		note(l, TROTH_REALM_LINK, l->call->at, "endpoint");
}
