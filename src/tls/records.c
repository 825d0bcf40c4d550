/* SPDX-License-Identifier: MIT */
/* A session after its handshake: reading, writing, ending, the exporter. Layer: tls. */
#include "base/buf.h"
#include "base/limits.h"
#include "base/slice.h"
#include "tls/outcome.h"

#include <openssl/err.h>
#include <troth/err.h>

#define RECORD_BYTES ((size_t)16384)
/* More than any record adds: header, IV, padding, MAC or tag. */
#define RECORD_OVERHEAD ((size_t)128)

/* RFC 9266 4.2: label and zero-length context. */
#define EXPORTER_LABEL "EXPORTER-Channel-Binding"
#define EXPORTER_LEN 32

/* Effect: room for all the records of len bytes. */
static int make_room(struct troth_tls *tls, size_t len)
{
	uint8_t *room;
	size_t overhead = (len / RECORD_BYTES + 2) * RECORD_OVERHEAD;
	if (len > SIZE_MAX - overhead)
		return TROTH_E_LIMIT;
	return troth_buf_reserve(&tls->ends.out, len + overhead, &room);
}

int troth_tls_write(struct troth_tls *tls, struct troth_slice bytes)
{
	size_t put = 0;
	if (tls->state == TROTH_TLS_FAILED)
		return tls->err;
	if (tls->state != TROTH_TLS_OPEN)
		return TROTH_E_INVAL;
	if (bytes.len == 0)
		return TROTH_OK;
	/* Before: a record half written would end the session. */
	int err = make_room(tls, bytes.len);
	if (err != TROTH_OK)
		return err;
	ERR_clear_error();
	int rc = SSL_write_ex(tls->ssl, bytes.data, bytes.len, &put);
	if (rc == 1 && put == bytes.len)
		return TROTH_OK;
	err = troth_tls_outcome(tls, rc);
	return err != TROTH_OK ? err : troth_tls_fail(tls, TROTH_E_TLS);
}

/* As much as one read can give, but no more than what waits: an idle session keeps
 * no large buffer. At least one byte, so that alerts are seen. */
static size_t chunk_size(const struct troth_tls *tls, size_t left)
{
	size_t n = (size_t)SSL_pending(tls->ssl);
	if (n == 0)
		n = troth_tls_unread(tls);
	if (n > RECORD_BYTES)
		n = RECORD_BYTES;
	if (n > left)
		n = left;
	return n > 0 ? n : 1;
}

/* Whether a read could find anything: without, it would only say that it wants more. */
static bool has_input(const struct troth_tls *tls)
{
	return troth_tls_unread(tls) > 0 || SSL_has_pending(tls->ssl) == 1;
}

/* *more is set while there may be something left to read. */
static int read_chunk(struct troth_tls *tls, struct troth_buf *out, size_t left, bool *more)
{
	uint8_t *to;
	size_t got = 0;
	int err = troth_buf_reserve(out, chunk_size(tls, left), &to);
	if (err != TROTH_OK)
		return err;
	ERR_clear_error();
	int rc = SSL_read_ex(tls->ssl, to, chunk_size(tls, left), &got);
	*more = rc == 1;
	if (rc != 1)
		return troth_tls_outcome(tls, rc);
	troth_buf_commit(out, got);
	return TROTH_OK;
}

int troth_tls_read(struct troth_tls *tls, struct troth_buf *out, size_t max, bool *ended)
{
	size_t before = troth_buf_len(out);
	bool more = true;
	if (tls->state == TROTH_TLS_FAILED)
		return tls->err;
	if (tls->state == TROTH_TLS_HANDSHAKE)
		return TROTH_E_INVAL;
	while (more && has_input(tls)) {
		size_t got = troth_buf_len(out) - before;
		if (got >= max)
			break;
		int err = read_chunk(tls, out, max - got, &more);
		if (err != TROTH_OK)
			return err;
	}
	*ended = (SSL_get_shutdown(tls->ssl) & SSL_RECEIVED_SHUTDOWN) != 0;
	return TROTH_OK;
}

void troth_tls_relax(struct troth_tls *tls)
{
	troth_buf_relax(&tls->ends.in, TROTH_LIMIT_IDLE_BYTES);
	troth_buf_relax(&tls->ends.out, TROTH_LIMIT_IDLE_BYTES);
}

void troth_tls_close(struct troth_tls *tls)
{
	if (tls->state != TROTH_TLS_OPEN)
		return;
	/* Called once, it only sends; 0 means that the peer's is still to come. */
	ERR_clear_error();
	int rc = SSL_shutdown(tls->ssl);
	/* OpenSSL 3.5 reports an alert that couldn't be written as one that left. */
	if (rc < 0 || tls->ends.err != TROTH_OK)
		(void)troth_tls_fail(tls, tls->ends.err != TROTH_OK ? tls->ends.err : TROTH_E_TLS);
	else
		tls->state = TROTH_TLS_CLOSED;
	ERR_clear_error();
}

int troth_tls_exporter(struct troth_tls *tls, bool allow_without_ems, uint8_t out[32])
{
	uint8_t value[EXPORTER_LEN];
	/* On TLS 1.2 OpenSSL succeeds with a wrong value before the end of the handshake. */
	if (tls->state == TROTH_TLS_HANDSHAKE || tls->state == TROTH_TLS_FAILED ||
	    !SSL_is_init_finished(tls->ssl))
		return TROTH_E_TLS;
	/* RFC 9266 4.2: on TLS 1.2 only the extended master secret makes it unique. */
	if (SSL_version(tls->ssl) < TLS1_3_VERSION && !allow_without_ems &&
	    SSL_get_extms_support(tls->ssl) != 1)
		return TROTH_E_TLS;
	int rc =
		SSL_export_keying_material(tls->ssl, value, sizeof value, EXPORTER_LABEL,
					   strlen(EXPORTER_LABEL), (const unsigned char *)"", 0, 1);
	ERR_clear_error();
	if (rc != 1)
		return TROTH_E_TLS;
	memcpy(out, value, sizeof value);
	OPENSSL_cleanse(value, sizeof value);
	return TROTH_OK;
}
