/* SPDX-License-Identifier: MIT */
/*
 * What the command's exit status says: a script learns whether to try again, to ask
 * its user, or to stop. Layer: cli.
 */
#ifndef TROTH_CLI_EXIT_H
#define TROTH_CLI_EXIT_H

enum troth_exit {
	TROTH_EXIT_OK = 0,
	TROTH_EXIT_LOCAL = 1,   /* this machine: files, keys, memory */
	TROTH_EXIT_USAGE = 2,   /* the command line */
	TROTH_EXIT_NETWORK = 3, /* nobody there, cut, timed out, or a peer that doesn't work */
	TROTH_EXIT_REFUSED = 4, /* a user or a policy said no: wrong secret or passphrase, too
				   little proof */
	TROTH_EXIT_ATTACK = 5   /* explained best by somebody in the middle */
};

/* The exit status for TROTH_OK or any TROTH_E*, by its class. */
enum troth_exit troth_exit_of(int err);

#endif
