/* SPDX-License-Identifier: MIT */
/* `troth id`: who this device is, to others. Layer: cli. */
#include "base/encode.h"
#include "base/slice.h"
#include "cli/cli.h"
#include "cli/id/id.h"
#include "cli/id/keyring.h"
#include "cli/id/token_key.h"
#include "cli/subcommand.h"
#include "cli/terminal/fingerprint.h"
#include "cli/terminal/when.h"
#include "cli/user/revoking.h"
#include "cli/user/user_key.h"
#include "cli/verbs.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

#define PEM_COLUMNS 64

static void show_openpgp(struct troth_output *out, const struct troth_endorsement *e)
{
	char key[TROTH_KEYRING_FINGERPRINT_LEN], until[TROTH_WHEN_LEN];
	bool over = e->expires_at <= troth_when_now();
	troth_line(out, over ? TROTH_STYLE_WARN : TROTH_STYLE_PLAIN, "openpgp      %s",
		   troth_keyring_grouped(key, e->issuer_name));
	troth_line(out, over ? TROTH_STYLE_WARN : TROTH_STYLE_PLAIN, "             %s %s",
		   over ? "endorsed it until" : "endorses it until",
		   troth_when_local(until, e->expires_at));
}

static void show_text(struct troth_cli *cli, const struct troth_cert *cert, const char *nick,
		      const struct troth_endorsement *openpgp)
{
	struct troth_output *out = &cli->out;
	const char *token = troth_home_elsewhere(cli);
	char pin[TROTH_FINGERPRINT_LEN], from[TROTH_WHEN_LEN], until[TROTH_WHEN_LEN];
	troth_line(out, TROTH_STYLE_PLAIN, "nick         %s",
		   nick ? nick : "(none: `troth id nick NAME`)");
	for (size_t i = 0; troth_cert_xmpp_addr(cert, i); i++)
		troth_line(out, TROTH_STYLE_PLAIN, "address      %s",
			   troth_cert_xmpp_addr(cert, i));
	troth_line(out, TROTH_STYLE_PLAIN, "fingerprint  %s",
		   troth_fingerprint(pin, troth_cert_pin(cert)));
	troth_line(out, TROTH_STYLE_PLAIN, "name         %s", troth_cert_name(cert));
	troth_line(out, TROTH_STYLE_PLAIN, "key          %s", troth_cert_key_kind(cert));
	troth_line(out, TROTH_STYLE_PLAIN, "valid        %s to %s",
		   troth_when_local(from, troth_cert_not_before(cert)),
		   troth_when_local(until, troth_cert_not_after(cert)));
	if (token)
		troth_line(out, TROTH_STYLE_PLAIN, "on token     %s", token);
	if (openpgp)
		show_openpgp(out, openpgp);
	troth_note(out, "Compare the fingerprint by voice or in person: it alone tells this key "
			"from others.");
}

static json_t *json_openpgp(const struct troth_endorsement *e)
{
	char until[TROTH_WHEN_LEN];
	return e ? json_pack("{s:s, s:s}", "fingerprint", e->issuer_name, "until",
			     troth_when_iso(until, e->expires_at))
		 : json_null();
}

static void show_json(struct troth_cli *cli, const struct troth_cert *cert, const char *nick,
		      const struct troth_endorsement *openpgp)
{
	struct troth_output *out = &cli->out;
	char pin[TROTH_FINGERPRINT_LEN], from[TROTH_WHEN_LEN], until[TROTH_WHEN_LEN];
	json_t *addresses = json_array();
	for (size_t i = 0; troth_cert_xmpp_addr(cert, i); i++)
		if (json_array_append_new(addresses,
					  troth_json_text(troth_cert_xmpp_addr(cert, i))))
			out->lost = true;
	troth_json(out, json_pack("{s:o, s:o, s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "nick",
				  troth_json_text(nick), "addresses", addresses, "fingerprint",
				  troth_fingerprint_hex(pin, troth_cert_pin(cert)), "name",
				  troth_cert_name(cert), "key", troth_cert_key_kind(cert),
				  "not_before", troth_when_iso(from, troth_cert_not_before(cert)),
				  "not_after", troth_when_iso(until, troth_cert_not_after(cert)),
				  "openpgp", json_openpgp(openpgp), "token",
				  troth_json_text(troth_home_elsewhere(cli))));
}

