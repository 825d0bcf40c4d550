/* SPDX-License-Identifier: MIT */
/* The end of bytestreams by XEP-0065 alone, whatever the peer does. */
#include "../test.h"

#include "base/slice.h"
#include "server/s5b_state.h"

struct scene {
	uv_loop_t loop;
	struct troth_account *account;
	struct troth_s5b_account *all;
	bool gone, freed;
};

static void on_gone(void *user)
{
	((struct scene *)user)->gone = true;
}

static void on_freed(void *user)
{
	((struct scene *)user)->freed = true;
}

static void begin(struct scene *s)
{
	struct troth_secret *password;
	*s = (struct scene){.gone = false};
	assert_int_equal(uv_loop_init(&s->loop), 0);
	assert_ok(troth_secret_new(&password, troth_slice_str("secret")));
	const struct troth_account_params account = {.loop = &s->loop,
						     .jid = "us@montague.test",
						     .password = password,
						     .gone = on_gone,
						     .user = s};
	assert_ok(troth_account_new(&s->account, &account));
	troth_secret_free(password);
	const struct troth_s5b_params params = {.account = s->account};
	assert_ok(troth_s5b_account_new(&s->all, &params));
}

static struct troth_s5b *stream(struct scene *s)
{
	struct troth_s5b *b;
	struct troth_address *peer;
	assert_ok(troth_address_new(&peer, TROTH_REALM_SERVER, "romeo@montague.test/orchard"));
	assert_ok(s5b_new(&b, s->all, peer, true));
	return b;
}

static void end_account(struct scene *s)
{
	troth_account_end(s->account);
	while (!s->gone)
		(void)uv_run(&s->loop, UV_RUN_ONCE);
}

static void end(struct scene *s)
{
	(void)uv_run(&s->loop, UV_RUN_DEFAULT);
	assert_true(s->freed);
	assert_int_equal(uv_loop_close(&s->loop), 0);
}

/* ---- a peer that doesn't read ---- */

static int deaf_write(struct troth_transport *t, struct troth_slice bytes, size_t *taken)
{
	(void)t;
	*taken = bytes.len;
	return TROTH_OK;
}

static size_t deaf_waiting(const struct troth_transport *t)
{
	(void)t;
	return SIZE_MAX / 2;
}

static void deaf_close(struct troth_transport *t)
{
	struct troth_s5b *b = t->events.user;
	b->transport = NULL;
	s5b_gone(b);
}

/* It ends its side, doesn't read ours, and our user has enough: nobody who isn't proven keeps this
 * program for longer. */
static void bytestream__is_given_up__when_its_peer_reads_no_more(void **state)
{
	(void)state;
	struct scene s;
	static const struct troth_transport_kind kind = {
		.write = deaf_write, .waiting = deaf_waiting, .close = deaf_close};
	struct troth_transport deaf = {.kind = &kind};
	begin(&s);
	struct troth_s5b *b = stream(&s);
	deaf.events.user = b;
	assert_ok(troth_secured_begin(b->tls, troth_secured_cert(stream(&s)->tls)));
	assert_true(troth_buf_len(troth_secured_output(b->tls)) > 0);
	b->transport = &deaf;
	s5b_end(b, TROTH_OK);
	assert_false(b->finished);
	end_account(&s);
	troth_s5b_account_free(s.all, on_freed, &s);
	end(&s);
}

/* ---- whoever frees all as soon as the last is over ---- */

static void on_over(void *user, int err)
{
	struct scene *s = user;
	assert_err(err, TROTH_E_UNREACHABLE);
	troth_s5b_account_free(s->all, on_freed, s);
}

static void account__may_be_freed__by_who_is_told_that_it_is_over(void **state)
{
	(void)state;
	struct scene s;
	begin(&s);
	struct troth_s5b *b = stream(&s);
	b->callbacks = (struct troth_s5b_callbacks){.over = on_over, .user = &s};
	end_account(&s);
	s5b_end(b, TROTH_E_UNREACHABLE);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytestream__is_given_up__when_its_peer_reads_no_more),
		cmocka_unit_test(account__may_be_freed__by_who_is_told_that_it_is_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
