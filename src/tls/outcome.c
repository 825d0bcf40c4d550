/* SPDX-License-Identifier: MIT */
/* From alerts and return values to our errors. Layer: tls. By number, never by text. */
#include "tls/outcome.h"

#include "keys/cert.h"

#include <openssl/err.h>
#include <troth/err.h>

int troth_tls_fail(struct troth_tls *tls, int err)
{
	if (tls->state != TROTH_TLS_FAILED) {
		tls->state = TROTH_TLS_FAILED;
		tls->err = err;
	}
	return tls->err;
}

static bool refuses_certificate(int alert)
{
	switch (alert) {
	case TROTH_ALERT_BAD_CERTIFICATE:
	case TROTH_ALERT_UNSUPPORTED_CERTIFICATE:
	case TROTH_ALERT_CERTIFICATE_REVOKED:
	case TROTH_ALERT_CERTIFICATE_EXPIRED:
	case TROTH_ALERT_CERTIFICATE_UNKNOWN:
	case TROTH_ALERT_UNKNOWN_CA:
	case TROTH_ALERT_ACCESS_DENIED:
	case TROTH_ALERT_CERTIFICATE_REQUIRED:
		return true;
	default:
		return false;
	}
}

/* The first record under keys from the secret is the Finished: one that can't be read
 * means that the other side's secret differs, whichever side notices. */
static bool secrets_differ(const struct troth_tls *tls)
{
	int alert = tls->alert_sent != 0 ? tls->alert_sent : tls->alert_received;
	if (!tls->use_srp || tls->state != TROTH_TLS_HANDSHAKE)
		return false;
	if (alert == TROTH_ALERT_BAD_RECORD_MAC || alert == TROTH_ALERT_DECRYPT_ERROR)
		return true;
	/* Other servers tell an unknown name from a wrong secret; ours doesn't. */
	return tls->role == TROTH_TLS_CLIENT && alert == TROTH_ALERT_UNKNOWN_PSK_IDENTITY;
}

static int reason(const struct troth_tls *tls, unsigned long queued)
{
	if (tls->ends.err != TROTH_OK)
		return tls->ends.err;
	if (tls->check_err != TROTH_OK)
		return tls->check_err;
	if (secrets_differ(tls))
		return TROTH_E_SECRET;
	if (refuses_certificate(tls->alert_received))
		return TROTH_E_PEER_REFUSED;
	if (ERR_GET_REASON(queued) == ERR_R_MALLOC_FAILURE)
		return TROTH_E_NOMEM;
	return TROTH_E_TLS;
}

int troth_tls_outcome(struct troth_tls *tls, int rc)
{
	int what = SSL_get_error(tls->ssl, rc);
	unsigned long queued = ERR_peek_error();
	/* <troth/key.h>: so a key that lives elsewhere says that it didn't sign. */
	int own = troth_device_signing_failed(TROTH_OK);
	if (what == SSL_ERROR_NONE || what == SSL_ERROR_WANT_READ || what == SSL_ERROR_ZERO_RETURN)
		return TROTH_OK;
	if (tls->role == TROTH_TLS_CLIENT && !tls->use_srp && tls->state == TROTH_TLS_HANDSHAKE &&
	    tls->alert_received == TROTH_ALERT_UNKNOWN_PSK_IDENTITY)
		tls->secret_wanted = true;
	return troth_tls_fail(tls, own != TROTH_OK ? own : reason(tls, queued));
}
