/* SPDX-License-Identifier: MIT */
/* The `troth` command: parses, runs one verb, reports. Layer: cli. */
#include "cli/cli.h"
#include "cli/harden.h"
#include "server/worker.h"

#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <troth/err.h>

/* All text is UTF-8, also where the locale is C, as over ssh and in containers: there libedit
 * would drop what isn't ASCII. */
static void use_locale(void)
{
	(void)setlocale(LC_ALL, "");
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		(void)setlocale(LC_CTYPE, "C.UTF-8"); /* where there is none: as it was */
}

/* `troth log | head`: nothing failed, and nobody is left to be told; as other tools do. */
static void end_as_by_sigpipe(void)
{
	if (signal(SIGPIPE, SIG_DFL) != SIG_ERR)
		(void)raise(SIGPIPE); /* where it is blocked: the status says done */
}

int main(int argc, char **argv)
{
	if (troth_harden() != TROTH_OK) {
		fputs("troth: this process can't be made safe for secrets\n", stderr);
		return TROTH_EXIT_LOCAL;
	}
	if (argc == 2 && strcmp(argv[1], TROTH_WORKER_ARGUMENT) == 0)
		return troth_worker_main();
	use_locale();
	struct troth_cli cli;
	enum troth_exit status = troth_cli_parse(&cli, argc, argv);
	if (status == TROTH_EXIT_OK && cli.verb)
		status = cli.verb->run(&cli);
	bool whole = troth_output_finish(&cli.out) == TROTH_OK;
	bool unread = !whole && troth_output_unread(&cli.out);
	if (!whole && !unread && status == TROTH_EXIT_OK) {
		fputs("troth: the output couldn't be written whole\n", stderr);
		status = TROTH_EXIT_LOCAL;
	}
	troth_cli_fini(&cli);
	if (unread && status == TROTH_EXIT_OK)
		end_as_by_sigpipe();
	return (int)status;
}
