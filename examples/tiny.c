/* SPDX-License-Identifier: MIT */
/*
 * tiny: a whole secure chat with one friend. `tiny listen PORT` is called, `tiny HOST PORT` calls.
 *
 * At a first meeting both users are asked for a secret that they share; from the second on they
 * are known to each other by their keys. Read `answer` for what a client decides, and `meet` for
 * how bytes and time go in and out. The file tiny-home keeps what must outlive the program: how
 * many guesses at a secret were wrong, the friend's key (name and pin), and our own key.
 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <troth/stream.h>
#include <unistd.h>

#define GUESSES_MAX 10
#define KEY_MAX 8192

static struct {
	int guesses;
	struct troth_known_key friend;
	struct troth_buf key;
} home = {.friend = {.name = "none", .proven = true}, .key.max = KEY_MAX};

static struct {
	struct troth_stream *stream;
	char who[256]; /* whom our user called, or who it says it is; safe to print */
	bool leaving;  /* our user has ended the input */
} tiny;

/* Who is on the line must show the friend's key; a secret will do while we know none. */
static struct troth_known known = {
	.contact = tiny.who, .keys = &home.friend, .may_ask = true, .least = TROTH_LEVEL_VERIFIED};

static void must(int err, const char *what)
{
	if (err == TROTH_OK)
		return;
	fprintf(stderr, "tiny: %s: %s\n", what, troth_err_text(err));
	exit(1);
}

