/* SPDX-License-Identifier: MIT */
/* Our sessions against peers that are old, weak, silent or hostile. */
#include <openssl/err.h>

#include "stranger.h"

static void server__sends_certificate_required__to_a_client_without_one(void **state)
{
	(void)state;
	struct pair p;
	struct stranger s;
	pair_init(&p);
	stranger_init(&s, NULL);
	stranger_open(&s, TROTH_TLS_CLIENT);
	end_open(&p, &p.server);
	stranger_meets(&s, &p.server);
	assert_err(p.server.err, TROTH_E_TLS);
	assert_int_equal(p.server.checks, 0);
	assert_int_equal(s.alert, 116);
	stranger_fini(&s);
	pair_fini(&p);
}

static void server__asks_for_a_certificate__without_ca_names(void **state)
{
	(void)state;
	struct pair p;
	struct stranger s;
	pair_init(&p);
	stranger_init(&s, p.client.device);
	stranger_open(&s, TROTH_TLS_CLIENT);
	end_open(&p, &p.server);
	stranger_meets(&s, &p.server);
	assert_ok(p.server.err);
	assert_true(p.server.done);
	const STACK_OF(X509_NAME) *names = SSL_get0_peer_CA_list(s.ssl);
	assert_true(names == NULL || sk_X509_NAME_num(names) == 0);
	assert_int_equal(SSL_get_verify_result(s.ssl), X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);
	stranger_fini(&s);
	pair_fini(&p);
}

/* TLS 1.1 is answered with protocol_version, by both roles. */
static void session__refuses__tls_1_1(void **state)
{
	(void)state;
	struct pair p;
	struct stranger s;
	pair_init(&p);
	stranger_init(&s, p.client.device);
	SSL_CTX_set_max_proto_version(s.ctx, TLS1_1_VERSION);
	stranger_open(&s, TROTH_TLS_CLIENT);
	end_open(&p, &p.server);
	stranger_meets(&s, &p.server);
	assert_err(p.server.err, TROTH_E_TLS);
	assert_int_equal(s.alert, 70);
	SSL_free(s.ssl);
	s.done = false;
	stranger_open(&s, TROTH_TLS_SERVER);
	end_open(&p, &p.client);
	stranger_meets(&s, &p.client);
	assert_err(p.client.err, TROTH_E_TLS);
	assert_false(s.done);
	stranger_fini(&s);
	pair_fini(&p);
}

static void meet_1_2(struct pair *p, struct stranger *s, const char *ciphers, uint64_t options)
{
	pair_init(p);
	stranger_init(s, p->client.device);
	SSL_CTX_set_max_proto_version(s->ctx, TLS1_2_VERSION);
	SSL_CTX_set_options(s->ctx, options);
	assert_int_equal(SSL_CTX_set_cipher_list(s->ctx, ciphers), 1);
	stranger_open(s, TROTH_TLS_CLIENT);
	end_open(p, &p->server);
	stranger_meets(s, &p->server);
}

