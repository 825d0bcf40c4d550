/* SPDX-License-Identifier: MIT */
#include "../test.h"
#include "lan/uvpoll.h"

#include <avahi-common/timeval.h>
#include <sys/socket.h>
#include <unistd.h>

struct bench {
	uv_loop_t loop;
	AvahiPoll poll;
	int fd[2];
	AvahiWatch *watch[2];
	AvahiTimeout *timeout;
	int calls[2];
	AvahiWatchEvent seen;
};

static void begin(struct bench *b)
{
	memset(b, 0, sizeof *b);
	assert_int_equal(uv_loop_init(&b->loop), 0);
	troth_lan_poll_init(&b->poll, &b->loop);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, b->fd), 0);
}

/* Fails when a handle was left open: the loop wouldn't close. */
static void end(struct bench *b)
{
	assert_int_equal(uv_run(&b->loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(&b->loop), 0);
	(void)close(b->fd[0]);
	if (b->fd[1] >= 0)
		(void)close(b->fd[1]);
}

static void on_read(AvahiWatch *w, int fd, AvahiWatchEvent event, void *user)
{
	struct bench *b = user;
	char byte;
	assert_int_equal(fd, b->fd[0]);
	assert_int_equal(b->poll.watch_get_events(w), event);
	b->seen = event;
	b->calls[0]++;
	assert_true(read(fd, &byte, 1) >= 0);
	b->poll.watch_free(w); /* from inside the callback */
}

static void on_write(AvahiWatch *w, int fd, AvahiWatchEvent event, void *user)
{
	struct bench *b = user;
	assert_int_equal(fd, b->fd[0]);
	assert_true(event & AVAHI_WATCH_OUT);
	b->calls[1]++;
	b->poll.watch_free(w);
}

/* As libdbus does. */
static void watches__share_a_descriptor__one_for_each_direction(void **state)
{
	(void)state;
	struct bench b;
	begin(&b);
	assert_int_equal(write(b.fd[1], "x", 1), 1);
	assert_non_null(b.poll.watch_new(&b.poll, b.fd[0], AVAHI_WATCH_IN, on_read, &b));
	assert_non_null(b.poll.watch_new(&b.poll, b.fd[0], AVAHI_WATCH_OUT, on_write, &b));
	end(&b);
	assert_int_equal(b.calls[0], 1);
	assert_int_equal(b.calls[1], 1);
}

static void watch__tells_the_end__as_input(void **state)
{
	(void)state;
	struct bench b;
	begin(&b);
	(void)close(b.fd[1]);
	b.fd[1] = -1;
	assert_non_null(b.poll.watch_new(&b.poll, b.fd[0], AVAHI_WATCH_IN, on_read, &b));
	end(&b);
	assert_int_equal(b.calls[0], 1);
	assert_true(b.seen & AVAHI_WATCH_IN);
}

static void watch__changes_direction__but_not_to_nothing(void **state)
{
	(void)state;
	struct bench b;
	begin(&b);
	AvahiWatch *w = b.poll.watch_new(&b.poll, b.fd[0], AVAHI_WATCH_IN, on_write, &b);
	b.poll.watch_update(w, AVAHI_WATCH_OUT);
	b.poll.watch_update(w, (AvahiWatchEvent)2); /* what avahi-client means by "writable" */
	end(&b);
	assert_int_equal(b.calls[1], 1);
}

static void watch__may_be_freed_and_its_descriptor_reused__at_once(void **state)
{
	(void)state;
	struct bench b;
	begin(&b);
	for (int i = 0; i < 3; i++) {
		AvahiWatch *w = b.poll.watch_new(&b.poll, b.fd[0], AVAHI_WATCH_IN, on_read, &b);
		assert_non_null(w);
		b.poll.watch_free(w);
		(void)close(b.fd[0]);
		(void)close(b.fd[1]);
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, b.fd), 0);
	}
	end(&b);
	assert_int_equal(b.calls[0], 0);
}

static void on_timeout(AvahiTimeout *t, void *user)
{
	struct bench *b = user;
	static const struct timeval at_once = {0, 0};
	if (++b->calls[0] < 3)
		b->poll.timeout_update(t, &at_once); /* again, from inside */
	else
		b->poll.timeout_free(t);
}

static void timeout__comes_once__each_time_it_is_set(void **state)
{
	(void)state;
	struct bench b;
	struct timeval tv;
	begin(&b);
	assert_non_null(b.poll.timeout_new(&b.poll, avahi_elapse_time(&tv, 2, 0), on_timeout, &b));
	end(&b);
	assert_int_equal(b.calls[0], 3);
	assert_true(avahi_age(&tv) >= 0); /* never early */
}

static void timeout__never_comes__while_disabled(void **state)
{
	(void)state;
	struct bench b;
	struct timeval tv;
	begin(&b);
	AvahiTimeout *t = b.poll.timeout_new(&b.poll, NULL, on_timeout, &b);
	b.poll.timeout_update(t, avahi_elapse_time(&tv, 0, 0));
	b.poll.timeout_update(t, NULL);
	assert_int_equal(uv_run(&b.loop, UV_RUN_DEFAULT), 0);
	b.poll.timeout_free(t);
	end(&b);
	assert_int_equal(b.calls[0], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(watches__share_a_descriptor__one_for_each_direction),
		cmocka_unit_test(watch__tells_the_end__as_input),
		cmocka_unit_test(watch__changes_direction__but_not_to_nothing),
		cmocka_unit_test(watch__may_be_freed_and_its_descriptor_reused__at_once),
		cmocka_unit_test(timeout__comes_once__each_time_it_is_set),
		cmocka_unit_test(timeout__never_comes__while_disabled),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
