/* SPDX-License-Identifier: MIT */
/*
 * Secrets from the terminal or a descriptor, into guarded memory. Layer: cli.
 * readpassphrase(3) turns the echo off and restores the terminal, on signals too.
 */
#include "cli/terminal/prompt.h"

#include "base/limits.h"
#include "base/slice.h"
#include "cli/cli.h"
#include "cli/terminal/fold.h"
#include "cli/terminal/secret_line.h"

#include <bsd/readpassphrase.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <troth/err.h>
#include <unistd.h>
#include <unistr.h>

#define TEXT_SIZE ((size_t)TROTH_LIMIT_SECRET_BYTES + 2)
#define QUESTION_CHARS 300
#define LEAST_CHARS 8 /* NIST SP 800-63B 5.1.1.1: "at least 8 characters in length" */

void troth_prompt_free(char *text)
{
	sodium_free(text);
}

static void text_cleanup(char **text)
{
	sodium_free(*text);
}

static char *text_new(void)
{
	char *text = sodium_malloc(TEXT_SIZE);
	if (text)
		text[0] = '\0';
	return text;
}

static enum troth_exit no_memory(struct troth_cli *cli)
{
	return troth_cli_fail(cli, &(struct troth_failure){.err = TROTH_E_NOMEM},
			      "can't get guarded memory for a secret");
}

/* Effect: the first line of fd without its end. False with errno set; 0: too long. */
static bool read_line(int fd, char *text)
{
	size_t len = 0;
	for (;;) {
		ssize_t n = read(fd, text + len, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		if (n == 0 || text[len] == '\n')
			break;
		if (++len == TEXT_SIZE - 1) {
			errno = 0;
			return false;
		}
	}
	if (len > 0 && text[len - 1] == '\r')
		len--;
	text[len] = '\0';
	return true;
}

static enum troth_exit from_fd(struct troth_cli *cli, int fd, const char *option, char *text)
{
	if (read_line(fd, text))
		return TROTH_EXIT_OK;
	return troth_cli_fail(
		cli,
		&(struct troth_failure){.err = errno ? TROTH_E_IO : TROTH_E_FORMAT,
					.cause = errno ? strerror(errno) : "It is too long."},
		"can't read a line from --%s", option);
}

/* A descriptor that is named is read from here on and not handed to children. */
static enum troth_exit from_fd_option(struct troth_cli *cli, const char *option, char *text)
{
	int64_t fd = -1;
	enum troth_exit status = troth_cli_number(cli, option, 0, 65535, &fd);
	if (status != TROTH_EXIT_OK)
		return status;
	return from_fd(cli, (int)fd, option, text);
}

/* What others may read is no secret. Pipes and terminals have no such rights. */
static enum troth_exit check_private(struct troth_cli *cli, int fd, const char *path)
{
	struct stat st;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || (st.st_mode & 077) == 0)
		return TROTH_EXIT_OK;
	return troth_cli_fail(cli,
			      &(struct troth_failure){.err = TROTH_E_IO,
						      .cause = "Other users may read or change it.",
						      .next = "If none of them has: chmod 600 it. "
							      "Otherwise agree on another secret."},
			      "the secret file %s isn't used", path);
}

static enum troth_exit from_file(struct troth_cli *cli, const char *path, char *text)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return troth_cli_fail(
			cli, &(struct troth_failure){.err = TROTH_E_IO, .cause = strerror(errno)},
			"can't open the secret file %s", path);
	enum troth_exit status = check_private(cli, fd, path);
	if (status == TROTH_EXIT_OK)
		status = from_fd(cli, fd, "secret-file", text);
	close(fd);
	return status;
}

static enum troth_exit no_terminal(struct troth_cli *cli, const char *what, const char *next)
{
	return troth_cli_fail(cli,
			      &(struct troth_failure){.err = TROTH_E_REFUSED,
						      .cause = "There is no terminal to ask on.",
						      .next = next},
			      "%s is needed", what);
}

/* Effect: asks on /dev/tty. false when that can't be opened. */
static bool ask(const char *question, int flags, char *text)
{
	char *clean = troth_clean(question, QUESTION_CHARS);
	size_t columns = troth_fold_columns(stderr); /* the terminal's, as good as always */
	char *folded = clean ? troth_fold(clean, columns > 2 ? columns - 2 : 0, 0) : NULL;
	char *prompt = NULL;
	bool asked = folded && asprintf(&prompt, "%s: ", folded) >= 0 &&
		     readpassphrase(prompt, text, TEXT_SIZE, RPP_REQUIRE_TTY | flags) != NULL;
	if (!asked)
		text[0] = '\0';
	free(prompt);
	free(folded);
	free(clean);
	return asked;
}

