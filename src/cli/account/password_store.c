/* SPDX-License-Identifier: MIT */
/* Keeping and finding passwords of accounts. Layer: cli. */
#include "cli/account/password_store.h"

#include "base/slice.h"
#include "cli/account/secret_service.h"

#include <stdio.h>
#include <string.h>
#include <troth/err.h>

#define KEY_SIZE (TROTH_STORE_TEXT_MAX + 16)

static const char *const names[] = {
	[TROTH_PASSWORD_NOWHERE] = "none",
	[TROTH_PASSWORD_IN_FILE] = "file",
	[TROTH_PASSWORD_IN_SERVICE] = "secret-service",
};
#define PLACES (sizeof names / sizeof *names)

const char *troth_password_place_name(enum troth_password_place place)
{
	return place < PLACES ? names[place] : "";
}

enum troth_exit troth_password_place_read(struct troth_cli *cli, enum troth_password_place *out)
{
	const char *name = troth_cli_value(cli, "password-store");
	const bool file = troth_cli_has(cli, "keep-password");
	if (file && name != NULL && strcmp(name, names[TROTH_PASSWORD_IN_FILE]) != 0)
		return troth_cli_usage(cli, "--keep-password is --password-store=file, not '%s'",
				       name);
	if (name == NULL) {
		*out = file ? TROTH_PASSWORD_IN_FILE : TROTH_PASSWORD_BEST;
		return TROTH_EXIT_OK;
	}
	for (size_t i = 0; i < PLACES; i++) {
		if (strcmp(names[i], name) != 0)
			continue;
		*out = (enum troth_password_place)i;
		return TROTH_EXIT_OK;
	}
	return troth_cli_usage(cli, "--password-store takes secret-service, file or none, not '%s'",
			       name);
}

/* ---- the note that it is in the service ---- */

static int key_of(char out[KEY_SIZE], const char *jid)
{
	int len = snprintf(out, KEY_SIZE, "password:%s", jid);
	return len > 0 && len < KEY_SIZE ? TROTH_OK : TROTH_E_LIMIT;
}

static int note(struct troth_store *store, const char *jid, bool in_service)
{
	char key[KEY_SIZE];
	int err = key_of(key, jid);
	const char *value = in_service ? names[TROTH_PASSWORD_IN_SERVICE] : NULL;
	return err == TROTH_OK ? troth_store_setting_set(store, key, value) : err;
}

static int is_noted(struct troth_store *store, const char *jid, bool *out)
{
	struct troth_buf text TROTH_CLEANUP(troth_buf_fini);
	char key[KEY_SIZE];
	troth_buf_init(&text, KEY_SIZE);
	int err = key_of(key, jid);
	if (err == TROTH_OK)
		err = troth_store_setting_get(store, key, &text);
	if (err == TROTH_OK || err == TROTH_E_NOT_FOUND)
		*out = err == TROTH_OK;
	return err == TROTH_E_NOT_FOUND ? TROTH_OK : err;
}

int troth_password_place_of(struct troth_store *store, const struct troth_store_account *account,
			    enum troth_password_place *out)
{
	bool noted;
	int err = is_noted(store, account->jid, &noted);
	if (err == TROTH_OK)
		*out = account->password != NULL ? TROTH_PASSWORD_IN_FILE
		       : noted                   ? TROTH_PASSWORD_IN_SERVICE
						 : TROTH_PASSWORD_NOWHERE;
	return err;
}

/* ---- keeping ---- */

static enum troth_exit cant_keep(struct troth_cli *cli, const char *jid, int err,
				 const struct troth_secret_service_problem *problem)
{
	return troth_cli_fail(
		cli,
		&(struct troth_failure){.err = err,
					.cause = *problem->cause != 0 ? problem->cause : NULL,
					.next = "With --password-store=none the account is kept, "
						"and its password asked for each time."},
		"can't keep the password of %s", jid);
}

/* Effect: *place becomes where it is: what the user didn't ask for may fail. */
static enum troth_exit into_service(struct troth_cli *cli, const char *jid,
				    const struct troth_secret *password,
				    enum troth_password_place *place)
{
	struct troth_secret_service_problem problem;
	int err = troth_secret_service_put(cli, jid, password, &problem);
	if (err != TROTH_OK && *place == TROTH_PASSWORD_IN_SERVICE)
		return cant_keep(cli, jid, err, &problem);
	if (err != TROTH_OK)
		troth_note(&cli->out, "The password isn't kept: %s",
			   *problem.cause != 0 ? problem.cause : troth_err_text(err));
	*place = err == TROTH_OK ? TROTH_PASSWORD_IN_SERVICE : TROTH_PASSWORD_NOWHERE;
	return TROTH_EXIT_OK;
}

