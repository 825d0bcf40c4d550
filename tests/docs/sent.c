/* SPDX-License-Identifier: MIT */
/*
 * Prints all XML that leaves the two ends of meetings of every kind, a piece a line:
 * meeting, party, piece, between tabs. The tests of the documents read it.
 */
#include "../stream/party.h"

#include "c2c/method.h"

#include <stdio.h>
#include <string.h>

static const char *meeting;
static struct party romeo;  /* initiator */
static struct party juliet; /* recipient */
static struct party user;   /* not there: whose key Juliet's user key is */
static struct troth_secret *secret;
static struct troth_secret *other_secret;
static struct troth_endorsement *endorsement;
static struct troth_revocation *revocation;
static struct troth_quorum *quorum;

static void print_sent(const struct party *p, const struct troth_event *e)
{
	if (e->type == TROTH_EVENT_XML && e->outgoing)
		(void)printf("%s\t%s\t%s\n", meeting, p == &romeo ? "initiator" : "recipient",
			     e->text);
}

/* Effect: carries bytes both ways; the first time that `from` passes on its way to the
 * initiator, it becomes `to`. */
static void run(const char *from, const char *to)
{
	party_work(&romeo, 0);
	while (from != NULL && !juliet.closed && !romeo.closed) {
		struct troth_slice out = troth_stream_output(juliet.stream);
		const uint8_t *at =
			out.len == 0 ? NULL : memmem(out.data, out.len, from, strlen(from));
		if (at != NULL) {
			size_t before = (size_t)(at - out.data);
			size_t all = out.len;
			char changed[8192];
			int n = snprintf(changed, sizeof changed, "%.*s%s%.*s", (int)before,
					 (const char *)out.data, to,
					 (int)(out.len - before - strlen(from)),
					 (const char *)at + strlen(from));
			assert_in_range(n, 1, sizeof changed - 1);
			party_feed(&romeo, changed, (size_t)n, 0);
			troth_stream_sent(juliet.stream, all);
			break;
		}
		assert_true(party_carry(&romeo, &juliet, SIZE_MAX, 0));
	}
	party_run(&romeo, &juliet, SIZE_MAX, 0);
}

struct scene {
	const char *name;
	void (*prepare)(void);
	bool by_port;     /* only host and port are dialled */
	const char *from; /* changed on the way; NULL: nothing */
	const char *to;
	int err; /* with which the initiator ends; TROTH_OK: in order */
};

static void play(const struct scene *s)
{
	meeting = s->name;
	party_init(&romeo, 0, "romeo@forza");
	party_init(&juliet, 1, "juliet@pronto");
	party_init(&user, 2, "juliet@pronto");
	romeo.trace = juliet.trace = print_sent;
	s->prepare();
	party_start(&juliet, TROTH_RECIPIENT, NULL, 0);
	party_start(&romeo, TROTH_INITIATOR, s->by_port ? NULL : &juliet, 0);
	run(s->from, s->to);
	if (!romeo.closed) { /* also after a request for keys was answered */
		troth_stream_close(romeo.stream, 0);
		party_run(&romeo, &juliet, SIZE_MAX, 0);
	}
	assert_true(romeo.closed && juliet.closed);
	assert_err(romeo.err, s->err);
	party_fini(&romeo);
	party_fini(&juliet);
	party_fini(&user);
	troth_endorsement_free(endorsement);
	troth_revocation_free(revocation);
	endorsement = NULL;
	revocation = NULL;
	troth_quorum_free(quorum);
	quorum = NULL;
}

static void pinned(void)
{
	party_knows(&romeo, &juliet, true);
	party_knows(&juliet, &romeo, true);
	romeo.say = "Good morrow, & well met";
	juliet.say = "What o'clock tomorrow?";
}

static void claimed(void)
{
	pinned();
	romeo.known_key.proven = juliet.known_key.proven = false;
}

static void by_pake(void)
{
	romeo.known.pairing = juliet.known.pairing = true;
	romeo.known.secret = juliet.known.secret = secret;
}

static void by_pake_with_another(void)
{
	by_pake();
	juliet.known.secret = other_secret;
}

static void by_pake_without_budget(void)
{
	by_pake();
	juliet.guess_err = TROTH_E_BUDGET;
}

static void by_srp(void)
{
	by_pake();
	party_lacks(&romeo, TROTH_MARK_PAKE);
}

/* Keys that the recipient doesn't ask for are given before the end. */
static void by_srp_at_once_closed(void)
{
	by_srp();
	romeo.close_when_up = true;
}

static void by_srp_below_verified(void)
{
	by_srp();
	juliet.verdict.level = TROTH_LEVEL_UNVERIFIED;
}

