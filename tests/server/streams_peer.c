/* SPDX-License-Identifier: MIT */
/*
 * Many bytestreams at once: streams_peer PORT CA PER-CALLER HOST CALLER... signs all of them in
 * (password "secret"), has each caller open so many bytestreams to the host, sends bytes through
 * each, which the host sends back, and keeps all of them open until the last has got its own. Says
 * "together COUNT MS" and "done"; else why not.
 */
#include "base/slice.h"
#include "server/bytestreams.h"
#include "server/worker.h"
#include "xml/namespace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

#define ACCOUNTS 16
#define STREAMS 64
#define BYTES 6000 /* more than a block in-band, and than a proxy passes on at once */

struct end {
	struct troth_account *account;
	struct troth_bytestreams *all;
};

struct one {
	struct troth_bytestream *stream;
	struct troth_transport *transport;
	uint8_t bytes[BYTES];
	size_t got;
	bool calls;
};

static struct {
	uv_loop_t loop;
	struct end end[ACCOUNTS]; /* the first: the host */
	int count;
	int up;
	int per_caller;
	struct one one[2 * STREAMS];
	int used;
	int complete;
	uint64_t began;
} self;

static const struct troth_disco_identity identities[] = {{"client", "bot", NULL, "Peer"}};
static const char *const features[] = {TROTH_NS_DISCO_INFO, TROTH_BYTESTREAMS_FEATURES};
static const struct troth_disco disco = {identities, 1, features, 7, "urn:xmpp:troth:streams"};

static void need(bool ok, const char *what)
{
	if (ok)
		return;
	printf("failed: %s\n", what);
	exit(1);
}

/* ---- the end ---- */

static void hang_up(struct one *o)
{
	if (o->transport != NULL)
		troth_transport_close(o->transport);
	troth_bytestream_end(o->stream);
	o->transport = NULL;
	o->stream = NULL;
}

static void all_complete(void)
{
	uv_update_time(&self.loop);
	printf("together %d %lu\n", self.complete,
	       (unsigned long)(uv_now(&self.loop) - self.began));
	for (int i = 0; i < self.used; i++)
		hang_up(&self.one[i]);
	for (int i = 0; i < self.count; i++)
		troth_account_end(self.end[i].account);
}

static void on_gone(void *user)
{
	struct end *e = user;
	troth_bytestreams_free(e->all, NULL, NULL);
}

/* ---- bytes ---- */

static void send_all(const struct one *o, struct troth_slice bytes)
{
	while (bytes.len > 0) {
		size_t taken;
		need(troth_transport_write(o->transport, bytes, &taken) == TROTH_OK, "write");
		bytes = troth_slice_of(bytes.data + taken, bytes.len - taken);
	}
}

static void on_arrived(void *user, struct troth_slice bytes)
{
	struct one *o = user;
	if (!o->calls) {
		send_all(o, bytes);
		return;
	}
	need(bytes.len <= BYTES - o->got && memcmp(o->bytes + o->got, bytes.data, bytes.len) == 0,
	     "other bytes came back");
	o->got += bytes.len;
	if (o->got == BYTES && ++self.complete == (self.count - 1) * self.per_caller)
		all_complete();
}

static void on_ended(void *user)
{
	(void)user; /* hang_up follows, or has come */
}

static void on_written(void *user, int err)
{
	(void)user;
	need(err == TROTH_OK, "a transport");
}

static void on_finished(void *user, int err)
{
	(void)user;
	(void)err;
}

static void on_open(void *user, struct troth_transport *transport, enum troth_path path)
{
	struct one *o = user;
	const struct troth_transport_events events = {
		.arrived = on_arrived,
		.ended = on_ended,
		.written = on_written,
		.finished = on_finished,
		.user = o,
	};
	(void)path;
	need(o->transport == NULL, "opened twice");
	o->transport = transport;
	troth_transport_own(transport, &events);
	need(troth_transport_start(transport) == TROTH_OK, "a transport doesn't start");
	if (o->calls)
		send_all(o, troth_slice_of(o->bytes, BYTES));
}

static void on_over(void *user, int err, const char *text)
{
	struct one *o = user;
	o->stream = NULL;
	need(err == TROTH_OK && self.complete == (self.count - 1) * self.per_caller, text);
}

/* ---- who calls whom ---- */

static struct one *new_one(bool calls)
{
	need(self.used < 2 * STREAMS, "too many");
	struct one *o = &self.one[self.used++];
	o->calls = calls;
	memset(o->bytes, self.used, BYTES);
	return o;
}

static bool admits(void *user, const struct troth_address *peer)
{
	(void)user;
	(void)peer;
	return true;
}

static bool called(void *user, struct troth_bytestream *b, const struct troth_address *peer,
		   struct troth_bytestream_callbacks *out)
{
	struct one *o = new_one(false);
	(void)user;
	(void)peer;
	o->stream = b;
	*out = (struct troth_bytestream_callbacks){on_open, on_over, NULL, o};
	return true;
}

static void call_all(void)
{
	const char *host = troth_address_full(troth_account_address(self.end[0].account));
	uv_update_time(&self.loop);
	self.began = uv_now(&self.loop);
	for (int i = 1; i < self.count; i++) {
		for (int n = 0; n < self.per_caller; n++) {
			struct one *o = new_one(true);
			const struct troth_bytestream_callbacks callbacks = {on_open, on_over, NULL,
									     o};
			need(troth_bytestream_call(&o->stream, self.end[i].all, host, NULL,
						   &callbacks) == TROTH_OK,
			     "no call");
		}
	}
}

static void on_up(void *user, bool resumed)
{
	(void)user;
	(void)resumed;
	if (++self.up == self.count)
		call_all();
}

static void on_down(void *user, const struct troth_account_down *down)
{
	(void)user;
	need(false, down->text);
}

static void sign_in(const char *jid, const char *port, const char *ca)
{
	struct end *e = &self.end[self.count++];
	struct troth_secret *password;
	need(troth_secret_new(&password, troth_slice_str("secret")) == TROTH_OK, "memory");
	const struct troth_account_params params = {
		.loop = &self.loop,
		.jid = jid,
		.password = password,
		.host = "127.0.0.1",
		.port = (uint16_t)strtoul(port, NULL, 10),
		.ca_file = ca,
		.resume = true,
		.disco = &disco,
		.gone = on_gone,
		.user = e,
	};
	const struct troth_account_presence here = {.available = true};
	const struct troth_account_listener listener = {.up = on_up, .down = on_down};
	need(troth_account_new(&e->account, &params) == TROTH_OK, "no account");
	const struct troth_bytestreams_params streams = {
		.account = e->account, .admits = admits, .called = called};
	need(troth_bytestreams_new(&e->all, &streams) == TROTH_OK &&
		     troth_account_listen(e->account, &listener) == TROTH_OK &&
		     troth_account_presence(e->account, &here) == TROTH_OK &&
		     troth_account_connect(e->account) == TROTH_OK,
	     "an account doesn't connect");
	troth_secret_free(password);
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], TROTH_WORKER_ARGUMENT) == 0)
		return troth_worker_main();
	setvbuf(stdout, NULL, _IOLBF, 0);
	need(argc >= 6 && argc - 4 <= ACCOUNTS && uv_loop_init(&self.loop) == 0, "usage");
	self.per_caller = atoi(argv[3]);
	for (int i = 4; i < argc; i++)
		sign_in(argv[i], argv[1], argv[2]);
	(void)uv_run(&self.loop, UV_RUN_DEFAULT);
	puts("done");
	return uv_loop_close(&self.loop) == 0 ? 0 : 1;
}
