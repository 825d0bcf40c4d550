/* SPDX-License-Identifier: MIT */
/*
 * Calls of the driven account that offer nothing but in-band (XEP-0261 2.1), which
 * server/bytestreams.h never does at first: by a Jingle engine of its own.
 */
#include "account_peer.h"
#include "io/in_band.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <troth/err.h>
#include <troth/jingle.h>

static struct {
	struct troth_account *account;
	const struct troth_bytestream_callbacks *callbacks;
	struct troth_jingle *jingle;
	struct troth_transport *transport; /* its owner's to close */
} in_band;

static int64_t now(void)
{
	return (int64_t)uv_now(troth_account_loop(in_band.account));
}

static int fill(void *user, uint8_t *out, size_t len)
{
	(void)user;
	randombytes_buf(out, len);
	return TROTH_OK;
}

static int send_stanza(void *user, struct troth_slice xml)
{
	return troth_account_send_xml(user, xml);
}

static void open_ibb(const struct troth_jingle_event *e)
{
	struct troth_ibb *ibb;
	const struct troth_ibb_params params = {.opener = e->opens,
						.peer = troth_address_full(e->peer),
						.sid = e->stream_sid,
						.block = e->block_size,
						.random = {.fill = fill}};
	if (troth_ibb_new(&ibb, &params) != TROTH_OK)
		abort();
	const struct troth_in_band_params transport = {.loop = troth_account_loop(in_band.account),
						       .ibb = ibb,
						       .where = params.peer,
						       .send = send_stanza,
						       .user = in_band.account};
	struct troth_transport *opened;
	if (troth_in_band_new(&opened, &transport) != TROTH_OK)
		abort();
	in_band.callbacks->open(NULL, opened, TROTH_PATH_IN_BAND); /* closes the one before */
	in_band.transport = opened;
}

static void pump(void)
{
	struct troth_jingle_event e;
	do {
		troth_jingle_next(in_band.jingle, now(), &e);
		if (e.type == TROTH_JINGLE_OPEN_IBB)
			open_ibb(&e);
		else if (e.type == TROTH_JINGLE_ENDED)
			in_band.callbacks->over(NULL, e.err, troth_jingle_reason_name(e.reason));
		for (struct troth_slice xml; (xml = troth_jingle_output(in_band.jingle)).len > 0;) {
			if (troth_account_send_xml(in_band.account, xml) != TROTH_OK)
				abort();
			troth_jingle_sent(in_band.jingle);
		}
	} while (e.type != TROTH_JINGLE_NONE);
}

static bool on_stanza(void *user, const struct troth_element *stanza)
{
	const char *from = troth_element_attr(stanza, "from");
	bool handled = false;
	(void)user;
	if (in_band.jingle == NULL || from == NULL)
		return false;
	if (in_band.transport != NULL &&
	    troth_in_band_feed(in_band.transport, stanza, from) == TROTH_OK)
		return true;
	if (troth_jingle_feed(in_band.jingle, stanza, now(), &handled) != TROTH_OK)
		abort();
	pump();
	return handled;
}

int peer_in_band_begin(struct troth_account *account,
		       const struct troth_bytestream_callbacks *callbacks)
{
	const struct troth_account_listener listener = {.stanza = on_stanza};
	in_band.account = account;
	in_band.callbacks = callbacks;
	return troth_account_listen(account, &listener);
}

int peer_in_band_call(const char *jid)
{
	const struct troth_jingle_params params = {
		.jid = troth_address_full(troth_account_address(in_band.account))};
	const struct troth_jingle_offer offer = {.transport = TROTH_JINGLE_IBB};
	uint64_t session;
	int err = troth_jingle_new(&in_band.jingle, &params);
	if (err == TROTH_OK)
		err = troth_jingle_prepare(in_band.jingle, jid, &session);
	if (err == TROTH_OK)
		err = troth_jingle_offer(in_band.jingle, session, &offer, now());
	if (err == TROTH_OK)
		pump();
	return err;
}

void peer_in_band_hang_up(void)
{
	in_band.transport = NULL;
}

void peer_in_band_free(void)
{
	troth_jingle_free(in_band.jingle);
}
