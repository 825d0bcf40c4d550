/* SPDX-License-Identifier: MIT */
/* TCP as a transport. Layer: io. Knows nothing of what it carries. */
#include "io/tcp.h"

#include "io/where.h"

#include <linux/sockios.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <troth/err.h>

#define READ_BYTES 16384
#define WRITE_BYTES 65536
#define KEEPALIVE_SECONDS 60

struct tcp {
	struct troth_transport transport;
	uv_tcp_t *handle;
	uv_shutdown_t shutdown;
	bool closed;
	char where[TROTH_WHERE_TEXT];
	char bytes[READ_BYTES];
};

struct outgoing {
	uv_write_t request;
	struct tcp *tcp;
	char bytes[];
};

static struct tcp *tcp_of(struct troth_transport *t)
{
	return (struct tcp *)t;
}

/* ---- receiving ---- */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct tcp *t = handle->data;
	(void)suggested;
	*buf = uv_buf_init(t->bytes, sizeof t->bytes);
}

static void on_read(uv_stream_t *handle, ssize_t len, const uv_buf_t *buf)
{
	struct tcp *t = handle->data;
	if (len == 0 || t->closed)
		return;
	if (len < 0) { /* the end, or an error: nothing more will come either way */
		(void)uv_read_stop(handle);
		t->transport.events.ended(t->transport.events.user);
		return;
	}
	struct troth_slice bytes = {(const uint8_t *)buf->base, (size_t)len};
	t->transport.events.arrived(t->transport.events.user, bytes);
}

static int start(struct troth_transport *transport)
{
	uv_stream_t *handle = (uv_stream_t *)tcp_of(transport)->handle;
	int rc = uv_read_start(handle, on_alloc, on_read);
	return rc == 0 || rc == UV_EALREADY ? TROTH_OK : TROTH_E_IO;
}

static int stop(struct troth_transport *transport)
{
	uv_stream_t *handle = (uv_stream_t *)tcp_of(transport)->handle;
	return uv_read_stop(handle) == 0 ? TROTH_OK : TROTH_E_IO;
}

/* ---- sending ---- */

static void on_written(uv_write_t *request, int status)
{
	struct outgoing *o = (struct outgoing *)request;
	struct tcp *t = o->tcp;
	free(o);
	if (!t->closed)
		t->transport.events.written(t->transport.events.user,
					    status == 0 ? TROTH_OK : TROTH_E_IO);
}

static int write_some(struct troth_transport *transport, struct troth_slice bytes, size_t *taken)
{
	struct tcp *t = tcp_of(transport);
	size_t len = bytes.len < WRITE_BYTES ? bytes.len : WRITE_BYTES;
	struct outgoing *o = malloc(sizeof *o + len);
	if (o == NULL)
		return TROTH_E_NOMEM;
	o->tcp = t;
	memcpy(o->bytes, bytes.data, len);
	uv_buf_t buf = uv_buf_init(o->bytes, (unsigned)len);
	if (uv_write(&o->request, (uv_stream_t *)t->handle, &buf, 1, on_written) != 0) {
		free(o);
		return TROTH_E_IO;
	}
	*taken = len;
	return TROTH_OK;
}

static size_t waiting(const struct troth_transport *transport)
{
	const struct tcp *t = (const struct tcp *)transport;
	return uv_stream_get_write_queue_size((const uv_stream_t *)t->handle);
}

size_t troth_tcp_unacknowledged(const struct troth_transport *tcp)
{
	const struct tcp *t = (const struct tcp *)tcp;
	uv_os_fd_t fd;
	int queued = 0;
	if (uv_fileno((const uv_handle_t *)t->handle, &fd) != 0 ||
	    ioctl(fd, SIOCOUTQ, &queued) != 0 || queued < 0)
		queued = 0;
	return waiting(tcp) + (size_t)queued;
}

/* ---- the end ---- */

static void on_shutdown(uv_shutdown_t *request, int status)
{
	struct tcp *t = request->data;
	if (!t->closed)
		t->transport.events.finished(t->transport.events.user,
					     status == 0 ? TROTH_OK : TROTH_E_IO);
}

static int finish(struct troth_transport *transport)
{
	struct tcp *t = tcp_of(transport);
	t->shutdown.data = t;
	int rc = uv_shutdown(&t->shutdown, (uv_stream_t *)t->handle, on_shutdown);
	return rc == 0 ? TROTH_OK : TROTH_E_IO;
}

static void on_closed(uv_handle_t *handle)
{
	struct tcp *t = handle->data;
	if (t->transport.events.closed != NULL)
		t->transport.events.closed(t->transport.events.user);
	free(t->handle);
	free(t);
}

static void close_it(struct troth_transport *transport)
{
	struct tcp *t = tcp_of(transport);
	t->closed = true;
	uv_close((uv_handle_t *)t->handle, on_closed);
}

/* ---- the beginning ---- */

static void read_where(struct tcp *t)
{
	struct sockaddr_storage peer;
	int len = (int)sizeof peer;
	memset(&peer, 0, sizeof peer);
	(void)uv_tcp_getpeername(t->handle, (struct sockaddr *)&peer,
				 &len); /* "?" when gone already */
	troth_where_write(t->where, (const struct sockaddr *)&peer);
}

static void free_handle(uv_handle_t *handle)
{
	free(handle);
}

int troth_tcp_new(struct troth_transport **out, uv_tcp_t *tcp)
{
	static const struct troth_transport_kind kind = {
		.start = start,
		.stop = stop,
		.write = write_some,
		.waiting = waiting,
		.finish = finish,
		.close = close_it,
	};
	struct tcp *t = calloc(1, sizeof *t);
	if (t == NULL) {
		uv_close((uv_handle_t *)tcp, free_handle);
		return TROTH_E_NOMEM;
	}
	t->transport.kind = &kind;
	t->handle = tcp;
	tcp->data = t;
	read_where(t);
	t->transport.where = t->where;
	if (uv_tcp_nodelay(tcp, 1) != 0 || uv_tcp_keepalive(tcp, 1, KEEPALIVE_SECONDS) != 0) {
		close_it(&t->transport);
		return TROTH_E_IO;
	}
	*out = &t->transport;
	return TROTH_OK;
}
