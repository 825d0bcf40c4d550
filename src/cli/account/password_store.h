/* SPDX-License-Identifier: MIT */
/*
 * Where the password of an account is kept, and getting it from there. Layer: cli. One place is
 * never tried for another: what can't be had is told.
 */
#ifndef TROTH_CLI_ACCOUNT_PASSWORD_STORE_H
#define TROTH_CLI_ACCOUNT_PASSWORD_STORE_H

#include "cli/cli.h"
#include "store/store.h"

enum troth_password_place {
	TROTH_PASSWORD_NOWHERE,    /* asked for each time */
	TROTH_PASSWORD_IN_FILE,    /* in trust.db, in clear */
	TROTH_PASSWORD_IN_SERVICE, /* in the desktop's secret service */
	TROTH_PASSWORD_BEST        /* of an option: in the service where one can be reached */
};

/* "none", "file", "secret-service"; static string. */
const char *troth_password_place_name(enum troth_password_place place);

/* Effect: what --password-store, or --keep-password, says; TROTH_PASSWORD_BEST without. */
enum troth_exit troth_password_place_read(struct troth_cli *cli, enum troth_password_place *out);
/* Effect: where an account's password is. Errors: those of the store. */
int troth_password_place_of(struct troth_store *store, const struct troth_store_account *account,
			    enum troth_password_place *out) TROTH_MUST_USE;

/* Effect: keeps the account, its password at `place` and nowhere else; *kept is where. An account
 * whose password can't be kept where the user said isn't kept either. Failures are told. */
enum troth_exit troth_password_keep(struct troth_cli *cli,
				    const struct troth_store_account *account,
				    const struct troth_secret *password,
				    enum troth_password_place place,
				    enum troth_password_place *kept);
/* Effect: forgets the account, and its password wherever that is. The account is forgotten in any
 * case; a password that stays behind is told. */
enum troth_exit troth_password_forget(struct troth_cli *cli, const char *jid, int64_t now);

struct troth_secret_service_problem;
/* Effect: the kept password of an account into *out, the caller's; NULL where none is kept.
 * Failures aren't told: *problem is empty or says why. Errors: those of the store and of the
 * service. */
int troth_password_get(struct troth_cli *cli, const struct troth_store_account *account,
		       struct troth_secret **out,
		       struct troth_secret_service_problem *problem) TROTH_MUST_USE;
/* Effect: tells that it failed; "can't get the password of JID". */
enum troth_exit troth_password_failed(struct troth_cli *cli, const char *jid, int err,
				      const struct troth_secret_service_problem *problem);

#ifdef TROTH_NO_SECRET_SERVICE
#define TROTH_PASSWORD_STORE_HELP                                                                  \
	"where to keep the password: file (in clear), none; no secret-service here"
#else
#define TROTH_PASSWORD_STORE_HELP                                                                  \
	"where to keep the password: secret-service, file (in clear) or none"
#endif
#define TROTH_PASSWORD_STORE_OPTIONS                                                               \
	{"password-store", 0, "WHERE", TROTH_PASSWORD_STORE_HELP, TROTH_COMPLETE_PASSWORD},        \
	{                                                                                          \
		"keep-password", 0, NULL, "the same as --password-store=file",                     \
			TROTH_COMPLETE_NOTHING                                                     \
	}

#endif
