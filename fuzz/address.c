/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes addresses: what was prepared is prepared for good, and its bare form is an address too.
 * The first byte chooses the realm.
 */
#include "need.h"

#include <string.h>
#include <troth/address.h>
#include <troth/err.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A prepared text gives the same address again. */
static void again(enum troth_realm realm, const struct troth_address *a, const char *text,
		  bool whole)
{
	struct troth_address *b;
	need(troth_address_new(&b, realm, text) == TROTH_OK);
	need(strcmp(troth_address_full(b), text) == 0);
	need(troth_address_same_bare(a, b));
	need(!whole || troth_address_same(a, b));
	troth_address_free(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct troth_address *a;
	if (size < 1)
		return 0;
	enum troth_realm realm = data[0] % 2 == 0 ? TROTH_REALM_LINK : TROTH_REALM_SERVER;
	char *text = strndup((const char *)data + 1, size - 1);
	need(text != NULL);
	int err = troth_address_new(&a, realm, text);
	free(text);
	if (err != TROTH_OK)
		return 0;
	again(realm, a, troth_address_full(a), true);
	again(realm, a, troth_address_bare(a), false);
	troth_address_free(a);
	return 0;
}
