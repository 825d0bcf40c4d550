/* SPDX-License-Identifier: MIT */
/* Lines of text for people, cleaned and perhaps coloured. Layer: cli. JSON is in json.c. */
#include "cli/terminal/output.h"

#include "base/slice.h"
#include "base/text.h"
#include "cli/hint.h"
#include "cli/terminal/fold.h"

#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>
#include <unistd.h>

#define LINE_CHARS 4096
#define LINE_BYTES ((size_t)64 * 1024)

static const char *const codes[] = {
	[TROTH_STYLE_PLAIN] = "",        [TROTH_STYLE_BOLD] = "\033[1m",
	[TROTH_STYLE_DIM] = "\033[2m",   [TROTH_STYLE_GOOD] = "\033[32m",
	[TROTH_STYLE_WARN] = "\033[33m", [TROTH_STYLE_BAD] = "\033[1;31m",
};

static bool colour_wanted(void)
{
	/* https://no-color.org: "when present and not an empty string" */
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	return !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
}

void troth_output_init(struct troth_output *out)
{
	*out = (struct troth_output){.out = stdout, .err = stderr};
	const char *term = getenv("TERM");
	out->tty = isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0;
	out->colour_out = colour_wanted() && isatty(STDOUT_FILENO);
	out->colour_err = colour_wanted() && isatty(STDERR_FILENO);
}

void troth_output_no_colour(struct troth_output *out)
{
	out->colour_out = false;
	out->colour_err = false;
}

int troth_output_finish(struct troth_output *out)
{
	if (fflush(out->out) != 0 || ferror(out->out) || out->lost)
		return TROTH_E_IO;
	return TROTH_OK;
}

bool troth_output_broken(const struct troth_output *out)
{
	return ferror(out->out) != 0;
}

bool troth_output_unread(const struct troth_output *out)
{
	/* errno of the write that failed is long gone; the pipe still says it. */
	struct pollfd pipe = {.fd = fileno(out->out), .events = POLLOUT};
	return troth_output_broken(out) && poll(&pipe, 1, 0) == 1 && (pipe.revents & POLLERR) != 0;
}

char *troth_clean(const char *text, size_t max_chars)
{
	struct troth_buf clean TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&clean, LINE_BYTES);
	const char *out = "";
	if (text &&
	    troth_text_clean(&clean, troth_slice_str(text), TROTH_TEXT_ONE_LINE, max_chars) == 0 &&
	    troth_buf_cstr(&clean, &out) != TROTH_OK)
		out = "";
	char *copy = strdup(out);
	return copy ? copy : calloc(1, 1);
}

#define HANGING 2 /* what stands before the further lines of a line of pieces */

/* Where a piece of a line goes. */
struct place {
	FILE *file;
	bool colour;
	bool whole;       /* the piece is the line: it is folded as prose */
	const char *home; /* for commands in it; NULL: they stay as they are */
	size_t *column;   /* where a piece begins; moved on. NULL: at 0 */
};

static char *fit(const struct place *to, const char *clean)
{
	size_t columns = troth_fold_columns(to->file);
	if (to->whole)
		return troth_fold(clean, columns, strncmp(clean, "- ", 2) == 0 ? 2 : 0);
	char *fitted = troth_fold_hanging(clean, columns, HANGING, *to->column);
	const char *last = fitted != NULL ? strrchr(fitted, '\n') : NULL;
	*to->column =
		last != NULL ? troth_fold_width(last + 1) : *to->column + troth_fold_width(clean);
	return fitted;
}

static void put(const struct place *to, enum troth_style style, const char *format, va_list args)
	TROTH_PRINTF(3, 0);
static void put(const struct place *to, enum troth_style style, const char *format, va_list args)
{
	char *text = NULL;
	if (vasprintf(&text, format, args) < 0)
		return;
	char *hint = troth_hint(text, to->home);
	char *clean = troth_clean(hint != NULL ? hint : text, LINE_CHARS);
	free(hint);
	free(text);
	if (!clean)
		return;
	char *folded = fit(to, clean);
	bool colour = to->colour && style != TROTH_STYLE_PLAIN;
	fprintf(to->file, "%s%s%s%s", colour ? codes[style] : "", folded ? folded : clean,
		colour ? "\033[0m" : "", to->whole ? "\n" : "");
	free(folded);
	free(clean);
}

void troth_piece(struct troth_output *out, enum troth_style style, const char *format, ...)
{
	if (out->json)
		return;
	va_list args;
	va_start(args, format);
	if (!out->begun)
		out->column = 0;
	put(&(struct place){out->out, out->colour_out, false, NULL, &out->column}, style, format,
	    args);
	va_end(args);
	out->begun = true;
}

void troth_line(struct troth_output *out, enum troth_style style, const char *format, ...)
{
	if (out->json)
		return;
	va_list args;
	va_start(args, format);
	put(&(struct place){out->out, out->colour_out, !out->begun, out->begun ? NULL : out->home,
			    &out->column},
	    style, format, args);
	va_end(args);
	if (out->begun)
		putc('\n', out->out);
	out->begun = false;
}

void troth_note(struct troth_output *out, const char *format, ...)
{
	if (out->quiet)
		return;
	va_list args;
	va_start(args, format);
	put(&(struct place){out->err, out->colour_err, true, out->home, NULL}, TROTH_STYLE_DIM,
	    format, args);
	va_end(args);
}

void troth_debug(struct troth_output *out, int level, const char *format, ...)
{
	if (out->verbose < level)
		return;
	va_list args;
	va_start(args, format);
	put(&(struct place){out->err, out->colour_err, true, NULL, NULL}, TROTH_STYLE_DIM, format,
	    args);
	va_end(args);
}
