/* SPDX-License-Identifier: MIT */
/* What the process does for its secrets before it has any. Layer: cli. */
#ifndef TROTH_CLI_HARDEN_H
#define TROTH_CLI_HARDEN_H

#include <troth/bytes.h>

/* Effect: no core dumps, no tracing by other processes of the user, no descriptors 0 to 2
 * left closed, files for the user alone, libsodium ready. Errors: TROTH_E_CRYPTO, TROTH_E_IO. */
int troth_harden(void) TROTH_MUST_USE;

#endif
