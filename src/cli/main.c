/* SPDX-License-Identifier: MIT */
/* The `troth` command: parses, runs one verb, reports. Layer: cli. */
#include "cli/cli.h"
#include "cli/harden.h"

#include <locale.h>
#include <stdio.h>
#include <troth/err.h>

int main(int argc, char **argv)
{
	if (troth_harden() != TROTH_OK) {
		fputs("troth: this process can't be made safe for secrets\n", stderr);
		return TROTH_EXIT_LOCAL;
	}
	setlocale(LC_ALL, "");
	struct troth_cli cli;
	enum troth_exit status = troth_cli_parse(&cli, argc, argv);
	if (status == TROTH_EXIT_OK && cli.verb)
		status = cli.verb->run(&cli);
	if (troth_output_finish(&cli.out) != TROTH_OK && status == TROTH_EXIT_OK) {
		fputs("troth: the output couldn't be written whole\n", stderr);
		status = TROTH_EXIT_LOCAL;
	}
	troth_cli_fini(&cli);
	return (int)status;
}
