/* SPDX-License-Identifier: MIT */
/*
 * TLS at once: what a stream has in the place of headers, features and offers where both sides
 * have agreed on that elsewhere (Jingle-XTLS). Layer: stream. What was said there went through the
 * hands of servers: it selects and is evidence against them, and never a proof.
 */
#include "stream/state.h"

#include "base/encode.h"
#include "base/slice.h"

#include <string.h>

int stream_first_init(struct troth_stream *s, const struct troth_stream_params *params)
{
	const struct troth_tls_first *first = params->tls_first;
	struct stream_offers *o = s->offers;
	uint8_t digest[TROTH_SHA1_LEN];
	s->tls_first = true;
	s->first_srp = first->srp;
	/* Certificates are what it is of: under SRP there are none. */
	if (first->fingerprint == NULL || first->srp)
		return TROTH_OK;
	int err = troth_unhex(digest, sizeof digest, first->fingerprint);
	if (err == TROTH_OK) {
		troth_hex(o->theirs.names[0], troth_slice_of(digest, sizeof digest));
		o->theirs.name_count = 1;
		o->names[0] = o->theirs.names[0];
	}
	return err;
}

/* Whom we called is known, but for strangers: of them some key may be, as after features. */
enum step stream_first(struct troth_stream *s, struct troth_event *out)
{
	if (s->role == TROTH_RECIPIENT ||
	    (s->known.view.contact == NULL && s->offers->theirs.name_count > 0))
		return stream_ask_who(s, out, STREAM_WHO_KEYS);
	return stream_first_known(s, out);
}

/* Each side knows by itself how the other is to prove itself, as without offers. What the servers
 * have carried can't change that: it is the same, or there is no stream. */
enum step stream_first_known(struct troth_stream *s, struct troth_event *out)
{
	struct troth_side us = stream_side(s);
	int err = troth_choose_without_offers(&s->method, &us);
	if (err != TROTH_OK)
		return stream_fail_choice(s, err);
	if ((s->method == TROTH_METHOD_SRP) != s->first_srp)
		return stream_fail(s, TROTH_E_FLOOR,
				   s->first_srp ? "A secret was agreed on, and this peer is to "
						  "prove itself by its key."
						: "Certificates were agreed on, and this peer is "
						  "to prove itself by a secret.");
	return stream_have_method(s, out);
}

bool stream_first_is_announced(const struct troth_stream *s, const struct troth_cert *cert)
{
	const struct troth_offer *theirs = &s->offers->theirs;
	return !s->tls_first || theirs->name_count == 0 ||
	       troth_offer_has_name(theirs, troth_cert_name(cert));
}
