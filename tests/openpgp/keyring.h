/* SPDX-License-Identifier: MIT */
/* GnuPG homes of their own, and people with keys in them, for the tests of OpenPGP. */
#ifndef TROTH_TESTS_OPENPGP_KEYRING_H
#define TROTH_TESTS_OPENPGP_KEYRING_H

#include "../test.h"
#include "openpgp/openpgp.h"

struct person {
	char fpr[TROTH_OPENPGP_FINGERPRINT_LEN + 1];
};

/* Two homes: the user's, with the user's own key, and one in which all others are at home. A
 * key made in a home is trusted ultimately there; so the others are made elsewhere. */
struct keyring {
	char dir[32]; /* short: the socket of an agent is below it */
	char mine[48];
	char theirs[48];
	struct person me;
	struct troth_openpgp *openpgp; /* opened on mine */
};

/* cmocka group setup and teardown: *state is a struct keyring. */
int keyring_setup(void **state);
int keyring_teardown(void **state);
/* Kills the agent of a home, without waiting for anything. */
void keyring_kill_agent(const char *home);

/* Runs gpg in a home, in batch mode; the test fails unless it succeeds. */
void gpg(const char *home, const char *format, ...) TROTH_PRINTF(2, 3);
/* Effect: makes a key in a home, without passphrase, as `gpg --quick-generate-key ID rest`. */
struct person make_key(const char *home, const char *user_id, const char *rest);
struct person make_key_with(const char *home, const char *options, const char *user_id,
			    const char *rest);
/* Effect: from theirs to mine. */
void deliver(const struct keyring *ring, struct person who);
void own_trust(const struct keyring *ring, struct person who, int level);
/* Effect: the user gets the revocation that gpg made along with the key in theirs. */
void revoke_key(const struct keyring *ring, struct person who);

/* Effect: writes bytes to a file in the keyring's folder, or reads one. */
void write_bytes(const struct keyring *ring, const char *name, const void *bytes, size_t len);
size_t read_bytes(const struct keyring *ring, const char *name, uint8_t *out, size_t size);

struct troth_openpgp *open_home(const char *home);
/* Asserts error and reason of the last call. */
#define assert_reason(openpgp, call, code)                                                         \
	do {                                                                                       \
		int err_ = (call);                                                                 \
		const char *name_ = troth_openpgp_reason_name(troth_openpgp_reason(openpgp));      \
		if (err_ == TROTH_OK || strcmp(name_, code) != 0)                                  \
			fail_msg("%s, not " code ": %s (%s)", name_, troth_openpgp_cause(openpgp), \
				 troth_err_name(err_));                                            \
	} while (0)
struct troth_openpgp_validity validity_of(struct troth_openpgp *openpgp, struct person who,
					  const char *jid);
/* Asserts what GnuPG says of the user ID for the JID, and of the key. */
void assert_validity(const struct keyring *ring, struct person who, const char *jid,
		     const char *user_id, const char *key);

#endif
