/* SPDX-License-Identifier: MIT */
/* A program's life: run, listened to, begun again, ended. Layer: cli. */
#include "cli/bot/program.h"

#include "base/slice.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

#define LINE_MAX_BYTES ((size_t)512 * 1024) /* more than the largest message */
#define NOTE_MAX_BYTES ((size_t)4 * 1024)
#define QUEUE_MAX_BYTES ((size_t)4 * 1024 * 1024)
#define LAST_WORDS_MS 1000 /* from its end to that of its output, which others may hold open */
#define CHUNK 16384

const struct troth_program_pace troth_program_pace = {1000, 300000, 60000, 5000};

enum state {
	STATE_PAUSED,  /* the timer begins it again */
	STATE_RUNNING, /* the process is there; the timer is SIGKILL's once it was told to end */
	STATE_DYING,   /* it has ended: its last words are read; the timer limits that */
	STATE_CLOSING, /* its handles are being closed */
	STATE_OVER     /* of the whole: the timer is being closed */
};

struct input {
	uv_pipe_t pipe;
	struct troth_buf unread;
	bool skips; /* the rest of a line that was too long */
	size_t max;
};

struct troth_program {
	struct troth_program_params params;
	enum state state;
	bool ends; /* for good */
	uv_process_t process;
	uv_pipe_t in;
	struct input out, err;
	uv_timer_t timer;
	unsigned open; /* handles of this run */
	bool spawned;  /* its process is one of them */
	int failed;    /* of libuv: why it couldn't be run */
	unsigned ended;
	uint64_t began_at;
	char chunk[CHUNK];
};

static void run(struct troth_program *p);

uint64_t troth_program_pause(const struct troth_program_pace *pace, unsigned ends)
{
	uint64_t pause = pace->first;
	for (unsigned i = 1; i < ends && pause < pace->most; i++)
		pause *= 2;
	return pause < pace->most ? pause : pace->most;
}

static void tell(struct troth_program *p, const char *format, ...) TROTH_PRINTF(2, 3);
static void tell(struct troth_program *p, const char *format, ...)
{
	char text[256];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	p->params.note(p->params.user, text);
}

static void set_timer(struct troth_program *p, uv_timer_cb callback, uint64_t ms)
{
	(void)uv_timer_start(&p->timer, callback, ms, 0); /* fails only without callback */
}

/* ---- its end ---- */

static void on_timer_closed(uv_handle_t *handle)
{
	struct troth_program *p = handle->data;
	troth_buf_fini(&p->out.unread);
	troth_buf_fini(&p->err.unread);
	free(p);
}

static void finish(struct troth_program *p)
{
	p->state = STATE_OVER;
	uv_close((uv_handle_t *)&p->timer, on_timer_closed);
}

static void on_pause_over(uv_timer_t *timer)
{
	run(timer->data);
}

static void on_handle_closed(uv_handle_t *handle)
{
	struct troth_program *p = handle->data;
	if (--p->open > 0)
		return;
	troth_buf_clear(&p->out.unread);
	troth_buf_clear(&p->err.unread);
	if (p->ends) {
		finish(p);
		return;
	}
	p->state = STATE_PAUSED;
	uint64_t pause = troth_program_pause(p->params.pace, p->ended);
	tell(p, "It is begun again in %llu s.", (unsigned long long)(pause + 999) / 1000);
	set_timer(p, on_pause_over, pause);
}

static void close_all(struct troth_program *p)
{
	uv_handle_t *const all[] = {(uv_handle_t *)&p->in, (uv_handle_t *)&p->out.pipe,
				    (uv_handle_t *)&p->err.pipe, (uv_handle_t *)&p->process};
	p->state = STATE_CLOSING;
	(void)uv_timer_stop(&p->timer);
	for (size_t i = 0; i < (p->spawned ? 4 : 3); i++)
		if (!uv_is_closing(all[i]))
			uv_close(all[i], on_handle_closed);
}

static void on_last_words(uv_timer_t *timer)
{
	close_all(timer->data);
}

static bool has_said_all(const struct troth_program *p)
{
	return !uv_is_active((const uv_handle_t *)&p->out.pipe) &&
	       !uv_is_active((const uv_handle_t *)&p->err.pipe);
}

