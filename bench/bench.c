/* SPDX-License-Identifier: MIT */
/*
 * What a stream costs beside bare TLS, both measured here and now, in turns: processor time,
 * wall clock, memory. Prints a table, or JSON for programs (--json). It never fails for a number.
 */
#include "bare.h"
#include "duo.h"
#include "rows.h"
#include "sample.h"

#include <stdio.h>
#include <string.h>

static void print_text(const struct row *r)
{
	char target[32] = "-";
	if (r->target > 0)
		(void)snprintf(target, sizeof target, "%.2f", r->target);
	printf("%-44s %10.1f %10.1f %-5s %7.2f %7s  %s\n", r->name, r->troth, r->bare, r->unit,
	       r->troth / r->bare, target,
	       r->target <= 0                    ? ""
	       : r->troth / r->bare <= r->target ? "ok"
						 : "over");
}

static void print_json(const struct row *r, bool last)
{
	printf(" {\"name\": \"%s\", \"unit\": \"%s\", \"troth\": %.3f, \"bare\": %.3f, "
	       "\"ratio\": %.4f, \"target\": ",
	       r->name, r->unit, r->troth, r->bare, r->troth / r->bare);
	if (r->target > 0)
		printf("%.2f, \"ok\": %s}%s\n", r->target,
		       r->troth / r->bare <= r->target ? "true" : "false", last ? "" : ",");
	else
		printf("null, \"ok\": null}%s\n", last ? "" : ",");
}

int main(int argc, char **argv)
{
	struct row rows[ROWS_MAX];
	bool json = argc == 2 && strcmp(argv[1], "--json") == 0;
	if (argc > 2 || (argc == 2 && !json)) {
		fprintf(stderr, "usage: bench [--json]\n");
		return 2;
	}
	size_t count = rows_measure(rows);
	if (json)
		printf("[\n");
	else
		printf("%-44s %10s %10s %-5s %7s %7s\n", "", "troth", "bare TLS", "", "ratio",
		       "target");
	for (size_t i = 0; i < count; i++) {
		if (json)
			print_json(&rows[i], i + 1 == count);
		else
			print_text(&rows[i]);
	}
	if (json)
		printf("]\n");
	return 0;
}