static enum troth_exit show(struct troth_cli *cli)
{
	const struct troth_cert *cert;
	struct troth_own *own = NULL;
	char *nick = NULL;
	enum troth_exit status = troth_home_cert(cli, &cert);
	if (status == TROTH_EXIT_OK)
		status = troth_home_nick(cli, &nick);
	if (status == TROTH_EXIT_OK)
		status = troth_user_own(cli, &own);
	if (status == TROTH_EXIT_OK && cli->out.json)
		show_json(cli, cert, nick, own->openpgp);
	else if (status == TROTH_EXIT_OK)
		show_text(cli, cert, nick, own->openpgp);
	troth_own_free(own);
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

static const struct troth_subcommand subcommands[] = {
	{"nick", set_nick, 1, 2},
	{"openpgp", troth_id_openpgp, 1, 12}, /* a fingerprint in groups */
	{"passphrase", troth_id_passphrase, 1, 2},
	{"renew", troth_id_renew, 1, 1},
	{"revoke", troth_id_revoke, 1, 1},
	{"csr", troth_id_csr, 1, 1},
	{"import", troth_id_import, 1, 2},
	{"delegate", troth_id_delegate, 1, 2},
	{NULL, NULL, 0, 0},
};
static const char *const words[] = {"nick", "openpgp", "passphrase", "renew", "revoke",
				    "csr",  "import",  "delegate",   NULL};

static enum troth_exit run(struct troth_cli *cli)
{
	if (cli->arg_count > 0)
		return troth_subcommand_run(cli, subcommands);
	if (troth_cli_has(cli, "remove") || troth_cli_has(cli, "list"))
		return troth_cli_usage(
			cli, "--list and --remove belong to a subcommand: `troth id --help`");
	if (troth_cli_has(cli, "qr"))
		return troth_id_qr(cli);
	return troth_cli_has(cli, "cert") ? show_cert(cli) : show(cli);
}

static const struct troth_option options[] = {
	{"cert", 0, NULL, "write the certificate as PEM", TROTH_COMPLETE_NOTHING},
	{"qr", 0, NULL, "show address and fingerprint as a QR code", TROTH_COMPLETE_NOTHING},
	{"remove", 0, NULL, "passphrase, openpgp: have none any more", TROTH_COMPLETE_NOTHING},
	{"list", 0, NULL, "openpgp: your keys that can sign, one a line", TROTH_COMPLETE_NOTHING},
	{TROTH_NEW_PASSPHRASE_FD, 0, "N",
	 "passphrase, renew: read the new one from file descriptor N", TROTH_COMPLETE_NOTHING},
	{"passphrase", 0, NULL, "renew: protect the new key with a passphrase",
	 TROTH_COMPLETE_NOTHING},
	TROTH_TOKEN_KEY_OPTIONS,
	TROTH_REVOKE_OPTIONS("revoke: ", "revoke: "),
	TROTH_USER_KEY_OPTIONS("renew: "),
	{"jid", 0, "JID", "csr: the address that the CA is to certify", TROTH_COMPLETE_NOTHING},
	{"hours", 0, "N", "delegate: for how long", TROTH_COMPLETE_NOTHING},
	{"path-length", 0, "N", "delegate: how many further ones it may make in a row (default: 0)",
	 TROTH_COMPLETE_NOTHING},
	{NULL, 0, NULL, NULL, TROTH_COMPLETE_NOTHING},
};
static const char *const usage[] = {"[--cert] [--qr]",
				    "nick NAME",
				    "passphrase [--remove]",
				    "openpgp [FINGERPRINT|--list|--remove]",
				    "renew [--passphrase | --key URI [--make]] [--user-key FILE]",
				    "revoke [--reason WHY] [--yes]",
				    "csr [--jid JID]",
				    "import CERT.pem|URI",
				    "delegate --hours N [--path-length N] DIR",
				    NULL};
static const struct troth_word word_help[] = {
	{"nick",
	 "NAME",
	 "How others see you when you meet them, and with --announce=nick.",
	 {{"troth id nick Romeo", "another name to be shown"}}},
	{"passphrase",
	 "[--remove]",
	 "Adds, changes or removes the passphrase of the device key: the key stays the same, and\n"
	 "contacts notice nothing. The one it has now is asked for on the terminal, or read from\n"
	 "--passphrase-fd; the new one likewise, or from --new-passphrase-fd. The file is\n"
	 "replaced as a whole and the old one overwritten; a backup, and a disk that never\n"
	 "writes twice to one place, may still have it.",
	 {{"troth id passphrase", "asks for the new one twice"},
	  {"troth id passphrase --passphrase-fd 3 --new-passphrase-fd 3 3<both",
	   "for a program: two lines, the old one first"}}},
	{"openpgp",
	 "[FINGERPRINT|--list|--remove]",
	 "Your OpenPGP key signs that this device is yours; agent or card ask. People whose\n"
	 "keyring believes that key for your JID know the device then, without a secret. It\n"
	 "lasts 400 days: run it again for a new one. Without FINGERPRINT shows the key and the\n"
	 "date, or the keys that could be chosen; --remove takes it back. Keyring, agent and\n"
	 "cards are those of your own GnuPG.",
	 {{"troth id openpgp", "which one does, until when; or those of yours"},
	  {"troth id openpgp 31AA 82CF ...", "it endorses this device from now on"}}},
	{"renew",
	 "[--passphrase | --key URI [--make]] [--user-key FILE]",
	 "A new key for this device. The old one names it as its successor, so that contacts\n"
	 "take it when they meet you next. With --key the new one is on a PKCS #11 token.",
	 {{"troth id renew", "a new key; contacts take it from the old one"},
	  {"troth id renew --key 'pkcs11:token=Card;object=troth' --make",
	   "from a file to a token, without pairing again"}}},
	{"revoke",
	 "[--reason WHY] [--yes]",
	 "Says for good that this device's key isn't used any more: contacts refuse it from\n"
	 "then on.",
	 {{"troth id revoke", "asks first"}}},
	{"csr",
	 "[--jid JID]",
	 "A request for a certificate (PKCS #10, PEM) for this device's key, for a CA.",
	 {{"troth id csr --jid romeo@example.com >me.csr", "a request for your company's CA"}}},
	{"import",
	 "CERT.pem|URI",
	 "Shows that certificate, with those above it, from now on. It is for the same key, so\n"
	 "the fingerprint stays. A URI names certificates on a PKCS #11 token.",
	 {{"troth id import chain.pem", "what came back from the CA"},
	  {"troth id import 'pkcs11:token=Card;object=troth'", "what lies beside the key"}}},
	{"delegate",
	 "--hours N [--path-length N] DIR",
	 "Makes a home for a job that acts for you where a policy allows that: a key of its own "
	 "and\n"
	 "a proxy certificate (RFC 3820). It can't pair.",
	 {{"troth id delegate --hours 12 /srv/job", "acts for you until tonight"}}},
	{NULL, NULL, NULL, {{NULL, NULL}}},
};
static const struct troth_example examples[] = {
	{"troth id", "nick, address and fingerprint, for reading aloud"},
	{"troth id --cert >me.pem", "a certificate that a friend can `troth trust pin`"},
	{"troth id --qr", "the same for a friend's camera, then `troth trust pin LABEL LINK`"},
	{"troth id nick Romeo", "another name to be shown"},
	{"troth id passphrase", "protect the key by a passphrase, or by another one"},
	{"troth id openpgp", "the OpenPGP key that endorses this device, until when"},
	{"troth id openpgp 31AA 82CF ...", "it endorses this device from now on"},
	{"troth id renew", "a new key for this device; contacts take it from the old one"},
	{"troth id revoke", "this device isn't used any more: contacts refuse its key from now on"},
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
	.about =
		"The fingerprint is the SHA-256 of the public key; trust attaches to it. The name\n"
		"is the SHA-1 by which XEP-0189 finds a certificate; it proves nothing.",
	.options = options,
	.examples = examples,
	.words = words,
	.word_help = word_help,
	.complete = TROTH_COMPLETE_OPENPGP,
	.files_of = "import",
	.run = run,
};
