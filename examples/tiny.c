/* SPDX-License-Identifier: MIT */
/*
 * tiny: a whole secure chat on libtroth. `tiny listen PORT` waits for one, `tiny HOST PORT` calls.
 *
 * At a first meeting both users are asked for a secret that they share; from the second on they
 * are known to each other by their keys. The current folder keeps tiny-key.pem, our key;
 * tiny-pins, a line for each key that we know; tiny-guesses, how many wrong secrets were tried.
 * Read `answer` for what a client decides, and `meet` for how bytes and time go in and out.
 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <troth/stream.h>
#include <unistd.h>

#define GUESSES_MAX 10
#define FILE_MAX 65536

struct tiny {
	struct troth_stream *stream;
	bool calling;
	bool was_up;
	bool closed;
	int err;
	char who[256]; /* whom the user called, or who the caller says it is; safe to print */
};

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void check(int err, const char *what)
{
	if (err == TROTH_OK)
		return;
	fprintf(stderr, "tiny: %s: %s\n", what, troth_err_text(err));
	exit(1);
}

/* ---- files ---- */

/* A file that isn't there is empty; one that can't be read ends the program. */
static size_t read_file(const char *path, char out[FILE_MAX])
{
	FILE *file = fopen(path, "re");
	size_t len = file != NULL ? fread(out, 1, FILE_MAX - 1, file) : 0;
	if (file == NULL ? errno != ENOENT : ferror(file) || len == FILE_MAX - 1)
		check(TROTH_E_IO, path);
	if (file != NULL)
		fclose(file);
	out[len] = 0;
	return len;
}

/* Whole or not at all, and on disk when it returns; nobody else may read it. */
static void write_file(const char *path, const void *bytes, size_t len)
{
	char new[64];
	snprintf(new, sizeof new, "%s.new", path);
	int folder = open(".", O_RDONLY | O_CLOEXEC);
	int fd = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool ok = fd >= 0 && write(fd, bytes, len) == (ssize_t)len && fsync(fd) == 0 &&
		  rename(new, path) == 0 && fsync(folder) == 0;
	check(ok ? TROTH_OK : TROTH_E_IO, path);
	close(fd);
	close(folder);
}

static struct troth_device *own_device(const char *address)
{
	struct troth_device_params params = {.address = address, .now = time(NULL)};
	struct troth_device *device;
	char text[FILE_MAX];
	struct troth_slice pem = {(uint8_t *)text, read_file("tiny-key.pem", text)};
	struct troth_buf made;
	if (pem.len > 0) {
		check(troth_device_read(&device, pem, NULL), "tiny-key.pem");
	} else {
		troth_buf_init(&made, FILE_MAX);
		check(troth_device_generate(&device, &params), "making a key");
		check(troth_device_write(device, NULL, &made), "making a key");
		write_file("tiny-key.pem", troth_buf_slice(&made).data, troth_buf_len(&made));
		troth_buf_fini(&made);
	}
	explicit_bzero(text, sizeof text);
	return device;
}

/* A line of tiny-pins is the key's name, its pin in hex, and whose it is. */
static bool find_pin(struct troth_known_key *out, const char *who)
{
	const size_t owner_at = TROTH_NAME_LEN + 1 + 2 * TROTH_PIN_LEN + 1;
	char text[FILE_MAX], *rest;
	read_file("tiny-pins", text);
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		*out = (struct troth_known_key){.proven = true};
		bool ok = strlen(line) > owner_at && sscanf(line, "%40s ", out->name) == 1;
		for (size_t i = 0; ok && i < TROTH_PIN_LEN; i++)
			ok = sscanf(line + TROTH_NAME_LEN + 1 + 2 * i, "%2hhx",
				    &out->pin.bytes[i]) == 1;
		check(ok ? TROTH_OK : TROTH_E_FORMAT,
		      "tiny-pins"); /* not: "no pin, so a stranger" */
		if (strcmp(line + owner_at, who) == 0)
			return true;
	}
	return false;
}

