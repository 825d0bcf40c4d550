/* SPDX-License-Identifier: MIT */
/* The socket of a listener, and more who ask at once than it has places for. */
#include "../test.h"
#include "cli/bot/control.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MANY 32

static json_t *on_request(void *user, const json_t *request)
{
	(void)request;
	++*(int *)user;
	return json_pack("{s:b}", "fine", 1);
}

static int connect_to(const char *home)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_true(fd >= 0);
	(void)snprintf(at.sun_path, sizeof at.sun_path, "%s/" TROTH_CONTROL_NAME, home);
	int rc = connect(fd, (const struct sockaddr *)&at, sizeof at);
	if (rc == 0)
		return fd;
	(void)close(fd); /* the backlog is full */
	return -1;
}

static void turn(uv_loop_t *loop)
{
	for (int i = 0; i < 20; i++)
		(void)uv_run(loop, UV_RUN_NOWAIT);
}

static void control__answers__after_more_came_than_it_has_places_for(void **state)
{
	(void)state;
	char home[] = "/tmp/troth-control-XXXXXX";
	char got[64];
	int asked = 0, idle[MANY];
	uv_loop_t loop;
	struct troth_control *control;
	assert_non_null(mkdtemp(home));
	assert_int_equal(uv_loop_init(&loop), 0);
	const struct troth_control_params params = {
		.loop = &loop, .home = home, .answer = on_request, .user = &asked};
	assert_ok(troth_control_open(&control, &params));
	for (int i = 0; i < MANY; i++) {
		idle[i] = connect_to(home);
		turn(&loop);
	}
	for (int i = 0; i < MANY; i++)
		if (idle[i] >= 0)
			(void)close(idle[i]);
	turn(&loop);
	int fd = connect_to(home);
	assert_true(fd >= 0);
	assert_int_equal(send(fd, "{}\n", 3, MSG_NOSIGNAL), 3);
	turn(&loop);
	assert_int_equal(asked, 1);
	assert_true(recv(fd, got, sizeof got, 0) > 0);
	(void)close(fd);
	troth_control_close(control);
	while (uv_run(&loop, UV_RUN_NOWAIT) != 0)
		;
	assert_int_equal(uv_loop_close(&loop), 0);
	(void)snprintf(got, sizeof got, "%s/control.lock", home);
	assert_int_equal(unlink(got), 0);
	assert_int_equal(rmdir(home), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(control__answers__after_more_came_than_it_has_places_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
