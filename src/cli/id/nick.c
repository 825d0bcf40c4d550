/* SPDX-License-Identifier: MIT */
/* The nickname that the user gave this device. Layer: cli. */
#include "base/slice.h"
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

#define NICK_CHARS 40

enum troth_exit troth_nick_check(struct troth_cli *cli, const char *nick)
{
	/* What cleaning would change, others wouldn't see as it was meant. */
	char *clean = troth_clean(nick, NICK_CHARS);
	bool good = clean && *nick && strcmp(clean, nick) == 0;
	free(clean);
	if (good)
		return TROTH_EXIT_OK;
	return troth_cli_usage(cli, "a nick has 1 to %d visible characters, not '%s'", NICK_CHARS,
			       nick);
}

enum troth_exit troth_home_set_nick(struct troth_cli *cli, const char *nick)
{
	struct troth_store *store;
	enum troth_exit status = troth_nick_check(cli, nick);
	if (status == TROTH_EXIT_OK)
		status = troth_home_store(cli, &store);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_store_setting_set(store, TROTH_SETTING_NICK, nick);
	return err ? troth_home_store_failed(cli, err, "can't keep the nickname") : TROTH_EXIT_OK;
}

enum troth_exit troth_home_nick(struct troth_cli *cli, char **out)
{
	struct troth_store *store;
	enum troth_exit status = troth_home_store(cli, &store);
	if (status != TROTH_EXIT_OK)
		return status;
	struct troth_buf nick TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&nick, TROTH_STORE_TEXT_MAX + 1);
	int err = troth_store_setting_get(store, TROTH_SETTING_NICK, &nick);
	if (err == TROTH_E_NOT_FOUND) {
		*out = NULL;
		return TROTH_EXIT_OK;
	}
	const char *text = "";
	if (!err)
		err = troth_buf_cstr(&nick, &text);
	char *copy = err ? NULL : strdup(text);
	if (!copy)
		return troth_home_store_failed(cli, err ? err : TROTH_E_NOMEM,
					       "can't read the nickname");
	*out = copy;
	return TROTH_EXIT_OK;
}
