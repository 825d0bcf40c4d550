/* SPDX-License-Identifier: MIT */
/* `troth trust`: which subcommand, and its help. Layer: cli. The work is in trust_*.c. */
#include "cli/account/accounts.h"
#include "cli/subcommand.h"
#include "cli/trust/trust.h"
#include "cli/verbs.h"

static const struct troth_subcommand subcommands[] = {
	{"list", troth_trust_list, 1, 1},
	{"show", troth_trust_show, 1, 2},
	{"explain", troth_trust_explain, 1, 2},
	{"rename", troth_trust_rename, 1, 3},
	{"forget", troth_trust_forget, 1, 2},
	{"pin", troth_trust_pin, 1, 18},
	{"secret", troth_trust_secret, 1, 2},
	{"assign", troth_trust_assign, 1, 12},
	{"add", troth_trust_add, 1, 2},
	{"sign", troth_trust_sign, 1, 2},
	{"openpgp", troth_trust_openpgp, 1, 2},
	{"graph", troth_trust_graph, 1, 1},
	{"ask", troth_trust_ask, 1, 3},
	{"fetch", troth_trust_fetch, 1, 2},
	{"send", troth_trust_send, 1, 2},
	{"share", troth_trust_share, 1, 3},
	{"introducer", troth_trust_introducer, 1, 2},
	{NULL, NULL, 0, 0},
};
static const char *const words[] = {"list",       "show", "explain", "rename", "forget",  "pin",
				    "secret",     "add",  "sign",    "assign", "openpgp", "graph",
				    "introducer", "ask",  "fetch",   "send",   "share",   NULL};

static enum troth_exit run(struct troth_cli *cli)
{
	return troth_subcommand_run(cli, subcommands);
}

