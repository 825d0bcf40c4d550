/* SPDX-License-Identifier: MIT */
/* Chains: what is good, and the reason where one isn't. Nothing here looks at a clock. */
#include "base/limits.h"
#include "world.h"

/* A user of that kind, under the root itself. */
static void assert_user_fault(struct world *w, struct wish wish, enum troth_chain_fault fault)
{
	wish.cn = "x";
	wish.under = wish.under != NULL ? wish.under : &w->root;
	struct party p = issue(&wish);
	assert_fault(verify(w->ca, &p, NULL, PLAIN), fault);
	party_free(&p);
}

static void chain__is_good__up_to_an_anchor(void **state)
{
	struct world *w = *state;
	struct troth_pin pin;
	struct troth_chain c = verify(w->ca, &w->user, OTHERS(&w->mid), PLAIN);
	assert_int_equal(c.fault, TROTH_CHAIN_NONE);
	assert_int_equal(c.proxies, 0);
	assert_string_equal(troth_cert_xmpp_addr(c.owner, 0), "romeo@example.com");
	assert_ok(troth_ca_anchor_pin(w->ca, 0, &pin));
	assert_true(troth_pin_equal(&pin, &c.anchor));
	assert_err(troth_ca_anchor_pin(w->ca, 1, &pin), TROTH_E_NOT_FOUND);
	troth_chain_fini(&c);
}

static void chain__takes_intermediates__from_the_ca_too(void **state)
{
	struct world *w = *state;
	assert_fault(verify(w->ca, &w->user, NULL, PLAIN), TROTH_CHAIN_UNKNOWN_CA);
	struct troth_slice der = der_of(&w->mid);
	assert_ok(troth_ca_add_intermediates(w->ca, der));
	slice_free(der);
	assert_fault(verify(w->ca, &w->user, NULL, PLAIN), TROTH_CHAIN_NONE);
}

static void chain__is_of_an_unknown_ca__whatever_its_name(void **state)
{
	struct world *w = *state;
	struct troth_ca *other;
	assert_ok(troth_ca_new(&other));
	add_anchor(other, &w->other_root);
	assert_fault(verify(other, &w->user, OTHERS(&w->mid), PLAIN), TROTH_CHAIN_SIGNATURE);
	struct party name = issue(&(struct wish){.cn = "Another", CA_WISH});
	struct party user = issue(&(struct wish){.cn = "x", USER_WISH, .under = &name});
	/* The peer's own root doesn't make itself trusted. */
	assert_fault(verify(w->ca, &user, OTHERS(&name), PLAIN), TROTH_CHAIN_UNKNOWN_CA);
	party_free(&name);
	party_free(&user);
	struct party self = issue(&(struct wish){.cn = "romeo", USER_WISH});
	assert_fault(verify(w->ca, &self, NULL, PLAIN), TROTH_CHAIN_UNKNOWN_CA);
	party_free(&self);
	troth_ca_free(other);
}

static void chain__tells_dates__by_the_time_given(void **state)
{
	struct world *w = *state;
	const struct party *const *mid = OTHERS(&w->mid);
	assert_fault(verify(w->ca, &w->user, mid, ASK(.now = MAKE_NOW + 2 * DAY)),
		     TROTH_CHAIN_EXPIRED);
	assert_fault(verify(w->ca, &w->user, mid, ASK(.now = MAKE_NOW - 2 * DAY)),
		     TROTH_CHAIN_NOT_YET);
	assert_user_fault(w, (struct wish){USER_WISH, .from = -9 * DAY, .until = -DAY},
			  TROTH_CHAIN_EXPIRED);
	assert_user_fault(w, (struct wish){USER_WISH, .from = DAY, .until = 2 * DAY},
			  TROTH_CHAIN_NOT_YET);
}