bool troth_prompt_secret_given(const struct troth_cli *cli)
{
	return troth_cli_has(cli, "secret-fd") || troth_cli_has(cli, "secret-file");
}

static enum troth_exit secret_text(struct troth_cli *cli, const char *question, char *text)
{
	if (troth_cli_has(cli, "secret-fd"))
		return from_fd_option(cli, "secret-fd", text);
	if (troth_cli_has(cli, "secret-file"))
		return from_file(cli, troth_cli_value(cli, "secret-file"), text);
	if (!ask(question, RPP_ECHO_OFF, text))
		return no_terminal(cli, "a shared secret",
				   "Give it with --secret-fd N or --secret-file FILE.");
	return TROTH_EXIT_OK;
}

enum troth_exit troth_prompt_secret(struct troth_cli *cli, const char *question,
				    struct troth_secret **out)
{
	char *text TROTH_CLEANUP(text_cleanup) = text_new();
	if (!text)
		return no_memory(cli);
	enum troth_exit status = secret_text(cli, question, text);
	if (status != TROTH_EXIT_OK)
		return status;
	if (text[strspn(text, " \t")] == '\0')
		return troth_cli_fail(
			cli,
			&(struct troth_failure){.err = TROTH_E_REFUSED, .cause = "It is empty."},
			"no shared secret was given");
	int err = troth_secret_line_prepare(out, text);
	if (err)
		return troth_cli_fail(
			cli,
			&(struct troth_failure){.err = err,
						.cause = troth_secret_line_problem(text, err)},
			"the shared secret can't be used");
	return TROTH_EXIT_OK;
}

enum troth_exit troth_prompt_line(struct troth_cli *cli, const char *question, char **out)
{
	char *text = text_new();
	enum troth_exit status = TROTH_EXIT_OK;
	if (!text)
		return no_memory(cli);
	if (isatty(STDIN_FILENO) && !ask(question, RPP_ECHO_OFF, text))
		status = no_terminal(cli, "a line", "Give it on standard input.");
	else if (!isatty(STDIN_FILENO) && !read_line(STDIN_FILENO, text))
		status = troth_cli_fail(
			cli,
			&(struct troth_failure){.err = errno ? TROTH_E_IO : TROTH_E_FORMAT,
						.cause = errno ? strerror(errno)
							       : "It is too long."},
			"can't read a line from standard input");
	if (status != TROTH_EXIT_OK) {
		sodium_free(text);
		return status;
	}
	*out = text;
	return TROTH_EXIT_OK;
}

/* Whose passphrase, in words. */
struct wanted {
	const char *option;
	const char *fresh; /* the question for a new one; NULL: the existing one is asked for */
	const char *existing;
	const char *what;
	bool made; /* an empty one that is typed: the caller makes one */
};

/* A new one keeps a key when somebody else has the file, and can be guessed at without end. An
 * empty one is none: that may be meant. */
static enum troth_exit check_fresh(struct troth_cli *cli, const struct wanted *w, const char *text)
{
	size_t chars = u8_mbsnlen((const uint8_t *)text, strlen(text));
	if (w->fresh == NULL || chars == 0 || chars >= LEAST_CHARS)
		return TROTH_EXIT_OK;
	return troth_cli_fail(cli,
			      &(struct troth_failure){.err = TROTH_E_PASSPHRASE,
						      .cause = "It is too short: fewer than 8 "
							       "characters.",
						      .next = "Four or more random words are good "
							      "and easily typed."},
			      "the passphrase can't be used");
}

static enum troth_exit ask_passphrase(struct troth_cli *cli, const struct wanted *w, char *text)
{
	char next[64];
	char *again TROTH_CLEANUP(text_cleanup) = text_new();
	if (!again)
		return no_memory(cli);
	(void)snprintf(next, sizeof next, "Give it with --%s N.", w->option);
	if (!ask(w->fresh ? w->fresh : w->existing, RPP_ECHO_OFF, text))
		return no_terminal(cli, w->what, next);
	enum troth_exit status = check_fresh(cli, w, text);
	if (status != TROTH_EXIT_OK || w->fresh == NULL || *text == 0)
		return status;
	if (!ask("The same again", RPP_ECHO_OFF, again))
		return no_terminal(cli, w->what, next);
	if (strcmp(text, again) != 0)
		return troth_cli_fail(cli,
				      &(struct troth_failure){.err = TROTH_E_PASSPHRASE,
							      .cause = "They differ.",
							      .next = "Try again."},
				      "the two passphrases can't be used");
	return TROTH_EXIT_OK;
}

