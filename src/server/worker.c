/* SPDX-License-Identifier: MIT */
/*
 * The process that libstrophe runs in: server/worker.h. Layer: server. A program of its own, so it
 * may block, and its state stands in one static struct: libstrophe's callbacks for the socket and
 * for certificates have no room for more.
 */
#include "server/worker.h"

#include "base/limits.h"
#include "server/account.h"
#include "server/worker_config.h"

#include <errno.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <troth/err.h>
#include <unistd.h>

#define CONTROL 0

/* One record of TLS is 16 KiB, of which libstrophe takes 4 KiB in a turn; poll doesn't see the
 * rest. */
#define TURNS 6
/* More than this waits for the server: no more is taken from the account. */
#define QUEUED_MAX 64
/* libstrophe's own deadlines are looked at when it has a turn. */
#define TICK_MS 500
#define TICK_UP_MS 5000

enum exit_status { EXIT_DONE = 0, EXIT_BROKEN = 3, EXIT_MEMORY = 4 };

static struct {
	xmpp_ctx_t *ctx;
	xmpp_conn_t *conn;
	struct worker_config config;
	struct troth_buf in;
	size_t held; /* bytes that libstrophe has */
	int sock;    /* -1: none */
	bool up;
	/* Since the connection began. */
	bool denied;           /* SASL said no */
	bool resumed;          /* by XEP-0198 */
	bool bare;             /* the server has no TLS */
	char certificate[256]; /* what is wrong with the server's; "": nothing */
} self;

/* ---- memory: no server gets more than its share ---- */

static void *counted(void *memory)
{
	self.held += memory == NULL ? 0 : malloc_usable_size(memory);
	if (memory == NULL || self.held > TROTH_LIMIT_WORKER_BYTES)
		_exit(EXIT_MEMORY);
	return memory;
}

static void *take(size_t size, void *user)
{
	(void)user;
	return counted(malloc(size));
}

static void give(void *memory, void *user)
{
	(void)user;
	if (memory != NULL)
		self.held -= malloc_usable_size(memory);
	free(memory);
}

static void *retake(void *memory, size_t size, void *user)
{
	(void)user;
	if (memory != NULL)
		self.held -= malloc_usable_size(memory);
	return counted(realloc(memory, size));
}

/* ---- to the account ---- */

static struct iovec part(const void *data, size_t len)
{
	return (struct iovec){(void *)data, len};
}

/* Effect: at once, so that the account wakes once. The parts are used up. */
static void put(struct iovec *parts, int count)
{
	while (count > 0) {
		ssize_t n = writev(CONTROL, parts, count);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(EXIT_DONE);
		size_t done = (size_t)n;
		for (; count > 0 && done >= parts->iov_len; parts++, count--)
			done -= parts->iov_len;
		if (count > 0)
			*parts = part((const char *)parts->iov_base + done, parts->iov_len - done);
	}
}

static void say(enum troth_frame_type type, char first, const char *text)
{
	uint8_t head[TROTH_FRAME_HEAD];
	size_t len = strlen(text);
	struct iovec parts[] = {part(head, sizeof head), part(&first, 1), part(text, len)};
	troth_frame_head(head, type, len + 1);
	put(parts, 3);
}

static bool is_stanza(const char *name)
{
	return name != NULL && (strcmp(name, "message") == 0 || strcmp(name, "presence") == 0 ||
				strcmp(name, "iq") == 0);
}

/* libstrophe writes the default namespace of a client's stream nowhere. */
static int arrived(xmpp_conn_t *conn, xmpp_stanza_t *stanza, void *user)
{
	static const char ns[] = " xmlns='jabber:client'";
	uint8_t head[TROTH_FRAME_HEAD];
	const char *name = xmpp_stanza_get_name(stanza);
	const char *is = xmpp_stanza_get_ns(stanza);
	char *text;
	size_t len;
	(void)conn;
	(void)user;
	if (!is_stanza(name) || is == NULL || strcmp(is, "jabber:client") != 0 ||
	    xmpp_stanza_to_text(stanza, &text, &len) != XMPP_EOK)
		return 1;
	size_t start = 1 + strlen(name);
	if (len + sizeof ns - 1 <= TROTH_LIMIT_FRAME_BYTES) {
		troth_frame_head(head, TROTH_FRAME_STANZA, len + sizeof ns - 1);
		struct iovec parts[] = {part(head, sizeof head), part(text, start),
					part(ns, sizeof ns - 1), part(text + start, len - start)};
		put(parts, 4);
	}
	xmpp_free(self.ctx, text);
	return 1;
}

