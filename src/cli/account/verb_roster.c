/* SPDX-License-Identifier: MIT */
/* `troth roster`: whom an account's server shows that we are there. Layer: cli. */
#include "cli/account/signing_in.h"
#include "cli/subcommand.h"
#include "cli/verbs.h"
#include "xml/namespace.h"

#include <string.h>
#include <troth/err.h>

struct roster_work {
	struct troth_signing_in in;
	const char *jid;
	const char *name;
	int (*act)(struct roster_work *w, const struct troth_roster_done *done);
	bool shown;    /* at least one */
	bool answered; /* by `done`; else by what comes after it in order */
};

/* ---- list ---- */

static int show_item(void *user, const struct troth_roster_item *item)
{
	struct roster_work *w = user;
	struct troth_cli *cli = w->in.cli;
	w->shown = true;
	const char *what = item->blocked      ? "blocked"
			   : item->asks       ? "asks to see you"
			   : item->asked      ? "asked, hasn't answered"
			   : item->online > 0 ? "there"
					      : "";
	troth_line(&cli->out, item->blocked ? TROTH_STYLE_DIM : TROTH_STYLE_PLAIN, "%s  %s  %s%s%s",
		   item->jid, troth_roster_subscription_name(item->subscription), what,
		   item->name != NULL ? "  " : "", item->name != NULL ? item->name : "");
	troth_json(&cli->out,
		   json_pack("{s:o, s:o, s:s, s:b, s:b, s:b, s:i}", "jid",
			     troth_json_text(item->jid), "name", troth_json_text(item->name),
			     "subscription", troth_roster_subscription_name(item->subscription),
			     "asked", (int)item->asked, "asks", (int)item->asks, "blocked",
			     (int)item->blocked, "online", (int)item->online));
	return 0;
}

static void on_all_here(void *user, const struct troth_account_answer *answer)
{
	struct roster_work *w = user;
	(void)answer;
	if (troth_roster_each(w->in.roster, show_item, w) == 0 && !w->shown)
		troth_note(&w->in.cli->out, "Nobody is in this roster. `troth roster add JID` puts "
					    "somebody in.");
	troth_signing_in_end(&w->in, TROTH_EXIT_OK);
}

static void write_ping(void *user, struct troth_writer *w)
{
	(void)user;
	troth_writer_leaf(w, TROTH_NS_PING, "ping", NULL);
}

/* The block list comes after the roster, and who asks comes with our own presence: both are here
 * when a question to ourselves, which takes the same way, is answered. */
static void list(struct troth_signing_in *s)
{
	const struct troth_account_iq iq = {
		.to = troth_address_full(troth_account_address(s->account)),
		.write = write_ping,
		.done = on_all_here,
		.user = (struct roster_work *)s,
	};
	if (troth_account_ask(s->account, &iq) != TROTH_OK)
		troth_signing_in_end(s, TROTH_EXIT_NETWORK);
}

/* ---- changes ---- */

static int add_item(struct roster_work *w, const struct troth_roster_done *done)
{
	int err = troth_roster_add(w->in.roster, w->jid, w->name, done);
	return err == TROTH_OK ? troth_roster_subscribe(w->in.roster, w->jid) : err;
}

static int accept_asker(struct roster_work *w, const struct troth_roster_done *done)
{
	(void)done;
	return troth_roster_accept(w->in.roster, w->jid);
}

static int refuse_asker(struct roster_work *w, const struct troth_roster_done *done)
{
	(void)done;
	return troth_roster_refuse(w->in.roster, w->jid);
}

static int remove_item(struct roster_work *w, const struct troth_roster_done *done)
{
	return troth_roster_remove(w->in.roster, w->jid, done);
}

static int block(struct roster_work *w, const struct troth_roster_done *done)
{
	return troth_roster_block(w->in.roster, w->jid, true, done);
}

static int unblock(struct roster_work *w, const struct troth_roster_done *done)
{
	return troth_roster_block(w->in.roster, w->jid, false, done);
}

static enum troth_exit outcome(struct roster_work *w, int err, const char *cause)
{
	struct troth_cli *cli = w->in.cli;
	if (err != TROTH_OK)
		return troth_cli_fail(cli, &(struct troth_failure){.err = err, .cause = cause},
				      "can't %s %s", troth_cli_arg(cli, 0), w->jid);
	troth_line(&cli->out, TROTH_STYLE_GOOD, "Done.");
	troth_json(&cli->out, json_pack("{s:o}", "jid", troth_json_text(w->jid)));
	return TROTH_EXIT_OK;
}

