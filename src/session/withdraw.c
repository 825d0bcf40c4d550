/* SPDX-License-Identifier: MIT */
/* Taking presence back: notes in the store, changes of rosters. Layer: session. */
#include "session/withdraw.h"

#include "base/slice.h"
#include "session/state.h"
#include "xml/namespace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "withdraw:ACCOUNT ADDRESS": neither has a blank in it. */
#define PREFIX "withdraw:"
#define KEY_SIZE (sizeof PREFIX + 2 * (size_t)TROTH_STORE_TEXT_MAX)
#define TEXTS_MAX ((size_t)256 * 1024)

/* ---- noting ---- */

/* A list calls back while nothing may be changed: its texts, each with a NUL behind it. */
static int add_text(struct troth_buf *texts, const char *text)
{
	return troth_buf_append(texts, (const uint8_t *)text, strlen(text) + 1);
}

static int add_address(void *user, const struct troth_store_address *a)
{
	return a->realm == TROTH_REALM_SERVER ? add_text(user, a->address) : 0;
}

static int add_account(void *user, const struct troth_store_account *a)
{
	return add_text(user, a->jid);
}

static const char *next_text(struct troth_slice *rest)
{
	const char *text = (const char *)rest->data;
	size_t size = rest->len == 0 ? 0 : strlen(text) + 1;
	rest->data += size;
	rest->len -= size;
	return size == 0 ? NULL : text;
}

static int set(struct troth_store *store, const char *account, const char *address,
	       const char *value)
{
	char key[KEY_SIZE];
	int len = snprintf(key, sizeof key, PREFIX "%s %s", account, address);
	if (len < 0 || (size_t)len >= sizeof key)
		return TROTH_E_LIMIT;
	return troth_store_setting_set(store, key, value);
}

int troth_withdraw_note(struct troth_store *store, int64_t contact, size_t *count)
{
	struct troth_buf accounts TROTH_CLEANUP(troth_buf_fini);
	struct troth_buf addresses TROTH_CLEANUP(troth_buf_fini);
	const char *account;
	const char *address;
	troth_buf_init(&accounts, TEXTS_MAX);
	troth_buf_init(&addresses, TEXTS_MAX);
	*count = 0;
	int err = troth_store_account_list(store, add_account, &accounts);
	if (err == TROTH_OK)
		err = troth_store_address_list(store, contact, add_address, &addresses);
	struct troth_slice ours = troth_buf_slice(&accounts);
	while (err == TROTH_OK && (account = next_text(&ours)) != NULL) {
		struct troth_slice theirs = troth_buf_slice(&addresses);
		while (err == TROTH_OK && (address = next_text(&theirs)) != NULL) {
			if (strcmp(account, address) == 0) /* a device of our own */
				continue;
			err = set(store, account, address, "");
			*count += err == TROTH_OK;
		}
	}
	return err;
}

/* ---- doing ---- */

struct withdrawal {
	struct online *online;
	char address[TROTH_STORE_TEXT_MAX + 1];
};

static const char *account_of(const struct online *o)
{
	return troth_address_bare(troth_account_address(o->account));
}

static void done(struct online *o, const char *address)
{
	struct troth_session *s = o->session;
	if (set(s->store, account_of(o), address, NULL) != TROTH_OK)
		news_warn(s, NULL, troth_store_error(s->store));
}

static void warn_of(const struct withdrawal *w)
{
	char text[sizeof w->address + 100];
	(void)snprintf(text, sizeof text,
		       "The server doesn't take %s out of the roster: it may still see us.",
		       w->address);
	news_warn(w->online->session, NULL, text);
}

/* Who isn't in the roster sees us no more than who was taken out. */
static void on_removed(void *user, const struct troth_account_answer *answer)
{
	struct withdrawal *w = user;
	const bool refused = answer->err == TROTH_E_PEER_ERROR;
	w->online->withdrawing--;
	if ((answer->err == TROTH_OK || refused) && !w->online->session->ending)
		done(w->online, w->address);
	if (refused && answer->condition != TROTH_STANZA_ITEM_NOT_FOUND)
		warn_of(w);
	free(w);
}

/* RFC 6121 2.5.1: "A client can delete a roster item by sending a roster set". 2.5.2: the server
 * then cancels both subscriptions. */
static void write_remove(void *user, struct troth_writer *w)
{
	const struct withdrawal *withdrawal = user;
	troth_writer_open(w, TROTH_NS_ROSTER, "query");
	troth_writer_open(w, TROTH_NS_ROSTER, "item");
	troth_writer_attr(w, "jid", withdrawal->address);
	troth_writer_attr(w, "subscription", "remove");
	troth_writer_close(w);
	troth_writer_close(w);
}

static int withdraw(struct online *o, const char *address)
{
	struct withdrawal *w = calloc(1, sizeof *w);
	if (w == NULL)
		return TROTH_E_NOMEM;
	w->online = o;
	(void)snprintf(w->address, sizeof w->address, "%s", address);
	const struct troth_account_iq iq = {
		.set = true, .write = write_remove, .write_user = w, .done = on_removed, .user = w};
	int err = troth_account_ask(o->account, &iq);
	if (err == TROTH_OK)
		o->withdrawing++;
	else
		free(w);
	return err;
}

static int add_noted(void *user, const char *key, const char *value)
{
	(void)value;
	return add_text(user, strchr(key, ' ') + 1);
}

/* Whoever is a contact again is let be. */
static int settle(struct online *o, const char *address)
{
	int64_t contact;
	int err = find_by_address(o->session, TROTH_REALM_SERVER, address, &contact);
	if (err == TROTH_OK && contact != 0)
		done(o, address);
	else if (err == TROTH_OK)
		err = withdraw(o, address);
	return err;
}

void online_withdraw(struct online *o)
{
	struct troth_buf noted TROTH_CLEANUP(troth_buf_fini);
	char prefix[KEY_SIZE];
	const char *address;
	troth_buf_init(&noted, TEXTS_MAX);
	if (o->withdrawing > 0 || !troth_account_is_up(o->account))
		return;
	(void)snprintf(prefix, sizeof prefix, PREFIX "%s ", account_of(o));
	int err = troth_store_setting_list(o->session->store, prefix, add_noted, &noted);
	struct troth_slice rest = troth_buf_slice(&noted);
	while (err == TROTH_OK && (address = next_text(&rest)) != NULL)
		err = settle(o, address);
	if (err != TROTH_OK && err != TROTH_E_UNREACHABLE)
		news_warn(o->session, NULL, "Somebody who was forgotten may still see us.");
}
