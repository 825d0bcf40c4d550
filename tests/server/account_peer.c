/* SPDX-License-Identifier: MIT */
/*
 * An account that a script drives: commands on stdin, what happens on stdout, a line each. Stanzas
 * are written as they were read, on one line. tests/server/account_peer.py speaks with it.
 */
#include "account_peer.h"
#include "base/limits.h"
#include "base/slice.h"
#include "server/account.h"
#include "server/bytestreams.h"
#include "server/worker.h"
#include "xml/namespace.h"

#include <stdio.h>
#include <stdlib.h>
#include <troth/err.h>
#include <uv.h>

#define WORDS 8

static struct {
	uv_loop_t loop;
	uv_pipe_t in;
	struct troth_buf line;
	struct troth_account *account;
} peer;

static const struct troth_disco_identity identities[] = {{"client", "console", NULL, "Peer"}};
static const char *const features[] = {TROTH_NS_DISCO_INFO, TROTH_NS_CAPS, TROTH_NS_PING,
				       TROTH_NS_PUBKEY "+notify", TROTH_BYTESTREAMS_FEATURES};
#define FEATURES (sizeof features / sizeof *features)
#define FEATURES_WITHOUT_BYTES 4
static struct troth_disco disco = {identities, 1, features, FEATURES_WITHOUT_BYTES,
				   "urn:xmpp:troth:peer"};

static void show(const char *what, const struct troth_element *e)
{
	struct troth_buf buf TROTH_CLEANUP(troth_buf_fini);
	struct troth_writer w;
	const char *text = "?";
	troth_buf_init(&buf, (size_t)1024 * 1024);
	troth_writer_init(&w, &buf, TROTH_NS_CLIENT);
	troth_writer_copy(&w, e);
	if (troth_writer_finish(&w) != TROTH_OK || troth_buf_cstr(&buf, &text) != TROTH_OK)
		text = "?";
	printf("%s %s\n", what, text);
}

static void on_up(void *user, bool resumed)
{
	(void)user;
	printf("up %s %s\n", troth_address_full(troth_account_address(peer.account)),
	       resumed ? "resumed" : "new");
}

static void on_down(void *user, const struct troth_account_down *down)
{
	(void)user;
	printf("down %s %s %s %s\n", troth_account_reason_name(down->reason),
	       down->retry_ms < 0 ? "final" : "again", down->was_up ? "was-up" : "never-up",
	       down->text);
}

static bool on_stanza(void *user, const struct troth_element *stanza)
{
	(void)user;
	show("stanza", stanza);
	return false;
}

static void on_gone(void *user)
{
	(void)user;
	peer.account = NULL;
	peer_bytes_free();
	puts("gone");
	uv_close((uv_handle_t *)&peer.in, NULL);
}

/* ---- commands ---- */

static int make(char **word)
{
	struct troth_buf pem TROTH_CLEANUP(troth_buf_fini);
	struct troth_secret *password;
	const struct troth_account_listener listener = {
		.up = on_up, .down = on_down, .stanza = on_stanza};
	struct troth_account_params params = {
		.loop = &peer.loop,
		.jid = word[1],
		.host = "127.0.0.1",
		.port = (uint16_t)atoi(word[3]),
		.ca_file = strcmp(word[4], "-") == 0 ? NULL : word[4],
		.resume = word[5] != NULL && strcmp(word[5], "resume") == 0,
		.disco = &disco,
		.gone = on_gone,
	};
	char *colon = strchr(word[3], ':'); /* HOST:PORT, a port of 127.0.0.1, or "-": by DNS */
	if (strcmp(word[3], "-") == 0)
		params.host = NULL;
	if (colon != NULL) {
		*colon = 0;
		params.host = word[3];
		params.port = (uint16_t)atoi(colon + 1);
	}
	if (word[5] != NULL && strcmp(word[5], "bytes") == 0)
		disco.n_features = FEATURES;
	bool by_certificate = word[5] != NULL && strcmp(word[5], "certificate") == 0;
	int err = troth_secret_new(&password, troth_slice_str(word[2]));
	if (err != TROTH_OK)
		return err;
	troth_buf_init(&pem, 65536);
	err = peer_parts_device(&pem);
	if (err != TROTH_OK)
		return err;
	params.password = by_certificate ? NULL : password;
	if (by_certificate)
		params.pem = troth_buf_slice(&pem);
	err = troth_account_new(&peer.account, &params);
	troth_secret_free(password);
	if (err == TROTH_OK)
		err = troth_account_listen(peer.account, &listener);
	return err == TROTH_OK ? peer_parts_new(peer.account) : err;
}

