/* SPDX-License-Identifier: MIT */
/*
 * A device with a code on its label: what is kept of it in the home. Layer: cli.
 *
 * Both methods by secret need the secret itself on the side that is called (the SRP verifier
 * depends on the caller's name, a balanced PAKE has none), so the code is in a file of its own,
 * 0600, and nothing else that would give it away. It is shown while the device has no owner.
 */
#ifndef TROTH_CLI_BOT_BOT_DEVICE_H
#define TROTH_CLI_BOT_BOT_DEVICE_H

#include "cli/bot/code.h"
#include "cli/cli.h"

#define TROTH_BOT_NAME_MAX 63

/* All of it is wiped by troth_bot_device_fini. */
struct troth_bot_device {
	char code[TROTH_CODE_LEN + 1];
	char name[2 * TROTH_BOT_NAME_MAX + 2]; /* as it is announced: "user@machine" */
};

/* Whether the home is that of one. */
bool troth_bot_device_is(const char *home);
/* Effect: reads it; fails where there is none, and says what to do. */
enum troth_exit troth_bot_device_read(struct troth_cli *cli, struct troth_bot_device *out);
/* Effect: makes a code, and a name unless one is given; keeps both. */
enum troth_exit troth_bot_device_make(struct troth_cli *cli, const char *name,
				      struct troth_bot_device *out);
void troth_bot_device_fini(struct troth_bot_device *device);

/* Effect: the name under which this device is announced, into *out, freed with free; NULL: it is no
 * device with a label. */
enum troth_exit troth_bot_device_name(struct troth_cli *cli, char **out);
/* Effect: the label of the owner; "" without one. */
enum troth_exit troth_bot_device_owner(struct troth_cli *cli, char out[TROTH_STORE_LABEL_MAX + 1]);

/* Effect: "10m", "90s", "1h" or seconds, at most a day, into *out, left alone without the option.
 */
enum troth_exit troth_bot_seconds(struct troth_cli *cli, const char *option, int64_t *out);

/* `troth bot ...` */
enum troth_exit troth_bot_init(struct troth_cli *cli);
enum troth_exit troth_bot_status(struct troth_cli *cli);
enum troth_exit troth_bot_arm(struct troth_cli *cli);
enum troth_exit troth_bot_transfer(struct troth_cli *cli);
/* Effect: the same at the device itself. */
enum troth_exit troth_bot_give(struct troth_cli *cli);
enum troth_exit troth_bot_reset(struct troth_cli *cli);
enum troth_exit troth_bot_label(struct troth_cli *cli);

#endif
