/* SPDX-License-Identifier: MIT */
/* The socket of `troth listen` in its home. Layer: cli. */
#include "cli/bot/control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <troth/err.h>
#include <unistd.h>

#define LOCK "control.lock"
#define CLIENTS_MAX 8

struct client {
	struct troth_control *control;
	uv_pipe_t pipe;
	uv_timer_t timer;
	uv_write_t write;
	unsigned open; /* handles */
	bool answered;
	char *answer;
	size_t len;
	char line[TROTH_CONTROL_LINE];
};

struct troth_control {
	struct troth_control_params params;
	int home; /* its directory */
	int lock; /* held as long as the socket is ours */
	uv_pipe_t pipe;
	struct client *clients[CLIENTS_MAX];
	bool waiting; /* somebody that isn't accepted yet */
	bool closing;
	bool closed; /* the pipe */
};

/* ---- clients ---- */

static void check_closed(struct troth_control *c)
{
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		if (c->clients[i] != NULL)
			return;
	if (!c->closed)
		return;
	(void)unlinkat(c->home, TROTH_CONTROL_NAME, 0); /* gone already: as wanted */
	(void)close(c->lock);
	(void)close(c->home);
	free(c);
}

static void take_next(struct troth_control *c);

static void on_client_closed(uv_handle_t *handle)
{
	struct client *client = handle->data;
	struct troth_control *c = client->control;
	if (--client->open > 0)
		return;
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		if (c->clients[i] == client)
			c->clients[i] = NULL;
	free(client->answer);
	free(client);
	if (!c->closing)
		take_next(c);
	check_closed(c);
}

static void drop(struct client *client)
{
	if (uv_is_closing((uv_handle_t *)&client->pipe))
		return;
	uv_close((uv_handle_t *)&client->pipe, on_client_closed);
	uv_close((uv_handle_t *)&client->timer, on_client_closed);
}

static void on_overdue(uv_timer_t *timer)
{
	drop(timer->data);
}

static void on_written(uv_write_t *write, int status)
{
	(void)status; /* whoever asked has gone: nobody is left to be told */
	drop(write->data);
}

static void answer(struct client *client)
{
	struct troth_control *c = client->control;
	json_t *request = json_loadb(client->line, client->len, JSON_REJECT_DUPLICATES, NULL);
	json_t *object = json_is_object(request) && !c->closing
				 ? c->params.answer(c->params.user, request)
				 : NULL;
	if (object == NULL)
		object = json_pack("{s:s}", "error", "unsupported");
	client->answered = true;
	client->answer = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);
	json_decref(object);
	json_decref(request);
	static char end[] = "\n";
	const uv_buf_t parts[] = {
		uv_buf_init(client->answer,
			    client->answer != NULL ? (unsigned)strlen(client->answer) : 0),
		uv_buf_init(end, 1)};
	client->write.data = client;
	if (client->answer == NULL ||
	    uv_write(&client->write, (uv_stream_t *)&client->pipe, parts, 2, on_written) != 0)
		drop(client);
}

static void on_alloc(uv_handle_t *handle, size_t wanted, uv_buf_t *out)
{
	struct client *client = handle->data;
	(void)wanted;
	*out = uv_buf_init(client->line + client->len,
			   (unsigned)(sizeof client->line - client->len));
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
	struct client *client = stream->data;
	(void)buf;
	if (client->answered)
		return;
	if (got < 0) { /* too long a line comes as UV_ENOBUFS */
		drop(client);
		return;
	}
	client->len += (size_t)got;
	const char *end = memchr(client->line, '\n', client->len);
	if (end == NULL)
		return;
	client->len = (size_t)(end - client->line);
	(void)uv_read_stop(stream);
	answer(client);
}

/* The file's rights say so already; this holds where a file system doesn't. */
static bool is_ours(uv_pipe_t *pipe)
{
	struct ucred peer;
	socklen_t len = sizeof peer;
	uv_os_fd_t fd;
	return uv_fileno((uv_handle_t *)pipe, &fd) == 0 &&
	       getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	       (peer.uid == geteuid() || peer.uid == 0);
}

