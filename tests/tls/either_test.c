/* SPDX-License-Identifier: MIT */
/* A server that learns only from the ClientHello what the peer comes with. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/err.h>

#include "stranger.h"

#define USER "romeo@montague.example"

static struct troth_secret *secret;

static int make_it(void **state)
{
	(void)state;
	secret = make_secret("wherefore art thou");
	return 0;
}

static int free_it(void **state)
{
	(void)state;
	troth_secret_free(secret);
	return 0;
}

static void set_up(struct pair *p, bool srp_wanted)
{
	pair_init(p);
	end_set_secret(&p->server, USER, secret);
	p->server.params.credential = TROTH_TLS_EITHER;
	p->server.params.srp_wanted = srp_wanted;
}

static void either__does_srp__when_the_peer_brings_a_name(void **state)
{
	(void)state;
	for (int wanted = 0; wanted < 2; wanted++) {
		struct pair p;
		set_up(&p, wanted == 1);
		end_set_secret(&p.client, USER, secret);
		pair_open(&p);
		pair_shake(&p);
		assert_shaken(&p);
		assert_int_equal(troth_tls_used(p.server.tls), TROTH_TLS_SRP);
		assert_null(troth_tls_peer(p.server.tls));
		assert_same_exporter(&p);
		assert_passes(&p, &p.client, &p.server, troth_slice_str("hello"));
		pair_fini(&p);
	}
}

static void either__fails_as_srp_does__when_the_secrets_differ(void **state)
{
	(void)state;
	struct pair p;
	struct troth_secret *other = make_secret("another");
	set_up(&p, false);
	end_set_secret(&p.client, USER, other);
	pair_open(&p);
	pair_shake(&p);
	assert_err(p.server.err, TROTH_E_SECRET);
	assert_err(p.client.err, TROTH_E_SECRET);
	assert_false(p.server.done);
	troth_secret_free(other);
	pair_fini(&p);
}

static void either__does_certificates__when_no_name_came_and_none_is_wanted(void **state)
{
	(void)state;
	struct pair p;
	set_up(&p, false);
	pair_open(&p);
	pair_shake(&p);
	assert_shaken(&p);
	assert_int_equal(troth_tls_used(p.server.tls), TROTH_TLS_CERTIFICATE);
	assert_non_null(strstr(troth_tls_describe(p.server.tls), "TLSv1.3"));
	assert_int_equal(p.server.checks, 1);
	assert_false(troth_tls_secret_wanted(p.server.tls));
	pair_fini(&p);
}

static void either__still_needs_a_certificate__when_no_name_came(void **state)
{
	(void)state;
	struct pair p;
	struct stranger s;
	set_up(&p, false);
	stranger_init(&s, NULL);
	stranger_open(&s, TROTH_TLS_CLIENT);
	end_open(&p, &p.server);
	stranger_meets(&s, &p.server);
	assert_err(p.server.err, TROTH_E_TLS);
	assert_int_equal(s.alert, 116);
	stranger_fini(&s);
	pair_fini(&p);
}

/* docs/protocol.md, "Without offers": "a recipient that wants a secret and got no user name
 * answers unknown_psk_identity, and the initiator starts TLS again with SRP on the same
 * transport." */
static void either__asks_for_the_secret__and_the_client_comes_again(void **state)
{
	(void)state;
	struct pair p;
	set_up(&p, true);
	pair_open(&p);
	pair_shake(&p);
	assert_err(p.server.err, TROTH_E_TLS);
	assert_err(p.client.err, TROTH_E_TLS);
	assert_int_equal(troth_tls_alert(p.server.tls), 115);
	assert_int_equal(troth_tls_alert(p.client.tls), 115);
	assert_true(troth_tls_secret_wanted(p.client.tls));
	assert_true(troth_tls_secret_wanted(p.server.tls));
	assert_int_equal(p.server.checks + p.client.checks, 0);
	assert_int_equal(troth_tls_unread(p.client.tls), 0);
	assert_int_equal(troth_tls_unread(p.server.tls), 0);
	end_set_secret(&p.client, USER, secret);
	pair_open(&p);
	pair_shake(&p);
	assert_shaken(&p);
	assert_int_equal(troth_tls_used(p.client.tls), TROTH_TLS_SRP);
	assert_false(troth_tls_secret_wanted(p.client.tls));
	pair_fini(&p);
}

static void either__ignores_the_name__without_a_secret_of_its_own(void **state)
{
	(void)state;
	struct pair p;
	set_up(&p, false);
	p.server.params.secret = NULL;
	end_set_secret(&p.client, USER, secret);
	pair_open(&p);
	pair_shake(&p);
	assert_err(p.server.err, TROTH_E_TLS);
	assert_err(p.client.err, TROTH_E_TLS);
	assert_int_equal(troth_tls_alert(p.client.tls), 40);
	pair_fini(&p);
}

/* A client of seed 000 that knows the other side: a name and all kinds of ciphers. */
static void either__prefers_srp__when_the_client_leaves_the_choice(void **state)
{
	(void)state;
	struct pair p;
	struct stranger s;
	char user[] = USER;
	char password[] = "wherefore art thou";
	set_up(&p, false);
	stranger_init(&s, p.client.device);
	assert_int_equal(SSL_CTX_set_cipher_list(s.ctx, "DEFAULT:SRP"), 1);
	assert_int_equal(SSL_CTX_set_srp_username(s.ctx, user), 1);
	assert_int_equal(SSL_CTX_set_srp_password(s.ctx, password), 1);
	stranger_open(&s, TROTH_TLS_CLIENT);
	end_open(&p, &p.server);
	stranger_meets(&s, &p.server);
	assert_ok(p.server.err);
	assert_true(p.server.done && s.done);
	assert_int_equal(troth_tls_used(p.server.tls), TROTH_TLS_SRP);
	assert_int_equal(SSL_version(s.ssl), TLS1_2_VERSION);
	assert_null(SSL_get0_peer_certificate(s.ssl));
	stranger_fini(&s);
	pair_fini(&p);
}

/* One context serves them all: what one session switched must not reach the next. */
static void either__leaves_no_trace__for_the_next_session(void **state)
{
	(void)state;
	struct pair p;
	set_up(&p, false);
	end_set_secret(&p.client, USER, secret);
	pair_open(&p);
	pair_shake(&p);
	assert_shaken(&p);
	p.client.params.credential = TROTH_TLS_CERTIFICATE;
	p.server.params.credential = TROTH_TLS_CERTIFICATE;
	pair_open(&p);
	pair_shake(&p);
	assert_shaken(&p);
	assert_int_equal(p.server.checks, 1);
	assert_non_null(troth_tls_peer(p.server.tls));
	pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(either__does_srp__when_the_peer_brings_a_name),
		cmocka_unit_test(either__fails_as_srp_does__when_the_secrets_differ),
		cmocka_unit_test(either__does_certificates__when_no_name_came_and_none_is_wanted),
		cmocka_unit_test(either__still_needs_a_certificate__when_no_name_came),
		cmocka_unit_test(either__asks_for_the_secret__and_the_client_comes_again),
		cmocka_unit_test(either__ignores_the_name__without_a_secret_of_its_own),
		cmocka_unit_test(either__prefers_srp__when_the_client_leaves_the_choice),
		cmocka_unit_test(either__leaves_no_trace__for_the_next_session),
	};
	return cmocka_run_group_tests(tests, make_it, free_it);
}
