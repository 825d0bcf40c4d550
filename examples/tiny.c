/* SPDX-License-Identifier: MIT */
/*
 * tiny: a whole secure chat on libtroth. `tiny listen PORT` waits for one, `tiny HOST PORT` calls.
 *
 * At a first meeting both users are asked for a secret that they share; from the second on they
 * are known to each other by their keys. Read `answer` for what a client decides, and `meet` for
 * how bytes and time go in and out. What must outlive the program is in tiny_files.c.
 */
#include "tiny_files.h"

#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <troth/stream.h>
#include <unistd.h>

struct tiny {
	struct troth_engine *engine;
	struct troth_stream *stream;
	bool calling, was_up, closed;
	int err;
	char who[256]; /* whom our user called, or who the caller says it is; safe to print */
};

/* ---- the user ---- */

/* Remote text can't move the cursor nor turn around: no C0, DEL, C1, no marks of direction. */
static char *clean(char *text)
{
	char *to = text;
	for (const unsigned char *c = (unsigned char *)text; *c != 0; c++) {
		if (c[0] == 0xc2 && c[1] < 0xa0)
			c += 1;
		else if (c[0] == 0xe2 && ((c[1] == 0x80 && (c[2] < 0x90 || c[2] > 0xa7)) ||
					  (c[1] == 0x81 && (c[2] & 0xf0) == 0xa0)))
			c += 2;
		else if (*c >= 0x20 && *c != 0x7f)
			*to++ = (char)*c;
	}
	*to = 0;
	return text;
}

static int ask_secret(const struct tiny *t)
{
	struct troth_secret *secret;
	printf("What is the secret that you share with %s?\n", t->who);
	char *text = getpass("Secret: "); /* from standard input where there is no terminal */
	must(text == NULL ? TROTH_E_IO : TROTH_OK, "the terminal");
	int err = troth_secret_new(&secret, (struct troth_slice){(uint8_t *)text, strlen(text)});
	explicit_bzero(text, strlen(text));
	if (err != TROTH_OK)
		return troth_stream_refuse(t->stream, TROTH_E_REFUSED);
	err = troth_stream_secret(t->stream, secret);
	troth_secret_free(secret);
	return err;
}

static void write_message(void *text, struct troth_writer *w)
{
	troth_writer_open(w, "jabber:client", "message");
	troth_writer_leaf(w, "jabber:client", "body", text);
	troth_writer_close(w);
}

static void show_message(const struct tiny *t, const struct troth_element *stanza)
{
	const struct troth_element *body = troth_element_child(stanza, "jabber:client", "body");
	char *text = strdup(troth_element_text(body));
	must(text == NULL ? TROTH_E_NOMEM : TROTH_OK, "a message");
	if (body != NULL)
		printf("%s: %s\n", t->who, clean(text));
	free(text);
}

/* ---- what a client decides ---- */

/* What is known of t->who: its key, or nothing. The peer's address is only a claim: it chooses
 * the key that must be shown. */
static struct troth_known look_up(const struct tiny *t, struct troth_known_key *key)
{
	*key = (struct troth_known_key){.proven = true};
	bool pinned = find_pin(key, t->who);
	/* A client for more than two people lets strangers ask only while its user expects one. */
	return (struct troth_known){.contact = pinned ? t->who : NULL,
				    .keys = key,
				    .key_count = pinned,
				    .may_ask = !pinned,
				    .least = TROTH_LEVEL_VERIFIED};
}

static void answer(struct tiny *t, const struct troth_event *e)
{
	/* The stream has checked the proof itself: a key that isn't in `known` doesn't get here. */
	const struct troth_verdict enough = {.level = TROTH_LEVEL_VERIFIED};
	const char *address = e->address != NULL ? troth_address_bare(e->address) : "somebody";
	struct troth_known_key key;
	struct troth_known known;
	int err = TROTH_OK;
	switch (e->type) {
	case TROTH_EVENT_WHO:
		if (!t->calling)
			snprintf(t->who, sizeof t->who, "%s", address);
		clean(t->who);
		known = look_up(t, &key);
		err = troth_stream_know(t->stream, &known);
		break;
	case TROTH_EVENT_ASK_SECRET:
		err = ask_secret(t);
		break;
	case TROTH_EVENT_GUESS:
		err = count_guess(1) ? troth_stream_debited(t->stream)
				     : troth_stream_refuse(t->stream, TROTH_E_BUDGET);
		break;
	case TROTH_EVENT_VERDICT:
		err = troth_stream_verdict(t->stream, &enough);
		break;
	case TROTH_EVENT_SECURED:
		t->was_up = e->method == TROTH_METHOD_KEY || count_guess(-1);
		printf("Talking with %s: %s, by %s.\n", t->who, troth_level_text(e->level),
		       troth_method_name(e->method));
		break;
	case TROTH_EVENT_KEYS:
		if (e->key_count == 0 || !e->keys[0].possessed)
			break;
		add_pin(t->who, e->keys[0].cert);
		printf("From now on %s is known by its key.\n", t->who);
		break;
	case TROTH_EVENT_STANZA:
		show_message(t, e->element);
		break;
	case TROTH_EVENT_CLOSED:
		t->closed = true;
		t->err = e->err;
		if (e->err == TROTH_E_KEY_CHANGED)
			printf("REFUSED: %s is known by another key. This may be an impostor; for "
			       "a\n"
			       "new device of its own, delete its line of tiny-pins.\n",
			       t->who);
		printf("%s\n", e->text);
		break;
	case TROTH_EVENT_WAITING:
	case TROTH_EVENT_STATE:
	case TROTH_EVENT_XML:
	case TROTH_EVENT_NONE:
		break;
	}
	must(err, "the stream");
}

