/* SPDX-License-Identifier: MIT */
/*
 * Asking the user. Secrets come from the terminal without echo, or from where the user
 * said (--secret-fd, --secret-file, --passphrase-fd): never from an argument or the
 * environment, which other processes can read. Layer: cli.
 */
#ifndef TROTH_CLI_TERMINAL_PROMPT_H
#define TROTH_CLI_TERMINAL_PROMPT_H

#include "cli/exit.h"

#include <stdbool.h>
#include <troth/secret.h>

struct troth_cli;

/* The options that a verb which takes a secret puts into its table. */
#define TROTH_SECRET_OPTIONS                                                                       \
	{"secret-fd", 0, "N", "read the shared secret from file descriptor N",                     \
	 TROTH_COMPLETE_NOTHING},                                                                  \
	{                                                                                          \
		"secret-file", 0, "FILE", "read the shared secret from the first line of FILE",    \
			TROTH_COMPLETE_FILE                                                        \
	}

/* Whether the command line says where the secret comes from, so that nobody needs be asked. */
bool troth_prompt_secret_given(const struct troth_cli *cli);

/* Effect: the shared secret, by option or by asking `question` ("Secret shared with Juliet")
 * on the terminal; words of the list are normalised (cli/terminal/words.h). The caller frees *out.
 * Fails with TROTH_EXIT_REFUSED when the user gives none, or when there is no terminal. Blocks. */
enum troth_exit troth_prompt_secret(struct troth_cli *cli, const char *question,
				    struct troth_secret **out);

/* Effect: a line that may hold a secret: from standard input where that is no terminal, else asked
 * for without echo. *out is freed by troth_prompt_free. */
enum troth_exit troth_prompt_line(struct troth_cli *cli, const char *question, char **out);

/* Effect: asks for the passphrase of the device key, or reads it from --passphrase-fd. *out is
 * freed by troth_prompt_free. */
enum troth_exit troth_prompt_passphrase(struct troth_cli *cli, char **out);
/* Effect: asks twice for a new one, or reads it once from the descriptor that `option` names. This
 * and every other new passphrase is refused when it is short. */
enum troth_exit troth_prompt_new_passphrase(struct troth_cli *cli, const char *option, char **out);
/* Effect: the same for the user key, by --user-passphrase-fd or the terminal: twice for a `fresh`
 * one. An empty one is NULL: none. */
enum troth_exit troth_prompt_user_passphrase(struct troth_cli *cli, bool fresh, char **out);
/* Effect: the PIN of a token, from the descriptor that `option` names or the terminal. */
enum troth_exit troth_prompt_pin(struct troth_cli *cli, const char *option, const char *token,
				 char **out);
/* Effect: the password of an account, from --password-fd or the terminal. The caller frees *out. */
enum troth_exit troth_prompt_password(struct troth_cli *cli, const char *jid,
				      struct troth_secret **out);
/* Effect: the same for a backup, by --backup-passphrase-fd; an empty one is refused, but a `fresh`
 * one that is typed is NULL: the caller makes one. */
enum troth_exit troth_prompt_backup_passphrase(struct troth_cli *cli, bool fresh, char **out);
/* Effect: wipes and frees; NULL is fine. */
void troth_prompt_free(char *text);

/* Effect: asks on the terminal, with echo; TROTH_EXIT_OK only when `expected` was typed.
 * Without a terminal it says to use --yes and fails. */
enum troth_exit troth_prompt_confirm(struct troth_cli *cli, const char *question,
				     const char *expected);

#endif
