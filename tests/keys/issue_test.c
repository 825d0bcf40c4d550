/* SPDX-License-Identifier: MIT */
/* What a device asks of a CA, and what it hands to its jobs. */
#include "authority.h"
#include "keys/issue.h"

static void csr__asks_for_the_jid__with_proof_of_the_key(void **state)
{
	struct troth_device *d = make_device("x@troth.invalid");
	struct troth_buf out;
	(void)state;
	troth_buf_init(&out, 8192);
	assert_ok(troth_device_csr(d, "romeo@example.com", &out));
	struct troth_slice text = troth_buf_slice(&out);
	BIO *bio = BIO_new_mem_buf(text.data, (int)text.len);
	X509_REQ *req = PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);
	assert_non_null(req);
	assert_int_equal(X509_REQ_verify(req, X509_REQ_get0_pubkey(req)), 1);
	assert_int_equal(EVP_PKEY_eq(X509_REQ_get0_pubkey(req), troth_device_key(d)), 1);
	STACK_OF(X509_EXTENSION) *list = X509_REQ_get_extensions(req);
	GENERAL_NAMES *names = X509V3_get_d2i(list, NID_subject_alt_name, NULL, NULL);
	ASN1_OBJECT *id;
	ASN1_TYPE *value;
	assert_int_equal(sk_GENERAL_NAME_num(names), 2);
	assert_int_equal(GENERAL_NAME_get0_otherName(sk_GENERAL_NAME_value(names, 0), &id, &value),
			 1);
	assert_int_equal(OBJ_obj2nid(id), NID_XmppAddr);
	assert_memory_equal(ASN1_STRING_get0_data(value->value.utf8string), "romeo@example.com",
			    17);
	const ASN1_STRING *uri = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, 1), NULL);
	assert_memory_equal(ASN1_STRING_get0_data(uri), "xmpp:romeo@example.com", 22);
	GENERAL_NAMES_free(names);
	sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
	X509_REQ_free(req);
	BIO_free(bio);
	assert_err(troth_device_csr(d, "not an address", &out), TROTH_E_INVAL);
	troth_buf_fini(&out);
	troth_device_free(d);
}

/* ---- chains ---- */

/* A certificate for the device's key, signed by a CA. */
static X509 *certify(const struct troth_device *d, const struct party *ca)
{
	X509 *x = X509_dup(troth_cert_x509(troth_device_cert(d)));
	X509_set_issuer_name(x, X509_get_subject_name(ca->x));
	assert_true(X509_sign(x, ca->key, EVP_sha256()) > 0);
	return x;
}

static struct troth_slice pem_of(BIO *bio)
{
	char *text;
	long len = BIO_get_mem_data(bio, &text);
	return troth_slice_of(text, (size_t)len);
}

static void rechain__puts_the_devices_own_first__and_keeps_the_key(void **state)
{
	struct troth_device *d = make_device("romeo@example.com"), *again;
	struct party ca = issue(&(struct wish){.cn = "CA", .ca = "critical,CA:TRUE"});
	X509 *mine = certify(d, &ca);
	BIO *bio = BIO_new(BIO_s_mem());
	struct troth_buf pem, out, twice;
	(void)state;
	troth_buf_init(&pem, 65536);
	troth_buf_init(&out, 65536);
	troth_buf_init(&twice, 65536);
	assert_ok(troth_device_write(d, "word", &pem));
	PEM_write_bio_X509(bio, ca.x);
	PEM_write_bio_X509(bio, mine);
	assert_ok(troth_device_rechain(&out, troth_buf_slice(&pem), pem_of(bio)));
	assert_ok(troth_device_read(&again, troth_buf_slice(&out), "word"));
	assert_int_equal(X509_cmp(troth_device_leaf(again), mine), 0);
	assert_int_equal(sk_X509_num(troth_device_chain(again)), 2);
	assert_string_equal(troth_cert_name(troth_device_cert(again)),
			    troth_cert_name(troth_device_cert(d)));
	troth_device_free(again);
	/* What was written once is taken again, and the chain can be taken away. */
	assert_ok(troth_device_rechain(&twice, troth_buf_slice(&out), troth_slice_str("")));
	assert_true(troth_slice_equal(troth_buf_slice(&twice), troth_buf_slice(&pem)));
	troth_buf_fini(&pem);
	troth_buf_fini(&out);
	troth_buf_fini(&twice);
	BIO_free(bio);
	X509_free(mine);
	party_free(&ca);
	troth_device_free(d);
}

static void rechain__refuses__a_chain_for_another_key(void **state)
{
	struct troth_device *d = make_device("romeo@example.com");
	struct party other = issue(&(struct wish){.cn = "other"});
	struct troth_buf pem, out;
	BIO *bio = BIO_new(BIO_s_mem());
	(void)state;
	troth_buf_init(&pem, 65536);
	troth_buf_init(&out, 65536);
	assert_ok(troth_device_write(d, NULL, &pem));
	PEM_write_bio_X509(bio, other.x);
	assert_err(troth_device_rechain(&out, troth_buf_slice(&pem), pem_of(bio)), TROTH_E_CERT);
	assert_err(troth_device_rechain(&out, troth_buf_slice(&pem), troth_slice_str("hello")),
		   TROTH_E_FORMAT);
	for (int i = 0; i < 8; i++)
		PEM_write_bio_X509(bio, other.x);
	assert_err(troth_device_rechain(&out, troth_buf_slice(&pem), pem_of(bio)), TROTH_E_LIMIT);
	assert_err(troth_device_rechain(&out, troth_slice_str(""), pem_of(bio)), TROTH_E_FORMAT);
	assert_int_equal(troth_buf_len(&out), 0);
	/* And reading one that somebody else put together. */
	PEM_write_bio_X509(bio, other.x);
	assert_ok(troth_buf_append_slice(&pem, pem_of(bio)));
	struct troth_device *bad;
	assert_err(troth_device_read(&bad, troth_buf_slice(&pem), NULL), TROTH_E_CERT);
	troth_buf_fini(&pem);
	troth_buf_fini(&out);
	BIO_free(bio);
	party_free(&other);
	troth_device_free(d);
}

