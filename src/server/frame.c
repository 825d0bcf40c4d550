/* SPDX-License-Identifier: MIT */
/* Frames between an account and its process. Layer: server. */
#include "server/frame.h"

#include "base/limits.h"

#include <troth/err.h>

void troth_frame_head(uint8_t out[TROTH_FRAME_HEAD], enum troth_frame_type type, size_t len)
{
	out[0] = (uint8_t)type;
	for (int i = 0; i < 4; i++)
		out[1 + i] = (uint8_t)(len >> (24 - 8 * i));
}

int troth_frame_next(struct troth_frame *out, struct troth_slice input)
{
	size_t len = 0;
	if (input.len < TROTH_FRAME_HEAD)
		return TROTH_E_NOT_FOUND;
	for (int i = 0; i < 4; i++)
		len = len << 8 | input.data[1 + i];
	if (len > TROTH_LIMIT_FRAME_BYTES)
		return TROTH_E_LIMIT;
	if (input.len - TROTH_FRAME_HEAD < len)
		return TROTH_E_NOT_FOUND;
	*out = (struct troth_frame){
		.type = (enum troth_frame_type)input.data[0],
		.body = {input.data + TROTH_FRAME_HEAD, len},
		.size = TROTH_FRAME_HEAD + len,
	};
	return TROTH_OK;
}
