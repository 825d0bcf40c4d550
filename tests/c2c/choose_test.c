/* SPDX-License-Identifier: MIT */
/* The whole table of choices: who knows what, who offers what, what comes of it. */
#include "knows.h"

/* It selects, so that its holder can be told; it promises nothing. */
static void revoked_key__selects_by_name_alone__and_gives_no_floor(void **state)
{
	(void)state;
	struct side s;
	const struct troth_offer theirs = offer(0, THEIRS);
	(void)make(&s, PROVEN, THEIRS);
	s.key.revoked = true;
	assert_int_equal(troth_floor_of(&s.known), TROTH_FLOOR_VERIFIED);
	assert_ptr_equal(troth_choose_key(&s.known, &theirs), &s.key);
	s.key.name[0] = 0;
	assert_null(troth_choose_key(&s.known, &theirs));
}

static void floor__follows__what_the_user_chose(void **state)
{
	(void)state;
	const struct {
		unsigned knows;
		enum troth_floor floor;
	} rows[] = {
		{NOTHING, TROTH_FLOOR_VERIFIED},
		{MAY_ASK, TROTH_FLOOR_VERIFIED},
		{ANYBODY, TROTH_FLOOR_UNVERIFIED},
		{PLAIN, TROTH_FLOOR_PLAIN},
		{SECRET, TROTH_FLOOR_SECRET},
		{SECRET | PLAIN, TROTH_FLOOR_SECRET},
		{PAIRING, TROTH_FLOOR_SECRET},
		{PROVEN, TROTH_FLOOR_KEYS},
		{PROVEN | PLAIN, TROTH_FLOOR_KEYS},
		{PROVEN | ANYBODY | MAY_ASK, TROTH_FLOOR_KEYS},
		{PROVEN | PAIRING, TROTH_FLOOR_SECRET}, /* an explicit re-pairing */
		{PROVEN | PAIRING | SECRET, TROTH_FLOOR_SECRET},
		{PROVEN | SECRET, TROTH_FLOOR_KEYS}, /* a secret never locks a key out */
		{UNPROVEN, TROTH_FLOOR_VERIFIED},    /* gives no floor */
		{UNPROVEN | ANYBODY, TROTH_FLOOR_UNVERIFIED},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct side s;
		make(&s, rows[i].knows, THEIRS);
		assert_int_equal(troth_floor_of(&s.known), rows[i].floor);
	}
}

static void floor__admits__nothing_below_it(void **state)
{
	(void)state;
	const bool admits[][6] = {
		/* none, key, pake, srp, insecure, plain */
		[TROTH_FLOOR_PLAIN] = {false, true, true, true, true, true},
		[TROTH_FLOOR_UNVERIFIED] = {false, true, true, true, true, false},
		[TROTH_FLOOR_VERIFIED] = {false, true, true, true, false, false},
		[TROTH_FLOOR_SECRET] = {false, false, true, true, false, false},
		[TROTH_FLOOR_KEYS] = {false, true, false, false, false, false},
	};
	for (int floor = 0; floor < 5; floor++) {
		for (int method = 0; method < 6; method++)
			assert_int_equal(troth_floor_admits(floor, method), admits[floor][method]);
	}
}

static void features__show__what_can_be_done_now(void **state)
{
	(void)state;
	const struct {
		unsigned knows;
		unsigned marks;
	} rows[] = {
		{NOTHING, 0},
		{MAY_ASK, TROTH_MARK_SRP},
		{SECRET, TROTH_MARK_SRP},
		{PAIRING, 0}, /* asked for, but nothing to ask with */
		{PAIRING | MAY_ASK, TROTH_MARK_SRP},
		{ANYBODY, TROTH_MARK_INSECURE},
		{PLAIN, TROTH_MARK_INSECURE},
		{ANYBODY | MAY_ASK, TROTH_MARK_INSECURE | TROTH_MARK_SRP},
		{PROVEN | ANYBODY | MAY_ASK, 0},
		{PROVEN | PAIRING | SECRET, TROTH_MARK_SRP},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct side s;
		struct troth_offer o;
		troth_choose_features(&o, make(&s, rows[i].knows, THEIRS));
		assert_int_equal(o.marks, rows[i].marks | TROTH_MARK_TRANSCRIPT);
		assert_int_equal(o.name_count, 1);
		assert_string_equal(o.names[0], OURS);
	}
}