static void down(enum troth_account_reason reason, const char *text)
{
	self.up = false;
	self.sock = -1;
	say(TROTH_FRAME_DOWN, (char)reason, text == NULL ? "" : text);
}

static void down_by(const xmpp_stream_error_t *error)
{
	switch ((int)error->type) {
	case XMPP_SE_CONFLICT:
		down(TROTH_ACCOUNT_CONFLICT, error->text);
		return;
	case XMPP_SE_BAD_FORMAT:
	case XMPP_SE_INVALID_XML:
	case XMPP_SE_XML_NOT_WELL_FORMED:
		down(TROTH_ACCOUNT_BROKEN, error->text);
		return;
	default:
		down(TROTH_ACCOUNT_SERVER, error->text);
	}
}

static void ended(int error, const xmpp_stream_error_t *stream_error)
{
	if (*self.certificate != 0)
		down(TROTH_ACCOUNT_CERTIFICATE, self.certificate);
	else if (self.denied)
		down(TROTH_ACCOUNT_WRONG_PASSWORD, NULL);
	else if (stream_error != NULL)
		down_by(stream_error);
	else if (self.bare)
		down(TROTH_ACCOUNT_NO_TLS, NULL);
	else
		down(self.up ? TROTH_ACCOUNT_LOST : TROTH_ACCOUNT_UNREACHABLE,
		     error == ETIMEDOUT ? strerror(error) : NULL);
}

static void happened(xmpp_conn_t *conn, xmpp_conn_event_t event, int error,
		     xmpp_stream_error_t *stream_error, void *user)
{
	(void)user;
	if (event != XMPP_CONN_CONNECT) {
		ended(error, stream_error);
		return;
	}
	/* Asked for by flags; looked at all the same, since everything hangs on it. */
	if (!xmpp_conn_is_secured(conn))
		_exit(EXIT_BROKEN);
	self.up = true;
	self.denied = false; /* a mechanism before the one that was taken */
	say(TROTH_FRAME_UP, self.resumed ? 'r' : 'n', xmpp_conn_get_bound_jid(conn));
}

/* ---- what libstrophe tells by other ways ---- */