static void server__takes_tls_1_2__only_with_ecdhe_and_aead(void **state)
{
	(void)state;
	static const struct {
		const char *ciphers;
		bool good;
	} cases[] = {
		{"ECDHE-ECDSA-AES128-GCM-SHA256", true},
		{"ECDHE-ECDSA-CHACHA20-POLY1305", true},
		{"ECDHE-ECDSA-AES256-SHA384", false}, /* CBC */
		{"AES128-GCM-SHA256", false},         /* static RSA */
		{"AES128-SHA", false},
		{"AECDH-AES256-SHA", false}, /* nobody authenticated */
		{"ECDHE-ECDSA-NULL-SHA", false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct pair p;
		struct stranger s;
		uint8_t ours[32];
		meet_1_2(&p, &s, cases[i].ciphers, 0);
		assert_err(p.server.err, cases[i].good ? TROTH_OK : TROTH_E_TLS);
		assert_int_equal(s.done, cases[i].good);
		if (cases[i].good) {
			uint8_t theirs[32];
			assert_non_null(strstr(troth_tls_describe(p.server.tls), "TLSv1.2 ECDHE"));
			assert_ok(troth_tls_exporter(p.server.tls, false, ours));
			assert_int_equal(SSL_export_keying_material(
						 s.ssl, theirs, 32, "EXPORTER-Channel-Binding", 24,
						 (const unsigned char *)"", 0, 1),
					 1);
			assert_memory_equal(ours, theirs, 32);
			/* Renegotiation is refused: a warning, and the session goes on. */
			assert_int_equal(SSL_renegotiate(s.ssl), 1);
			(void)SSL_do_handshake(s.ssl);
			assert_true(stranger_says(&s, &p.server));
			struct troth_buf got;
			bool ended = true;
			troth_buf_init(&got, 16);
			assert_ok(troth_tls_read(p.server.tls, &got, 16, &ended));
			assert_true(stranger_hears(&s, &p.server));
			stranger_goes_on(&s);
			assert_int_equal(s.alert, 100); /* no_renegotiation */
			troth_buf_fini(&got);
		} else {
			assert_int_equal(s.alert, 40);
		}
		stranger_fini(&s);
		pair_fini(&p);
	}
}

static void exporter__is_refused__on_tls_1_2_without_extended_master_secret(void **state)
{
	(void)state;
	struct pair p;
	struct stranger s;
	uint8_t out[32];
	meet_1_2(&p, &s, "ECDHE+AESGCM", SSL_OP_NO_EXTENDED_MASTER_SECRET);
	assert_ok(p.server.err);
	assert_err(troth_tls_exporter(p.server.tls, false, out), TROTH_E_TLS);
	assert_ok(troth_tls_exporter(p.server.tls, true, out));
	SSL_free(s.ssl);
	s.done = false;
	stranger_open(&s, TROTH_TLS_CLIENT);
	p.server.params.require_ems = true;
	end_open(&p, &p.server);
	stranger_meets(&s, &p.server);
	assert_err(p.server.err, TROTH_E_TLS);
	assert_false(p.server.done);
	stranger_fini(&s);
	pair_fini(&p);
}

/* Without asking for a certificate it learns nothing about us, and we refuse nothing less:
 * our check decides about it all the same. */
static void client__checks__a_server_that_asks_for_nothing(void **state)
{
	(void)state;
	struct pair p;
	struct stranger s;
	pair_init(&p);
	stranger_init(&s, p.server.device);
	stranger_open(&s, TROTH_TLS_SERVER);
	p.client.answer = TROTH_TLS_REJECT;
	end_open(&p, &p.client);
	stranger_meets(&s, &p.client);
	assert_err(p.client.err, TROTH_E_CERT);
	assert_int_equal(p.client.checks, 1);
	assert_int_equal(s.alert, 42);
	stranger_fini(&s);
	pair_fini(&p);
}

static void session__refuses__a_weak_certificate_without_asking_check(void **state)
{
	(void)state;
	struct pair p;
	struct stranger s;
	EVP_PKEY *key = make_key("RSA1024");
	X509 *x = make_x509(key, (struct troth_slice){0});
	pair_init(&p);
	stranger_init(&s, NULL);
	assert_int_equal(SSL_CTX_use_certificate(s.ctx, x), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(s.ctx, key), 1);
	stranger_open(&s, TROTH_TLS_CLIENT);
	end_open(&p, &p.server);
	stranger_meets(&s, &p.server);
	assert_err(p.server.err, TROTH_E_CERT);
	assert_int_equal(p.server.checks, 0);
	assert_int_equal(s.alert, 42);
	assert_null(troth_tls_peer(p.server.tls));
	X509_free(x);
	EVP_PKEY_free(key);
	stranger_fini(&s);
	pair_fini(&p);
}

static void session__survives__bytes_that_are_no_tls(void **state)
{
	(void)state;
	static const char *noise[] = {"<stream:stream to='romeo'>", "GET / HTTP/1.1\r\n\r\n",
				      "\x15\x03\x03", "\x16\x03\x01\xff\xff\x01"};
	for (size_t i = 0; i < sizeof noise / sizeof *noise; i++) {
		struct pair p;
		pair_init(&p);
		end_open(&p, &p.server);
		assert_ok(troth_tls_feed(p.server.tls, troth_slice_str(noise[i])));
		bool done = true;
		int err = troth_tls_handshake(p.server.tls, &done);
		assert_err(err, i == 2 ? TROTH_OK : TROTH_E_TLS);
		if (err == TROTH_OK)
			assert_false(done);
		else
			assert_err(troth_tls_handshake(p.server.tls, &done), TROTH_E_TLS);
		pair_fini(&p);
	}
}

/* A second handshake could show another certificate than the one that was judged. */
static void client__refuses__renegotiation(void **state)
{
	(void)state;
	struct pair p;
	struct stranger s;
	struct troth_buf got;
	bool ended = false;
	pair_init(&p);
	stranger_init(&s, p.server.device);
	SSL_CTX_set_max_proto_version(s.ctx, TLS1_2_VERSION);
	stranger_open(&s, TROTH_TLS_SERVER);
	end_open(&p, &p.client);
	stranger_meets(&s, &p.client);
	assert_ok(p.client.err);
	troth_buf_init(&got, 100);
	assert_int_equal(SSL_renegotiate(s.ssl), 1);
	assert_int_equal(SSL_do_handshake(s.ssl), 1); /* sends HelloRequest */
	assert_true(stranger_says(&s, &p.client));
	assert_ok(troth_tls_read(p.client.tls, &got, 100, &ended));
	assert_true(stranger_hears(&s, &p.client));
	stranger_goes_on(&s);
	assert_int_equal(s.alert, 100); /* no_renegotiation */
	assert_int_equal(p.client.checks, 1);
	troth_buf_fini(&got);
	stranger_fini(&s);
	pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(server__sends_certificate_required__to_a_client_without_one),
		cmocka_unit_test(server__asks_for_a_certificate__without_ca_names),
		cmocka_unit_test(session__refuses__tls_1_1),
		cmocka_unit_test(server__takes_tls_1_2__only_with_ecdhe_and_aead),
		cmocka_unit_test(exporter__is_refused__on_tls_1_2_without_extended_master_secret),
		cmocka_unit_test(client__checks__a_server_that_asks_for_nothing),
		cmocka_unit_test(session__refuses__a_weak_certificate_without_asking_check),
		cmocka_unit_test(client__refuses__renegotiation),
		cmocka_unit_test(session__survives__bytes_that_are_no_tls),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
