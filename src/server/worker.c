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
#include "server/worker_out.h"

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
#include <troth/err.h>
#include <unistd.h>

#define CONTROL 0
#define READ_BYTES ((size_t)64 * 1024)

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
	struct troth_buf out;
	size_t held;    /* bytes that libstrophe has */
	size_t unasked; /* bytes since the last question; see send_stanza */
	int wants;      /* so often it will still want memory for the stanza */
	int sock;       /* -1: none */
	bool up;
	bool before; /* it was up, with another stream */
	bool stale;  /* libstrophe counts on from a stream that wasn't resumed */
	/* Since the connection began. */
	bool denied;           /* SASL said no */
	bool resumed;          /* by XEP-0198 */
	bool bare;             /* the server has no TLS */
	bool enabling;         /* XEP-0198 was asked for and isn't answered */
	int almost;            /* connected, up in so many turns at the earliest; 0: it isn't */
	char certificate[256]; /* what is wrong with the server's; "": nothing */
} self;

/* ---- what is acknowledged ---- */

/* XEP-0198 lets a client ask, when it likes, how much the server has got; what isn't acknowledged
 * is kept, to be sent again when the stream is resumed. libstrophe before 0.13 asks behind each
 * stanza, which costs a server half of what carrying the stanza does; later ones ask once the
 * question before is answered. It has no switch for it; but where no memory can be had for the
 * question, that is left out and nothing else (conn.c, send_raw). */
#define QUESTION "<r xmlns='urn:xmpp:sm:3'/>"

/* So much may be sent, and kept, without a question. */
#define UNASKED_BYTES ((size_t)64 * 1024)
#define QUEUED_BYTES 256 /* at most, of a stanza that is kept, beside itself */

/* Whether memory of that size, the third that a stanza wants, is for a question to be left out. */
static bool is_left_out(size_t size)
{
	if (size != sizeof QUESTION)
		return false;
	if (self.unasked < UNASKED_BYTES)
		return true;
	self.unasked = 0;
	return false;
}

static void send_stanza(struct troth_slice xml)
{
	self.unasked += xml.len + QUEUED_BYTES;
	/* A copy of the stanza, its place in the queue, a copy of the question. The library says
	 * whether it is of this version or an older one. */
	self.wants = xmpp_version_check(0, 12) ? 3 : 0;
	xmpp_send_raw(self.conn, (const char *)xml.data, xml.len);
	self.wants = 0;
}

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
	if (self.wants > 0 && --self.wants == 0 && is_left_out(size))
		return NULL;
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

static void need(int err)
{
	if (err != TROTH_OK)
		_exit(err == TROTH_E_NOMEM ? EXIT_MEMORY : EXIT_BROKEN);
}

static void flush(void)
{
	if (!worker_out_flush(&self.out, CONTROL))
		_exit(EXIT_DONE);
}

static void say(enum troth_frame_type type, char first, const char *text)
{
	need(worker_out_text(&self.out, type, first, text));
}

static bool is_stanza(const char *name)
{
	return strcmp(name, "message") == 0 || strcmp(name, "presence") == 0 ||
	       strcmp(name, "iq") == 0;
}

static int arrived(xmpp_conn_t *conn, xmpp_stanza_t *stanza, void *user)
{
	const char *name = xmpp_stanza_get_name(stanza);
	const char *ns = xmpp_stanza_get_ns(stanza);
	(void)conn;
	(void)user;
	if (name == NULL || ns == NULL || strcmp(ns, "jabber:client") != 0 || !is_stanza(name))
		return 1;
	need(worker_out_stanza(&self.out, stanza));
	if (worker_out_is_much(&self.out))
		flush();
	return 1;
}

static void down(enum troth_account_reason reason, const char *text)
{
	self.up = false;
	self.almost = 0;
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

static void up(void)
{
	self.up = true;
	self.denied = false; /* a mechanism before the one that was taken */
	self.stale = self.before && !self.resumed;
	self.before = true;
	say(TROTH_FRAME_UP, self.resumed ? 'r' : 'n', xmpp_conn_get_bound_jid(self.conn));
}

/* What is sent before the server says that it counts is counted by the server, and not by
 * libstrophe before 0.13, which then takes for acknowledged what the server hasn't got. Whether it
 * has asked for that shows in the turn after it is connected. */
static void perhaps_up(void)
{
	if (self.almost == 0 || (self.almost == 1 && self.enabling) || --self.almost > 0)
		return;
	up();
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
	if (self.resumed) /* what was missed follows at once */
		up();
	else
		self.almost = 2;
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

/* The only place where it says that SASL failed, that a stream was resumed, and what it asks the
 * server for. Its log may hold stanzas: nothing of it is kept or shown. */
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
		self.enabling = self.enabling && !begins(text, "RECV: <enabled ") &&
				!begins(text, "RECV: <failed ");
		if (begins(text, "parse error")) /* it would go on reading for ever */
			_exit(EXIT_BROKEN);
	} else if (strcmp(area, "conn") == 0) {
		self.enabling = self.enabling || begins(text, "SENT: <enable ");
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
	self.denied = self.resumed = self.bare = self.enabling = false;
	if (self.stale) /* it would send again what has arrived */
		xmpp_free_sm_state(xmpp_conn_get_sm_state(self.conn));
	self.stale = false;
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
			send_stanza(frame->body);
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
	need(troth_buf_reserve(&self.in, READ_BYTES + 1, &room));
	ssize_t n = read(CONTROL, room, READ_BYTES);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0)
		_exit(EXIT_DONE);
	troth_buf_commit(&self.in, (size_t)n);
	room[n] = 0; /* libstrophe looks for an end also of what it is told the length of */
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

/* Effect: while it is on, what is sent leaves only in full segments; what is left when it ends
 * leaves at once, so that the server wakes once for it. Not before it is up: shaking hands takes
 * turns that libstrophe waits for. */
static void cork(int on)
{
	if (self.up && self.sock >= 0)
		(void)setsockopt(self.sock, IPPROTO_TCP, TCP_CORK, &on, sizeof on);
}

static void turn(void)
{
	cork(1);
	for (int i = 0; i < TURNS && !xmpp_conn_is_disconnected(self.conn); i++) {
		xmpp_run_once(self.ctx, 0);
		perhaps_up();
		flush(); /* before the next turn acknowledges it to the server */
	}
	cork(0);
}

static void wait_and_act(void)
{
	bool line = self.conn != NULL && !xmpp_conn_is_disconnected(self.conn);
	struct pollfd fds[2] = {
		{.fd = queued() > QUEUED_MAX ? -1 : CONTROL, .events = POLLIN},
		{.fd = line ? self.sock : -1, .events = line ? wanted() : 0},
	};
	int tick = self.up ? TICK_UP_MS : self.almost > 0 && !self.enabling ? 0 : TICK_MS;
	if (poll(fds, 2, line ? tick : -1) < 0 && errno != EINTR)
		_exit(EXIT_BROKEN);
	if (fds[0].revents != 0)
		listen_to_account();
	if (self.conn != NULL && !xmpp_conn_is_disconnected(self.conn))
		turn();
	flush();
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
	worker_out_init(&self.out);
	troth_buf_init(&self.in, TROTH_LIMIT_FRAME_BYTES + 2 * READ_BYTES);
	for (;;)
		wait_and_act();
}