static void add_pin(const char *who, const struct troth_cert *cert)
{
	char text[FILE_MAX + 512];
	size_t at = read_file("tiny-pins", text);
	at += (size_t)sprintf(text + at, "%s ", troth_cert_name(cert));
	for (size_t i = 0; i < TROTH_PIN_LEN; i++)
		at += (size_t)sprintf(text + at, "%02x", troth_cert_pin(cert)->bytes[i]);
	at += (size_t)sprintf(text + at, " %s\n", who);
	write_file("tiny-pins", text, at);
}

/* A guess is on disk before anything leaves that lets the peer test it; a right one comes back. */
static int count_guess(int change)
{
	char text[FILE_MAX];
	read_file("tiny-guesses", text);
	int used = atoi(text) + change;
	if (used > GUESSES_MAX)
		return TROTH_E_BUDGET;
	write_file("tiny-guesses", text, (size_t)sprintf(text, "%d\n", used));
	return TROTH_OK;
}

/* ---- the user ---- */

/* Remote text can't move the cursor nor turn itself around: no C0, DEL, C1, no marks of direction.
 */
static char *clean(char *text)
{
	char *to = text;
	for (const unsigned char *c = (unsigned char *)text; *c != 0; c++) {
		if (c[0] == 0xc2 && c[1] < 0xa0)
			c += 1;
		else if (c[0] == 0xe2 && ((c[1] == 0x80 && (c[2] < 0x90 || c[2] > 0xa7)) ||
					  (c[1] == 0x81 && c[2] >= 0xa0 && c[2] <= 0xaf)))
			c += 2;
		else if (*c >= 0x20 && *c != 0x7f)
			*to++ = (char)*c;
	}
	*to = 0;
	return text;
}

static void ask_secret(struct tiny *t)
{
	struct troth_secret *secret = NULL;
	char prompt[320];
	snprintf(prompt, sizeof prompt, "The secret that you share with %s: ", t->who);
	char *text = getpass(prompt); /* without echo; from standard input where is no terminal */
	int err = text == NULL ? TROTH_E_IO
			       : troth_secret_new(&secret, (struct troth_slice){(uint8_t *)text,
										strlen(text)});
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	check(err == TROTH_OK ? troth_stream_secret(t->stream, secret)
			      : troth_stream_refuse(t->stream, TROTH_E_REFUSED),
	      "the secret");
	troth_secret_free(secret);
}

static void write_message(void *text, struct troth_writer *w)
{
	troth_writer_open(w, "jabber:client", "message");
	troth_writer_attr(w, "type", "chat");
	troth_writer_leaf(w, "jabber:client", "body", text);
	troth_writer_close(w);
}

static void send_typed(struct tiny *t)
{
	char line[4096];
	if (fgets(line, sizeof line, stdin) == NULL) {
		troth_stream_close(t->stream, now_ms());
		return;
	}
	line[strcspn(line, "\n")] = 0;
	int err = troth_stream_send(t->stream, write_message, line);
	if (err != TROTH_OK)
		printf("Not sent: %s\n", troth_err_text(err));
}

/* ---- what a client decides ---- */

/* What we know of t->who: its key, or nothing. */
static struct troth_known known_of(const struct tiny *t, struct troth_known_key *key)
{
	bool pinned = find_pin(key, t->who);
	return (struct troth_known){
		.contact = pinned ? t->who : NULL,
		.keys = key,
		.key_count = pinned ? 1 : 0,
		.may_ask = !pinned, /* a desktop client: while its user waits for somebody new */
		.least = TROTH_LEVEL_VERIFIED,
	};
}

