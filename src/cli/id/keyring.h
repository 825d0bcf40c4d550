/* SPDX-License-Identifier: MIT */
/*
 * The user's OpenPGP keys as the verbs show them. Layer: cli. What is known of them comes from
 * openpgp/openpgp.h; calls block while the agent asks.
 */
#ifndef TROTH_CLI_ID_KEYRING_H
#define TROTH_CLI_ID_KEYRING_H

#include "cli/cli.h"
#include "openpgp/openpgp.h"

/* Four hex digits ten times, a blank between them. */
#define TROTH_KEYRING_FINGERPRINT_LEN 50

/* Effect: opens the user's GnuPG into *out, which troth_openpgp_free ends. */
enum troth_exit troth_keyring_open(struct troth_cli *cli, struct troth_openpgp **out);
/* Effect: a failure of it, told with its own cause and next step; openpgp may be NULL. */
enum troth_exit troth_keyring_failed(struct troth_cli *cli, int err,
				     const struct troth_openpgp *openpgp, const char *what);

/* Effect: the arguments from n on, which may be a fingerprint in groups, into out, which holds
 * TROTH_OPENPGP_FINGERPRINT_LEN + 1; else a usage error. */
enum troth_exit troth_keyring_fingerprint(struct troth_cli *cli, size_t n, char *out);
/* In groups, as gpg shows them. Returns out. */
const char *troth_keyring_grouped(char out[TROTH_KEYRING_FINGERPRINT_LEN], const char *fingerprint);

/* Effect: lines about a key; nothing in JSON mode. */
void troth_keyring_show(struct troth_output *out, const struct troth_openpgp_key *key);
/* The same for programs; NULL without memory. */
json_t *troth_keyring_json(const struct troth_openpgp_key *key);

#endif
