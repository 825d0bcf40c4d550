/* SPDX-License-Identifier: MIT */
/* `troth bot label`: drawn by troth-label, written here. Layer: cli. */
#include "cli/bot/bot_label.h"

#include "base/slice.h"
#include "cli/errand.h"
#include "keys/cert.h"
#include "store/private.h"

#include <sodium.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <troth/err.h>
#include <unistd.h>

#define PICTURE_MAX ((size_t)4 * 1024 * 1024)
#define PROGRAM "troth-label"

/* ---- what is on it ---- */

/* What `troth init` makes of no address is nobody's account. */
static const char *account(const struct troth_cert *cert)
{
	static const char nobody[] = ".invalid";
	const char *jid = troth_cert_xmpp_addr(cert, 0);
	size_t len = jid != NULL ? strlen(jid) : 0;
	bool none = len < sizeof nobody || strcmp(jid + len - (sizeof nobody - 1), nobody) == 0;
	return none ? "" : jid;
}

static int take_first(void *user, const struct troth_store_account *account)
{
	struct troth_uri *uri = user;
	(void)snprintf(uri->jid, sizeof uri->jid, "%s", account->jid);
	return 1;
}

/* Effect: the account that it is reached by: as its certificate says, or as it signs in. */
static enum troth_exit take_account(struct troth_cli *cli, const struct troth_cert *cert,
				    struct troth_uri *out)
{
	struct troth_store *store;
	(void)snprintf(out->jid, sizeof out->jid, "%s", account(cert));
	if (*out->jid != 0)
		return TROTH_EXIT_OK;
	enum troth_exit status = troth_home_store(cli, &store);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_store_account_list(store, take_first, out);
	return err < 0 ? troth_home_store_failed(cli, err, "can't look up the accounts")
		       : TROTH_EXIT_OK;
}

enum troth_exit troth_bot_label_uri(struct troth_cli *cli, const char *name, struct troth_uri *out)
{
	const struct troth_cert *cert;
	enum troth_exit status = troth_home_cert(cli, &cert);
	if (status != TROTH_EXIT_OK)
		return status;
	status = take_account(cli, cert, out);
	if (status != TROTH_EXIT_OK)
		return status;
	(void)snprintf(out->name, sizeof out->name, "%s", name);
	out->pin = *troth_cert_pin(cert);
	out->has_pin = true;
	return TROTH_EXIT_OK;
}

/* Effect: what troth-label reads. */
static int write_input(struct troth_buf *out, const struct troth_bot_device *device,
		       const struct troth_uri *uri, const char *format)
{
	struct troth_buf link TROTH_CLEANUP(troth_buf_fini);
	char grouped[TROTH_CODE_GROUPED];
	const char *text = "";
	troth_buf_init(&link, TROTH_URI_MAX);
	int err = troth_uri_write(uri, &link);
	if (err == TROTH_OK)
		err = troth_buf_cstr(&link, &text);
	troth_code_group(grouped, device->code);
	json_t *object = err == TROTH_OK ? json_pack("{s:s, s:s, s:s, s:s, s:s}", "format", format,
						     "name", device->name, "code", grouped, "jid",
						     uri->jid, "uri", text)
					 : NULL;
	char *line = object != NULL ? json_dumps(object, JSON_COMPACT) : NULL;
	if (err == TROTH_OK)
		err = line != NULL ? troth_buf_append_str(out, line) : TROTH_E_NOMEM;
	if (line != NULL)
		sodium_memzero(line, strlen(line));
	free(line);
	json_decref(object);
	sodium_memzero(grouped, sizeof grouped);
	return err;
}

/* ---- drawing ---- */

static enum troth_exit draw(struct troth_cli *cli, struct troth_slice input, struct troth_buf *out)
{
	char program[PATH_MAX];
	int result = 0;
	troth_errand_find(PROGRAM, program);
	const char *const argv[] = {program, NULL};
	const struct troth_errand errand = {.argv = argv, .input = input, .status = &result};
	int err = troth_errand_run(&errand, out);
	if (err == TROTH_OK && result == 0 && troth_buf_len(out) > 0)
		return TROTH_EXIT_OK;
	return troth_cli_fail(
		cli,
		&(struct troth_failure){
			.err = err != TROTH_OK ? err : TROTH_E_UNSUPPORTED,
			.cause = err == TROTH_E_NOT_FOUND ? "The program isn't installed." : NULL},
		"the label can't be drawn by %s", program);
}

