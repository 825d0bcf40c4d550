/* SPDX-License-Identifier: MIT */
/*
 * TLS of a bytestream's own ("secure JEP-0065"): each side makes a certificate for this one
 * bytestream and says it in the IQ that negotiates; on the bytestream only these two certificates
 * count. Layer: bytestream, on tls and keys. No I/O: bytes in, bytes out.
 *
 * IT AUTHENTICATES ONLY AS WELL AS THE CHANNEL THAT THE IQs CAME OVER. Inside a verified stream the
 * bytestream is verified by the same key. Over a server it keeps out everybody on the way of the
 * bytes, and not the servers, which can put certificates of their own into both IQs: that is to be
 * shown as unverified.
 *
 * Certificate and private key exist in memory only, from troth_secured_new to troth_secured_free,
 * which wipes the key. The first security error is for good: the bytestream is to be ended.
 */
#ifndef TROTH_BYTESTREAM_SECURED_H
#define TROTH_BYTESTREAM_SECURED_H

#include "tls/tls.h"

struct troth_secured;

struct troth_secured_params {
	struct troth_tls_context *context; /* borrowed for its life */
	bool requester;      /* sent the IQ of type set: TLS client ("started by the initiator") */
	const char *address; /* our JID, for the certificate */
	int64_t now;         /* seconds since 1970 */
};

/* Effect: makes the certificate. Errors: TROTH_E_INVAL, TROTH_E_CRYPTO, TROTH_E_NOMEM. */
int troth_secured_new(struct troth_secured **out,
		      const struct troth_secured_params *params) TROTH_MUST_USE;
void troth_secured_free(struct troth_secured *s);

/* Our certificate, for the IQ: DER, borrowed for its life. */
struct troth_slice troth_secured_cert(const struct troth_secured *s);

/* Effect: begins, with the certificate that the peer's IQ brought (DER): before any byte of the
 * bytestream. Errors, for good: TROTH_E_CERT when it can't be used, or there is none; TROTH_E_SELF
 * when it is our own. */
int troth_secured_begin(struct troth_secured *s, struct troth_slice peer_cert) TROTH_MUST_USE;

/* Effect: takes what arrived. Errors, for good: TROTH_E_CERT when the peer shows another
 * certificate, TROTH_E_PEER_REFUSED when it refuses ours, TROTH_E_TLS, TROTH_E_PROTOCOL for bytes
 * before troth_secured_begin or behind the end, TROTH_E_LIMIT when nobody reads. An alert may stand
 * in the output. */
int troth_secured_feed(struct troth_secured *s, struct troth_slice bytes) TROTH_MUST_USE;
/* Effect: the transport has ended, and all of it was read. TROTH_E_TRUNCATED unless the peer had
 * said that it would. */
int troth_secured_feed_end(struct troth_secured *s) TROTH_MUST_USE;

/* Whether the peer has proved its certificate: from now on bytes pass. */
bool troth_secured_is_open(const struct troth_secured *s);
/* Effect: appends what arrived, decrypted, at most max bytes; nothing before it is open. Errors: as
 * troth_secured_feed. */
int troth_secured_read(struct troth_secured *s, struct troth_buf *out, size_t max) TROTH_MUST_USE;
/* Whether the peer has ended its side in order, behind all that was read. */
bool troth_secured_ended(const struct troth_secured *s);
/* What to send on the bytestream; the caller consumes it. NULL before it began. */
struct troth_buf *troth_secured_output(struct troth_secured *s);

/* Effect: encrypts all of it into the output. Errors: TROTH_E_INVAL before it is open and after
 * troth_secured_close; else as troth_tls_write. */
int troth_secured_write(struct troth_secured *s, struct troth_slice bytes) TROTH_MUST_USE;
/* Effect: ends our side in order. */
void troth_secured_close(struct troth_secured *s);

#endif
