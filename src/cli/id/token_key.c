/* SPDX-License-Identifier: MIT */
/* Keys on tokens, as the verbs use them. Layer: cli. Tries no PIN twice. */
#include "cli/id/token_key.h"

#include "base/slice.h"
#include "cli/id/id.h"
#include "cli/terminal/prompt.h"
#include "cli/terminal/when.h"
#include "store/keyfile.h"
#include "token/token.h"

#include <openssl/evp.h>
#include <troth/err.h>

static enum troth_exit fail_so(struct troth_cli *cli, enum troth_token_whose whose, int err,
			       const struct troth_token_problem *problem, const char *next)
{
	const struct troth_failure failure = {
		.err = err, .cause = *problem->text ? problem->text : NULL, .next = next};
	return troth_cli_fail(cli, &failure, "can't use the token of the %s key",
			      whose == TROTH_TOKEN_USER ? "user" : "device");
}

static enum troth_exit fail(struct troth_cli *cli, enum troth_token_whose whose, int err,
			    const struct troth_token_problem *problem)
{
	return fail_so(cli, whose, err, problem, NULL);
}

/* What to do about a key that --key names and that isn't there, or is there already. */
static const char *next_of(const struct troth_cli *cli, int err)
{
	if (!troth_cli_has(cli, "key"))
		return NULL;
	if (err == TROTH_E_NOT_FOUND)
		return "Add --make to make one there, or name another one.";
	return err == TROTH_E_EXISTS ? "Leave out --make to use that one." : NULL;
}

enum troth_exit troth_token_key_check(struct troth_cli *cli)
{
	bool token = troth_cli_has(cli, "key");
	if (token &&
	    (troth_cli_has(cli, "passphrase") || troth_cli_has(cli, TROTH_NEW_PASSPHRASE_FD)))
		return troth_cli_usage(cli, "a key on a token has a PIN, not a passphrase");
	if (!token && troth_cli_has(cli, "make"))
		return troth_cli_usage(cli, "--make belongs to --key URI");
	return TROTH_EXIT_OK;
}

/* ---- the PIN ---- */

static const char *option_of(enum troth_token_whose whose)
{
	return whose == TROTH_TOKEN_USER ? "user-passphrase-fd" : "passphrase-fd";
}

/* The last try before it locks is a person's to take, never a program's that has a wrong PIN. */
static enum troth_exit may_try(struct troth_cli *cli, enum troth_token_whose whose,
			       const struct troth_token_facts *facts)
{
	struct troth_failure failure = {.err = TROTH_E_REFUSED};
	if (facts->pin_is_locked) {
		failure.cause = "Too many wrong ones were given.";
		failure.next = "The token's own tools unlock it.";
		return troth_cli_fail(cli, &failure, "the PIN of the token %s is locked",
				      facts->label);
	}
	if (facts->last_try && troth_cli_has(cli, option_of(whose))) {
		failure.cause = "One more wrong one locks it.";
		failure.next = "Run this on a terminal and type the PIN.";
		return troth_cli_fail(cli, &failure, "no PIN is tried on the token %s",
				      facts->label);
	}
	if (facts->last_try)
		troth_note(&cli->out, "One more wrong PIN locks the token %s.", facts->label);
	return TROTH_EXIT_OK;
}

static enum troth_exit log_in(struct troth_cli *cli, enum troth_token_whose whose,
			      struct troth_token *token)
{
	struct troth_token_facts facts;
	struct troth_token_problem problem;
	char *pin = NULL;
	troth_token_facts(token, &facts);
	if (!facts.needs_pin)
		return TROTH_EXIT_OK;
	enum troth_exit status = may_try(cli, whose, &facts);
	if (status == TROTH_EXIT_OK && facts.has_pad)
		troth_note(&cli->out, "Type the PIN of %s on its reader.", facts.label);
	else if (status == TROTH_EXIT_OK)
		status = troth_prompt_pin(cli, option_of(whose), facts.label, &pin);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_token_login(token, pin, &problem);
	troth_prompt_free(pin);
	return err == TROTH_OK ? TROTH_EXIT_OK : fail(cli, whose, err, &problem);
}

/* ---- the key ---- */

struct found {
	struct troth_token *token;
	EVP_PKEY *key;
};

static void found_fini(struct found *f)
{
	EVP_PKEY_free(f->key);
	troth_token_close(f->token);
}

static enum troth_exit find(struct troth_cli *cli, enum troth_token_whose whose, const char *uri,
			    bool make, struct found *out)
{
	struct troth_token_problem problem = {""};
	int err = troth_token_open(&out->token, uri, &problem);
	if (err != TROTH_OK)
		return fail(cli, whose, err, &problem);
	enum troth_exit status = log_in(cli, whose, out->token);
	if (status != TROTH_EXIT_OK)
		return status;
	if (make)
		err = troth_token_make(out->token, &problem);
	if (err == TROTH_OK)
		err = troth_token_key(out->token, &out->key, &problem);
	return err == TROTH_OK ? TROTH_EXIT_OK
			       : fail_so(cli, whose, err, &problem, next_of(cli, err));
}

