/* SPDX-License-Identifier: MIT */
/* Finding and opening the home directory. Layer: cli. Never makes a key: `troth init` does. */
#include "cli/home.h"

#include "base/slice.h"
#include "cli/cli.h"
#include "cli/id/pem.h"
#include "cli/id/token_key.h"
#include "cli/terminal/prompt.h"
#include "cli/trust/policy.h"
#include "keys/cert.h"
#include "store/keyfile.h"
#include "store/policyfile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <troth/err.h>
#include <unistd.h>

#define PASSPHRASE_TRIES 3
#define STAPLE "ocsp.der"

static enum troth_exit no_memory(struct troth_cli *cli)
{
	return troth_cli_fail(cli, &(struct troth_failure){.err = TROTH_E_NOMEM},
			      "can't open the home directory");
}

static enum troth_exit no_key(struct troth_cli *cli)
{
	return troth_cli_fail(cli,
			      &(struct troth_failure){.err = TROTH_E_NOT_FOUND,
						      .cause = "",
						      .next = "Run `troth init` to make one."},
			      "no device key yet in %s", cli->home.path);
}

/* XDG Base Directory 0.8: "All paths set in these environment variables must be absolute. If
 * an implementation encounters a relative path [...] it should [...] ignore it." */
static char *default_path(void)
{
	char *path = NULL;
	const char *data = getenv("XDG_DATA_HOME");
	const char *home = getenv("HOME");
	int written = -1;
	if (data && data[0] == '/')
		written = asprintf(&path, "%s/troth", data);
	else if (home && home[0] == '/')
		written = asprintf(&path, "%s/.local/share/troth", home);
	return written < 0 ? NULL : path;
}

enum troth_exit troth_home_path(struct troth_cli *cli, const char **out)
{
	const char *given = troth_cli_value(cli, "home");
	if (given && !*given)
		return troth_cli_usage(cli, "--home needs the name of a directory");
	if (!cli->home.path)
		cli->home.path = given ? strdup(given) : default_path();
	if (!cli->home.path && !given)
		return troth_cli_usage(cli, "neither $XDG_DATA_HOME nor $HOME says where home is: "
					    "give --home DIR");
	if (!cli->home.path)
		return no_memory(cli);
	*out = cli->home.path;
	return TROTH_EXIT_OK;
}

/* Effect: makes the directory with those above it, each 0700 where it is missing. */
static int make_directories(const char *path)
{
	char *copy = strdup(path);
	if (!copy)
		return ENOMEM;
	int failed = 0;
	for (char *at = copy + 1; !failed; at++) {
		if (*at != '/' && *at)
			continue;
		char end = *at;
		*at = '\0';
		if (mkdir(copy, 0700) != 0 && errno != EEXIST)
			failed = errno;
		*at = end;
		if (!end)
			break;
	}
	free(copy);
	return failed;
}

static enum troth_exit check_directory(struct troth_cli *cli, const char *path)
{
	struct stat st;
	struct troth_failure failure = {.err = TROTH_E_IO};
	if (stat(path, &st) != 0)
		failure.cause = strerror(errno);
	else if (!S_ISDIR(st.st_mode))
		failure.cause = "It isn't a directory.";
	else if (st.st_uid != geteuid())
		failure.cause = "It belongs to somebody else.";
	else if (st.st_mode & (S_IWGRP | S_IWOTH))
		failure.cause = "Others may write to it.";
	else
		return TROTH_EXIT_OK;
	failure.next =
		"Give another one with --home DIR, or mend its owner and rights (chmod 700).";
	return troth_cli_fail(cli, &failure, "can't use %s as home", path);
}

enum troth_exit troth_home_make(struct troth_cli *cli, const char **out)
{
	const char *path = "";
	enum troth_exit status = troth_home_path(cli, &path);
	if (status != TROTH_EXIT_OK)
		return status;
	int failed = make_directories(path);
	if (failed)
		return troth_cli_fail(
			cli,
			&(struct troth_failure){.err = TROTH_E_IO,
						.cause = strerror(failed),
						.next = "Give another directory with --home DIR."},
			"can't make %s", path);
	status = check_directory(cli, path);
	if (status == TROTH_EXIT_OK)
		*out = path;
	return status;
}

enum troth_exit troth_home_store_failed(struct troth_cli *cli, int err, const char *what)
{
	const char *cause = cli->home.store ? troth_store_error(cli->home.store) : "";
	/* Too long a text came from this command line, not from a peer. */
	if (err == TROTH_E_LIMIT)
		err = TROTH_E_FORMAT;
	return troth_cli_fail(cli,
			      &(struct troth_failure){.err = err, .cause = *cause ? cause : NULL},
			      "%s", what);
}

bool troth_home_has_key(const char *home)
{
	char *path = NULL;
	struct stat st;
	if (asprintf(&path, "%s/%s", home, TROTH_KEYFILE_NAME) < 0)
		return true; /* whoever opens it will tell */
	bool exists = lstat(path, &st) == 0 || errno != ENOENT;
	free(path);
	return exists;
}

