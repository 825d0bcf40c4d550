/* SPDX-License-Identifier: MIT */
/* `troth bot`: which subcommand, and its help. Layer: cli. The work is in bot_*.c. */
#include "cli/bot/bot_device.h"
#include "cli/running.h"
#include "cli/subcommand.h"
#include "cli/verbs.h"

static const struct troth_subcommand subcommands[] = {
	{"init", troth_bot_init, 1, 1},
	{"status", troth_bot_status, 1, 1},
	{"label", troth_bot_label, 1, 2},
	{"arm", troth_bot_arm, 1, 1},
	{"reset", troth_bot_reset, 1, 1},
	{"transfer", troth_bot_transfer, 1, 2},
	{NULL, NULL, 0, 0},
};
static const char *const words[] = {"init", "status", "label", "arm", "reset", "transfer", NULL};

static enum troth_exit run(struct troth_cli *cli)
{
	return troth_subcommand_run(cli, subcommands);
}

static const struct troth_option options[] = {
	{"name", 0, "NAME",
	 "init: the name on the label, like radio@kitchen (default: a random one)",
	 TROTH_COMPLETE_NOTHING},
	{"label", 0, "FILE", "init: write the label, too, as SVG or PNG", TROTH_COMPLETE_FILE},
	{"replace", 0, NULL, "init: another code; label: another file of that name",
	 TROTH_COMPLETE_NOTHING},
	{"for", 0, "TIME", "arm, transfer: how long it waits (default: 10m)",
	 TROTH_COMPLETE_NOTHING},
	{"off", 0, NULL, "arm: don't wait any more", TROTH_COMPLETE_NOTHING},
	{"yes", 'y', NULL, "reset: don't ask", TROTH_COMPLETE_NOTHING},
	{"at", 0, "WHERE", "transfer: where the device is, host:port or a name of `troth nearby`",
	 TROTH_COMPLETE_NOTHING},
	TROTH_RUNNING_OPTIONS,
	{NULL, 0, NULL, NULL, TROTH_COMPLETE_NOTHING},
};
static const char *const usage[] = {"init [--name NAME] [--label FILE] [--replace]",
				    "status",
				    "label FILE.svg|FILE.png [--replace]",
				    "arm [--for TIME] [--off]",
				    "reset [--yes]",
				    "transfer [--for TIME] [DEVICE [--at WHERE]]",
				    NULL};
static const struct troth_word word_help[] = {
	{"init",
	 "[--name NAME] [--label FILE] [--replace]",
	 "Gives this device a code of 90 bits with check characters, and a name under which\n"
	 "`troth listen` announces it from then on. The code is kept in the home, readable by\n"
	 "this user alone, because whoever is called needs it as it is; it is shown now and\n"
	 "by `troth bot label` as long as there is no owner. --replace makes another code: the\n"
	 "label of the former one is void.",
	 {{"troth bot init --name radio@kitchen --label label.svg",
	   "a code, on a label to print"}}},
	{"status",
	 "",
	 "Name and owner of this device, and whether it waits for one now.",
	 {{"troth bot status --json", "for a program"}}},
	{"label",
	 "FILE.svg|FILE.png [--replace]",
	 "Writes a label with name, code and a QR code of both, to be stuck on the device.\n"
	 "Not when there is an owner: then the label that was made is the only one.",
	 {{"troth bot label label.png", "a picture to print"}}},
	{"arm",
	 "[--for TIME] [--off]",
	 "Tells the `troth listen` of this device to wait for its owner: the first who proves\n"
	 "the code becomes that, and nobody else after. Run it from what only somebody at the\n"
	 "device can press. Not when there is an owner.",
	 {{"troth bot arm --for 5m", "whoever types the code within five minutes owns it"},
	  {"troth bot arm --off", "don't wait any more"}}},
	{"reset",
	 "[--yes]",
	 "Forgets the owner and all contacts, on the device itself. Key, name and code stay,\n"
	 "so that the label is good; revoked keys stay revoked.",
	 {{"troth bot reset", "asks first"}}},
	{"transfer",
	 "[--for TIME] [DEVICE [--at WHERE]]",
	 "Gives a device away. DEVICE is what you call it: it is asked over the network, and\n"
	 "obeys nobody but its owner. Without DEVICE: this device itself. It takes the first\n"
	 "who proves its code in that time as its new owner, and forgets the former one.",
	 {{"troth bot transfer radio --for 1h",
	   "whoever gets the radio types its code within an hour"}}},
	{NULL, NULL, NULL, {{NULL, NULL}}},
};
static const struct troth_example examples[] = {
	{"troth bot init --name radio@kitchen --label label.svg", "a code, on a label to print"},
	{"troth bot arm --for 5m", "whoever types the code within five minutes owns the device"},
	{"troth bot status", "name and owner"},
	{"troth bot transfer radio", "give your radio to somebody else"},
	{"troth bot reset", "at the device: forget owner and contacts"},
	{NULL, NULL},
};

const struct troth_verb troth_verb_bot = {
	.name = "bot",
	.help = "a device without keyboard: its label, its owner",
	.usage = usage,
	.about =
		"A device gets a code of its own, which stands on its label. When somebody at the\n"
		"device arms it, the first who proves the code becomes its owner, once: with\n"
		"`troth pair` and the code, or the QR code. The owner may give it away; at the\n"
		"device the owner can be forgotten. What a program says for it: `troth listen\n"
		"--exec` and troth-bot(7).",
	.options = options,
	.examples = examples,
	.words = words,
	.word_help = word_help,
	.complete = TROTH_COMPLETE_CONTACT,
	.files_of = "label",
	.run = run,
};
