/* SPDX-License-Identifier: MIT */
/* `troth pair` by a link: the text or the picture of a label. Layer: cli. */
#ifndef TROTH_CLI_MEET_PAIR_LINK_H
#define TROTH_CLI_MEET_PAIR_LINK_H

#include "cli/meet/pairing.h"

#define TROTH_PAIR_LINK_OPTIONS                                                                    \
	{"image", 0, "FILE", "read the link from a picture of a label (needs zbarimg)",            \
	 TROTH_COMPLETE_FILE},                                                                     \
	{                                                                                          \
		"show", 0, NULL, "show secret and name as a QR code, too", TROTH_COMPLETE_NOTHING  \
	}

/* Effect: whom to pair with: p->peer is the argument, or what a link says; then secret and
 * fingerprint of the link are taken, too. NULL: this side waits. A secret among the arguments is
 * refused: other processes read them. */
enum troth_exit troth_pair_link(struct troth_pairing *p);
/* Effect: the code that another device scans, under the invitation: of the account that is signed
 * in as `online`, or with NULL of this device's place on the network. */
void troth_pair_link_show(struct troth_pairing *p, const char *online);

#endif