static void on_exit_of(uv_process_t *process, int64_t status, int number)
{
	struct troth_program *p = process->data;
	if (p->state != STATE_RUNNING)
		return;
	if (uv_now(p->params.loop) - p->began_at >= p->params.pace->stable)
		p->ended = 0;
	p->ended++;
	if (!p->ends && number != 0)
		tell(p, "It was ended by signal %d (%s).", number, strsignal(number));
	else if (!p->ends)
		tell(p, "It has ended with status %lld.", (long long)status);
	p->state = STATE_DYING;
	set_timer(p, on_last_words, LAST_WORDS_MS);
	if (has_said_all(p))
		close_all(p);
}

/* The whole group, which is its own: while it hasn't been waited for, nobody else has its number.
 */
static void signal_all(struct troth_program *p, int number)
{
	if (p->state == STATE_RUNNING && p->process.pid > 0)
		(void)kill(-p->process.pid, number); /* gone already: that is what was wanted */
}

static void on_grace_over(uv_timer_t *timer)
{
	signal_all(timer->data, SIGKILL);
}

static void stop(struct troth_program *p)
{
	if (uv_is_closing((uv_handle_t *)&p->in))
		return; /* told already */
	uv_close((uv_handle_t *)&p->in, on_handle_closed);
	signal_all(p, SIGTERM);
	set_timer(p, on_grace_over, p->params.pace->grace);
}

void troth_program_end(struct troth_program *p)
{
	if (p == NULL || p->ends)
		return;
	p->ends = true;
	switch (p->state) {
	case STATE_PAUSED:
		finish(p);
		break;
	case STATE_RUNNING:
		stop(p);
		break;
	case STATE_DYING:
		close_all(p);
		break;
	case STATE_CLOSING:
	case STATE_OVER:
		break;
	}
}

/* ---- what it says ---- */

static void take_line(struct troth_program *p, struct input *i, struct troth_slice line)
{
	if (line.len > 0 && line.data[line.len - 1] == '\r')
		line.len--;
	bool told = p->ends || uv_is_closing((uv_handle_t *)&p->in); /* that it is to end */
	if (i->skips || line.len == 0)
		return;
	if (i == &p->out) {
		if (!told)
			p->params.line(p->params.user, line);
		return;
	}
	char *text = strndup((const char *)line.data, line.len);
	if (text != NULL)
		p->params.note(p->params.user, text);
	free(text);
}

/* A line that is too long can't be understood, nor what follows be trusted to be lines. */
static void too_long(struct troth_program *p, struct input *i)
{
	troth_buf_clear(&i->unread);
	i->skips = true;
	if (i == &p->err || p->ends)
		return;
	tell(p, "It wrote a line of more than %zu bytes: it is ended.", i->max);
	stop(p);
}

static void take(struct troth_program *p, struct input *i, const char *bytes, size_t len)
{
	const char *end;
	while ((end = memchr(bytes, '\n', len)) != NULL) {
		size_t piece = (size_t)(end - bytes);
		bool fits = troth_buf_append(&i->unread, bytes, piece) == TROTH_OK;
		if (fits)
			take_line(p, i, troth_buf_slice(&i->unread));
		else
			too_long(p, i);
		troth_buf_clear(&i->unread);
		i->skips = false;
		bytes += piece + 1;
		len -= piece + 1;
	}
	if (!i->skips && troth_buf_append(&i->unread, bytes, len) != TROTH_OK)
		too_long(p, i);
}

static void on_alloc(uv_handle_t *handle, size_t wanted, uv_buf_t *out)
{
	struct troth_program *p = handle->data;
	(void)wanted;
	*out = uv_buf_init(p->chunk, sizeof p->chunk);
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
	struct troth_program *p = stream->data;
	struct input *i = stream == (uv_stream_t *)&p->out.pipe ? &p->out : &p->err;
	if (got >= 0) {
		take(p, i, buf->base, (size_t)got);
		return;
	}
	(void)uv_read_stop(stream);
	/* Its output may end long before it does, if it has nothing to say. */
	if (p->state == STATE_DYING && has_said_all(p))
		close_all(p);
}

/* ---- what it is told ---- */

struct saying {
	uv_write_t request;
	char bytes[];
};

