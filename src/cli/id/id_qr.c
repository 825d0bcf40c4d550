/* SPDX-License-Identifier: MIT */
/* `troth id --qr`: who this device is, for a camera. Layer: cli. Holds no secret. */
#include "base/slice.h"
#include "cli/bot/bot_label.h"
#include "cli/id/id.h"
#include "cli/terminal/qr.h"
#include "keys/cert.h"

#include <stdlib.h>
#include <troth/err.h>

/* A link needs an address; that of the certificate says nothing where there is no account. */
static enum troth_exit make(struct troth_cli *cli, struct troth_uri *out)
{
	const struct troth_cert *cert;
	char *name = NULL;
	enum troth_exit status = troth_home_cert(cli, &cert);
	if (status == TROTH_EXIT_OK)
		status = troth_bot_device_name(cli, &name);
	if (status == TROTH_EXIT_OK)
		status = troth_bot_label_uri(cli, name != NULL ? name : "", out);
	free(name);
	if (status == TROTH_EXIT_OK && *out->jid == 0 && *out->name == 0)
		(void)snprintf(out->jid, sizeof out->jid, "%s",
			       troth_cert_xmpp_addr(cert, 0) ? troth_cert_xmpp_addr(cert, 0)
							     : "nobody@troth.invalid");
	return status;
}

enum troth_exit troth_id_qr(struct troth_cli *cli)
{
	struct troth_uri uri = {.jid = ""};
	const char *text = "";
	struct troth_buf link TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&link, TROTH_URI_MAX);
	enum troth_exit status = make(cli, &uri);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_uri_write(&uri, &link);
	if (err == TROTH_OK)
		err = troth_buf_cstr(&link, &text);
	if (err == TROTH_OK)
		err = troth_qr_show(&cli->out, text);
	if (err != TROTH_OK)
		return troth_cli_fail(cli, &(struct troth_failure){.err = err},
				      "can't show the QR code");
	troth_line(&cli->out, TROTH_STYLE_PLAIN, "%s", text);
	troth_json(&cli->out, json_pack("{s:s}", "link", text));
	troth_note(&cli->out,
		   "Whoever has read it from this screen: \"troth trust pin LABEL LINK\", with the "
		   "link in quotes.");
	return TROTH_EXIT_OK;
}
