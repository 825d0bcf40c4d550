/* SPDX-License-Identifier: MIT */
/* `troth trust graph`. Layer: cli. */
#include "base/slice.h"
#include "cli/trust/graph.h"
#include "cli/trust/trust.h"

#include <troth/err.h>

#define DOT_MAX ((size_t)16 * 1024 * 1024)

static enum troth_exit draw(struct troth_cli *cli, const struct troth_graph *graph)
{
	struct troth_buf dot TROTH_CLEANUP(troth_buf_fini);
	const char *text;
	troth_buf_init(&dot, DOT_MAX);
	int err = troth_graph_dot(&dot, graph);
	if (err == TROTH_OK)
		err = troth_buf_cstr(&dot, &text);
	if (err != TROTH_OK)
		return troth_cli_fail(cli, &(struct troth_failure){.err = err},
				      "can't write the graph");
	if (troth_cli_has(cli, "svg"))
		return troth_graph_svg(cli, troth_buf_slice(&dot));
	/* Labels were cleaned one by one; the line breaks are ours. */
	if (fputs(text, cli->out.out) == EOF)
		cli->out.lost = true;
	return TROTH_EXIT_OK;
}

enum troth_exit troth_trust_graph(struct troth_cli *cli)
{
	struct troth_graph graph;
	enum troth_exit status = troth_graph_gather(cli, &graph);
	if (status == TROTH_EXIT_OK && (troth_cli_has(cli, "dot") || troth_cli_has(cli, "svg")))
		status = draw(cli, &graph);
	else if (status == TROTH_EXIT_OK)
		troth_graph_tree(&cli->out, &graph);
	troth_graph_fini(&graph);
	return status;
}