static void probed__shows_our_key__only_when_theirs_can_be_verified(void **state)
{
	(void)state;
	const struct {
		unsigned knows;
		const char *asked_with;
		size_t names;
		unsigned marks;
	} rows[] = {
		{PROVEN, THEIRS, 1, 0},
		{PROVEN, OTHER, 0, 0},
		{PROVEN, NULL, 0, 0},
		{UNPROVEN, THEIRS, 1, 0},
		{NOTHING, THEIRS, 0, 0},
		{SECRET, OTHER, 0, TROTH_MARK_SRP},
		{ANYBODY, OTHER, 0, TROTH_MARK_INSECURE},
		{PROVEN | PAIRING | SECRET, THEIRS, 0, TROTH_MARK_SRP},
		{CA, OTHER, 1, 0},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct side s;
		struct troth_offer o;
		const struct troth_offer theirs = offer(TROTH_MARK_SRP, rows[i].asked_with);
		troth_choose_probed(&o, make(&s, rows[i].knows, THEIRS), &theirs);
		assert_int_equal(o.name_count, rows[i].names);
		assert_int_equal(o.marks, rows[i].marks | TROTH_MARK_TRANSCRIPT);
	}
}

struct request_row {
	unsigned knows;
	unsigned features;
	const char *features_key;
	int err;
	unsigned marks;
	bool own_key;
};

static const struct request_row requests[] = {
	/* A contact's key, and nothing else, whatever else is offered. */
	{PROVEN, 0, THEIRS, TROTH_OK, 0, true},
	{PROVEN | MAY_ASK | ANYBODY, TROTH_MARK_SRP | TROTH_MARK_INSECURE, THEIRS, TROTH_OK, 0,
	 true},
	{PROVEN, 0, OTHER, TROTH_E_KEY_CHANGED, 0, false},
	{PROVEN | SECRET, 0, THEIRS, TROTH_OK, 0, true},
	{PROVEN | SECRET, TROTH_MARK_SRP, OTHER, TROTH_E_KEY_CHANGED, 0, false},
	{PROVEN | MAY_ASK, TROTH_MARK_SRP, OTHER, TROTH_E_KEY_CHANGED, 0, false},
	{PROVEN | PLAIN, TROTH_MARK_INSECURE, OTHER, TROTH_E_KEY_CHANGED, 0, false},
	{PROVEN, TROTH_MARK_SRP, NULL, TROTH_E_KEY_CHANGED, 0, false},
	/* A secret, and nothing below. */
	{SECRET, TROTH_MARK_SRP, THEIRS, TROTH_OK, TROTH_MARK_SRP, false},
	{SECRET, TROTH_MARK_SRP | TROTH_MARK_INSECURE, THEIRS, TROTH_OK, TROTH_MARK_SRP, false},
	{SECRET | ANYBODY, TROTH_MARK_INSECURE, THEIRS, TROTH_E_FLOOR, 0, false},
	/* A re-pairing, and nothing below: not the old key either. */
	{PAIRING | SECRET | PROVEN, TROTH_MARK_SRP, THEIRS, TROTH_OK, TROTH_MARK_SRP, false},
	{PAIRING | SECRET | PROVEN, 0, THEIRS, TROTH_E_FLOOR, 0, false},
	{PAIRING | MAY_ASK, TROTH_MARK_SRP, THEIRS, TROTH_OK, TROTH_MARK_SRP, false},
	{PAIRING, TROTH_MARK_SRP, THEIRS, TROTH_E_FLOOR, 0, false},
	/* PAKE isn't done by this build: never asked for. */
	{SECRET, TROTH_MARK_PAKE, THEIRS, TROTH_E_FLOOR, 0, false},
	{SECRET, TROTH_MARK_PAKE | TROTH_MARK_SRP, THEIRS, TROTH_OK, TROTH_MARK_SRP, false},
	/* Unproven keys select; other methods stay possible. */
	{UNPROVEN, 0, THEIRS, TROTH_OK, 0, true},
	{UNPROVEN | MAY_ASK, TROTH_MARK_SRP, THEIRS, TROTH_OK, TROTH_MARK_SRP, true},
	{UNPROVEN, 0, OTHER, TROTH_E_NO_METHOD, 0, false},
	/* Strangers. */
	{NOTHING, TROTH_MARK_INSECURE | TROTH_MARK_SRP, THEIRS, TROTH_E_NO_METHOD, 0, false},
	{ANYBODY, TROTH_MARK_INSECURE, THEIRS, TROTH_OK, TROTH_MARK_INSECURE, false},
	{ANYBODY, 0, THEIRS, TROTH_E_NO_METHOD, 0, false},
	{ANYBODY, 0, NULL, TROTH_E_NO_METHOD, 0, false},
	{MAY_ASK, TROTH_MARK_SRP, THEIRS, TROTH_OK, TROTH_MARK_SRP, false},
};

