/* SPDX-License-Identifier: MIT */
/* Links of `troth pair`: where they come from, what of them counts. Layer: cli. */
#include "cli/meet/pair_link.h"

#include "base/slice.h"
#include "cli/bot/code.h"
#include "cli/errand.h"
#include "cli/meet/invite.h"
#include "cli/terminal/prompt.h"
#include "cli/terminal/qr.h"
#include "keys/cert.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>
#include <unistd.h>

/* ---- reading ---- */

static enum troth_exit damaged(struct troth_cli *cli, const char *where)
{
	return troth_cli_fail(
		cli,
		&(struct troth_failure){.err = TROTH_E_FORMAT,
					.cause = "It isn't a link of a device, or it is damaged.",
					.next = "Type the code on the label: `troth pair NAME`."},
		"can't use the link %s", where);
}

/* Effect: what the link says of the peer is the pairing's from here on. */
static enum troth_exit take(struct troth_pairing *p, struct troth_slice text, const char *where)
{
	struct troth_uri *uri = &p->uri;
	while (text.len > 0 && (text.data[text.len - 1] == '\n' || text.data[text.len - 1] == '\r'))
		text.len--;
	if (troth_uri_read(uri, text) != TROTH_OK)
		return damaged(p->running.cli, where);
	p->peer = *uri->jid ? uri->jid : uri->name;
	if (*uri->secret == 0)
		return TROTH_EXIT_OK;
	int err = troth_secret_line_prepare(&p->secret, uri->secret);
	if (err != TROTH_OK)
		return damaged(p->running.cli, where);
	if (troth_code_is_meant(troth_slice_str(uri->secret)))
		p->bits = TROTH_CODE_BITS;
	return TROTH_EXIT_OK;
}

static enum troth_exit from_image(struct troth_pairing *p, const char *path)
{
	struct troth_cli *cli = p->running.cli;
	struct troth_buf link TROTH_CLEANUP(troth_buf_fini);
	int result = 0;
	/* A name can't be an option of it. */
	const char *const argv[] = {"zbarimg",         "--quiet", "--raw", "--nodbus", "-Sdisable",
				    "-Sqrcode.enable", "--",      path,    NULL};
	const struct troth_errand errand = {.argv = argv, .status = &result};
	troth_buf_init(&link, TROTH_URI_MAX + 2);
	if (access(path, R_OK) != 0)
		return troth_cli_fail(
			cli, &(struct troth_failure){.err = TROTH_E_IO, .cause = strerror(errno)},
			"can't read the picture %s", path);
	int err = troth_errand_run(&errand, &link);
	if (err == TROTH_E_NOT_FOUND)
		return troth_cli_fail(
			cli,
			&(struct troth_failure){.err = TROTH_E_UNSUPPORTED,
						.cause = "zbarimg isn't installed.",
						.next = "Install zbar-tools, or type the code on "
							"the label: `troth pair NAME`."},
			"can't read the picture %s", path);
	if (err != TROTH_OK || result != 0 || troth_buf_len(&link) == 0)
		return troth_cli_fail(
			cli,
			&(struct troth_failure){.err = err != TROTH_OK ? err : TROTH_E_FORMAT,
						.cause = "There is no QR code that can be read."},
			"can't read the picture %s", path);
	return take(p, troth_buf_slice(&link), path);
}

static enum troth_exit from_input(struct troth_pairing *p)
{
	char *line = NULL;
	enum troth_exit status = troth_prompt_line(p->running.cli, "Link of the device", &line);
	if (status == TROTH_EXIT_OK)
		status = take(p, troth_slice_str(line), "that was given");
	troth_prompt_free(line);
	return status;
}

/* Whoever looked while it stood there has it; from here on nobody sees it any more. */
static enum troth_exit refuse_argument(struct troth_pairing *p, char *argument)
{
	sodium_memzero(argument, strlen(argument));
	return troth_cli_usage(p->running.cli,
			       "a link with a secret can't be an argument, which other users can "
			       "read: `troth pair -` asks for it, or reads it from a pipe");
}

enum troth_exit troth_pair_link(struct troth_pairing *p)
{
	struct troth_cli *cli = p->running.cli;
	char *argument = cli->arg_count > 0 ? cli->args[0] : NULL;
	const char *image = troth_cli_value(cli, "image");
	p->peer = argument;
	if (image != NULL)
		return argument != NULL
			       ? troth_cli_usage(cli, "--image says with whom to pair: no PEER")
			       : from_image(p, image);
	if (argument == NULL)
		return TROTH_EXIT_OK;
	if (strcmp(argument, "-") == 0)
		return from_input(p);
	if (!troth_uri_is(troth_slice_str(argument)))
		return TROTH_EXIT_OK;
	if (strcasestr(argument, "secret") != NULL) /* also where it is no link */
		return refuse_argument(p, argument);
	return take(p, troth_slice_str(argument), argument);
}

/* ---- showing ---- */

/* Who is to be called: an account once it is signed in; before, a name or place on the network. */
static void say_who(struct troth_pairing *p, const char *online, struct troth_uri *uri)
{
	bool lan = !troth_cli_has(p->running.cli, "no-lan");
	char where[TROTH_WHERE_TEXT];
	if (online != NULL)
		(void)snprintf(uri->jid, sizeof uri->jid, "%.*s", (int)strcspn(online, "/"),
			       online);
	if (lan)
		(void)snprintf(uri->name, sizeof uri->name, "%s",
			       troth_session_name(p->running.session));
	if (online != NULL || lan)
		return;
	(void)troth_invite_where(&p->running, where);
	(void)snprintf(uri->name, sizeof uri->name, "%.*s", TROTH_URI_ADDRESS - 1, where);
}

static int make_link(struct troth_pairing *p, const char *online, struct troth_buf *out)
{
	struct troth_uri uri = {.jid = ""};
	const struct troth_cert *cert;
	if (troth_home_cert(p->running.cli, &cert) != TROTH_EXIT_OK)
		return TROTH_E_IO;
	say_who(p, online, &uri);
	(void)snprintf(uri.secret, sizeof uri.secret, "%s", p->generated);
	uri.pin = *troth_cert_pin(cert);
	uri.has_pin = true;
	int err = troth_uri_write(&uri, out);
	troth_uri_fini(&uri);
	return err;
}

void troth_pair_link_show(struct troth_pairing *p, const char *online)
{
	struct troth_output *out = &p->running.cli->out;
	struct troth_buf link TROTH_CLEANUP(troth_buf_fini);
	const char *text = "";
	troth_buf_init(&link, TROTH_URI_MAX);
	int err = make_link(p, online, &link);
	if (err == TROTH_OK)
		err = troth_buf_cstr(&link, &text);
	if (err == TROTH_OK)
		err = troth_qr_show(out, text);
	if (err != TROTH_OK)
		troth_note(out, "The QR code can't be shown: %s", troth_err_text(err));
	else
		troth_json(out, json_pack("{s:s, s:s}", "event", "link", "link", text));
}