static void on_said(uv_write_t *request, int status)
{
	(void)status; /* a program that doesn't listen has ended, or is about to */
	free(request->data);
}

void troth_program_say(struct troth_program *p, struct troth_slice line)
{
	if (p->state != STATE_RUNNING || uv_is_closing((uv_handle_t *)&p->in))
		return;
	if (uv_stream_get_write_queue_size((uv_stream_t *)&p->in) > QUEUE_MAX_BYTES) {
		tell(p, "It doesn't read what it is told: it is ended.");
		stop(p);
		return;
	}
	struct saying *s = malloc(sizeof *s + line.len + 1);
	if (s == NULL) {
		tell(p, "There is no memory to tell it what happened: it is ended.");
		stop(p);
		return;
	}
	memcpy(s->bytes, line.data, line.len);
	s->bytes[line.len] = '\n';
	s->request.data = s;
	const uv_buf_t buf = uv_buf_init(s->bytes, (unsigned)line.len + 1);
	if (uv_write(&s->request, (uv_stream_t *)&p->in, &buf, 1, on_said) != 0)
		free(s);
}

/* ---- its beginning ---- */

static int spawn(struct troth_program *p)
{
	char **environment = troth_program_environment(p->params.pass);
	uv_stdio_container_t stdio[3] = {
		{.flags = UV_CREATE_PIPE | UV_READABLE_PIPE, .data.stream = (uv_stream_t *)&p->in},
		{.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
		 .data.stream = (uv_stream_t *)&p->out.pipe},
		{.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
		 .data.stream = (uv_stream_t *)&p->err.pipe},
	};
	const uv_process_options_t options = {
		.exit_cb = on_exit_of,
		.file = p->params.argv[0],
		.args = (char **)p->params.argv,
		.env = environment,
		.flags = UV_PROCESS_DETACHED, /* setsid(2) */
		.stdio_count = 3,
		.stdio = stdio,
	};
	int failed = UV_ENOMEM;
	if (environment != NULL && troth_program_keep_descriptors() == TROTH_OK) {
		p->spawned = true; /* the handle has to be closed, also where it fails */
		failed = uv_spawn(p->params.loop, &p->process, &options);
	}
	troth_program_environment_free(environment);
	return failed;
}

static void run(struct troth_program *p)
{
	uv_pipe_t *const pipes[] = {&p->in, &p->out.pipe, &p->err.pipe};
	for (size_t i = 0; i < 3; i++) {
		(void)uv_pipe_init(p->params.loop, pipes[i], 0); /* always 0 */
		pipes[i]->data = p;
	}
	p->process.data = p;
	p->spawned = false;
	p->out.skips = p->err.skips = false;
	p->began_at = uv_now(p->params.loop);
	p->state = STATE_RUNNING;
	p->failed = spawn(p);
	p->open = p->spawned ? 4 : 3;
	if (p->failed == 0)
		p->failed = uv_read_start((uv_stream_t *)&p->out.pipe, on_alloc, on_read);
	if (p->failed == 0)
		p->failed = uv_read_start((uv_stream_t *)&p->err.pipe, on_alloc, on_read);
	if (p->failed == 0) {
		if (p->params.began != NULL)
			p->params.began(p->params.user);
		return;
	}
	p->ended++;
	if (p->ended > 1)
		tell(p, "It can't be run: %s.", uv_strerror(p->failed));
	close_all(p);
}

int troth_program_start(struct troth_program **out, const struct troth_program_params *params,
			const char **why)
{
	struct troth_program *p = calloc(1, sizeof *p);
	if (p == NULL)
		return TROTH_E_NOMEM;
	p->params = *params;
	if (p->params.pace == NULL)
		p->params.pace = &troth_program_pace;
	p->out.max = LINE_MAX_BYTES;
	p->err.max = NOTE_MAX_BYTES;
	troth_buf_init(&p->out.unread, p->out.max);
	troth_buf_init(&p->err.unread, p->err.max);
	(void)uv_timer_init(params->loop, &p->timer); /* always 0 */
	p->timer.data = p;
	run(p);
	if (p->failed == 0) {
		*out = p;
		return TROTH_OK;
	}
	p->ends = true; /* it frees itself once its handles are closed */
	*why = uv_strerror(p->failed);
	return TROTH_E_IO;
}
