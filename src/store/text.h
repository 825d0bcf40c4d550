/* SPDX-License-Identifier: MIT */
/* What text the store takes: labels, and everything else. Layer: store, internal to it. */
#ifndef TROTH_STORE_TEXT_H
#define TROTH_STORE_TEXT_H

#include "store/database.h"

/* Effect: judges a label and gives the form in which labels are compared: NFKC, case folded,
 * without invisible characters. The caller frees *out. Errors: TROTH_E_FORMAT, TROTH_E_LIMIT. */
int troth_label_fold(struct troth_store *store, const char *label, char **out) TROTH_MUST_USE;

/* Effect: judges optional text of at most max bytes. Errors: TROTH_E_FORMAT, TROTH_E_LIMIT. */
int troth_text_check(struct troth_store *store, const char *text, size_t max) TROTH_MUST_USE;
/* The same, and it must not be empty. */
int troth_text_require(struct troth_store *store, const char *text, size_t max) TROTH_MUST_USE;
/* A key's name: TROTH_NAME_LEN lower-case hex digits. */
int troth_text_check_name(struct troth_store *store, const char *name) TROTH_MUST_USE;

#endif
