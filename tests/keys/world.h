/* SPDX-License-Identifier: MIT */
/* A root, an intermediate and a user for the tests of chains. */
#ifndef TROTH_TESTS_KEYS_WORLD_H
#define TROTH_TESTS_KEYS_WORLD_H

#include "authority.h"

struct world {
	struct party root, mid, user, other_root;
	struct troth_ca *ca;
};

#define CA_WISH .ca = "critical,CA:TRUE", .usage = "critical,keyCertSign,cRLSign"
#define USER_WISH .usage = "critical,digitalSignature", .san = XMPP_ADDR("romeo@example.com")

static inline void add_anchor(struct troth_ca *ca, const struct party *p)
{
	struct troth_slice der = der_of(p);
	assert_ok(troth_ca_add_anchors(ca, der));
	slice_free(der);
}

static inline int set_up(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	w->root = issue(&(struct wish){.cn = "Root", CA_WISH});
	w->other_root = issue(&(struct wish){.cn = "Root", CA_WISH});
	w->mid = issue(&(struct wish){.cn = "Mid", CA_WISH, .under = &w->root, .serial = 7});
	w->user = issue(&(struct wish){.cn = "romeo", USER_WISH, .under = &w->mid, .serial = 42});
	assert_ok(troth_ca_new(&w->ca));
	add_anchor(w->ca, &w->root);
	*state = w;
	return 0;
}

static inline int tear_down(void **state)
{
	struct world *w = *state;
	party_free(&w->root);
	party_free(&w->other_root);
	party_free(&w->mid);
	party_free(&w->user);
	troth_ca_free(w->ca);
	free(w);
	return 0;
}

/* Verifies leaf with the rest of the peer's chain; p may change what is asked. */
static inline struct troth_chain verify(const struct troth_ca *ca, const struct party *leaf,
					const struct party *const *others,
					struct troth_chain_params p)
{
	struct troth_slice ders[4];
	struct troth_chain chain;
	struct troth_cert *cert = cert_of(leaf);
	for (; others != NULL && others[p.other_count] != NULL; p.other_count++)
		ders[p.other_count] = der_of(others[p.other_count]);
	p.leaf = cert;
	p.others = ders;
	p.now = p.now != 0 ? p.now : MAKE_NOW;
	assert_ok(troth_chain_verify(&chain, ca, &p));
	for (size_t i = 0; i < p.other_count; i++)
		slice_free(ders[i]);
	troth_cert_free(cert);
	return chain;
}

#define OTHERS(...) ((const struct party *const[]){__VA_ARGS__, NULL})
#define ASK(...) ((struct troth_chain_params){__VA_ARGS__})
#define PLAIN ((struct troth_chain_params){.now = MAKE_NOW})

static inline void assert_fault(struct troth_chain chain, enum troth_chain_fault fault)
{
	assert_string_equal(troth_chain_fault_name(chain.fault), troth_chain_fault_name(fault));
	assert_non_null(troth_chain_fault_text(fault));
	troth_chain_fini(&chain);
}

static inline void add_crl(struct troth_ca *ca, const struct party *issuer, long serial, long until)
{
	struct troth_slice crl = crl_of(issuer, serial, until);
	assert_ok(troth_ca_add_crls(ca, crl));
	slice_free(crl);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
