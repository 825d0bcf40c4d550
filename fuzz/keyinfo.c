/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes the keys that a peer sends (XEP-0189): whatever is accepted has the name of its data, and
 * nobody possesses a key for a stream that was never his.
 */
#include "keys/keyinfo.h"

#include "base/limits.h"
#include "base/slice.h"
#include "need.h"

#include <troth/err.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(const struct troth_keyinfo *k)
{
	need(strlen(k->name) == TROTH_NAME_LEN);
	need(strspn(k->name, "0123456789abcdef") == TROTH_NAME_LEN);
	need(k->cert == NULL || strcmp(k->name, troth_cert_name(k->cert)) == 0);
	need(!k->possessed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t exporter[32] = {1};
	const struct troth_possession_context signer = {true, "romeo@forza", exporter};
	const struct troth_possession_context *signers[] = {NULL, &signer};
	struct troth_stanza *stanza;
	if (troth_element_parse(&stanza, troth_slice_of(data, size)) != TROTH_OK)
		return 0;
	for (size_t i = 0; i < 2; i++) {
		struct troth_keyinfo_list list;
		if (troth_keyinfo_read(&list, troth_stanza_root(stanza), signers[i]) != TROTH_OK)
			continue;
		need(list.count <= TROTH_LIMIT_STANZA_KEYS);
		for (size_t k = 0; k < list.count; k++)
			judge(&list.items[k]);
		troth_keyinfo_list_fini(&list);
	}
	troth_stanza_free(stanza);
	return 0;
}
