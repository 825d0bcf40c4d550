/* SPDX-License-Identifier: MIT */
/* CI. Layer: c2c. */
#include "c2c/binding.h"

#include "base/slice.h"

#include <troth/err.h>

#define LABEL "troth-0"

/* "CI = lv_cat("troth-0", initiator's bare address, recipient's bare address, SHA-256 of the
 * initiator's certificate, of the recipient's, transcript value)" */
int troth_binding_append(struct troth_buf *out, const struct troth_binding *b)
{
	const struct troth_slice parts[] = {
		troth_slice_str(LABEL),
		troth_slice_str(b->initiator),
		troth_slice_str(b->recipient),
		troth_slice_of(b->initiator_cert, sizeof b->initiator_cert),
		troth_slice_of(b->recipient_cert, sizeof b->recipient_cert),
		troth_slice_of(b->transcript, sizeof b->transcript),
	};
	int err = TROTH_OK;
	for (size_t i = 0; err == TROTH_OK && i < sizeof parts / sizeof *parts; i++)
		err = troth_lv_append(out, parts[i]);
	return err;
}