enum troth_exit troth_home_store_make(struct troth_cli *cli, struct troth_store **out)
{
	const char *path = "";
	enum troth_exit status = troth_home_path(cli, &path);
	if (status != TROTH_EXIT_OK)
		return status;
	if (!cli->home.store) {
		struct troth_store *store;
		if (troth_store_new(&store) != TROTH_OK)
			return no_memory(cli);
		cli->home.store = store;
		int err = troth_store_open(store, path);
		if (err) {
			/* Its sentence says already that the store can't be opened. */
			const char *cause = troth_store_error(store);
			status = troth_home_store_failed(
				cli, err, *cause ? "" : "can't open the trust store");
			troth_store_free(store);
			cli->home.store = NULL;
			return status;
		}
	}
	*out = cli->home.store;
	return TROTH_EXIT_OK;
}

/* The policy says what belief asks for, to whichever verb concludes something. One that can't be
 * used is never ignored. */
static enum troth_exit take_policy(struct troth_cli *cli, struct troth_store *store)
{
	struct troth_authorities *all;
	struct troth_belief_policy belief = troth_belief_policy_default();
	enum troth_exit status = troth_cli_policy(cli, &all);
	if (status != TROTH_EXIT_OK || all == NULL)
		return status;
	belief.openpgp = troth_authorities_policy(all)->openpgp;
	belief.depth = troth_authorities_policy(all)->introducers;
	troth_store_set_belief_policy(store, &belief);
	troth_authorities_free(all);
	return TROTH_EXIT_OK;
}

enum troth_exit troth_home_store(struct troth_cli *cli, struct troth_store **out)
{
	const char *path = "";
	enum troth_exit status = troth_home_path(cli, &path);
	if (status == TROTH_EXIT_OK && !cli->home.store && !troth_home_has_key(path))
		status = no_key(cli);
	bool opened = status == TROTH_EXIT_OK && cli->home.store != NULL;
	if (status == TROTH_EXIT_OK)
		status = troth_home_store_make(cli, out);
	return status == TROTH_EXIT_OK && !opened ? take_policy(cli, *out) : status;
}

void troth_home_unmake(struct troth_cli *cli)
{
	static const char *const ends[] = {"-wal", "-shm", "-journal", ""};
	const char *home = cli->home.path;
	char *path = NULL;
	troth_store_free(cli->home.store);
	cli->home.store = NULL;
	if (home == NULL || troth_home_has_key(home))
		return;
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		if (asprintf(&path, "%s/" TROTH_STORE_FILE "%s", home, ends[i]) < 0)
			return; /* what stays is a store without contacts: harmless */
		(void)unlink(path);
		free(path);
	}
	(void)rmdir(home); /* fails where there is more in it */
}

static int found_contact(void *user, const struct troth_store_contact *contact)
{
	(void)contact;
	*(bool *)user = true;
	return 1; /* one is enough */
}

bool troth_home_has_contacts(struct troth_cli *cli)
{
	bool found = false;
	return cli->home.store &&
	       troth_store_contact_list(cli->home.store, found_contact, &found) >= 0 && found;
}

static enum troth_exit load_pem(struct troth_cli *cli, const char *path, struct troth_buf *pem)
{
	struct troth_keyfile_problem problem;
	int err = troth_keyfile_load(path, pem, &problem);
	if (err == TROTH_E_NOT_FOUND)
		return no_key(cli);
	if (err == TROTH_E_LIMIT) /* no peer's fault */
		err = TROTH_E_FORMAT;
	if (err)
		return troth_cli_fail(cli,
				      &(struct troth_failure){.err = err, .cause = problem.text},
				      "%s", *problem.text ? "" : "can't read the device key");
	return TROTH_EXIT_OK;
}

/* Asks again for a mistyped passphrase, as long as there is somebody to type. */
static enum troth_exit unlock(struct troth_cli *cli, struct troth_slice pem)
{
	int err = TROTH_E_PASSPHRASE;
	int tries = troth_cli_has(cli, "passphrase-fd") ? 1 : PASSPHRASE_TRIES;
	for (int i = 0; i < tries && err == TROTH_E_PASSPHRASE; i++) {
		char *passphrase;
		enum troth_exit status = troth_prompt_passphrase(cli, &passphrase);
		if (status != TROTH_EXIT_OK)
			return status;
		err = troth_device_read(&cli->home.device, pem, passphrase);
		troth_prompt_free(passphrase);
		if (err == TROTH_E_PASSPHRASE && i + 1 < tries)
			troth_note(&cli->out, "That passphrase is wrong.");
	}
	if (err)
		return troth_cli_fail(cli, &(struct troth_failure){.err = err},
				      "can't open the device key");
	return TROTH_EXIT_OK;
}

static enum troth_exit unreadable(struct troth_cli *cli, int err)
{
	const struct troth_failure failure = {
		.err = err,
		.next = "Restore device.pem from a backup; `troth init --replace` makes a new key, "
			"which no contact knows.",
	};
	return troth_cli_fail(cli, &failure, "can't read the device key in %s", cli->home.path);
}