/* Whole or not at all, and on disk when it returns; nobody else may read it. */
static void save_home(void)
{
	struct troth_slice key = troth_buf_slice(&home.key);
	int folder = open(".", O_RDONLY | O_CLOEXEC);
	int fd = open("tiny-new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool ok = dprintf(fd, "%d guesses, friend %s ", home.guesses, home.friend.name) > 0;
	for (int i = 0; ok && i < TROTH_PIN_LEN; i++)
		ok = dprintf(fd, "%02x", home.friend.pin.bytes[i]) == 2;
	ok = ok && dprintf(fd, "\n%.*s", (int)key.len, (const char *)key.data) > 0 &&
	     fsync(fd) == 0 && rename("tiny-new", "tiny-home") == 0 && fsync(folder) == 0;
	must(ok ? TROTH_OK : TROTH_E_IO, "tiny-home");
	close(fd);
	close(folder);
}

/* What can't be read ends the program: without the pin, the friend would pass for a stranger. */
static struct troth_device *load_home(const char *address)
{
	struct troth_device_params params = {.address = address, .now = time(NULL)};
	struct troth_device *device = NULL;
	uint8_t *to = NULL;
	FILE *file = fopen("tiny-home", "re");
	if (file == NULL) {
		must(errno == ENOENT ? troth_device_generate(&device, &params) : TROTH_E_IO,
		     "tiny-home");
		must(troth_device_write(device, NULL, &home.key), address);
		save_home();
		return device;
	}
	bool ok = fscanf(file, "%d guesses, friend %40s ", &home.guesses, home.friend.name) == 2;
	for (int i = 0; ok && i < TROTH_PIN_LEN; i++)
		ok = fscanf(file, "%2hhx", &home.friend.pin.bytes[i]) == 1;
	must(ok ? troth_buf_reserve(&home.key, KEY_MAX, &to) : TROTH_E_FORMAT, "tiny-home");
	troth_buf_commit(&home.key, fread(to, 1, KEY_MAX, file));
	must(troth_device_read(&device, troth_buf_slice(&home.key), NULL), "tiny-home");
	known.key_count = strcmp(home.friend.name, "none") != 0;
	fclose(file);
	return device;
}

/* Remote text can't move the cursor nor turn around: no C0, DEL, C1, no marks of direction. */
static char *clean(char *text)
{
	for (uint8_t *c = (uint8_t *)text; *c != 0; c++) {
		bool c0 = c[0] < 0x20 || c[0] == 0x7f, c1 = c[0] == 0xc2 && c[1] - 0x80U < 0x20;
		bool mark =
			c[0] == 0xe2 && ((c[1] == 0x80 && (c[2] - 0x80U < 0x10 || c[2] >= 0xa8)) ||
					 (c[1] == 0x81 && (c[2] & 0xf0) == 0xa0));
		memset(c, ' ', mark ? 3 : c1 ? 2 : c0);
	}
	return text;
}

static int ask_secret(void)
{
	struct troth_secret *secret = NULL;
	printf("What is the secret that you share with %s?\n", tiny.who);
	char *text = getpass("Secret: "); /* from standard input where there is no terminal */
	must(text == NULL ? TROTH_E_IO : TROTH_OK, "the terminal");
	int err = troth_secret_new(&secret, (struct troth_slice){(uint8_t *)text, strlen(text)});
	explicit_bzero(text, strlen(text));
	err = err == TROTH_OK ? troth_stream_secret(tiny.stream, secret)
			      : troth_stream_refuse(tiny.stream, TROTH_E_REFUSED);
	troth_secret_free(secret);
	return err;
}

static void write_message(void *text, struct troth_writer *w)
{
	troth_writer_open(w, "jabber:client", "message");
	troth_writer_leaf(w, "jabber:client", "body", text);
	troth_writer_close(w);
}

/* The receipt of a message (XEP-0184), or the answer to a ping (XEP-0199). */
static void write_reply(void *asked, struct troth_writer *w)
{
	bool ping = troth_element_is(asked, "jabber:client", "iq");
	troth_writer_open(w, "jabber:client", troth_element_name(asked));
	troth_writer_attr(w, "type", ping ? "result" : NULL);
	if (!ping)
		troth_writer_open(w, "urn:xmpp:receipts", "received");
	troth_writer_attr(w, "id", troth_element_attr(asked, "id"));
	if (!ping)
		troth_writer_close(w);
	troth_writer_close(w);
}

/* A client for more refuses what it doesn't know (RFC 6120 8.2.3). */
static int take_stanza(const struct troth_element *e)
{
	bool asked = troth_element_child(e, "urn:xmpp:receipts", "request") != NULL ||
		     troth_element_child(e, "urn:xmpp:ping", "ping") != NULL;
	char *text = strdup(troth_element_text(troth_element_child(e, "jabber:client", "body")));
	must(text == NULL ? TROTH_E_NOMEM : TROTH_OK, "a message");
	if (clean(text)[0] != 0)
		printf("%s: %s\n", tiny.who, text);
	free(text);
	return asked ? troth_stream_send(tiny.stream, write_reply, (void *)e) : TROTH_OK;
}

static void learn_key(const struct troth_cert *cert)
{
	strcpy(home.friend.name, troth_cert_name(cert));
	home.friend.pin = *troth_cert_pin(cert);
	known.key_count = 1;
	save_home();
	printf("From now on %s is known by its key.\n", tiny.who);
}

static void answer(const struct troth_event *e)
{
	/* The stream has checked the proof itself: a key that isn't known doesn't get here. */
	const struct troth_verdict enough = {.level = TROTH_LEVEL_VERIFIED};
	int err = TROTH_OK;
	if (e->type == TROTH_EVENT_WHO) {
		if (e->address != NULL && troth_stream_role(tiny.stream) == TROTH_RECIPIENT)
			snprintf(tiny.who, sizeof tiny.who, "%s", troth_address_bare(e->address));
		clean(tiny.who);
		err = troth_stream_know(tiny.stream, &known);
	} else if (e->type == TROTH_EVENT_ASK_SECRET) {
		err = ask_secret();
	} else if (e->type == TROTH_EVENT_GUESS && home.guesses >= GUESSES_MAX) {
		err = troth_stream_refuse(tiny.stream, TROTH_E_BUDGET);
	} else if (e->type == TROTH_EVENT_GUESS) {
		home.guesses++;
		save_home(); /* before the peer learns whether it was right */
		err = troth_stream_debited(tiny.stream);
	} else if (e->type == TROTH_EVENT_VERDICT) {
		if (e->method == TROTH_METHOD_PAKE)
			learn_key(e->cert); /* before it hears that it was right */
		err = troth_stream_verdict(tiny.stream, &enough);
	} else if (e->type == TROTH_EVENT_SECURED) {
		home.guesses -= e->method != TROTH_METHOD_KEY; /* a right one isn't counted */
		save_home();
		printf("Talking with %s: %s, by %s.\n", tiny.who, troth_level_text(e->level),
		       troth_method_name(e->method));
	} else if (e->type == TROTH_EVENT_KEYS && known.key_count == 0 && e->key_count > 0 &&
		   e->keys[0].possessed) {
		learn_key(e->keys[0].cert);
	} else if (e->type == TROTH_EVENT_STANZA) {
		err = take_stanza(e->element);
	} else if (e->type == TROTH_EVENT_CLOSED) {
		if (e->err == TROTH_E_KEY_CHANGED)
			printf("REFUSED: %s shows another key than your friend's. It may be an\n"
			       "impostor; for a new device of your friend, delete tiny-home.\n",
			       tiny.who);
		printf("%s\n", e->text);
	}
	must(err, "the stream");
}

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void send_typed(void)
{
	char line[4096];
	tiny.leaving = fgets(line, sizeof line, stdin) == NULL;
	line[strcspn(line, "\n")] = 0;
	if (tiny.leaving)
		troth_stream_close(tiny.stream, now_ms());
	else if (troth_stream_send(tiny.stream, write_message, line) != TROTH_OK)
		printf("Not sent: that can't stand in a message.\n");
}

/* Once the stream is up our user is heard as well. */
static void wait_and_read(int fd)
{
	uint8_t in[16384];
	int64_t deadline = troth_stream_deadline(tiny.stream), left = deadline - now_ms();
	struct pollfd p[] = {{.fd = fd, .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
	int ms = deadline < 0 ? -1 : left > 0 ? (int)left : 0;
	poll(p, troth_stream_is_up(tiny.stream) ? 2 : 1, ms);
	ssize_t n = p[0].revents != 0 ? recv(fd, in, sizeof in, 0) : 0;
	if (n > 0)
		troth_stream_feed(tiny.stream, (struct troth_slice){in, (size_t)n}, now_ms());
	else if (p[0].revents != 0)
		troth_stream_feed_end(tiny.stream, now_ms());
	if (p[1].revents != 0)
		send_typed();
}

/* One stream, from its first byte to its last. */
static int meet(struct troth_engine *engine, const struct troth_stream_params *params, int fd)
{
	struct troth_event e = {0};
	must(troth_stream_new(&tiny.stream, engine, params, now_ms()), "the stream");
	while (e.type != TROTH_EVENT_CLOSED) {
		troth_stream_next(tiny.stream, now_ms(), &e);
		answer(&e);
		/* All of it: a client with several streams waits for POLLOUT instead. */
		struct troth_slice out = troth_stream_output(tiny.stream);
		if (out.len > 0 && send(fd, out.data, out.len, MSG_NOSIGNAL) < (ssize_t)out.len)
			troth_stream_feed_end(tiny.stream, now_ms());
		troth_stream_sent(tiny.stream, out.len);
		if (e.type == TROTH_EVENT_NONE)
			wait_and_read(fd);
	}
	troth_stream_free(tiny.stream);
	close(fd);
	return e.err;
}

/* A socket that is connected, or listens where host is NULL; IPv4 in the form of IPv6 as well. */
static int open_socket(const char *host, const char *port)
{
	struct addrinfo hints = {.ai_family = AF_INET6, .ai_socktype = SOCK_STREAM}, *a = NULL;
	hints.ai_flags = AI_PASSIVE | AI_V4MAPPED | AI_ALL;
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
	bool ok = getaddrinfo(host, port, &hints, &a) == 0 &&
		  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
		  (host != NULL ? connect(fd, a->ai_addr, a->ai_addrlen) == 0
				: bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, 8) == 0);
	must(ok ? TROTH_OK : TROTH_E_UNREACHABLE, port);
	freeaddrinfo(a);
	return fd;
}

int main(int argc, char **argv)
{
	bool calling = argc == 3 && strcmp(argv[1], "listen") != 0;
	char host[64] = "localhost", address[256];
	struct troth_address *local;
	struct troth_engine *engine;
	must(argc == 3 ? TROTH_OK : TROTH_E_INVAL, "usage: tiny listen PORT, or tiny HOST PORT");
	setbuf(stdin, NULL); /* what stdio holds back, poll can't see */
	setlinebuf(stdout);
	gethostname(host, sizeof host - 1);
	snprintf(address, sizeof address, "%s@%s", getenv("USER") ? getenv("USER") : "tiny", host);
	snprintf(tiny.who, sizeof tiny.who, "%s port %s", argv[1], argv[2]);
	struct troth_device *device = load_home(address);
	must(troth_engine_new(&engine, &(struct troth_engine_params){.device = device}), "TLS");
	must(troth_address_new(&local, TROTH_REALM_LINK, address), address);
	struct troth_stream_params params = {.local = local, .known = &known};
	params.role = calling ? TROTH_INITIATOR : TROTH_RECIPIENT;
	int err, fd = open_socket(calling ? argv[1] : NULL, argv[2]);
	do {
		if (!calling)
			printf("Waiting on port %s.\n", argv[2]);
		err = meet(engine, &params, calling ? fd : accept(fd, NULL, NULL));
	} while (!calling && !tiny.leaving);
	troth_engine_free(engine);
	troth_device_free(device);
	troth_address_free(local);
	troth_buf_fini(&home.key); /* and wiped */
	return err == TROTH_OK ? 0 : 1;
}
