/* SPDX-License-Identifier: MIT */
/* `troth user`: which subcommand, and its help. Layer: cli. The work is in user_*.c. */
#include "cli/id/token_key.h"
#include "cli/running.h"
#include "cli/subcommand.h"
#include "cli/user/revoking.h"
#include "cli/user/user.h"
#include "cli/user/user_key.h"
#include "cli/verbs.h"

static const struct troth_subcommand subcommands[] = {
	{"init", troth_user_init, 1, 1},
	{"show", troth_user_show, 1, 1},
	{"endorse", troth_user_endorse, 1, 1},
	{"add", troth_user_add, 2, 2},
	{"join", troth_user_join, 2, 2},
	{"revoke", troth_user_revoke, 2, 2},
	{"suspend", troth_user_suspend, 2, 2},
	{"lost", troth_user_lost, 1, 1},
	{"quorum", troth_user_quorum, 2, 9},
	{"succeed", troth_user_succeed, 2, 2},
	{NULL, NULL, 0, 0},
};
static const char *const words[] = {"init",    "show", "endorse", "add",     "join", "revoke",
				    "suspend", "lost", "quorum",  "succeed", NULL};

static enum troth_exit run(struct troth_cli *cli)
{
	return troth_subcommand_run(cli, subcommands);
}

