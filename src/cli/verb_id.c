/* SPDX-License-Identifier: MIT */
/* `troth id`: who this device is, to others. Layer: cli. */
#include "base/encode.h"
#include "base/slice.h"
#include "cli/cli.h"
#include "cli/fingerprint.h"
#include "cli/id.h"
#include "cli/verbs.h"
#include "cli/when.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

#define PEM_COLUMNS 64

static void show_text(struct troth_output *out, const struct troth_cert *cert, const char *nick)
{
	char pin[TROTH_FINGERPRINT_LEN], from[TROTH_WHEN_LEN], until[TROTH_WHEN_LEN];
	troth_line(out, TROTH_STYLE_PLAIN, "nick     %s",
		   nick ? nick : "(none: `troth id nick NAME`)");
	for (size_t i = 0; troth_cert_xmpp_addr(cert, i); i++)
		troth_line(out, TROTH_STYLE_PLAIN, "address  %s", troth_cert_xmpp_addr(cert, i));
	troth_line(out, TROTH_STYLE_PLAIN, "pin      %s",
		   troth_fingerprint(pin, troth_cert_pin(cert)));
	troth_line(out, TROTH_STYLE_PLAIN, "name     %s", troth_cert_name(cert));
	troth_line(out, TROTH_STYLE_PLAIN, "key      %s", troth_cert_key_kind(cert));
	troth_line(out, TROTH_STYLE_PLAIN, "valid    %s to %s",
		   troth_when_local(from, troth_cert_not_before(cert)),
		   troth_when_local(until, troth_cert_not_after(cert)));
	troth_note(out,
		   "Compare the pin by voice or in person: it alone tells this key from others.");
}

static void show_json(struct troth_output *out, const struct troth_cert *cert, const char *nick)
{
	char pin[TROTH_FINGERPRINT_LEN], from[TROTH_WHEN_LEN], until[TROTH_WHEN_LEN];
	json_t *addresses = json_array();
	for (size_t i = 0; troth_cert_xmpp_addr(cert, i); i++)
		if (json_array_append_new(addresses,
					  troth_json_text(troth_cert_xmpp_addr(cert, i))))
			out->lost = true;
	troth_json(out, json_pack("{s:o, s:o, s:s, s:s, s:s, s:s, s:s}", "nick",
				  troth_json_text(nick), "addresses", addresses, "pin",
				  troth_fingerprint_hex(pin, troth_cert_pin(cert)), "name",
				  troth_cert_name(cert), "key", troth_cert_key_kind(cert),
				  "not_before", troth_when_iso(from, troth_cert_not_before(cert)),
				  "not_after", troth_when_iso(until, troth_cert_not_after(cert))));
}

static enum troth_exit show(struct troth_cli *cli)
{
	const struct troth_cert *cert;
	char *nick = NULL;
	enum troth_exit status = troth_home_cert(cli, &cert);
	if (status == TROTH_EXIT_OK)
		status = troth_home_nick(cli, &nick);
	if (status == TROTH_EXIT_OK && cli->out.json)
		show_json(&cli->out, cert, nick);
	else if (status == TROTH_EXIT_OK)
		show_text(&cli->out, cert, nick);
	free(nick);
	return status;
}

/* RFC 7468: lines of 64 characters. */
static void show_pem(struct troth_output *out, const char *base64)
{
	troth_line(out, TROTH_STYLE_PLAIN, "-----BEGIN CERTIFICATE-----");
	for (size_t len = strlen(base64); len > 0;) {
		size_t part = len < PEM_COLUMNS ? len : PEM_COLUMNS;
		troth_line(out, TROTH_STYLE_PLAIN, "%.*s", (int)part, base64);
		base64 += part;
		len -= part;
	}
	troth_line(out, TROTH_STYLE_PLAIN, "-----END CERTIFICATE-----");
}

static enum troth_exit show_cert(struct troth_cli *cli)
{
	const struct troth_cert *cert;
	const char *base64 = "";
	enum troth_exit status = troth_home_cert(cli, &cert);
	if (status != TROTH_EXIT_OK)
		return status;
	struct troth_slice der = troth_cert_der(cert);
	struct troth_buf text TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&text, der.len * 2 + 8);
	int err = troth_base64_encode(&text, der);
	if (!err)
		err = troth_buf_cstr(&text, &base64);
	if (err)
		return troth_cli_fail(cli, &(struct troth_failure){.err = err},
				      "can't write the certificate");
	show_pem(&cli->out, base64);
	troth_json(&cli->out, json_pack("{s:s}", "der", base64));
	return TROTH_EXIT_OK;
}