static void request__asks__for_what_both_can_do(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
		const struct request_row *row = &requests[i];
		struct side s;
		struct troth_offer features = offer(row->features, row->features_key);
		struct troth_offer out = {0};
		int err = troth_choose_request(&out, make(&s, row->knows, THEIRS), &features);
		if (err != row->err)
			print_error("row %zu\n", i);
		assert_err(err, row->err);
		if (err != TROTH_OK)
			continue;
		assert_int_equal(out.marks, row->marks | TROTH_MARK_TRANSCRIPT);
		assert_int_equal(out.name_count, row->own_key ? 1 : 0);
		if (row->own_key)
			assert_string_equal(out.names[0], OURS);
	}
}

struct proceed_row {
	unsigned knows;
	unsigned request;
	const char *request_key;
	int err;
	enum troth_method method;
};

static const struct proceed_row proceeds[] = {
	{PROVEN, 0, THEIRS, TROTH_OK, TROTH_METHOD_KEY},
	{PROVEN, TROTH_MARK_SRP, THEIRS, TROTH_OK, TROTH_METHOD_KEY},
	{PROVEN, TROTH_MARK_SRP, NULL, TROTH_E_KEY_CHANGED, 0},
	{PROVEN | ANYBODY, TROTH_MARK_INSECURE, OTHER, TROTH_E_KEY_CHANGED, 0},
	{UNPROVEN, 0, THEIRS, TROTH_OK, TROTH_METHOD_KEY},
	{NOTHING, 0, THEIRS, TROTH_E_NO_METHOD, 0},
	{SECRET, TROTH_MARK_SRP, NULL, TROTH_OK, TROTH_METHOD_SRP},
	{SECRET, TROTH_MARK_SRP, THEIRS, TROTH_OK, TROTH_METHOD_SRP},
	{SECRET, 0, THEIRS, TROTH_E_FLOOR, 0},
	{SECRET | PROVEN, TROTH_MARK_SRP, THEIRS, TROTH_OK, TROTH_METHOD_KEY},
	{SECRET | PROVEN, TROTH_MARK_SRP, OTHER, TROTH_E_KEY_CHANGED, 0},
	{PAIRING | SECRET | PROVEN, 0, THEIRS, TROTH_E_FLOOR, 0},
	{MAY_ASK, TROTH_MARK_SRP, NULL, TROTH_OK, TROTH_METHOD_SRP},
	{NOTHING, TROTH_MARK_SRP, NULL, TROTH_E_NO_METHOD, 0},
	{NOTHING, TROTH_MARK_INSECURE, NULL, TROTH_E_NO_METHOD, 0},
	{ANYBODY, TROTH_MARK_INSECURE, NULL, TROTH_OK, TROTH_METHOD_INSECURE},
	{ANYBODY | MAY_ASK, TROTH_MARK_INSECURE | TROTH_MARK_SRP, NULL, TROTH_OK, TROTH_METHOD_SRP},
	{ANYBODY, 0, NULL, TROTH_E_NO_METHOD, 0},
};

