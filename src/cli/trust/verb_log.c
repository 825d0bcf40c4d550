/* SPDX-License-Identifier: MIT */
/* `troth log`: what happened to trust on this device. Layer: cli. */
#include "base/encode.h"
#include "base/slice.h"
#include "cli/cli.h"
#include "cli/terminal/when.h"
#include "cli/verbs.h"

#include <inttypes.h>
#include <time.h>
#include <troth/err.h>

#define FOLLOW_MS 500

struct reading {
	struct troth_output *out;
	int64_t last; /* the entry shown last */
};

static int show(void *user, const struct troth_store_entry *entry)
{
	struct reading *r = user;
	char when[TROTH_WHEN_LEN], hash[2 * TROTH_STORE_HASH_LEN + 1];
	const char *contact = entry->contact ? entry->contact : "";
	r->last = entry->seq;
	troth_line(r->out, TROTH_STYLE_PLAIN, "%4" PRId64 "  %s  %-17s %s%s%s", entry->seq,
		   troth_when_local(when, entry->time), entry->kind, contact, *contact ? ": " : "",
		   entry->text ? entry->text : "");
	if (!r->out->json)
		return 0;
	troth_hex(hash, troth_slice_of(entry->hash, TROTH_STORE_HASH_LEN));
	troth_json(r->out,
		   json_pack("{s:I, s:s, s:o, s:o, s:o, s:s}", "seq", (json_int_t)entry->seq,
			     "time", troth_when_iso(when, entry->time), "kind",
			     troth_json_text(entry->kind), "contact",
			     troth_json_text(*contact ? contact : NULL), "text",
			     troth_json_text(entry->text), "hash", hash));
	return 0;
}

static enum troth_exit verify(struct troth_cli *cli, struct troth_store *store)
{
	int64_t first = 0;
	int err = troth_store_log_verify(store, &first);
	if (err)
		return troth_home_store_failed(cli, err, "can't verify the log");
	if (first)
		return troth_cli_fail(
			cli,
			&(struct troth_failure){
				.err = TROTH_E_STORE,
				.cause = "",
				.next = "Somebody or something changed the trust store outside of "
					"troth. "
					"Restore a backup, or check your contacts' fingerprints "
					"again."},
			"entry %" PRId64 " of the log was changed, removed or cut off", first);
	troth_line(&cli->out, TROTH_STYLE_GOOD, "The log is whole.");
	troth_json(&cli->out, json_pack("{s:b}", "whole", 1));
	return TROTH_EXIT_OK;
}

/* The store tells nobody of changes made by other processes, so it is asked. */
static int follow(struct troth_store *store, struct reading *r)
{
	const struct timespec pause = {0, FOLLOW_MS * 1000000L};
	int err = TROTH_OK;
	while (!err && fflush(r->out->out) == 0 && !ferror(r->out->out)) {
		nanosleep(&pause, NULL);
		err = troth_store_log_list(store, r->last, show, r);
		if (err == TROTH_E_BUSY)
			err = TROTH_OK;
	}
	return err;
}

static enum troth_exit run(struct troth_cli *cli)
{
	struct troth_store *store;
	struct reading r = {.out = &cli->out};
	enum troth_exit status = troth_cli_args(cli, 0, 0);
	if (status == TROTH_EXIT_OK)
		status = troth_cli_number(cli, "since", 0, INT64_MAX, &r.last);
	if (status == TROTH_EXIT_OK)
		status = troth_home_store(cli, &store);
	if (status != TROTH_EXIT_OK)
		return status;
	if (troth_cli_has(cli, "verify"))
		return verify(cli, store);
	int err = troth_store_log_list(store, r.last, show, &r);
	if (!err && troth_cli_has(cli, "follow"))
		err = follow(store, &r);
	return err ? troth_home_store_failed(cli, err, "can't read the log") : TROTH_EXIT_OK;
}

static const struct troth_option options[] = {
	{"since", 0, "N", "only entries after number N", TROTH_COMPLETE_NOTHING},
	{"follow", 'f', NULL, "go on as entries come", TROTH_COMPLETE_NOTHING},
	{"verify", 0, NULL, "check that no entry was changed or removed", TROTH_COMPLETE_NOTHING},
	{NULL, 0, NULL, NULL, TROTH_COMPLETE_NOTHING},
};
static const char *const usage[] = {"[--since N] [--follow]", "--verify", NULL};
static const struct troth_example examples[] = {
	{"troth log", "every change of trust, the oldest first"},
	{"troth log --follow --json", "for a program that watches"},
	{"troth log --verify", "whether the record is whole"},
	{NULL, NULL},
};

const struct troth_verb troth_verb_log = {
	.name = "log",
	.help = "read the record of all that changed trust",
	.usage = usage,
	.about = "Entries are only ever added; each holds a hash of the one before.",
	.options = options,
	.examples = examples,
	.run = run,
};
