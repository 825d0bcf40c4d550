/* SPDX-License-Identifier: MIT */
/* A device with a code: its files and settings. Layer: cli. */
#include "cli/bot/bot_device.h"

#include "base/slice.h"
#include "lan/lan.h"
#include "store/keyfile.h"
#include "store/owner.h"

#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <troth/address.h>
#include <troth/err.h>

#define SETTING_NAME "device-name"

bool troth_bot_device_is(const char *home)
{
	char path[PATH_MAX];
	struct stat st;
	int len = snprintf(path, sizeof path, "%s/" TROTH_KEYFILE_CODE_NAME, home);
	return len > 0 && (size_t)len < sizeof path && lstat(path, &st) == 0;
}

void troth_bot_device_fini(struct troth_bot_device *device)
{
	sodium_memzero(device, sizeof *device);
}

static enum troth_exit failed(struct troth_cli *cli, int err,
			      const struct troth_keyfile_problem *problem, const char *what)
{
	return troth_cli_fail(
		cli,
		&(struct troth_failure){.err = err, .cause = *problem->text ? problem->text : NULL},
		"%s", *problem->text ? "" : what);
}

/* ---- the name ---- */

static enum troth_exit read_name(struct troth_cli *cli, struct troth_bot_device *out)
{
	struct troth_store *store;
	const char *text;
	struct troth_buf buf TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&buf, sizeof out->name + 1);
	enum troth_exit status = troth_home_store(cli, &store);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_store_setting_get(store, SETTING_NAME, &buf);
	if (err == TROTH_OK)
		err = troth_buf_cstr(&buf, &text);
	if (err != TROTH_OK)
		return troth_home_store_failed(cli, err, "can't read the device's name");
	(void)snprintf(out->name, sizeof out->name, "%s", text);
	return TROTH_EXIT_OK;
}

/* As a session takes it. */
static enum troth_exit check_name(struct troth_cli *cli, const char *name)
{
	struct troth_address *address = NULL;
	const char *at = strrchr(name, '@');
	bool good = at != NULL && at != name && at[1] != 0 && at - name <= TROTH_BOT_NAME_MAX &&
		    strlen(at + 1) <= TROTH_BOT_NAME_MAX && strpbrk(name, " \t/?;=&#%") == NULL &&
		    troth_address_new(&address, TROTH_REALM_LINK, name) == TROTH_OK;
	troth_address_free(address);
	return good ? TROTH_EXIT_OK
		    : troth_cli_usage(cli, "--name '%s' isn't a name like radio@kitchen", name);
}

static enum troth_exit make_name(struct troth_cli *cli, struct troth_bot_device *out)
{
	char user[TROTH_LAN_RANDOM_NAME], machine[TROTH_LAN_RANDOM_NAME];
	int err = troth_lan_random_name(user, machine);
	if (err != TROTH_OK)
		return troth_cli_fail(cli, &(struct troth_failure){.err = err},
				      "can't make a name");
	(void)snprintf(out->name, sizeof out->name, "%s@%s", user, machine);
	return TROTH_EXIT_OK;
}

enum troth_exit troth_bot_device_name(struct troth_cli *cli, char **out)
{
	struct troth_bot_device device = {.code = ""};
	const char *home;
	enum troth_exit status = troth_home_path(cli, &home);
	if (status != TROTH_EXIT_OK || !troth_bot_device_is(home))
		return status;
	status = read_name(cli, &device);
	if (status != TROTH_EXIT_OK)
		return status;
	*out = strdup(device.name);
	return *out != NULL ? TROTH_EXIT_OK
			    : troth_cli_fail(cli, &(struct troth_failure){.err = TROTH_E_NOMEM},
					     "can't read the device's name");
}

/* ---- the code ---- */

static enum troth_exit read_code(struct troth_cli *cli, const char *home,
				 struct troth_bot_device *out)
{
	struct troth_keyfile_problem problem = {""};
	struct troth_buf buf TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&buf, TROTH_KEYFILE_MAX + 4096);
	int err = troth_keyfile_load_kind(home, TROTH_KEYFILE_CODE, &buf, &problem);
	if (err == TROTH_E_NOT_FOUND)
		return troth_cli_fail(
			cli,
			&(struct troth_failure){
				.err = err, .cause = "", .next = "`troth bot init` gives it one."},
			"this device has no code in %s", home);
	if (err == TROTH_OK)
		err = troth_code_read(out->code, troth_buf_slice(&buf));
	return err == TROTH_OK ? TROTH_EXIT_OK : failed(cli, err, &problem, "the code is damaged");
}