static const struct troth_option options[] = {
	{"offline", 0, "FILE",
	 "init: write the user key to FILE, as on a stick, not to this device",
	 TROTH_COMPLETE_FILE},
	{"replace", 0, NULL, "init: make another one", TROTH_COMPLETE_NOTHING},
	TROTH_TOKEN_KEY_OPTIONS,
	TROTH_REVOKE_OPTIONS("revoke, suspend: ", "revoke, suspend, lost, quorum, succeed: "),
	TROTH_USER_KEY_OPTIONS("endorse, add, revoke, lost, quorum: "),
	{"need", 0, "N", "quorum: so many of the devices; two, if it isn't said",
	 TROTH_COMPLETE_NOTHING},
	{"timeout", 't', "SECONDS", "add, join: give up after that time", TROTH_COMPLETE_NOTHING},
	TROTH_RUNNING_OPTIONS_OF("add, join: ", ", as troth listen --help says"),
	{NULL, 0, NULL, NULL, TROTH_COMPLETE_NOTHING},
};
static const struct troth_word word_help[] = {
	{"init",
	 "[--offline FILE] [--key URI [--make]] [--replace]",
	 "Makes your user key and endorses this device by it. On a stick it is out of reach of\n"
	 "whoever takes the device; you need it there for each further device.",
	 {{"troth user init", "a key above your devices, kept on this one"},
	  {"troth user init --offline /media/stick/user.pem", "kept off this device"}}},
	{"show",
	 "",
	 "The fingerprint of your user key, and your devices with the dates until which it\n"
	 "endorses them.",
	 {{"troth user show", "which devices are yours, until when"}}},
	{"endorse",
	 "[--user-key FILE]",
	 "Says anew, for 400 days, that this device is yours. Happens by itself in time where the\n"
	 "user key is on the device without a passphrase.",
	 {{"troth user endorse --user-key /media/stick/user.pem", "says the key on the stick"}}},
	{"add",
	 "PEER [--user-key FILE]",
	 "Makes a paired device one of yours, and tells it your contacts. On that device\n"
	 "`troth user join` must be waiting.",
	 {{"troth user add phone", "phone is mine, and gets to know my contacts"}}},
	{"join",
	 "PEER",
	 "On a new device: waits until that contact, another device of yours, has made it one\n"
	 "of them. Takes the contacts that it is told, but changes none.",
	 {{"troth user join desktop", "then, on desktop: troth user add phone"}}},
	{"revoke",
	 "DEVICE [--reason WHY] [--yes]",
	 "Says for good that a device isn't yours any more: contacts refuse it once they know.\n"
	 "DEVICE is a label or fingerprint that `troth user show` has.",
	 {{"troth user revoke phone", "it was stolen"},
	  {"troth user revoke phone --reason retired", "it was sold, and erased before"}}},
	{"suspend",
	 "DEVICE [--reason WHY] [--yes]",
	 "Where the user key isn't at hand: says by this device's key that another one of yours "
	 "is\n"
	 "in wrong hands. Contacts refuse it until the user key or a new pairing decides.",
	 {{"troth user suspend phone", "stolen, and the user key is at home"}}},
	{"lost",
	 "[--yes]",
	 "Gives the user key up, after a confirmation: it is gone, or in wrong hands. Where it\n"
	 "can still be read it revokes itself. Contacts have to pair again with each device\n"
	 "before they believe another one.",
	 {{"troth user lost", "asks first; then: troth user init"}}},
	{"quorum",
	 "DEVICE... [--need N] [--user-key FILE]",
	 "Says in advance, by the user key, which devices can together name the next one when it\n"
	 "is lost: this device and those. Two of them, or as many as --need says, must agree.",
	 {{"troth user quorum phone laptop", "two of the three can name the next user key"}}},
	{"succeed",
	 "FINGERPRINT",
	 "On another device of the quorum: agrees that the user key is lost, and that the one of\n"
	 "this fingerprint, made on the first device after `troth user lost`, is the next.",
	 {{"troth user succeed 3f1a9c04", "the fingerprint is the one that the first shows"}}},
	{NULL, NULL, NULL, {{NULL, NULL}}},
};
static const char *const usage[] = {
	"init [--offline FILE] [--key URI [--make]] [--replace]",
	"show",
	"endorse [--user-key FILE]",
	"add PEER [--user-key FILE]",
	"join PEER",
	"revoke DEVICE [--reason WHY] [--yes]",
	"suspend DEVICE [--reason WHY] [--yes]",
	"lost [--yes]",
	"quorum DEVICE... [--need N] [--user-key FILE] [--yes]",
	"succeed FINGERPRINT [--yes]",
	NULL,
};
static const struct troth_example examples[] = {
	{"troth user init", "a key above your devices, by which contacts recognise all of them"},
	{"troth user init --offline /media/stick/user.pem", "the same, kept off this device"},
	{"troth user init --key 'pkcs11:token=Card;object=user' --make",
	 "the same, made on a token, which never gives it away"},
	{"troth user show", "its fingerprint, and your devices with dates"},
	{"troth user endorse --user-key /media/stick/user.pem",
	 "this device is yours: says the key on the stick"},
	{"troth user join desktop",
	 "on a new device, paired with desktop: wait to be made one of yours"},
	{"troth user add phone", "on desktop: phone is mine, and gets to know my contacts"},
	{"troth user revoke phone", "it was stolen: contacts refuse it once they know"},
	{"troth user suspend phone",
	 "it was stolen, and the stick with the user key isn't here: this device says so"},
	{"troth user lost", "the user key itself is gone, or in wrong hands"},
	{"troth user quorum phone laptop",
	 "in good time: two of the three, with this one, can name the next user key"},
	{"troth user succeed 3f1a9c04",
	 "on one of those, after `lost` and `init` here: this is the next user key"},
	{NULL, NULL},
};

const struct troth_verb troth_verb_user = {
	.name = "user",
	.help = "a key for you, above your devices: more than one, or a lost one",
	.usage = usage,
	.about = "A user key endorses the keys of your devices. Contacts who know one of your\n"
		 "devices learn it there, and recognise the others without a shared secret. An\n"
		 "endorsement lasts 400 days and is renewed in time where the user key is on the\n"
		 "device without a passphrase; nobody unlearns a device when one expires.",
	.options = options,
	.examples = examples,
	.words = words,
	.word_help = word_help,
	.complete = TROTH_COMPLETE_CONTACT,
	.run = run,
};
