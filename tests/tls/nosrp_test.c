/* SPDX-License-Identifier: MIT */
/* Linked with srp.c as it is where OpenSSL has no SRP: the rest must work. */
#include "pump.h"

static void nosrp__refuses__sessions_that_need_it(void **state)
{
	(void)state;
	struct pair p;
	struct troth_tls *t = NULL;
	struct troth_secret *secret = make_secret("secret");
	assert_false(troth_tls_has_srp());
	pair_init(&p);
	end_set_secret(&p.client, "romeo@montague.example", secret);
	end_set_secret(&p.server, "romeo@montague.example", secret);
	assert_err(troth_tls_new(&t, p.context, &p.client.params), TROTH_E_UNSUPPORTED);
	assert_err(troth_tls_new(&t, p.context, &p.server.params), TROTH_E_UNSUPPORTED);
	p.server.params.credential = TROTH_TLS_EITHER;
	p.server.params.srp_wanted = true;
	assert_err(troth_tls_new(&t, p.context, &p.server.params), TROTH_E_UNSUPPORTED);
	assert_null(t);
	troth_secret_free(secret);
	pair_fini(&p);
}

static void nosrp__opens_by_certificate__with_either(void **state)
{
	(void)state;
	struct pair p;
	struct troth_secret *secret = make_secret("secret");
	pair_init(&p);
	end_set_secret(&p.server, "romeo@montague.example", secret);
	p.server.params.credential = TROTH_TLS_EITHER;
	pair_open(&p);
	pair_shake(&p);
	assert_shaken(&p);
	assert_same_exporter(&p);
	troth_secret_free(secret);
	pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nosrp__refuses__sessions_that_need_it),
		cmocka_unit_test(nosrp__opens_by_certificate__with_either),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
