/* SPDX-License-Identifier: MIT */
/*
 * Lines from the user. Layer: cli. libedit reads character by character (EL_UNBUFFERED)
 * when the loop says that there is one.
 */
#include "cli/terminal/line_editor.h"

#include "base/limits.h"

#include <errno.h>
#include <histedit.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <troth/err.h>
#include <unistd.h>
#include <uniwidth.h>

#define PROMPT_ESCAPE '\1' /* around what takes no room */
#define LINE_MAX_BYTES (TROTH_LIMIT_STANZA_BYTES / 2)
#define HISTORY_LINES 100

struct troth_line_editor {
	struct troth_line_editor_params params;
	EditLine *el; /* NULL: no terminal, or one that can only write line after line */
	bool dumb;    /* that kind: lines of its own, and the prompt written before each */
	bool shown;   /* the prompt of such a one is the last that was written */
	History *history;
	uv_poll_t poll;
	bool polls;
	uv_timer_t timer; /* input that can't be polled: a file */
	struct troth_buf line;
	char prompt[400];
	size_t prompt_width;
	bool paused;
	bool between; /* a line has been handed over, the next one isn't begun */
	bool ended;
	bool freed;
	int open_handles;
};

/* ---- lines of a terminal ---- */

static char *show_prompt(EditLine *el)
{
	struct troth_line_editor *e = NULL;
	static char none[] = "";
	if (el_get(el, EL_CLIENTDATA, &e) != 0 || e == NULL)
		return none;
	return e->prompt;
}

static void hand_over(struct troth_line_editor *e, char *text)
{
	e->shown = false; /* the user's own line end came after it */
	size_t len = strlen(text);
	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		text[--len] = 0;
	e->params.line(e->params.user, text);
}

static void at_end(struct troth_line_editor *e)
{
	e->ended = true;
	(void)uv_poll_stop(&e->poll);
	e->params.line(e->params.user, NULL);
}

/* libedit returns the same for a line that was emptied and for a terminal that is gone. */
static bool terminal_gone(int err)
{
	struct pollfd terminal = {.fd = STDIN_FILENO, .events = POLLIN};
	if (err != 0 && err != EAGAIN && err != EINTR)
		return true;
	return poll(&terminal, 1, 0) > 0 && (terminal.revents & (POLLHUP | POLLERR)) != 0;
}

static void remember(struct troth_line_editor *e, const char *text)
{
	HistEvent event;
	if (text[0] != 0 && text[0] != '\n' && e->history != NULL)
		(void)history(e->history, &event, H_ENTER,
			      text); /* without memory: not remembered */
}

static void read_terminal(struct troth_line_editor *e)
{
	int count = 0;
	errno = 0; /* which libedit sets only when it couldn't read */
	const char *text = el_gets(e->el, &count);
	if (text == NULL || count <= 0) {
		if (text == NULL && terminal_gone(errno))
			at_end(e);
		return;
	}
	if (count == 1 && text[0] == 4) { /* Ctrl-D on an empty line */
		at_end(e);
		return;
	}
	if (text[count - 1] != '\n' && text[count - 1] != '\r')
		return; /* still being edited */
	char *copy = strdup(text);
	/* Leaving and entering the mode is how libedit begins a new line. */
	(void)el_set(e->el, EL_UNBUFFERED, 0);
	e->between = true;
	if (copy != NULL) {
		remember(e, copy);
		hand_over(e, copy);
	}
	free(copy);
	e->between = false;
	if (!e->freed && !e->paused && !e->ended)
		(void)el_set(e->el, EL_UNBUFFERED, 1);
}

/* ---- lines of anything else ---- */

static bool take_line(struct troth_line_editor *e, bool end)
{
	struct troth_slice all = troth_buf_slice(&e->line);
	const uint8_t *newline = all.len > 0 ? memchr(all.data, '\n', all.len) : NULL;
	if (newline == NULL && (!end || all.len == 0))
		return false;
	size_t len = newline != NULL ? (size_t)(newline - all.data) : all.len;
	char *text = strndup((const char *)all.data, len);
	troth_buf_consume(&e->line, newline != NULL ? len + 1 : len);
	if (text != NULL)
		hand_over(e, text);
	free(text);
	return true;
}

