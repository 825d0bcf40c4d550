/* SPDX-License-Identifier: MIT */
/* SOCKS5 on TCP, in turns. Layer: io. Writes only when nothing is to be read, and reads only
 * when all was written: so a connection that is handed on has no request under way. */
#include "io/socks5_line.h"

#include <troth/err.h>

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct troth_socks5_line *line = handle->data;
	(void)suggested;
	/* No more than is wanted: what follows is the stream's. */
	*buf = uv_buf_init(line->in, (unsigned)troth_socks5_wants(&line->socks));
}

static void on_read(uv_stream_t *tcp, ssize_t len, const uv_buf_t *buf)
{
	struct troth_socks5_line *line = tcp->data;
	if (len == 0)
		return;
	if (len < 0) {
		(void)uv_read_stop(tcp);
		line->turn(line, TROTH_E_UNREACHABLE);
		return;
	}
	struct troth_slice bytes = {(const uint8_t *)buf->base, (size_t)len};
	int err = troth_socks5_feed(&line->socks, bytes);
	if (err == TROTH_OK && troth_socks5_wants(&line->socks) > 0 &&
	    troth_socks5_output(&line->socks).len == 0)
		return;
	(void)uv_read_stop(tcp);
	troth_socks5_line_go(line); /* it tells what failed once the last word is said */
}

static void on_written(uv_write_t *request, int status)
{
	struct troth_socks5_line *line = request->data;
	/* Closed by its owner; what was written before that is reported afterwards, too. */
	if (status == UV_ECANCELED || uv_is_closing((const uv_handle_t *)request->handle) != 0)
		return;
	if (status != 0) {
		line->turn(line, TROTH_E_UNREACHABLE);
		return;
	}
	troth_socks5_sent(&line->socks, troth_socks5_output(&line->socks).len);
	troth_socks5_line_go(line);
}

static int write_output(struct troth_socks5_line *line)
{
	struct troth_slice out = troth_socks5_output(&line->socks);
	uv_buf_t buf = uv_buf_init((char *)out.data, (unsigned)out.len);
	line->request.data = line;
	int rc = uv_write(&line->request, (uv_stream_t *)line->tcp, &buf, 1, on_written);
	return rc == 0 ? TROTH_OK : TROTH_E_IO;
}

void troth_socks5_line_go(struct troth_socks5_line *line)
{
	int err = TROTH_OK;
	line->tcp->data = line;
	if (troth_socks5_output(&line->socks).len > 0) {
		err = write_output(line);
		if (err != TROTH_OK)
			line->turn(line, err);
		return;
	}
	switch (troth_socks5_state(&line->socks)) {
	case TROTH_SOCKS5_GREETING:
	case TROTH_SOCKS5_CONNECT:
		if (uv_read_start((uv_stream_t *)line->tcp, on_alloc, on_read) != 0)
			line->turn(line, TROTH_E_IO);
		return;
	case TROTH_SOCKS5_ASKED:
	case TROTH_SOCKS5_DONE:
		break;
	case TROTH_SOCKS5_FAILED:
		err = line->socks.err;
		break;
	}
	line->turn(line, err);
}
