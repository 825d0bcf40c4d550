/* SPDX-License-Identifier: MIT */
/* The user key's file. Layer: cli. */
#include "cli/user/user_key.h"

#include "base/slice.h"
#include "cli/id/token_key.h"
#include "cli/terminal/prompt.h"
#include "cli/terminal/when.h"
#include "store/keyfile.h"
#include "store/private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <troth/err.h>
#include <unistd.h>

#define PASSPHRASE_TRIES 3

enum troth_exit troth_user_own(struct troth_cli *cli, struct troth_own **out)
{
	struct troth_store *store;
	const struct troth_cert *cert;
	enum troth_exit status = troth_home_cert(cli, &cert);
	if (status == TROTH_EXIT_OK)
		status = troth_home_store(cli, &store);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_own_load(out, store, cert);
	return err == TROTH_OK ? TROTH_EXIT_OK
			       : troth_home_store_failed(cli, err, "can't read your own keys");
}

/* ---- reading ---- */

static enum troth_exit file_failed(struct troth_cli *cli, const char *path, const char *what)
{
	return troth_cli_fail(cli,
			      &(struct troth_failure){.err = TROTH_E_IO, .cause = strerror(errno)},
			      "can't %s %s", what, path);
}

static int read_all(int fd, struct troth_buf *out)
{
	for (;;) {
		uint8_t *to;
		int err = troth_buf_reserve(out, 4096, &to);
		if (err != TROTH_OK)
			return err;
		ssize_t n = read(fd, to, 4096);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return TROTH_E_IO;
		if (n == 0)
			return TROTH_OK;
		troth_buf_commit(out, (size_t)n);
	}
}

/* A stick has no rights of its own: who may read the file is told, not refused. */
static enum troth_exit load_path(struct troth_cli *cli, const char *path, struct troth_buf *pem)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return file_failed(cli, path, "open the user key");
	int err = read_all(fd, pem);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077) != 0)
		troth_note(&cli->out, "Other users of this machine may read %s.", path);
	close(fd);
	if (err == TROTH_E_IO)
		return file_failed(cli, path, "read the user key");
	return err == TROTH_OK ? TROTH_EXIT_OK
			       : troth_cli_fail(cli, &(struct troth_failure){.err = TROTH_E_FORMAT},
						"%s isn't a user key", path);
}

static enum troth_exit load_home(struct troth_cli *cli, struct troth_buf *pem)
{
	const char *home = "";
	struct troth_keyfile_problem problem;
	enum troth_exit status = troth_home_path(cli, &home);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_keyfile_load_kind(home, TROTH_KEYFILE_USER, pem, &problem);
	if (err == TROTH_OK)
		return TROTH_EXIT_OK;
	struct troth_failure failure = {.err = err, .cause = problem.text};
	if (err == TROTH_E_NOT_FOUND)
		failure.next = "Name its file by --user-key FILE, or make one: `troth user init`.";
	return troth_cli_fail(cli, &failure, "can't read your user key");
}

static enum troth_exit unlock(struct troth_cli *cli, struct troth_slice pem,
			      struct troth_device **out)
{
	int err = TROTH_E_PASSPHRASE;
	int tries = troth_cli_has(cli, "user-passphrase-fd") ? 1 : PASSPHRASE_TRIES;
	for (int i = 0; i < tries && err == TROTH_E_PASSPHRASE; i++) {
		char *passphrase;
		enum troth_exit status = troth_prompt_user_passphrase(cli, false, &passphrase);
		if (status != TROTH_EXIT_OK)
			return status;
		err = troth_device_read(out, pem, passphrase != NULL ? passphrase : "");
		troth_prompt_free(passphrase);
		if (err == TROTH_E_PASSPHRASE && i + 1 < tries)
			troth_note(&cli->out, "That passphrase is wrong.");
	}
	if (err != TROTH_OK)
		return troth_cli_fail(cli, &(struct troth_failure){.err = err},
				      "can't open your user key");
	return TROTH_EXIT_OK;
}

enum troth_exit troth_user_key_open(struct troth_cli *cli, struct troth_device **out)
{
	struct troth_buf pem TROTH_CLEANUP(troth_buf_fini);
	const char *path = troth_cli_value(cli, "user-key");
	troth_buf_init(&pem, TROTH_KEYFILE_MAX + 4096);
	enum troth_exit status = path != NULL ? load_path(cli, path, &pem) : load_home(cli, &pem);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_device_read(out, troth_buf_slice(&pem), NULL);
	if (err == TROTH_E_PASSPHRASE)
		return unlock(cli, troth_buf_slice(&pem), out);
	if (err == TROTH_E_KEY)
		return troth_token_key_open(cli, TROTH_TOKEN_USER, troth_buf_slice(&pem), out);
	return err == TROTH_OK ? TROTH_EXIT_OK
			       : troth_cli_fail(cli, &(struct troth_failure){.err = err},
						"can't read your user key");
}

struct troth_device *troth_user_key_at_hand(struct troth_cli *cli)
{
	struct troth_buf pem TROTH_CLEANUP(troth_buf_fini);
	struct troth_device *key = NULL;
	troth_buf_init(&pem, TROTH_KEYFILE_MAX + 4096);
	if (cli->home.path != NULL &&
	    troth_keyfile_load_kind(cli->home.path, TROTH_KEYFILE_USER, &pem, NULL) == TROTH_OK &&
	    troth_device_read(&key, troth_buf_slice(&pem), NULL) != TROTH_OK)
		key = NULL; /* it has a passphrase, which only its user gives */
	return key;
}

