/* SPDX-License-Identifier: MIT */
/* What an account publishes of our keys. Layer: cli. */
#include "cli/account/publishing.h"

#include "base/slice.h"

#include <stdio.h>
#include <string.h>
#include <troth/err.h>

#define KEY_SIZE (TROTH_STORE_TEXT_MAX + 1)

static const struct {
	const char *name;
	enum troth_publish publish;
} names[] = {
	{"open", TROTH_PUBLISH_OPEN},    {"presence", TROTH_PUBLISH_PRESENCE},
	{"own", TROTH_PUBLISH_OWN},      {"asked", TROTH_PUBLISH_ASKED},
	{"none", TROTH_PUBLISH_NO_MORE},
};

static int key_of(char out[KEY_SIZE], const char *jid)
{
	int len = snprintf(out, KEY_SIZE, "publish:%s", jid);
	return len > 0 && len < KEY_SIZE ? TROTH_OK : TROTH_E_LIMIT;
}

static bool find(const char *name, enum troth_publish *out)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strcmp(names[i].name, name) != 0)
			continue;
		*out = names[i].publish;
		return true;
	}
	return false;
}

const char *troth_publishing_name(enum troth_publish publish)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].publish == publish)
			return names[i].name;
	return NULL;
}

int troth_publishing_get(struct troth_store *store, const char *jid, enum troth_publish *out)
{
	struct troth_buf text TROTH_CLEANUP(troth_buf_fini);
	char key[KEY_SIZE];
	const char *name;
	enum troth_publish found = TROTH_PUBLISH_NOTHING;
	troth_buf_init(&text, KEY_SIZE);
	int err = key_of(key, jid);
	if (err == TROTH_OK)
		err = troth_store_setting_get(store, key, &text);
	if (err == TROTH_OK)
		err = troth_buf_cstr(&text, &name);
	if (err == TROTH_OK && !find(name, &found)) /* of a newer version: rather too little */
		found = TROTH_PUBLISH_NOTHING;
	if (err == TROTH_E_NOT_FOUND)
		err = TROTH_OK;
	if (err == TROTH_OK)
		*out = found;
	return err;
}

enum troth_exit troth_publishing_read(struct troth_cli *cli, bool *given, enum troth_publish *out)
{
	const char *name = troth_cli_value(cli, "publish");
	*given = name != NULL;
	if (name == NULL || find(name, out))
		return TROTH_EXIT_OK;
	return troth_cli_usage(cli, "--publish takes open, presence, own, asked or none, not '%s'",
			       name);
}

int troth_publishing_keep(struct troth_store *store, const char *jid, enum troth_publish publish)
{
	char key[KEY_SIZE];
	int err = key_of(key, jid);
	return err == TROTH_OK ? troth_store_setting_set(store, key, troth_publishing_name(publish))
			       : err;
}
