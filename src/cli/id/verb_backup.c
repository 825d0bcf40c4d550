/* SPDX-License-Identifier: MIT */
/* `troth backup` and `troth init --from-backup`: a home as one sealed file. Layer: cli. */
#include "base/slice.h"
#include "cli/id/backup.h"
#include "cli/terminal/fingerprint.h"
#include "cli/terminal/prompt.h"
#include "cli/terminal/when.h"
#include "cli/terminal/words.h"
#include "cli/verbs.h"
#include "store/backup.h"
#include "store/private.h"
#include "store/sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>
#include <unistd.h>

#define WORDS 6 /* of a passphrase that is made: 66 bits, and Argon2id before each guess */

static enum troth_exit failed(struct troth_cli *cli, int err,
			      const struct troth_backup_problem *problem, const char *what)
{
	const bool told = *problem->text != 0;
	/* Where something is already, nothing is made: the only failure with one way out. */
	const char *next = strstr(problem->text, strerror(EEXIST)) != NULL
				   ? "There is a device in that home: --home DIR makes another one."
				   : NULL;
	return troth_cli_fail(cli,
			      &(struct troth_failure){.err = err,
						      .cause = told ? problem->text : NULL,
						      .next = next},
			      "%s", what);
}

/* ---- making one ---- */

static enum troth_exit cant_write(struct troth_cli *cli, const char *path, int why)
{
	return troth_cli_fail(
		cli,
		&(struct troth_failure){.err = TROTH_E_IO,
					.cause = strerror(why),
					.next = why == EEXIST ? "Give another name, or remove that "
								"file: a backup overwrites none."
							      : NULL},
		"can't write the backup %s", path);
}

static enum troth_exit save(struct troth_cli *cli, const char *path, struct troth_slice bytes)
{
	int err = troth_private_write(AT_FDCWD, path, bytes);
	return err == TROTH_OK ? TROTH_EXIT_OK : cant_write(cli, path, errno);
}

/* Effect: whoever types it has it, before anything depends on it. */
static enum troth_exit make_passphrase(struct troth_cli *cli, struct troth_buf *out)
{
	char question[200];
	const char *text = "";
	int err = troth_words_make(out, WORDS);
	if (err == TROTH_OK)
		err = troth_buf_cstr(out, &text);
	if (err != TROTH_OK)
		return troth_cli_fail(cli, &(struct troth_failure){.err = err},
				      "can't make a passphrase");
	(void)snprintf(question, sizeof question,
		       "Write this passphrase down (nothing else keeps it), then type it: %s",
		       text);
	enum troth_exit status = troth_prompt_confirm(cli, question, text);
	sodium_memzero(question, sizeof question);
	return status;
}

static enum troth_exit seal(struct troth_cli *cli, struct troth_slice plain, struct troth_buf *out)
{
	char *typed = NULL;
	const char *passphrase = NULL;
	struct troth_buf made TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&made, 128);
	enum troth_exit status = troth_prompt_backup_passphrase(cli, true, &typed);
	if (status == TROTH_EXIT_OK && typed == NULL)
		status = make_passphrase(cli, &made);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = typed == NULL ? troth_buf_cstr(&made, &passphrase) : TROTH_OK;
	if (err == TROTH_OK)
		err = troth_sealed_write(out, plain, typed ? typed : passphrase, NULL);
	troth_prompt_free(typed);
	return err == TROTH_OK ? TROTH_EXIT_OK
			       : troth_cli_fail(cli, &(struct troth_failure){.err = err},
						"can't seal the backup");
}

static enum troth_exit run(struct troth_cli *cli)
{
	struct troth_store *store;
	struct troth_backup_problem problem = {""};
	struct troth_buf plain TROTH_CLEANUP(troth_buf_fini);
	struct troth_buf sealed TROTH_CLEANUP(troth_buf_fini);
	const char *path = troth_cli_arg(cli, 0);
	troth_buf_init(&plain, TROTH_SEALED_MAX);
	troth_buf_init(&sealed, TROTH_SEALED_MAX);
	enum troth_exit status = troth_cli_args(cli, 1, 1);
	if (status == TROTH_EXIT_OK)
		status = troth_home_store(cli, &store);
	if (status == TROTH_EXIT_OK && access(path, F_OK) == 0) /* before anything is asked */
		status = cant_write(cli, path, EEXIST);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_backup_make(store, cli->home.path, &plain, &problem);
	if (err != TROTH_OK)
		return failed(cli, err, &problem, "can't make a backup");
	status = seal(cli, troth_buf_slice(&plain), &sealed);
	if (status == TROTH_EXIT_OK)
		status = save(cli, path, troth_buf_slice(&sealed));
	if (status != TROTH_EXIT_OK)
		return status;
	troth_line(&cli->out, TROTH_STYLE_GOOD, "The backup is in %s.", path);
	troth_json(&cli->out, json_pack("{s:o, s:I}", "backup", troth_json_text(path), "bytes",
					(json_int_t)troth_buf_len(&sealed)));
	troth_note(&cli->out,
		   "It is this device: whoever opens it can speak as you. Restore it only "
		   "when this one is gone for good, by `troth init --from-backup`.");
	return TROTH_EXIT_OK;
}

