/* SPDX-License-Identifier: MIT */
/* The line to the worker. Layer: server. */
#include "server/wire.h"

#include "base/limits.h"
#include "base/slice.h"
#include "server/worker.h"

#include <signal.h>
#include <stdlib.h>
#include <troth/err.h>

#define READ_BYTES ((size_t)64 * 1024)
/* A frame, behind so much that isn't sent at once. */
#define OUT_BYTES (TROTH_LIMIT_FRAME_BYTES + TROTH_FRAME_HEAD + READ_BYTES)

struct troth_wire {
	struct troth_wire_callbacks callbacks;
	uv_pipe_t pipe;
	uv_process_t process;
	uv_prepare_t prepare;
	struct troth_buf in;
	struct troth_buf out; /* said in this turn of the loop: the worker wakes once for it */
	int open;             /* handles that aren't closed */
	bool running;         /* it is ours to kill: not reaped yet */
	bool ending;
	bool broken;
};

/* What the pipe had no room for. */
struct sending {
	uv_write_t request;
	struct troth_buf bytes;
};

static void closed(uv_handle_t *handle)
{
	struct troth_wire *w = handle->data;
	if (--w->open > 0)
		return;
	if (w->callbacks.gone != NULL)
		w->callbacks.gone(w->callbacks.user);
	troth_buf_fini(&w->in);
	troth_buf_fini(&w->out);
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
	uv_close((uv_handle_t *)&w->prepare, closed);
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
	troth_buf_init(&w->out, OUT_BYTES);
	w->pipe.data = w->process.data = w->prepare.data = w;
	if (uv_pipe_init(loop, &w->pipe, 0) != 0) {
		free(w);
		return TROTH_E_IO;
	}
	(void)uv_prepare_init(loop, &w->prepare); /* never fails */
	/* A process handle is the loop's also when it couldn't be started. */
	w->open = 3;
	if (start(w, loop) != 0 || uv_read_start((uv_stream_t *)&w->pipe, room, arrived) != 0) {
		troth_wire_end(w);
		return TROTH_E_IO;
	}
	w->callbacks = *callbacks;
	*out = w;
	return TROTH_OK;
}

/* ---- sending ---- */

static void sent(uv_write_t *request, int status)
{
	struct sending *s = (struct sending *)request;
	struct troth_wire *w = request->handle->data;
	troth_buf_fini(&s->bytes);
	free(s);
	if (status < 0)
		broken(w);
}

/* Effect: the loop sends what is left, and owns it until then. */
static int send_later(struct troth_wire *w)
{
	struct sending *s = malloc(sizeof *s);
	if (s == NULL)
		return TROTH_E_NOMEM;
	s->bytes = w->out;
	struct troth_slice rest = troth_buf_slice(&s->bytes);
	uv_buf_t buf = uv_buf_init((char *)rest.data, (unsigned)rest.len);
	if (uv_write(&s->request, (uv_stream_t *)&w->pipe, &buf, 1, sent) != 0) {
		free(s);
		return TROTH_E_IO;
	}
	troth_buf_init(&w->out, OUT_BYTES);
	return TROTH_OK;
}

static int flush(struct troth_wire *w)
{
	struct troth_slice all = troth_buf_slice(&w->out);
	uv_buf_t buf = uv_buf_init((char *)all.data, (unsigned)all.len);
	if (all.len == 0)
		return TROTH_OK;
	int n = uv_try_write((uv_stream_t *)&w->pipe, &buf, 1);
	if (n < 0 && n != UV_EAGAIN)
		return TROTH_E_IO;
	if (n > 0)
		troth_buf_consume(&w->out, (size_t)n);
	return troth_buf_len(&w->out) > 0 ? send_later(w) : TROTH_OK;
}

/* The loop is about to wait. */
static void on_prepare(uv_prepare_t *prepare)
{
	struct troth_wire *w = prepare->data;
	(void)uv_prepare_stop(prepare); /* never fails */
	if (flush(w) != TROTH_OK)
		broken(w);
}

int troth_wire_send(struct troth_wire *w, enum troth_frame_type type, struct troth_slice body)
{
	uint8_t head[TROTH_FRAME_HEAD];
	if (body.len > TROTH_LIMIT_FRAME_BYTES)
		return TROTH_E_LIMIT;
	if (w->ending || w->broken)
		return TROTH_E_IO;
	int err = troth_buf_len(&w->out) >= READ_BYTES ? flush(w) : TROTH_OK;
	if (err != TROTH_OK)
		return err;
	size_t before = troth_buf_len(&w->out);
	troth_frame_head(head, type, body.len);
	err = troth_buf_append(&w->out, head, sizeof head);
	if (err == TROTH_OK)
		err = troth_buf_append_slice(&w->out, body);
	if (err == TROTH_OK && uv_prepare_start(&w->prepare, on_prepare) != 0)
		err = TROTH_E_IO;
	if (err != TROTH_OK)
		troth_buf_truncate(&w->out, before);
	return err;
}

size_t troth_wire_unsent(const struct troth_wire *w)
{
	return troth_buf_len(&w->out) +
	       uv_stream_get_write_queue_size((const uv_stream_t *)&w->pipe);
}
