/* SPDX-License-Identifier: MIT */
/*
 * What the IQs say that negotiate a SOCKS5 bytestream without Jingle (XEP-0065), with the
 * certificate that one may bring along (<cert xmlns='bytestreams:secure'/>): written and read.
 * Layer: bytestream. Who sent an IQ, and over what, is judged above.
 */
#ifndef TROTH_BYTESTREAM_S5B_QUERY_H
#define TROTH_BYTESTREAM_S5B_QUERY_H

#include "xml/namespace.h"

#include <troth/key.h>
#include <troth/xml.h>

#define TROTH_STREAMHOSTS_MAX 16

/* All borrowed. */
struct troth_streamhost {
	const char *jid;
	const char *host;
	uint16_t port;
};

/* A request to the target, or a proxy's word for where it is. Strings are borrowed from what was
 * read. */
struct troth_s5b_query {
	const char *sid;     /* NULL in a proxy's answer */
	const char *dstaddr; /* NULL: computed from sid and addresses */
	struct troth_streamhost hosts[TROTH_STREAMHOSTS_MAX];
	size_t count;
	struct troth_slice cert; /* DER; nothing: no TLS of its own is asked for */
};

/* Effect: reads the <query/> of an iq; cert is appended to *der, which must outlive *out. Hosts
 * beyond the maximum, and those without jid, port and a host that can be one, are left out.
 * Errors: TROTH_E_NOT_FOUND when iq has none, TROTH_E_PROTOCOL for one that isn't right or is for
 * UDP, TROTH_E_CERT for a certificate that can't be read, TROTH_E_NOMEM. */
int troth_s5b_query_read(struct troth_s5b_query *out, const struct troth_element *iq,
			 struct troth_buf *der) TROTH_MUST_USE;
/* Effect: writes it. */
void troth_s5b_query_write(struct troth_writer *w, const struct troth_s5b_query *query);

/* The target's answer. */
struct troth_s5b_used {
	const char *jid; /* of the streamhost */
	struct troth_slice cert;
};

/* As above. */
int troth_s5b_used_read(struct troth_s5b_used *out, const struct troth_element *iq,
			struct troth_buf *der) TROTH_MUST_USE;
void troth_s5b_used_write(struct troth_writer *w, const struct troth_s5b_used *used);

/* Effect: writes what asks a proxy to begin (XEP-0065 6.3.5). sid and target are borrowed. */
void troth_s5b_activate_write(struct troth_writer *w, const char *sid, const char *target);

#endif
