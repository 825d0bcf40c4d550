/* SPDX-License-Identifier: MIT */
/* The subcommands of `troth id` that have a file of their own. Layer: cli. */
#ifndef TROTH_CLI_ID_ID_H
#define TROTH_CLI_ID_ID_H

#include "cli/cli.h"

#define TROTH_NEW_PASSPHRASE_FD "new-passphrase-fd"

/* `troth id passphrase`: adds, changes or (--remove) removes the passphrase of the device key. */
enum troth_exit troth_id_passphrase(struct troth_cli *cli);
enum troth_exit troth_id_openpgp(struct troth_cli *cli);
enum troth_exit troth_id_renew(struct troth_cli *cli);
enum troth_exit troth_id_revoke(struct troth_cli *cli);
enum troth_exit troth_id_qr(struct troth_cli *cli);
enum troth_exit troth_id_csr(struct troth_cli *cli);
enum troth_exit troth_id_import(struct troth_cli *cli);
enum troth_exit troth_id_delegate(struct troth_cli *cli);

#endif