static void chain__is_weak__by_digest_or_key(void **state)
{
	struct world *w = *state;
	assert_user_fault(w, (struct wish){USER_WISH, .digest = "SHA1"}, TROTH_CHAIN_WEAK);
	struct party weak =
		issue(&(struct wish){.cn = "W", CA_WISH, .kind = "RSA1024", .under = &w->root});
	struct party p = issue(&(struct wish){.cn = "x", USER_WISH, .under = &weak});
	assert_fault(verify(w->ca, &p, OTHERS(&weak), PLAIN), TROTH_CHAIN_WEAK);
	party_free(&p);
	party_free(&weak);
}

static void chain__is_refused__for_another_usage(void **state)
{
	struct world *w = *state;
	assert_user_fault(w, (struct wish){USER_WISH}, TROTH_CHAIN_NONE);
	assert_user_fault(w, (struct wish){USER_WISH, .extended = "clientAuth"}, TROTH_CHAIN_NONE);
	assert_user_fault(w, (struct wish){USER_WISH, .extended = "codeSigning"},
			  TROTH_CHAIN_USAGE);
	assert_user_fault(w, (struct wish){.usage = "keyEncipherment"}, TROTH_CHAIN_USAGE);
	/* A user that signs users. */
	assert_user_fault(w, (struct wish){USER_WISH, .under = &w->user}, TROTH_CHAIN_UNKNOWN_CA);
	struct party x = issue(&(struct wish){.cn = "x", USER_WISH, .under = &w->user});
	assert_fault(verify(w->ca, &x, OTHERS(&w->user, &w->mid), PLAIN), TROTH_CHAIN_USAGE);
	party_free(&x);
	struct party coder = issue(
		&(struct wish){.cn = "C", CA_WISH, .extended = "codeSigning", .under = &w->root});
	x = issue(&(struct wish){.cn = "x", USER_WISH, .under = &coder});
	assert_fault(verify(w->ca, &x, OTHERS(&coder), PLAIN), TROTH_CHAIN_USAGE);
	party_free(&x);
	party_free(&coder);
}

static void chain__keeps_constraints__and_refuses_those_it_cant_check(void **state)
{
	struct world *w = *state;
	struct party mail = issue(&(struct wish){.cn = "M",
						 CA_WISH,
						 .under = &w->root,
						 .constraints = "permitted;email:example.com"});
	struct party addr = issue(&(struct wish){
		.cn = "A",
		CA_WISH,
		.under = &w->root,
		.constraints = "permitted;otherName:1.3.6.1.5.5.7.8.5;UTF8:romeo@example.com"});
	struct party good = issue(&(struct wish){.cn = "x", USER_WISH, .under = &mail});
	struct party bad =
		issue(&(struct wish){.cn = "x", .san = "email:a@evil.net", .under = &mail});
	struct party unsure = issue(&(struct wish){.cn = "x", USER_WISH, .under = &addr});
	assert_fault(verify(w->ca, &good, OTHERS(&mail), PLAIN), TROTH_CHAIN_NONE);
	assert_fault(verify(w->ca, &bad, OTHERS(&mail), PLAIN), TROTH_CHAIN_NAMES);
	assert_fault(verify(w->ca, &unsure, OTHERS(&addr), PLAIN), TROTH_CHAIN_NAMES);
	party_free(&mail);
	party_free(&addr);
	party_free(&good);
	party_free(&bad);
	party_free(&unsure);
}

/* ---- revocation ---- */

static void chain__is_revoked__by_a_list_of_any_age(void **state)
{
	struct world *w = *state;
	const struct party *const *mid = OTHERS(&w->mid);
	add_crl(w->ca, &w->mid, 42, -3600);
	assert_fault(verify(w->ca, &w->user, mid, PLAIN), TROTH_CHAIN_REVOKED);
	/* Another's list says nothing about it. */
	struct world *v;
	assert_int_equal(set_up((void **)&v), 0);
	add_crl(v->ca, &v->root, 42, DAY);
	assert_fault(verify(v->ca, &v->user, OTHERS(&v->mid), PLAIN), TROTH_CHAIN_NONE);
	add_crl(v->ca, &v->root, 7, DAY);
	tear_down((void **)&v);
}

