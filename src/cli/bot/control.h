/* SPDX-License-Identifier: MIT */
/*
 * A word from one process of this user to the `troth listen` of the same home: a line of JSON and
 * its answer, over a socket in the home directory. Layer: cli. Says nothing about what is asked.
 *
 * Who can open the socket can read the device key as well (0600 in the home, and the kernel tells
 * whose process it is), so that nothing more is asked of him.
 */
#ifndef TROTH_CLI_BOT_CONTROL_H
#define TROTH_CLI_BOT_CONTROL_H

#include <jansson.h>
#include <troth/bytes.h>
#include <uv.h>

#define TROTH_CONTROL_NAME "control"

struct troth_control;

/* The answer to a request, which is an object; NULL: it isn't one that is known. */
typedef json_t *troth_control_do(void *user, const json_t *request);

struct troth_control_params {
	uv_loop_t *loop;
	const char *home;
	troth_control_do *answer;
	void *user;
};

/* Effect: listens. Errors: TROTH_E_BUSY when another process does, for the same home; TROTH_E_IO
 * with errno set; TROTH_E_NOMEM. */
int troth_control_open(struct troth_control **out,
		       const struct troth_control_params *params) TROTH_MUST_USE;
/* Effect: stops, and frees itself from the loop. NULL is fine. */
void troth_control_close(struct troth_control *control);

/* Effect: asks whoever listens for that home; *out is the answer, the caller's. Blocks for at most
 * some seconds. Errors: TROTH_E_NOT_FOUND when nobody does, TROTH_E_TIMEOUT, TROTH_E_FORMAT,
 * TROTH_E_IO, TROTH_E_NOMEM. */
int troth_control_ask(const char *home, const json_t *request, json_t **out) TROTH_MUST_USE;

/* Internal to control*.c: the socket's address, by a descriptor of the home: paths of sockets are
 * short. Errors: TROTH_E_IO. */
struct sockaddr_un;
int troth_control_address(int home, struct sockaddr_un *out) TROTH_MUST_USE;

#define TROTH_CONTROL_LINE ((size_t)4096)
#define TROTH_CONTROL_MS 5000

#endif
