/* SPDX-License-Identifier: MIT */
/* The label of a device, as a file. Layer: cli. */
#ifndef TROTH_CLI_BOT_BOT_LABEL_H
#define TROTH_CLI_BOT_BOT_LABEL_H

#include "cli/bot/bot_device.h"
#include "cli/meet/uri.h"

/* Effect: writes it, SVG or PNG by its name, 0600: it has the code on it. */
enum troth_exit troth_bot_label_write(struct troth_cli *cli, const struct troth_bot_device *device,
				      const char *path);
/* Effect: says what makes somebody the owner, once the code is on the device. */
void troth_bot_label_next(struct troth_cli *cli, const struct troth_bot_device *device);
/* Effect: how to meet this device, without a secret: its address and key. */
enum troth_exit troth_bot_label_uri(struct troth_cli *cli, const char *name, struct troth_uri *out);

#endif