/* ---- delegation ---- */

static struct troth_chain verify(const struct troth_device *job, const struct troth_device *owner,
				 int64_t now)
{
	struct troth_ca *pins;
	struct troth_chain chain;
	struct troth_cert *leaf;
	struct troth_slice others[4];
	const STACK_OF(X509) *shown = troth_device_chain(job);
	struct troth_chain_params p = {.others = others, .now = now, .proxies = 3};
	assert_ok(troth_ca_new(&pins));
	assert_ok(troth_ca_add_pinned(pins, troth_device_cert(owner)));
	assert_ok(troth_cert_from_x509(&leaf, troth_device_leaf(job)));
	for (int i = 1; i < sk_X509_num(shown); i++)
		others[p.other_count++] = der_of(&(struct party){sk_X509_value(shown, i), NULL});
	p.leaf = leaf;
	assert_ok(troth_chain_verify(&chain, pins, &p));
	for (size_t i = 0; i < p.other_count; i++)
		slice_free(others[i]);
	troth_cert_free(leaf);
	troth_ca_free(pins);
	return chain;
}

static void delegate__acts_for_its_owner__for_its_hours(void **state)
{
	struct troth_device *owner = make_device("romeo@example.com"), *job;
	struct troth_delegation terms = {.now = MAKE_NOW, .seconds = 3600, .path_length = 0};
	(void)state;
	assert_ok(troth_device_delegate(&job, owner, &terms));
	assert_true(troth_cert_is_proxy(troth_device_cert(job)));
	assert_false(troth_pin_equal(troth_cert_pin(troth_device_cert(job)),
				     troth_cert_pin(troth_device_cert(owner))));
	struct troth_chain c = verify(job, owner, MAKE_NOW);
	assert_int_equal(c.fault, TROTH_CHAIN_NONE);
	assert_int_equal(c.proxies, 1);
	assert_string_equal(troth_cert_xmpp_addr(c.owner, 0), "romeo@example.com");
	troth_chain_fini(&c);
	c = verify(job, owner, MAKE_NOW + 3601);
	assert_int_equal(c.fault, TROTH_CHAIN_EXPIRED);
	troth_chain_fini(&c);
	struct troth_device *further;
	assert_err(troth_device_delegate(&further, job, &terms), TROTH_E_REFUSED);
	terms.seconds = 0;
	assert_err(troth_device_delegate(&further, owner, &terms), TROTH_E_INVAL);
	troth_device_free(job);
	troth_device_free(owner);
}

static void delegate__goes_no_further__than_its_owner_may(void **state)
{
	struct troth_device *owner = make_device("romeo@example.com"), *first, *second, *third;
	struct troth_delegation terms = {.now = MAKE_NOW, .seconds = 3600, .path_length = 1};
	(void)state;
	assert_ok(troth_device_delegate(&first, owner, &terms));
	terms.seconds = 7200;
	terms.path_length = -1;
	assert_ok(troth_device_delegate(&second, first, &terms));
	struct troth_chain c = verify(second, owner, MAKE_NOW);
	assert_int_equal(c.fault, TROTH_CHAIN_NONE);
	assert_int_equal(c.proxies, 2);
	troth_chain_fini(&c);
	assert_err(troth_device_delegate(&third, second, &terms), TROTH_E_REFUSED);
	assert_int_equal(troth_cert_not_after(troth_device_cert(second)), MAKE_NOW + 3600);
	troth_device_free(second);
	troth_device_free(first);
	troth_device_free(owner);
}

static void delegate__is_a_device__that_can_be_written(void **state)
{
	struct troth_device *owner = make_device("romeo@example.com"), *job, *again;
	struct troth_delegation terms = {.now = MAKE_NOW, .seconds = 3600, .path_length = 0};
	struct troth_buf pem;
	(void)state;
	troth_buf_init(&pem, 65536);
	assert_ok(troth_device_delegate(&job, owner, &terms));
	assert_ok(troth_device_write(job, NULL, &pem));
	assert_ok(troth_device_read(&again, troth_buf_slice(&pem), NULL));
	struct troth_chain c = verify(again, owner, MAKE_NOW);
	assert_int_equal(c.fault, TROTH_CHAIN_NONE);
	troth_chain_fini(&c);
	troth_buf_fini(&pem);
	troth_device_free(again);
	troth_device_free(job);
	troth_device_free(owner);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(csr__asks_for_the_jid__with_proof_of_the_key),
		cmocka_unit_test(rechain__puts_the_devices_own_first__and_keeps_the_key),
		cmocka_unit_test(rechain__refuses__a_chain_for_another_key),
		cmocka_unit_test(delegate__acts_for_its_owner__for_its_hours),
		cmocka_unit_test(delegate__goes_no_further__than_its_owner_may),
		cmocka_unit_test(delegate__is_a_device__that_can_be_written),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
