/* SPDX-License-Identifier: MIT */
/* `troth id csr`, `import` and `delegate`: certificates of CAs, and for jobs. Layer: cli. */
#include "base/slice.h"
#include "cli/cli.h"
#include "cli/id/id.h"
#include "cli/id/pem.h"
#include "cli/id/token_key.h"
#include "cli/terminal/fingerprint.h"
#include "cli/terminal/when.h"
#include "keys/cert.h"
#include "keys/issue.h"
#include "store/keyfile.h"
#include "store/policyfile.h"
#include "token/token.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <troth/address.h>
#include <troth/err.h>

#define MOST_HOURS (24 * 365)

/* ---- csr ---- */

/* The address to ask for: --jid, or the one in the device's own certificate. */
static enum troth_exit choose_jid(struct troth_cli *cli, const struct troth_device *device,
				  struct troth_address **out)
{
	const char *jid = troth_cli_value(cli, "jid");
	const char *own = troth_cert_xmpp_addr(troth_device_cert(device), 0);
	size_t len = own ? strlen(own) : 0;
	bool random = len > 8 && strcmp(own + len - 8, ".invalid") == 0;
	if (!jid && (!own || random))
		return troth_cli_usage(cli, "which address is it to be for? Give --jid JID");
	int err = troth_address_new(out, TROTH_REALM_SERVER, jid ? jid : own);
	if (err == TROTH_OK && troth_address_resource(*out) == NULL)
		return TROTH_EXIT_OK;
	if (err == TROTH_OK)
		troth_address_free(*out);
	*out = NULL;
	return troth_cli_usage(cli, "--jid '%s' isn't an address like romeo@montague.example",
			       jid ? jid : own);
}

/* PEM goes out as it is, a line at a time. */
static void show_lines(struct troth_output *out, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		troth_line(out, TROTH_STYLE_PLAIN, "%.*s", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

enum troth_exit troth_id_csr(struct troth_cli *cli)
{
	const char *text;
	const struct troth_device *device;
	struct troth_address *jid = NULL;
	enum troth_exit status = troth_home_device(cli, &device);
	if (status == TROTH_EXIT_OK)
		status = choose_jid(cli, device, &jid);
	if (status != TROTH_EXIT_OK)
		return status;
	struct troth_buf pem TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&pem, TROTH_KEYFILE_MAX);
	int err = troth_device_csr(device, troth_address_bare(jid), &pem);
	troth_address_free(jid);
	if (!err)
		err = troth_buf_cstr(&pem, &text);
	if (err)
		return troth_cli_fail(cli, &(struct troth_failure){.err = err},
				      "can't make the request");
	show_lines(&cli->out, text);
	troth_json(&cli->out, json_pack("{s:s}", "csr", text));
	return TROTH_EXIT_OK;
}

/* ---- import ---- */

static enum troth_exit cant_import(struct troth_cli *cli, int err, const char *path)
{
	struct troth_failure failure = {.err = err};
	if (err == TROTH_E_IO)
		failure.cause = strerror(errno);
	else if (err == TROTH_E_CERT) /* no peer's fault: it was given here */
		failure = (struct troth_failure){
			.err = TROTH_E_FORMAT,
			.cause = "None of its certificates is for this device's key."};
	else if (err == TROTH_E_FORMAT)
		failure.cause = "It holds no certificates in PEM.";
	return troth_cli_fail(cli, &failure, "can't import %s", path);
}

static enum troth_exit save(struct troth_cli *cli, const char *home, const struct troth_buf *pem,
			    bool replace)
{
	struct troth_keyfile_problem problem = {""};
	int err = troth_keyfile_save(home, troth_buf_slice(pem), replace, &problem);
	if (err == TROTH_OK)
		return TROTH_EXIT_OK;
	return troth_cli_fail(
		cli,
		&(struct troth_failure){.err = err, .cause = *problem.text ? problem.text : NULL},
		"can't write %s/%s", home, TROTH_KEYFILE_NAME);
}

static enum troth_exit rechain(struct troth_cli *cli, const char *home, const char *path,
			       struct troth_buf *out)
{
	struct troth_keyfile_problem problem;
	struct troth_buf old TROTH_CLEANUP(troth_buf_fini);
	struct troth_buf chain TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&old, TROTH_KEYFILE_MAX + 4096);
	troth_buf_init(&chain, TROTH_PEM_MAX);
	int err = troth_keyfile_load(home, &old, &problem);
	if (err)
		return troth_cli_fail(cli,
				      &(struct troth_failure){.err = err, .cause = problem.text},
				      "can't read the device key");
	if (troth_token_is_uri(path)) {
		enum troth_exit status = troth_token_key_certs(cli, path, &chain);
		if (status != TROTH_EXIT_OK)
			return status;
	} else {
		err = troth_policyfile_bytes(path, &chain);
	}
	if (!err && troth_buf_len(&chain) == 0)
		err = TROTH_E_FORMAT;
	if (!err)
		err = troth_device_rechain(out, troth_buf_slice(&old), troth_buf_slice(&chain));
	return err ? cant_import(cli, err, path) : TROTH_EXIT_OK;
}