/* An answer of the CA's OCSP responder that lies beside the key is shown to peers. */
static enum troth_exit load_staple(struct troth_cli *cli, const char *home)
{
	char *path = NULL;
	struct troth_buf der TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&der, TROTH_KEYFILE_MAX);
	if (asprintf(&path, "%s/" STAPLE, home) < 0)
		return no_memory(cli);
	int err = troth_policyfile_bytes(path, &der);
	bool none = err == TROTH_E_IO && errno == ENOENT;
	if (!err)
		err = troth_device_set_staple(cli->home.device, troth_buf_slice(&der));
	enum troth_exit status = TROTH_EXIT_OK;
	if (err && !none)
		status = troth_cli_fail(
			cli,
			&(struct troth_failure){
				.err = err, .cause = err == TROTH_E_IO ? strerror(errno) : NULL},
			"can't read %s", path);
	free(path);
	return status;
}

const char *troth_home_elsewhere(const struct troth_cli *cli)
{
	return cli->home.elsewhere;
}

/* Effect: keeps where the key is, if the file doesn't have it. */
static enum troth_exit note_elsewhere(struct troth_cli *cli, struct troth_slice pem)
{
	const char *uri = NULL;
	struct troth_buf text TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&text, TROTH_KEYFILE_MAX);
	int err = troth_token_key_uri(pem, &text);
	if (err == TROTH_E_NOT_FOUND || cli->home.elsewhere)
		return TROTH_EXIT_OK;
	if (!err)
		err = troth_buf_cstr(&text, &uri);
	if (err)
		return unreadable(cli, err);
	cli->home.elsewhere = strdup(uri);
	return cli->home.elsewhere ? TROTH_EXIT_OK : no_memory(cli);
}

static enum troth_exit load_device(struct troth_cli *cli, const char *path)
{
	struct troth_buf pem TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&pem, TROTH_KEYFILE_MAX + 4096);
	enum troth_exit status = load_pem(cli, path, &pem);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_device_read(&cli->home.device, troth_buf_slice(&pem), NULL);
	cli->home.locked = err == TROTH_E_PASSPHRASE;
	if (cli->home.locked)
		return unlock(cli, troth_buf_slice(&pem));
	if (err == TROTH_E_KEY)
		status = note_elsewhere(cli, troth_buf_slice(&pem));
	if (err == TROTH_E_KEY && status == TROTH_EXIT_OK)
		status = troth_token_key_open(cli, TROTH_TOKEN_DEVICE, troth_buf_slice(&pem),
					      &cli->home.device);
	if (err == TROTH_E_KEY)
		return status;
	if (err)
		return unreadable(cli, err);
	return TROTH_EXIT_OK;
}

enum troth_exit troth_home_device(struct troth_cli *cli, const struct troth_device **out)
{
	const char *path = "";
	bool fresh = !cli->home.device;
	enum troth_exit status = troth_home_path(cli, &path);
	if (status == TROTH_EXIT_OK && fresh)
		status = load_device(cli, path);
	if (status == TROTH_EXIT_OK && fresh)
		status = load_staple(cli, path);
	if (status == TROTH_EXIT_OK)
		*out = cli->home.device;
	return status;
}

const struct troth_device *troth_home_former(struct troth_cli *cli)
{
	struct troth_buf pem TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&pem, TROTH_KEYFILE_MAX + 4096);
	if (cli->home.former != NULL || cli->home.path == NULL ||
	    troth_keyfile_load_kind(cli->home.path, TROTH_KEYFILE_FORMER, &pem, NULL) != TROTH_OK)
		return cli->home.former;
	int err = troth_device_read(&cli->home.former, troth_buf_slice(&pem), NULL);
	if (err == TROTH_E_KEY)
		cli->home.former = troth_token_key_at_hand(troth_buf_slice(&pem));
	return cli->home.former;
}

static enum troth_exit load_cert(struct troth_cli *cli, const char *path)
{
	struct troth_buf pem TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&pem, TROTH_KEYFILE_MAX + 4096);
	enum troth_exit status = load_pem(cli, path, &pem);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_pem_cert(&cli->home.cert, troth_buf_slice(&pem));
	return err ? unreadable(cli, err) : note_elsewhere(cli, troth_buf_slice(&pem));
}

enum troth_exit troth_home_cert(struct troth_cli *cli, const struct troth_cert **out)
{
	const char *path = "";
	enum troth_exit status = troth_home_path(cli, &path);
	if (status == TROTH_EXIT_OK && !cli->home.cert)
		status = load_cert(cli, path);
	if (status == TROTH_EXIT_OK)
		*out = cli->home.cert;
	return status;
}

void troth_home_fini(struct troth_home *home)
{
	troth_device_free(home->device);
	troth_device_free(home->former);
	troth_cert_free(home->cert);
	troth_store_free(home->store);
	free(home->path);
	free(home->elsewhere);
	*home = (struct troth_home){.path = NULL};
}
