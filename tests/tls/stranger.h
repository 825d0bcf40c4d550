/* SPDX-License-Identifier: MIT */
/* A peer that isn't ours: OpenSSL set up by the test, against one of our sessions. */
#ifndef TROTH_TESTS_TLS_STRANGER_H
#define TROTH_TESTS_TLS_STRANGER_H

#include "keys/cert.h"
#include "pump.h"

struct stranger {
	SSL_CTX *ctx;
	SSL *ssl;
	int alert; /* what it received */
	bool done;
};

static inline void stranger_info(const SSL *ssl, int where, int value)
{
	struct stranger *s = SSL_get_app_data(ssl);
	if (s != NULL && (where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT)
		s->alert = value & 0xff;
}

/* Refuses nothing itself. With a device it has a certificate. */
static inline void stranger_init(struct stranger *s, const struct troth_device *device)
{
	*s = (struct stranger){.ctx = SSL_CTX_new(TLS_method())};
	assert_non_null(s->ctx);
	SSL_CTX_set_security_level(s->ctx, 0);
	SSL_CTX_set_min_proto_version(s->ctx, TLS1_VERSION);
	SSL_CTX_set_info_callback(s->ctx, stranger_info);
	if (device == NULL)
		return;
	assert_int_equal(
		SSL_CTX_use_certificate(s->ctx, troth_cert_x509(troth_device_cert(device))), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(s->ctx, troth_device_key(device)), 1);
}

static inline void stranger_open(struct stranger *s, enum troth_tls_role role)
{
	s->ssl = SSL_new(s->ctx);
	assert_non_null(s->ssl);
	SSL_set_app_data(s->ssl, s);
	SSL_set_bio(s->ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	if (role == TROTH_TLS_CLIENT)
		SSL_set_connect_state(s->ssl);
	else
		SSL_set_accept_state(s->ssl);
}

static inline void stranger_fini(struct stranger *s)
{
	SSL_free(s->ssl);
	SSL_CTX_free(s->ctx);
}

static inline bool stranger_says(struct stranger *s, struct end *to)
{
	char *bytes;
	long len = BIO_get_mem_data(SSL_get_wbio(s->ssl), &bytes);
	if (len <= 0)
		return false;
	assert_ok(troth_tls_feed(to->tls, troth_slice_of(bytes, (size_t)len)));
	(void)BIO_reset(SSL_get_wbio(s->ssl));
	return true;
}

static inline bool stranger_hears(struct stranger *s, struct end *from)
{
	struct troth_slice out = troth_buf_slice(troth_tls_output(from->tls));
	if (out.len == 0)
		return false;
	assert_int_equal(BIO_write(SSL_get_rbio(s->ssl), out.data, (int)out.len), (int)out.len);
	troth_buf_consume(troth_tls_output(from->tls), out.len);
	return true;
}

static inline void stranger_goes_on(struct stranger *s)
{
	char byte;
	if (!s->done)
		s->done = SSL_do_handshake(s->ssl) == 1;
	if (s->done)
		(void)SSL_read(s->ssl, &byte, 1);
	ERR_clear_error();
}

static inline void stranger_meets(struct stranger *s, struct end *ours)
{
	bool moved = true;
	while (moved) {
		if (ours->err == TROTH_OK && !ours->done)
			ours->err = troth_tls_handshake(ours->tls, &ours->done);
		moved = stranger_hears(s, ours);
		stranger_goes_on(s);
		moved = stranger_says(s, ours) || moved;
	}
}

#endif