enum troth_exit troth_id_import(struct troth_cli *cli)
{
	const char *home;
	const char *path = troth_cli_arg(cli, 1);
	struct troth_buf pem TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&pem, TROTH_KEYFILE_MAX + 4096);
	if (!path)
		return troth_cli_usage(cli, "which file? troth id import CERT.pem|URI");
	enum troth_exit status = troth_home_path(cli, &home);
	if (status == TROTH_EXIT_OK)
		status = rechain(cli, home, path, &pem);
	if (status == TROTH_EXIT_OK)
		status = save(cli, home, &pem, true);
	if (status != TROTH_EXIT_OK)
		return status;
	troth_line(&cli->out, TROTH_STYLE_GOOD, "Peers see that certificate from now on.");
	troth_note(&cli->out, "The key is the same: contacts that pinned it still know it.");
	troth_json(&cli->out, json_pack("{s:o}", "imported", troth_json_text(path)));
	return TROTH_EXIT_OK;
}

/* ---- delegate ---- */

static void show_job(struct troth_cli *cli, const char *folder, const struct troth_device *job)
{
	char until[TROTH_WHEN_LEN], pin[TROTH_FINGERPRINT_LEN];
	const struct troth_cert *cert = troth_device_cert(job);
	troth_line(&cli->out, TROTH_STYLE_GOOD, "Whoever has %s may act for you until %s.", folder,
		   troth_when_local(until, troth_cert_not_after(cert)));
	troth_note(&cli->out,
		   "The job's key has no passphrase. Run it with `troth --home '%s' ...`; it "
		   "can't pair.",
		   folder);
	troth_json(&cli->out,
		   json_pack("{s:o, s:s, s:s}", "home", troth_json_text(folder), "not_after",
			     troth_when_iso(until, troth_cert_not_after(cert)), "fingerprint",
			     troth_fingerprint_hex(pin, troth_cert_pin(cert))));
}

static enum troth_exit cant_delegate(struct troth_cli *cli, int err)
{
	const struct troth_failure failure = {
		.err = err,
		.cause = err == TROTH_E_REFUSED ? "This device acts for somebody else and may make "
						  "no further delegates."
						: NULL,
	};
	return troth_cli_fail(cli, &failure, "can't delegate");
}

enum troth_exit troth_id_delegate(struct troth_cli *cli)
{
	int64_t hours = 0, path = 0;
	const struct troth_device *device;
	struct troth_device *job = NULL;
	struct troth_buf pem TROTH_CLEANUP(troth_buf_fini);
	const char *folder = troth_cli_arg(cli, 1);
	troth_buf_init(&pem, TROTH_KEYFILE_MAX);
	if (!folder || !troth_cli_has(cli, "hours"))
		return troth_cli_usage(cli, "for how long, and into which directory? troth id "
					    "delegate --hours N DIR");
	enum troth_exit status = troth_cli_number(cli, "hours", 1, MOST_HOURS, &hours);
	if (status == TROTH_EXIT_OK)
		status = troth_cli_number(cli, "path-length", 0, 6, &path);
	if (status == TROTH_EXIT_OK)
		status = troth_home_device(cli, &device);
	if (status != TROTH_EXIT_OK)
		return status;
	const struct troth_delegation terms = {troth_when_now(), hours * 3600, (int)path};
	int err = troth_device_delegate(&job, device, &terms);
	if (!err)
		err = troth_device_write(job, NULL, &pem);
	if (err)
		status = cant_delegate(cli, err);
	else
		status = save(cli, folder, &pem, false);
	if (status == TROTH_EXIT_OK)
		show_job(cli, folder, job);
	troth_device_free(job);
	return status;
}
