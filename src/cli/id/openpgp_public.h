/* SPDX-License-Identifier: MIT */
/*
 * Public parts of OpenPGP keys on their way through accounts: ours, kept to be published, and those
 * that contacts show, imported on the user's word alone. Layer: cli.
 */
#ifndef TROTH_CLI_ID_OPENPGP_PUBLIC_H
#define TROTH_CLI_ID_OPENPGP_PUBLIC_H

#include "cli/id/keyring.h"
#include "keys/keyinfo.h"

/* Effect: keeps what GnuPG has of a key of ours, unless the same is kept; what is too long is told
 * and isn't published. */
enum troth_exit troth_openpgp_public_keep(struct troth_cli *cli, struct troth_openpgp *openpgp,
					  const char *fingerprint);
/* Effect: the same for the chosen one, if any; a GnuPG that can't be used is told, and no failure.
 */
enum troth_exit troth_openpgp_public_keep_chosen(struct troth_cli *cli);

#define TROTH_OPENPGP_SHOWN_MAX 8

/* What an account shows; zeroed before. */
struct troth_openpgp_shown {
	char names[TROTH_OPENPGP_SHOWN_MAX][TROTH_OPENPGP_FINGERPRINT_LEN + 1];
	size_t count;
	char wanted[TROTH_OPENPGP_FINGERPRINT_LEN + 1]; /* "": none is to be imported */
	bool imported;
	enum troth_exit status; /* of the import */
};
/* Effect: which one --import names. */
enum troth_exit troth_openpgp_shown_read(struct troth_cli *cli, struct troth_openpgp_shown *out);
/* Effect: notes the OpenPGP keys of a list, and imports the one that is wanted. */
void troth_openpgp_shown_take(struct troth_cli *cli, struct troth_openpgp_shown *s,
			      const struct troth_keyinfo_list *list);
/* Effect: tells of them; the exit status of the whole. */
enum troth_exit troth_openpgp_shown_tell(struct troth_cli *cli,
					 const struct troth_openpgp_shown *s);
json_t *troth_openpgp_shown_json(const struct troth_openpgp_shown *s);

#endif