enum troth_exit troth_token_key_new(struct troth_cli *cli, enum troth_token_whose whose,
				    const char *address, struct troth_device **out)
{
	struct found found TROTH_CLEANUP(found_fini) = {NULL, NULL};
	struct troth_buf reference TROTH_CLEANUP(troth_buf_fini);
	const struct troth_device_params params = {address, troth_when_now()};
	const char *uri = troth_cli_value(cli, "key");
	troth_buf_init(&reference, TROTH_KEYFILE_MAX);
	enum troth_exit status = find(cli, whose, uri, troth_cli_has(cli, "make"), &found);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_token_refer(uri, &reference);
	if (err == TROTH_OK)
		err = troth_device_generate_with(out, &params, found.key,
						 troth_buf_slice(&reference));
	return err == TROTH_OK
		       ? TROTH_EXIT_OK
		       : fail(cli, whose, err,
			      &(struct troth_token_problem){"The key signs no certificate."});
}

int troth_token_key_uri(struct troth_slice pem, struct troth_buf *out)
{
	struct troth_buf reference TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&reference, TROTH_KEYFILE_MAX);
	int err = troth_device_reference(pem, &reference);
	return err == TROTH_OK ? troth_token_referred(troth_buf_slice(&reference), out) : err;
}

enum troth_exit troth_token_key_open(struct troth_cli *cli, enum troth_token_whose whose,
				     struct troth_slice pem, struct troth_device **out)
{
	struct found found TROTH_CLEANUP(found_fini) = {NULL, NULL};
	struct troth_buf text TROTH_CLEANUP(troth_buf_fini);
	const char *uri = "";
	troth_buf_init(&text, TROTH_KEYFILE_MAX);
	int err = troth_token_key_uri(pem, &text);
	if (err == TROTH_OK)
		err = troth_buf_cstr(&text, &uri);
	if (err != TROTH_OK)
		return fail(cli, whose, err,
			    &(struct troth_token_problem){"Its file names none that is known."});
	/* A file from a stick must not say what code runs here. */
	if (whose == TROTH_TOKEN_USER && troth_cli_has(cli, "user-key") &&
	    troth_token_names_module(uri))
		return fail(cli, whose, TROTH_E_REFUSED,
			    &(struct troth_token_problem){
				    "Its file names a module to load, and it isn't in your home. "
				    "Set up p11-kit with the module, and take it out of the URI."});
	enum troth_exit status = find(cli, whose, uri, false, &found);
	if (status != TROTH_EXIT_OK)
		return status;
	err = troth_device_read_with(out, pem, found.key);
	if (err == TROTH_OK)
		return TROTH_EXIT_OK;
	if (err != TROTH_E_CERT)
		return fail(cli, whose, err, &(struct troth_token_problem){""});
	return fail(cli, whose, TROTH_E_FORMAT, /* no peer's fault */
		    &(struct troth_token_problem){"The key on it isn't that of the certificate."});
}

/* Effect: whether it could be had; nothing is told. */
static bool take(const char *uri, struct found *out)
{
	struct troth_token_facts facts;
	struct troth_token_problem problem;
	if (troth_token_open(&out->token, uri, &problem) != TROTH_OK)
		return false;
	troth_token_facts(out->token, &facts);
	return !facts.needs_pin && troth_token_key(out->token, &out->key, &problem) == TROTH_OK;
}

struct troth_device *troth_token_key_at_hand(struct troth_slice pem)
{
	struct found found TROTH_CLEANUP(found_fini) = {NULL, NULL};
	struct troth_buf text TROTH_CLEANUP(troth_buf_fini);
	struct troth_device *device = NULL;
	const char *uri;
	troth_buf_init(&text, TROTH_KEYFILE_MAX);
	if (troth_token_key_uri(pem, &text) != TROTH_OK ||
	    troth_buf_cstr(&text, &uri) != TROTH_OK || !take(uri, &found) ||
	    troth_device_read_with(&device, pem, found.key) != TROTH_OK)
		return NULL;
	return device;
}

enum troth_exit troth_token_key_certs(struct troth_cli *cli, const char *uri, struct troth_buf *pem)
{
	struct troth_token *token;
	struct troth_token_problem problem = {""};
	int err = troth_token_open(&token, uri, &problem);
	if (err == TROTH_OK) {
		err = troth_token_certs(token, pem, &problem);
		troth_token_close(token);
	}
	return err == TROTH_OK ? TROTH_EXIT_OK : fail(cli, TROTH_TOKEN_DEVICE, err, &problem);
}
