/* SPDX-License-Identifier: MIT */
/*
 * One side of the mDNS tests: does what lines on stdin say, prints what happens, a line
 * each. Driven by test_mdns.py.
 *
 * lan_peer BACKEND [INTERFACE...]
 *   announce USER MACHINE PORT [KEY=VALUE...]   keys as in TXT; tags=N for N of them
 *   update [KEY=VALUE...]   withdraw   browse   resolve NAME   random PORT
 *   backend   quit (end of input does the same: no goodbye of its own, only free)
 * Values hold no spaces: '+' stands for one.
 */
#include "base/encode.h"
#include "base/slice.h"
#include "lan/lan.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>
#include <unistd.h>

#define WORDS_MAX 24

static uv_loop_t loop;
static struct troth_lan *lan;
static uv_poll_t input;
static char line[4096];
static size_t line_len;
static bool quitting;

static void print_txt(const struct troth_txt *txt)
{
	struct troth_slice key;
	struct troth_slice value;
	for (size_t i = 0; troth_txt_pair(txt, i, &key, &value); i++)
		printf(" %.*s=%.*s", (int)key.len, (const char *)key.data, (int)value.len,
		       (const char *)value.data);
}

static void print_entity(const char *what, const struct troth_lan_entity *e)
{
	char name[IF_NAMESIZE];
	printf("%s %s status:%d tags:%zu ifs:", what, e->display, (int)e->status, e->tag_count);
	for (size_t i = 0; i < e->interface_count; i++)
		printf("%s%s", i > 0 ? "," : "",
		       if_indextoname((unsigned)e->interfaces[i], name) != NULL ? name : "?");
	print_txt(e->txt);
	printf("\n");
}

static void on_found(void *user, const struct troth_lan_entity *e)
{
	(void)user;
	print_entity("found", e);
}

static void on_changed(void *user, const struct troth_lan_entity *e)
{
	(void)user;
	print_entity("changed", e);
}

static void on_gone(void *user, const char *name, const char *display)
{
	(void)user;
	(void)name;
	printf("gone %s\n", display);
}

static void on_own_name(void *user, const char *name)
{
	(void)user;
	printf("own %s\n", name);
}

static void on_error(void *user, const char *sentence)
{
	(void)user;
	printf("error %s\n", sentence);
}

static void on_withdrawn(void *user)
{
	(void)user;
	printf("withdrawn\n");
}

static void on_resolved(void *user, const struct troth_lan_addresses *addresses)
{
	(void)user;
	printf("resolved %u", (unsigned)addresses->port);
	for (size_t i = 0; i < addresses->count; i++) {
		char text[INET6_ADDRSTRLEN];
		char name[IF_NAMESIZE];
		if (addresses->at[i].ss_family == AF_INET) {
			const struct sockaddr_in *in = (const void *)&addresses->at[i];
			printf(" %s:%u", inet_ntop(AF_INET, &in->sin_addr, text, sizeof text),
			       (unsigned)ntohs(in->sin_port));
			continue;
		}
		const struct sockaddr_in6 *in6 = (const void *)&addresses->at[i];
		printf(" [%s%%%s]:%u", inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof text),
		       if_indextoname(in6->sin6_scope_id, name) != NULL ? name : "0",
		       (unsigned)ntohs(in6->sin6_port));
	}
	printf("\n");
}

static const char *value_of(char **words, size_t count, const char *key)
{
	size_t len = strlen(key);
	for (size_t i = 0; i < count; i++)
		if (strncmp(words[i], key, len) == 0 && words[i][len] == '=') {
			for (char *c = words[i]; *c != 0; c++)
				if (*c == '+')
					*c = ' ';
			return words[i] + len + 1;
		}
	return NULL;
}

static struct troth_lan_card card_of(char **words, size_t count)
{
	static const struct troth_lan_tag tags[TROTH_LAN_TAGS_MAX] = {{"tag0"}, {"tag1"}};
	const char *status = value_of(words, count, "status");
	const char *tag_count = value_of(words, count, "tags");
	struct troth_lan_card card = {
		.nick = value_of(words, count, "nick"),
		.first = value_of(words, count, "1st"),
		.last = value_of(words, count, "last"),
		.email = value_of(words, count, "email"),
		.jid = value_of(words, count, "jid"),
		.msg = value_of(words, count, "msg"),
		.node = value_of(words, count, "node"),
		.hash = value_of(words, count, "hash"),
		.ver = value_of(words, count, "ver"),
		.say_port = value_of(words, count, "port.p2pj") != NULL,
		.say_status = status != NULL,
	};
	if (status != NULL)
		card.status = strcmp(status, "dnd") == 0    ? TROTH_LAN_DND
			      : strcmp(status, "away") == 0 ? TROTH_LAN_AWAY
							    : TROTH_LAN_AVAIL;
	if (tag_count != NULL) {
		card.tags = tags;
		card.tag_count = (size_t)atoi(tag_count);
	}
	return card;
}

