/* SPDX-License-Identifier: MIT */
/* Backups: which files, from and to a home. Layer: store. */
#include "store/backup.h"

#include "base/slice.h"
#include "store/database.h"
#include "store/keyfile.h"
#include "store/log.h"
#include "store/private.h"
#include "store/statement.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <troth/err.h>
#include <unistd.h>

#define FILE_MAX ((size_t)256 * 1024 * 1024)
#define SNAPSHOT "backup.tmp"
#define CHUNK 65536

/* The device key is the last to come: whoever has a key has all of it. */
static const char *const names[] = {TROTH_STORE_FILE,
				    TROTH_KEYFILE_USER_NAME,
				    TROTH_KEYFILE_FORMER_NAME,
				    TROTH_KEYFILE_CODE_NAME,
				    "ocsp.der",
				    TROTH_KEYFILE_NAME};
#define NAMES (sizeof names / sizeof *names)

static int fail(struct troth_backup_problem *problem, const char *name, const char *done)
{
	(void)snprintf(problem->text, sizeof problem->text, "%s can't be %s: %s.", name, done,
		       strerror(errno));
	return TROTH_E_IO;
}

/* ---- making ---- */

static int read_file(int dir, const char *name, struct troth_buf *out)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? TROTH_E_NOT_FOUND : TROTH_E_IO;
	ssize_t n = 1;
	int err = TROTH_OK;
	while (err == TROTH_OK && n != 0) {
		uint8_t *to;
		err = troth_buf_reserve(out, CHUNK, &to);
		n = err == TROTH_OK ? read(fd, to, CHUNK) : 0;
		if (n < 0 && errno != EINTR)
			err = TROTH_E_IO;
		if (n > 0)
			troth_buf_commit(out, (size_t)n);
	}
	int why = errno;
	(void)close(fd);
	errno = why;
	return err;
}

static int add_record(struct troth_buf *out, const char *name, struct troth_slice bytes)
{
	uint8_t size[8];
	for (unsigned i = 0; i < 8; i++)
		size[i] = (uint8_t)((uint64_t)bytes.len >> (56 - 8 * i));
	int err = troth_buf_append_byte(out, (uint8_t)strlen(name));
	if (err == TROTH_OK)
		err = troth_buf_append_str(out, name);
	if (err == TROTH_OK)
		err = troth_buf_append(out, size, sizeof size);
	return err == TROTH_OK ? troth_buf_append_slice(out, bytes) : err;
}

static int add_file(int dir, const char *file, const char *name, struct troth_buf *out,
		    struct troth_backup_problem *problem)
{
	struct troth_buf bytes TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&bytes, FILE_MAX);
	int err = read_file(dir, file, &bytes);
	if (err == TROTH_E_NOT_FOUND)
		return TROTH_OK;
	if (err == TROTH_E_IO)
		return fail(problem, file, "read");
	return err == TROTH_OK ? add_record(out, name, troth_buf_slice(&bytes)) : err;
}

