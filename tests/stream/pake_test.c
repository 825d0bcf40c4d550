/* SPDX-License-Identifier: MIT */
/* The proof by secret inside TLS, and everything that isn't one: each try costs one guess. */
#include "prover.h"

#include "base/limits.h"

static const enum troth_role roles[] = {TROTH_RECIPIENT, TROTH_INITIATOR};

static void run_all(struct prover *p)
{
	for (int step = first_step(p); step <= 4 && prover_answer(p, step); step += 2)
		prover_say(p, step, &p->sent[step]);
}

static void proof__by_the_right_secret__secures_the_stream(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct prover p;
		struct value last;
		prover_open(&p, roles[i]);
		prover_begin(&p, secret);
		run_all(&p);
		assert_true(p.s.us.up);
		assert_int_equal(p.s.us.method, TROTH_METHOD_PAKE);
		assert_int_equal(p.s.us.level, TROTH_LEVEL_VERIFIED);
		assert_int_equal(p.s.us.guesses, 1);
		if (p.initiator) { /* and the recipient has proved it as well */
			assert_true(prover_heard(&p, 4, &last));
			assert_ok(
				troth_cpace_confirm(p.pake, troth_slice_of(last.bytes, last.len)));
		}
		prover_close(&p);
	}
}

static void proof__by_a_wrong_secret__costs_one_guess(void **state)
{
	(void)state;
	struct troth_secret *wrong = party_secret("a tale of joy");
	for (size_t i = 0; i < 2; i++) {
		struct prover p;
		prover_open(&p, roles[i]);
		prover_begin(&p, wrong);
		run_all(&p);
		assert_cost_one_guess(&p);
		prover_close(&p);
	}
	troth_secret_free(wrong);
}

/* ---- one value is changed ---- */

static void run_flipped(struct prover *p, int at, size_t bit)
{
	for (int step = first_step(p); step <= 4 && prover_answer(p, step); step += 2) {
		struct value v = p->sent[step];
		if (step == at)
			v.bytes[bit / 8 % v.len] ^= (uint8_t)(1 << bit % 8);
		prover_say(p, step, &v);
	}
}

static void proof__with_a_bit_changed__costs_one_guess__at_every_step(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		for (int step = i == 0 ? 1 : 2; step <= 4; step += 2) {
			for (size_t bit = 0; bit < 256; bit += 37) {
				struct prover p;
				prover_open(&p, roles[i]);
				prover_begin(&p, secret);
				run_flipped(&p, step, bit);
				assert_cost_one_guess(&p);
				prover_close(&p);
			}
		}
	}
}

/* "abort on the neutral element": no element, half of one, more than one, nothing. */
static void share__that_is_no_good_element__costs_one_guess(void **state)
{
	(void)state;
	static const struct value bad[] = {
		{.len = 32}, /* neutral */
		{.bytes = {0xff, 0xff}, .len = 32},
		{.bytes = {1}, .len = 32},
		{.len = 31},
		{.len = 33},
		{.len = 0},
	};
	for (size_t i = 0; i < 2; i++) {
		for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
			struct prover p;
			prover_open(&p, roles[i]);
			prover_say(&p, first_step(&p), &bad[k]);
			assert_cost_one_guess(&p);
			assert_false(prover_heard(&p, 3, &p.sent[0]));
			prover_close(&p);
		}
		struct prover p;
		prover_open(&p, roles[i]);
		raw_say(&p.s.raw, p.initiator ? "<pake xmlns='urn:xmpp:troth:0' step='1'>!</pake>"
					      : "<pake xmlns='urn:xmpp:troth:0' step='2'>!</pake>");
		assert_cost_one_guess(&p);
		prover_close(&p);
	}
}

/* ---- values from elsewhere ---- */

