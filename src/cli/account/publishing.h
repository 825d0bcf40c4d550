/* SPDX-License-Identifier: MIT */
/* What an account publishes of our keys: kept as a setting. Layer: cli. */
#ifndef TROTH_CLI_ACCOUNT_PUBLISHING_H
#define TROTH_CLI_ACCOUNT_PUBLISHING_H

#include "cli/cli.h"
#include "session/session.h"

/* "open", "presence", "own", "asked", "none"; NULL: nothing was ever said. Static. */
const char *troth_publishing_name(enum troth_publish publish);
/* Effect: as it was kept; TROTH_PUBLISH_NOTHING where nothing was. */
int troth_publishing_get(struct troth_store *store, const char *jid,
			 enum troth_publish *out) TROTH_MUST_USE;
/* Effect: as --publish says; *given: it says something. */
enum troth_exit troth_publishing_read(struct troth_cli *cli, bool *given, enum troth_publish *out);
/* Effect: kept from now on; TROTH_PUBLISH_NOTHING forgets. */
int troth_publishing_keep(struct troth_store *store, const char *jid,
			  enum troth_publish publish) TROTH_MUST_USE;

#endif
