/* SPDX-License-Identifier: MIT */
/* What the user lets be known, as TXT strings, and nothing else. Layer: lan. */
#include "lan/card.h"

#include "base/slice.h"

#include <stdio.h>
#include <troth/err.h>

static const char *const statuses[] = {
	[TROTH_LAN_AVAIL] = "avail",
	[TROTH_LAN_AWAY] = "away",
	[TROTH_LAN_DND] = "dnd",
};

const char *lan_status_name(enum troth_lan_status status)
{
	return statuses[status];
}

enum troth_lan_status lan_status_read(const struct troth_txt *txt)
{
	struct troth_slice value;
	/* XEP-0174 15.1: "if the status record is not included, the status SHOULD be
	 * assumed to be "avail"". */
	if (!troth_txt_get(txt, "status", &value))
		return TROTH_LAN_AVAIL;
	if (troth_slice_equal(value, troth_slice_str("away")))
		return TROTH_LAN_AWAY;
	if (troth_slice_equal(value, troth_slice_str("dnd")))
		return TROTH_LAN_DND;
	return TROTH_LAN_AVAIL;
}

static int write_fields(const struct troth_lan_card *card, uint16_t port, struct troth_buf *rdata)
{
	char port_text[8];
	(void)snprintf(port_text, sizeof port_text, "%u", (unsigned)port);
	const struct {
		const char *key;
		const char *value;
	} fields[] = {
		/* XEP-0174 3.1: "The first parameter in the TXT record value SHOULD be "txtvers"".
		 */
		{"txtvers", "1"},
		{"1st", card->first},
		{"email", card->email},
		{"hash", card->hash},
		{"jid", card->jid},
		{"last", card->last},
		{"msg", card->msg},
		{"nick", card->nick},
		{"node", card->node},
		/* XEP-0174 11.3: "the port specified in the TXT record MUST be the same as the port
		 * specified in the SRV record" */
		{"port.p2pj", card->say_port ? port_text : NULL},
		{"status", card->say_status ? lan_status_name(card->status) : NULL},
		{"ver", card->ver},
	};
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		int err = troth_txt_write(rdata, fields[i].key, fields[i].value);
		if (err != TROTH_OK)
			return err;
	}
	return TROTH_OK;
}

int lan_card_write(const struct troth_lan_card *card, uint16_t port, struct troth_lan_tagset *tags,
		   struct troth_buf *rdata)
{
	struct troth_lan_tagset next = {0};
	size_t before = troth_buf_len(rdata);
	int err = TROTH_OK;
	if (card->tags != NULL) {
		next = *tags;
		err = troth_lan_tagset_update(&next, card->tags_hour, card->tags, card->tag_count);
	}
	if (err == TROTH_OK)
		err = write_fields(card, port, rdata);
	if (err == TROTH_OK)
		err = troth_lan_tagset_write(&next, rdata);
	if (err != TROTH_OK) {
		troth_buf_truncate(rdata, before);
		return err;
	}
	*tags = next;
	return TROTH_OK;
}
