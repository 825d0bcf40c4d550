/* SPDX-License-Identifier: MIT */
/* The table of verbs and of the options that all of them take. Layer: cli. */
#include "cli/verbs.h"

#include <stdbool.h>
#include <string.h>

/* In the order in which somebody new needs them. */
const struct troth_verb *const troth_verbs[] = {
	/* clang-format off */
	&troth_verb_init,
	&troth_verb_id,
	&troth_verb_nearby,
	&troth_verb_pair,
	&troth_verb_verify,
	&troth_verb_chat,
	&troth_verb_send,
	&troth_verb_listen,
	&troth_verb_bot,
	&troth_verb_probe,
	&troth_verb_pipe,
	&troth_verb_login,
	&troth_verb_logout,
	&troth_verb_roster,
	&troth_verb_trust,
	&troth_verb_user,
	&troth_verb_policy,
	&troth_verb_log,
	&troth_verb_backup,
	&troth_verb_doctor,
	&troth_verb_demo,
	&troth_verb_completion,
	NULL,
	/* clang-format on */
};

const struct troth_option troth_global_options[] = {
	{"home", 0, "DIR", "keep key and trust store in DIR (default: ~/.local/share/troth)",
	 TROTH_COMPLETE_DIRECTORY},
	{"json", 0, NULL, "write JSON, a value a line, for programs", TROTH_COMPLETE_NOTHING},
	{"policy", 0, "FILE", "which CAs are believed (default: ~/.config/troth/policy)",
	 TROTH_COMPLETE_FILE},
	{"passphrase-fd", 0, "N",
	 "read the device key's passphrase, or its token's PIN, from descriptor N",
	 TROTH_COMPLETE_NOTHING},
	{"verbose", 'v', NULL, "say more on stderr; twice: everything", TROTH_COMPLETE_NOTHING},
	{"quiet", 'q', NULL, "no notes, only results and errors", TROTH_COMPLETE_NOTHING},
	{"no-color", 0, NULL, "no colours (also by NO_COLOR)", TROTH_COMPLETE_NOTHING},
	{"help", 'h', NULL, "this help", TROTH_COMPLETE_NOTHING},
	{"version", 'V', NULL, "the version", TROTH_COMPLETE_NOTHING},
	{NULL, 0, NULL, NULL, TROTH_COMPLETE_NOTHING},
};

const struct troth_verb *troth_verb_find(const char *name)
{
	for (size_t i = 0; troth_verbs[i]; i++)
		if (strcmp(troth_verbs[i]->name, name) == 0)
			return troth_verbs[i];
	return NULL;
}