/* What we said comes back: roles are bound. */
static void proof__reflected__costs_one_guess(void **state)
{
	(void)state;
	struct prover p;
	struct value v;
	prover_open(&p, TROTH_INITIATOR);
	assert_true(prover_heard(&p, 1, &v));
	prover_say(&p, 2, &v);
	assert_true(prover_heard(&p, 3, &v)); /* debited before it left */
	assert_int_equal(p.s.us.guesses, 1);
	prover_say(&p, 4, &v);
	assert_cost_one_guess(&p);
	prover_close(&p);

	/* Two of our own streams, one in each role: the initiator's messages for the recipient. */
	struct prover other;
	prover_open(&p, TROTH_INITIATOR);
	prover_open(&other, TROTH_RECIPIENT);
	assert_true(prover_heard(&p, 1, &v));
	prover_say(&other, 1, &v);
	assert_true(prover_heard(&other, 2, &v));
	prover_say(&p, 2, &v);
	assert_true(prover_heard(&p, 3, &v));
	prover_say(&other, 3, &v);
	assert_cost_one_guess(&other);
	assert_false(prover_heard(&other, 4, &v));
	prover_say(&p, 4, &v);
	assert_cost_one_guess(&p);
	prover_close(&p);
	prover_close(&other);
}

static void proof__replayed__costs_one_guess(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct prover good, again;
		prover_open(&good, roles[i]);
		prover_begin(&good, secret);
		run_all(&good);
		assert_true(good.s.us.up);
		prover_open(&again, roles[i]);
		for (int step = first_step(&again); step <= 4; step += 2)
			prover_say(&again, step, &good.sent[step]);
		assert_cost_one_guess(&again);
		prover_close(&good);
		prover_close(&again);
	}
}

/* Both are right, and each says what was meant for the other stream. */
static void proofs__mixed_up__cost_one_guess_each(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct prover a, b;
		prover_open(&a, roles[i]);
		prover_open(&b, roles[i]);
		prover_begin(&a, secret);
		prover_begin(&b, secret);
		for (int step = first_step(&a); step <= 4; step += 2) {
			if (prover_answer(&a, step) && prover_answer(&b, step)) {
				prover_say(&b, step, &a.sent[step]);
				prover_say(&a, step, &b.sent[step]);
			}
		}
		assert_cost_one_guess(&a);
		assert_cost_one_guess(&b);
		prover_close(&a);
		prover_close(&b);
	}
}

/* Somebody in the middle: a certificate of his own towards each, everything else as it came. */
static void proof__through_two_certificates__costs_each_one_guess(void **state)
{
	(void)state;
	struct prover to_romeo, to_juliet;
	struct value v;
	prover_open(&to_romeo, TROTH_INITIATOR);
	prover_open(&to_juliet, TROTH_RECIPIENT);
	for (int step = 1; step <= 4; step++) {
		struct prover *from = step % 2 == 1 ? &to_romeo : &to_juliet;
		struct prover *to = step % 2 == 1 ? &to_juliet : &to_romeo;
		if (prover_heard(from, step, &v))
			prover_say(to, step, &v);
	}
	assert_cost_one_guess(&to_juliet);
	/* Romeo hears it from him, if he says so, or the line is cut: debited all the same. */
	assert_int_equal(to_romeo.s.us.guesses, 1);
	raw_say(&to_romeo.s.raw,
		"<stream:error><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
		"<guess xmlns='urn:xmpp:troth:0'/></stream:error></stream:stream>");
	assert_err(to_romeo.s.us.err, TROTH_E_SECRET);
	assert_null(strstr(to_romeo.s.us.seen, "verdict"));
	prover_close(&to_romeo);
	prover_close(&to_juliet);
}

/* ---- something else than the next step ---- */

static void assert_broken(struct prover *p, int most)
{
	assert_true(p->s.us.closed);
	assert_err(p->s.us.err, TROTH_E_PROTOCOL);
	assert_true(p->s.us.guesses <= most);
	assert_int_equal(p->s.us.stanzas, 0);
	assert_null(strstr(p->s.us.seen, "verdict"));
	raw_expect(&p->s.raw, "<bad-format");
}

static void step__out_of_order__ends_the_stream(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		for (int done = 0; done < 2; done++) {
			for (int step = 0; step <= 5; step++) {
				struct prover p;
				prover_open(&p, roles[i]);
				prover_begin(&p, secret);
				int next = first_step(&p);
				assert_true(prover_answer(&p, next));
				struct value right = p.sent[next];
				if (done == 1) {
					prover_say(&p, next, &right);
					next += 2;
					assert_true(prover_answer(&p, next));
					right = p.sent[next];
				}
				if (step != next) {
					prover_say(&p, step, &right);
					assert_broken(&p, done);
				}
				prover_close(&p);
			}
		}
	}
}