static int renew(struct troth_cli *cli, const struct troth_own *own, const struct troth_device *key)
{
	const struct troth_cert *cert;
	if (key == NULL || troth_home_cert(cli, &cert) != TROTH_EXIT_OK ||
	    !troth_pin_equal(troth_cert_pin(troth_device_cert(key)), troth_cert_pin(own->user_key)))
		return TROTH_OK;
	const struct troth_store_entry entry = {
		.time = troth_when_now(),
		.kind = "device-endorsed",
		.text = "The user key endorsed this device again, in time.",
	};
	int err = troth_own_endorse(cli->home.store, key, cert, troth_when_now(), NULL);
	return err == TROTH_OK ? troth_store_log_append(cli->home.store, &entry) : err;
}

void troth_user_renew(struct troth_cli *cli)
{
	struct troth_own *own;
	const struct troth_cert *cert;
	if (troth_home_cert(cli, &cert) != TROTH_EXIT_OK ||
	    troth_user_own(cli, &own) != TROTH_EXIT_OK)
		return;
	const struct troth_own_device *this = troth_own_device_find(own, troth_cert_pin(cert));
	bool revoked = this != NULL && this->revoked != NULL;
	if (own->user_key != NULL && !revoked && troth_own_is_due(this, troth_when_now())) {
		struct troth_device *key = troth_user_key_at_hand(cli);
		if (renew(cli, own, key) != TROTH_OK)
			troth_note(&cli->out,
				   "The endorsement of this device couldn't be renewed.");
		troth_device_free(key);
	}
	troth_own_free(own);
}

const struct troth_device *troth_user_former(struct troth_cli *cli)
{
	struct troth_own *own;
	bool recent = false;
	if (troth_user_own(cli, &own) != TROTH_EXIT_OK)
		return NULL;
	if (own->renewal[0] != NULL)
		recent = troth_when_now() - own->renewal[0]->issued_at < TROTH_OWN_LIFE;
	troth_own_free(own);
	return recent ? troth_home_former(cli) : NULL;
}

/* ---- writing ---- */

static enum troth_exit save_path(struct troth_cli *cli, const char *path, struct troth_slice pem)
{
	int err = troth_private_write(AT_FDCWD, path, pem);
	return err == TROTH_OK ? TROTH_EXIT_OK : file_failed(cli, path, "make");
}

static enum troth_exit save_home(struct troth_cli *cli, struct troth_slice pem)
{
	const char *home = "";
	struct troth_keyfile_problem problem;
	enum troth_exit status = troth_home_path(cli, &home);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_keyfile_save_kind(home, TROTH_KEYFILE_USER, pem,
					  troth_cli_has(cli, "replace"), &problem);
	return err == TROTH_OK
		       ? TROTH_EXIT_OK
		       : troth_cli_fail(cli,
					&(struct troth_failure){.err = err, .cause = problem.text},
					"can't keep the new user key");
}

/* Programs give a passphrase or none; people are asked. */
static enum troth_exit new_passphrase(struct troth_cli *cli, char **out)
{
	*out = NULL;
	if (!troth_cli_has(cli, "user-passphrase-fd") && !isatty(STDIN_FILENO))
		return TROTH_EXIT_OK;
	return troth_prompt_user_passphrase(cli, true, out);
}

static enum troth_exit generate(struct troth_cli *cli, const char *address,
				struct troth_device **out, char **passphrase)
{
	const struct troth_device_params params = {address, troth_when_now()};
	*passphrase = NULL;
	if (troth_cli_has(cli, "key"))
		return troth_token_key_new(cli, TROTH_TOKEN_USER, address, out);
	enum troth_exit status = new_passphrase(cli, passphrase);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_device_generate(out, &params);
	if (err == TROTH_OK)
		return TROTH_EXIT_OK;
	troth_prompt_free(*passphrase);
	return troth_cli_fail(cli, &(struct troth_failure){.err = err}, "can't make a user key");
}

enum troth_exit troth_user_key_make(struct troth_cli *cli, const char *path, const char *address,
				    struct troth_device **out, bool *locked)
{
	struct troth_buf pem TROTH_CLEANUP(troth_buf_fini);
	struct troth_device *key;
	char *passphrase;
	troth_buf_init(&pem, TROTH_KEYFILE_MAX);
	enum troth_exit status = generate(cli, address, &key, &passphrase);
	if (status != TROTH_EXIT_OK)
		return status;
	*locked = passphrase != NULL;
	int err = troth_device_write(key, passphrase, &pem);
	troth_prompt_free(passphrase);
	if (err != TROTH_OK) {
		troth_device_free(key);
		return troth_cli_fail(cli, &(struct troth_failure){.err = err},
				      "can't write a user key");
	}
	status = path != NULL ? save_path(cli, path, troth_buf_slice(&pem))
			      : save_home(cli, troth_buf_slice(&pem));
	if (status == TROTH_EXIT_OK)
		*out = key;
	else
		troth_device_free(key);
	return status;
}
