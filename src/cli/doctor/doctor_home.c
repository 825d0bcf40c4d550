/* SPDX-License-Identifier: MIT */
/* Checks of the home: rights, key, store, record. Layer: cli. Makes and mends nothing. */
#include "base/encode.h"
#include "base/slice.h"
#include "cli/doctor/doctor.h"
#include "cli/terminal/when.h"
#include "store/keyfile.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <troth/err.h>
#include <unistd.h>

void troth_doctor_home(struct troth_cli *cli, struct troth_check *check)
{
	struct stat st;
	const char *home = cli->home.path;
	if (stat(home, &st) != 0)
		troth_check_set(check, TROTH_HEALTH_FAIL, "Run `troth init` to make it.", "%s: %s.",
				home, strerror(errno));
	else if (!S_ISDIR(st.st_mode))
		troth_check_set(check, TROTH_HEALTH_FAIL, "Give a directory with --home DIR.",
				"%s isn't a directory.", home);
	else if (st.st_uid != geteuid())
		troth_check_set(check, TROTH_HEALTH_FAIL, "Give another one with --home DIR.",
				"%s belongs to somebody else.", home);
	else if (st.st_mode & 077)
		troth_check_set(check, st.st_mode & 022 ? TROTH_HEALTH_FAIL : TROTH_HEALTH_WARN,
				"Take their rights away: chmod 700 on that directory.",
				"Others have access to %s (mode %03o).", home,
				(unsigned)st.st_mode & 0777);
	else
		troth_check_set(check, TROTH_HEALTH_OK, NULL, "%s is for you alone.", home);
}

/* By what reading it without a passphrase gave. */
static const char *protection(int err)
{
	if (err == TROTH_E_KEY)
		return "on a token";
	return err == TROTH_E_PASSPHRASE ? "with a passphrase" : "without a passphrase";
}

static void judge_dates(struct troth_check *check, const struct troth_cert *cert, const char *how)
{
	char since[TROTH_WHEN_LEN];
	int64_t now = troth_when_now(), from = troth_cert_not_before(cert);
	if (now < from)
		troth_check_set(check, TROTH_HEALTH_FAIL, "Set the clock.",
				"The certificate is from the future: this clock must be wrong.");
	else if (now > troth_cert_not_after(cert))
		troth_check_set(check, TROTH_HEALTH_WARN,
				"Contacts that have pinned it still accept it; others may not.",
				"The certificate has expired.");
	else
		troth_check_set(check, TROTH_HEALTH_OK, NULL, "%s, valid since %s, %s.",
				troth_cert_key_kind(cert), troth_when_local(since, from), how);
}

/* The passphrase isn't asked for: that the key is there and sealed is enough. */
static void judge_key(struct troth_cli *cli, struct troth_check *check, struct troth_slice pem)
{
	struct troth_device *device = NULL;
	const struct troth_cert *cert;
	int err = troth_device_read(&device, pem, NULL);
	troth_device_free(device);
	if (err && err != TROTH_E_PASSPHRASE && err != TROTH_E_KEY)
		troth_check_set(check, TROTH_HEALTH_FAIL, "Restore device.pem from a backup.",
				"The device key can't be read. %s", troth_err_text(err));
	else if (troth_home_cert(cli, &cert) != TROTH_EXIT_OK)
		troth_check_set(check, TROTH_HEALTH_FAIL, "Restore device.pem from a backup.",
				"The device's certificate can't be read.");
	else
		judge_dates(check, cert, protection(err));
}

void troth_doctor_key(struct troth_cli *cli, struct troth_check *check)
{
	struct troth_keyfile_problem problem;
	struct troth_buf pem TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&pem, TROTH_KEYFILE_MAX + 4096);
	int err = troth_keyfile_load(cli->home.path, &pem, &problem);
	if (err == TROTH_E_NOT_FOUND)
		troth_check_set(check, TROTH_HEALTH_FAIL, "Run `troth init` to make one.",
				"There is no device key yet.");
	else if (err)
		troth_check_set(check, TROTH_HEALTH_FAIL, NULL, "%s", problem.text);
	else
		judge_key(cli, check, troth_buf_slice(&pem));
}

