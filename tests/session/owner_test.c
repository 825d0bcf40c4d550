/* SPDX-License-Identifier: MIT */
/* A device with a label and whoever wants to own it. */
#include "people.h"

#include "store/owner.h"

#define CODE "troth1qqqqqqqqqqqqqqqqqqxxxxxx"

struct house {
	uv_loop_t loop;
	struct person *box, *romeo, *juliet;
};

static void open_house(struct house *h)
{
	assert_int_equal(uv_loop_init(&h->loop), 0);
	h->box = person_new(&h->loop, "box@here", TROTH_LEVEL_VERIFIED);
	h->romeo = person_new(&h->loop, "romeo@home", TROTH_LEVEL_VERIFIED);
	h->juliet = person_new(&h->loop, "juliet@home", TROTH_LEVEL_VERIFIED);
}

static void close_house(struct house *h)
{
	people_end(&h->loop, (struct person *[]){h->box, h->romeo, h->juliet}, 3);
}

static int64_t owner(const struct house *h)
{
	int64_t id = -1;
	assert_ok(troth_store_owner_get(h->box->home->store, &id));
	return id;
}

static bool knows(const struct person *p, const struct person *other)
{
	struct troth_store_contact c;
	struct troth_pin pin = person_pin(other);
	return troth_store_contact_by_pin(p->home->store, &pin, &c) == TROTH_OK;
}

/* Effect: romeo owns the box. */
static void claim(struct house *h)
{
	person_waits_for_owner(h->box, CODE, TROTH_STORE_CLAIM_FIRST);
	person_calls(h->romeo, person_where(h->box), CODE);
	run_until(h->box, TROTH_NEWS_PAIRED, 1);
	run_until(h->romeo, TROTH_NEWS_GAVE_UP, 1);
	assert_int_equal(h->romeo->last[TROTH_NEWS_GAVE_UP].err, TROTH_OK);
}

static void first__becomes_the_owner(void **state)
{
	(void)state;
	struct house h;
	open_house(&h);
	claim(&h);
	assert_int_equal(owner(&h), h.box->last[TROTH_NEWS_PAIRED].contact);
	assert_false(troth_session_window_is_open(h.box->session));
	close_house(&h);
}

/* "one owner claim": the same code, and even a window by mistake, make nobody else the owner. */
static void second__is_refused__with_the_right_code(void **state)
{
	(void)state;
	struct house h;
	open_house(&h);
	claim(&h);
	int64_t before = owner(&h);
	person_calls(h.juliet, person_where(h.box), CODE); /* no window is open */
	run_until(h.juliet, TROTH_NEWS_GAVE_UP, 1);
	assert_int_not_equal(h.juliet->last[TROTH_NEWS_GAVE_UP].err, TROTH_OK);
	assert_false(knows(h.box, h.juliet));
	person_waits_for_owner(h.box, CODE, TROTH_STORE_CLAIM_FIRST);
	person_calls(h.juliet, person_where(h.box), CODE);
	run_until(h.box, TROTH_NEWS_PAIR_FAILED, 1);
	run_until(h.juliet, TROTH_NEWS_GAVE_UP, 2);
	assert_false(knows(h.box, h.juliet));
	assert_int_equal(owner(&h), before);
	close_house(&h);
}

static void wrong_code__claims_nothing(void **state)
{
	(void)state;
	struct house h;
	open_house(&h);
	person_waits_for_owner(h.box, CODE, TROTH_STORE_CLAIM_FIRST);
	person_calls(h.juliet, person_where(h.box), "troth1ppppppppppppppppppxxxxxx");
	run_until(h.box, TROTH_NEWS_WRONG_SECRET, 1);
	run_until(h.juliet, TROTH_NEWS_GAVE_UP, 1);
	assert_int_equal(owner(&h), 0);
	/* A strong secret: wrong ones burn nothing, the owner comes all the same. */
	person_calls(h.romeo, person_where(h.box), CODE);
	run_until(h.box, TROTH_NEWS_PAIRED, 1);
	assert_int_equal(owner(&h), h.box->last[TROTH_NEWS_PAIRED].contact);
	run_until(h.romeo, TROTH_NEWS_GAVE_UP, 1);
	close_house(&h);
}

