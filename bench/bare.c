/* SPDX-License-Identifier: MIT */
#include "bare.h"

#include "keys/cert.h"
#include "sample.h"

#include <openssl/bio.h>

static int is_expected(X509_STORE_CTX *store, void *expected)
{
	return X509_cmp(X509_STORE_CTX_get0_cert(store), expected) == 0;
}

static SSL_CTX *new_context(const struct troth_device *own, const struct troth_device *peer)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_method());
	X509 *x = troth_cert_x509(troth_device_cert(own));
	sample_need(ctx != NULL && SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) == 1 &&
			    SSL_CTX_set1_groups_list(ctx, "X25519") == 1 &&
			    SSL_CTX_set_num_tickets(ctx, 0) == 1 &&
			    SSL_CTX_use_cert_and_key(ctx, x, troth_device_key(own), NULL, 1) == 1,
		    "no TLS context");
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_cert_verify_callback(ctx, is_expected,
					 troth_cert_x509(troth_device_cert(peer)));
	return ctx;
}

void bare_init(struct bare *b, const struct troth_device *client, const struct troth_device *server)
{
	*b = (struct bare){.ctx = {new_context(client, server), new_context(server, client)}};
}

void bare_fini(struct bare *b)
{
	bare_close(b);
	SSL_CTX_free(b->ctx[0]);
	SSL_CTX_free(b->ctx[1]);
}

/* Each end writes where the other reads: nothing is copied between them. */
static void join_in_memory(struct bare *b)
{
	BIO *there = BIO_new(BIO_s_mem());
	BIO *back = BIO_new(BIO_s_mem());
	sample_need(there != NULL && back != NULL && BIO_up_ref(there) == 1 &&
			    BIO_up_ref(back) == 1,
		    "no memory");
	BIO_set_mem_eof_return(there, -1);
	BIO_set_mem_eof_return(back, -1);
	SSL_set_bio(b->ssl[0], back, there);
	SSL_set_bio(b->ssl[1], there, back);
}

void bare_connect(struct bare *b, const struct line *line)
{
	for (int i = 0; i < 2; i++) {
		b->ssl[i] = SSL_new(b->ctx[i]);
		sample_need(b->ssl[i] != NULL, "no TLS session");
		if (line != NULL)
			sample_need(SSL_set_fd(b->ssl[i], line->end[i]) == 1, "no TLS session");
	}
	if (line == NULL)
		join_in_memory(b);
	SSL_set_connect_state(b->ssl[0]);
	SSL_set_accept_state(b->ssl[1]);
	for (int done = 0; done != 2;) {
		done = 0;
		for (int i = 0; i < 2; i++) {
			int rc = SSL_do_handshake(b->ssl[i]);
			sample_need(rc == 1 || SSL_want_read(b->ssl[i]), "no handshake");
			done += rc == 1;
		}
	}
}

void bare_close(struct bare *b)
{
	for (int i = 0; i < 2; i++) {
		SSL_free(b->ssl[i]);
		b->ssl[i] = NULL;
	}
}

void bare_carry(struct bare *b, int from, char *bytes, size_t len)
{
	size_t got = 0;
	sample_need(SSL_write(b->ssl[from], bytes, (int)len) == (int)len, "nothing was written");
	while (got < len) {
		int n = SSL_read(b->ssl[1 - from], bytes + got, (int)(len - got));
		sample_need(n > 0 || SSL_want_read(b->ssl[1 - from]), "nothing was read");
		got += n > 0 ? (size_t)n : 0;
	}
}