enum troth_exit troth_bot_device_read(struct troth_cli *cli, struct troth_bot_device *out)
{
	const char *home;
	enum troth_exit status = troth_home_path(cli, &home);
	if (status == TROTH_EXIT_OK)
		status = read_code(cli, home, out);
	return status == TROTH_EXIT_OK ? read_name(cli, out) : status;
}

static enum troth_exit keep(struct troth_cli *cli, struct troth_store *store,
			    const struct troth_bot_device *device)
{
	char line[TROTH_CODE_LEN + 2];
	struct troth_keyfile_problem problem = {""};
	int err = troth_store_setting_set(store, SETTING_NAME, device->name);
	if (err != TROTH_OK)
		return troth_home_store_failed(cli, err, "can't keep the device's name");
	(void)snprintf(line, sizeof line, "%s\n", device->code);
	err = troth_keyfile_save_kind(cli->home.path, TROTH_KEYFILE_CODE, troth_slice_str(line),
				      troth_cli_has(cli, "replace"), &problem);
	sodium_memzero(line, sizeof line);
	if (err != TROTH_E_EXISTS)
		return err == TROTH_OK ? TROTH_EXIT_OK
				       : failed(cli, err, &problem, "can't keep the code");
	return troth_cli_fail(
		cli,
		&(struct troth_failure){.err = err,
					.cause = "",
					.next = "`troth bot init --replace` makes another one, and "
						"the label of this one is void then."},
		"this device has a code already");
}

enum troth_exit troth_bot_device_make(struct troth_cli *cli, const char *name,
				      struct troth_bot_device *out)
{
	struct troth_store *store;
	enum troth_exit status = name != NULL ? check_name(cli, name) : TROTH_EXIT_OK;
	if (status == TROTH_EXIT_OK)
		status = troth_home_store(cli, &store);
	if (status != TROTH_EXIT_OK)
		return status;
	bool had = troth_bot_device_is(cli->home.path);
	if (name != NULL)
		(void)snprintf(out->name, sizeof out->name, "%s", name);
	else if (had) /* the same device with another code */
		status = read_name(cli, out);
	else
		status = make_name(cli, out);
	troth_code_make(out->code);
	return status == TROTH_EXIT_OK ? keep(cli, store, out) : status;
}

/* ---- the owner ---- */

enum troth_exit troth_bot_device_owner(struct troth_cli *cli, char out[TROTH_STORE_LABEL_MAX + 1])
{
	struct troth_store *store;
	struct troth_store_contact contact = {.label = ""};
	int64_t owner;
	enum troth_exit status = troth_home_store(cli, &store);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_store_owner_get(store, &owner);
	if (err == TROTH_OK && owner != 0)
		err = troth_store_contact_get(store, owner, &contact);
	if (err != TROTH_OK)
		return troth_home_store_failed(cli, err, "can't look up the owner");
	memcpy(out, contact.label, sizeof contact.label);
	return TROTH_EXIT_OK;
}

/* ---- for how long ---- */

enum troth_exit troth_bot_seconds(struct troth_cli *cli, const char *option, int64_t *out)
{
	static const struct {
		const char *unit;
		int64_t seconds;
	} units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}};
	const char *text = troth_cli_value(cli, option);
	char *end;
	if (text == NULL)
		return TROTH_EXIT_OK;
	errno = 0;
	long long n = *text >= '0' && *text <= '9' ? strtoll(text, &end, 10) : 0;
	for (size_t i = 0; n > 0 && errno == 0 && i < sizeof units / sizeof *units; i++) {
		if (strcmp(end, units[i].unit) != 0 || n > 86400 / units[i].seconds)
			continue;
		*out = n * units[i].seconds;
		return TROTH_EXIT_OK;
	}
	return troth_cli_usage(cli, "--%s takes a time like 90s, 10m or 1h, at most 24h, not '%s'",
			       option, text);
}
