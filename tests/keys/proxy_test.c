/* SPDX-License-Identifier: MIT */
/* Proxy certificates (RFC 3820): on whose word they act, and how far. */
#include "world.h"

#define PROXY(path) "critical,language:id-ppl-inheritAll" path
#define PROXY_WISH(path) .proxy = PROXY(path), .usage = "critical,digitalSignature"

static void assert_proxy(struct world *w, struct wish wish, unsigned most,
			 enum troth_chain_fault fault)
{
	wish.cn = wish.cn != NULL ? wish.cn : "12345";
	wish.under = &w->user;
	struct party p = issue(&wish);
	assert_fault(verify(w->ca, &p, OTHERS(&w->user, &w->mid), ASK(.proxies = most)), fault);
	party_free(&p);
}

static void proxy__acts_for_its_owner__where_it_may(void **state)
{
	struct world *w = *state;
	struct party job =
		issue(&(struct wish){.cn = "1", PROXY_WISH(",pathlen:0"), .under = &w->user});
	struct troth_chain c = verify(w->ca, &job, OTHERS(&w->user, &w->mid), ASK(.proxies = 1));
	assert_int_equal(c.fault, TROTH_CHAIN_NONE);
	assert_int_equal(c.proxies, 1);
	assert_string_equal(troth_cert_xmpp_addr(c.owner, 0), "romeo@example.com");
	troth_chain_fini(&c);
	assert_fault(verify(w->ca, &job, OTHERS(&w->user, &w->mid), PLAIN), TROTH_CHAIN_PROXY);
	party_free(&job);
}

static void proxy__is_refused__when_it_isnt_as_it_must_be(void **state)
{
	struct world *w = *state;
	assert_proxy(w, (struct wish){PROXY_WISH("")}, 1, TROTH_CHAIN_NONE);
	assert_proxy(w, (struct wish){.proxy = "language:id-ppl-inheritAll"}, 1, TROTH_CHAIN_PROXY);
	assert_proxy(w, (struct wish){.proxy = "critical,language:id-ppl-independent"}, 1,
		     TROTH_CHAIN_PROXY);
	assert_proxy(w,
		     (struct wish){.proxy = "critical,language:id-ppl-anyLanguage,policy:text:all"},
		     1, TROTH_CHAIN_PROXY);
	assert_proxy(w, (struct wish){.proxy = "critical,language:1.3.6.1.4.1.3536.1.1.1.9"}, 1,
		     TROTH_CHAIN_PROXY);
	assert_proxy(w, (struct wish){PROXY_WISH(""), .from = -9 * DAY, .until = -DAY}, 1,
		     TROTH_CHAIN_EXPIRED);
	assert_proxy(w, (struct wish){.proxy = PROXY(""), .usage = "keyAgreement"}, 1,
		     TROTH_CHAIN_USAGE);
}

static void proxy__delegates_no_further__than_its_path_length(void **state)
{
	struct world *w = *state;
	struct party none =
		issue(&(struct wish){.cn = "1", PROXY_WISH(",pathlen:0"), .under = &w->user});
	struct party one =
		issue(&(struct wish){.cn = "1", PROXY_WISH(",pathlen:1"), .under = &w->user});
	struct party bad = issue(&(struct wish){.cn = "2", PROXY_WISH(""), .under = &none});
	struct party good = issue(&(struct wish){.cn = "2", PROXY_WISH(""), .under = &one});
	assert_fault(verify(w->ca, &bad, OTHERS(&none, &w->user, &w->mid), ASK(.proxies = 3)),
		     TROTH_CHAIN_PROXY);
	assert_fault(verify(w->ca, &good, OTHERS(&one, &w->user, &w->mid), ASK(.proxies = 3)),
		     TROTH_CHAIN_NONE);
	assert_fault(verify(w->ca, &good, OTHERS(&one, &w->user, &w->mid), ASK(.proxies = 1)),
		     TROTH_CHAIN_PROXY);
	party_free(&none);
	party_free(&one);
	party_free(&bad);
	party_free(&good);
}

static void proxy__is_revoked__with_its_owner(void **state)
{
	struct world *w = *state;
	add_crl(w->ca, &w->mid, 42, DAY);
	assert_proxy(w, (struct wish){PROXY_WISH("")}, 1, TROTH_CHAIN_REVOKED);
}

static void proxy__acts_for_a_pinned_key__whatever_its_dates(void **state)
{
	struct world *w = *state;
	struct troth_ca *pins;
	struct party owner = issue(&(struct wish){.cn = "me",
						  .usage = "critical,digitalSignature",
						  .san = XMPP_ADDR("me@here"),
						  .from = -9 * DAY,
						  .until = -DAY});
	struct party job = issue(&(struct wish){.cn = "1", PROXY_WISH(""), .under = &owner});
	struct party late = issue(&(struct wish){
		.cn = "1", PROXY_WISH(""), .under = &owner, .from = -9 * DAY, .until = -DAY});
	struct party strange = issue(&(struct wish){.cn = "1", PROXY_WISH(""), .under = &w->user});
	struct troth_cert *pin = cert_of(&owner), *proxy = cert_of(&job);
	assert_ok(troth_ca_new(&pins));
	assert_ok(troth_ca_add_pinned(pins, pin));
	assert_err(troth_ca_add_pinned(pins, proxy), TROTH_E_CERT);
	assert_true(troth_cert_is_proxy(proxy) && !troth_cert_is_proxy(pin));
	struct troth_chain c = verify(pins, &job, OTHERS(&owner), ASK(.proxies = 1));
	assert_int_equal(c.fault, TROTH_CHAIN_NONE);
	assert_true(troth_pin_equal(&c.anchor, troth_cert_pin(pin)));
	assert_int_equal(c.proxies, 1);
	troth_chain_fini(&c);
	assert_fault(verify(pins, &late, OTHERS(&owner), ASK(.proxies = 1)), TROTH_CHAIN_EXPIRED);
	assert_fault(verify(pins, &job, OTHERS(&owner), PLAIN), TROTH_CHAIN_PROXY);
	assert_fault(verify(pins, &strange, OTHERS(&w->user), ASK(.proxies = 1)),
		     TROTH_CHAIN_UNKNOWN_CA);
	troth_cert_free(pin);
	troth_cert_free(proxy);
	troth_ca_free(pins);
	party_free(&owner);
	party_free(&job);
	party_free(&late);
	party_free(&strange);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(proxy__acts_for_its_owner__where_it_may),
		TEST(proxy__is_refused__when_it_isnt_as_it_must_be),
		TEST(proxy__delegates_no_further__than_its_path_length),
		TEST(proxy__is_revoked__with_its_owner),
		TEST(proxy__acts_for_a_pinned_key__whatever_its_dates),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
