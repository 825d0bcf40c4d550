/* SPDX-License-Identifier: MIT */
/* A server's look at the ClientHello: does the peer come with a secret? Layer: tls. */
#include "tls/session.h"

#include <troth/err.h>

#define EXTENSION_SRP 12 /* RFC 5054 2.8.1 */

static int decide(struct troth_tls *tls, bool has_name, int *alert)
{
	switch (tls->credential) {
	case TROTH_TLS_CERTIFICATE:
		return SSL_CLIENT_HELLO_SUCCESS;
	case TROTH_TLS_SRP:
		if (has_name)
			return SSL_CLIENT_HELLO_SUCCESS;
		break;
	case TROTH_TLS_EITHER:
		if (has_name && tls->secret != NULL) {
			*alert = SSL_AD_INTERNAL_ERROR;
			if (troth_tls_srp_use(tls->ssl) != TROTH_OK)
				return SSL_CLIENT_HELLO_ERROR;
			tls->use_srp = true;
			return SSL_CLIENT_HELLO_SUCCESS;
		}
		if (!tls->srp_wanted)
			return SSL_CLIENT_HELLO_SUCCESS;
		tls->secret_wanted = true;
		break;
	}
	/* RFC 5054 has this alert for a user name that is missing or unknown; here it asks
	 * the peer to come again with a secret. */
	*alert = TROTH_ALERT_UNKNOWN_PSK_IDENTITY;
	return SSL_CLIENT_HELLO_ERROR;
}

int troth_tls_hello(SSL *ssl, int *alert, void *arg)
{
	(void)arg;
	struct troth_tls *tls = troth_tls_of(ssl);
	const unsigned char *data;
	size_t len;
	if (tls == NULL)
		return SSL_CLIENT_HELLO_ERROR;
	/* A second ClientHello (after HelloRetryRequest) can't change what the first said. */
	if (tls->hello_decided)
		return SSL_CLIENT_HELLO_SUCCESS;
	tls->hello_decided = true;
	bool has_name = SSL_client_hello_get0_ext(ssl, EXTENSION_SRP, &data, &len) == 1;
	return decide(tls, has_name, alert);
}
