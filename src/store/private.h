/* SPDX-License-Identifier: MIT */
/*
 * Files and directories that nobody else may read or change. Layer: store.
 * Each function that takes one explains a failure in `problem`, which holds TROTH_PROBLEM_LEN
 * bytes.
 */
#ifndef TROTH_STORE_PRIVATE_H
#define TROTH_STORE_PRIVATE_H

#include <sys/stat.h>
#include <troth/bytes.h>

#define TROTH_PROBLEM_LEN 512

/* Effect: makes the directory and its missing parents (0700), durably. One that exists must
 * be ours, and nobody else may write to it. Errors: TROTH_E_IO. */
int troth_private_directory(const char *path, char *problem) TROTH_MUST_USE;

/* Effect: makes an empty file (0600), or checks the one that is there. It is never opened:
 * closing it would drop the locks that this process has on it. Errors: TROTH_E_IO. */
int troth_private_create(const char *path, char *problem) TROTH_MUST_USE;

/* Effect: writes all of the bytes, durably. Errors: TROTH_E_IO, told by errno alone. */
int troth_private_fill(int fd, struct troth_slice bytes);
/* Effect: makes a file (0600) of these bytes, durably; never over another one, and part of it isn't
 * left. dir: where a relative path begins, or AT_FDCWD. Errors: TROTH_E_IO, told by errno alone. */
int troth_private_write(int dir, const char *path, struct troth_slice bytes) TROTH_MUST_USE;

/* A plain file, ours, with no access for group and others. Errors: TROTH_E_IO. */
int troth_private_check(const char *path, const struct stat *st, char *problem) TROTH_MUST_USE;

#endif