/* Opened apart from cli->home, which would tell of failures by itself. */
static int open_store(struct troth_cli *cli, struct troth_store **out, struct troth_check *check)
{
	char *path = NULL;
	if (cli->home.store) {
		*out = cli->home.store;
		return TROTH_OK;
	}
	/* Opening makes what isn't there; a doctor doesn't. */
	if (asprintf(&path, "%s/%s", cli->home.path, TROTH_STORE_FILE) < 0)
		return TROTH_E_NOMEM;
	bool exists = access(path, F_OK) == 0;
	free(path);
	if (!exists) {
		troth_check_set(check, TROTH_HEALTH_FAIL, "Run `troth init` to make one.",
				"There is no trust store yet.");
		return TROTH_E_NOT_FOUND;
	}
	struct troth_store *store;
	int err = troth_store_new(&store);
	if (err)
		return err;
	err = troth_store_open(store, cli->home.path);
	if (err) {
		troth_check_set(check, TROTH_HEALTH_FAIL, NULL, "%s", troth_store_error(store));
		troth_store_free(store);
		return err;
	}
	cli->home.store = store;
	*out = store;
	return TROTH_OK;
}

static int count(void *user, const struct troth_store_contact *contact)
{
	(void)contact;
	(*(size_t *)user)++;
	return 0;
}

void troth_doctor_store(struct troth_cli *cli, struct troth_check *check)
{
	struct troth_store *store;
	size_t contacts = 0;
	if (open_store(cli, &store, check) != TROTH_OK)
		return;
	int err = troth_store_check(store);
	if (!err)
		err = troth_store_contact_list(store, count, &contacts);
	if (err)
		troth_check_set(check, TROTH_HEALTH_FAIL, NULL, "%s", troth_store_error(store));
	else
		troth_check_set(check, TROTH_HEALTH_OK, NULL,
				"The trust store is whole: %zu contact%s.", contacts,
				contacts == 1 ? "" : "s");
}

void troth_doctor_log(struct troth_cli *cli, struct troth_check *check)
{
	struct troth_store *store;
	int64_t first = 0;
	if (open_store(cli, &store, check) != TROTH_OK)
		return;
	int err = troth_store_log_verify(store, &first);
	if (err)
		troth_check_set(check, TROTH_HEALTH_FAIL, NULL, "%s", troth_store_error(store));
	else if (first)
		troth_check_set(
			check, TROTH_HEALTH_FAIL,
			"The store was changed outside of troth: restore a backup, or check "
			"your contacts' fingerprints again.",
			"Entry %" PRId64 " of the log was changed, removed or cut off.", first);
	else
		troth_check_set(check, TROTH_HEALTH_OK, NULL, "The log is whole.");
}

/* ---- copies of this device ---- */

#define COPY_DAYS 30 /* that one is told of */

struct copies {
	char pin[2 * TROTH_PIN_LEN + 1];
	int64_t last;
	size_t count;
};

static int count_copy(void *user, const struct troth_store_entry *entry)
{
	struct copies *c = user;
	if (strcmp(entry->kind, troth_err_name(TROTH_E_SELF)) != 0 ||
	    strstr(entry->text, c->pin) == NULL)
		return 0; /* of a key that this device had before */
	c->last = entry->time;
	c->count++;
	return 0;
}

static void judge_copies(struct troth_check *check, const struct copies *c)
{
	char when[TROTH_WHEN_LEN];
	if (c->count == 0)
		troth_check_set(check, TROTH_HEALTH_OK, NULL,
				"Nobody else has shown this device's key.");
	else if (troth_when_now() - c->last > COPY_DAYS * INT64_C(86400))
		troth_check_set(check, TROTH_HEALTH_OK, NULL,
				"Somebody else showed this device's key last on %s.",
				troth_when_local(when, c->last));
	else
		troth_check_set(
			check, TROTH_HEALTH_WARN,
			"If it is a copy of this device, `troth init --replace` on one of the two, "
			"and pair that one again. If nobody made one, the key is stolen: `troth id "
			"revoke --reason compromised`.",
			"Somebody else has proved to have this device's key: %zu time%s, last on "
			"%s.",
			c->count, c->count == 1 ? "" : "s", troth_when_local(when, c->last));
}

void troth_doctor_copies(struct troth_cli *cli, struct troth_check *check)
{
	struct troth_store *store;
	const struct troth_cert *cert;
	struct copies c = {.count = 0};
	if (open_store(cli, &store, check) != TROTH_OK)
		return;
	if (troth_home_cert(cli, &cert) != TROTH_EXIT_OK) {
		troth_check_set(check, TROTH_HEALTH_FAIL, "Restore device.pem from a backup.",
				"The device's certificate can't be read.");
		return;
	}
	const struct troth_pin *own = troth_cert_pin(cert);
	troth_hex(c.pin, troth_slice_of(own->bytes, sizeof own->bytes));
	if (troth_store_log_list(store, 0, count_copy, &c) < 0)
		troth_check_set(check, TROTH_HEALTH_FAIL, NULL, "%s", troth_store_error(store));
	else
		judge_copies(check, &c);
}