static const struct troth_option options[] = {
	{"labels", 0, NULL, "list: labels only, one a line", TROTH_COMPLETE_NOTHING},
	{"yes", 'y', NULL, "forget, sign: don't ask", TROTH_COMPLETE_NOTHING},
	{"keep-roster", 0, NULL, "forget: let them go on seeing when you are online",
	 TROTH_COMPLETE_NOTHING},
	{"level", 0, "LEVEL", "sign: what the key is to become (default: full)",
	 TROTH_COMPLETE_NOTHING},
	{"replace", 0, NULL, "pin: instead of the keys that the contact has",
	 TROTH_COMPLETE_NOTHING},
	{"jid", 0, "JID", "pin: where the contact is over a server", TROTH_COMPLETE_NOTHING},
	{"dot", 0, NULL, "graph: in the language of graphviz", TROTH_COMPLETE_NOTHING},
	{"svg", 0, NULL, "graph: as SVG, drawn by graphviz", TROTH_COMPLETE_NOTHING},
	{"import", 0, "FINGERPRINT", "fetch: put that OpenPGP key into your keyring",
	 TROTH_COMPLETE_NOTHING},
	{"arm", 0, NULL, "secret: allow guesses anew", TROTH_COMPLETE_NOTHING},
	{"remove", 0, NULL, "assign, introducer: take it back", TROTH_COMPLETE_NOTHING},
	{"as", 0, "LABEL", "ask: call that person LABEL", TROTH_COMPLETE_NOTHING},
	{"timeout", 't', "SECONDS", "ask: give up after that time", TROTH_COMPLETE_NOTHING},
	{"interface", 'i', "NAME", "ask: be on the link of this interface only",
	 TROTH_COMPLETE_INTERFACE},
	TROTH_ACCOUNTS_OPTIONS("ask, fetch, send: "),
	{"no-lan", 0, NULL, "ask: don't look for the introducer on the link",
	 TROTH_COMPLETE_NOTHING},
	{NULL, 0, NULL, NULL, TROTH_COMPLETE_NOTHING},
};
static const struct troth_word word_help[] = {
	{"list",
	 "[--labels]",
	 "All contacts with their level, how it came about, and when you last met.",
	 {{"troth trust list", "everybody you have met, and how sure it is"},
	  {"troth trust list --json", "for a program"}}},
	{"show",
	 "LABEL",
	 "Keys with their states and fingerprints, addresses, and the last connections.",
	 {{"troth trust show Juliet", "all that is known of Juliet"}}},
	{"explain",
	 "LABEL",
	 "Why a contact is trusted as it is: the reasons, in sentences.",
	 {{"troth trust explain Juliet", "by what, when, how"}}},
	{"rename",
	 "LABEL NEW",
	 "Gives a contact another label. Keys and history stay.",
	 {{"troth trust rename peer-1f2e3d Juliet", "a name that you choose"}}},
	{"forget",
	 "LABEL [--yes] [--keep-roster]",
	 "Unlearns keys and addresses of a contact, after a confirmation. Keys that were\n"
	 "revoked stay revoked. At the next sign-in the contact is taken out of the rosters of\n"
	 "your accounts, so that neither sees when the other is online; other programs have it\n"
	 "there no more either. To meet again: `troth pair`.",
	 {{"troth trust forget Juliet", "asks for the label once more"},
	  {"troth trust forget Juliet --yes", "for a program"}}},
	{"pin",
	 "LABEL FILE|FINGERPRINT [--jid JID] [--replace]",
	 "Trusts a certificate (PEM; '-' is standard input) or a fingerprint of 64 hex digits,\n"
	 "in groups or not, that you got by a road of your own: in person, or by telephone.\n"
	 "`troth id --cert` and `troth id` show yours. With a fingerprint alone the first call\n"
	 "goes to host:port, or to a name that `troth nearby` shows. Over a server the key counts\n"
	 "where --jid says: whoever has it is found there, and nobody else is taken there.",
	 {{"troth trust pin Juliet juliet.pem", "a certificate that Juliet gave you"},
	  {"troth trust pin Juliet juliet.pem --jid juliet@capulet.lit", "and where she is"},
	  {"troth trust pin Juliet 1f2e 3d4c ...", "or her fingerprint: 16 groups of four"}}},
	{"secret",
	 "LABEL [--arm]",
	 "How many guesses at the secret shared with a contact are left. Each wrong one is\n"
	 "counted, so that nobody can try them all.",
	 {{"troth trust secret Juliet", "how many are left"},
	  {"troth trust secret Juliet --arm", "after too many wrong ones: allow more"}}},
	{"assign",
	 "[JID FINGERPRINT|JID --remove]",
	 "Says that an OpenPGP key is that of a JID, whatever its user IDs say, and makes a\n"
	 "contact of it; without words lists what was assigned.",
	 {{"troth trust assign juliet@capulet.lit 31AA 82CF ...", "this OpenPGP key is hers"},
	  {"troth trust assign juliet@capulet.lit --remove", "take it back"}}},
	{"add",
	 "JID",
	 "Makes a contact of somebody whom you haven't met, if your OpenPGP keyring has a key for\n"
	 "that JID (a user ID `xmpp:JID`) that it finds valid. Their devices are known by it.",
	 {{"troth trust add juliet@capulet.lit", "then: troth chat --at HOST:PORT"}}},
	{"sign",
	 "LABEL [--level LEVEL] [--yes]",
	 "Your OpenPGP key signs that of a contact, after you have met by a shared secret, in "
	 "your\n"
	 "own keyring only. Shows the key and asks first. Their other devices need no secret then.",
	 {{"troth trust sign Juliet", "shows her key, and asks"}}},
	{"openpgp",
	 "",
	 "How valid an OpenPGP key must be in your keyring to speak for a JID: full, unless the\n"
	 "policy says otherwise (`openpgp marginal`).",
	 {{"troth trust openpgp", "what is needed now"}}},
	{"graph",
	 "[--dot|--svg]",
	 "People, devices, keys and who endorses whom: a tree here, DOT for graphviz, or SVG "
	 "where\n"
	 "graphviz is installed.",
	 {{"troth trust graph", "as a tree"},
	  {"troth trust graph --svg >trust.svg", "as a picture"}}},
	{"introducer",
	 "[LABEL [--remove]]",
	 "Hears that contact's word on other people's keys: somebody for whom it vouches is\n"
	 "`vouched`, less than verified. Without LABEL lists those who are introducers. When one\n"
	 "is removed, forgotten, or its key revoked, its word doesn't count any more.",
	 {{"troth trust introducer Benvolio", "he knows more people, and looks closely"},
	  {"troth trust introducer Benvolio --remove", "and what he said doesn't count any more"}}},
	{"ask",
	 "LABEL NAME [--as LABEL]",
	 "Asks an introducer for the keys of a person: by the name that the introducer uses, or\n"
	 "by an address. That person becomes a contact, `vouched`. Somebody who has keys here is\n"
	 "never changed by it: you are told whether the introducer names the same ones. The\n"
	 "introducer must let you ask: `troth trust share`.",
	 {{"troth trust ask Benvolio Mercutio", "then: troth chat --accept vouched Mercutio"},
	  {"troth trust ask Benvolio merc --as Mercutio", "what Benvolio calls merc"}}},
	{"fetch",
	 "LABEL|JID [--import FINGERPRINT]",
	 "Fetches the keys that a contact's account shows (XEP-0189), or, where it shows none, "
	 "those\n"
	 "that their clients give when they are asked. They are recorded as seen and make nobody\n"
	 "known; revocations that a key of the contact has signed are applied. An OpenPGP key "
	 "among\n"
	 "them goes into your keyring if you name it, and is as valid there as your GnuPG says.",
	 {{"troth trust fetch Juliet", "has she revoked a key?"}}},
	{"send",
	 "LABEL|JID",
	 "Sends your public keys, and what they say about each other, to an account over a server\n"
	 "(XEP-0189): to a contact, or anybody. They are recorded there as seen, at most; the "
	 "server\n"
	 "reads them, too.",
	 {{"troth trust send juliet@capulet.lit", "before the first meeting, to compare then"}}},
	{"share",
	 "[LABEL on|off]",
	 "Lets a contact ask this device for the keys of people whom you have met; nobody may by\n"
	 "default, since that tells whom you know. Without words lists those who may.",
	 {{"troth trust share Romeo on", "he may ask for the people whom you know"}}},
	{NULL, NULL, NULL, {{NULL, NULL}}},
};
static const char *const usage[] = {
	"list [--labels]",
	"show LABEL",
	"explain LABEL",
	"rename LABEL NEW",
	"forget LABEL [--yes]",
	"pin LABEL FILE|FINGERPRINT [--jid JID] [--replace]",
	"secret LABEL [--arm]",
	"assign [JID FINGERPRINT|JID --remove]",
	"add JID",
	"sign LABEL [--level LEVEL] [--yes]",
	"openpgp",
	"graph [--dot|--svg]",
	"introducer [LABEL [--remove]]",
	"ask LABEL NAME [--as LABEL]",
	"fetch LABEL|JID [--import FINGERPRINT]",
	"send LABEL|JID",
	"share [LABEL on|off]",
	NULL,
};
static const struct troth_example examples[] = {
	{"troth trust list", "everybody you have met, and how sure it is"},
	{"troth trust explain Juliet", "why Juliet is trusted: by what, when, how"},
	{"troth trust pin Juliet juliet.pem", "trust a certificate that Juliet gave you in person"},
	{"troth trust pin Juliet 1f2e 3d4c ...",
	 "or her fingerprint, read aloud: 16 groups of four"},
	{"troth trust secret Juliet --arm", "after too many wrong guesses: allow more"},
	{"troth trust assign juliet@capulet.lit 31AA 82CF ...",
	 "this OpenPGP key is hers, whatever its user IDs say"},
	{"troth trust add juliet@capulet.lit", "a contact by the OpenPGP key of that JID"},
	{"troth trust introducer Benvolio", "hear his word on other people's keys"},
	{"troth trust ask Benvolio Mercutio", "whose keys he knows"},
	{"troth trust share Romeo on", "and Romeo may ask you in the same way"},
	{"troth trust graph --svg >trust.svg", "who is who by which keys, as a picture"},
	{"troth trust forget Juliet", "unlearn Juliet's keys and addresses"},
	{NULL, NULL},
};

const struct troth_verb troth_verb_trust = {
	.name = "trust",
	.help = "see, explain and change whom this device trusts",
	.usage = usage,
	.about =
		"Trust attaches to keys, keys belong to contacts, addresses are hints. A label is\n"
		"your own name for a contact; nobody else can set or see it. `troth trust SUB "
		"--help`\n"
		"says more, with examples.\n"
		"An OpenPGP key counts as far as GnuPG calls it valid: for the JID in a user ID\n"
		"`xmpp:JID`, or one assigned.",
	.options = options,
	.examples = examples,
	.words = words,
	.word_help = word_help,
	.complete = TROTH_COMPLETE_CONTACT,
	.files_of = "pin",
	.files_after = 1,
	.run = run,
};
