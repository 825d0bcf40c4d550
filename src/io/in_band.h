/* SPDX-License-Identifier: MIT */
/*
 * An in-band bytestream (bytestream/ibb.h) as a transport. Layer: io. Whose account the
 * stanzas go over, and that their senders are who they say, is the owner's business.
 */
#ifndef TROTH_IO_IN_BAND_H
#define TROTH_IO_IN_BAND_H

#include "bytestream/ibb.h"
#include "io/transport.h"

#include <uv.h>

struct troth_in_band_params {
	uv_loop_t *loop;       /* must outlive it and run once more after its end */
	struct troth_ibb *ibb; /* taken over */
	const char *where;     /* for people; copied */
	/* Sends one whole stanza, as it stands in a stream of jabber:client. It must not call
	 * back. An error ends the bytestream. */
	int (*send)(void *user, struct troth_slice stanza);
	void *user;
};

/* Errors: TROTH_E_NOMEM, TROTH_E_IO; ibb is freed then. */
int troth_in_band_new(struct troth_transport **out,
		      const struct troth_in_band_params *params) TROTH_MUST_USE;

/* Effect: a stanza of that account; what comes of it is reported from the loop. from as for
 * troth_ibb_feed. Errors: TROTH_E_NOT_FOUND when it isn't of this bytestream, TROTH_E_NOMEM. */
int troth_in_band_feed(struct troth_transport *t, const struct troth_element *stanza,
		       const char *from) TROTH_MUST_USE;

#endif
