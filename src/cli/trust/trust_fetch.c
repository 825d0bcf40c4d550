/* SPDX-License-Identifier: MIT */
/*
 * `troth trust fetch`: the keys that a contact's account shows; where it shows none, its clients
 * are asked for theirs. Layer: cli.
 */
#include "base/limits.h"
#include "cli/account/signing_in.h"
#include "cli/id/openpgp_public.h"
#include "cli/terminal/when.h"
#include "cli/trust/trust.h"
#include "server/pep.h"
#include "session/fetched.h"
#include "xml/namespace.h"

#include <string.h>
#include <troth/err.h>

#define LOOK_MS 2000  /* for any client of theirs to show */
#define SETTLE_MS 500 /* after the first one, for the others */
#define CLIENTS_MAX TROTH_LIMIT_JID_RESOURCES

struct fetching {
	struct troth_signing_in in; /* first */
	struct troth_pep *pep;
	struct troth_store *store;
	struct troth_store_contact contact;
	char jid[TROTH_STORE_TEXT_MAX + 1]; /* "": none is known */
	const char *wanted;                 /* as it was called */
	int err;                            /* of the account's node; TROTH_OK: it shows nothing */
	struct troth_fetched got;
	struct troth_openpgp_shown openpgp;
	json_t *names; /* of all that came */
	bool over;     /* it was told how it ended */
	bool any;      /* somebody has answered */
	bool looking;  /* for clients */
	size_t asked;  /* clients */
	size_t open;   /* of them, that haven't answered */
	bool timing;   /* the timer was made */
	uv_timer_t timer;
};

/* The one that was named, else the last one that it was seen at. */
static int take_address(void *user, const struct troth_store_address *a)
{
	struct fetching *f = user;
	bool named = strcmp(a->address, f->wanted) == 0;
	if (a->realm != TROTH_REALM_SERVER || strlen(a->address) >= sizeof f->jid)
		return 0;
	if (*f->jid == 0 || named)
		memcpy(f->jid, a->address, strlen(a->address) + 1);
	return named ? 1 : 0;
}

static void end(struct fetching *f, enum troth_exit status)
{
	f->looking = false;
	f->over = true;
	if (f->timing)
		uv_close((uv_handle_t *)&f->timer, NULL);
	f->timing = false;
	troth_signing_in_end(&f->in, status);
}

static void fail(struct fetching *f, int err, const char *cause)
{
	end(f, troth_cli_fail(f->in.cli, &(struct troth_failure){.err = err, .cause = cause},
			      "can't fetch the keys of %s", f->jid));
}

/* ---- showing ---- */

static void show_revoked(struct fetching *f)
{
	size_t n = f->got.revoked;
	if (n > 0)
		troth_line(&f->in.cli->out, TROTH_STYLE_WARN,
			   "%zu key%s of %s had been revoked, and %s refused now.", n,
			   n == 1 ? "" : "s", f->contact.label, n == 1 ? "is" : "are");
}

static void show_text(struct fetching *f)
{
	struct troth_output *out = &f->in.cli->out;
	const struct troth_fetched *got = &f->got;
	if (!f->any) {
		troth_line(out, TROTH_STYLE_PLAIN, "%s shows no keys%s.", f->jid,
			   f->asked > 0 ? ", nor does any client of theirs" : "");
		return;
	}
	if (f->asked > 0)
		troth_note(out, "The account shows none: %zu client%s asked.", f->asked,
			   f->asked == 1 ? " of theirs was" : "s of theirs were");
	troth_line(out, TROTH_STYLE_PLAIN,
		   "%s %s %zu key%s: %zu known here as %s's, %zu seen for the first time.", f->jid,
		   f->asked > 0 ? "gives" : "shows", got->keys, got->keys == 1 ? "" : "s",
		   got->known, f->contact.label, got->fresh);
	show_revoked(f);
	troth_note(out, "Nobody is known by a key that a server shows: the next connection says "
			"whose it is.");
}

static void show(struct fetching *f)
{
	const struct troth_fetched *got = &f->got;
	const char *from = !f->any ? NULL : f->asked > 0 ? "client" : "account";
	show_text(f);
	enum troth_exit status = troth_openpgp_shown_tell(f->in.cli, &f->openpgp);
	if (status == TROTH_EXIT_OK)
		troth_json(&f->in.cli->out,
			   json_pack("{s:o, s:o, s:o, s:O, s:o, s:i, s:i, s:i, s:i, s:i}",
				     "contact", troth_json_text(f->contact.label), "jid",
				     troth_json_text(f->jid), "from", troth_json_text(from),
				     "names", f->names, "openpgp",
				     troth_openpgp_shown_json(&f->openpgp), "asked", (int)f->asked,
				     "keys", (int)got->keys, "known", (int)got->known, "fresh",
				     (int)got->fresh, "revoked", (int)got->revoked));
	end(f, status);
}

