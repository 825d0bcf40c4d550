/* SPDX-License-Identifier: MIT */
/* The bytestreams of the account that a script drives: one at a time, from a file and into one. */
#include "account_peer.h"
#include "base/slice.h"
#include "server/bytestreams.h"

#include <stdio.h>
#include <stdlib.h>
#include <troth/err.h>

#define PIECE 16384

static void need(bool ok)
{
	if (!ok)
		abort();
}

static struct {
	struct troth_bytestreams *all;
	struct troth_bytestream *one;
	struct troth_transport *transport;
	FILE *into;
	FILE *from;
	size_t arrived;
	uint8_t piece[PIECE]; /* of `from`, on its way */
	size_t len;
	size_t taken;
} bytes;

/* ---- the transport ---- */

/* Sends what the line takes, and ends our side at the end of the file. */
static void push(void)
{
	while (bytes.from != NULL && troth_transport_waiting(bytes.transport) < 4 * (size_t)PIECE) {
		size_t n;
		if (bytes.taken == bytes.len) {
			bytes.taken = 0;
			bytes.len = fread(bytes.piece, 1, PIECE, bytes.from);
		}
		if (bytes.len == 0) {
			need(fclose(bytes.from) == 0 &&
			     troth_transport_finish(bytes.transport) == TROTH_OK);
			bytes.from = NULL;
			return;
		}
		const struct troth_slice left = {bytes.piece + bytes.taken,
						 bytes.len - bytes.taken};
		need(troth_transport_write(bytes.transport, left, &n) == TROTH_OK);
		bytes.taken += n;
	}
}

static void on_arrived(void *user, struct troth_slice got)
{
	(void)user;
	bytes.arrived += got.len;
	need(fwrite(got.data, 1, got.len, bytes.into) == got.len);
}

static void on_ended(void *user)
{
	(void)user;
	need(fflush(bytes.into) == 0);
	printf("ended %zu\n", bytes.arrived);
}

static void on_written(void *user, int err)
{
	(void)user;
	if (err == TROTH_OK)
		push();
	else
		printf("written %s\n", troth_err_name(err));
}

static void on_finished(void *user, int err)
{
	(void)user;
	printf("finished %s\n", troth_err_name(err));
}

static void on_closed(void *user)
{
	(void)user;
}

static void close_transport(void)
{
	peer_in_band_hang_up();
	if (bytes.transport != NULL)
		troth_transport_close(bytes.transport);
	bytes.transport = NULL;
}

static void on_open(void *user, struct troth_transport *transport, enum troth_path path)
{
	const struct troth_transport_events events = {on_arrived,  on_ended,  on_written,
						      on_finished, on_closed, NULL};
	(void)user;
	close_transport();
	bytes.transport = transport;
	troth_transport_own(transport, &events);
	need(troth_transport_start(transport) == TROTH_OK);
	printf("open %s\n", troth_path_name(path));
	push();
}

static void on_over(void *user, int err, const char *text)
{
	(void)user;
	bytes.one = NULL;
	printf("over %s %s\n", troth_err_name(err), text);
}

/* ---- the bytestreams ---- */

static const struct troth_bytestream_callbacks callbacks = {.open = on_open, .over = on_over};

static bool on_admits(void *user, const struct troth_address *peer)
{
	(void)user;
	(void)peer;
	return true;
}

static bool on_called(void *user, struct troth_bytestream *b, const struct troth_address *peer,
		      struct troth_bytestream_callbacks *out)
{
	(void)user;
	if (bytes.one != NULL)
		return false;
	bytes.one = b;
	*out = callbacks;
	printf("called %s\n", troth_address_full(peer));
	return true;
}

/* All who call are let in, and what comes goes into a file. */
static int begin(struct troth_account *account, const char *path)
{
	const struct troth_bytestreams_params params = {
		.account = account, .direct = true, .admits = on_admits, .called = on_called};
	const struct troth_account_listener listener = {.admits = on_admits};
	bytes.into = fopen(path, "wb");
	if (bytes.into == NULL)
		return TROTH_E_IO;
	int err = troth_account_listen(account, &listener);
	if (err == TROTH_OK) /* which hears first, and of its own session only */
		err = peer_in_band_begin(account, &callbacks);
	return err == TROTH_OK ? troth_bytestreams_new(&bytes.all, &params) : err;
}

static int say(const char *path)
{
	bytes.from = fopen(path, "rb");
	if (bytes.from == NULL)
		return TROTH_E_IO;
	bytes.len = bytes.taken = 0;
	push();
	return TROTH_OK;
}

static void hang_up(void)
{
	close_transport();
	troth_bytestream_end(bytes.one);
	bytes.one = NULL;
}

int peer_bytes_act(struct troth_account *account, char **word)
{
	if (strcmp(word[0], "bytes") == 0)
		return begin(account, word[1]);
	if (strcmp(word[0], "call") == 0)
		return troth_bytestream_call(&bytes.one, bytes.all, word[1], NULL, &callbacks);
	if (strcmp(word[0], "call-in-band") == 0)
		return peer_in_band_call(word[1]);
	if (strcmp(word[0], "say") == 0 && bytes.transport != NULL)
		return say(word[1]);
	if (strcmp(word[0], "hang-up") == 0)
		return hang_up(), TROTH_OK;
	return TROTH_E_INVAL;
}

void peer_bytes_free(void)
{
	if (bytes.from != NULL)
		need(fclose(bytes.from) == 0);
	if (bytes.into != NULL)
		need(fclose(bytes.into) == 0);
	peer_in_band_free();
	troth_bytestreams_free(bytes.all, NULL, NULL);
}
