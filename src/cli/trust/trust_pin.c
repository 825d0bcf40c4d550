/* SPDX-License-Identifier: MIT */
/* `troth trust pin`: a key that the user got by a road of their own. Layer: cli. */
#include "base/slice.h"
#include "cli/id/pem.h"
#include "cli/meet/uri.h"
#include "cli/terminal/fingerprint.h"
#include "cli/terminal/when.h"
#include "cli/trust/trust.h"
#include "keys/chain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

struct pinning {
	struct troth_pin pin;
	struct troth_cert *cert;   /* NULL: pinned by fingerprint */
	struct troth_address *jid; /* where they are over a server; NULL: our user didn't say */
};

/* Effect: the arguments from the third on, joined: a fingerprint read aloud comes in groups. */
static char *joined(struct troth_cli *cli)
{
	size_t len = 1;
	for (size_t i = 2; i < cli->arg_count; i++)
		len += strlen(cli->args[i]) + 1;
	char *text = calloc(len, 1);
	for (size_t i = 2; text && i < cli->arg_count; i++) {
		if (i > 2)
			strcat(text, " ");
		strcat(text, cli->args[i]);
	}
	return text;
}

static enum troth_exit from_file(struct troth_cli *cli, const char *path, struct pinning *p)
{
	int err = troth_pem_cert_file(&p->cert, path);
	if (err == TROTH_E_IO)
		return troth_cli_fail(
			cli,
			&(struct troth_failure){
				.err = err,
				.cause = strerror(errno),
				.next = "Give a PEM file, or the fingerprint: 64 hex digits."},
			"can't read %s", path);
	if (err)
		return troth_cli_fail(cli,
				      &(struct troth_failure){
					      .err = TROTH_E_FORMAT,
					      .cause = troth_err_text(err),
					      .next = "\"troth id --cert\" writes what is needed, "
						      "on the other device."},
				      "no certificate that can be pinned in %s", path);
	if (troth_cert_is_proxy(p->cert))
		return troth_cli_fail(
			cli,
			&(struct troth_failure){.err = TROTH_E_REFUSED,
						.cause = "It is a job's, which acts for somebody "
							 "else for a time.",
						.next = "Pin its owner's, and let the policy say "
							"contact-proxies."},
			"can't pin %s", path);
	p->pin = *troth_cert_pin(p->cert);
	return TROTH_EXIT_OK;
}

/* What the other one's `troth id --qr` says. */
static bool from_link(const char *text, struct pinning *p)
{
	struct troth_uri uri;
	if (troth_uri_read(&uri, troth_slice_str(text)) != TROTH_OK)
		return false;
	bool has = uri.has_pin && *uri.secret == 0;
	p->pin = uri.pin;
	troth_uri_fini(&uri);
	return has;
}

static enum troth_exit read_key(struct troth_cli *cli, struct pinning *p)
{
	char *text = joined(cli);
	if (!text)
		return troth_cli_fail(cli, &(struct troth_failure){.err = TROTH_E_NOMEM},
				      "can't read the fingerprint");
	enum troth_exit status = TROTH_EXIT_OK;
	if (troth_fingerprint_read(text, &p->pin) || from_link(text, p))
		p->cert = NULL;
	else if (cli->arg_count > 3)
		status = troth_cli_usage(cli, "a fingerprint has 64 hex digits; '%s' isn't one",
					 text);
	else
		status = from_file(cli, text, p);
	free(text);
	return status;
}

static enum troth_exit refuse_own(struct troth_cli *cli, const struct pinning *p)
{
	const struct troth_cert *own;
	enum troth_exit status = troth_home_cert(cli, &own);
	if (status != TROTH_EXIT_OK || !troth_pin_equal(troth_cert_pin(own), &p->pin))
		return status;
	return troth_cli_fail(cli,
			      &(struct troth_failure){.err = TROTH_E_INVAL,
						      .cause = "",
						      .next = "Ask your contact for theirs."},
			      "that is this device's own key");
}