/* Somebody whom both hold already pairs again; Juliet states all that there is to state. */
static void by_srp_with_statements(void)
{
	static const struct troth_endorsement *endorsements[1];
	static const struct troth_revocation *revocations[1];
	static struct troth_stated_key further;
	static const struct troth_endorsement_terms terms = {
		.purpose = TROTH_PURPOSE_DEVICE,
		.jid = "device1@example.org",
		.issued = 1700000000,
		.expires = 1730000000,
	};
	const struct troth_cert *user_cert = troth_device_cert(user.device);
	struct troth_signer signer = troth_signer_of_device(user.device);
	assert_ok(troth_endorsement_make(&endorsement, &signer, &terms,
					 troth_device_cert(juliet.device)));
	assert_ok(troth_revocation_make(&revocation, &signer,
					troth_cert_pin(troth_device_cert(romeo.device)),
					TROTH_REVOKE_LOST, 1700000000));
	const struct troth_pin devices[] = {*troth_cert_pin(troth_device_cert(juliet.device)),
					    *troth_cert_pin(troth_device_cert(romeo.device))};
	assert_ok(troth_quorum_make(&quorum, &signer, &(struct troth_quorum_terms){devices, 2, 2},
				    1700000000));
	endorsements[0] = endorsement;
	revocations[0] = revocation;
	further = (struct troth_stated_key){.cert = user_cert};
	assert_ok(troth_engine_state(juliet.engine, &(struct troth_statements){
							    .endorsements = endorsements,
							    .endorsement_count = 1,
							    .user_key = troth_cert_name(user_cert),
							    .further = &further,
							    .further_count = 1,
							    .revocations = revocations,
							    .revocation_count = 1,
							    .quorum = quorum,
							    .successor = troth_cert_pin(user_cert),
						    }));
	by_srp();
	romeo.known.contact = "Juliet";
	juliet.known.contact = "Romeo";
}

static void strangers(void)
{
	romeo.known.least = juliet.known.least = TROTH_LEVEL_UNVERIFIED;
	romeo.verdict.level = juliet.verdict.level = TROTH_LEVEL_UNVERIFIED;
}

/* Both begin, and Romeo sees another string. */
static void comparing(void)
{
	strangers();
	romeo.shows_sas = juliet.shows_sas = romeo.compares = juliet.compares = true;
}

static void comparing_in_vain(void)
{
	comparing();
	romeo.sas_answer = TROTH_SAS_DIFFERENT;
}

static void plain_allowed(void)
{
	strangers();
	romeo.known.least = juliet.known.least = TROTH_LEVEL_PLAIN;
}

static void user_refuses(void)
{
	by_srp();
	juliet.known.secret = NULL;
	juliet.known.may_ask = true;
}

static void verdict_refuses(void)
{
	strangers();
	juliet.verdict.err = TROTH_E_REFUSED;
}

static const struct scene scenes[] = {
	{"key", pinned, .err = TROTH_OK},
	{"key-unproven", claimed, .err = TROTH_OK},
	{"pake", by_pake, .err = TROTH_OK},
	{"pake-guess", by_pake_with_another, .err = TROTH_E_SECRET},
	{"pake-budget", by_pake_without_budget, .err = TROTH_E_BUDGET},
	{"secret", by_srp, .err = TROTH_OK},
	{"secret-closed", by_srp_at_once_closed, .err = TROTH_OK},
	{"secret-statements", by_srp_with_statements, .err = TROTH_OK},
	{"secret-no-keys", by_srp_below_verified, .err = TROTH_OK},
	{"insecure", strangers, .err = TROTH_OK},
	{"compared", comparing, .err = TROTH_OK},
	{"compared-in-vain", comparing_in_vain, .err = TROTH_E_MISMATCH},
	{"insecure-by-port", strangers, .by_port = true, .err = TROTH_OK},
	{"plain-allowed", plain_allowed, .err = TROTH_OK},
	{"refused-by-user", user_refuses, .err = TROTH_E_PEER_REFUSED},
	{"refused-by-verdict", verdict_refuses, .err = TROTH_E_PEER_REFUSED},
	{"downgrade", plain_allowed, .from = "</offer>", .to = "<added/></offer>",
	 .err = TROTH_E_DOWNGRADE},
};

static void every_meeting__ends__as_it_should(void **state)
{
	(void)state;
	secret = party_secret("open sesame");
	other_secret = party_secret("open barley");
	for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++)
		play(&scenes[i]);
	troth_secret_free(secret);
	troth_secret_free(other_secret);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_meeting__ends__as_it_should)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