/* SQLite writes a copy that is of one moment; it is as private as the home, and gone at once. */
static int add_store(struct troth_store *store, int dir, const char *home, struct troth_buf *out,
		     struct troth_backup_problem *problem)
{
	char path[PATH_MAX];
	if (snprintf(path, sizeof path, "%s/" SNAPSHOT, home) >= (int)sizeof path)
		return TROTH_E_LIMIT;
	(void)unlinkat(dir, SNAPSHOT, 0); /* of somebody who was killed */
	int fd = openat(dir, SNAPSHOT, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail(problem, SNAPSHOT, "written");
	(void)close(fd); /* empty: SQLite takes it, with its rights */
	int err = troth_statement_run(store, "VACUUM INTO ?1", TROTH_BIND(troth_value_text(path)));
	if (err != TROTH_OK)
		(void)snprintf(problem->text, sizeof problem->text, "%s", troth_store_error(store));
	else
		err = add_file(dir, SNAPSHOT, TROTH_STORE_FILE, out, problem);
	(void)unlinkat(dir, SNAPSHOT, 0);
	return err;
}

int troth_backup_make(struct troth_store *store, const char *home, struct troth_buf *out,
		      struct troth_backup_problem *problem)
{
	problem->text[0] = 0;
	int dir = open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return fail(problem, home, "read");
	int err = add_store(store, dir, home, out, problem);
	for (size_t i = 1; err == TROTH_OK && i < NAMES; i++)
		err = add_file(dir, names[i], names[i], out, problem);
	(void)close(dir);
	return err;
}

/* ---- restoring ---- */

struct record {
	const char *name; /* one of ours */
	struct troth_slice bytes;
};

static const char *known_name(struct troth_slice name)
{
	for (size_t i = 0; i < NAMES; i++)
		if (troth_slice_equal(name, troth_slice_str(names[i])))
			return names[i];
	return NULL;
}

static int next_record(struct troth_slice *rest, struct record *out)
{
	uint64_t size = 0;
	size_t name_len = rest->data[0];
	if (rest->len < 1 + name_len + 8)
		return TROTH_E_FORMAT;
	out->name = known_name(troth_slice_of(rest->data + 1, name_len));
	for (unsigned i = 0; i < 8; i++)
		size = size << 8 | rest->data[1 + name_len + i];
	rest->data += 9 + name_len;
	rest->len -= 9 + name_len;
	if (out->name == NULL || size > rest->len)
		return TROTH_E_FORMAT;
	out->bytes = troth_slice_of(rest->data, (size_t)size);
	rest->data += size;
	rest->len -= (size_t)size;
	return TROTH_OK;
}

/* Effect: the records by the order of names; each at most once, key and store among them. */
static int read_records(struct troth_slice plain, struct record out[NAMES])
{
	struct record r;
	while (plain.len > 0) {
		int err = next_record(&plain, &r);
		if (err != TROTH_OK)
			return err;
		for (size_t i = 0; i < NAMES; i++) {
			if (r.name != names[i])
				continue;
			if (out[i].name != NULL)
				return TROTH_E_FORMAT;
			out[i] = r;
		}
	}
	return out[0].name != NULL && out[NAMES - 1].name != NULL ? TROTH_OK : TROTH_E_FORMAT;
}

static int write_file(int dir, const struct record *r)
{
	int err = troth_private_write(dir, r->name, r->bytes);
	return err != TROTH_OK && errno == EEXIST ? TROTH_E_EXISTS : err;
}

static int void_guesses(struct troth_store *store, int64_t now)
{
	const struct troth_log_event event = {now, "restored", 0};
	int err = troth_store_begin(store);
	if (err != TROTH_OK)
		return err;
	err = troth_statement_run(store, "DELETE FROM budget", NULL, 0);
	if (err == TROTH_OK)
		err = troth_statement_run(store, "DELETE FROM secret", NULL, 0);
	if (err == TROTH_OK)
		err = troth_log_event(store, &event,
				      "from a backup; what came after it is unknown");
	return troth_store_end(store, err);
}

static int settle_store(const char *home, int64_t now, struct troth_backup_problem *problem)
{
	struct troth_store *store;
	int err = troth_store_new(&store);
	if (err != TROTH_OK)
		return err;
	err = troth_store_open(store, home);
	if (err == TROTH_OK)
		err = troth_store_check(store);
	if (err == TROTH_OK)
		err = void_guesses(store, now);
	if (err != TROTH_OK)
		(void)snprintf(problem->text, sizeof problem->text, "%s", troth_store_error(store));
	troth_store_free(store);
	return err;
}

/* Effect: the store first, settled; then the rest. What was written is removed on failure. */
static int write_all(int dir, const char *home, const struct record records[NAMES], int64_t now,
		     struct troth_backup_problem *problem)
{
	size_t written = 0;
	int err = TROTH_OK;
	for (; err == TROTH_OK && written < NAMES; written++) {
		if (records[written].name != NULL)
			err = write_file(dir, &records[written]);
		if (err == TROTH_E_EXISTS || err == TROTH_E_IO)
			(void)fail(problem, names[written], "written");
		if (err == TROTH_OK && written == 0)
			err = settle_store(home, now, problem);
		if (err == TROTH_E_EXISTS) /* not ours to remove */
			break;
	}
	if (err == TROTH_OK)
		return fsync(dir) == 0 ? TROTH_OK : fail(problem, home, "written");
	while (written > 0)
		(void)unlinkat(dir, names[--written], 0);
	return err;
}

int troth_backup_restore(const char *home, struct troth_slice plain, int64_t now,
			 struct troth_backup_problem *problem)
{
	struct record records[NAMES] = {{.name = NULL}};
	problem->text[0] = 0;
	int err = read_records(plain, records);
	if (err != TROTH_OK)
		return err;
	int dir = open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return fail(problem, home, "read");
	err = write_all(dir, home, records, now, problem);
	(void)close(dir);
	return err;
}