static int send_xml(const char *xml)
{
	struct troth_stanza *stanza;
	int err = troth_element_parse(&stanza, troth_slice_str(xml));
	if (err != TROTH_OK)
		return err;
	err = troth_account_send_element(peer.account, troth_stanza_root(stanza));
	troth_stanza_free(stanza);
	return err;
}

static void on_answer(void *user, const struct troth_account_answer *answer)
{
	(void)user;
	printf("answer %s %s ", troth_err_name(answer->err),
	       answer->err == TROTH_E_PEER_ERROR ? troth_stanza_condition_name(answer->condition)
						 : "-");
	if (answer->iq == NULL)
		puts("-");
	else
		show("with", answer->iq);
}

static void write_copy(void *user, struct troth_writer *w)
{
	troth_writer_copy(w, user);
}

static int ask(char **word, const char *xml)
{
	struct troth_stanza *stanza;
	int err = troth_element_parse(&stanza, troth_slice_str(xml));
	if (err != TROTH_OK)
		return err;
	const struct troth_account_iq iq = {
		.to = strcmp(word[1], "-") == 0 ? NULL : word[1],
		.set = strcmp(word[2], "set") == 0,
		.write = write_copy,
		.write_user = (void *)troth_stanza_root(stanza),
		.done = on_answer,
		.timeout_ms = atoi(word[3]),
	};
	err = troth_account_ask(peer.account, &iq);
	troth_stanza_free(stanza);
	return err;
}

static int act(char *line)
{
	char *word[WORDS + 1] = {NULL};
	char *rest = line;
	char *xml = strchr(line, '<');
	static char none[] = "";
	if (xml == NULL)
		xml = none;
	char *copy = strdup(xml);
	if (*xml != 0)
		*xml = 0;
	for (size_t i = 0; i < WORDS && (word[i] = strsep(&rest, " ")) != NULL; i++)
		;
	int err = TROTH_E_INVAL;
	if (copy == NULL)
		err = TROTH_E_NOMEM;
	else if (strcmp(word[0], "account") == 0)
		err = make(word);
	else if (strcmp(word[0], "connect") == 0)
		err = troth_account_connect(peer.account);
	else if (strcmp(word[0], "presence") == 0)
		err = troth_account_presence(peer.account,
					     &(struct troth_account_presence){.available = true});
	else if (strcmp(word[0], "send") == 0)
		err = send_xml(copy);
	else if (strcmp(word[0], "ask") == 0)
		err = ask(word, copy);
	else if (strcmp(word[0], "disconnect") == 0)
		err = (troth_account_disconnect(peer.account), TROTH_OK);
	else if (strcmp(word[0], "end") == 0)
		err = (troth_account_end(peer.account), TROTH_OK);
	else
		err = peer_parts_act(word);
	if (err == TROTH_E_INVAL)
		err = peer_bytes_act(peer.account, word);
	free(copy);
	return err;
}

/* ---- stdin ---- */

static void room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	static char space[65536];
	(void)handle;
	(void)suggested;
	*buf = uv_buf_init(space, sizeof space);
}

static void arrived(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	(void)stream;
	if (n < 0)
		exit(0); /* its test has gone */
	for (ssize_t i = 0; i < n; i++) {
		const char *line;
		if (buf->base[i] != '\n') {
			if (troth_buf_append_byte(&peer.line, (uint8_t)buf->base[i]) != TROTH_OK)
				abort();
			continue;
		}
		if (troth_buf_cstr(&peer.line, &line) != TROTH_OK)
			abort();
		char *copy = strdup(line);
		if (copy == NULL)
			abort();
		troth_buf_clear(&peer.line);
		int err = act(copy);
		free(copy);
		printf("did %s\n", troth_err_name(err));
	}
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], TROTH_WORKER_ARGUMENT) == 0)
		return troth_worker_main();
	setvbuf(stdout, NULL, _IOLBF, 0);
	troth_buf_init(&peer.line, (size_t)1024 * 1024);
	if (uv_loop_init(&peer.loop) != 0 || uv_pipe_init(&peer.loop, &peer.in, 0) != 0 ||
	    uv_pipe_open(&peer.in, 0) != 0 ||
	    uv_read_start((uv_stream_t *)&peer.in, room, arrived) != 0)
		return 1;
	(void)uv_run(&peer.loop, UV_RUN_DEFAULT);
	troth_buf_fini(&peer.line);
	peer_parts_free();
	return uv_loop_close(&peer.loop) == 0 ? 0 : 1;
}
