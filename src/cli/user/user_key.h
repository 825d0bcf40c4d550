/* SPDX-License-Identifier: MIT */
/*
 * The user key: in <home>/user.pem, or in a file elsewhere (--user-key FILE), as on a stick; either
 * may name a key on a token.
 * Layer: cli. Opened when it signs, and only then.
 */
#ifndef TROTH_CLI_USER_USER_KEY_H
#define TROTH_CLI_USER_USER_KEY_H

#include "cli/cli.h"
#include "session/own.h"

/* The options of every verb that signs by it. */
/* of: the subcommands that take them, as "NAME, NAME: ". */
#define TROTH_USER_KEY_OPTIONS(of)                                                                 \
	{"user-key", 0, "FILE", of "your user key, if it isn't here", TROTH_COMPLETE_FILE},        \
	{                                                                                          \
		"user-passphrase-fd", 0, "N", of "its passphrase or PIN, from fd N",               \
			TROTH_COMPLETE_NOTHING                                                     \
	}

/* Effect: opens it, asking for its passphrase where it has one; the caller frees *out. Without
 * one: "run `troth user init`". */
enum troth_exit troth_user_key_open(struct troth_cli *cli, struct troth_device **out);

/* Effect: makes one and writes it, to `path` or, where that is NULL, into the home; asks for its
 * passphrase. With --key it is on a token. *locked: it has a passphrase. The caller frees
 * *out. */
enum troth_exit troth_user_key_make(struct troth_cli *cli, const char *path, const char *address,
				    struct troth_device **out, bool *locked);

/* Effect: the user key of this home when it can be had without asking anybody; else NULL. */
struct troth_device *troth_user_key_at_hand(struct troth_cli *cli);

/* Effect: renews the endorsement of this device where it is time and nobody has to be asked. What
 * fails is told as a note: what there is still holds. */
void troth_user_renew(struct troth_cli *cli);

/* Effect: the key that this device had before its renewal, for 400 days from then on, by which
 * contacts who were away still know it on a link; NULL: none. Borrowed for the life of cli. */
const struct troth_device *troth_user_former(struct troth_cli *cli);

/* Effect: where an earlier user key has named this device for its quorum, this device says that
 * heir follows it. *spoke: it did. Errors: those of signing and of the store. */
int troth_user_speak_for(struct troth_cli *cli, const struct troth_own *own,
			 const struct troth_cert *heir, bool *spoke) TROTH_MUST_USE;

/* Effect: what is said about own keys; the caller frees *out. */
enum troth_exit troth_user_own(struct troth_cli *cli, struct troth_own **out);

#endif
