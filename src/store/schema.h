/* SPDX-License-Identifier: MIT */
/*
 * The schema and the steps to it. Layer: store, internal to it.
 * A step that was released is never changed: a new one is added after it.
 */
#ifndef TROTH_STORE_SCHEMA_H
#define TROTH_STORE_SCHEMA_H

#include "store/database.h"

#define TROTH_STORE_APPLICATION_ID 0x54727468 /* "Trth" */

/* steps[n] brings version n to n + 1; version 0 is an empty file. */
extern const char *const troth_schema_steps[];
extern const int troth_schema_version;

/* Effect: finds out, without writing, whether the file is empty or a trust store that this
 * program can read. Errors: TROTH_E_FORMAT, TROTH_E_UNSUPPORTED, TROTH_E_STORE. */
int troth_schema_identify(struct troth_store *store) TROTH_MUST_USE;

/* Effect: takes the steps that are missing, each in a transaction of its own; when several
 * processes try at once, each step is taken once. Errors: TROTH_E_UNSUPPORTED when the
 * file is beyond `version`. */
int troth_schema_upgrade(struct troth_store *store, const char *const *steps,
			 int version) TROTH_MUST_USE;

#endif
