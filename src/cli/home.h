/* SPDX-License-Identifier: MIT */
/*
 * The home directory of a device: where its key and its trust store are. Layer: cli.
 * Opened when first asked for, closed by troth_cli_fini.
 */
#ifndef TROTH_CLI_HOME_H
#define TROTH_CLI_HOME_H

#include "cli/exit.h"
#include "store/store.h"

#include <stdbool.h>
#include <troth/key.h>

struct troth_cli;

/* Settings in the store. */
#define TROTH_SETTING_NICK "nick"

/* Members are private to home.c. */
struct troth_home {
	char *path;
	struct troth_store *store;
	struct troth_device *device;
	struct troth_cert *cert;
	bool locked; /* the device key has a passphrase; known once it was read */
	struct troth_device *former;
	char *elsewhere; /* the URI of the device key; NULL: it is in the file */
};

/* Effect: the path, by --home, $XDG_DATA_HOME/troth or ~/.local/share/troth. Makes nothing.
 * Borrowed for the life of cli, as everything below. */
enum troth_exit troth_home_path(struct troth_cli *cli, const char **out);

/* Effect: the directory, 0700 where it had to be made. Refuses one that others may write. */
enum troth_exit troth_home_make(struct troth_cli *cli, const char **out);

/* Effect: the trust store of a device that was set up before; troth_home_make it first to
 * set one up. Without a device key: "run `troth init`". */
enum troth_exit troth_home_store(struct troth_cli *cli, struct troth_store **out);

/* Effect: the same, made where it is missing, before there is a device key. */
enum troth_exit troth_home_store_make(struct troth_cli *cli, struct troth_store **out);
/* Effect: takes back what troth_home_make and troth_home_store_make made: the store is closed and
 * its files are removed, and the directory if it is empty then. Nothing where there is a key. */
void troth_home_unmake(struct troth_cli *cli);

/* Effect: whether anybody is known; false where the store can't say. */
bool troth_home_has_contacts(struct troth_cli *cli);

/* Effect: this device's key; asks for its passphrase, or its token's PIN, where it has one
 * (--passphrase-fd, else the terminal). */
enum troth_exit troth_home_device(struct troth_cli *cli, const struct troth_device **out);

/* Effect: the key that this device had before its renewal, where it is there and nobody has to be
 * asked for it; NULL: none. Borrowed likewise. */
const struct troth_device *troth_home_former(struct troth_cli *cli);

/* Whether there is a device key, readable or not. */
bool troth_home_has_key(const char *home);

/* Effect: this device's certificate alone, without the key and so without its passphrase. */
enum troth_exit troth_home_cert(struct troth_cli *cli, const struct troth_cert **out);

/* Effect: the URI of the token that has this device's key; NULL: the file has it. Known once the
 * certificate or the key was read. Borrowed. */
const char *troth_home_elsewhere(const struct troth_cli *cli);

/* Effect: the nickname that the user gave this device into *out, freed with free; NULL: none. */
enum troth_exit troth_home_nick(struct troth_cli *cli, char **out);

/* Effect: a usage error for a nickname that others couldn't read: empty, too long, or with
 * control or direction characters. */
enum troth_exit troth_nick_check(struct troth_cli *cli, const char *nick);
/* Effect: checks and keeps it. */
enum troth_exit troth_home_set_nick(struct troth_cli *cli, const char *nick);

/* Effect: a failure of the store, told with its own sentence. Returns the exit status. */
enum troth_exit troth_home_store_failed(struct troth_cli *cli, int err, const char *what);

void troth_home_fini(struct troth_home *home);

#endif
