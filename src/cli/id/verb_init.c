/* SPDX-License-Identifier: MIT */
/* `troth init`: this device's key and trust store. Layer: cli. */
#include "base/slice.h"
#include "cli/cli.h"
#include "cli/id/backup.h"
#include "cli/id/token_key.h"
#include "cli/terminal/fingerprint.h"
#include "cli/terminal/prompt.h"
#include "cli/terminal/when.h"
#include "cli/verbs.h"
#include "store/keyfile.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <troth/address.h>
#include <troth/err.h>

#define RANDOM_PART 8
#define ADDRESS_SIZE 3100

/* RFC 2606 2: ".invalid" never exists. Whoever sees the certificate learns nothing. */
static void random_address(char out[ADDRESS_SIZE])
{
	static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
	for (size_t i = 0; i < RANDOM_PART; i++)
		out[i] = letters[randombytes_uniform(sizeof letters - 1)];
	snprintf(out + RANDOM_PART, ADDRESS_SIZE - RANDOM_PART, "@troth.invalid");
}

static enum troth_exit choose_address(struct troth_cli *cli, char out[ADDRESS_SIZE])
{
	const char *jid = troth_cli_value(cli, "jid");
	struct troth_address *address;
	if (!jid) {
		random_address(out);
		return TROTH_EXIT_OK;
	}
	if (troth_address_new(&address, TROTH_REALM_SERVER, jid) != TROTH_OK)
		return troth_cli_usage(
			cli, "--jid '%s' isn't an address like romeo@montague.example", jid);
	snprintf(out, ADDRESS_SIZE, "%s", troth_address_bare(address));
	troth_address_free(address);
	return TROTH_EXIT_OK;
}

static enum troth_exit has_key(struct troth_cli *cli, const char *home)
{
	const struct troth_failure failure = {
		.err = TROTH_E_EXISTS,
		.cause = "",
		.next = "`troth id` shows it. `troth init --replace` makes another one, which no "
			"contact knows.",
	};
	return troth_cli_fail(cli, &failure, "this device has a key already, in %s", home);
}

/* Effect: makes the key; cli->home holds it afterwards. */
static enum troth_exit generate(struct troth_cli *cli, const char *address)
{
	const struct troth_device_params params = {address, troth_when_now()};
	if (troth_cli_has(cli, "key"))
		return troth_token_key_new(cli, TROTH_TOKEN_DEVICE, address, &cli->home.device);
	int err = troth_device_generate(&cli->home.device, &params);
	return err ? troth_cli_fail(cli, &(struct troth_failure){.err = err}, "can't make a key")
		   : TROTH_EXIT_OK;
}

static enum troth_exit save_key(struct troth_cli *cli, const char *home, const char *passphrase)
{
	struct troth_keyfile_problem problem = {""};
	struct troth_buf pem TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&pem, TROTH_KEYFILE_MAX);
	int err = troth_device_write(cli->home.device, passphrase, &pem);
	if (!err)
		err = troth_keyfile_save(home, troth_buf_slice(&pem), troth_cli_has(cli, "replace"),
					 &problem);
	if (err == TROTH_E_EXISTS)
		return has_key(cli, home);
	if (err)
		return troth_cli_fail(
			cli,
			&(struct troth_failure){.err = err,
						.cause = *problem.text ? problem.text : NULL},
			"%s", *problem.text ? "" : "can't keep the new key");
	return TROTH_EXIT_OK;
}

/* Effect: the store, then the key: whoever has a key has all of it. */
static enum troth_exit make_all(struct troth_cli *cli, const char *home, const char *passphrase)
{
	struct troth_store *store;
	const char *nick = troth_cli_value(cli, "nick");
	bool had_key = troth_home_has_key(home);
	enum troth_exit status = troth_home_store_make(cli, &store);
	if (status == TROTH_EXIT_OK && nick && !had_key)
		status = troth_home_set_nick(cli, nick);
	if (status == TROTH_EXIT_OK)
		status = save_key(cli, home, passphrase);
	if (status == TROTH_EXIT_OK && nick && had_key)
		status = troth_home_set_nick(cli, nick);
	return status;
}

/* With --key the descriptor holds the token's PIN. */
static bool wants_passphrase(const struct troth_cli *cli)
{
	return !troth_cli_has(cli, "key") &&
	       (troth_cli_has(cli, "passphrase") || troth_cli_has(cli, "passphrase-fd"));
}

static enum troth_exit make(struct troth_cli *cli, const char *home, const char *address)
{
	char *passphrase = NULL;
	/* Before anything is asked; saving looks again. */
	if (troth_home_has_key(home) && !troth_cli_has(cli, "replace"))
		return has_key(cli, home);
	enum troth_exit status = TROTH_EXIT_OK;
	if (wants_passphrase(cli))
		status = troth_prompt_new_passphrase(cli, "passphrase-fd", &passphrase);
	if (status == TROTH_EXIT_OK)
		status = generate(cli, address);
	if (status == TROTH_EXIT_OK)
		status = make_all(cli, home, passphrase);
	troth_prompt_free(passphrase);
	return status;
}

