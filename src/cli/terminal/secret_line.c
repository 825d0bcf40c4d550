/* SPDX-License-Identifier: MIT */
/* A secret typed while the loop goes on. Layer: cli. */
#include "cli/terminal/secret_line.h"

#include "base/limits.h"
#include "base/slice.h"
#include "cli/bot/code.h"
#include "cli/terminal/output.h"
#include "cli/terminal/words.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <troth/err.h>
#include <unistd.h>

#define TEXT_SIZE ((size_t)TROTH_LIMIT_SECRET_BYTES + 2)

static int prepare_code(struct troth_secret **out, const char *text)
{
	char code[TROTH_CODE_LEN + 1];
	int err = troth_code_read(code, troth_slice_str(text));
	if (err == TROTH_OK)
		err = troth_secret_new(out, troth_slice_str(code));
	sodium_memzero(code, sizeof code);
	return err;
}

const char *troth_secret_line_problem(const char *text, int err)
{
	if (err != TROTH_E_FORMAT)
		return troth_err_text(err);
	if (troth_code_is_meant(troth_slice_str(text)))
		return "A character of the code is wrong, missing or too many: compare it with "
		       "the label. Nothing was tried with it.";
	return "That can't be a secret: it is blank, or has characters that can't be compared.";
}

int troth_secret_line_prepare(struct troth_secret **out, const char *text)
{
	struct troth_buf normal TROTH_CLEANUP(troth_buf_fini);
	unsigned count;
	troth_buf_init(&normal, TEXT_SIZE * 2);
	if (troth_code_is_meant(troth_slice_str(text)))
		return prepare_code(out, text);
	int err = troth_words_normalise(&normal, troth_slice_str(text), &count);
	return err != TROTH_OK ? err : troth_secret_new(out, troth_buf_slice(&normal));
}

static void on_poll_closed(uv_handle_t *handle)
{
	struct troth_secret_line *line = handle->data;
	(void)close(line->fd);
	line->open = false;
}

static void end(struct troth_secret_line *line)
{
	/* TCSAFLUSH: what was typed after a question that is void isn't meant for what follows. */
	(void)tcsetattr(line->fd, TCSAFLUSH, &line->before);
	(void)!write(line->fd, "\n", 1);
	sodium_free(line->text);
	line->text = NULL;
	uv_close((uv_handle_t *)&line->poll, on_poll_closed);
}

void troth_secret_line_cancel(struct troth_secret_line *line)
{
	if (line->open && line->text != NULL)
		end(line);
}

static void finish(struct troth_secret_line *line, bool given)
{
	struct troth_secret *secret = NULL;
	const char *problem = NULL;
	int err = TROTH_OK;
	line->text[line->len] = 0;
	if (given)
		err = troth_secret_line_prepare(&secret, line->text);
	if (err != TROTH_OK)
		problem = troth_secret_line_problem(line->text, err);
	end(line);
	line->done(line->user, secret, problem);
}

/* The terminal gives whole lines; their end or Ctrl-D ends the question. */
static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct troth_secret_line *line = poll->data;
	(void)events;
	if (line->text == NULL)
		return;
	ssize_t got =
		status == 0 ? read(line->fd, line->text + line->len, TEXT_SIZE - 1 - line->len) : 0;
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (got <= 0) {
		finish(line, false);
		return;
	}
	line->len += (size_t)got;
	if (line->text[line->len - 1] == '\n') {
		line->len--;
		finish(line, line->len > 0); /* nothing typed: no */
	} else if (line->len == TEXT_SIZE - 1) {
		finish(line, false);
	}
}

static int begin(struct troth_secret_line *line, uv_loop_t *loop)
{
	struct termios quiet;
	if (tcgetattr(line->fd, &line->before) != 0 ||
	    uv_poll_init(loop, &line->poll, line->fd) != 0)
		return TROTH_E_UNSUPPORTED;
	line->poll.data = line;
	line->open = true; /* from here on the handle closes the descriptor */
	quiet = line->before;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	quiet.c_lflag |= ICANON | ISIG;
	quiet.c_iflag |= ICRNL;
	/* Ctrl-C ends in order; these would leave a terminal without echo behind. */
	quiet.c_cc[VQUIT] = quiet.c_cc[VSUSP] = _POSIX_VDISABLE;
	if (tcsetattr(line->fd, TCSAFLUSH, &quiet) != 0 ||
	    uv_poll_start(&line->poll, UV_READABLE, on_readable) != 0)
		return TROTH_E_IO;
	return TROTH_OK;
}

static void show(const struct troth_secret_line *line, const char *question)
{
	char *clean = troth_clean(question, 200);
	(void)dprintf(line->fd, "%s: ", clean);
	free(clean);
}

int troth_secret_line_ask(struct troth_secret_line *line, uv_loop_t *loop, const char *question)
{
	if (line->open)
		return TROTH_E_BUSY;
	line->fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (line->fd < 0)
		return TROTH_E_UNSUPPORTED;
	line->len = 0;
	line->text = sodium_malloc(TEXT_SIZE);
	int err = line->text == NULL ? TROTH_E_NOMEM : begin(line, loop);
	if (err != TROTH_OK) {
		if (line->open) {
			end(line);
			return err;
		}
		sodium_free(line->text);
		line->text = NULL;
		(void)close(line->fd);
		return err;
	}
	show(line, question);
	return TROTH_OK;
}
