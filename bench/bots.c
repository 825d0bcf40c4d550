/* SPDX-License-Identifier: MIT */
/*
 * Many devices with labels: guessed against, killed, begun again, claimed once each, claimed again
 * in vain, and still their owner's. Checks all of it, and prints what it took.
 *
 *   bots [--json] [COUNT]          1000 devices, or COUNT
 */
#include "bots.h"

#include "store/owner.h"

#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <troth/err.h>
#include <unistd.h>

#define HOSTS 8

struct host {
	pid_t pid;
	FILE *out;
	unsigned first, count;
};

struct show {
	char folder[BOTS_PATH];
	unsigned count;
	unsigned *ports;
	double *took;
	struct host hosts[HOSTS];
	unsigned wrong; /* guesses that devices have told of */
};

/* ---- processes ---- */

static void start_host(struct show *s, struct host *h)
{
	int pipes[2];
	char first[16], count[16];
	if (pipe(pipes) != 0)
		bots_fail("pipe", TROTH_E_IO);
	(void)snprintf(first, sizeof first, "%u", h->first);
	(void)snprintf(count, sizeof count, "%u", h->count);
	h->pid = fork();
	if (h->pid == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && dup2(pipes[1], STDOUT_FILENO) >= 0) {
			close(pipes[0]);
			close(pipes[1]);
			execl("/proc/self/exe", "bots", "host", s->folder, first, count, NULL);
		}
		_exit(127);
	}
	close(pipes[1]);
	h->out = fdopen(pipes[0], "r");
	if (h->pid < 0 || h->out == NULL)
		bots_fail("host", TROTH_E_IO);
}

static void hear(struct show *s, struct host *h)
{
	char line[64];
	unsigned bot, port;
	while (fgets(line, sizeof line, h->out) != NULL) {
		if (sscanf(line, "port %u %u", &bot, &port) == 2 && bot < s->count)
			s->ports[bot] = port;
		if (strcmp(line, "ready\n") == 0)
			return;
	}
	bots_fail("a host has ended", TROTH_E_IO);
}

/* Returns ms until all devices listen. */
static double start_all(struct show *s)
{
	uint64_t began = uv_hrtime();
	for (unsigned i = 0; i < HOSTS; i++)
		start_host(s, &s->hosts[i]);
	for (unsigned i = 0; i < HOSTS; i++)
		hear(s, &s->hosts[i]);
	return (double)(uv_hrtime() - began) / 1e6;
}

/* Effect: SIGKILL, as when the power fails; then what they had told is counted. */
static void kill_all(struct show *s)
{
	char line[64];
	for (unsigned i = 0; i < HOSTS; i++) {
		struct host *h = &s->hosts[i];
		(void)kill(h->pid, SIGKILL);
		while (waitpid(h->pid, NULL, 0) < 0 && errno == EINTR)
			;
		while (fgets(line, sizeof line, h->out) != NULL)
			s->wrong += strncmp(line, "wrong", 5) == 0;
		fclose(h->out);
	}
}

static double resident_kib(const struct show *s)
{
	double sum = 0;
	for (unsigned i = 0; i < HOSTS; i++) {
		char path[64], line[256];
		double kib;
		(void)snprintf(path, sizeof path, "/proc/%d/status", (int)s->hosts[i].pid);
		FILE *file = fopen(path, "r");
		while (file != NULL && fgets(line, sizeof line, file) != NULL)
			if (sscanf(line, "VmRSS: %lf", &kib) == 1)
				sum += kib;
		if (file != NULL)
			fclose(file);
	}
	return sum;
}

/* ---- rounds ---- */

