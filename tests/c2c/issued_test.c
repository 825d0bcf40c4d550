/* SPDX-License-Identifier: MIT */
/* What an offer says of the CAs above a key: written, read, and what is chosen by it. */
#include "../keys/authority.h"
#include "knows.h"

#include "xml/element.h"

/* ---- written ---- */

#define CA_WISH .ca = "critical,CA:TRUE", .usage = "critical,keyCertSign,cRLSign"

struct chain {
	struct party root, mid;
	struct troth_device *device;
};

/* Effect: a device with that many certificates behind its own. */
static void chain_init(struct chain *c, int length)
{
	STACK_OF(X509) *shown = sk_X509_new_null();
	c->root = issue(&(struct wish){.cn = "Root", CA_WISH});
	c->mid = issue(&(struct wish){.cn = "Mid", CA_WISH, .under = &c->root});
	c->device = make_device("romeo@example.com");
	X509 *all[] = {troth_device_leaf(c->device), c->mid.x, c->root.x};
	for (int i = 0; i <= length; i++) {
		X509_up_ref(all[i]);
		assert_true(sk_X509_push(shown, all[i]) > 0);
	}
	assert_ok(troth_device_set_chain(c->device, shown));
}

static void chain_fini(struct chain *c)
{
	party_free(&c->root);
	party_free(&c->mid);
	troth_device_free(c->device);
}

/* Effect: the offer of that device to a contact, as XML. */
static void write_offer(const struct chain *c, struct troth_buf *xml)
{
	const struct troth_statements nothing = {0};
	struct troth_pin cas[TROTH_LIMIT_CHAIN_CERTS];
	const struct troth_cert *cert = troth_device_cert(c->device);
	const struct troth_offer_own own = {.cert = cert,
					    .statements = &nothing,
					    .cas = cas,
					    .ca_count = troth_device_cas(c->device, cas)};
	struct troth_offer ours = offer(0, troth_cert_name(cert));
	struct troth_writer w;
	troth_buf_init(xml, 65536);
	troth_writer_init(&w, xml, "");
	troth_offer_write(&w, &ours, &own);
	assert_ok(troth_writer_finish(&w));
}

static void read_proofs(struct troth_slice xml, struct troth_offer_proofs *out)
{
	struct troth_stanza *stanza = NULL;
	assert_ok(troth_element_parse(&stanza, xml));
	assert_ok(troth_offer_proofs_read(out, troth_stanza_root(stanza)));
	troth_stanza_free(stanza);
}

static void cas__are_said__of_a_chain_up_to_a_root(void **state)
{
	(void)state;
	/* One that stops below may leave out the very CA that is believed. */
	for (int length = 0; length <= 2; length++) {
		struct chain c;
		struct troth_buf xml;
		struct troth_offer_proofs proofs;
		struct troth_pin root, mid;
		chain_init(&c, length);
		write_offer(&c, &xml);
		read_proofs(troth_buf_slice(&xml), &proofs);
		assert_int_equal(proofs.count, length == 2);
		if (length == 2) {
			assert_ok(troth_x509_pin(&root, c.root.x));
			assert_ok(troth_x509_pin(&mid, c.mid.x));
			assert_int_equal(proofs.items[0].ca_count, 2);
			assert_true(troth_pin_equal(&proofs.items[0].cas[0], &mid));
			assert_true(troth_pin_equal(&proofs.items[0].cas[1], &root));
			assert_string_equal(proofs.items[0].name,
					    troth_cert_name(troth_device_cert(c.device)));
		}
		troth_offer_proofs_fini(&proofs);
		troth_buf_fini(&xml);
		chain_fini(&c);
	}
}

/* ---- read ---- */

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define TWO HEX " " HEX
#define EIGHT TWO " " TWO " " TWO " " TWO