static void tell_end(struct tiny *t, const struct troth_event *e)
{
	t->closed = true;
	t->err = e->err;
	printf("%s\n", e->text);
	if (e->err == TROTH_E_KEY_CHANGED)
		printf("REFUSED: %s is known by another key. This may be somebody else who "
		       "pretends.\n"
		       "Only if it is a new device: delete its line of tiny-pins, and meet again "
		       "by "
		       "a secret.\n",
		       t->who);
}

static void answer(struct tiny *t, const struct troth_event *e)
{
	/* The stream has checked the proof itself: a key that isn't in `known` doesn't get here. */
	struct troth_verdict verdict = {.level = TROTH_LEVEL_VERIFIED};
	const struct troth_element *body;
	struct troth_known_key key;
	struct troth_known known;
	switch (e->type) {
	case TROTH_EVENT_WHO: /* the address is a claim: it chooses which key must be shown */
		if (!t->calling)
			snprintf(t->who, sizeof t->who, "%s",
				 e->address != NULL ? troth_address_bare(e->address) : "somebody");
		clean(t->who);
		known = known_of(t, &key);
		check(troth_stream_know(t->stream, &known), "what is known");
		break;
	case TROTH_EVENT_ASK_SECRET:
		ask_secret(t);
		break;
	case TROTH_EVENT_GUESS:
		check(count_guess(1) == TROTH_OK ? troth_stream_debited(t->stream)
						 : troth_stream_refuse(t->stream, TROTH_E_BUDGET),
		      "tiny-guesses");
		break;
	case TROTH_EVENT_VERDICT:
		check(troth_stream_verdict(t->stream, &verdict), "the verdict");
		break;
	case TROTH_EVENT_WAITING:
		printf("The other user is probably being asked.\n");
		break;
	case TROTH_EVENT_SECURED:
		t->was_up = true;
		check(e->method == TROTH_METHOD_KEY ? TROTH_OK : count_guess(-1), "tiny-guesses");
		printf("Talking with %s: %s, by %s.\n", t->who, troth_level_text(e->level),
		       troth_method_name(e->method));
		break;
	case TROTH_EVENT_KEYS:
		if (e->key_count > 0 && e->keys[0].possessed) {
			add_pin(t->who, e->keys[0].cert);
			printf("From now on %s is known by its key.\n", t->who);
		}
		break;
	case TROTH_EVENT_STANZA:
		body = troth_element_child(e->element, "jabber:client", "body");
		if (body != NULL) {
			char *text = strdup(troth_element_text(body));
			check(text != NULL ? TROTH_OK : TROTH_E_NOMEM, "a message");
			printf("%s: %s\n", t->who, clean(text));
			free(text);
		}
		break;
	case TROTH_EVENT_CLOSED:
		tell_end(t, e);
		break;
	case TROTH_EVENT_NONE:
	case TROTH_EVENT_STATE:
	case TROTH_EVENT_XML:
		break;
	}
	fflush(stdout);
}

/* ---- bytes and time ---- */

/* Moves what can be moved; false when the line has ended. */
static bool move(struct tiny *t, int fd, short ready)
{
	struct troth_slice out = troth_stream_output(t->stream);
	uint8_t in[16384];
	ssize_t n = 0;
	if ((ready & POLLOUT) != 0 && (n = send(fd, out.data, out.len, MSG_NOSIGNAL)) > 0)
		troth_stream_sent(t->stream, (size_t)n);
	if ((ready & ~POLLOUT) != 0 && (n = recv(fd, in, sizeof in, 0)) > 0)
		troth_stream_feed(t->stream, (struct troth_slice){in, (size_t)n}, now_ms());
	bool open = n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
	if (!open)
		troth_stream_feed_end(t->stream, now_ms());
	return open;
}