static double rank(const double *sorted, unsigned count, double part)
{
	return sorted[(unsigned)((count - 1) * part)];
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static void go(struct show *s, struct bots_one *who, enum bots_want want, const char *name,
	       bool json)
{
	struct bots_round round = {.who = who,
				   .folder = s->folder,
				   .ports = s->ports,
				   .count = s->count,
				   .want = want,
				   .took = s->took};
	uint64_t began = uv_hrtime();
	bots_go_round(&round);
	double seconds = (double)(uv_hrtime() - began) / 1e9;
	if (round.good != s->count) {
		fprintf(stderr, "bots: %s: only %u of %u as it should be\n", name, round.good,
			s->count);
		exit(1);
	}
	qsort(s->took, s->count, sizeof *s->took, compare);
	printf(json ? " {\"name\": \"%s\", \"bots\": %u, \"per_s\": %.1f, \"ms_median\": %.2f, "
		      "\"ms_99\": %.2f},\n"
		    : "%-44s %6u  %8.1f /s   median %7.1f ms   99%% %7.1f ms\n",
	       name, s->count, s->count / seconds, rank(s->took, s->count, 0.5),
	       rank(s->took, s->count, 0.99));
}

/* Each store by itself, with nobody running: one owner, one contact, and it is that one. */
static int count_contact(void *user, const struct troth_store_contact *contact)
{
	(void)contact;
	++*(unsigned *)user;
	return 0;
}

static void check_owners(const struct show *s, const struct bots_one *owner)
{
	const struct troth_pin *pin = troth_cert_pin(troth_device_cert(owner->device));
	for (unsigned i = 0; i < s->count; i++) {
		char name[16];
		struct bots_one bot;
		struct troth_store_contact contact;
		int64_t id = 0;
		unsigned contacts = 0;
		(void)snprintf(name, sizeof name, "%u", i);
		bots_one_open(&bot, s->folder, name);
		int err = troth_store_owner_get(bot.store, &id);
		if (err == TROTH_OK)
			err = troth_store_contact_by_pin(bot.store, pin, &contact);
		if (err == TROTH_OK)
			err = troth_store_contact_list(bot.store, count_contact, &contacts);
		if (err != TROTH_OK || contact.id != id || contacts != 1)
			bots_fail("a device isn't its owner's alone", err);
		bots_one_close(&bot);
	}
}

/* ---- the show ---- */

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

static void prepare(struct show *s, unsigned count)
{
	const char *tmp = getenv("TMPDIR");
	struct rlimit files;
	s->count = count;
	(void)snprintf(s->folder, sizeof s->folder, "%s/troth-bots-XXXXXX", tmp ? tmp : "/tmp");
	s->ports = calloc(count, sizeof *s->ports);
	s->took = calloc(count, sizeof *s->took);
	if (s->ports == NULL || s->took == NULL || mkdtemp(s->folder) == NULL ||
	    getrlimit(RLIMIT_NOFILE, &files) != 0)
		bots_fail("folder", TROTH_E_IO);
	files.rlim_cur = files.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &files);
	for (unsigned i = 0, first = 0; i < HOSTS; i++) {
		unsigned end = count * (i + 1) / HOSTS;
		s->hosts[i] = (struct host){.first = first, .count = end - first};
		first = end;
	}
}

static void play(struct show *s, bool json)
{
	struct bots_one owner, thief;
	bots_one_open(&owner, s->folder, "owner");
	bots_one_open(&thief, s->folder, "thief");
	double made = start_all(s);
	double kib = resident_kib(s) / s->count;
	go(s, &thief, BOTS_GUESS, "a wrong code is refused", json);
	kill_all(s);
	double again = start_all(s);
	go(s, &thief, BOTS_GUESS, "the same after a crash", json);
	go(s, &owner, BOTS_CLAIM, "the owner claims it, and comes by key", json);
	kill_all(s);
	(void)start_all(s);
	go(s, &thief, BOTS_STEAL, "the right code of an owned one is refused", json);
	go(s, &owner, BOTS_VISIT, "the owner is known by key", json);
	kill_all(s);
	check_owners(s, &owner);
	if (s->wrong != 2 * s->count)
		bots_fail("guesses weren't counted", TROTH_OK);
	printf(json ? " {\"name\": \"processes\", \"bots\": %u, \"made_ms\": %.0f, \"again_ms\": "
		      "%.0f, \"kib_per_bot\": %.0f}\n"
		    : "%u devices in 8 processes: made and listening in %.0f ms, again after "
		      "SIGKILL "
		      "in %.0f ms, %.0f KiB resident each\n",
	       s->count, made, again, kib);
	bots_one_close(&owner);
	bots_one_close(&thief);
}

int main(int argc, char **argv)
{
	struct show s = {.wrong = 0};
	bool json = argc > 1 && strcmp(argv[1], "--json") == 0;
	if (argc == 5 && strcmp(argv[1], "host") == 0)
		bots_host(argv[2], (unsigned)atoi(argv[3]), (unsigned)atoi(argv[4]));
	int count = argc > 1 + json ? atoi(argv[1 + json]) : 1000;
	if (count < 1 || count > 100000) {
		fprintf(stderr, "usage: bots [--json] [COUNT]\n");
		return 2;
	}
	prepare(&s, (unsigned)count);
	if (json)
		printf("[\n");
	play(&s, json);
	if (json)
		printf("]\n");
	(void)nftw(s.folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(s.ports);
	free(s.took);
	return 0;
}