static int on_socket(xmpp_conn_t *conn, void *sock)
{
	const int on = 1;
	(void)conn;
	self.sock = *(int *)sock;
	/* Without the first a stanza waits for the acknowledgement of the one before: 40 ms. */
	if (setsockopt(self.sock, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
	    setsockopt(self.sock, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on) != 0)
		return -1;
	return 0;
}

static int on_certificate(const xmpp_tlscert_t *cert, const char *const text)
{
	(void)cert;
	(void)snprintf(self.certificate, sizeof self.certificate, "%s", text);
	return 0;
}

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* The only place where it says that SASL failed, or that a stream was resumed. Its log may hold
 * stanzas: nothing of it is kept or shown. */
static void on_log(void *user, xmpp_log_level_t level, const char *area, const char *text)
{
	(void)user;
	(void)level;
	if (strcmp(area, "auth") == 0) {
		self.denied = self.denied || begins(text, "Cannot authenticate") ||
			      begins(text, "Password hasn't been set");
	} else if (strcmp(area, "xmpp") == 0) {
		self.denied = self.denied ||
			      (begins(text, "SASL ") && strstr(text, "auth failed") != NULL);
		self.resumed = self.resumed || begins(text, "Session resumed successfully");
		self.bare = self.bare || begins(text, "TLS is not supported");
		if (begins(text, "parse error")) /* it would go on reading for ever */
			_exit(EXIT_BROKEN);
	}
}

/* ---- from the account ---- */

static void set_up(struct troth_slice body)
{
	static const xmpp_mem_t memory = {take, give, retake, NULL};
	static const xmpp_log_t log = {on_log, NULL};
	if (self.ctx != NULL || !worker_config_read(&self.config, body))
		_exit(EXIT_BROKEN);
	xmpp_initialize();
	self.ctx = xmpp_ctx_new(&memory, &log);
	self.conn = self.ctx == NULL ? NULL : xmpp_conn_new(self.ctx);
	if (self.conn == NULL || !worker_config_apply(&self.config, self.conn))
		_exit(EXIT_BROKEN);
	xmpp_conn_set_sockopt_callback(self.conn, on_socket);
	xmpp_conn_set_certfail_handler(self.conn, on_certificate);
	xmpp_handler_add(self.conn, arrived, NULL, NULL, NULL, NULL);
}

static void begin(void)
{
	const char *host = self.config.text[TROTH_CONFIG_HOST];
	if (self.conn == NULL)
		_exit(EXIT_BROKEN);
	if (!xmpp_conn_is_disconnected(self.conn))
		return;
	self.denied = self.resumed = self.bare = false;
	self.certificate[0] = 0;
	if (xmpp_connect_client(self.conn, *host == 0 ? NULL : host, self.config.port, happened,
				NULL) != XMPP_EOK)
		down(TROTH_ACCOUNT_UNREACHABLE, NULL);
}

static void act(const struct troth_frame *frame)
{
	switch ((int)frame->type) {
	case TROTH_FRAME_CONFIG:
		set_up(frame->body);
		break;
	case TROTH_FRAME_CONNECT:
		begin();
		break;
	case TROTH_FRAME_SEND:
		if (self.up)
			xmpp_send_raw(self.conn, (const char *)frame->body.data, frame->body.len);
		break;
	case TROTH_FRAME_CLOSE:
		if (self.conn != NULL)
			xmpp_disconnect(self.conn);
		break;
	default:
		_exit(EXIT_BROKEN);
	}
}

static void listen_to_account(void)
{
	struct troth_frame frame;
	uint8_t *room;
	int err;
	if (troth_buf_reserve(&self.in, 16384, &room) != TROTH_OK)
		_exit(EXIT_MEMORY);
	ssize_t n = read(CONTROL, room, 16384);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0)
		_exit(EXIT_DONE);
	troth_buf_commit(&self.in, (size_t)n);
	while ((err = troth_frame_next(&frame, troth_buf_slice(&self.in))) == TROTH_OK) {
		act(&frame);
		troth_buf_consume(&self.in, frame.size);
	}
	if (err != TROTH_E_NOT_FOUND)
		_exit(EXIT_BROKEN);
}

/* ---- the loop ---- */

static size_t queued(void)
{
	return self.conn == NULL ? 0 : (size_t)xmpp_conn_send_queue_len(self.conn);
}

static short wanted(void)
{
	if (xmpp_conn_is_connecting(self.conn))
		return POLLOUT;
	return (short)(POLLIN | (queued() > 0 ? POLLOUT : 0));
}

static void turn(void)
{
	for (int i = 0; i < TURNS && !xmpp_conn_is_disconnected(self.conn); i++)
		xmpp_run_once(self.ctx, 0);
}

static void wait_and_act(void)
{
	bool line = self.conn != NULL && !xmpp_conn_is_disconnected(self.conn);
	struct pollfd fds[2] = {
		{.fd = queued() > QUEUED_MAX ? -1 : CONTROL, .events = POLLIN},
		{.fd = line ? self.sock : -1, .events = line ? wanted() : 0},
	};
	if (poll(fds, 2, !line ? -1 : self.up ? TICK_UP_MS : TICK_MS) < 0 && errno != EINTR)
		_exit(EXIT_BROKEN);
	if (fds[0].revents != 0)
		listen_to_account();
	if (self.conn != NULL && !xmpp_conn_is_disconnected(self.conn))
		turn();
}

/* No core dump, no debugger of the same user: the password is here. */
static void harden(void)
{
	const struct rlimit none = {0, 0};
	struct rlimit stack;
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	(void)setrlimit(RLIMIT_CORE, &none);
	/* A line that is cut while something is sent is an error of libstrophe's, not our end. */
	(void)signal(SIGPIPE, SIG_IGN);
	if (getrlimit(RLIMIT_STACK, &stack) == 0 && stack.rlim_max >= TROTH_LIMIT_WORKER_STACK) {
		stack.rlim_cur = TROTH_LIMIT_WORKER_STACK;
		(void)setrlimit(RLIMIT_STACK, &stack);
	}
}

int troth_worker_main(void)
{
	harden();
	self.sock = -1;
	troth_buf_init(&self.in, TROTH_LIMIT_FRAME_BYTES + 2 * 16384);
	for (;;)
		wait_and_act();
}