static void chain__is_revoked__with_an_intermediate(void **state)
{
	struct world *w = *state;
	add_crl(w->ca, &w->root, 7, DAY);
	assert_fault(verify(w->ca, &w->user, OTHERS(&w->mid), PLAIN), TROTH_CHAIN_REVOKED);
}

static void chain__needs_a_status__where_it_is_required(void **state)
{
	struct world *w = *state;
	const struct party *const *mid = OTHERS(&w->mid);
	assert_fault(verify(w->ca, &w->user, mid, ASK(.needs_status = true)), TROTH_CHAIN_STATUS);
	add_crl(w->ca, &w->root, 0, DAY);
	assert_fault(verify(w->ca, &w->user, mid, ASK(.needs_status = true)), TROTH_CHAIN_STATUS);
	add_crl(w->ca, &w->mid, 0, -3600);
	assert_fault(verify(w->ca, &w->user, mid, ASK(.needs_status = true)), TROTH_CHAIN_STATUS);
	add_crl(w->ca, &w->mid, 0, DAY);
	assert_fault(verify(w->ca, &w->user, mid, ASK(.needs_status = true)), TROTH_CHAIN_NONE);
}

static enum troth_chain_fault stapled(struct world *w, struct answer a)
{
	a.about = a.about != NULL ? a.about : &w->user;
	a.issuer = a.issuer != NULL ? a.issuer : &w->mid;
	struct troth_slice staple = ocsp_of(&a);
	struct troth_chain c = verify(w->ca, &w->user, OTHERS(&w->mid),
				      ASK(.needs_status = true, .staple = staple));
	enum troth_chain_fault fault = c.fault;
	troth_chain_fini(&c);
	slice_free(staple);
	return fault;
}

static void chain__believes_a_staple__of_the_issuer_alone(void **state)
{
	struct world *w = *state;
	int good = V_OCSP_CERTSTATUS_GOOD, revoked = V_OCSP_CERTSTATUS_REVOKED;
	struct party delegate =
		issue(&(struct wish){.cn = "D", .under = &w->mid, .extended = "OCSPSigning"});
	add_crl(w->ca, &w->root, 0, DAY); /* so the intermediate's status is known */
	assert_int_equal(
		stapled(w, (struct answer){.responder = &w->mid, .status = good, .until = DAY}),
		TROTH_CHAIN_NONE);
	assert_int_equal(
		stapled(w, (struct answer){.responder = &delegate, .status = good, .until = DAY}),
		TROTH_CHAIN_NONE);
	assert_int_equal(
		stapled(w, (struct answer){.responder = &w->mid, .status = good, .until = -3600}),
		TROTH_CHAIN_STATUS);
	assert_int_equal(
		stapled(w, (struct answer){.responder = &w->mid, .status = revoked, .until = DAY}),
		TROTH_CHAIN_REVOKED);
	assert_int_equal(
		stapled(w,
			(struct answer){.responder = &w->mid, .status = revoked, .until = -3600}),
		TROTH_CHAIN_REVOKED);
	assert_int_equal(
		stapled(w, (struct answer){.responder = &w->user, .status = good, .until = DAY}),
		TROTH_CHAIN_STATUS);
	assert_int_equal(stapled(w, (struct answer){.responder = &w->other_root,
						    .status = revoked,
						    .until = DAY}),
			 TROTH_CHAIN_STATUS);
	assert_int_equal(stapled(w, (struct answer){.responder = &w->mid,
						    .status = good,
						    .until = DAY,
						    .about = &delegate}),
			 TROTH_CHAIN_STATUS);
	party_free(&delegate);
}