/* ---- the file ---- */

static enum troth_exit save(struct troth_cli *cli, const char *path, struct troth_slice picture)
{
	bool replace = troth_cli_has(cli, "replace");
	if (replace && unlink(path) != 0 && errno != ENOENT)
		replace = false; /* opening it says why */
	int err = troth_private_write(AT_FDCWD, path, picture);
	int why = errno;
	if (err == TROTH_OK)
		return TROTH_EXIT_OK;
	return troth_cli_fail(cli,
			      &(struct troth_failure){.err = err,
						      .cause = strerror(why),
						      .next = why == EEXIST && !replace
								      ? "--replace writes it anew."
								      : NULL},
			      "can't write %s", path);
}

static const char *format_of(const char *path)
{
	const char *dot = strrchr(path, '.');
	if (dot != NULL && strcasecmp(dot, ".svg") == 0)
		return "svg";
	return dot != NULL && strcasecmp(dot, ".png") == 0 ? "png" : NULL;
}

enum troth_exit troth_bot_label_write(struct troth_cli *cli, const struct troth_bot_device *device,
				      const char *path)
{
	struct troth_uri uri = {.jid = ""};
	struct troth_buf input TROTH_CLEANUP(troth_buf_fini);
	struct troth_buf picture TROTH_CLEANUP(troth_buf_fini);
	const char *format = format_of(path);
	troth_buf_init(&input, 2 * TROTH_URI_MAX);
	troth_buf_init(&picture, PICTURE_MAX);
	if (format == NULL)
		return troth_cli_usage(cli, "a label is a file like label.svg or label.png");
	enum troth_exit status = troth_bot_label_uri(cli, device->name, &uri);
	if (status != TROTH_EXIT_OK)
		return status;
	(void)snprintf(uri.secret, sizeof uri.secret, "%s", device->code);
	int err = write_input(&input, device, &uri, format);
	troth_uri_fini(&uri);
	if (err != TROTH_OK)
		return troth_cli_fail(cli, &(struct troth_failure){.err = err},
				      "can't make the label");
	status = draw(cli, troth_buf_slice(&input), &picture);
	if (status == TROTH_EXIT_OK)
		status = save(cli, path, troth_buf_slice(&picture));
	if (status == TROTH_EXIT_OK)
		troth_note(&cli->out,
			   "The label is in %s. Print it, stick it on the device, and remove the "
			   "file: it has the code on it.",
			   path);
	return status;
}

void troth_bot_label_next(struct troth_cli *cli, const struct troth_bot_device *device)
{
	troth_note(&cli->out,
		   "Next, on the device: `troth listen`, and `troth bot arm` when its owner comes. "
		   "The owner, elsewhere: \"troth pair %s\" and the code, or \"troth pair --image "
		   "FILE\" with a photo of the label.",
		   device->name);
}

enum troth_exit troth_bot_label(struct troth_cli *cli)
{
	struct troth_bot_device device = {.code = ""};
	char owner[TROTH_STORE_LABEL_MAX + 1];
	const char *path = troth_cli_arg(cli, 1);
	if (path == NULL)
		return troth_cli_usage(cli, "where to? A file like label.svg or label.png");
	enum troth_exit status = troth_bot_device_read(cli, &device);
	if (status == TROTH_EXIT_OK)
		status = troth_bot_device_owner(cli, owner);
	if (status == TROTH_EXIT_OK && *owner)
		status = troth_cli_fail(
			cli,
			&(struct troth_failure){
				.err = TROTH_E_REFUSED,
				.cause = "It has an owner, and its code is no longer shown.",
				.next = "`troth bot init --replace` makes another one: the old "
					"label is void then."},
			"this device gets no further label");
	if (status == TROTH_EXIT_OK)
		status = troth_bot_label_write(cli, &device, path);
	if (status == TROTH_EXIT_OK) {
		troth_json(&cli->out, json_pack("{s:o}", "label", troth_json_text(path)));
		troth_bot_label_next(cli, &device);
	}
	troth_bot_device_fini(&device);
	return status;
}