/* ---- restoring one ---- */

static enum troth_exit load(struct troth_cli *cli, const char *path, struct troth_buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? 1 : -1;
	int err = TROTH_OK;
	while (n > 0 && err == TROTH_OK) {
		uint8_t *to;
		err = troth_buf_reserve(out, 65536, &to);
		if (err == TROTH_OK && (n = read(fd, to, 65536)) > 0)
			troth_buf_commit(out, (size_t)n);
	}
	int why = errno;
	if (fd >= 0)
		(void)close(fd);
	if (n == 0 && err == TROTH_OK)
		return TROTH_EXIT_OK;
	return troth_cli_fail(
		cli,
		&(struct troth_failure){.err = err != TROTH_OK ? err : TROTH_E_IO,
					.cause = err == TROTH_OK ? strerror(why) : NULL},
		"can't read the backup %s", path);
}

static enum troth_exit unseal(struct troth_cli *cli, struct troth_slice sealed,
			      struct troth_buf *out)
{
	char *passphrase = NULL;
	enum troth_exit status = troth_prompt_backup_passphrase(cli, false, &passphrase);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_sealed_read(out, sealed, passphrase);
	troth_prompt_free(passphrase);
	if (err == TROTH_OK)
		return TROTH_EXIT_OK;
	return troth_cli_fail(
		cli,
		&(struct troth_failure){
			.err = err,
			.cause = err == TROTH_E_FORMAT ? "That is no backup of this program."
				 : err == TROTH_E_PASSPHRASE
					 ? "The passphrase is another one, or the file is damaged."
					 : NULL},
		"can't open the backup");
}

static void show(struct troth_cli *cli)
{
	char pin[TROTH_FINGERPRINT_LEN];
	const struct troth_cert *cert;
	if (troth_home_cert(cli, &cert) != TROTH_EXIT_OK)
		return;
	troth_line(&cli->out, TROTH_STYLE_GOOD, "This device is the one of the backup now.");
	troth_line(&cli->out, TROTH_STYLE_PLAIN, "  fingerprint  %s",
		   troth_fingerprint(pin, troth_cert_pin(cert)));
	troth_json(&cli->out,
		   json_pack("{s:o, s:s}", "home", troth_json_text(cli->home.path), "fingerprint",
			     troth_fingerprint_hex(pin, troth_cert_pin(cert))));
	troth_note(&cli->out,
		   "If the device of the backup still runs, the two are copies of each other: "
		   "`troth init --replace` on one of them. What happened since the backup isn't "
		   "known here: contacts, and keys that were revoked since.");
}

enum troth_exit troth_backup_init(struct troth_cli *cli)
{
	const char *home;
	struct troth_backup_problem problem = {""};
	struct troth_buf sealed TROTH_CLEANUP(troth_buf_fini);
	struct troth_buf plain TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&sealed, TROTH_SEALED_MAX);
	troth_buf_init(&plain, TROTH_SEALED_MAX);
	enum troth_exit status = troth_home_path(cli, &home);
	if (status == TROTH_EXIT_OK && troth_home_has_key(home)) /* before anything is asked */
		return troth_cli_fail(
			cli,
			&(struct troth_failure){.err = TROTH_E_EXISTS,
						.cause = "",
						.next = "--home DIR makes another one."},
			"there is a device in %s already", home);
	if (status == TROTH_EXIT_OK)
		status = load(cli, troth_cli_value(cli, "from-backup"), &sealed);
	if (status == TROTH_EXIT_OK)
		status = unseal(cli, troth_buf_slice(&sealed), &plain);
	if (status == TROTH_EXIT_OK)
		status = troth_home_make(cli, &home);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_backup_restore(home, troth_buf_slice(&plain), troth_when_now(), &problem);
	if (err != TROTH_OK)
		return failed(cli, err, &problem, "can't restore the backup");
	show(cli);
	return TROTH_EXIT_OK;
}

static const struct troth_option options[] = {
	TROTH_BACKUP_OPTIONS,
	{NULL, 0, NULL, NULL, TROTH_COMPLETE_NOTHING},
};
static const char *const usage[] = {"FILE", NULL};
static const struct troth_example examples[] = {
	{"troth backup /media/stick/phone.troth",
	 "keys, contacts and record; asks for a passphrase"},
	{"troth init --from-backup /media/stick/phone.troth",
	 "on a new machine, when the old is gone"},
	{NULL, NULL},
};

const struct troth_verb troth_verb_backup = {
	.name = "backup",
	.help = "keep this device's key and contacts in one encrypted file",
	.usage = usage,
	.about =
		"The file has the keys, the trust store as it is now, and a device's code, sealed\n"
		"by a passphrase (Argon2id, XChaCha20-Poly1305). `troth init --from-backup` makes\n"
		"a home of it. It is for a device that is lost: two that run from one backup are\n"
		"copies of each other, and each refuses the other. A further device is paired, "
		"and\n"
		"joined by `troth user`, instead.",
	.options = options,
	.examples = examples,
	.complete = TROTH_COMPLETE_FILE,
	.run = run,
};