/* Effect: one that was kept before, and won't be used any more. */
static bool out_of_service(struct troth_cli *cli, const char *jid)
{
	struct troth_secret_service_problem problem;
	int err = troth_secret_service_remove(cli, jid, &problem);
	if (err == TROTH_OK || err == TROTH_E_NOT_FOUND)
		return true;
	const struct troth_failure failure = {
		.err = err,
		.cause = *problem.cause != 0 ? problem.cause : NULL,
		.next = "Remove \"Password of ... for troth\" there, by your desktop's program for "
			"passwords."};
	(void)troth_cli_fail(cli, &failure,
			     "the password of %s is still in the desktop's secret service", jid);
	return false;
}

static enum troth_exit put(struct troth_cli *cli, const struct troth_store_account *account,
			   enum troth_password_place place)
{
	bool noted;
	int err = is_noted(cli->home.store, account->jid, &noted);
	if (err == TROTH_OK)
		err = troth_store_account_put(cli->home.store, account);
	if (err == TROTH_OK)
		err = note(cli->home.store, account->jid, place == TROTH_PASSWORD_IN_SERVICE);
	if (err != TROTH_OK)
		return troth_home_store_failed(cli, err, "can't keep the account");
	return noted && place != TROTH_PASSWORD_IN_SERVICE && !out_of_service(cli, account->jid)
		       ? TROTH_EXIT_LOCAL
		       : TROTH_EXIT_OK;
}

enum troth_exit troth_password_keep(struct troth_cli *cli,
				    const struct troth_store_account *account,
				    const struct troth_secret *password,
				    enum troth_password_place place,
				    enum troth_password_place *kept)
{
	struct troth_store_account keep = *account;
	enum troth_exit status = TROTH_EXIT_OK;
	if (password == NULL)
		place = TROTH_PASSWORD_NOWHERE;
	if (place == TROTH_PASSWORD_BEST || place == TROTH_PASSWORD_IN_SERVICE)
		status = into_service(cli, keep.jid, password, &place);
	if (status != TROTH_EXIT_OK)
		return status;
	keep.password = place == TROTH_PASSWORD_IN_FILE
				? (const char *)troth_secret_bytes(password).data
				: NULL;
	*kept = place;
	return put(cli, &keep, place);
}

enum troth_exit troth_password_forget(struct troth_cli *cli, const char *jid, int64_t now)
{
	struct troth_store *store = cli->home.store;
	bool noted = false;
	int err = is_noted(store, jid, &noted);
	if (err == TROTH_OK)
		err = troth_store_account_remove(store, jid, now);
	if (err == TROTH_OK)
		err = note(store, jid, false);
	if (err != TROTH_OK)
		return troth_home_store_failed(cli, err, "can't forget the account");
	return noted && !out_of_service(cli, jid) ? TROTH_EXIT_LOCAL : TROTH_EXIT_OK;
}

/* ---- getting ---- */

int troth_password_get(struct troth_cli *cli, const struct troth_store_account *account,
		       struct troth_secret **out, struct troth_secret_service_problem *problem)
{
	enum troth_password_place place;
	*problem = (struct troth_secret_service_problem){.next = NULL};
	int err = troth_password_place_of(cli->home.store, account, &place);
	if (err != TROTH_OK)
		return err;
	switch (place) {
	case TROTH_PASSWORD_IN_FILE:
		return troth_secret_new(out, troth_slice_str(account->password));
	case TROTH_PASSWORD_IN_SERVICE:
		return troth_secret_service_get(cli, account->jid, out, problem);
	case TROTH_PASSWORD_NOWHERE:
	case TROTH_PASSWORD_BEST:
		break;
	}
	*out = NULL;
	return TROTH_OK;
}

enum troth_exit troth_password_failed(struct troth_cli *cli, const char *jid, int err,
				      const struct troth_secret_service_problem *problem)
{
	const struct troth_failure failure = {.err = err,
					      .cause = *problem->cause != 0 ? problem->cause : NULL,
					      .next = problem->next};
	return troth_cli_fail(cli, &failure, "can't get the password of %s", jid);
}