static void cas__are_read__in_their_form_alone(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t count;
	} rows[] = {
		{HEX, 1},         {" \n" HEX "\t " HEX " ", 2},
		{EIGHT, 8},       {EIGHT " " HEX, 0},
		{"", 0},          {HEX "0", 0},
		{HEX " 0123", 0}, {"x" HEX, 0},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct troth_offer_proofs proofs;
		char xml[1024];
		(void)snprintf(xml, sizeof xml,
			       "<offer xmlns='urn:xmpp:tmp:c2ctls'><keyinfo "
			       "xmlns='urn:xmpp:tmp:pubkey'><name>" THEIRS "</name><issued-by "
			       "xmlns='urn:xmpp:troth:0'>%s</issued-by></keyinfo></offer>",
			       rows[i].text);
		read_proofs(troth_slice_str(xml), &proofs);
		assert_int_equal(proofs.count, rows[i].count > 0);
		if (proofs.count > 0)
			assert_int_equal(proofs.items[0].ca_count, rows[i].count);
		troth_offer_proofs_fini(&proofs);
	}
}

/* ---- chosen ---- */

/* "issued-by names an issuer that the verifier believes for that JID [...]; without issued-by, a
 * policy with a CA for that JID may try" */
static void key__is_tried__when_a_ca_above_it_is_believed(void **state)
{
	static const struct {
		const char *name;    /* the key that has issued-by; NULL: none has */
		uint8_t says[2];     /* which CAs */
		uint8_t believed[2]; /* 0: none */
		bool tries;
	} rows[] = {
		{NULL, {0}, {1, 2}, true},
		{OTHER, {2, 3}, {1, 2}, true},
		{OTHER, {3, 4}, {1, 2}, false},
		{OTHER, {3, 4}, {0}, true},     /* a contact's own job needs no CA */
		{THEIRS, {3, 4}, {1, 2}, true}, /* of a key that the offer doesn't name */
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct side s;
		struct troth_pin believed[2] = {{{rows[i].believed[0]}}, {{rows[i].believed[1]}}};
		struct troth_offer_proof proof = {.cas = {{{rows[i].says[0]}}, {{rows[i].says[1]}}},
						  .ca_count = 2};
		struct troth_offer_proofs proofs = {&proof, 1};
		struct troth_offer theirs = offer(0, OTHER), ours = {0}, request = offer(0, OURS);
		struct troth_offer proceed = {.proofs = &proofs};
		enum troth_method method = TROTH_METHOD_NONE;
		(void)make(&s, CA, THEIRS);
		s.known.cas = believed;
		s.known.ca_count = rows[i].believed[0] != 0 ? 2 : 0;
		if (rows[i].name != NULL) {
			memcpy(proof.name, rows[i].name, sizeof proof.name);
			theirs.proofs = &proofs;
		} else {
			proofs.count = 0;
		}
		assert_ok(troth_offer_add_name(&proceed, OTHER));
		assert_int_equal(troth_choose_request(&ours, &s.view, &theirs) == TROTH_OK,
				 rows[i].tries);
		assert_int_equal(troth_choose_proceed(&method, &s.view, &ours, &theirs) == TROTH_OK,
				 rows[i].tries);
		assert_int_equal(troth_choose_accept(&method, &s.view, &request, &proceed) ==
					 TROTH_OK,
				 rows[i].tries);
	}
}

/* Features for a contact may say who issued the key, and leave it to the proceed who endorses it.
 */
static void new_key__may_still_be_told__by_the_proceed(void **state)
{
	struct side s;
	struct troth_known_issuer issuer = {.name = OURS};
	struct troth_offer_proof proof = {.name = OTHER, .ca_count = 1};
	struct troth_offer_proofs proofs = {&proof, 1};
	struct troth_offer theirs = offer(0, OTHER), ours = {0};
	(void)state;
	(void)make(&s, PROVEN, THEIRS);
	s.known.issuers = &issuer;
	s.known.issuer_count = 1;
	theirs.proofs = &proofs;
	assert_ok(troth_choose_request(&ours, &s.view, &theirs));
	assert_int_equal(ours.name_count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cas__are_said__of_a_chain_up_to_a_root),
		cmocka_unit_test(cas__are_read__in_their_form_alone),
		cmocka_unit_test(key__is_tried__when_a_ca_above_it_is_believed),
		cmocka_unit_test(new_key__may_still_be_told__by_the_proceed),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
