/* SPDX-License-Identifier: MIT */
/* Exit statuses from errors. Layer: cli. Prints nothing and ends nothing. */
#include "cli/exit.h"

#include <troth/err.h>

enum troth_exit troth_exit_of(int err)
{
	/* Nobody's fault, and yet a "no": less proof or secrecy than was asked for. A wrong
	 * passphrase or PIN is no failure of this machine either: trying again as it is won't help.
	 */
	if (err == TROTH_E_NO_METHOD || err == TROTH_E_NO_TLS || err == TROTH_E_PASSPHRASE)
		return TROTH_EXIT_REFUSED;
	switch (troth_err_class(err)) {
	case TROTH_CLASS_NONE:
		return TROTH_EXIT_OK;
	case TROTH_CLASS_LOCAL:
		return TROTH_EXIT_LOCAL;
	case TROTH_CLASS_NETWORK:
	case TROTH_CLASS_PEER:
		return TROTH_EXIT_NETWORK;
	case TROTH_CLASS_REFUSED:
		return TROTH_EXIT_REFUSED;
	case TROTH_CLASS_ATTACK:
		return TROTH_EXIT_ATTACK;
	}
	return TROTH_EXIT_LOCAL;
}
