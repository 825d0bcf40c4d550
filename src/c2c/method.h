/* SPDX-License-Identifier: MIT */
/*
 * The methods of proof: one row each says how it is written and which TLS it needs.
 * A new method is a row here, its handling in choose.c, and its own file.
 * Layer: c2c.
 */
#ifndef TROTH_C2C_METHOD_H
#define TROTH_C2C_METHOD_H

#include "xml/namespace.h"

#include <stdbool.h>
#include <troth/trust.h>

/* The element that offers a method, and what stands beside methods in an offer. */
enum troth_mark {
	TROTH_MARK_SRP = 1 << 0,
	TROTH_MARK_PAKE = 1 << 1,
	TROTH_MARK_SAS = 1 << 2,
	TROTH_MARK_INSECURE = 1 << 3,
	TROTH_MARK_TRANSCRIPT = 1 << 4 /* "I know this profile" */
};

struct troth_mark_row {
	enum troth_mark mark;
	enum troth_method method; /* NONE: not a method by itself */
	const char *ns;
	const char *name;
	const char *suite; /* required value of the attribute suite; NULL: none */
};

/* The table, ended by a row without name. */
const struct troth_mark_row *troth_mark_rows(void);

/* The mark that offers a method; 0 for a method that is offered by a key name. */
unsigned troth_method_mark(enum troth_method method);

/* Whether a shared secret proves it. */
bool troth_method_is_secret(enum troth_method method);

#endif