static void on_done(void *user, const struct troth_account_answer *answer)
{
	struct roster_work *w = user;
	const char *cause = answer->err != TROTH_E_PEER_ERROR ? NULL
			    : answer->condition == TROTH_STANZA_ITEM_NOT_FOUND
				    ? "That address isn't in this roster."
				    : "The server doesn't do that.";
	if (!w->in.ended)
		troth_signing_in_end(&w->in, outcome(w, answer->err, cause));
}

static void change(struct troth_signing_in *s)
{
	struct roster_work *w = (struct roster_work *)s;
	const struct troth_roster_done done = {on_done, w};
	int err = w->act(w, &done);
	if (err != TROTH_OK || !w->answered)
		troth_signing_in_end(s, outcome(w, err, NULL));
}

static const struct {
	const char *name;
	int (*act)(struct roster_work *w, const struct troth_roster_done *done); /* NULL: list */
	bool answered;
	size_t least, most; /* arguments, itself included */
} subcommands[] = {
	{"list", NULL, false, 1, 1},           {"add", add_item, true, 2, 3},
	{"accept", accept_asker, false, 2, 2}, {"refuse", refuse_asker, false, 2, 2},
	{"remove", remove_item, true, 2, 2},   {"block", block, true, 2, 2},
	{"unblock", unblock, true, 2, 2},
};
static const char *const words[] = {"list",   "add",   "accept",  "refuse",
				    "remove", "block", "unblock", NULL};

/* A label, or a name that was cut off, would be taken for that of a server. */
static enum troth_exit check_jid(struct troth_cli *cli)
{
	const char *jid = troth_cli_arg(cli, 1);
	struct troth_address *address = NULL;
	bool is = jid == NULL || (strpbrk(jid, "@.") != NULL &&
				  troth_address_new(&address, TROTH_REALM_SERVER, jid) == TROTH_OK);
	troth_address_free(address);
	return is ? TROTH_EXIT_OK
		  : troth_cli_usage(cli, "'%s' isn't an address like romeo@montague.example", jid);
}

static enum troth_exit run_subcommand(struct troth_cli *cli, size_t i)
{
	struct troth_signing_as as = {.password = NULL};
	struct roster_work w = {
		.in = {.work = subcommands[i].act == NULL ? list : change,
		       .seen = troth_cli_has(cli, "asking")},
		.jid = troth_cli_arg(cli, 1),
		.name = troth_cli_arg(cli, 2),
		.act = subcommands[i].act,
		.answered = subcommands[i].answered,
	};
	enum troth_exit status = troth_cli_args(cli, subcommands[i].least, subcommands[i].most);
	if (status == TROTH_EXIT_OK)
		status = check_jid(cli);
	if (status == TROTH_EXIT_OK)
		status = troth_signing_as_kept(cli, &as);
	if (status == TROTH_EXIT_OK)
		status = troth_signing_in_run(&w.in, cli, &as);
	troth_signing_as_fini(&as);
	return status;
}

static enum troth_exit run(struct troth_cli *cli)
{
	const char *name = troth_cli_arg(cli, 0);
	for (size_t i = 0; name != NULL && i < sizeof subcommands / sizeof *subcommands; i++)
		if (strcmp(name, subcommands[i].name) == 0)
			return run_subcommand(cli, i);
	return troth_subcommand_unknown(cli);
}

static const struct troth_option options[] = {
	TROTH_ACCOUNT_OPTIONS,
	{"asking", 0, NULL, "list: also who asks to see you; contacts see you for a moment",
	 TROTH_COMPLETE_NOTHING},
	{NULL, 0, NULL, NULL, TROTH_COMPLETE_NOTHING},
};
static const char *const usage[] = {"list [--asking]", "add JID [NAME]",    "accept|refuse JID",
				    "remove JID",      "block|unblock JID", NULL};
static const struct troth_example examples[] = {
	{"troth roster list", "whom the account knows, and who may see whom"},
	{"troth roster add juliet@capulet.example Juliet",
	 "ask her to let you see when she is there"},
	{"troth roster accept juliet@capulet.example", "let her see when you are"},
	{"troth roster block tybalt@capulet.example", "the server keeps everything of his away"},
	{NULL, NULL},
};

const struct troth_verb troth_verb_roster = {
	.name = "roster",
	.help = "who may see that you are there, on an account",
	.usage = usage,
	.about = "A roster is kept by the account's server. It says who is told that you are "
		 "there,\n"
		 "and so who may ask this device anything. It says nothing about keys: that is\n"
		 "`troth trust list`.",
	.options = options,
	.examples = examples,
	.words = words,
	.run = run,
};