/* One piece at a time; false at the end. */
static bool read_piece(struct troth_line_editor *e)
{
	char bytes[4096];
	ssize_t got = read(STDIN_FILENO, bytes, sizeof bytes);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (got > 0 && troth_buf_append(&e->line, bytes, (size_t)got) != TROTH_OK)
		troth_buf_clear(&e->line); /* a line that no message can hold */
	while (!e->freed && take_line(e, got <= 0))
		;
	if (e->dumb && !e->freed && got > 0)
		troth_line_editor_below(e);
	return got > 0;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct troth_line_editor *e = poll->data;
	(void)events;
	if (e->ended || e->freed)
		return;
	if (status == 0 && e->el != NULL)
		read_terminal(e);
	else if (status != 0 || !read_piece(e))
		at_end(e);
}

/* A file is always readable: a piece in each round of the loop. */
static void on_timer(uv_timer_t *timer)
{
	struct troth_line_editor *e = timer->data;
	if (e->ended || e->freed || e->paused || read_piece(e))
		return;
	e->ended = true;
	(void)uv_timer_stop(timer);
	e->params.line(e->params.user, NULL);
}

/* ---- showing ---- */

static int columns(void)
{
	struct winsize size;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

void troth_line_editor_above(struct troth_line_editor *e)
{
	if (e->shown)
		(void)fputc('\n', e->params.out->out);
	e->shown = false;
	if (e->el == NULL || e->paused || e->between)
		return;
	const LineInfo *info = el_line(e->el);
	size_t bytes = (size_t)(info->cursor - info->buffer);
	int width = (int)e->prompt_width + u8_width((const uint8_t *)info->buffer, bytes, "UTF-8");
	int rows = width / columns();
	if (rows > 0)
		(void)fprintf(e->params.out->out, "\033[%dA", rows);
	(void)fputs("\r\033[J", e->params.out->out);
}

void troth_line_editor_below(struct troth_line_editor *e)
{
	if (e->dumb && !e->shown && !e->paused && !e->ended) {
		(void)fputs(e->prompt, e->params.out->out);
		e->shown = true;
	}
	(void)fflush(e->params.out->out);
	if (e->el != NULL && !e->paused && !e->between && !e->ended)
		(void)el_set(e->el, EL_REFRESH);
}

void troth_line_editor_prompt(struct troth_line_editor *e, const char *prompt,
			      enum troth_style style)
{
	static const char *const codes[] = {
		[TROTH_STYLE_PLAIN] = "",        [TROTH_STYLE_BOLD] = "\033[1m",
		[TROTH_STYLE_DIM] = "\033[2m",   [TROTH_STYLE_GOOD] = "\033[32m",
		[TROTH_STYLE_WARN] = "\033[33m", [TROTH_STYLE_BAD] = "\033[31m",
	};
	char *clean = troth_clean(prompt, 120);
	int width = u8_strwidth((const uint8_t *)clean, "UTF-8");
	const char *code = e->params.out->colour_out ? codes[style] : "";
	if (code[0] != 0)
		(void)snprintf(e->prompt, sizeof e->prompt, "\1%s\1%s\1\033[0m\1> ", code, clean);
	else
		(void)snprintf(e->prompt, sizeof e->prompt, "%s> ", clean);
	e->prompt_width = (size_t)(width > 0 ? width : 0) + 2;
	free(clean);
}

bool troth_line_editor_is_terminal(const struct troth_line_editor *e)
{
	return e->el != NULL || e->dumb;
}

/* ---- life ---- */

void troth_line_editor_pause(struct troth_line_editor *e)
{
	if (e->paused || e->ended || !troth_line_editor_is_terminal(e))
		return;
	troth_line_editor_above(e);
	(void)fflush(e->params.out->out);
	e->paused = true;
	if (e->el != NULL)
		(void)el_set(e->el, EL_UNBUFFERED, 0);
	(void)uv_poll_stop(&e->poll);
}

void troth_line_editor_resume(struct troth_line_editor *e)
{
	if (!e->paused || e->ended)
		return;
	e->paused = false;
	if (e->el != NULL)
		(void)el_set(e->el, EL_UNBUFFERED, 1); /* shows prompt and line */
	else
		troth_line_editor_below(e);
	(void)uv_poll_start(&e->poll, UV_READABLE, on_readable); /* it worked before */
}

/* In memory only. */
static void begin_history(struct troth_line_editor *e)
{
	HistEvent event;
	e->history = history_init();
	if (e->history == NULL)
		return;
	(void)history(e->history, &event, H_SETSIZE, HISTORY_LINES);
	(void)history(e->history, &event, H_SETUNIQUE, 1);
	(void)el_set(e->el, EL_HIST, history, e->history);
}

/* These read on inside libedit until another key comes: meanwhile no stream would be answered. */
static void unbind_blocking(struct troth_line_editor *e)
{
	static const char *const keys[] = {"^R", "^S", "^V", "^Q", "^X"};
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		(void)el_set(e->el, EL_BIND, keys[i], "ed-unassigned", NULL);
}

static int begin_terminal(struct troth_line_editor *e)
{
	e->el = el_init("troth", stdin, e->params.out->out, stderr);
	if (e->el == NULL)
		return TROTH_E_NOMEM;
	(void)el_set(e->el, EL_CLIENTDATA, e);
	(void)el_set(e->el, EL_PROMPT_ESC, show_prompt, PROMPT_ESCAPE);
	(void)el_set(e->el, EL_EDITOR, "emacs");
	(void)el_set(e->el, EL_SIGNAL, 0); /* signals are the loop's */
	unbind_blocking(e);
	begin_history(e);
	(void)el_source(e->el, NULL);          /* ~/.editrc; no matter if there is none */
	(void)el_set(e->el, EL_UNBUFFERED, 1); /* shows the prompt */
	return TROTH_OK;
}

static int begin_input(struct troth_line_editor *e)
{
	if (uv_guess_handle(STDIN_FILENO) == UV_FILE ||
	    uv_poll_init(e->params.loop, &e->poll, STDIN_FILENO) != 0)
		return uv_timer_start(&e->timer, on_timer, 0, 1) == 0 ? TROTH_OK : TROTH_E_IO;
	e->poll.data = e;
	e->polls = true;
	e->open_handles++;
	return uv_poll_start(&e->poll, UV_READABLE, on_readable) == 0 ? TROTH_OK : TROTH_E_IO;
}

int troth_line_editor_new(struct troth_line_editor **out,
			  const struct troth_line_editor_params *params)
{
	struct troth_line_editor *e = calloc(1, sizeof *e);
	if (e == NULL)
		return TROTH_E_NOMEM;
	e->params = *params;
	troth_buf_init(&e->line, LINE_MAX_BYTES);
	(void)uv_timer_init(params->loop, &e->timer); /* always 0 */
	e->timer.data = e;
	e->open_handles = 1;
	troth_line_editor_prompt(e, params->prompt, TROTH_STYLE_DIM);
	int err = begin_input(e);
	if (err == TROTH_OK && isatty(STDIN_FILENO) && params->out->tty)
		err = begin_terminal(e);
	e->dumb = e->el == NULL && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) &&
		  !params->out->json;
	if (err == TROTH_OK && e->dumb)
		troth_line_editor_below(e);
	if (err != TROTH_OK) {
		troth_line_editor_free(e);
		return err;
	}
	*out = e;
	return TROTH_OK;
}

static void on_closed(uv_handle_t *handle)
{
	struct troth_line_editor *e = handle->data;
	if (--e->open_handles > 0)
		return;
	troth_buf_fini(&e->line);
	free(e);
}

void troth_line_editor_free(struct troth_line_editor *e)
{
	if (e == NULL || e->freed)
		return;
	e->freed = true;
	if (e->dumb)
		troth_line_editor_above(e);
	if (e->el != NULL) {
		troth_line_editor_above(e);
		(void)fflush(e->params.out->out);
		el_end(e->el);
		e->el = NULL;
		if (e->history != NULL)
			history_end(e->history);
	}
	if (e->polls)
		uv_close((uv_handle_t *)&e->poll, on_closed);
	uv_close((uv_handle_t *)&e->timer, on_closed);
}