static void chain__reads_answers__from_files_too(void **state)
{
	struct world *w = *state;
	struct troth_slice der = ocsp_of(&(struct answer){.about = &w->user,
							  .issuer = &w->mid,
							  .responder = &w->mid,
							  .status = V_OCSP_CERTSTATUS_REVOKED,
							  .until = DAY});
	assert_ok(troth_ca_add_ocsp(w->ca, der));
	assert_fault(verify(w->ca, &w->user, OTHERS(&w->mid), PLAIN), TROTH_CHAIN_REVOKED);
	assert_err(troth_ca_add_ocsp(w->ca, troth_slice_of(der.data, der.len - 1)), TROTH_E_FORMAT);
	assert_err(troth_ca_add_ocsp(w->ca, troth_slice_str("good")), TROTH_E_FORMAT);
	slice_free(der);
}

/* ---- files ---- */

static void ca__takes__only_what_belongs_there(void **state)
{
	struct world *w = *state;
	struct troth_slice user = der_of(&w->user), root = der_of(&w->root);
	assert_err(troth_ca_add_anchors(w->ca, user), TROTH_E_CERT);
	assert_err(troth_ca_add_anchors(w->ca, troth_slice_of(root.data, root.len - 1)),
		   TROTH_E_FORMAT);
	assert_err(troth_ca_add_anchors(w->ca, troth_slice_str("")), TROTH_E_FORMAT);
	assert_err(troth_ca_add_anchors(w->ca, troth_slice_str("hello\n")), TROTH_E_FORMAT);
	assert_err(troth_ca_add_crls(w->ca, root), TROTH_E_FORMAT);
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	PEM_write_bio_X509(bio, w->root.x);
	BIO_puts(bio, "words between\n");
	PEM_write_bio_X509(bio, w->mid.x);
	long len = BIO_get_mem_data(bio, &text);
	assert_ok(troth_ca_add_anchors(w->ca, troth_slice_of(text, (size_t)len)));
	assert_int_equal(troth_ca_anchor_count(w->ca), 3);
	BIO_free(bio);
	slice_free(user);
	slice_free(root);
}

/* ---- hostile ---- */

static void chain__isnt_disturbed__by_what_a_peer_adds(void **state)
{
	struct world *w = *state;
	struct troth_slice mid = der_of(&w->mid);
	struct troth_slice others[20];
	struct troth_cert *leaf = cert_of(&w->user);
	struct troth_chain c;
	for (size_t i = 0; i < 20; i++)
		others[i] = i == 5 ? mid : troth_slice_str(i % 2 ? "\x30\x82\xff\xff" : "");
	struct troth_chain_params p = {.leaf = leaf,
				       .others = others,
				       .other_count = 20,
				       .now = MAKE_NOW,
				       .staple = troth_slice_str("\x30\x03\x0a\x01\x06")};
	assert_ok(troth_chain_verify(&c, w->ca, &p));
	assert_fault(c, TROTH_CHAIN_NONE);
	/* Beyond what is looked at. */
	others[5] = others[0];
	others[TROTH_LIMIT_CHAIN_CERTS] = mid;
	assert_ok(troth_chain_verify(&c, w->ca, &p));
	assert_fault(c, TROTH_CHAIN_UNKNOWN_CA);
	troth_cert_free(leaf);
	slice_free(mid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(chain__is_good__up_to_an_anchor),
		TEST(chain__takes_intermediates__from_the_ca_too),
		TEST(chain__is_of_an_unknown_ca__whatever_its_name),
		TEST(chain__tells_dates__by_the_time_given),
		TEST(chain__is_weak__by_digest_or_key),
		TEST(chain__is_refused__for_another_usage),
		TEST(chain__keeps_constraints__and_refuses_those_it_cant_check),
		TEST(chain__is_revoked__by_a_list_of_any_age),
		TEST(chain__is_revoked__with_an_intermediate),
		TEST(chain__needs_a_status__where_it_is_required),
		TEST(chain__believes_a_staple__of_the_issuer_alone),
		TEST(chain__reads_answers__from_files_too),
		TEST(ca__takes__only_what_belongs_there),
		TEST(chain__isnt_disturbed__by_what_a_peer_adds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
