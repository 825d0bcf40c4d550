/* SPDX-License-Identifier: MIT */
/*
 * AvahiPoll on libuv. Layer: lan. Knows nothing of what avahi does with it.
 *
 * A libuv handle may be released only in its close callback, one turn after avahi has
 * freed the watch: so each watch is its handle, and what avahi frees is marked dead.
 */
#include "lan/uvpoll.h"

#include <avahi-common/timeval.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct AvahiWatch {
	uv_poll_t handle;
	int fd;  /* avahi's, for its callback */
	int own; /* a duplicate: libdbus watches one descriptor twice, which a loop refuses */
	AvahiWatchEvent wanted;
	AvahiWatchEvent happened;
	AvahiWatchCallback callback;
	void *user;
	bool dead;
};

struct AvahiTimeout {
	uv_timer_t handle;
	AvahiTimeoutCallback callback;
	void *user;
};

static void on_poll(uv_poll_t *handle, int status, int events);

static void start(AvahiWatch *w)
{
	int events = UV_DISCONNECT;
	if (w->wanted & AVAHI_WATCH_IN)
		events |= UV_READABLE;
	if (w->wanted & AVAHI_WATCH_OUT)
		events |= UV_WRITABLE;
	/* Fails only for a handle that is closing. */
	(void)uv_poll_start(&w->handle, events, on_poll);
}

static AvahiWatchEvent translate(int status, int events)
{
	int e = 0;
	if (status < 0)
		/* Both: avahi-core's sockets take nothing but input, and learn the error there. */
		e |= AVAHI_WATCH_IN | AVAHI_WATCH_ERR;
	if (events & UV_READABLE)
		e |= AVAHI_WATCH_IN;
	if (events & UV_WRITABLE)
		e |= AVAHI_WATCH_OUT;
	if (events & UV_DISCONNECT)
		e |= AVAHI_WATCH_IN | AVAHI_WATCH_HUP;
	return (AvahiWatchEvent)e;
}

static void on_poll(uv_poll_t *handle, int status, int events)
{
	AvahiWatch *w = handle->data;
	if (status < 0) {
		/* An interface that went down leaves an error on a datagram socket. libuv stops
		 * watching then; taking the error off lets it start again. */
		int error;
		socklen_t len = sizeof error;
		(void)getsockopt(w->own, SOL_SOCKET, SO_ERROR, &error, &len);
	}
	w->happened = translate(status, events);
	w->callback(w, w->fd, w->happened, w->user);
	w->happened = (AvahiWatchEvent)0;
	if (!w->dead && status < 0)
		start(w);
}

static AvahiWatch *watch_new(const AvahiPoll *api, int fd, AvahiWatchEvent event,
			     AvahiWatchCallback callback, void *user)
{
	AvahiWatch *w = calloc(1, sizeof *w);
	if (w == NULL)
		return NULL;
	*w = (AvahiWatch){.fd = fd, .wanted = event, .callback = callback, .user = user};
	w->own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (w->own < 0) {
		free(w);
		return NULL;
	}
	if (uv_poll_init(api->userdata, &w->handle, w->own) != 0) {
		(void)close(w->own);
		free(w);
		return NULL;
	}
	w->handle.data = w;
	start(w);
	return w;
}

static void watch_update(AvahiWatch *w, AvahiWatchEvent event)
{
	/* avahi-client passes D-Bus flags here, whose "writable" isn't a poll event: what makes
	 * no sense changes nothing. */
	if (!(event & (AVAHI_WATCH_IN | AVAHI_WATCH_OUT)))
		return;
	w->wanted = event;
	start(w);
}

static AvahiWatchEvent watch_get_events(AvahiWatch *w)
{
	return w->happened;
}

static void watch_closed(uv_handle_t *handle)
{
	AvahiWatch *w = handle->data;
	(void)close(w->own);
	free(w);
}

static void watch_free(AvahiWatch *w)
{
	w->dead = true;
	uv_close((uv_handle_t *)&w->handle, watch_closed);
}

static void on_timer(uv_timer_t *handle)
{
	AvahiTimeout *t = handle->data;
	t->callback(t, t->user);
}

static void timeout_update(AvahiTimeout *t, const struct timeval *tv)
{
	if (tv == NULL) {
		(void)uv_timer_stop(&t->handle);
		return;
	}
	/* tv is wall-clock time; {0, 0} means at once. */
	AvahiUsec age = avahi_age(tv);
	uint64_t ms = age >= 0 ? 0 : (uint64_t)(-age + 999) / 1000;
	uv_update_time(t->handle.loop);
	(void)uv_timer_start(&t->handle, on_timer, ms, 0);
}

static AvahiTimeout *timeout_new(const AvahiPoll *api, const struct timeval *tv,
				 AvahiTimeoutCallback callback, void *user)
{
	AvahiTimeout *t = calloc(1, sizeof *t);
	if (t == NULL)
		return NULL;
	t->callback = callback;
	t->user = user;
	if (uv_timer_init(api->userdata, &t->handle) != 0) {
		free(t);
		return NULL;
	}
	t->handle.data = t;
	timeout_update(t, tv);
	return t;
}

static void timeout_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void timeout_free(AvahiTimeout *t)
{
	uv_close((uv_handle_t *)&t->handle, timeout_closed);
}

void troth_lan_poll_init(AvahiPoll *poll, uv_loop_t *loop)
{
	*poll = (AvahiPoll){
		.userdata = loop,
		.watch_new = watch_new,
		.watch_update = watch_update,
		.watch_get_events = watch_get_events,
		.watch_free = watch_free,
		.timeout_new = timeout_new,
		.timeout_update = timeout_update,
		.timeout_free = timeout_free,
	};
}