static void proceed__prefers__the_strongest(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof proceeds / sizeof *proceeds; i++) {
		const struct proceed_row *row = &proceeds[i];
		struct side s;
		struct troth_offer features;
		struct troth_offer request = offer(row->request, row->request_key);
		enum troth_method method = TROTH_METHOD_NONE;
		const struct troth_side *us = make(&s, row->knows, THEIRS);
		troth_choose_features(&features, us);
		int err = troth_choose_proceed(&method, us, &features, &request);
		if (err != row->err || method != row->method)
			print_error("row %zu\n", i);
		assert_err(err, row->err);
		assert_int_equal(method, row->method);
	}
}

static void proceed__refuses__what_was_not_offered(void **state)
{
	(void)state;
	struct side s;
	const struct troth_side *us = make(&s, ANYBODY, THEIRS);
	struct troth_offer features = offer(0, OURS); /* as it was sent: without <insecure/> */
	struct troth_offer request = offer(TROTH_MARK_INSECURE, NULL);
	enum troth_method method;
	assert_err(troth_choose_proceed(&method, us, &features, &request), TROTH_E_NO_METHOD);
}

static void accept__takes__one_method_that_was_asked_for(void **state)
{
	(void)state;
	const struct {
		unsigned asked;
		bool asked_key;
		unsigned got;
		const char *got_key;
		int err;
		enum troth_method method;
	} rows[] = {
		{TROTH_MARK_SRP, false, TROTH_MARK_SRP, NULL, TROTH_OK, TROTH_METHOD_SRP},
		{TROTH_MARK_SRP, true, 0, THEIRS, TROTH_OK, TROTH_METHOD_KEY},
		{TROTH_MARK_SRP, false, 0, THEIRS, TROTH_E_FLOOR, 0},
		{0, true, 0, OTHER, TROTH_E_FLOOR, 0},
		{0, true, TROTH_MARK_SRP, NULL, TROTH_E_FLOOR, 0},
		{TROTH_MARK_SRP, false, TROTH_MARK_INSECURE, NULL, TROTH_E_FLOOR, 0},
		{TROTH_MARK_SRP | TROTH_MARK_INSECURE, false, TROTH_MARK_SRP | TROTH_MARK_INSECURE,
		 NULL, TROTH_E_FLOOR, 0},
		{TROTH_MARK_SRP, true, TROTH_MARK_SRP, THEIRS, TROTH_E_FLOOR, 0},
		{TROTH_MARK_SRP, true, 0, NULL, TROTH_E_FLOOR, 0},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct side s;
		const struct troth_side *us = make(&s, UNPROVEN | MAY_ASK | ANYBODY, THEIRS);
		struct troth_offer request = offer(rows[i].asked, rows[i].asked_key ? OURS : NULL);
		struct troth_offer proceed = offer(rows[i].got, rows[i].got_key);
		enum troth_method method = TROTH_METHOD_NONE;
		if (troth_choose_accept(&method, us, &request, &proceed) != rows[i].err)
			print_error("row %zu\n", i);
		assert_err(troth_choose_accept(&method, us, &request, &proceed), rows[i].err);
		assert_int_equal(method, rows[i].method);
	}
}

static void without_offers__keeps__the_floor(void **state)
{
	(void)state;
	const struct {
		unsigned knows;
		int err;
		enum troth_method method;
	} rows[] = {
		{PROVEN, TROTH_OK, TROTH_METHOD_KEY},
		{PROVEN | MAY_ASK, TROTH_OK, TROTH_METHOD_KEY},
		{SECRET, TROTH_OK, TROTH_METHOD_SRP},
		{SECRET | ANYBODY, TROTH_OK, TROTH_METHOD_SRP},
		{PAIRING, TROTH_E_FLOOR, 0},
		{MAY_ASK, TROTH_OK, TROTH_METHOD_SRP},
		{UNPROVEN, TROTH_OK, TROTH_METHOD_KEY},
		{ANYBODY, TROTH_OK, TROTH_METHOD_INSECURE},
		{NOTHING, TROTH_E_NO_METHOD, 0},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct side s;
		enum troth_method method = TROTH_METHOD_NONE;
		const struct troth_side *us = make(&s, rows[i].knows, THEIRS);
		assert_err(troth_choose_without_offers(&method, us), rows[i].err);
		assert_int_equal(method, rows[i].method);
	}
}