/* libuv listens no more until one that it was told of is accepted: where there was no place, that
 * is when somebody has left. */
static void take_next(struct troth_control *c)
{
	struct client **slot = c->clients;
	while (slot < c->clients + CLIENTS_MAX && *slot != NULL)
		slot++;
	struct client *client =
		c->waiting && slot < c->clients + CLIENTS_MAX ? calloc(1, sizeof *client) : NULL;
	if (client == NULL)
		return;
	*slot = client;
	c->waiting = false;
	client->control = c;
	client->open = 2;
	(void)uv_pipe_init(c->params.loop, &client->pipe, 0);
	(void)uv_timer_init(c->params.loop, &client->timer);
	client->pipe.data = client->timer.data = client;
	if (uv_accept((uv_stream_t *)&c->pipe, (uv_stream_t *)&client->pipe) != 0 ||
	    !is_ours(&client->pipe) ||
	    uv_read_start((uv_stream_t *)&client->pipe, on_alloc, on_read) != 0 ||
	    uv_timer_start(&client->timer, on_overdue, TROTH_CONTROL_MS, 0) != 0)
		drop(client);
}

static void on_connection(uv_stream_t *server, int status)
{
	struct troth_control *c = server->data;
	if (status != 0)
		return;
	c->waiting = true;
	take_next(c);
}

/* ---- life ---- */

/* Effect: whoever has the lock has the socket; one that a dead process left is removed. */
static int take(struct troth_control *c)
{
	c->home = open(c->params.home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (c->home < 0)
		return TROTH_E_IO;
	c->lock = openat(c->home, LOCK, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (c->lock < 0)
		return TROTH_E_IO;
	if (flock(c->lock, LOCK_EX | LOCK_NB) != 0)
		return errno == EWOULDBLOCK ? TROTH_E_BUSY : TROTH_E_IO;
	return unlinkat(c->home, TROTH_CONTROL_NAME, 0) == 0 || errno == ENOENT ? TROTH_OK
										: TROTH_E_IO;
}

/* Nobody can connect before it listens, and then its rights are set. */
static int listen_there(struct troth_control *c)
{
	struct sockaddr_un address;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool good = fd >= 0 && troth_control_address(c->home, &address) == TROTH_OK &&
		    bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
		    fchmodat(c->home, TROTH_CONTROL_NAME, 0600, 0) == 0;
	int failed = good ? uv_pipe_open(&c->pipe, fd) : 0;
	if (fd >= 0 && (!good || failed != 0))
		(void)close(fd);
	if (good && failed == 0)
		failed = uv_listen((uv_stream_t *)&c->pipe, CLIENTS_MAX, on_connection);
	errno = failed < 0 ? -failed : errno;
	return good && failed == 0 ? TROTH_OK : TROTH_E_IO;
}

static void on_closed(uv_handle_t *handle)
{
	struct troth_control *c = handle->data;
	c->closed = true;
	check_closed(c);
}

static void give_up(struct troth_control *c)
{
	int why = errno;
	if (c->lock >= 0)
		(void)close(c->lock);
	if (c->home >= 0)
		(void)close(c->home);
	free(c);
	errno = why;
}

int troth_control_open(struct troth_control **out, const struct troth_control_params *params)
{
	struct troth_control *c = calloc(1, sizeof *c);
	if (c == NULL)
		return TROTH_E_NOMEM;
	c->params = *params;
	c->home = c->lock = -1;
	int err = take(c);
	if (err != TROTH_OK) {
		give_up(c);
		return err;
	}
	(void)uv_pipe_init(params->loop, &c->pipe, 0); /* always 0 */
	c->pipe.data = c;
	err = listen_there(c);
	if (err == TROTH_OK)
		*out = c;
	else
		troth_control_close(c);
	return err;
}

void troth_control_close(struct troth_control *c)
{
	if (c == NULL || c->closing)
		return;
	c->closing = true;
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		if (c->clients[i] != NULL)
			drop(c->clients[i]);
	uv_close((uv_handle_t *)&c->pipe, on_closed);
}
