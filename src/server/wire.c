/* SPDX-License-Identifier: MIT */
/* The line to the worker. Layer: server. */
#include "server/wire.h"

#include "base/limits.h"
#include "base/slice.h"
#include "server/worker.h"

#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <troth/err.h>

#define READ_BYTES ((size_t)64 * 1024)

struct troth_wire {
	struct troth_wire_callbacks callbacks;
	uv_pipe_t pipe;
	uv_process_t process;
	struct troth_buf in;
	int open;     /* handles that aren't closed */
	bool running; /* it is ours to kill: not reaped yet */
	bool ending;
	bool broken;
};

struct sending {
	uv_write_t request;
	size_t len;
	uint8_t bytes[];
};

static void closed(uv_handle_t *handle)
{
	struct troth_wire *w = handle->data;
	if (--w->open > 0)
		return;
	if (w->callbacks.gone != NULL)
		w->callbacks.gone(w->callbacks.user);
	troth_buf_fini(&w->in);
	free(w);
}

void troth_wire_end(struct troth_wire *w)
{
	if (w->ending)
		return;
	w->ending = true;
	/* It has nothing to lose: whoever ends in order has waited for that before. */
	if (w->running)
		(void)uv_process_kill(&w->process, SIGKILL);
	uv_close((uv_handle_t *)&w->pipe, closed);
	uv_close((uv_handle_t *)&w->process, closed);
}

static void broken(struct troth_wire *w)
{
	if (w->broken || w->ending)
		return;
	w->broken = true;
	(void)uv_read_stop((uv_stream_t *)&w->pipe);
	w->callbacks.broken(w->callbacks.user);
}

/* The end of the pipe follows, and what was said before it is read first. */
static void exited(uv_process_t *process, int64_t status, int signal_number)
{
	struct troth_wire *w = process->data;
	(void)status;
	(void)signal_number;
	w->running = false;
}

static void room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct troth_wire *w = handle->data;
	uint8_t *at;
	(void)suggested;
	if (troth_buf_reserve(&w->in, READ_BYTES, &at) == TROTH_OK)
		*buf = uv_buf_init((char *)at, READ_BYTES);
	else
		*buf = uv_buf_init(NULL, 0);
}

static void arrived(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct troth_wire *w = stream->data;
	struct troth_frame frame;
	int err;
	(void)buf;
	if (n < 0) {
		broken(w);
		return;
	}
	troth_buf_commit(&w->in, (size_t)n);
	while ((err = troth_frame_next(&frame, troth_buf_slice(&w->in))) == TROTH_OK) {
		w->callbacks.frame(w->callbacks.user, &frame);
		if (w->ending)
			return;
		troth_buf_consume(&w->in, frame.size);
	}
	if (err != TROTH_E_NOT_FOUND)
		broken(w);
}

static int start(struct troth_wire *w, uv_loop_t *loop)
{
	char program[] = "/proc/self/exe";
	char name[] = "troth";
	char argument[] = TROTH_WORKER_ARGUMENT;
	char *args[] = {name, argument, NULL};
	uv_stdio_container_t stdio[3] = {
		{.flags = UV_CREATE_PIPE | UV_READABLE_PIPE | UV_WRITABLE_PIPE,
		 .data.stream = (uv_stream_t *)&w->pipe},
		{.flags = UV_IGNORE},
		{.flags = UV_INHERIT_FD, .data.fd = 2},
	};
	const uv_process_options_t options = {
		.exit_cb = exited,
		.file = program,
		.args = args,
		.stdio = stdio,
		.stdio_count = 3,
		/* setsid(2): Ctrl-C on the terminal is for us, and the worker is still needed to
		 * sign off; else the server shows us as online for minutes. It ends with the pipe.
		 */
		.flags = UV_PROCESS_DETACHED,
	};
	int err = uv_spawn(loop, &w->process, &options);
	w->running = err == 0;
	return err;
}

int troth_wire_new(struct troth_wire **out, uv_loop_t *loop,
		   const struct troth_wire_callbacks *callbacks)
{
	struct troth_wire *w = calloc(1, sizeof *w);
	if (w == NULL)
		return TROTH_E_NOMEM;
	troth_buf_init(&w->in, TROTH_LIMIT_FRAME_BYTES + 2 * READ_BYTES);
	w->pipe.data = w->process.data = w;
	if (uv_pipe_init(loop, &w->pipe, 0) != 0) {
		free(w);
		return TROTH_E_IO;
	}
	/* A process handle is the loop's also when it couldn't be started. */
	w->open = 2;
	if (start(w, loop) != 0 || uv_read_start((uv_stream_t *)&w->pipe, room, arrived) != 0) {
		troth_wire_end(w);
		return TROTH_E_IO;
	}
	w->callbacks = *callbacks;
	*out = w;
	return TROTH_OK;
}

static void sent(uv_write_t *request, int status)
{
	struct sending *s = (struct sending *)request;
	struct troth_wire *w = request->handle->data;
	sodium_memzero(s->bytes, s->len);
	free(s);
	if (status < 0)
		broken(w);
}

int troth_wire_send(struct troth_wire *w, enum troth_frame_type type, struct troth_slice body)
{
	if (body.len > TROTH_LIMIT_FRAME_BYTES)
		return TROTH_E_LIMIT;
	if (w->ending || w->broken)
		return TROTH_E_IO;
	struct sending *s = malloc(sizeof *s + TROTH_FRAME_HEAD + body.len);
	if (s == NULL)
		return TROTH_E_NOMEM;
	s->len = TROTH_FRAME_HEAD + body.len;
	troth_frame_head(s->bytes, type, body.len);
	if (body.len > 0)
		memcpy(s->bytes + TROTH_FRAME_HEAD, body.data, body.len);
	uv_buf_t buf = uv_buf_init((char *)s->bytes, (unsigned)s->len);
	if (uv_write(&s->request, (uv_stream_t *)&w->pipe, &buf, 1, sent) != 0) {
		sodium_memzero(s->bytes, s->len);
		free(s);
		return TROTH_E_IO;
	}
	return TROTH_OK;
}

size_t troth_wire_unsent(const struct troth_wire *w)
{
	return uv_stream_get_write_queue_size((const uv_stream_t *)&w->pipe);
}
