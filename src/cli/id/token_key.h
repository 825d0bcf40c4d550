/* SPDX-License-Identifier: MIT */
/*
 * Own keys that are on a token (--key URI), and asking for its PIN. Layer: cli.
 * A PIN is asked for once a run and tried once: tokens lock.
 */
#ifndef TROTH_CLI_ID_TOKEN_KEY_H
#define TROTH_CLI_ID_TOKEN_KEY_H

#include "cli/cli.h"

#include <troth/key.h>

/* The options of every verb that makes a key. */
#define TROTH_TOKEN_KEY_OPTIONS                                                                    \
	{"key", 0, "URI", "the key is on a token: pkcs11:token=NAME;object=NAME",                  \
	 TROTH_COMPLETE_NOTHING},                                                                  \
	{                                                                                          \
		"make", 0, NULL, "with --key: make it there", TROTH_COMPLETE_NOTHING               \
	}

/* Effect: a usage error for --make or a passphrase where they don't belong. */
enum troth_exit troth_token_key_check(struct troth_cli *cli);

/* Whose PIN: it comes from --passphrase-fd, or --user-passphrase-fd, or the terminal. */
enum troth_token_whose { TROTH_TOKEN_DEVICE, TROTH_TOKEN_USER };

/* Effect: the key that --key names, with a new certificate; --make makes it. The caller frees *out.
 */
enum troth_exit troth_token_key_new(struct troth_cli *cli, enum troth_token_whose whose,
				    const char *address, struct troth_device **out);

/* Effect: reads a PEM whose key is on a token. The caller frees *out. */
enum troth_exit troth_token_key_open(struct troth_cli *cli, enum troth_token_whose whose,
				     struct troth_slice pem, struct troth_device **out);

/* Effect: the same where nobody has to be asked, as when its token has been logged in to; NULL
 * otherwise. */
struct troth_device *troth_token_key_at_hand(struct troth_slice pem);

/* Effect: appends the URI of the key of a PEM, printable and ended by NUL for troth_buf_cstr.
 * Errors: TROTH_E_NOT_FOUND where the key is in the file, TROTH_E_FORMAT. */
int troth_token_key_uri(struct troth_slice pem, struct troth_buf *out) TROTH_MUST_USE;

/* Effect: appends the certificates that a URI names, as PEM; no PIN is asked for. */
enum troth_exit troth_token_key_certs(struct troth_cli *cli, const char *uri,
				      struct troth_buf *pem);

#endif
