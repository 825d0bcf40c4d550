/* SPDX-License-Identifier: MIT */
/* QR codes on a terminal, by half blocks. Layer: cli. */
#ifndef TROTH_CLI_TERMINAL_QR_H
#define TROTH_CLI_TERMINAL_QR_H

#include "cli/terminal/output.h"

/* Effect: draws the text. On a terminal with colours in true black on white, whatever its theme;
 * elsewhere light blocks on what is taken for a dark screen. Nothing in JSON mode.
 * Errors: TROTH_E_LIMIT when it doesn't fit into a code, TROTH_E_NOMEM. */
int troth_qr_show(struct troth_output *out, const char *text) TROTH_MUST_USE;

#endif
