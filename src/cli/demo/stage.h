/* SPDX-License-Identifier: MIT */
/*
 * Where `troth demo` plays: machines of its own on a link of their own, each a set of
 * namespaces held by one process; or, where those can't be made, this machine's
 * loopback. All of it ends with this process. Layer: cli.
 */
#ifndef TROTH_CLI_DEMO_STAGE_H
#define TROTH_CLI_DEMO_STAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>
#include <troth/bytes.h>

#define TROTH_STAGE_MACHINES 3
#define TROTH_STAGE_PATH 256

struct troth_machine {
	pid_t holder;     /* of the namespaces; 0: loopback */
	int stop;         /* closing it ends the holder */
	char address[32]; /* IPv4 */
};

struct troth_stage {
	char folder[TROTH_STAGE_PATH]; /* temporary; all homes are in it */
	bool linked;                   /* machines on a link, where mDNS works */
	char why_not[128];             /* when not linked: what was missing */
	struct troth_machine machines[TROTH_STAGE_MACHINES];
};

/* Effect: makes the folder and, if that is wanted and can be done, the machines; this process
 * is moved into namespaces of its own for that. Errors: TROTH_E_IO, without a folder. */
int troth_stage_open(struct troth_stage *stage, bool machines) TROTH_MUST_USE;
/* Effect: ends the machines and removes the folder. */
void troth_stage_close(struct troth_stage *stage);

/* ---- Actors: this same program, run on a machine ---- */

struct troth_actor {
	const char *name;
	pid_t pid; /* 0: not running */
	int in, out;
	struct troth_buf unread;
	json_t *last; /* what troth_actor_expect found, borrowed until the next call */
};

struct troth_actor_params {
	const char *name;        /* for people, and of its home in the folder */
	unsigned machine;        /* index */
	const char *secret;      /* goes to descriptor 3; NULL: none */
	const char *const *argv; /* from the verb on; NULL ends. --home and --json are added */
};

/* Effect: starts it. What it writes on stderr goes to <folder>/<name>.log.
 * Errors: TROTH_E_IO, TROTH_E_NOMEM. */
int troth_actor_start(struct troth_actor *actor, const struct troth_stage *stage,
		      const struct troth_actor_params *params) TROTH_MUST_USE;
/* Effect: a line to its standard input. Errors: TROTH_E_IO. */
int troth_actor_say(struct troth_actor *actor, const char *line) TROTH_MUST_USE;
/* Effect: reads its JSON lines until one has these members: pairs of name and string, "" for
 * any value, NULL ends. false when it ended before, or after ms milliseconds. */
bool troth_actor_expect(struct troth_actor *actor, int ms, const char *const *pairs);
/* Effect: closes its standard input and waits; its exit status, or -1 when it had to be killed
 * after ms milliseconds. */
int troth_actor_end(struct troth_actor *actor, int ms);
/* Effect: asks it to end by SIGTERM, then the same. */
int troth_actor_stop(struct troth_actor *actor, int ms);

/* Internal to stage*.c. Effect: moves this process onto a machine. Errors: TROTH_E_IO. */
int troth_machine_enter(const struct troth_machine *machine) TROTH_MUST_USE;

#endif
