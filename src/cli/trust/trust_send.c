/* SPDX-License-Identifier: MIT */
/* `troth trust send`: our keys to somebody, over a server (XEP-0189). Layer: cli. */
#include "cli/account/signing_in.h"
#include "cli/trust/trust.h"
#include "cli/user/user_key.h"
#include "session/own_items.h"
#include "xml/namespace.h"

#include <string.h>
#include <troth/err.h>

struct sending {
	struct troth_signing_in in; /* first */
	struct troth_pep *pep;
	struct troth_own *own;
	const struct troth_cert *cert;
	char jid[TROTH_STORE_TEXT_MAX + 1]; /* "": none is known */
	size_t keys;
};

static enum troth_exit fail(struct sending *s, int err, const char *cause)
{
	return troth_cli_fail(s->in.cli, &(struct troth_failure){.err = err, .cause = cause},
			      "can't send keys to %s", s->jid);
}

/* What came back tells that nobody has it; that nothing came back tells nothing. */
static bool on_stanza(void *user, const struct troth_element *stanza)
{
	struct sending *s = user;
	struct troth_address *from;
	const char *type = troth_element_attr(stanza, "type");
	const char *text = troth_element_attr(stanza, "from");
	if (!troth_element_is(stanza, TROTH_NS_CLIENT, "message") || type == NULL || text == NULL ||
	    strcmp(type, "error") != 0 ||
	    troth_address_new(&from, TROTH_REALM_SERVER, text) != TROTH_OK)
		return false;
	if (strcmp(troth_address_full(from), s->jid) == 0)
		s->in.status =
			fail(s, TROTH_E_UNREACHABLE, "It came back: nobody there takes it now.");
	troth_address_free(from);
	return true;
}

static void send_keys(struct troth_signing_in *in)
{
	struct sending *s = (struct sending *)in;
	struct troth_own_items items;
	const struct troth_pep_callbacks callbacks = {.user = s};
	const struct troth_account_listener listener = {.stanza = on_stanza, .user = s};
	troth_own_items(&items, s->own, s->cert);
	int err = troth_pep_new(&s->pep, in->account, &callbacks);
	if (err == TROTH_OK)
		err = troth_account_listen(in->account, &listener);
	if (err == TROTH_OK)
		err = troth_pep_send(s->pep, s->jid, items.items, items.count);
	s->keys = items.count - s->own->statements.revocation_count;
	troth_signing_in_end(in, err == TROTH_OK ? TROTH_EXIT_OK : fail(s, err, NULL));
}

static void show(struct sending *s)
{
	struct troth_cli *cli = s->in.cli;
	troth_line(&cli->out, TROTH_STYLE_PLAIN, "Sent to %s: %zu key%s, with what they say.",
		   s->jid, s->keys, s->keys == 1 ? "" : "s");
	troth_note(&cli->out, "Nobody is known by a key that a server brings: the next connection "
			      "says whose it is.");
	troth_json(&cli->out,
		   json_pack("{s:o, s:i}", "jid", troth_json_text(s->jid), "keys", (int)s->keys));
}

static int take_address(void *user, const struct troth_store_address *a)
{
	struct sending *s = user;
	if (a->realm != TROTH_REALM_SERVER || strlen(a->address) >= sizeof s->jid)
		return 0;
	memcpy(s->jid, a->address, strlen(a->address) + 1);
	return 1; /* the last one that it was seen at */
}

/* An address, whoever has it; or a contact's. */
static enum troth_exit find(struct sending *s, struct troth_cli *cli)
{
	struct troth_address *address;
	struct troth_store_contact contact;
	const char *text = troth_cli_arg(cli, 1);
	if (text != NULL && strchr(text, '@') != NULL && strlen(text) < sizeof s->jid &&
	    troth_address_new(&address, TROTH_REALM_SERVER, text) == TROTH_OK) {
		memcpy(s->jid, troth_address_full(address),
		       strlen(troth_address_full(address)) + 1);
		troth_address_free(address);
		return TROTH_EXIT_OK;
	}
	enum troth_exit status = troth_trust_contact(cli, 1, &contact);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_store_address_list(cli->home.store, contact.id, take_address, s);
	if (err < 0)
		return troth_home_store_failed(cli, err, "can't read the contact's addresses");
	if (*s->jid != 0)
		return TROTH_EXIT_OK;
	return troth_cli_fail(cli,
			      &(struct troth_failure){.err = TROTH_E_NOT_FOUND,
						      .cause = "No account of theirs is known.",
						      .next = "Name it: `troth trust send JID`."},
			      "can't send keys to %s", contact.label);
}

enum troth_exit troth_trust_send(struct troth_cli *cli)
{
	struct troth_signing_as as = {.password = NULL};
	struct sending s = {.in = {.work = send_keys}};
	struct troth_store *store;
	enum troth_exit status = troth_home_store(cli, &store);
	if (status == TROTH_EXIT_OK)
		status = find(&s, cli);
	if (status == TROTH_EXIT_OK)
		status = troth_home_cert(cli, &s.cert);
	if (status == TROTH_EXIT_OK)
		status = troth_user_own(cli, &s.own);
	if (status == TROTH_EXIT_OK)
		status = troth_signing_as_kept(cli, &as);
	if (status == TROTH_EXIT_OK)
		status = troth_signing_in_run(&s.in, cli, &as);
	if (status == TROTH_EXIT_OK)
		show(&s);
	troth_pep_free(s.pep);
	troth_own_free(s.own);
	troth_signing_as_fini(&as);
	return status;
}
