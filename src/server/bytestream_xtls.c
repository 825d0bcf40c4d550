/* SPDX-License-Identifier: MIT */
/*
 * XTLS: what is said of TLS at once on a bytestream. Layer: server. Nothing here is proven, and
 * nothing is weakened: who asked for it has it by the method that both sides said, or no session.
 */
#include "server/bytestreams_state.h"

#include <string.h>

void xtls_keep(struct bytestream_security *to, const struct troth_jingle_security *from)
{
	const char *text = from != NULL ? from->fingerprint : NULL;
	*to = (struct bytestream_security){.said = from != NULL};
	if (from == NULL)
		return;
	to->view = *from;
	to->view.fingerprint = NULL;
	if (text != NULL && strlen(text) < sizeof to->fingerprint)
		to->view.fingerprint = memcpy(to->fingerprint, text, strlen(text) + 1);
}

const struct troth_jingle_security *troth_bytestream_security(const struct troth_bytestream *b)
{
	return b->theirs.said ? &b->theirs.view : NULL;
}

void troth_bytestream_secure(struct troth_bytestream *b, const struct troth_jingle_security *ours)
{
	xtls_keep(&b->ours, ours);
}

void troth_bytestream_unsafe(struct troth_bytestream *b)
{
	b->unsafe = true;
}

static bool has_ours(const struct troth_bytestream *b, const struct troth_jingle_security *theirs)
{
	return b->ours.view.srp ? theirs->srp : theirs->x509;
}

static void end(struct troth_bytestream *b)
{
	troth_jingle_terminate(b->all->jingle, b->session, TROTH_JINGLE_REASON_SECURITY_ERROR);
}

void xtls_accepted(struct troth_bytestream *b, const struct troth_jingle_event *e)
{
	if (!b->ours.said) /* and where it wasn't asked for an answer changes nothing */
		return;
	xtls_keep(&b->theirs, e->security);
	/* Jingle-XTLS 4: "It sends an additional security-info message to the responder to signal
	 * its choice." */
	if (e->security == NULL || !has_ours(b, e->security) ||
	    troth_jingle_choose(b->all->jingle, b->session,
				&(struct troth_jingle_security){.x509 = b->ours.view.x509,
								.srp = b->ours.view.srp},
				bytestreams_now(b->all)) != TROTH_OK)
		end(b);
}

void xtls_chosen(struct troth_bytestream *b, const struct troth_jingle_event *e)
{
	if (b->ours.said && !has_ours(b, e->security))
		end(b);
}