static int announce(char **words, size_t count)
{
	struct troth_lan_profile profile = {
		.user = words[1],
		.machine = words[2],
		.port = (uint16_t)atoi(words[3]),
		.card = card_of(words + 4, count - 4),
	};
	return troth_lan_announce(lan, &profile);
}

static int announce_random(const char *port)
{
	static const struct troth_lan_tag none[1];
	char user[TROTH_LAN_RANDOM_NAME];
	char machine[TROTH_LAN_RANDOM_NAME];
	int err = troth_lan_random_name(user, machine);
	struct troth_lan_profile profile = {
		.user = user,
		.machine = machine,
		.port = (uint16_t)atoi(port),
		.card = {.tags = none},
	};
	return err == TROTH_OK ? troth_lan_announce(lan, &profile) : err;
}

static int run(char **words, size_t count)
{
	struct troth_lan_resolve *resolve;
	if (strcmp(words[0], "announce") == 0 && count >= 4)
		return announce(words, count);
	if (strcmp(words[0], "random") == 0 && count == 2)
		return announce_random(words[1]);
	if (strcmp(words[0], "update") == 0) {
		struct troth_lan_card card = card_of(words + 1, count - 1);
		return troth_lan_update(lan, &card);
	}
	if (strcmp(words[0], "withdraw") == 0)
		return troth_lan_withdraw(lan, on_withdrawn, NULL);
	if (strcmp(words[0], "browse") == 0)
		return troth_lan_browse(lan);
	if (strcmp(words[0], "resolve") == 0 && count == 2)
		return troth_lan_resolve(lan, words[1], on_resolved, NULL, &resolve);
	if (strcmp(words[0], "cancel") == 0 && count == 2) {
		int err = troth_lan_resolve(lan, words[1], on_resolved, NULL, &resolve);
		if (err == TROTH_OK)
			troth_lan_resolve_cancel(resolve);
		return err;
	}
	if (strcmp(words[0], "backend") == 0) {
		printf("backend %s\n", troth_lan_backend_name(lan));
		return TROTH_OK;
	}
	return TROTH_E_INVAL;
}

static void quit(void)
{
	if (quitting)
		return;
	quitting = true;
	troth_lan_free(lan);
	uv_close((uv_handle_t *)&input, NULL);
}

static void run_line(char *text)
{
	char *words[WORDS_MAX];
	size_t count = 0;
	for (char *w = strtok(text, " "); w != NULL && count < WORDS_MAX; w = strtok(NULL, " "))
		words[count++] = w;
	if (count == 0)
		return;
	if (strcmp(words[0], "quit") == 0) {
		quit();
		return;
	}
	int err = run(words, count);
	if (err != TROTH_OK)
		printf("failed %s\n", troth_err_name(err));
}

static void on_input(uv_poll_t *handle, int status, int events)
{
	(void)handle;
	(void)status;
	(void)events;
	ssize_t n = read(0, line + line_len, sizeof line - 1 - line_len);
	if (n <= 0) {
		quit();
		return;
	}
	line_len += (size_t)n;
	for (char *nl; !quitting && (nl = memchr(line, '\n', line_len)) != NULL;) {
		*nl = 0;
		run_line(line);
		line_len -= (size_t)(nl + 1 - line);
		memmove(line, nl + 1, line_len);
	}
}

int main(int argc, char **argv)
{
	static const char *const names[] = {"auto", "daemon", "embedded"};
	struct troth_lan_params params = {
		.callbacks = {.found = on_found,
			      .changed = on_changed,
			      .gone = on_gone,
			      .own_name = on_own_name,
			      .error = on_error},
	};
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 0; argc > 1 && i < 3; i++)
		if (strcmp(argv[1], names[i]) == 0)
			params.backend = (enum troth_lan_backend_choice)i;
	if (argc > 2)
		params.interfaces = (const char *const *)argv + 2;
	if (uv_loop_init(&loop) != 0)
		return 1;
	int err = troth_lan_new(&lan, &loop, &params);
	if (err != TROTH_OK) {
		printf("failed %s\n", troth_err_name(err));
		(void)uv_run(&loop, UV_RUN_DEFAULT);
		return 1;
	}
	/* stdin may be a pipe: a poll takes it as it is. */
	if (uv_poll_init(&loop, &input, 0) != 0 ||
	    uv_poll_start(&input, UV_READABLE | UV_DISCONNECT, on_input) != 0)
		return 1;
	printf("ready %s\n", troth_lan_backend_name(lan));
	(void)uv_run(&loop, UV_RUN_DEFAULT);
	if (uv_loop_close(&loop) != 0)
		return 1; /* a handle was left open */
	printf("bye\n");
	return 0;
}
