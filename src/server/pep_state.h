/* SPDX-License-Identifier: MIT */
/* The inside of what deals with keys in PEP. Layer: server, for pep*.c only. */
#ifndef TROTH_SERVER_PEP_STATE_H
#define TROTH_SERVER_PEP_STATE_H

#include "base/limits.h"
#include "base/slice.h"
#include "server/pep.h"
#include "xml/namespace.h"

#include <stdlib.h>
#include <troth/err.h>

struct troth_pep {
	struct troth_account *account;
	struct troth_pep_callbacks callbacks;
};

/* Effect: reads keys from any number of elements that have <keyinfo/> children (items, or one
 * <pubkeys/>): what can't be read is left out, and so is, with a name, every other key. Errors:
 * TROTH_E_NOMEM and the like. */
int pep_read(struct troth_keyinfo_list *out, const struct troth_element *parent, bool is_items,
	     const char *name) TROTH_MUST_USE;

/* Effect: keys asked for, or sent, without a node; false: it is something else, or not to be
 * answered. */
bool pep_direct(struct troth_pep *p, const struct troth_element *stanza);

#endif
