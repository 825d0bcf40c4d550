/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes the negotiation of SOCKS5: what comes of some bytes mustn't depend on how they were cut,
 * and nothing behind it is read. The first byte chooses the side and the cut.
 */
#include "bytestream/socks5.h"
#include "base/slice.h"
#include "need.h"

#include <string.h>
#include <troth/err.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run {
	struct troth_socks5 socks;
	size_t used;
	size_t said;
};

static void run(struct run *r, bool server, struct troth_slice text, size_t step)
{
	memset(r, 0, sizeof *r);
	if (server)
		troth_socks5_server(&r->socks);
	else
		need(troth_socks5_client(&r->socks, "972b7bf47291ca609517f67f86b5081086052dad") ==
		     TROTH_OK);
	while (r->used < text.len) {
		size_t wants = troth_socks5_wants(&r->socks);
		size_t n = text.len - r->used < wants ? text.len - r->used : wants;
		n = n < step ? n : step;
		r->said += troth_socks5_output(&r->socks).len;
		troth_socks5_sent(&r->socks, troth_socks5_output(&r->socks).len);
		if (n == 0)
			return;
		(void)troth_socks5_feed(&r->socks, troth_slice_of(text.data + r->used, n));
		r->used += n;
	}
	r->said += troth_socks5_output(&r->socks).len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	struct run whole, pieces;
	struct troth_slice text = troth_slice_of(data + 1, size - 1);
	run(&whole, (data[0] & 1) != 0, text, SIZE_MAX);
	run(&pieces, (data[0] & 1) != 0, text, (size_t)data[0] / 8 + 1);
	need(whole.socks.state == pieces.socks.state && whole.socks.err == pieces.socks.err);
	need(whole.used >= pieces.used && whole.said == pieces.said);
	if (whole.socks.state == TROTH_SOCKS5_ASKED)
		need(troth_socks5_is_dst(troth_socks5_asked(&whole.socks)));
	return 0;
}