static enum troth_exit set_nick(struct troth_cli *cli)
{
	const char *nick = troth_cli_arg(cli, 1);
	if (!nick)
		return troth_cli_usage(cli, "which nick? troth id nick NAME");
	enum troth_exit status = troth_home_set_nick(cli, nick);
	if (status != TROTH_EXIT_OK)
		return status;
	troth_line(&cli->out, TROTH_STYLE_PLAIN, "Others see %s from the next announcement on.",
		   nick);
	troth_json(&cli->out, json_pack("{s:o}", "nick", troth_json_text(nick)));
	return TROTH_EXIT_OK;
}

static const struct {
	const char *name;
	enum troth_exit (*run)(struct troth_cli *cli);
	size_t args; /* the most, itself included */
} subcommands[] = {
	{"nick", set_nick, 2},
	{"csr", troth_id_csr, 1},
	{"import", troth_id_import, 2},
	{"delegate", troth_id_delegate, 2},
};
static const char *const words[] = {"nick", "csr", "import", "delegate", NULL};

static enum troth_exit run(struct troth_cli *cli)
{
	enum troth_exit status = troth_cli_args(cli, 0, 2);
	const char *what = troth_cli_arg(cli, 0);
	if (status != TROTH_EXIT_OK)
		return status;
	for (size_t i = 0; what && i < sizeof subcommands / sizeof subcommands[0]; i++) {
		if (strcmp(what, subcommands[i].name) != 0)
			continue;
		status = troth_cli_args(cli, 1, subcommands[i].args);
		return status == TROTH_EXIT_OK ? subcommands[i].run(cli) : status;
	}
	if (what)
		return troth_cli_usage(cli, "troth id knows no '%s': nick, csr, import or delegate",
				       what);
	return troth_cli_has(cli, "cert") ? show_cert(cli) : show(cli);
}

static const struct troth_option options[] = {
	{"cert", 0, NULL, "write the certificate as PEM", TROTH_COMPLETE_NOTHING},
	{"jid", 0, "JID", "csr: the address that the CA is to certify", TROTH_COMPLETE_NOTHING},
	{"hours", 0, "N", "delegate: for how long", TROTH_COMPLETE_NOTHING},
	{"path-length", 0, "N", "delegate: how many further ones it may make in a row (default: 0)",
	 TROTH_COMPLETE_NOTHING},
	{NULL, 0, NULL, NULL, TROTH_COMPLETE_NOTHING},
};
static const char *const usage[] = {"[--cert]",
				    "nick NAME",
				    "csr [--jid JID]",
				    "import CERT.pem",
				    "delegate --hours N [--path-length N] DIR",
				    NULL};
static const struct troth_example examples[] = {
	{"troth id", "nick, address and pin, for reading aloud"},
	{"troth id --cert >me.pem", "a certificate that a friend can `troth trust pin`"},
	{"troth id nick Romeo", "another name to be shown"},
	{"troth id csr --jid romeo@example.com >me.csr", "a request for your company's CA"},
	{"troth id import chain.pem", "what came back: your certificate and those above it"},
	{"troth id delegate --hours 12 /srv/job",
	 "a home for a job that acts for you until tonight"},
	{NULL, NULL},
};

const struct troth_verb troth_verb_id = {
	.name = "id",
	.help = "show who this device is to others, get certificates for it",
	.usage = usage,
	.about = "The pin is the SHA-256 of the public key; trust attaches to it. The name is the\n"
		 "SHA-1 by which XEP-0189 finds a certificate; it proves nothing. An imported\n"
		 "certificate is for the same key, so the pin stays. A delegate has a key of its "
		 "own\n"
		 "and a proxy certificate (RFC 3820): it acts for you where a policy allows that,\n"
		 "and can't pair.",
	.options = options,
	.examples = examples,
	.words = words,
	.run = run,
};
