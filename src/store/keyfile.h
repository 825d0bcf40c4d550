/* SPDX-License-Identifier: MIT */
/*
 * The files of own keys: bytes of a PEM in and out of <home>/device.pem and its like, so that
 * nobody else reads them and no crash leaves half of one. Layer: store.
 * Knows nothing about what is in the file; troth_device_read and _write do.
 */
#ifndef TROTH_STORE_KEYFILE_H
#define TROTH_STORE_KEYFILE_H

#include <stdbool.h>
#include <troth/bytes.h>

#define TROTH_KEYFILE_NAME "device.pem"
#define TROTH_KEYFILE_USER_NAME "user.pem"
#define TROTH_KEYFILE_FORMER_NAME "former.pem"
#define TROTH_KEYFILE_CODE_NAME "code"
#define TROTH_KEYFILE_MAX ((size_t)64 * 1024)

/* Why a call failed and what to do, for people; "" on success. */
struct troth_keyfile_problem {
	char text[512];
};

enum troth_keyfile_kind {
	TROTH_KEYFILE_DEVICE, /* device.pem */
	TROTH_KEYFILE_USER,   /* user.pem: the key that endorses devices */
	TROTH_KEYFILE_FORMER, /* former.pem: the device key that is being renewed */
	TROTH_KEYFILE_CODE    /* code: the secret on the label of a device, a line */
};

/* Effect: appends the file's bytes to *out, which its own functions wipe.
 * Errors: TROTH_E_NOT_FOUND when there is none; TROTH_E_IO when it is a symbolic link or no
 * plain file, belongs to somebody else, is open to group or others, or can't be read;
 * TROTH_E_LIMIT beyond TROTH_KEYFILE_MAX. *problem may be NULL. */
int troth_keyfile_load(const char *home, struct troth_buf *out,
		       struct troth_keyfile_problem *problem) TROTH_MUST_USE;

/* Effect: writes the file (0600), making the directory (0700) where it is missing. On disk
 * when it returns; the old file or the new one, never a part; what an old
 * one held is overwritten then, unless it has another name. An existing file is
 * TROTH_E_EXISTS unless `replace`. Errors: TROTH_E_IO, TROTH_E_LIMIT. */
int troth_keyfile_save(const char *home, struct troth_slice pem, bool replace,
		       struct troth_keyfile_problem *problem) TROTH_MUST_USE;

/* The same for another file; the two above are those of the device key. */
int troth_keyfile_load_kind(const char *home, enum troth_keyfile_kind kind, struct troth_buf *out,
			    struct troth_keyfile_problem *problem) TROTH_MUST_USE;
int troth_keyfile_save_kind(const char *home, enum troth_keyfile_kind kind, struct troth_slice pem,
			    bool replace, struct troth_keyfile_problem *problem) TROTH_MUST_USE;

#endif
