/* SPDX-License-Identifier: MIT */
/* Items of --announce. Layer: cli. */
#include "cli/meet/announcing.h"

#include "base/slice.h"
#include "lan/card.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

#define MSG "msg="

bool troth_announcing_status(struct troth_slice word, enum troth_lan_status *out)
{
	static const enum troth_lan_status all[] = {TROTH_LAN_AVAIL, TROTH_LAN_AWAY, TROTH_LAN_DND};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		if (troth_slice_equal(word, troth_slice_str(lan_status_name(all[i])))) {
			*out = all[i];
			return true;
		}
	}
	return false;
}

static int keep(char **at, struct troth_slice value)
{
	char *copy = strndup((const char *)value.data, value.len);
	if (copy == NULL)
		return TROTH_E_NOMEM;
	free(*at);
	*at = copy;
	return TROTH_OK;
}

static int read_pair(struct troth_announcing *a, struct troth_slice key, struct troth_slice value)
{
	const struct {
		const char *key;
		char **at;
	} texts[] = {{"name", &a->name},   {"1st", &a->first}, {"last", &a->last},
		     {"email", &a->email}, {"jid", &a->jid},   {"msg", &a->msg}};
	if (value.len == 0)
		return TROTH_E_FORMAT;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		if (troth_slice_equal(key, troth_slice_str(texts[i].key)))
			return keep(texts[i].at, value);
	}
	if (!troth_slice_equal(key, troth_slice_str("status")) ||
	    !troth_announcing_status(value, &a->status))
		return TROTH_E_FORMAT;
	a->say_status = true;
	return TROTH_OK;
}

static int read_item(struct troth_announcing *a, const char *item, size_t len)
{
	const char *equals = memchr(item, '=', len);
	if (equals != NULL) {
		size_t key = (size_t)(equals - item);
		return read_pair(a, troth_slice_of(item, key),
				 troth_slice_of(equals + 1, len - key - 1));
	}
	if (!troth_slice_equal(troth_slice_of(item, len), troth_slice_str("nick")))
		return TROTH_E_FORMAT;
	a->wants_nick = true;
	return TROTH_OK;
}

int troth_announcing_read(struct troth_announcing *a, const char *text, const char **wrong)
{
	for (;;) {
		/* People write commas in a message. */
		bool rest = strncmp(text, MSG, strlen(MSG)) == 0;
		size_t len = rest ? strlen(text) : strcspn(text, ",");
		int err = read_item(a, text, len);
		if (err == TROTH_E_FORMAT)
			*wrong = text;
		if (err != TROTH_OK || text[len] == 0)
			return err;
		text += len + 1;
	}
}

struct troth_lan_card troth_announcing_card(const struct troth_announcing *a)
{
	return (struct troth_lan_card){
		.nick = a->nick,
		.first = a->first,
		.last = a->last,
		.email = a->email,
		.jid = a->jid,
		.msg = a->msg,
		.say_status = a->say_status,
		.status = a->status,
	};
}

void troth_announcing_fini(struct troth_announcing *a)
{
	char *texts[] = {a->name, a->nick, a->first, a->last, a->email, a->jid, a->msg};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		free(texts[i]);
	*a = (struct troth_announcing){0};
}
