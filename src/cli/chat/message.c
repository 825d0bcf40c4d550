/* SPDX-License-Identifier: MIT */
/* A message that has come, as people see it. Layer: cli. */
#include "cli/chat/message.h"

#include "base/slice.h"
#include "base/text.h"
#include "cli/chat/telling.h"

#include <string.h>
#include <time.h>
#include <troth/err.h>

/* Nobody's message takes the whole screen away. */
#define MESSAGE_CHARS 4096
#define MESSAGE_LINES 64
#define INDENT "  "

const char *troth_message_clock(char out[TROTH_CLOCK_LEN])
{
	time_t now = time(NULL);
	struct tm local;
	if (localtime_r(&now, &local) == NULL ||
	    strftime(out, TROTH_CLOCK_LEN, "%H:%M", &local) == 0)
		(void)snprintf(out, TROTH_CLOCK_LEN, "--:--");
	return out;
}

/* "the level is shown in every line": nobody should have to remember how the stream began. */
static void head(struct troth_output *out, const struct troth_news *n)
{
	char now[TROTH_CLOCK_LEN];
	troth_piece(out, TROTH_STYLE_DIM, "[%s] ", troth_message_clock(now));
	troth_piece(out, TROTH_STYLE_BOLD, "%s", n->who);
	troth_piece(out, troth_telling_level(n->level), " (%s)", troth_level_name(n->level));
	troth_piece(out, TROTH_STYLE_PLAIN, ": ");
}

static void lines(struct troth_output *out, const char *text)
{
	for (size_t i = 0; i < MESSAGE_LINES; i++) {
		size_t len = strcspn(text, "\n");
		if (i > 0)
			troth_piece(out, TROTH_STYLE_PLAIN, INDENT);
		troth_line(out, TROTH_STYLE_PLAIN, "%.*s", (int)len, text);
		text += len;
		text += strspn(text, "\n") > 0;
		if (*text == 0)
			return;
	}
	troth_piece(out, TROTH_STYLE_PLAIN, INDENT);
	troth_line(out, TROTH_STYLE_DIM, "…");
}

void troth_message_show(struct troth_output *out, const struct troth_news *n)
{
	struct troth_buf clean TROTH_CLEANUP(troth_buf_fini);
	const char *text = "";
	troth_buf_init(&clean, (size_t)64 * 1024);
	int err = troth_text_clean(&clean, troth_slice_str(n->text), TROTH_TEXT_MANY_LINES,
				   MESSAGE_CHARS);
	if (err == TROTH_OK)
		err = troth_buf_cstr(&clean, &text);
	head(out, n);
	lines(out, err == TROTH_OK ? text : "…");
}
