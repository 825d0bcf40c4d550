/* SPDX-License-Identifier: MIT */
/* In-band: the bytes of one bytestream as stanzas of the account. Layer: server. */
#include "server/bytestreams_state.h"

#include "io/in_band.h"
#include "xml/namespace.h"

#include <sodium.h>
#include <string.h>

static int random_bytes(void *user, uint8_t *out, size_t len)
{
	(void)user;
	randombytes_buf(out, len);
	return TROTH_OK;
}

static int send_stanza(void *user, struct troth_slice xml)
{
	const struct troth_bytestreams *all = user;
	return troth_account_send_xml(all->account, xml);
}

static int make(struct troth_bytestream *b, const struct troth_jingle_event *e)
{
	struct troth_ibb *ibb;
	const char *peer = troth_address_full(e->peer);
	const struct troth_ibb_params params = {
		.opener = e->opens,
		.peer = peer,
		.sid = e->stream_sid,
		.block = e->block_size,
		.random = {.fill = random_bytes},
	};
	int err = troth_ibb_new(&ibb, &params);
	if (err != TROTH_OK)
		return err;
	const struct troth_in_band_params in_band = {
		.loop = b->all->loop,
		.ibb = ibb,
		.where = peer,
		.send = send_stanza,
		.user = b->all,
	};
	return troth_in_band_new(&b->in_band, &in_band);
}

void ibb_open(struct troth_bytestream *b, const struct troth_jingle_event *e)
{
	bool carries = b->callbacks.carries != NULL && b->callbacks.carries(b->callbacks.user);
	if (!carries && make(b, e) == TROTH_OK)
		bytestream_open(b, b->in_band, TROTH_PATH_IN_BAND);
	else
		troth_jingle_terminate(b->all->jingle, b->session,
				       TROTH_JINGLE_REASON_FAILED_TRANSPORT);
}

static bool is_request(const struct troth_element *stanza)
{
	const struct troth_element *e = troth_element_first(stanza);
	return troth_iq_is_request(stanza) && e != NULL &&
	       strcmp(troth_element_ns(e), TROTH_NS_IBB) == 0;
}

static void write_refusal(void *user, struct troth_writer *w)
{
	(void)troth_ibb_refuse(w, user); /* it is such a request */
}

bool ibb_stanza(struct troth_bytestreams *all, const struct troth_element *stanza)
{
	const char *from = troth_element_attr(stanza, "from");
	for (struct troth_bytestream *b = all->streams; b != NULL && from != NULL; b = b->next) {
		if (b->in_band != NULL &&
		    troth_in_band_feed(b->in_band, stanza, from) != TROTH_E_NOT_FOUND)
			return true;
	}
	/* Who may not know that we are here is answered like that by the account. */
	if (!is_request(stanza) || !troth_account_admits(all->account, from))
		return false;
	return troth_account_send(all->account, write_refusal, (void *)stanza) == TROTH_OK;
}
