/* SPDX-License-Identifier: MIT */
/* `troth init --from-backup`. Layer: cli. */
#ifndef TROTH_CLI_ID_BACKUP_H
#define TROTH_CLI_ID_BACKUP_H

#include "cli/cli.h"

#define TROTH_BACKUP_PASSPHRASE_FD "backup-passphrase-fd"
#define TROTH_BACKUP_OPTIONS                                                                       \
	{                                                                                          \
		TROTH_BACKUP_PASSPHRASE_FD, 0, "N",                                                \
			"read the passphrase of the backup from file descriptor N",                \
			TROTH_COMPLETE_NOTHING                                                     \
	}

/* Effect: a home out of the file that --from-backup names. */
enum troth_exit troth_backup_init(struct troth_cli *cli);

#endif