static void anything_else__in_between__ends_the_stream(void **state)
{
	(void)state;
	static const char *const others[] = {
		"<message><body>x</body></message>",
		"<presence/>",
		"<iq type='get' id='1'><pubkeys xmlns='urn:xmpp:tmp:pubkey'/></iq>",
		"<x xmlns='urn:example'/>",
		"<pake xmlns='urn:xmpp:troth:0'/>",
		"<pake xmlns='urn:example' step='1'/>",
		"<pake xmlns='urn:xmpp:troth:0' step='11'/>",
		"<transcript xmlns='urn:xmpp:troth:0' algo='sha-256'/>",
	};
	for (size_t i = 0; i < 2; i++) {
		for (size_t k = 0; k < sizeof others / sizeof *others; k++) {
			for (int done = 0; done < 2; done++) {
				struct prover p;
				prover_open(&p, roles[i]);
				prover_begin(&p, secret);
				if (done == 1 && prover_answer(&p, first_step(&p)))
					prover_say(&p, first_step(&p), &p.sent[first_step(&p)]);
				raw_say(&p.s.raw, others[k]);
				assert_broken(&p, done);
				prover_close(&p);
			}
		}
	}
}

static void element__of_more_than_its_limit__is_not_read(void **state)
{
	(void)state;
	static char much[TROTH_LIMIT_PROOF_BYTES + 200];
	int n = snprintf(much, sizeof much, "<pake xmlns='urn:xmpp:troth:0' step='1'>");
	memset(much + n, 'A', sizeof much - 1 - (size_t)n);
	struct prover p;
	prover_open(&p, TROTH_RECIPIENT);
	raw_say(&p.s.raw, much);
	assert_err(p.s.us.err, TROTH_E_LIMIT);
	assert_int_equal(p.s.us.guesses, 0);
	prover_close(&p);
	/* Once it is proven there is room for stanzas. */
	prover_open(&p, TROTH_RECIPIENT);
	prover_begin(&p, secret);
	run_all(&p);
	raw_say(&p.s.raw, "<message><body>");
	memset(much, 'A', sizeof much - 1);
	raw_say(&p.s.raw, much);
	raw_say(&p.s.raw, "</body></message>");
	assert_int_equal(p.s.us.stanzas, 1);
	prover_close(&p);
}

/* ---- what it stands on ---- */

static void proof__without_transcript__is_not_begun(void **state)
{
	(void)state;
	struct scene s;
	/* A recipient waits for it, whether or not the request had the mark. */
	open_scene(&s, TROTH_RECIPIENT, with_secret);
	raw_say(&s.raw, ROMEO);
	raw_say(&s.raw, STARTTLS ">" OFFER PAKE "</offer></starttls>");
	assert_ok(raw_start_tls(&s.raw, TROTH_TLS_CLIENT, NULL, NULL));
	raw_say(&s.raw, ROMEO);
	raw_say(&s.raw, "<pake xmlns='urn:xmpp:troth:0' step='1'/>");
	assert_err(s.us.err, TROTH_E_DOWNGRADE);
	assert_int_equal(s.us.guesses, 0);
	close_scene(&s);
	/* So does an initiator. */
	open_scene(&s, TROTH_INITIATOR, with_secret);
	raw_say(&s.raw, JULIET "<stream:features>" STARTTLS ">" OFFER PAKE
			       "</offer></starttls></stream:features>");
	raw_say_last(&s.raw, PROCEED ">" OFFER PAKE "</offer></proceed>");
	assert_ok(raw_start_tls(&s.raw, TROTH_TLS_SERVER, NULL, NULL));
	raw_say(&s.raw, JULIET "<stream:features/>");
	assert_err(s.us.err, TROTH_E_DOWNGRADE);
	assert_int_equal(s.us.guesses, 0);
	close_scene(&s);
}

static void proof__without_extended_master_secret__is_not_begun(void **state)
{
	(void)state;
	struct scene s;
	open_scene(&s, TROTH_RECIPIENT, with_secret);
	s.raw.old_tls = true;
	raw_say(&s.raw, ROMEO);
	raw_say(&s.raw, STARTTLS ">" OFFER PAKE MARK "</offer></starttls>");
	(void)!raw_start_tls(&s.raw, TROTH_TLS_CLIENT, NULL, NULL);
	assert_err(s.us.err, TROTH_E_TLS);
	assert_int_equal(s.us.guesses, 0);
	close_scene(&s);
}

