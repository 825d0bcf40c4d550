/* SPDX-License-Identifier: MIT */
/* Running a program once. Layer: cli. */
#include "cli/errand.h"

#include "cli/bot/program.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <troth/err.h>
#include <unistd.h>

#define PATIENCE_S 30
#define CHUNK 16384

struct pipes {
	int in[2], out[2];
};

static void close_one(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static void close_all(struct pipes *p)
{
	close_one(&p->in[0]);
	close_one(&p->in[1]);
	close_one(&p->out[0]);
	close_one(&p->out[1]);
}

static int spawn(const struct troth_errand *errand, struct pipes *p, pid_t *out)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t all;
	char **environment = troth_program_environment(errand->pass);
	if (environment == NULL)
		return TROTH_E_NOMEM;
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawnattr_init(&attributes);
	(void)sigfillset(&all);
	int failed = posix_spawn_file_actions_adddup2(&actions, p->in[0], STDIN_FILENO);
	if (failed == 0)
		failed = posix_spawn_file_actions_adddup2(&actions, p->out[1], STDOUT_FILENO);
	if (failed == 0)
		failed = posix_spawnattr_setsigdefault(&attributes, &all);
	if (failed == 0)
		failed = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	if (failed == 0 && troth_program_keep_descriptors() != TROTH_OK)
		failed = EMFILE;
	if (failed == 0)
		failed = posix_spawnp(out, errand->argv[0], &actions, &attributes,
				      (char *const *)errand->argv, environment);
	(void)posix_spawnattr_destroy(&attributes);
	(void)posix_spawn_file_actions_destroy(&actions);
	troth_program_environment_free(environment);
	return failed == 0 ? TROTH_OK : failed == ENOENT ? TROTH_E_NOT_FOUND : TROTH_E_IO;
}

static int64_t now_ms(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Effect: writes what the pipe takes; closes it when nothing is left, or nobody reads it. */
static void feed(int *fd, struct troth_slice *rest)
{
	ssize_t n = rest->len > 0 ? write(*fd, rest->data, rest->len) : 0;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		rest->data += n;
		rest->len -= (size_t)n;
	}
	if (n < 0 || rest->len == 0)
		close_one(fd);
}

static int drain(int *fd, struct troth_buf *out)
{
	uint8_t chunk[CHUNK];
	ssize_t n = read(*fd, chunk, sizeof chunk);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? TROTH_OK : TROTH_E_IO;
	if (n == 0)
		close_one(fd);
	int err = troth_buf_append(out, chunk, (size_t)n);
	sodium_memzero(chunk, (size_t)n); /* a picture may have a secret in it */
	return err;
}

static int talk(const struct troth_errand *errand, struct pipes *p, struct troth_buf *out)
{
	struct troth_slice rest = errand->input;
	const int patience = errand->patience_s != 0 ? errand->patience_s : PATIENCE_S;
	const int64_t end = now_ms() + (int64_t)patience * 1000;
	int err = TROTH_OK;
	while (err == TROTH_OK && p->out[0] >= 0) {
		struct pollfd both[] = {{.fd = p->out[0], .events = POLLIN},
					{.fd = p->in[1], .events = POLLOUT}};
		int64_t left = end - now_ms();
		int ready = left > 0 ? poll(both, 2, (int)left) : 0;
		if (ready < 0 && errno != EINTR)
			err = TROTH_E_IO;
		else if (ready == 0)
			err = TROTH_E_TIMEOUT;
		if (ready > 0 && both[1].revents != 0)
			feed(&p->in[1], &rest);
		if (ready > 0 && both[0].revents != 0)
			err = drain(&p->out[0], out);
	}
	return err;
}

static int status_of(pid_t pid)
{
	int status;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int troth_errand_run(const struct troth_errand *errand, struct troth_buf *out)
{
	struct pipes p = {{-1, -1}, {-1, -1}};
	pid_t pid = 0;
	int err =
		pipe2(p.in, O_CLOEXEC) == 0 && pipe2(p.out, O_CLOEXEC) == 0 ? TROTH_OK : TROTH_E_IO;
	if (err == TROTH_OK)
		err = spawn(errand, &p, &pid);
	if (err != TROTH_OK) {
		close_all(&p);
		return err;
	}
	close_one(&p.in[0]);
	close_one(&p.out[1]);
	/* Ours alone: the child has the other ends. */
	if (fcntl(p.in[1], F_SETFL, O_NONBLOCK) != 0 || fcntl(p.out[0], F_SETFL, O_NONBLOCK) != 0)
		err = TROTH_E_IO;
	if (err == TROTH_OK)
		err = talk(errand, &p, out);
	close_all(&p);
	if (err != TROTH_OK)
		(void)kill(pid, SIGKILL);
	int status = status_of(pid);
	if (errand->status != NULL)
		*errand->status = status;
	return err;
}

void troth_errand_find(const char *program, char out[PATH_MAX])
{
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
	if (len > 0) {
		self[len] = 0;
		if (snprintf(out, PATH_MAX, "%s/%s", dirname(self), program) < PATH_MAX &&
		    access(out, X_OK) == 0)
			return;
	}
	(void)snprintf(out, PATH_MAX, "%s/%s", TROTH_LIBEXEC, program);
}
