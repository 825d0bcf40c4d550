/* SPDX-License-Identifier: MIT */
/* SVG by graphviz: a process of its own, given an argument vector and never a shell. Layer: cli. */
#include "cli/trust/graph.h"

#include <signal.h>
#include <troth/err.h>
#include <unistd.h>
#include <uv.h>

struct drawing {
	uv_loop_t loop;
	uv_process_t process;
	uv_pipe_t input;
	uv_write_t write;
	int64_t status; /* of the process */
};

static void on_exit_of_dot(uv_process_t *process, int64_t status, int signal_number)
{
	struct drawing *d = process->data;
	d->status = signal_number != 0 ? -1 : status;
	uv_close((uv_handle_t *)process, NULL);
	if (!uv_is_closing((uv_handle_t *)&d->input))
		uv_close((uv_handle_t *)&d->input, NULL);
}

static void on_written(uv_write_t *write, int status)
{
	(void)status; /* whoever reads no further has its reason, and says it by its status */
	if (!uv_is_closing((uv_handle_t *)write->handle))
		uv_close((uv_handle_t *)write->handle, NULL);
}

static int spawn(struct drawing *d)
{
	static char name[] = "dot", format[] = "-Tsvg";
	char *argv[] = {name, format, NULL};
	uv_stdio_container_t stdio[3] = {
		{.flags = UV_CREATE_PIPE | UV_READABLE_PIPE,
		 .data.stream = (uv_stream_t *)&d->input},
		{.flags = UV_INHERIT_FD, .data.fd = STDOUT_FILENO},
		{.flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO},
	};
	const uv_process_options_t options = {
		.exit_cb = on_exit_of_dot,
		.file = name,
		.args = argv,
		.stdio = stdio,
		.stdio_count = 3,
	};
	d->process.data = d;
	return uv_spawn(&d->loop, &d->process, &options);
}

static enum troth_exit no_dot(struct troth_cli *cli, int code)
{
	return troth_cli_fail(
		cli,
		&(struct troth_failure){
			.err = TROTH_E_UNSUPPORTED,
			.cause = uv_strerror(code),
			.next = "Install graphviz, or take --dot and draw it elsewhere."},
		"can't run `dot`");
}

enum troth_exit troth_graph_svg(struct troth_cli *cli, struct troth_slice dot)
{
	struct drawing d = {.status = -1};
	const uv_buf_t bytes = uv_buf_init((char *)dot.data, (unsigned)dot.len);
	if (uv_loop_init(&d.loop) != 0)
		return no_dot(cli, UV_ENOMEM);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)fflush(cli->out.out);
	int code = uv_pipe_init(&d.loop, &d.input, 0);
	if (code == 0)
		code = spawn(&d);
	if (code == 0 && uv_write(&d.write, (uv_stream_t *)&d.input, &bytes, 1, on_written) != 0)
		uv_close((uv_handle_t *)&d.input, NULL);
	if (code != 0) {
		uv_close((uv_handle_t *)&d.input, NULL);
		if (d.process.loop != NULL && !uv_is_closing((uv_handle_t *)&d.process))
			uv_close((uv_handle_t *)&d.process, NULL);
	}
	(void)uv_run(&d.loop, UV_RUN_DEFAULT);
	(void)uv_loop_close(&d.loop);
	if (code != 0)
		return no_dot(cli, code);
	if (d.status == 0)
		return TROTH_EXIT_OK;
	return troth_cli_fail(
		cli,
		&(struct troth_failure){.err = TROTH_E_IO, .cause = "It has said why on stderr."},
		"`dot` couldn't draw the graph");
}
