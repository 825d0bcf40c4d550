/* SPDX-License-Identifier: MIT */
/* JSON for programs, by jansson: one value a line, ASCII, so a terminal is safe too. Layer: cli. */
#include "cli/terminal/output.h"

#include <stdlib.h>

#define TEXT_CHARS 4096

void troth_json(struct troth_output *out, json_t *value)
{
	if (out->json && json_dumpf(value, out->out, JSON_ENSURE_ASCII | JSON_COMPACT) == 0) {
		putc('\n', out->out);
		fflush(out->out);
	} else if (out->json) {
		/* A NULL value: what should have been told is lost, and finish has to know. */
		out->lost = true;
	}
	json_decref(value);
}

json_t *troth_json_text(const char *text)
{
	if (!text)
		return json_null();
	json_t *value = json_string(text);
	if (value)
		return value;
	char *clean = troth_clean(text, TEXT_CHARS);
	value = clean ? json_string(clean) : NULL;
	free(clean);
	return value;
}