/* A pin read aloud: the key could be any that is named, and only one that is named. */
static void key_without_name__could_be_any_that_is_named(void **state)
{
	(void)state;
	const struct {
		unsigned knows;
		unsigned marks;
		const char *named;
		int request_err;
		bool request_key;
		int proceed_err;
		enum troth_method proceed;
	} rows[] = {
		{PROVEN, 0, THEIRS, TROTH_OK, true, TROTH_OK, TROTH_METHOD_KEY},
		{PROVEN, 0, OTHER, TROTH_OK, true, TROTH_OK, TROTH_METHOD_KEY},
		{PROVEN | ANYBODY | SECRET, TROTH_MARK_SRP | TROTH_MARK_INSECURE, OTHER, TROTH_OK,
		 true, TROTH_OK, TROTH_METHOD_KEY},
		{PROVEN, 0, NULL, TROTH_E_KEY_CHANGED, false, TROTH_E_KEY_CHANGED, 0},
		{PROVEN | MAY_ASK, TROTH_MARK_SRP, NULL, TROTH_E_KEY_CHANGED, false,
		 TROTH_E_KEY_CHANGED, 0},
		{PROVEN | PAIRING, TROTH_MARK_SRP, THEIRS, TROTH_E_FLOOR, false, TROTH_E_FLOOR, 0},
		{UNPROVEN, 0, THEIRS, TROTH_OK, true, TROTH_OK, TROTH_METHOD_KEY},
		{UNPROVEN, TROTH_MARK_INSECURE, THEIRS, TROTH_OK, true, TROTH_OK, TROTH_METHOD_KEY},
		{UNPROVEN, 0, NULL, TROTH_E_NO_METHOD, false, TROTH_E_NO_METHOD, 0},
		{UNPROVEN | MAY_ASK, TROTH_MARK_SRP, NULL, TROTH_OK, false, TROTH_OK,
		 TROTH_METHOD_SRP},
		{UNPROVEN | ANYBODY, TROTH_MARK_INSECURE, NULL, TROTH_OK, false, TROTH_OK,
		 TROTH_METHOD_INSECURE},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct side s;
		enum troth_method method = TROTH_METHOD_NONE;
		struct troth_offer features, out = {0},
					     theirs = offer(rows[i].marks, rows[i].named);
		const struct troth_side *us = make(&s, rows[i].knows, "");
		if (troth_choose_request(&out, us, &theirs) != rows[i].request_err)
			print_error("row %zu\n", i);
		assert_err(troth_choose_request(&out, us, &theirs), rows[i].request_err);
		assert_int_equal(out.name_count, rows[i].request_key ? 1 : 0);
		troth_choose_features(&features, us);
		assert_err(troth_choose_proceed(&method, us, &features, &theirs),
			   rows[i].proceed_err);
		assert_int_equal(method, rows[i].proceed);
	}
}

static void srp__is_never_chosen__when_the_build_has_none(void **state)
{
	(void)state;
	struct side s;
	struct troth_offer out;
	struct troth_offer features = offer(TROTH_MARK_SRP, THEIRS);
	enum troth_method method;
	make(&s, SECRET, THEIRS);
	s.view.can = TROTH_MARK_INSECURE;
	assert_err(troth_choose_request(&out, &s.view, &features), TROTH_E_FLOOR);
	assert_err(troth_choose_without_offers(&method, &s.view), TROTH_E_FLOOR);
	troth_choose_features(&out, &s.view);
	assert_int_equal(out.marks, TROTH_MARK_TRANSCRIPT);
}

