/* SPDX-License-Identifier: MIT */
/* `troth trust fetch`: the keys that a contact's account shows. Layer: cli. */
#include "cli/signing_in.h"
#include "cli/trust.h"
#include "cli/when.h"
#include "server/pep.h"
#include "session/fetched.h"

#include <string.h>
#include <troth/err.h>

struct fetching {
	struct troth_signing_in in; /* first */
	struct troth_pep *pep;
	struct troth_store *store;
	struct troth_store_contact contact;
	char jid[TROTH_STORE_TEXT_MAX + 1]; /* "": none is known */
};

static int take_address(void *user, const struct troth_store_address *a)
{
	struct fetching *f = user;
	if (a->realm != TROTH_REALM_SERVER || strlen(a->address) >= sizeof f->jid)
		return 0;
	memcpy(f->jid, a->address, strlen(a->address) + 1);
	return 1; /* the last one that it was seen at */
}

static void fail(struct fetching *f, int err, const char *cause)
{
	troth_signing_in_end(&f->in,
			     troth_cli_fail(f->in.cli,
					    &(struct troth_failure){.err = err, .cause = cause},
					    "can't fetch the keys of %s", f->jid));
}

static void show(struct fetching *f, const struct troth_fetched *got)
{
	struct troth_cli *cli = f->in.cli;
	troth_line(&cli->out, TROTH_STYLE_PLAIN,
		   "%s shows %zu key%s: %zu known here as %s's, %zu seen for the first time.",
		   f->jid, got->keys, got->keys == 1 ? "" : "s", got->known, f->contact.label,
		   got->fresh);
	if (got->revoked > 0)
		troth_line(&cli->out, TROTH_STYLE_WARN,
			   "%zu key%s of %s had been revoked, and %s refused now.", got->revoked,
			   got->revoked == 1 ? "" : "s", f->contact.label,
			   got->revoked == 1 ? "is" : "are");
	troth_note(&cli->out, "Nobody is known by a key that a server shows: the next connection "
			      "says whose it is.");
	troth_json(&cli->out,
		   json_pack("{s:o, s:o, s:i, s:i, s:i, s:i}", "contact",
			     troth_json_text(f->contact.label), "jid", troth_json_text(f->jid),
			     "keys", (int)got->keys, "known", (int)got->known, "fresh",
			     (int)got->fresh, "revoked", (int)got->revoked));
}

static void on_fetched(void *user, const struct troth_pep_keys *keys)
{
	struct fetching *f = user;
	struct troth_fetched got;
	if (f->in.ended)
		return;
	if (keys->err != TROTH_OK) {
		fail(f, keys->err,
		     keys->err == TROTH_E_PEER_ERROR ? "Its server doesn't give them." : NULL);
		return;
	}
	int err = troth_fetched_take(f->store, f->contact.id, keys->list, troth_when_now(), &got);
	if (err != TROTH_OK) {
		troth_signing_in_end(
			&f->in, troth_home_store_failed(f->in.cli, err, "can't keep the keys"));
		return;
	}
	show(f, &got);
	troth_signing_in_end(&f->in, TROTH_EXIT_OK);
}

static void fetch(struct troth_signing_in *s)
{
	struct fetching *f = (struct fetching *)s;
	const struct troth_pep_callbacks callbacks = {.user = f};
	int err = troth_pep_new(&f->pep, s->account, &callbacks);
	if (err == TROTH_OK)
		err = troth_pep_fetch(f->pep, f->jid, NULL, on_fetched, f);
	if (err != TROTH_OK)
		fail(f, err, NULL);
}

enum troth_exit troth_trust_fetch(struct troth_cli *cli)
{
	struct troth_signing_as as = {.password = NULL};
	struct fetching f = {.in = {.work = fetch}};
	enum troth_exit status = troth_trust_contact(cli, 1, &f.contact);
	if (status == TROTH_EXIT_OK)
		status = troth_home_store(cli, &f.store);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_store_address_list(f.store, f.contact.id, take_address, &f);
	if (err < 0)
		return troth_home_store_failed(cli, err, "can't read the contact's addresses");
	if (*f.jid == 0)
		return troth_cli_fail(cli,
				      &(struct troth_failure){
					      .err = TROTH_E_NOT_FOUND,
					      .cause = "No account of theirs is known.",
					      .next = "Meet over a server once: `troth chat JID`."},
				      "can't fetch the keys of %s", f.contact.label);
	status = troth_signing_as_kept(cli, &as);
	if (status == TROTH_EXIT_OK)
		status = troth_signing_in_run(&f.in, cli, &as);
	troth_pep_free(f.pep);
	troth_signing_as_fini(&as);
	return status;
}
