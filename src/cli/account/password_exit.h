/* SPDX-License-Identifier: MIT */
/* How `troth-password` ends: what its exit status says to `troth`. Layer: cli. */
#ifndef TROTH_CLI_ACCOUNT_PASSWORD_EXIT_H
#define TROTH_CLI_ACCOUNT_PASSWORD_EXIT_H

enum troth_password_exit {
	TROTH_PASSWORD_DONE = 0,
	TROTH_PASSWORD_NONE = 10, /* the service has no such password */
	TROTH_PASSWORD_UNREACHABLE = 11,
	TROTH_PASSWORD_LOCKED = 12, /* the user would have to be asked, or has refused */
	TROTH_PASSWORD_FAILED = 13,
};

#endif