static bool take(struct fetching *f, const struct troth_keyinfo_list *list, const char *from)
{
	const struct troth_fetched_of of = {
		.store = f->store, .contact = f->contact.id, .from = from, .now = troth_when_now()};
	struct troth_fetched got;
	int err = troth_fetched_take(&of, list, &got);
	if (err != TROTH_OK) {
		end(f, troth_home_store_failed(f->in.cli, err, "can't keep the keys"));
		return false;
	}
	f->got.keys += got.keys;
	f->got.known += got.known;
	f->got.fresh += got.fresh;
	f->got.revoked += got.revoked;
	f->any = true;
	for (size_t i = 0; i < list->count; i++)
		(void)json_array_append_new(f->names, troth_json_text(list->items[i].name));
	troth_openpgp_shown_take(f->in.cli, &f->openpgp, list);
	return true;
}

/* ---- their clients ---- */

static void conclude(struct fetching *f)
{
	if (f->any || f->err == TROTH_OK)
		show(f);
	else
		fail(f, f->err,
		     f->err == TROTH_E_PEER_ERROR
			     ? "Its server doesn't give them, nor did any client of theirs."
			     : NULL);
}

/* An error says that it knows no keys, or doesn't give them to us. */
static void on_given(void *user, const struct troth_pep_keys *keys)
{
	struct fetching *f = user;
	f->open--;
	if (keys->err == TROTH_E_UNREACHABLE) /* the line was lost: nobody has said anything */
		f->err = keys->err;
	if (f->over || f->in.ended ||
	    (keys->err == TROTH_OK && !take(f, keys->list, FETCHED_CLIENT)))
		return;
	if (f->open == 0 && !f->looking)
		conclude(f);
}

static void on_time(uv_timer_t *timer)
{
	struct fetching *f = timer->data;
	uv_close((uv_handle_t *)timer, NULL);
	f->timing = f->looking = false;
	if (!f->over && !f->in.ended && f->open == 0)
		conclude(f);
}

/* A client shows that it is there: it is asked. */
static bool on_stanza(void *user, const struct troth_element *stanza)
{
	struct fetching *f = user;
	struct troth_address *from;
	const char *text = troth_element_attr(stanza, "from");
	if (!f->looking || f->asked == CLIENTS_MAX || text == NULL ||
	    !troth_element_is(stanza, NULL, "presence") ||
	    troth_element_attr(stanza, "type") != NULL ||
	    troth_address_new(&from, TROTH_REALM_SERVER, text) != TROTH_OK)
		return false;
	if (strcmp(troth_address_bare(from), f->jid) == 0 && troth_address_resource(from) != NULL &&
	    troth_pep_request(f->pep, troth_address_full(from), on_given, f) == TROTH_OK) {
		f->asked++;
		f->open++;
		if (f->asked == 1 && uv_timer_start(&f->timer, on_time, SETTLE_MS, 0) != 0)
			f->looking = false;
	}
	troth_address_free(from);
	return false;
}

static void write_presence(void *user, struct troth_writer *w)
{
	troth_writer_open(w, TROTH_NS_CLIENT, "presence");
	troth_writer_attr(w, "to", user);
	troth_writer_close(w);
}

/* Shown to them alone: whoever knows us shows himself. */
static void look_for_clients(struct fetching *f)
{
	int err = uv_timer_init(&f->in.loop, &f->timer) == 0 ? TROTH_OK : TROTH_E_IO;
	f->timing = err == TROTH_OK;
	f->timer.data = f;
	f->looking = true;
	if (err == TROTH_OK)
		err = troth_account_send(f->in.account, write_presence, f->jid);
	if (err == TROTH_OK && uv_timer_start(&f->timer, on_time, LOOK_MS, 0) != 0)
		err = TROTH_E_IO;
	if (err != TROTH_OK)
		fail(f, err, NULL);
}

/* ---- their account ---- */

static void on_fetched(void *user, const struct troth_pep_keys *keys)
{
	struct fetching *f = user;
	if (f->in.ended)
		return;
	/* "An error as answer means that the peer knows no keys, and is no failure." */
	bool unknown = keys->err == TROTH_E_PEER_ERROR &&
		       (keys->condition == TROTH_STANZA_SERVICE_UNAVAILABLE ||
			keys->condition == TROTH_STANZA_FEATURE_NOT_IMPLEMENTED);
	f->err = unknown ? TROTH_OK : keys->err;
	if (keys->err == TROTH_E_UNREACHABLE)
		fail(f, keys->err, NULL);
	else if (keys->err != TROTH_OK || keys->list->count + keys->list->revocations.count == 0)
		look_for_clients(f);
	else if (take(f, keys->list, FETCHED_NODE))
		show(f);
}

static void fetch(struct troth_signing_in *s)
{
	struct fetching *f = (struct fetching *)s;
	const struct troth_pep_callbacks callbacks = {.user = f};
	const struct troth_account_listener listener = {.stanza = on_stanza, .user = f};
	int err = troth_pep_new(&f->pep, s->account, &callbacks);
	if (err == TROTH_OK)
		err = troth_account_listen(s->account, &listener);
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
	f.wanted = troth_cli_arg(cli, 1);
	f.names = json_array();
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
	status = troth_openpgp_shown_read(cli, &f.openpgp);
	if (status == TROTH_EXIT_OK)
		status = troth_signing_as_kept(cli, &as);
	if (status == TROTH_EXIT_OK)
		status = troth_signing_in_run(&f.in, cli, &as);
	json_decref(f.names);
	troth_pep_free(f.pep);
	troth_signing_as_fini(&as);
	return status;
}
