/* SPDX-License-Identifier: MIT */
#define OPENSSL_SUPPRESS_DEPRECATED /* hostile SRP servers are made by hand */
#include <openssl/err.h>
#include <openssl/srp.h>

#include "stranger.h"

#define USER "romeo@montague.example"

struct srp_pair {
	struct pair p;
	struct troth_secret *secret;
	struct troth_secret *other;
};

static void set_up(struct srp_pair *s)
{
	pair_init(&s->p);
	s->secret = make_secret("wherefore art thou");
	s->other = make_secret("wherefore art thee");
	end_set_secret(&s->p.client, USER, s->secret);
	end_set_secret(&s->p.server, USER, s->secret);
}

static void tear_down(struct srp_pair *s)
{
	troth_secret_free(s->secret);
	troth_secret_free(s->other);
	pair_fini(&s->p);
}

static void srp__opens_without_certificates__when_the_secrets_match(void **state)
{
	(void)state;
	struct srp_pair s;
	set_up(&s);
	pair_open(&s.p);
	pair_shake(&s.p);
	assert_shaken(&s.p);
	assert_string_equal(troth_tls_describe(s.p.client.tls), "TLSv1.2 SRP-AES-256-CBC-SHA");
	assert_int_equal(troth_tls_used(s.p.client.tls), TROTH_TLS_SRP);
	assert_int_equal(troth_tls_used(s.p.server.tls), TROTH_TLS_SRP);
	assert_null(troth_tls_peer(s.p.client.tls));
	assert_null(troth_tls_peer(s.p.server.tls));
	assert_int_equal(s.p.client.checks + s.p.server.checks, 0);
	assert_same_exporter(&s.p);
	assert_passes(&s.p, &s.p.client, &s.p.server, troth_slice_str("<stream>"));
	assert_passes(&s.p, &s.p.server, &s.p.client, troth_slice_str("<stream>"));
	tear_down(&s);
}

static void srp__opens__when_fed_byte_by_byte(void **state)
{
	(void)state;
	struct srp_pair s;
	set_up(&s);
	s.p.step = 1;
	pair_open(&s.p);
	pair_shake(&s.p);
	assert_shaken(&s.p);
	tear_down(&s);
}

static void srp__carries_large_data__both_ways(void **state)
{
	(void)state;
	struct srp_pair s;
	size_t len = 1024 * 1024 + 3;
	uint8_t *big = calloc(1, len);
	set_up(&s);
	pair_open(&s.p);
	pair_shake(&s.p);
	assert_passes(&s.p, &s.p.client, &s.p.server, troth_slice_of(big, len));
	assert_passes(&s.p, &s.p.server, &s.p.client, troth_slice_of(big, len));
	free(big);
	tear_down(&s);
}

static void assert_differs(struct srp_pair *s)
{
	pair_open(&s->p);
	pair_shake(&s->p);
	assert_err(s->p.server.err, TROTH_E_SECRET);
	assert_err(s->p.client.err, TROTH_E_SECRET);
	assert_int_equal(troth_tls_alert(s->p.server.tls), 20);
	assert_int_equal(troth_tls_alert(s->p.client.tls), 20);
	assert_false(s->p.client.done || s->p.server.done);
	assert_false(troth_tls_secret_wanted(s->p.client.tls));
}

static bool never_same(void *user, const char *received)
{
	(void)user;
	assert_string_equal(received, USER);
	return false;
}

/* docs/protocol.md, "TLS": "otherwise fails exactly as for a wrong secret." A public
 * value begins with a zero byte, and is shorter, once in 256 times: so the two are
 * made again until they are alike. */
static void srp__looks_the_same__with_a_wrong_secret_or_name(void **state)
{
	(void)state;
	struct srp_pair s;
	char wrong_secret[sizeof s.p.wire];
	bool alike = false;
	set_up(&s);
	for (int i = 0; i < 10 && !alike; i++) {
		s.p.server.params.secret = s.other;
		s.p.server.params.srp_user_same = NULL;
		assert_differs(&s);
		memcpy(wrong_secret, s.p.wire, sizeof wrong_secret);
		s.p.server.params.secret = s.secret;
		s.p.server.params.srp_user_same = never_same;
		assert_differs(&s);
		alike = strcmp(wrong_secret, s.p.wire) == 0;
	}
	assert_true(alike);
	/* The same by comparing strings. */
	s.p.server.params.srp_user_same = NULL;
	s.p.server.params.srp_user = "mercutio@montague.ex..";
	assert_differs(&s);
	tear_down(&s);
}

