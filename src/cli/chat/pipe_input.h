/* SPDX-License-Identifier: MIT */
/* Standard input as bytes, read only as fast as they are taken. Layer: cli. */
#ifndef TROTH_CLI_CHAT_PIPE_INPUT_H
#define TROTH_CLI_CHAT_PIPE_INPUT_H

#include <stdbool.h>
#include <troth/bytes.h>
#include <uv.h>

struct troth_pipe_input {
	uv_poll_t poll; /* zeroed until it is begun */
	uv_idle_t idle; /* instead, for a file */
	bool file;
	bool open; /* handles are */
	bool over;
	int flags; /* of the descriptor, as they were */
	/* Bytes, borrowed; none: its end, once. From the loop. */
	void (*arrived)(void *user, struct troth_slice bytes);
	void *user;
};

/* Effect: begins; nothing is read until it is started. `in` stays until it is closed, and has
 * `arrived` and `user`. Errors: TROTH_E_IO. */
int troth_pipe_input_init(struct troth_pipe_input *in, uv_loop_t *loop) TROTH_MUST_USE;
/* Effect: reads on, or no more for now. Nothing after its end, or before init. */
void troth_pipe_input_run(struct troth_pipe_input *in, bool on);
/* Effect: closes its handles, where they are open; what it changed is as before. */
void troth_pipe_input_close(struct troth_pipe_input *in);

#endif