/* A key that the side doesn't know, endorsed by one that it may believe. */
static void endorsed_key__can_be_verified__where_the_issuer_is_believed(void **state)
{
	(void)state;
	static const struct {
		unsigned knows;
		const char *issuer;  /* that the side believes; NULL: nobody */
		const char *signer;  /* of the endorsement */
		const char *subject; /* what it stands beside */
		enum troth_purpose purpose;
		bool verified;
	} rows[] = {
		{PROVEN, OTHER, OTHER, OURS, TROTH_PURPOSE_DEVICE, true},
		{NOTHING, OTHER, OTHER, OURS, TROTH_PURPOSE_DEVICE, true},
		{NOTHING, OTHER, OTHER, OURS, TROTH_PURPOSE_RENEW, true},
		{ANYBODY, OTHER, OTHER, OURS, TROTH_PURPOSE_VOUCH, true},
		{SECRET, OTHER, OTHER, OURS, TROTH_PURPOSE_DEVICE, true},
		{PAIRING | SECRET, OTHER, OTHER, OURS, TROTH_PURPOSE_DEVICE, false},
		{NOTHING, OTHER, OTHER, OURS, TROTH_PURPOSE_NONE, false}, /* the XEP's form */
		{NOTHING, OTHER, THEIRS, OURS, TROTH_PURPOSE_DEVICE, false},
		{NOTHING, NULL, OTHER, OURS, TROTH_PURPOSE_DEVICE, false},
		{PROVEN, NULL, OTHER, OURS, TROTH_PURPOSE_DEVICE, false},
		{NOTHING, OTHER, OTHER, THEIRS, TROTH_PURPOSE_DEVICE, false}, /* not offered */
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct side s;
		struct troth_known_issuer issuer = {.name = ""};
		struct troth_endorsement e = {.purpose = rows[i].purpose,
					      .issuer_name = rows[i].signer};
		struct troth_endorsement *items[] = {&e};
		struct troth_offer_proof proof = {.endorsements = {items, 1}};
		const struct troth_offer_proofs proofs = {&proof, 1};
		struct troth_offer theirs = offer(0, OURS), request = {0}, features, proceed;
		enum troth_method method = TROTH_METHOD_NONE;
		memcpy(proof.name, rows[i].subject, TROTH_NAME_LEN);
		theirs.proofs = &proofs;
		make(&s, rows[i].knows, THEIRS);
		if (rows[i].issuer != NULL) {
			memcpy(issuer.name, rows[i].issuer, TROTH_NAME_LEN);
			s.known.issuers = &issuer;
			s.known.issuer_count = 1;
			assert_int_equal(troth_floor_of(&s.known), (rows[i].knows & PAIRING) != 0
									   ? TROTH_FLOOR_SECRET
									   : TROTH_FLOOR_KEYS);
		}
		bool asked = troth_choose_request(&request, &s.view, &theirs) == TROTH_OK &&
			     request.name_count == 1;
		troth_choose_features(&features, &s.view);
		bool went_on =
			troth_choose_proceed(&method, &s.view, &features, &theirs) == TROTH_OK &&
			method == TROTH_METHOD_KEY;
		proceed = offer(0, OURS);
		proceed.marks = 0;
		proceed.proofs = &proofs;
		bool accepted =
			troth_choose_accept(&method, &s.view, &request, &proceed) == TROTH_OK;
		assert_int_equal(asked, rows[i].verified);
		assert_int_equal(went_on, rows[i].verified);
		assert_int_equal(accepted, rows[i].verified);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(floor__follows__what_the_user_chose),
		cmocka_unit_test(floor__admits__nothing_below_it),
		cmocka_unit_test(features__show__what_can_be_done_now),
		cmocka_unit_test(probed__shows_our_key__only_when_theirs_can_be_verified),
		cmocka_unit_test(request__asks__for_what_both_can_do),
		cmocka_unit_test(proceed__prefers__the_strongest),
		cmocka_unit_test(proceed__refuses__what_was_not_offered),
		cmocka_unit_test(accept__takes__one_method_that_was_asked_for),
		cmocka_unit_test(without_offers__keeps__the_floor),
		cmocka_unit_test(revoked_key__selects_by_name_alone__and_gives_no_floor),
		cmocka_unit_test(key_without_name__could_be_any_that_is_named),
		cmocka_unit_test(endorsed_key__can_be_verified__where_the_issuer_is_believed),
		cmocka_unit_test(srp__is_never_chosen__when_the_build_has_none),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