static bool is_romeo(void *user, const char *received)
{
	(void)user;
	return strncmp(received, "Romeo@", 6) == 0;
}

static void srp__opens__when_the_caller_takes_the_name(void **state)
{
	(void)state;
	struct srp_pair s;
	set_up(&s);
	s.p.client.params.srp_user = "Romeo@montague.example/orchard";
	s.p.server.params.srp_user_same = is_romeo;
	pair_open(&s.p);
	pair_shake(&s.p);
	assert_shaken(&s.p);
	tear_down(&s);
}

static void srp__never_opens__with_a_byte_flipped(void **state)
{
	(void)state;
	struct srp_pair s;
	set_up(&s);
	pair_open(&s.p);
	pair_shake(&s.p);
	assert_shaken(&s.p);
	size_t total = s.p.client.sent;
	for (s.p.flip_at = 1; s.p.flip_at <= total; s.p.flip_at += 11) {
		pair_open(&s.p);
		pair_shake(&s.p);
		/* A public value may be shorter by a zero byte: then the last isn't there. */
		assert_int_equal(s.p.server.done, s.p.flip_at > s.p.client.sent);
		assert_int_equal(s.p.client.done, s.p.flip_at > s.p.client.sent);
	}
	tear_down(&s);
}

/* A guess is paid for before the flight leaves: until then nothing may be on the line. */
static void srp__keeps_its_flights__until_they_are_taken(void **state)
{
	(void)state;
	struct srp_pair s;
	set_up(&s);
	pair_open(&s.p);
	assert_ok(troth_tls_handshake(s.p.client.tls, &s.p.client.done));
	assert_true(carry(&s.p, &s.p.client, &s.p.server));
	size_t hello = troth_buf_len(troth_tls_output(s.p.server.tls));
	assert_true(hello > 0);
	assert_ok(troth_tls_handshake(s.p.server.tls, &s.p.server.done));
	assert_int_equal(troth_buf_len(troth_tls_output(s.p.server.tls)), hello);
	assert_false(s.p.server.done);
	tear_down(&s);
}

static void srp__is_refused__for_names_that_do_not_fit(void **state)
{
	(void)state;
	struct srp_pair s;
	struct troth_tls *t = NULL;
	char name[257];
	set_up(&s);
	memset(name, 'a', 256);
	name[256] = 0;
	s.p.client.params.srp_user = name;
	assert_err(troth_tls_new(&t, s.p.context, &s.p.client.params), TROTH_E_INVAL);
	s.p.client.params.srp_user = name + 1;
	assert_ok(troth_tls_new(&t, s.p.context, &s.p.client.params));
	troth_tls_free(t);
	s.p.client.params.srp_user = "";
	assert_err(troth_tls_new(&t, s.p.context, &s.p.client.params), TROTH_E_INVAL);
	tear_down(&s);
}

/* A server made by hand: group and generator are its choice. */
struct hostile {
	const char *group;
	unsigned long generator; /* 0: the group's own */
};

static int on_name(SSL *ssl, int *alert, void *arg)
{
	const struct hostile *h = arg;
	SRP_gN *group = SRP_get_default_gN(h->group);
	BIGNUM *g = BN_dup(group->g);
	BIGNUM *salt = NULL;
	BIGNUM *v = NULL;
	(void)alert;
	if (h->generator != 0)
		assert_int_equal(BN_set_word(g, h->generator), 1);
	assert_int_equal(SRP_create_verifier_BN(SSL_get_srp_username(ssl), "wherefore art thou",
						&salt, &v, group->N, g),
			 1);
	assert_int_equal(SSL_set_srp_server_param(ssl, group->N, g, salt, v, NULL), 1);
	BN_free(g);
	BN_free(salt);
	BN_free(v);
	return SSL_ERROR_NONE;
}

