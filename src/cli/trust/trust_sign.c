/* SPDX-License-Identifier: MIT */
/*
 * `troth trust sign`: after a meeting by secret our user's OpenPGP key signs the contact's, for
 * this keyring only, and only when our user says so. Layer: cli.
 */
#include "base/slice.h"
#include "cli/id/keyring.h"
#include "cli/terminal/prompt.h"
#include "cli/terminal/when.h"
#include "cli/trust/trust.h"
#include "openpgp/assigned.h"
#include "session/openpgp_key.h"

#include <string.h>
#include <troth/endorsement.h>
#include <troth/err.h>
#include <troth/xml.h>

struct signing {
	struct troth_cli *cli;
	struct troth_store *store;
	struct troth_openpgp *openpgp;
	struct troth_store_contact contact;
	struct troth_endorsement *endorsement; /* the last that a trusted key of theirs came with */
	struct troth_pin pin;                  /* of that key */
	struct troth_address *jid;
	char own[TROTH_OPENPGP_FINGERPRINT_LEN + 1];
};

/* ---- what the contact has shown ---- */

static int read_one(struct signing *s, const struct troth_store_evidence *row)
{
	struct troth_endorsement *e;
	struct troth_stanza *xml;
	int err = troth_element_parse(&xml, row->data);
	if (err)
		return err;
	err = troth_endorsement_read(&e, troth_stanza_root(xml));
	troth_stanza_free(xml);
	if (err)
		return err;
	troth_endorsement_free(s->endorsement);
	s->endorsement = e;
	s->pin = row->pin;
	return TROTH_OK;
}

static int each(void *user, const struct troth_store_evidence *row)
{
	struct signing *s = user;
	struct troth_store_key key;
	if (strcmp(row->kind, TROTH_OPENPGP_EVIDENCE) != 0 ||
	    troth_store_key_get(s->store, &row->pin, &key) || key.state != TROTH_STORE_KEY_PROVEN ||
	    key.contact != s->contact.id)
		return 0;
	int err = read_one(s, row);
	return err == TROTH_E_NOMEM ? err : 0; /* what can't be read was damaged */
}

static enum troth_exit find_endorsement(struct signing *s)
{
	int err = troth_store_evidence_list(s->store, s->contact.id, NULL, each, s);
	if (err)
		return troth_home_store_failed(s->cli, err,
					       "can't read what the contact has shown");
	if (s->endorsement)
		return TROTH_EXIT_OK;
	return troth_cli_fail(
		s->cli,
		&(struct troth_failure){
			.err = TROTH_E_NOT_FOUND,
			.cause = "No key of theirs that is trusted came with an OpenPGP "
				 "endorsement.",
			.next = "They run `troth id openpgp FINGERPRINT`; then meet again."},
		"can't sign the OpenPGP key of %s", s->contact.label);
}

static int first_jid(void *user, const struct troth_store_address *address)
{
	struct signing *s = user;
	if (address->realm != TROTH_REALM_SERVER || s->jid)
		return 0;
	return troth_address_new(&s->jid, TROTH_REALM_SERVER, address->address);
}

static enum troth_exit find_jid(struct signing *s)
{
	int err = s->endorsement->jid[0] != '\0'
			  ? troth_address_new(&s->jid, TROTH_REALM_SERVER, s->endorsement->jid)
			  : troth_store_address_list(s->store, s->contact.id, first_jid, s);
	if (err)
		return troth_home_store_failed(s->cli, err, "can't read the JID of the contact");
	if (s->jid)
		return TROTH_EXIT_OK;
	return troth_cli_fail(
		s->cli,
		&(struct troth_failure){
			.err = TROTH_E_NOT_FOUND,
			.cause = "Their key names no JID, so there is no user ID to be signed.",
			.next = "Compare fingerprints and use `gpg --lsign-key`, then `troth trust "
				"assign`."},
		"can't sign the OpenPGP key of %s", s->contact.label);
}

/* ---- that it is theirs ---- */

/* The key must have signed the very device that the secret, or a comparison, has proved. */
static int verify(struct signing *s)
{
	struct troth_cert *cert;
	struct troth_buf der TROTH_CLEANUP(troth_buf_fini);
	struct troth_buf message TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&der, TROTH_STORE_BLOB_MAX);
	troth_buf_init(&message, TROTH_STORE_BLOB_MAX);
	int err = troth_store_key_der(s->store, &s->pin, &der);
	if (!err)
		err = troth_cert_new(&cert, troth_buf_slice(&der));
	if (err)
		return err;
	err = troth_endorsement_message(s->endorsement, s->endorsement->issuer_name, cert,
					&message);
	troth_cert_free(cert);
	const struct troth_openpgp_signed signed_ = {
		.fingerprint = s->endorsement->issuer_name,
		.message = troth_buf_slice(&message),
		.signature = s->endorsement->signature,
	};
	return err ? err : troth_openpgp_verify(s->openpgp, &signed_, NULL);
}

