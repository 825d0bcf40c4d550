/* SPDX-License-Identifier: MIT */
/* Chains in the handshake: handed on as they were sent, and bounded. */
#include "../keys/authority.h"
#include "keys/issue.h"
#include "pump.h"

/* The device shows `extra` CAs behind a certificate that the first of them signed. */
static struct party give_chain(struct end *e, int extra)
{
	struct party ca = issue(&(struct wish){.cn = "CA", .ca = "critical,CA:TRUE"});
	STACK_OF(X509) *chain = sk_X509_new_null();
	X509 *leaf = X509_dup(troth_cert_x509(troth_device_cert(e->device)));
	X509_set_issuer_name(leaf, X509_get_subject_name(ca.x));
	assert_true(X509_sign(leaf, ca.key, EVP_sha256()) > 0);
	sk_X509_push(chain, leaf);
	for (int i = 0; i < extra; i++)
		sk_X509_push(chain, X509_dup(ca.x));
	assert_ok(troth_device_set_chain(e->device, chain));
	return ca;
}

static void chain__arrives_as_sent__on_both_sides(void **state)
{
	struct pair p;
	const struct troth_slice *shown;
	(void)state;
	pair_init(&p);
	struct party one = give_chain(&p.client, 1), two = give_chain(&p.server, 2);
	struct troth_slice first = der_of(&one), second = der_of(&two);
	p.client.params.want_staple = true;
	pair_open(&p);
	pair_shake(&p);
	assert_true(p.client.done && p.server.done);
	assert_int_equal(troth_tls_chain(p.server.tls, &shown), 1);
	assert_true(troth_slice_equal(shown[0], first));
	assert_int_equal(troth_tls_chain(p.client.tls, &shown), 2);
	assert_true(troth_slice_equal(shown[1], second));
	/* The key is the device's, the certificate another one. */
	const struct troth_cert *own = troth_device_cert(p.server.device);
	assert_true(
		troth_pin_equal(troth_cert_pin(troth_tls_peer(p.client.tls)), troth_cert_pin(own)));
	assert_string_not_equal(p.client.checked, troth_cert_name(own));
	assert_int_equal(troth_tls_staple(p.client.tls).len, 0);
	assert_ok(troth_device_set_staple(p.server.device, troth_slice_str("an answer")));
	pair_open(&p);
	pair_shake(&p);
	assert_true(p.client.done && p.server.done);
	assert_true(
		troth_slice_equal(troth_tls_staple(p.client.tls), troth_slice_str("an answer")));
	p.client.params.want_staple = false;
	pair_open(&p);
	pair_shake(&p);
	assert_true(p.client.done && p.server.done);
	assert_int_equal(troth_tls_staple(p.client.tls).len, 0);
	slice_free(first);
	slice_free(second);
	party_free(&one);
	party_free(&two);
	pair_fini(&p);
}

static void chain__is_refused__beyond_its_limit(void **state)
{
	struct pair p;
	(void)state;
	pair_init(&p);
	struct party ca = give_chain(&p.server, TROTH_LIMIT_CHAIN_CERTS - 1);
	pair_open(&p);
	pair_shake(&p);
	assert_true(p.client.done && p.server.done);
	STACK_OF(X509) *more = sk_X509_new_null();
	for (int i = 0; i <= TROTH_LIMIT_CHAIN_CERTS; i++)
		sk_X509_push(more, X509_dup(ca.x));
	assert_err(troth_device_set_chain(p.server.device, more), TROTH_E_CERT);
	sk_X509_pop_free(more, X509_free);
	/* A peer that isn't bound by that. */
	STACK_OF(X509) *shown = (STACK_OF(X509) *)troth_device_chain(p.server.device);
	sk_X509_push(shown, X509_dup(ca.x));
	pair_open(&p);
	pair_shake(&p);
	assert_err(p.client.err, TROTH_E_CERT);
	party_free(&ca);
	pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chain__arrives_as_sent__on_both_sides),
		cmocka_unit_test(chain__is_refused__beyond_its_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