/* One stream, from its first byte to its last. */
static void meet(struct tiny *t, struct troth_engine *engine, const struct troth_address *local,
		 int fd)
{
	struct troth_known_key key;
	struct troth_known known = known_of(t, &key);
	struct troth_stream_params params = {.role = t->calling ? TROTH_INITIATOR : TROTH_RECIPIENT,
					     .local = local,
					     .known = &known};
	struct troth_event e;
	t->closed = false;
	check(troth_stream_new(&t->stream, engine, &params, now_ms()), "the stream");
	check(fcntl(fd, F_SETFL, O_NONBLOCK) == 0 ? TROTH_OK : TROTH_E_IO, "the connection");
	for (bool open = true; open;) {
		do {
			troth_stream_next(t->stream, now_ms(), &e);
			answer(t, &e);
		} while (e.type != TROTH_EVENT_NONE);
		bool more = troth_stream_output(t->stream).len > 0;
		if (t->closed && !more)
			break;
		int64_t deadline = t->closed ? now_ms() + 1000 : troth_stream_deadline(t->stream);
		int64_t left = deadline < 0 ? -1 : deadline > now_ms() ? deadline - now_ms() : 0;
		struct pollfd p[] = {{.fd = fd, .events = (short)(POLLIN | (more ? POLLOUT : 0))},
				     {.fd = troth_stream_is_up(t->stream) ? STDIN_FILENO : -1,
				      .events = POLLIN}};
		int ready = poll(p, 2, (int)left);
		open = !(t->closed && ready == 0);
		if (ready > 0 && p[0].revents != 0)
			open = move(t, fd, p[0].revents) || !t->closed;
		if (ready > 0 && p[1].revents != 0)
			send_typed(t);
	}
	troth_stream_free(t->stream);
	close(fd);
}

/* A socket that is connected, or listens when host is NULL. */
static int open_socket(const char *host, const char *port)
{
	struct addrinfo hints = {.ai_flags = AI_PASSIVE, .ai_socktype = SOCK_STREAM}, *list = NULL;
	int fd = -1, yes = 1;
	bool ok = false;
	check(getaddrinfo(host, port, &hints, &list) == 0 ? TROTH_OK : TROTH_E_NOT_FOUND, port);
	for (struct addrinfo *a = list; !ok && a != NULL; a = a->ai_next) {
		fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
		if (fd >= 0 && host != NULL)
			ok = connect(fd, a->ai_addr, a->ai_addrlen) == 0;
		else if (fd >= 0)
			ok = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
			     bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, 8) == 0;
		if (!ok && fd >= 0)
			close(fd);
	}
	freeaddrinfo(list);
	check(ok ? TROTH_OK : TROTH_E_UNREACHABLE, port);
	return fd;
}

int main(int argc, char **argv)
{
	struct tiny t = {.calling = argc == 3 && strcmp(argv[1], "listen") != 0};
	char host[64] = "localhost", address[256];
	struct troth_engine *engine;
	struct troth_address *local;
	if (argc != 3) {
		fprintf(stderr, "usage: tiny listen PORT\n       tiny HOST PORT\n");
		return 2;
	}
	setvbuf(stdin, NULL, _IONBF, 0); /* what stdio holds back, poll can't see */
	(void)gethostname(host, sizeof host - 1);
	snprintf(address, sizeof address, "%s@%s", getenv("USER") ? getenv("USER") : "tiny", host);
	struct troth_engine_params params = {.device = own_device(address)};
	check(troth_engine_new(&engine, &params), "the engine");
	check(troth_address_new(&local, TROTH_REALM_LINK, address), address);
	int fd = open_socket(t.calling ? argv[1] : NULL, argv[2]);
	snprintf(t.who, sizeof t.who, "%s port %s", argv[1], argv[2]);
	if (t.calling)
		meet(&t, engine, local, fd);
	while (!t.calling && !t.was_up) {
		printf("Waiting on port %s.\n", argv[2]);
		fflush(stdout);
		meet(&t, engine, local, accept(fd, NULL, NULL));
	}
	troth_engine_free(engine);
	troth_device_free((struct troth_device *)params.device);
	troth_address_free(local);
	return t.err == TROTH_OK ? 0 : 1;
}