/* Effect: `who` calls the box by its key, and stays. */
static unsigned connect_to_box(struct house *h, struct person *who)
{
	unsigned before = who->count[TROTH_NEWS_UP];
	person_calls(who, person_where(h->box), NULL);
	run_until(who, TROTH_NEWS_UP, before + 1);
	run_for(&h->loop, 50);
	return who->last[TROTH_NEWS_UP].talk;
}

static void owner__gives_it_away__over_the_stream(void **state)
{
	(void)state;
	struct house h;
	open_house(&h);
	claim(&h);
	h.box->code = CODE;
	unsigned talk = connect_to_box(&h, h.romeo);
	assert_ok(troth_session_transfer(h.romeo->session, talk, 600));
	run_until(h.romeo, TROTH_NEWS_TRANSFER, 1);
	assert_int_equal(h.romeo->last[TROTH_NEWS_TRANSFER].err, TROTH_OK);
	person_calls(h.juliet, person_where(h.box), CODE);
	run_until(h.box, TROTH_NEWS_PAIRED, 2);
	assert_int_equal(owner(&h), h.box->last[TROTH_NEWS_PAIRED].contact);
	assert_true(knows(h.box, h.juliet));
	assert_false(knows(h.box, h.romeo));
	run_until(h.romeo, TROTH_NEWS_DOWN, 1); /* what still ran is over */
	run_until(h.juliet, TROTH_NEWS_GAVE_UP, 1);
	troth_call_end(h.romeo->call);
	close_house(&h);
}

static void contact__that_isn_t_the_owner__gives_nothing_away(void **state)
{
	(void)state;
	struct house h;
	open_house(&h);
	claim(&h);
	h.box->code = CODE;
	(void)person_knows(h.box, "juliet", h.juliet);
	(void)person_knows(h.juliet, "box", h.box);
	unsigned talk = connect_to_box(&h, h.juliet);
	assert_ok(troth_session_transfer(h.juliet->session, talk, 600));
	run_until(h.juliet, TROTH_NEWS_TRANSFER, 1);
	assert_int_equal(h.juliet->last[TROTH_NEWS_TRANSFER].err, TROTH_E_PEER_REFUSED);
	assert_false(troth_session_window_is_open(h.box->session));
	troth_call_end(h.juliet->call);
	close_house(&h);
}

static void device__that_can_t__refuses_its_owner(void **state)
{
	(void)state;
	struct house h;
	open_house(&h);
	claim(&h);
	unsigned talk = connect_to_box(&h, h.romeo);
	assert_ok(troth_session_transfer(h.romeo->session, talk, 600));
	run_until(h.romeo, TROTH_NEWS_TRANSFER, 1);
	assert_int_equal(h.romeo->last[TROTH_NEWS_TRANSFER].err, TROTH_E_PEER_REFUSED);
	assert_err(troth_session_transfer(h.romeo->session, talk, 0), TROTH_E_INVAL);
	assert_err(troth_session_transfer(h.romeo->session, talk, TROTH_WINDOW_SECONDS_MAX + 1),
		   TROTH_E_INVAL);
	troth_call_end(h.romeo->call);
	close_house(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first__becomes_the_owner),
		cmocka_unit_test(second__is_refused__with_the_right_code),
		cmocka_unit_test(wrong_code__claims_nothing),
		cmocka_unit_test(owner__gives_it_away__over_the_stream),
		cmocka_unit_test(contact__that_isn_t_the_owner__gives_nothing_away),
		cmocka_unit_test(device__that_can_t__refuses_its_owner),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
