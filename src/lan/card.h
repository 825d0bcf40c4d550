/* SPDX-License-Identifier: MIT */
/* A card as a TXT record. Layer: lan. No network. */
#ifndef TROTH_LAN_CARD_H
#define TROTH_LAN_CARD_H

#include "lan/lan.h"

/* Effect: appends the record; tags takes over the card's tags and keeps what fills them
 * up. On error both are as they were. Errors: TROTH_E_FORMAT, TROTH_E_LIMIT, TROTH_E_NOMEM,
 * TROTH_E_CRYPTO. */
int lan_card_write(const struct troth_lan_card *card, uint16_t port, struct troth_lan_tagset *tags,
		   struct troth_buf *rdata) TROTH_MUST_USE;

/* The name on the wire, and back: anything unknown is avail. */
const char *lan_status_name(enum troth_lan_status status);
enum troth_lan_status lan_status_read(const struct troth_txt *txt);

#endif