/* "Over a server the bare JID must belong to the identity": here our user says so. */
static enum troth_exit read_jid(struct troth_cli *cli, struct troth_address **out)
{
	const char *jid = troth_cli_value(cli, "jid");
	if (!jid)
		return TROTH_EXIT_OK;
	int err = troth_address_new(out, TROTH_REALM_SERVER, jid);
	if (err == TROTH_E_NOMEM)
		return troth_cli_fail(cli, &(struct troth_failure){.err = err},
				      "can't read the address");
	if (err)
		return troth_cli_usage(
			cli, "--jid '%s' isn't an address like romeo@montague.example", jid);
	return TROTH_EXIT_OK;
}

/* Effect: pins for the contact called label, who is made if there is none. */
static int commit(struct troth_cli *cli, struct troth_store *store, const char *label,
		  const struct troth_store_new_key *key, const struct troth_address *jid)
{
	struct troth_store_contact contact;
	int64_t now = troth_when_now(), id;
	const struct troth_store_address address = {.realm = TROTH_REALM_SERVER,
						    .address = jid ? troth_address_bare(jid) : NULL,
						    .source = "user",
						    .last_seen = now};
	struct troth_store_meeting meeting = {
		.label = label, .key = key, .address = jid ? &address : NULL};
	int err = troth_store_contact_by_label(store, label, &contact);
	if (err == TROTH_E_NOT_FOUND)
		return troth_store_meeting_commit(store, &meeting, now, &id);
	if (err)
		return err;
	meeting.contact = contact.id;
	meeting.repair = troth_cli_has(cli, "replace");
	if (jid)
		return troth_store_meeting_commit(store, &meeting, now, &id);
	if (troth_cli_has(cli, "replace"))
		return troth_store_repair(store, contact.id, key, now);
	return troth_store_key_pin(store, contact.id, key, now);
}

static void show(struct troth_cli *cli, const char *label, const struct pinning *p)
{
	char pin[TROTH_FINGERPRINT_LEN];
	troth_line(&cli->out, TROTH_STYLE_GOOD, "%s is known by this key from now on:", label);
	troth_line(&cli->out, TROTH_STYLE_PLAIN, "  %s", troth_fingerprint(pin, &p->pin));
	if (!p->cert && !p->jid)
		troth_note(
			&cli->out,
			"The first time, call %s by HOST:PORT or by the name that `troth nearby` "
			"shows, or wait to be called: the key is compared then. From there on "
			"the label will do.",
			label);
	troth_json(&cli->out,
		   json_pack("{s:o, s:s, s:b}", "label", troth_json_text(label), "fingerprint",
			     troth_fingerprint_hex(pin, &p->pin), "certificate", p->cert != NULL));
}

enum troth_exit troth_trust_pin(struct troth_cli *cli)
{
	struct troth_store *store;
	struct pinning p = {.cert = NULL, .jid = NULL};
	const char *label = troth_cli_arg(cli, 1);
	if (cli->arg_count < 3)
		return troth_cli_usage(cli, "which key? troth trust pin LABEL FILE|FINGERPRINT");
	enum troth_exit status = troth_cli_args(cli, 3, 18);
	if (status == TROTH_EXIT_OK)
		status = read_jid(cli, &p.jid);
	if (status == TROTH_EXIT_OK)
		status = read_key(cli, &p);
	if (status == TROTH_EXIT_OK)
		status = refuse_own(cli, &p);
	if (status == TROTH_EXIT_OK)
		status = troth_home_store(cli, &store);
	if (status == TROTH_EXIT_OK) {
		const struct troth_store_new_key key = {
			.pin = &p.pin,
			.name = p.cert ? troth_cert_name(p.cert) : "",
			.der = p.cert ? troth_cert_der(p.cert) : (struct troth_slice){NULL, 0},
			.how = "manual",
			.detail = p.cert ? "a certificate" : "a fingerprint",
		};
		int err = commit(cli, store, label, &key, p.jid);
		if (err)
			status = troth_home_store_failed(cli, err, "can't pin the key");
		else
			show(cli, label, &p);
	}
	troth_cert_free(p.cert);
	troth_address_free(p.jid);
	return status;
}
