/* SPDX-License-Identifier: MIT */
/* A guess at a secret costs a debit: nothing that depends on it leaves before. */
#include "raw.h"

#define ROMEO                                                                                      \
	"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "    \
	"from='romeo@forza' to='juliet@pronto' version='1.0'>"
#define STARTTLS "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'"
#define OFFER "<offer xmlns='urn:xmpp:tmp:c2ctls'>"

/* What leaves the recipient when a guess isn't debited must not depend on the guess. */
static size_t bytes_after_guess(const char *guess, int debit)
{
	struct party us;
	struct party them;
	struct raw raw;
	struct troth_secret *ours = party_secret("honeysuckle");
	struct troth_secret *theirs = party_secret(guess);
	party_init(&us, 1, "juliet@pronto");
	party_init(&them, 0, "romeo@forza");
	us.known.secret = ours;
	us.guess_err = debit;
	party_start(&us, TROTH_RECIPIENT, NULL, 0);
	raw_init(&raw, &us, them.device);
	raw_say(&raw, ROMEO);
	raw_say(&raw, STARTTLS ">" OFFER "<srp/></offer></starttls>");
	int err = raw_start_tls(&raw, TROTH_TLS_CLIENT, theirs, "romeo@forza");
	assert_int_equal(us.guesses, 1);
	assert_true(us.closed || us.stream != NULL);
	assert_err(us.err, debit);
	/* Nothing more came: the handshake neither failed nor succeeded at the other end. */
	size_t left = err == TROTH_OK && !raw.tls_done ? 0 : 1;
	raw_fini(&raw);
	party_fini(&us);
	party_fini(&them);
	troth_secret_free(ours);
	troth_secret_free(theirs);
	return left;
}

static void guess__that_is_not_debited__is_not_answered(void **state)
{
	(void)state;
	assert_int_equal(bytes_after_guess("honeysuckle", TROTH_E_BUDGET), 0);
	assert_int_equal(bytes_after_guess("thorn", TROTH_E_BUDGET), 0);
}

static void guess__left_undecided__sends_nothing(void **state)
{
	(void)state;
	struct party us;
	struct party them;
	struct raw raw;
	struct troth_secret *secret = party_secret("honeysuckle");
	party_init(&us, 1, "juliet@pronto");
	party_init(&them, 0, "romeo@forza");
	us.known.secret = secret;
	party_start(&us, TROTH_RECIPIENT, NULL, 0);
	raw_init(&raw, &us, them.device);
	raw_say(&raw, ROMEO);
	raw_say(&raw, STARTTLS ">" OFFER "<srp/></offer></starttls>");
	us.silent = true;
	(void)!raw_start_tls(&raw, TROTH_TLS_CLIENT, secret, "romeo@forza");
	assert_int_equal(us.guesses, 1);
	assert_int_equal(troth_stream_output(us.stream).len, 0);
	assert_false(raw.tls_done);
	assert_ok(troth_stream_debited(us.stream));
	us.silent = false;
	raw_pump(&raw);
	assert_true(raw.tls_done);
	raw_fini(&raw);
	party_fini(&us);
	party_fini(&them);
	troth_secret_free(secret);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(guess__that_is_not_debited__is_not_answered),
		cmocka_unit_test(guess__left_undecided__sends_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
