/* SPDX-License-Identifier: MIT */
#include "softhsm.h"

#include <fcntl.h>
#include <ftw.h>
#include <openssl/pem.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static char folder[64];

static void path_of(char out[256], const char *name)
{
	(void)snprintf(out, 256, "%s/%s", folder, name);
}

static void run(const char *const argv[])
{
	pid_t pid;
	int status;
	posix_spawn_file_actions_t quiet;
	assert_int_equal(posix_spawn_file_actions_init(&quiet), 0);
	assert_int_equal(
		posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0),
		0);
	assert_int_equal(posix_spawnp(&pid, argv[0], &quiet, NULL, (char *const *)argv, environ),
			 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	posix_spawn_file_actions_destroy(&quiet);
}

void softhsm_token(const char *label)
{
	run((const char *const[]){"softhsm2-util", "--init-token", "--free", "--label", label,
				  "--pin", PIN, "--so-pin", "314159", NULL});
}

void softhsm_init(void)
{
	char path[256], tokens[256];
	strcpy(folder, "/tmp/troth-token-XXXXXX");
	assert_non_null(mkdtemp(folder));
	path_of(tokens, "tokens");
	assert_int_equal(mkdir(tokens, 0700), 0);
	path_of(path, "softhsm2.conf");
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fprintf(f, "directories.tokendir = %s\nlog.level = ERROR\n", tokens) > 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(setenv("SOFTHSM2_CONF", path, 1), 0);
	assert_int_equal(setenv("TEST_CARD", folder, 1), 0);
	softhsm_token("Card");
}

static int take(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st, (void)type, (void)at;
	return remove(path);
}

void softhsm_fini(void)
{
	assert_int_equal(nftw(folder, take, 8, FTW_DEPTH | FTW_PHYS), 0);
}

void softhsm_import(EVP_PKEY *key, const char *label, const char *id)
{
	char path[256];
	path_of(path, "key.pem");
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(PEM_write_PKCS8PrivateKey(f, key, NULL, NULL, 0, NULL, NULL), 1);
	assert_int_equal(fclose(f), 0);
	run((const char *const[]){"softhsm2-util", "--import", path, "--token", "Card", "--label",
				  label, "--id", id, "--pin", PIN, NULL});
}

void softhsm_certificate(X509 *x, const char *label, const char *id)
{
	char path[256], load[300];
	path_of(path, "cert.pem");
	(void)snprintf(load, sizeof load, "--load-certificate=%s", path);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(PEM_write_X509(f, x), 1);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(setenv("GNUTLS_PIN", PIN, 1), 0);
	char by_label[100], by_id[100];
	(void)snprintf(by_label, sizeof by_label, "--label=%s", label);
	(void)snprintf(by_id, sizeof by_id, "--id=%s", id);
	run((const char *const[]){"p11tool", "--provider=/usr/lib/softhsm/libsofthsm2.so",
				  "--batch", "--login", "--write", load, by_label, by_id,
				  "pkcs11:token=Card", NULL});
}

void card_set(const char *name, bool on)
{
	char path[256];
	path_of(path, name);
	FILE *f = on ? fopen(path, "w") : NULL;
	if (on) {
		assert_non_null(f);
		assert_int_equal(fclose(f), 0);
	} else {
		assert_int_equal(unlink(path), 0);
	}
}

size_t card_logins(void)
{
	char path[256];
	struct stat st;
	path_of(path, "logins");
	return stat(path, &st) == 0 ? (size_t)st.st_size : 0;
}

const char *card_uri(const char *attributes)
{
	static char uri[1024];
	const char *module = getenv("CARD_MODULE");
	assert_non_null(module);
	(void)snprintf(uri, sizeof uri, "pkcs11:%s?module-path=%s", attributes, module);
	return uri;
}

struct troth_token *card_open(const char *attributes)
{
	struct troth_token *token = NULL;
	struct troth_token_problem problem;
	assert_ok(troth_token_open(&token, card_uri(attributes), &problem));
	assert_ok(troth_token_login(token, PIN, &problem));
	assert_string_equal(problem.text, "");
	return token;
}

struct troth_device *card_device(const char *object)
{
	char attributes[100];
	EVP_PKEY *key = NULL;
	struct troth_device *device = NULL;
	struct troth_token_problem problem;
	struct troth_buf reference TROTH_CLEANUP(troth_buf_fini);
	const struct troth_device_params params = {"romeo@montague.example", MAKE_NOW};
	(void)snprintf(attributes, sizeof attributes, "token=Card;object=%s", object);
	troth_buf_init(&reference, 4096);
	struct troth_token *token = card_open(attributes);
	assert_ok(troth_token_make(token, &problem));
	assert_ok(troth_token_key(token, &key, &problem));
	assert_ok(troth_token_refer(card_uri(attributes), &reference));
	assert_ok(troth_device_generate_with(&device, &params, key, troth_buf_slice(&reference)));
	EVP_PKEY_free(key);
	troth_token_close(token);
	return device;
}
