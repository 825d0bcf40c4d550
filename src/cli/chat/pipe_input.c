/* SPDX-License-Identifier: MIT */
/* Standard input as bytes. Layer: cli. */
#include "cli/chat/pipe_input.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <troth/err.h>
#include <unistd.h>

#define PIECE 16384

static void read_piece(struct troth_pipe_input *in)
{
	uint8_t bytes[PIECE];
	ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) { /* what can't be read has ended */
		troth_pipe_input_run(in, false);
		in->over = true;
		n = 0;
	}
	in->arrived(in->user, (struct troth_slice){bytes, (size_t)n});
	sodium_memzero(bytes, sizeof bytes);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	read_piece(poll->data);
}

static void on_idle(uv_idle_t *idle)
{
	read_piece(idle->data);
}

int troth_pipe_input_init(struct troth_pipe_input *in, uv_loop_t *loop)
{
	in->flags = fcntl(STDIN_FILENO, F_GETFL);
	in->file = uv_guess_handle(STDIN_FILENO) == UV_FILE;
	int failed = in->file ? uv_idle_init(loop, &in->idle)
			      : uv_poll_init(loop, &in->poll, STDIN_FILENO);
	if (in->flags < 0 || failed != 0)
		return TROTH_E_IO;
	in->idle.data = in;
	in->poll.data = in;
	in->open = true;
	return TROTH_OK;
}

void troth_pipe_input_run(struct troth_pipe_input *in, bool on)
{
	if (!in->open || in->over)
		return;
	/* They fail only while closing. */
	if (in->file)
		(void)(on ? uv_idle_start(&in->idle, on_idle) : uv_idle_stop(&in->idle));
	else
		(void)(on ? uv_poll_start(&in->poll, UV_READABLE, on_readable)
			  : uv_poll_stop(&in->poll));
}

void troth_pipe_input_close(struct troth_pipe_input *in)
{
	if (!in->open)
		return;
	in->open = false;
	uv_close(in->file ? (uv_handle_t *)&in->idle : (uv_handle_t *)&in->poll, NULL);
	/* Others have this descriptor, too: the shell. */
	(void)fcntl(STDIN_FILENO, F_SETFL, in->flags);
}
