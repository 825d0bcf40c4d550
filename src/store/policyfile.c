/* SPDX-License-Identifier: MIT */
/* The policy file and the files that it names. Layer: store. */
#include "store/policyfile.h"

#include "base/limits.h"
#include "base/slice.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <troth/err.h>
#include <unistd.h>

#define READ_SIZE ((size_t)16 * 1024)

struct loading {
	const char *path;
	struct troth_policyfile_problem *problem;
	struct troth_authorities *all;
};

static int read_all(int fd, struct troth_buf *out)
{
	for (;;) {
		uint8_t *to;
		int err = troth_buf_reserve(out, READ_SIZE, &to);
		if (err != TROTH_OK)
			return err;
		ssize_t n = read(fd, to, READ_SIZE);
		if (n < 0 && errno != EINTR)
			return TROTH_E_IO;
		if (n == 0)
			return TROTH_OK;
		if (n > 0)
			troth_buf_commit(out, (size_t)n);
	}
}

/* Whoever can write the policy, or a list, decides who is believed. */
static int check_rights(int fd)
{
	struct stat st;
	if (fstat(fd, &st) != 0)
		return TROTH_E_IO;
	if (!S_ISREG(st.st_mode))
		return TROTH_E_INVAL;
	bool ours = st.st_uid == geteuid() || st.st_uid == 0;
	return ours && (st.st_mode & S_IWOTH) == 0 ? TROTH_OK : TROTH_E_REFUSED;
}

/* O_NONBLOCK: a FIFO in its place must not make us wait. */
static int read_file(const char *path, struct troth_buf *out, bool checked)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return TROTH_E_IO;
	int err = checked ? check_rights(fd) : TROTH_OK;
	if (err == TROTH_OK)
		err = read_all(fd, out);
	int code = errno;
	close(fd);
	errno = code;
	return err;
}

int troth_policyfile_bytes(const char *path, struct troth_buf *out)
{
	return read_file(path, out, false);
}

/* ---- the files it names ---- */

/* Of a file that can't be read at all; NULL: it can. */
static const char *why_unread(int err)
{
	switch (err) {
	case TROTH_E_IO:
		return strerror(errno);
	case TROTH_E_INVAL:
		return "It isn't a regular file.";
	case TROTH_E_REFUSED:
		return "Others can change it: it must belong to you or to root, and not be "
		       "writable by everybody.";
	default:
		return NULL;
	}
}

static const char *why(enum troth_policy_kind kind, int err)
{
	static const char *const form[TROTH_POLICY_KINDS] = {
		"It holds no certificate that can be read.",
		"It holds no certificate that can be read.",
		"It holds no revocation list (CRL) that can be read.",
		"It isn't an OCSP response (DER).",
	};
	if (why_unread(err) != NULL)
		return why_unread(err);
	switch (err) {
	case TROTH_E_CERT:
		return "It holds a certificate that isn't a CA's.";
	case TROTH_E_LIMIT:
		return "It is too large.";
	default:
		return form[kind];
	}
}

/* A name relative to the policy's folder; freed by the caller. */
static char *resolve(const char *policy, const char *path)
{
	char *whole = NULL;
	const char *slash = strrchr(policy, '/');
	if (path[0] == '/' || slash == NULL)
		return strdup(path);
	return asprintf(&whole, "%.*s/%s", (int)(slash - policy), policy, path) < 0 ? NULL : whole;
}

static int load_file(struct loading *l, size_t section, const struct troth_policy_file *file)
{
	struct troth_buf TROTH_CLEANUP(troth_buf_fini) bytes;
	char *path = resolve(l->path, file->path);
	if (path == NULL)
		return TROTH_E_NOMEM;
	troth_buf_init(&bytes, TROTH_LIMIT_POLICY_FILE);
	int err = read_file(path, &bytes, true);
	if (err == TROTH_OK)
		err = troth_authorities_add(l->all, section, file->kind, troth_buf_slice(&bytes));
	if (err != TROTH_OK && err != TROTH_E_NOMEM) {
		l->problem->line = file->line;
		l->problem->column = file->column;
		(void)snprintf(l->problem->text, sizeof l->problem->text,
			       "%.300s can't be used: %s", path, why(file->kind, err));
		err = TROTH_E_FORMAT;
	}
	free(path);
	return err;
}

static int load_files(struct loading *l)
{
	const struct troth_policy *policy = troth_authorities_policy(l->all);
	int err = TROTH_OK;
	for (size_t i = 0; i < policy->ca_count; i++) {
		const struct troth_policy_ca *ca = &policy->cas[i];
		for (size_t k = 0; k < ca->file_count && err == TROTH_OK; k++)
			err = load_file(l, i, &ca->files[k]);
	}
	return err;
}

/* ---- the policy itself ---- */

static int say(struct loading *l, int err, const char *text)
{
	(void)snprintf(l->problem->text, sizeof l->problem->text, "%s", text);
	return err;
}

static int read_policy(struct loading *l, struct troth_policy **out)
{
	struct troth_policy_problem place;
	struct troth_buf TROTH_CLEANUP(troth_buf_fini) text;
	troth_buf_init(&text, TROTH_LIMIT_POLICY_BYTES + READ_SIZE);
	int err = read_file(l->path, &text, true);
	if (err == TROTH_E_IO && errno == ENOENT)
		return say(l, TROTH_E_NOT_FOUND, "There is no such file.");
	if (why_unread(err) != NULL)
		return say(l, TROTH_E_IO, why_unread(err));
	if (err != TROTH_OK)
		return say(l, err, troth_err_text(err));
	err = troth_policy_read(out, troth_buf_slice(&text), &place);
	if (err == TROTH_E_FORMAT || err == TROTH_E_LIMIT) {
		l->problem->line = place.line;
		l->problem->column = place.column;
		return say(l, err, place.text);
	}
	return err == TROTH_OK ? err : say(l, err, troth_err_text(err));
}

int troth_policyfile_load(struct troth_authorities **out, const char *path,
			  struct troth_policyfile_problem *problem)
{
	struct loading l = {.path = path, .problem = problem};
	struct troth_policy *policy;
	*problem = (struct troth_policyfile_problem){0};
	int err = read_policy(&l, &policy);
	if (err != TROTH_OK)
		return err;
	err = troth_authorities_new(&l.all, policy);
	if (err != TROTH_OK) {
		troth_policy_free(policy);
		return say(&l, err, troth_err_text(err));
	}
	err = load_files(&l);
	if (err != TROTH_OK) {
		troth_authorities_free(l.all);
		return problem->text[0] != 0 ? err : say(&l, err, troth_err_text(err));
	}
	*out = l.all;
	return TROTH_OK;
}