static int show(void *user, const struct troth_openpgp_key *key)
{
	troth_keyring_show(user, key);
	return 0;
}

static enum troth_exit check(struct signing *s)
{
	int err = verify(s);
	if (!err)
		err = troth_openpgp_key_get(s->openpgp, s->endorsement->issuer_name, show,
					    &s->cli->out);
	if (!err)
		return TROTH_EXIT_OK;
	if (troth_openpgp_reason(s->openpgp) == TROTH_OPENPGP_REASON_NO_KEY) {
		char cause[160];
		snprintf(cause, sizeof cause, "Your keyring doesn't have their key %s.",
			 s->endorsement->issuer_name);
		return troth_cli_fail(s->cli,
				      &(struct troth_failure){.err = err,
							      .cause = cause,
							      .next = "Ask them for `gpg --export` "
								      "of it, and import it."},
				      "can't sign the OpenPGP key of %s", s->contact.label);
	}
	return troth_keyring_failed(s->cli, err, s->openpgp, "can't sign that OpenPGP key");
}

static enum troth_exit confirm(struct signing *s)
{
	char question[512];
	if (troth_cli_has(s->cli, "yes"))
		return TROTH_EXIT_OK;
	snprintf(question, sizeof question,
		 "Your OpenPGP key will sign, in your own keyring only, that this key is that of "
		 "%.200s. Type \"sign\" to do it",
		 troth_address_bare(s->jid));
	return troth_prompt_confirm(s->cli, question, "sign");
}

/* ---- signing ---- */

static enum troth_exit certify(struct signing *s)
{
	struct troth_openpgp_validity validity;
	const char *level = troth_cli_value(s->cli, "level");
	const struct troth_openpgp_certification certification = {
		.own = s->own,
		.peer = s->endorsement->issuer_name,
		.jid = s->jid,
		.level = level && strcmp(level, "marginal") == 0 ? TROTH_OPENPGP_MARGINAL
								 : TROTH_OPENPGP_FULL,
	};
	int err = troth_openpgp_certify(s->openpgp, &certification, &validity);
	if (err)
		return troth_keyring_failed(s->cli, err, s->openpgp, "the key wasn't signed");
	const struct troth_openpgp_claim claim = {
		.fingerprint = s->endorsement->issuer_name,
		.jid = s->jid,
		.validity = troth_openpgp_worth(validity.user_id),
	};
	err = troth_openpgp_keep(s->store, s->contact.id, &claim, troth_when_now());
	if (err)
		return troth_home_store_failed(
			s->cli, err, "the key is signed, and can't be kept for the contact");
	troth_line(&s->cli->out, TROTH_STYLE_GOOD,
		   "Signed: your keyring finds it %s for %s. Other devices that it endorses are "
		   "recognised from now on.",
		   troth_openpgp_level_name(validity.user_id), troth_address_bare(s->jid));
	troth_json(&s->cli->out,
		   json_pack("{s:o, s:s, s:s, s:s}", "label", troth_json_text(s->contact.label),
			     "fingerprint", claim.fingerprint, "jid", troth_address_bare(s->jid),
			     "validity", troth_openpgp_level_name(validity.user_id)));
	return TROTH_EXIT_OK;
}

static enum troth_exit find_own(struct signing *s)
{
	int err = troth_openpgp_chosen(s->store, s->own);
	if (err != TROTH_E_NOT_FOUND)
		return err ? troth_home_store_failed(s->cli, err, "can't read which key is yours")
			   : TROTH_EXIT_OK;
	return troth_cli_fail(
		s->cli,
		&(struct troth_failure){.err = err,
					.cause = "None is chosen.",
					.next = "`troth id openpgp FINGERPRINT` does it."},
		"no OpenPGP key of yours can sign");
}

enum troth_exit troth_trust_sign(struct troth_cli *cli)
{
	struct signing s = {.cli = cli};
	const char *level = troth_cli_value(cli, "level");
	if (level && strcmp(level, "full") != 0 && strcmp(level, "marginal") != 0)
		return troth_cli_usage(cli, "--level takes full or marginal, not '%s'", level);
	enum troth_exit status = troth_trust_contact(cli, 1, &s.contact);
	if (status == TROTH_EXIT_OK)
		status = troth_home_store(cli, &s.store);
	if (status == TROTH_EXIT_OK)
		status = find_own(&s);
	if (status == TROTH_EXIT_OK)
		status = find_endorsement(&s);
	if (status == TROTH_EXIT_OK)
		status = find_jid(&s);
	if (status == TROTH_EXIT_OK)
		status = troth_keyring_open(cli, &s.openpgp);
	if (status == TROTH_EXIT_OK)
		status = check(&s);
	if (status == TROTH_EXIT_OK)
		status = confirm(&s);
	if (status == TROTH_EXIT_OK)
		status = certify(&s);
	troth_openpgp_free(s.openpgp);
	troth_endorsement_free(s.endorsement);
	troth_address_free(s.jid);
	return status;
}
