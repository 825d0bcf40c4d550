/* SPDX-License-Identifier: MIT */
/* Signing and checking possession, over one and the same message. Layer: keys. */
#include "keys/possession.h"

#include "base/digest.h"
#include "base/limits.h"
#include "base/slice.h"

#include <troth/err.h>

#define LABEL "troth-possess-0"
#define EXPORTER_LEN 32
#define MESSAGE_MAX (3 * TROTH_LIMIT_JID_PART + 128)

/* docs/protocol.md, "Possession": lv_cat("troth-possess-0", `initiator` or
 * `recipient`, own address from the header inside TLS, exporter). */
static int message(struct troth_buf *out, const struct troth_possession_context *who)
{
	int err = troth_lv_append_str(out, LABEL);
	if (err == TROTH_OK)
		err = troth_lv_append_str(out, who->initiator ? "initiator" : "recipient");
	if (err == TROTH_OK)
		err = troth_lv_append_str(out, who->address);
	if (err == TROTH_OK)
		err = troth_lv_append(out, troth_slice_of(who->exporter, EXPORTER_LEN));
	return err;
}

int troth_possession_sign(const struct troth_device *device,
			  const struct troth_possession_context *self, struct troth_buf *out)
{
	struct troth_buf TROTH_CLEANUP(troth_buf_fini) m;
	troth_buf_init(&m, MESSAGE_MAX);
	int err = message(&m, self);
	return err != TROTH_OK ? err : troth_device_sign(device, troth_buf_slice(&m), out);
}

int troth_possession_verify(const struct troth_cert *cert,
			    const struct troth_possession_context *signer,
			    struct troth_slice signature)
{
	struct troth_buf TROTH_CLEANUP(troth_buf_fini) m;
	troth_buf_init(&m, MESSAGE_MAX);
	int err = message(&m, signer);
	return err != TROTH_OK ? err : troth_cert_verify(cert, troth_buf_slice(&m), signature);
}
