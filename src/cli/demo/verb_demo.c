/* SPDX-License-Identifier: MIT */
/*
 * `troth demo`: the whole story, played by throw-away devices. Layer: cli. A step that didn't
 * happen as told fails the demo.
 */
#include "cli/cli.h"
#include "cli/demo/demo.h"
#include "cli/verbs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <troth/err.h>

static void tell(struct troth_output *out, size_t number, const struct troth_scene *scene)
{
	troth_line(out, TROTH_STYLE_BOLD, "%zu. %s", number, scene->title);
	fflush(out->out);
}

static void report(struct troth_demo *demo, const struct troth_scene *scene, bool happened)
{
	struct troth_output *out = &demo->cli->out;
	troth_line(out, happened ? TROTH_STYLE_GOOD : TROTH_STYLE_BAD, "   %s %s",
		   happened ? "done:" : "FAILED:", demo->told);
	troth_json(out, json_pack("{s:s, s:b, s:o}", "scene", scene->name, "happened", happened,
				  "text", troth_json_text(demo->told)));
	fflush(out->out);
}

static enum troth_exit play(struct troth_demo *demo)
{
	size_t number = 0;
	for (const struct troth_scene *scene = troth_scenes; scene->name; scene++) {
		if (scene->needs_link && !demo->stage.linked)
			continue;
		demo->told[0] = '\0';
		tell(&demo->cli->out, ++number, scene);
		bool happened = scene->play(demo);
		report(demo, scene, happened);
		if (!happened)
			return TROTH_EXIT_LOCAL;
	}
	troth_line(&demo->cli->out, TROTH_STYLE_GOOD, "All %zu scenes happened as told.", number);
	return TROTH_EXIT_OK;
}

static enum troth_exit no_link(struct troth_cli *cli, const char *why)
{
	const struct troth_failure failure = {
		.err = TROTH_E_UNSUPPORTED,
		.cause = why,
		.next = "Run it as root, or `troth demo --loopback`: all but finding each other.",
	};
	return troth_cli_fail(cli, &failure, "can't make a network to play on");
}

static enum troth_exit run(struct troth_cli *cli)
{
	struct troth_demo demo = {.cli = cli};
	enum troth_exit status = troth_cli_args(cli, 0, 0);
	if (status != TROTH_EXIT_OK)
		return status;
	bool loopback = troth_cli_has(cli, "loopback");
	if (troth_stage_open(&demo.stage, !loopback) != TROTH_OK)
		return troth_cli_fail(
			cli, &(struct troth_failure){.err = TROTH_E_IO, .cause = strerror(errno)},
			"can't make a temporary folder");
	if (!demo.stage.linked && !loopback)
		status = no_link(cli, demo.stage.why_not);
	else
		status = play(&demo);
	troth_demo_end(&demo);
	troth_stage_close(&demo.stage);
	return status;
}

static const struct troth_option options[] = {
	{"loopback", 0, NULL, "without namespaces: on this machine, without finding by mDNS",
	 TROTH_COMPLETE_NOTHING},
	{NULL, 0, NULL, NULL, TROTH_COMPLETE_NOTHING},
};
static const char *const usage[] = {"[--loopback]", NULL};
static const struct troth_example examples[] = {
	{"troth demo", "find, meet, talk, meet again, turn an impostor away"},
	{NULL, NULL},
};

const struct troth_verb troth_verb_demo = {
	.name = "demo",
	.help = "play the whole story with throw-away devices",
	.usage = usage,
	.about =
		"Three machines are made of network namespaces, with homes in a temporary folder;\n"
		"nothing of yours is touched, and all is removed at the end.",
	.options = options,
	.examples = examples,
	.run = run,
};