/* ---- bytes and time ---- */

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* All of it: a client with several streams doesn't wait here but for POLLOUT. */
static void send_output(struct tiny *t, int fd)
{
	struct troth_slice out = troth_stream_output(t->stream);
	ssize_t n = out.len > 0 ? send(fd, out.data, out.len, MSG_NOSIGNAL) : 0;
	troth_stream_sent(t->stream, out.len);
	if (n < (ssize_t)out.len)
		troth_stream_feed_end(t->stream, now_ms());
}

static void receive(struct tiny *t, int fd)
{
	uint8_t in[16384];
	ssize_t n = recv(fd, in, sizeof in, 0);
	if (n > 0)
		troth_stream_feed(t->stream, (struct troth_slice){in, (size_t)n}, now_ms());
	else
		troth_stream_feed_end(t->stream, now_ms());
}

static void send_typed(struct tiny *t)
{
	char line[4096];
	if (fgets(line, sizeof line, stdin) == NULL) {
		troth_stream_close(t->stream, now_ms());
		return;
	}
	line[strcspn(line, "\n")] = 0;
	if (troth_stream_send(t->stream, write_message, line) != TROTH_OK)
		printf("Not sent: that can't stand in a message.\n");
}

/* One stream, from its first byte to its last. */
static void meet(struct tiny *t, const struct troth_stream_params *params, int fd)
{
	struct troth_event e;
	must(troth_stream_new(&t->stream, t->engine, params, now_ms()), "the stream");
	for (t->closed = false;;) {
		do {
			troth_stream_next(t->stream, now_ms(), &e);
			answer(t, &e);
		} while (e.type != TROTH_EVENT_NONE);
		send_output(t, fd);
		if (t->closed)
			break;
		int64_t deadline = troth_stream_deadline(t->stream), now = now_ms();
		int wait = deadline < 0 ? -1 : deadline > now ? (int)(deadline - now) : 0;
		struct pollfd p[] = {{.fd = fd, .events = POLLIN}, {.fd = -1, .events = POLLIN}};
		if (troth_stream_is_up(t->stream))
			p[1].fd = STDIN_FILENO;
		if (poll(p, 2, wait) > 0 && p[0].revents != 0)
			receive(t, fd);
		if (p[1].revents != 0)
			send_typed(t);
	}
	troth_stream_free(t->stream);
	close(fd);
}

/* A socket that is connected, or listens. */
static int open_socket(bool calling, const char *host, const char *port)
{
	struct addrinfo hints = {.ai_flags = AI_PASSIVE, .ai_socktype = SOCK_STREAM}, *list = NULL;
	int fd = -1, yes = 1;
	(void)getaddrinfo(calling ? host : NULL, port, &hints, &list);
	for (struct addrinfo *a = list; fd < 0 && a != NULL; a = a->ai_next) {
		fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
		bool ok = calling ? connect(fd, a->ai_addr, a->ai_addrlen) == 0
				  : bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, 8) == 0;
		if (!ok) {
			close(fd);
			fd = -1;
		}
	}
	must(fd < 0 ? TROTH_E_UNREACHABLE : TROTH_OK, host);
	freeaddrinfo(list);
	return fd;
}

int main(int argc, char **argv)
{
	struct tiny t = {.calling = argc == 3 && strcmp(argv[1], "listen") != 0};
	char host[64] = "localhost", address[256];
	struct troth_address *local;
	struct troth_known_key key;
	if (argc != 3) {
		fprintf(stderr, "usage: tiny listen PORT\n       tiny HOST PORT\n");
		return 2;
	}
	setvbuf(stdin, NULL, _IONBF, 0); /* what stdio holds back, poll can't see */
	setvbuf(stdout, NULL, _IOLBF, 0);
	(void)gethostname(host, sizeof host - 1);
	snprintf(address, sizeof address, "%s@%s", getenv("USER") ? getenv("USER") : "tiny", host);
	snprintf(t.who, sizeof t.who, "%s port %s", argv[1], argv[2]);
	struct troth_device *device = own_device(address);
	must(troth_engine_new(&t.engine, &(struct troth_engine_params){.device = device}), "TLS");
	must(troth_address_new(&local, TROTH_REALM_LINK, address), address);
	struct troth_known known = look_up(&t, &key);
	struct troth_stream_params params = {.local = local, .known = &known};
	params.role = t.calling ? TROTH_INITIATOR : TROTH_RECIPIENT;
	int fd = open_socket(t.calling, argv[1], argv[2]);
	while (!t.calling && !t.was_up) {
		printf("Waiting on port %s.\n", argv[2]);
		meet(&t, &params, accept(fd, NULL, NULL));
	}
	if (t.calling)
		meet(&t, &params, fd);
	troth_engine_free(t.engine);
	troth_device_free(device);
	troth_address_free(local);
	return t.err == TROTH_OK ? 0 : 1;
}
