/* SPDX-License-Identifier: MIT */
/* The actors of `troth demo`: this program as a child, talked with by JSON. Layer: cli. */
#include "base/slice.h"
#include "cli/demo/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <troth/err.h>
#include <unistd.h>

#define WORDS_MAX 32
#define UNREAD_MAX ((size_t)1024 * 1024)
#define SECRET_FD 3
#define POLL_MS 20

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct pipes {
	int in[2], out[2], secret[2];
};

static void pipes_close(struct pipes *p)
{
	int *all[] = {p->in, p->out, p->secret};
	for (size_t i = 0; i < 3; i++)
		for (size_t j = 0; j < 2; j++)
			if (all[i][j] >= 0)
				close(all[i][j]);
}

static int pipes_open(struct pipes *p)
{
	*p = (struct pipes){{-1, -1}, {-1, -1}, {-1, -1}};
	if (pipe2(p->in, O_CLOEXEC) == 0 && pipe2(p->out, O_CLOEXEC) == 0 &&
	    pipe2(p->secret, O_CLOEXEC) == 0)
		return TROTH_OK;
	pipes_close(p);
	return TROTH_E_IO;
}

static void exec_actor(const struct troth_stage *stage, const struct troth_actor_params *params,
		       const struct pipes *p)
{
	char home[TROTH_STAGE_PATH + 64], log[TROTH_STAGE_PATH + 64];
	const char *words[WORDS_MAX] = {"troth", "--home", home, "--json"};
	size_t count = 4;
	snprintf(home, sizeof home, "%s/%s", stage->folder, params->name);
	snprintf(log, sizeof log, "%s/%s.log", stage->folder, params->name);
	for (size_t i = 0; params->argv[i] && count < WORDS_MAX - 1; i++)
		words[count++] = params->argv[i];
	words[count] = NULL;
	int err = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	/* The descriptor of the secret may be one of those that it has to make room for. */
	int secret = fcntl(p->secret[0], F_DUPFD_CLOEXEC, 16);
	if (err < 0 || secret < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 ||
	    troth_machine_enter(&stage->machines[params->machine]) != TROTH_OK ||
	    dup2(p->in[0], STDIN_FILENO) < 0 || dup2(p->out[1], STDOUT_FILENO) < 0 ||
	    dup2(err, STDERR_FILENO) < 0 || dup2(secret, SECRET_FD) < 0)
		_exit(126);
	execv("/proc/self/exe", (char *const *)words);
	_exit(127);
}

int troth_actor_start(struct troth_actor *actor, const struct troth_stage *stage,
		      const struct troth_actor_params *params)
{
	struct pipes p;
	if (pipes_open(&p) != TROTH_OK)
		return TROTH_E_IO;
	pid_t pid = fork();
	if (pid == 0)
		exec_actor(stage, params, &p);
	if (pid < 0) {
		pipes_close(&p);
		return TROTH_E_IO;
	}
	*actor = (struct troth_actor){
		.name = params->name, .pid = pid, .in = p.in[1], .out = p.out[0]};
	troth_buf_init(&actor->unread, UNREAD_MAX);
	const char *secret = params->secret ? params->secret : "";
	/* Shorter than any pipe: can't block. */
	bool told = write(p.secret[1], secret, strlen(secret)) == (ssize_t)strlen(secret);
	close(p.in[0]);
	close(p.out[1]);
	close(p.secret[0]);
	close(p.secret[1]);
	return told ? TROTH_OK : TROTH_E_IO;
}

int troth_actor_say(struct troth_actor *actor, const char *line)
{
	return dprintf(actor->in, "%s\n", line) == (int)strlen(line) + 1 ? TROTH_OK : TROTH_E_IO;
}

static bool has_pairs(const json_t *value, const char *const *pairs)
{
	for (size_t i = 0; pairs[i]; i += 2) {
		const char *text = json_string_value(json_object_get(value, pairs[i]));
		if (!text || (*pairs[i + 1] && strcmp(text, pairs[i + 1]) != 0))
			return false;
	}
	return true;
}

/* Effect: takes the next whole line; false when there is none. */
static bool next_line(struct troth_actor *actor, json_t **out)
{
	struct troth_slice unread = troth_buf_slice(&actor->unread);
	const uint8_t *end = unread.len ? memchr(unread.data, '\n', unread.len) : NULL;
	if (!end)
		return false;
	size_t len = (size_t)(end - unread.data) + 1;
	*out = json_loadb((const char *)unread.data, len, JSON_DECODE_ANY, NULL);
	troth_buf_consume(&actor->unread, len);
	return true;
}

/* Effect: waits for bytes; false at the end, at an error and when time is over. */
static bool read_more(struct troth_actor *actor, int64_t until)
{
	struct pollfd fd = {.fd = actor->out, .events = POLLIN};
	int64_t left = until - now_ms();
	uint8_t *to;
	if (left <= 0 || poll(&fd, 1, (int)left) <= 0 ||
	    troth_buf_reserve(&actor->unread, 4096, &to) != TROTH_OK)
		return false;
	ssize_t n = read(actor->out, to, 4096);
	if (n <= 0)
		return false;
	troth_buf_commit(&actor->unread, (size_t)n);
	return true;
}

bool troth_actor_expect(struct troth_actor *actor, int ms, const char *const *pairs)
{
	int64_t until = now_ms() + ms;
	do {
		json_t *value;
		while (next_line(actor, &value)) {
			json_decref(actor->last);
			actor->last = value;
			if (value && has_pairs(value, pairs))
				return true;
		}
	} while (read_more(actor, until));
	return false;
}

static int reap(struct troth_actor *actor, int ms)
{
	const struct timespec pause = {0, POLL_MS * 1000000L};
	int64_t until = now_ms() + ms;
	int status = 0;
	pid_t pid = 0;
	while (pid == 0 && now_ms() < until) {
		pid = waitpid(actor->pid, &status, WNOHANG);
		if (pid == 0)
			nanosleep(&pause, NULL);
	}
	bool late = pid == 0;
	if (late) {
		kill(actor->pid, SIGKILL);
		pid = waitpid(actor->pid, &status, 0);
	}
	return !late && pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int troth_actor_end(struct troth_actor *actor, int ms)
{
	if (actor->pid <= 0)
		return -1;
	close(actor->in);
	int status = reap(actor, ms);
	close(actor->out);
	troth_buf_fini(&actor->unread);
	json_decref(actor->last);
	*actor = (struct troth_actor){.name = actor->name};
	return status;
}

int troth_actor_stop(struct troth_actor *actor, int ms)
{
	if (actor->pid > 0)
		kill(actor->pid, SIGTERM);
	return troth_actor_end(actor, ms);
}
