/* SPDX-License-Identifier: MIT */
/* `troth nearby`: who is on this link, as far as anybody can know. Layer: cli. */
#include "base/slice.h"
#include "cli/meet/nearby.h"
#include "cli/terminal/when.h"
#include "cli/user/user_key.h"
#include "cli/verbs.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

#define ONCE_SECONDS 3

static enum troth_exit load(struct troth_cli *cli, struct troth_nearby *n)
{
	const char *home;
	struct troth_store *store;
	const struct troth_device *device;
	enum troth_exit status = troth_home_path(cli, &home);
	if (status != TROTH_EXIT_OK)
		return status;
	if (!troth_home_has_key(home)) {
		troth_note(&cli->out,
			   "No device key yet, so contacts can't be recognised: `troth init`.");
		return TROTH_EXIT_OK;
	}
	status = troth_home_device(cli, &device);
	if (status == TROTH_EXIT_OK)
		status = troth_home_store(cli, &store);
	if (status != TROTH_EXIT_OK)
		return status;
	const struct troth_recognise_self self = {device, troth_user_former(cli)};
	int err = troth_recognise_new(&n->recognise, store, &self, troth_when_now());
	return err ? troth_home_store_failed(cli, err, "can't tell contacts from strangers")
		   : TROTH_EXIT_OK;
}

static enum troth_exit run(struct troth_cli *cli)
{
	int64_t seconds = troth_cli_has(cli, "once") ? ONCE_SECONDS : 0;
	struct troth_nearby n = {.cli = cli};
	enum troth_exit status = troth_cli_args(cli, 0, 0);
	if (status == TROTH_EXIT_OK)
		status = troth_cli_number(cli, "timeout", 1, 86400, &seconds);
	if (status == TROTH_EXIT_OK)
		status = load(cli, &n);
	n.once = troth_cli_has(cli, "once");
	n.addresses = troth_cli_has(cli, "addresses");
	n.seconds = seconds;
	if (status == TROTH_EXIT_OK)
		status = troth_nearby_watch(&n);
	troth_nearby_fini(&n);
	return status;
}

static const struct troth_option options[] = {
	{"once", '1', NULL, "look for three seconds, then show who is there",
	 TROTH_COMPLETE_NOTHING},
	{"timeout", 't', "SECONDS", "stop after that time", TROTH_COMPLETE_NOTHING},
	{"addresses", 'a', NULL, "ask where each of them listens, and show it",
	 TROTH_COMPLETE_NOTHING},
	{NULL, 0, NULL, NULL, TROTH_COMPLETE_NOTHING},
};
static const char *const usage[] = {"[--once | --timeout SECONDS] [--addresses]", NULL};
static const struct troth_example examples[] = {
	{"troth nearby", "watch who comes and goes; ends with Ctrl-C"},
	{"troth nearby --once --json", "who is there now, for a program"},
	{"troth nearby --addresses --timeout 10", "with addresses and ports"},
	{NULL, NULL},
};

const struct troth_verb troth_verb_nearby = {
	.name = "nearby",
	.help = "see who is on this network",
	.usage = usage,
	.about = "Contacts announce themselves by tags that only their contacts understand: they "
		 "are\n"
		 "shown as \"perhaps Juliet\". Nicks and messages are what others say about\n"
		 "themselves. Nothing here proves anything; only a meeting does.",
	.options = options,
	.examples = examples,
	.run = run,
};