/* A key without passphrase is as safe as the disk: said once, here. */
static void show(struct troth_cli *cli, const char *home)
{
	char pin[TROTH_FINGERPRINT_LEN];
	struct troth_output *out = &cli->out;
	const struct troth_cert *cert = troth_device_cert(cli->home.device);
	const char *address = troth_cert_xmpp_addr(cert, 0);
	const char *nick = troth_cli_value(cli, "nick");
	const char *token = troth_cli_value(cli, "key");
	bool locked = wants_passphrase(cli);
	troth_line(out, TROTH_STYLE_GOOD, "This device has a key now.");
	troth_line(out, TROTH_STYLE_PLAIN, "  home         %s", home);
	if (nick)
		troth_line(out, TROTH_STYLE_PLAIN, "  nick         %s", nick);
	troth_line(out, TROTH_STYLE_PLAIN, "  address      %s", address);
	troth_line(out, TROTH_STYLE_PLAIN, "  fingerprint  %s",
		   troth_fingerprint(pin, troth_cert_pin(cert)));
	if (token)
		troth_line(out, TROTH_STYLE_PLAIN, "  on token     %s", token);
	else if (!locked)
		troth_note(out, "The key has no passphrase: whoever reads this disk has it.");
	if (troth_home_has_contacts(cli))
		troth_note(out, "Your contacts don't know this key: pair again with each, by "
				"`troth pair --generate LABEL`.");
	else
		troth_note(out, "Next: `troth nearby` shows who is on this network; `troth pair` "
				"meets somebody with a shared secret.");
	troth_json(out, json_pack("{s:o, s:o, s:o, s:s, s:s, s:b, s:o}", "home",
				  troth_json_text(home), "nick", troth_json_text(nick), "address",
				  troth_json_text(address), "name", troth_cert_name(cert),
				  "fingerprint", troth_fingerprint_hex(pin, troth_cert_pin(cert)),
				  "passphrase", locked, "token", troth_json_text(token)));
}

/* Whether somebody's contacts may be in it. */
static bool has_store(const char *home)
{
	char *path = NULL;
	struct stat st;
	if (asprintf(&path, "%s/" TROTH_STORE_FILE, home) < 0)
		return true;
	bool found = lstat(path, &st) == 0 || errno != ENOENT;
	free(path);
	return found;
}

/* All of it is in there. */
static enum troth_exit from_backup(struct troth_cli *cli)
{
	static const char *const others[] = {"nick", "jid", "passphrase", "replace"};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (troth_cli_has(cli, others[i]))
			return troth_cli_usage(cli, "--from-backup and --%s: which of them?",
					       others[i]);
	return troth_backup_init(cli);
}

static enum troth_exit run(struct troth_cli *cli)
{
	const char *home;
	char address[ADDRESS_SIZE];
	enum troth_exit status = troth_cli_args(cli, 0, 0);
	const char *nick = troth_cli_value(cli, "nick");
	if (status == TROTH_EXIT_OK)
		status = troth_token_key_check(cli);
	if (status == TROTH_EXIT_OK && troth_cli_has(cli, "from-backup"))
		return from_backup(cli);
	if (status == TROTH_EXIT_OK && nick)
		status = troth_nick_check(cli, nick);
	if (status == TROTH_EXIT_OK)
		status = choose_address(cli, address);
	if (status == TROTH_EXIT_OK)
		status = troth_home_make(cli, &home);
	if (status != TROTH_EXIT_OK)
		return status;
	bool had_store = has_store(home);
	status = make(cli, home, address);
	if (status != TROTH_EXIT_OK && !had_store)
		troth_home_unmake(cli);
	if (status == TROTH_EXIT_OK)
		show(cli, home);
	return status;
}

static const struct troth_option options[] = {
	{"nick", 0, "NAME", "how others see you when you meet them", TROTH_COMPLETE_NOTHING},
	{"jid", 0, "JID", "your XMPP address, for the certificate (default: a random one)",
	 TROTH_COMPLETE_NOTHING},
	{"passphrase", 0, NULL, "protect the key with a passphrase", TROTH_COMPLETE_NOTHING},
	TROTH_TOKEN_KEY_OPTIONS,
	{"replace", 0, NULL, "make a new key even if there is one: contacts won't know it",
	 TROTH_COMPLETE_NOTHING},
	{"from-backup", 0, "FILE", "be the device of this backup, which is gone",
	 TROTH_COMPLETE_FILE},
	TROTH_BACKUP_OPTIONS,
	{NULL, 0, NULL, NULL, TROTH_COMPLETE_NOTHING},
};
static const char *const usage[] = {
	"[--nick NAME] [--jid JID] [--passphrase | --key URI [--make]] [--replace]",
	"--from-backup FILE", NULL};
static const struct troth_example examples[] = {
	{"troth init --nick Romeo", "a key for this device, and a name to be shown"},
	{"troth init --jid romeo@montague.example --passphrase",
	 "a certificate for an XMPP account, a key that needs a passphrase"},
	{"troth init --from-backup phone.troth", "a lost device again, on a new machine"},
	{"troth init --home /srv/bot --passphrase-fd 3 3</run/keys/bot",
	 "for a program: the passphrase from a descriptor"},
	{"troth init --key 'pkcs11:token=Card;object=troth' --make",
	 "a key made on a PKCS #11 token, which never gives it away"},
	{NULL, NULL},
};

const struct troth_verb troth_verb_init = {
	.name = "init",
	.help = "give this device a key and a trust store",
	.usage = usage,
	.about = "The key is what contacts recognise this device by. The certificate says nothing\n"
		 "about you unless you give an address. An existing key is never overwritten\n"
		 "without --replace.",
	.options = options,
	.examples = examples,
	.run = run,
};
