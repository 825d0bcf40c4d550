/* SPDX-License-Identifier: MIT */
/* Names of people as JIDs, and back (XEP-0106 "JID Escaping"). Layer: session. Pure. */
#include "session/person.h"

#include <stdio.h>
#include <string.h>
#include <troth/address.h>
#include <troth/err.h>

/* XEP-0106 2: what a local part can't hold, and the escape itself. */
static const struct {
	char character;
	const char *escape;
} escapes[] = {
	{' ', "\\20"}, {'"', "\\22"}, {'&', "\\26"}, {'\'', "\\27"}, {'/', "\\2f"},
	{':', "\\3a"}, {'<', "\\3c"}, {'>', "\\3e"}, {'@', "\\40"},  {'\\', "\\5c"},
};

static const char *escape_of(char c)
{
	for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
		if (escapes[i].character == c)
			return escapes[i].escape;
	}
	return NULL;
}

static int escape(const char *label, char out[TROTH_PERSON_MAX + 1])
{
	size_t len = 0;
	if (strlen(label) > TROTH_STORE_LABEL_MAX)
		return TROTH_E_LIMIT;
	_Static_assert(3 * TROTH_STORE_LABEL_MAX + sizeof TROTH_PERSON_DOMAIN + 1 <=
			       TROTH_PERSON_MAX,
		       "every label must fit");
	for (const char *c = label; *c != 0; c++) {
		const char *escaped = escape_of(*c);
		if (escaped == NULL) {
			out[len++] = *c;
			continue;
		}
		memcpy(out + len, escaped, 3);
		len += 3;
	}
	(void)snprintf(out + len, TROTH_PERSON_MAX + 1 - len, "@" TROTH_PERSON_DOMAIN);
	return TROTH_OK;
}

int troth_person_jid(const char *name, char out[TROTH_PERSON_MAX + 1])
{
	char jid[TROTH_PERSON_MAX + 1];
	struct troth_address *address;
	int err = TROTH_OK;
	if (strlen(name) > TROTH_PERSON_MAX)
		return TROTH_E_LIMIT;
	if (strchr(name, '@') != NULL)
		(void)snprintf(jid, sizeof jid, "%s", name);
	else
		err = escape(name, jid);
	if (err == TROTH_OK)
		err = troth_address_new(&address, TROTH_REALM_SERVER, jid);
	if (err != TROTH_OK)
		return err;
	if (strlen(troth_address_bare(address)) > TROTH_PERSON_MAX)
		err = TROTH_E_LIMIT;
	else
		(void)snprintf(out, TROTH_PERSON_MAX + 1, "%s", troth_address_bare(address));
	troth_address_free(address);
	return err;
}

/* The character that an escape at this place stands for; 0: there is none. */
static char unescape(const char *at)
{
	for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
		if (strncmp(at, escapes[i].escape, 3) == 0)
			return escapes[i].character;
	}
	return 0;
}

int troth_person_label(const char *bare, char out[TROTH_STORE_LABEL_MAX + 1])
{
	char label[TROTH_STORE_LABEL_MAX + 1];
	size_t len = 0;
	const char *at = strchr(bare, '@');
	if (at == NULL || at == bare || strcmp(at + 1, TROTH_PERSON_DOMAIN) != 0)
		return TROTH_E_NOT_FOUND;
	for (const char *c = bare; c < at; c++) {
		char plain = unescape(c);
		if (len == TROTH_STORE_LABEL_MAX)
			return TROTH_E_NOT_FOUND;
		label[len++] = plain != 0 ? plain : *c;
		c += plain != 0 ? 2 : 0;
	}
	label[len] = 0;
	memcpy(out, label, len + 1);
	return TROTH_OK;
}
