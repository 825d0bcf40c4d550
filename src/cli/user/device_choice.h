/* SPDX-License-Identifier: MIT */
/* Which of one's own devices is meant: by label, or by the beginning of a fingerprint. Layer: cli.
 */
#ifndef TROTH_CLI_USER_DEVICE_CHOICE_H
#define TROTH_CLI_USER_DEVICE_CHOICE_H

#include "cli/cli.h"
#include "session/own.h"

struct troth_device_choice {
	const struct troth_own *own;
	const char *text; /* label, or at least eight digits of a fingerprint */
	struct troth_pin pins[TROTH_OWN_DEVICES]; /* found; a label may have several */
	size_t count;
};

/* Whether hex begins with the digits of text, eight at least, between which there may be blanks
 * and the like. */
bool troth_fingerprint_begins(const char *hex, const char *text);

/* Effect: finds the devices that the user key endorses; says what is wrong otherwise. */
enum troth_exit troth_device_choose(struct troth_cli *cli, struct troth_device_choice *c);

#endif
