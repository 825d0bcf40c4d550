/* SPDX-License-Identifier: MIT */
/* Certificates refused in the handshake: by which alert, and what our user reads of it. */
#include "scene.h"

#include "keys/issue.h"
#include "tls/session.h"

/* Without offers: as whoever knows RFC 6120 only. */
static void shake(struct scene *s, enum troth_role role)
{
	if (role == TROTH_RECIPIENT) {
		raw_say(&s->raw, ROMEO);
		raw_say(&s->raw, STARTTLS "/>");
		(void)!raw_start_tls(&s->raw, TROTH_TLS_CLIENT, NULL, NULL);
	} else {
		raw_say(&s->raw, JULIET "<stream:features>" STARTTLS "/></stream:features>");
		raw_say_last(&s->raw, PROCEED "/>");
		(void)!raw_start_tls(&s->raw, TROTH_TLS_SERVER, NULL, NULL);
	}
}

/* A certificate that somebody else has signed: no CA may speak for this peer. */
static void certificate_of_a_ca__is_refused_as_such__where_no_ca_is_believed(void **state)
{
	(void)state;
	const struct troth_delegation terms = {.now = 1800000000, .seconds = 3600};
	for (int role = TROTH_INITIATOR; role <= TROTH_RECIPIENT; role++) {
		for (int issued = 0; issued < 2; issued++) {
			struct party other;
			struct scene s;
			struct troth_device *job;
			party_init(&other, 2, "romeo@forza");
			assert_ok(troth_device_delegate(&job, other.device, &terms));
			open_scene(&s, role, with_key);
			s.raw.device = issued ? job : other.device;
			shake(&s, role);
			assert_err(s.us.err, TROTH_E_KEY_CHANGED);
			assert_int_equal(troth_tls_alert(s.raw.tls), issued ? 48 : 42);
			assert_null(strstr(s.us.seen, "verdict"));
			close_scene(&s);
			party_fini(&other);
			troth_device_free(job);
		}
	}
}

static int refuse(X509_STORE_CTX *store, void *fault)
{
	X509_STORE_CTX_set_error(store, *(const int *)fault);
	return 0;
}

static void alert__tells_our_user__why_our_certificate_is_refused(void **state)
{
	(void)state;
	static const struct {
		int fault;
		const char *reason;
	} cases[] = {
		{X509_V_ERR_CERT_REJECTED, "The other side doesn't accept our key."},
		{X509_V_ERR_CERT_REVOKED, "The other side says that our key has been revoked."},
		{X509_V_ERR_CERT_HAS_EXPIRED,
		 "The other side says that our certificate has expired."},
		{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
		 "The other side knows neither our key nor the CA that certified it."},
	};
	for (int role = TROTH_INITIATOR; role <= TROTH_RECIPIENT; role++) {
		for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
			struct scene s;
			open_scene(&s, role, with_key);
			SSL_CTX_set_cert_verify_callback(s.raw.context->ctx, refuse,
							 (void *)&cases[i].fault);
			shake(&s, role);
			assert_err(s.us.err, TROTH_E_PEER_REFUSED);
			assert_true(s.us.by_peer);
			assert_string_equal(s.us.reason, cases[i].reason);
			close_scene(&s);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificate_of_a_ca__is_refused_as_such__where_no_ca_is_believed),
		cmocka_unit_test(alert__tells_our_user__why_our_certificate_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
