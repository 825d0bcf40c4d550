/* SPDX-License-Identifier: MIT */
#include "keyring.h"

#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define COMMAND_MAX 2048

/* Effect: runs a shell command that isn't shown unless it fails. */
static int run(const char *log, const char *command)
{
	char whole[COMMAND_MAX + 64];
	int len = snprintf(whole, sizeof whole, "{ %s; } >%s 2>&1 </dev/null", command, log);
	assert_in_range(len, 1, sizeof whole - 1);
	int status = system(whole);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void gpg(const char *home, const char *format, ...)
{
	char words[COMMAND_MAX / 2], command[COMMAND_MAX], log[64], said[4096];
	va_list args;
	va_start(args, format);
	int len = vsnprintf(words, sizeof words, format, args);
	va_end(args);
	assert_in_range(len, 1, sizeof words - 1);
	snprintf(log, sizeof log, "%s/log", home);
	len = snprintf(command, sizeof command, "gpg --homedir %s --batch --yes --no-tty %s", home,
		       words);
	assert_in_range(len, 1, sizeof command - 1);
	if (run(log, command) == 0)
		return;
	FILE *file = fopen(log, "r");
	size_t got = file ? fread(said, 1, sizeof said - 1, file) : 0;
	said[got] = '\0';
	fail_msg("%s\n%s", command, said);
}

void keyring_kill_agent(const char *home)
{
	char command[COMMAND_MAX];
	snprintf(command, sizeof command, "gpgconf --homedir %s --kill all", home);
	assert_int_equal(run("/dev/null", command), 0);
}

struct person make_key_with(const char *home, const char *options, const char *user_id,
			    const char *rest)
{
	struct person who;
	char path[64], line[512];
	gpg(home,
	    "--pinentry-mode loopback --passphrase '' --status-file %s/made %s "
	    "--quick-generate-key '%s' %s",
	    home, options, user_id, rest);
	snprintf(path, sizeof path, "%s/made", home);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	bool found = false;
	while (fgets(line, sizeof line, file))
		if (strncmp(line, "[GNUPG:] KEY_CREATED ", 21) == 0) {
			line[23 + TROTH_OPENPGP_FINGERPRINT_LEN] = '\0';
			assert_ok(troth_openpgp_fingerprint_read(line + 23, who.fpr));
			found = true;
		}
	assert_int_equal(fclose(file), 0);
	assert_true(found);
	return who;
}

struct person make_key(const char *home, const char *user_id, const char *rest)
{
	return make_key_with(home, "", user_id, rest);
}

void deliver(const struct keyring *ring, struct person who)
{
	gpg(ring->theirs, "-o %s/key --export %s", ring->dir, who.fpr);
	gpg(ring->mine, "--import %s/key", ring->dir);
}

void own_trust(const struct keyring *ring, struct person who, int level)
{
	char line[64];
	int len = snprintf(line, sizeof line, "%s:%d:\n", who.fpr, level);
	for (char *c = line; *c != ':'; c++)
		if (*c >= 'a' && *c <= 'f')
			*c = (char)(*c - 'a' + 'A');
	write_bytes(ring, "trust", line, (size_t)len);
	gpg(ring->mine, "--import-ownertrust %s/trust", ring->dir);
}

void revoke_key(const struct keyring *ring, struct person who)
{
	char upper[TROTH_OPENPGP_FINGERPRINT_LEN + 1];
	for (size_t i = 0; i < sizeof upper; i++)
		upper[i] = who.fpr[i] >= 'a' ? (char)(who.fpr[i] - 'a' + 'A') : who.fpr[i];
	char file[160];
	snprintf(file, sizeof file, "%s/openpgp-revocs.d/%s.rev", ring->theirs, upper);
	/* The file is made harmless by a colon until somebody means it. */
	char command[512];
	snprintf(command, sizeof command, "sed 's/^:---/---/' %s >%s/revocation", file, ring->dir);
	assert_int_equal(system(command), 0);
	gpg(ring->mine, "--import %s/revocation", ring->dir);
}

void write_bytes(const struct keyring *ring, const char *name, const void *bytes, size_t len)
{
	char path[128];
	snprintf(path, sizeof path, "%s/%s", ring->dir, name);
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

size_t read_bytes(const struct keyring *ring, const char *name, uint8_t *out, size_t size)
{
	char path[128];
	snprintf(path, sizeof path, "%s/%s", ring->dir, name);
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	size_t len = fread(out, 1, size, file);
	assert_in_range(len, 1, size - 1);
	assert_int_equal(fclose(file), 0);
	return len;
}

struct troth_openpgp *open_home(const char *home)
{
	struct troth_openpgp *openpgp;
	const struct troth_openpgp_params params = {.home = home};
	assert_ok(troth_openpgp_new(&openpgp));
	assert_ok(troth_openpgp_open(openpgp, &params));
	return openpgp;
}

int keyring_setup(void **state)
{
	struct keyring *ring = calloc(1, sizeof *ring);
	assert_non_null(ring);
	strcpy(ring->dir, "/tmp/tg-XXXXXX");
	assert_non_null(mkdtemp(ring->dir));
	snprintf(ring->mine, sizeof ring->mine, "%s/m", ring->dir);
	snprintf(ring->theirs, sizeof ring->theirs, "%s/t", ring->dir);
	assert_int_equal(mkdir(ring->mine, 0700), 0);
	assert_int_equal(mkdir(ring->theirs, 0700), 0);
	ring->me = make_key(ring->mine, "Romeo <xmpp:romeo@montague.lit>", "ed25519 default never");
	ring->openpgp = open_home(ring->mine);
	*state = ring;
	return 0;
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	/* An agent that ends takes its sockets away by itself. */
	return remove(path) == 0 || access(path, F_OK) != 0 ? 0 : -1;
}

int keyring_teardown(void **state)
{
	struct keyring *ring = *state;
	troth_openpgp_free(ring->openpgp);
	keyring_kill_agent(ring->mine);
	keyring_kill_agent(ring->theirs);
	int rc = nftw(ring->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	free(ring);
	return rc;
}

struct troth_openpgp_validity validity_of(struct troth_openpgp *openpgp, struct person who,
					  const char *jid)
{
	struct troth_address *address;
	struct troth_openpgp_validity got;
	assert_ok(troth_address_new(&address, TROTH_REALM_SERVER, jid));
	int err = troth_openpgp_validity(openpgp, who.fpr, address, &got);
	troth_address_free(address);
	if (err)
		fail_msg("%s: %s", troth_err_name(err), troth_openpgp_cause(openpgp));
	return got;
}

void assert_validity(const struct keyring *ring, struct person who, const char *jid,
		     const char *user_id, const char *key)
{
	struct troth_openpgp_validity got = validity_of(ring->openpgp, who, jid);
	assert_string_equal(troth_openpgp_level_name(got.user_id), user_id);
	assert_string_equal(troth_openpgp_level_name(got.key), key);
}