static void client__takes__only_known_groups_of_2048_bits_and_more(void **state)
{
	(void)state;
	static const struct {
		struct hostile server;
		int alert; /* 0: opens */
	} cases[] = {
		{{"1024", 0}, 71}, /* insufficient_security */
		{{"1536", 0}, 71}, {{"2048", 0}, 0},  {{"4096", 0}, 0},
		{{"8192", 0}, 0},  {{"3072", 7}, 71}, /* not the group's generator */
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct srp_pair s;
		struct stranger them;
		set_up(&s);
		stranger_init(&them, NULL);
		SSL_CTX_set_max_proto_version(them.ctx, TLS1_2_VERSION);
		assert_int_equal(SSL_CTX_set_cipher_list(them.ctx, "SRP-AES-128-CBC-SHA"), 1);
		SSL_CTX_set_srp_username_callback(them.ctx, on_name);
		SSL_CTX_set_srp_cb_arg(them.ctx, (void *)&cases[i].server);
		stranger_open(&them, TROTH_TLS_SERVER);
		end_open(&s.p, &s.p.client);
		stranger_meets(&them, &s.p.client);
		assert_err(s.p.client.err, cases[i].alert == 0 ? TROTH_OK : TROTH_E_TLS);
		assert_int_equal(s.p.client.done, cases[i].alert == 0);
		assert_int_equal(them.alert, cases[i].alert);
		stranger_fini(&them);
		tear_down(&s);
	}
}

static void server__uses_the_group_of_3072_bits__and_fresh_salts(void **state)
{
	(void)state;
	struct srp_pair s;
	set_up(&s);
	for (int i = 0; i < 2; i++) {
		struct stranger them;
		stranger_init(&them, NULL);
		SSL_CTX_set_max_proto_version(them.ctx, TLS1_2_VERSION);
		char user[] = USER;
		char password[] = "wherefore art thou";
		assert_int_equal(SSL_CTX_set_cipher_list(them.ctx, "SRP"), 1);
		assert_int_equal(SSL_CTX_set_srp_username(them.ctx, user), 1);
		assert_int_equal(SSL_CTX_set_srp_password(them.ctx, password), 1);
		stranger_open(&them, TROTH_TLS_CLIENT);
		end_open(&s.p, &s.p.server);
		stranger_meets(&them, &s.p.server);
		assert_ok(s.p.server.err);
		assert_true(s.p.server.done && them.done);
		assert_int_equal(BN_num_bits(SSL_get_srp_N(them.ssl)), 3072);
		stranger_fini(&them);
	}
	tear_down(&s);
}

/* Only certificates on the other side: nothing in common, and nobody is let in. */
static void srp__fails__against_a_peer_with_certificates_only(void **state)
{
	(void)state;
	struct srp_pair s;
	set_up(&s);
	s.p.server.params.credential = TROTH_TLS_CERTIFICATE;
	pair_open(&s.p);
	pair_shake(&s.p);
	assert_err(s.p.server.err, TROTH_E_TLS);
	assert_err(s.p.client.err, TROTH_E_TLS);
	assert_int_equal(troth_tls_alert(s.p.client.tls), 40);
	s.p.server.params.credential = TROTH_TLS_SRP;
	s.p.client.params.credential = TROTH_TLS_CERTIFICATE;
	pair_open(&s.p);
	pair_shake(&s.p);
	assert_err(s.p.server.err, TROTH_E_TLS);
	assert_err(s.p.client.err, TROTH_E_TLS);
	assert_int_equal(troth_tls_alert(s.p.client.tls), 115);
	assert_true(troth_tls_secret_wanted(s.p.client.tls));
	tear_down(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(srp__opens_without_certificates__when_the_secrets_match),
		cmocka_unit_test(srp__opens__when_fed_byte_by_byte),
		cmocka_unit_test(srp__carries_large_data__both_ways),
		cmocka_unit_test(srp__looks_the_same__with_a_wrong_secret_or_name),
		cmocka_unit_test(srp__opens__when_the_caller_takes_the_name),
		cmocka_unit_test(srp__never_opens__with_a_byte_flipped),
		cmocka_unit_test(srp__keeps_its_flights__until_they_are_taken),
		cmocka_unit_test(srp__is_refused__for_names_that_do_not_fit),
		cmocka_unit_test(client__takes__only_known_groups_of_2048_bits_and_more),
		cmocka_unit_test(server__uses_the_group_of_3072_bits__and_fresh_salts),
		cmocka_unit_test(srp__fails__against_a_peer_with_certificates_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