static void own_key__shown_by_the_peer__is_refused(void **state)
{
	(void)state;
	struct scene s;
	open_scene(&s, TROTH_RECIPIENT, with_secret);
	s.raw.device = s.us.device;
	raw_say(&s.raw, ROMEO);
	raw_say(&s.raw, STARTTLS ">" OFFER PAKE MARK "</offer></starttls>");
	(void)!raw_start_tls(&s.raw, TROTH_TLS_CLIENT, NULL, NULL);
	assert_err(s.us.err, TROTH_E_SELF);
	close_scene(&s);
}

/* ---- what leaves when ---- */

/* "A debit is on disk before bytes leave that let the peer test a guess." */
static void guess__left_undecided__sends_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct prover p;
		prover_open(&p, roles[i]);
		prover_begin(&p, secret);
		int step = first_step(&p);
		if (p.initiator) {
			assert_true(prover_answer(&p, step));
			prover_say(&p, step, &p.sent[step]);
			step += 2;
		}
		assert_true(prover_answer(&p, step));
		p.s.us.silent = true;
		raw_forget(&p.s.raw);
		prover_say(&p, step, &p.sent[step]);
		assert_int_equal(p.s.us.guesses, 1);
		assert_int_equal(troth_buf_len(&p.s.raw.heard), 0);
		assert_int_equal(troth_stream_output(p.s.us.stream).len, 0);
		p.s.us.silent = false;
		assert_ok(troth_stream_debited(p.s.us.stream));
		struct value v;
		assert_true(prover_heard(&p, step + 1, &v));
		prover_close(&p);
	}
}

/* "The recipient pins before it sends Tb": what can't be pinned isn't confirmed. */
static void verdict__that_is_no__confirms_nothing(void **state)
{
	(void)state;
	struct prover p;
	struct value v;
	prover_open(&p, TROTH_RECIPIENT);
	p.s.us.verdict.err = TROTH_E_CONFLICT;
	prover_begin(&p, secret);
	run_all(&p);
	assert_err(p.s.us.err, TROTH_E_CONFLICT);
	assert_false(prover_heard(&p, 4, &v));
	raw_expect(&p.s.raw, "<refused xmlns='urn:xmpp:troth:0'/>");
	prover_close(&p);
}

/* "After pake: only the handshake's certificate." */
static void keys__that_are_sent_after_it__are_not_looked_at(void **state)
{
	(void)state;
	struct prover p;
	prover_open(&p, TROTH_RECIPIENT);
	prover_begin(&p, secret);
	run_all(&p);
	assert_true(p.s.us.up);
	raw_say(&p.s.raw, "<message>" PUBKEYS "><keyinfo><name>"
			  "0123456789012345678901234567890123456789</name></keyinfo></pubkeys>"
			  "</message>");
	assert_int_equal(p.s.us.keys, 0);
	assert_null(strstr(p.s.us.seen, "keys"));
	prover_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(proof__by_the_right_secret__secures_the_stream),
		cmocka_unit_test(proof__by_a_wrong_secret__costs_one_guess),
		cmocka_unit_test(proof__with_a_bit_changed__costs_one_guess__at_every_step),
		cmocka_unit_test(share__that_is_no_good_element__costs_one_guess),
		cmocka_unit_test(proof__reflected__costs_one_guess),
		cmocka_unit_test(proof__replayed__costs_one_guess),
		cmocka_unit_test(proofs__mixed_up__cost_one_guess_each),
		cmocka_unit_test(proof__through_two_certificates__costs_each_one_guess),
		cmocka_unit_test(step__out_of_order__ends_the_stream),
		cmocka_unit_test(anything_else__in_between__ends_the_stream),
		cmocka_unit_test(element__of_more_than_its_limit__is_not_read),
		cmocka_unit_test(proof__without_transcript__is_not_begun),
		cmocka_unit_test(proof__without_extended_master_secret__is_not_begun),
		cmocka_unit_test(own_key__shown_by_the_peer__is_refused),
		cmocka_unit_test(guess__left_undecided__sends_nothing),
		cmocka_unit_test(verdict__that_is_no__confirms_nothing),
		cmocka_unit_test(keys__that_are_sent_after_it__are_not_looked_at),
	};
	return cmocka_run_group_tests(tests, make_secret, free_secret);
}