static enum troth_exit wanted_text(struct troth_cli *cli, const struct wanted *w, char *text)
{
	if (!troth_cli_has(cli, w->option))
		return ask_passphrase(cli, w, text);
	enum troth_exit status = from_fd_option(cli, w->option, text);
	return status == TROTH_EXIT_OK ? check_fresh(cli, w, text) : status;
}

/* An empty one is NULL. */
static enum troth_exit passphrase(struct troth_cli *cli, const struct wanted *w, char **out)
{
	char *text = text_new();
	if (!text)
		return no_memory(cli);
	enum troth_exit status = wanted_text(cli, w, text);
	if (status != TROTH_EXIT_OK || !*text) {
		sodium_free(text);
		text = NULL;
	}
	*out = text;
	return status;
}

/* The device key's, a backup's: none at all is nothing to protect it with. */
static enum troth_exit device_passphrase(struct troth_cli *cli, const struct wanted *w, char **out)
{
	enum troth_exit status = passphrase(cli, w, out);
	bool made = w->made && !troth_cli_has(cli, w->option);
	if (status == TROTH_EXIT_OK && *out == NULL && !made)
		return troth_cli_fail(
			cli,
			&(struct troth_failure){.err = TROTH_E_PASSPHRASE, .cause = "It is empty."},
			"the passphrase can't be used");
	return status;
}

enum troth_exit troth_prompt_passphrase(struct troth_cli *cli, char **out)
{
	return device_passphrase(cli,
				 &(struct wanted){.option = "passphrase-fd",
						  .existing = "Passphrase of this device's key",
						  .what = "the passphrase of the device key"},
				 out);
}

enum troth_exit troth_prompt_new_passphrase(struct troth_cli *cli, const char *option, char **out)
{
	return device_passphrase(cli,
				 &(struct wanted){.option = option,
						  .fresh = "New passphrase for this device's key",
						  .what = "a passphrase"},
				 out);
}

enum troth_exit troth_prompt_backup_passphrase(struct troth_cli *cli, bool fresh, char **out)
{
	return device_passphrase(
		cli,
		&(struct wanted){.option = "backup-passphrase-fd",
				 .fresh = fresh ? "New passphrase for the backup (empty: "
						  "one is made for you)"
						: NULL,
				 .made = fresh,
				 .existing = "Passphrase of the backup",
				 .what = "a passphrase"},
		out);
}

enum troth_exit troth_prompt_user_passphrase(struct troth_cli *cli, bool fresh, char **out)
{
	return passphrase(cli,
			  &(struct wanted){.option = "user-passphrase-fd",
					   .fresh = fresh ? "New passphrase for your user key "
							    "(empty: none)"
							  : NULL,
					   .existing = "Passphrase of your user key",
					   .what = "a passphrase"},
			  out);
}

enum troth_exit troth_prompt_pin(struct troth_cli *cli, const char *option, const char *token,
				 char **out)
{
	char question[160];
	(void)snprintf(question, sizeof question, "PIN of the token %s", token);
	enum troth_exit status = passphrase(
		cli,
		&(struct wanted){.option = option, .existing = question, .what = "the token's PIN"},
		out);
	if (status == TROTH_EXIT_OK && *out == NULL)
		return troth_cli_fail(
			cli,
			&(struct troth_failure){.err = TROTH_E_PASSPHRASE,
						.cause = "It is empty; none was tried."},
			"the PIN can't be used");
	return status;
}

enum troth_exit troth_prompt_password(struct troth_cli *cli, const char *jid,
				      struct troth_secret **out)
{
	char question[256];
	char *text TROTH_CLEANUP(text_cleanup) = NULL;
	(void)snprintf(question, sizeof question, "Password of %s", jid);
	enum troth_exit status = passphrase(cli,
					    &(struct wanted){.option = "password-fd",
							     .existing = question,
							     .what = "a password"},
					    &text);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = text == NULL ? TROTH_E_FORMAT : troth_secret_new(out, troth_slice_str(text));
	return err == TROTH_OK ? TROTH_EXIT_OK
			       : troth_cli_fail(cli, &(struct troth_failure){.err = err},
						"the password can't be used");
}

enum troth_exit troth_prompt_confirm(struct troth_cli *cli, const char *question,
				     const char *expected)
{
	char *text TROTH_CLEANUP(text_cleanup) = text_new();
	if (!text)
		return no_memory(cli);
	if (!ask(question, RPP_ECHO_ON, text))
		return no_terminal(cli, "a confirmation", "Give --yes if you are sure.");
	if (strcmp(text, expected) != 0)
		return troth_cli_fail(cli,
				      &(struct troth_failure){.err = TROTH_E_REFUSED,
							      .cause = "Nothing was changed."},
				      "not confirmed");
	return TROTH_EXIT_OK;
}
