/* SPDX-License-Identifier: MIT */
/* How the worker's connection is set up. Layer: server, in the worker's process. */
#include "server/worker_config.h"

#include "base/slice.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* Seconds: a dead line is noticed by the account's pings; this keeps gateways from forgetting it.
 */
#define KEEPALIVE_IDLE 60

bool worker_config_read(struct worker_config *out, struct troth_slice body)
{
	const char *at = (const char *)body.data;
	size_t left = body.len;
	*out = (struct worker_config){.pem = -1};
	for (size_t i = 0; i < TROTH_CONFIG_COUNT; i++) {
		size_t len = strnlen(at, left);
		if (len == left)
			return false;
		out->text[i] = strdup(at);
		if (out->text[i] == NULL)
			return false;
		at += len + 1;
		left -= len + 1;
	}
	long port = strtol(out->text[TROTH_CONFIG_PORT], NULL, 10);
	if (port < 0 || port > UINT16_MAX)
		return false;
	out->port = (uint16_t)port;
	return left == 0;
}

static bool is_set(const struct worker_config *config, enum troth_frame_config which)
{
	return config->text[which][0] != 0;
}

/* libstrophe wants files. This one has no name, is in no folder, and ends with the process. */
static bool keep_pem(struct worker_config *config)
{
	const char *pem = config->text[TROTH_CONFIG_PEM];
	size_t len = strlen(pem);
	config->pem = memfd_create("certificate", MFD_CLOEXEC);
	return config->pem >= 0 && write(config->pem, pem, len) == (ssize_t)len;
}

static bool use_certificate(struct worker_config *config, xmpp_conn_t *conn)
{
	char path[64];
	if (!keep_pem(config))
		return false;
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", config->pem);
	xmpp_conn_set_client_cert(conn, path, path);
	return true;
}

/* libstrophe believes the system's CAs besides the given one. Where OpenSSL looks for those is a
 * matter of its environment. */
static bool use_ca(struct worker_config *config, xmpp_conn_t *conn)
{
	const char *file = config->text[TROTH_CONFIG_CA_FILE];
	if (setenv("SSL_CERT_FILE", file, 1) != 0 || setenv("SSL_CERT_DIR", "/nonexistent", 1) != 0)
		return false;
	xmpp_conn_set_cafile(conn, file);
	return true;
}

bool worker_config_apply(struct worker_config *config, xmpp_conn_t *conn)
{
	/* Without TRUST_TLS a wrong certificate ends it; LEGACY_AUTH would send the password
	 * outside of SASL. */
	long flags = is_set(config, TROTH_CONFIG_DIRECT_TLS) ? XMPP_CONN_FLAG_LEGACY_SSL
							     : XMPP_CONN_FLAG_MANDATORY_TLS;
	if (!is_set(config, TROTH_CONFIG_RESUME))
		flags |= XMPP_CONN_FLAG_DISABLE_SM;
	if (xmpp_conn_set_flags(conn, flags) != XMPP_EOK)
		return false;
	xmpp_conn_set_jid(conn, config->text[TROTH_CONFIG_JID]);
	if (is_set(config, TROTH_CONFIG_PASSWORD))
		xmpp_conn_set_pass(conn, config->text[TROTH_CONFIG_PASSWORD]);
	sodium_memzero(config->text[TROTH_CONFIG_PASSWORD],
		       strlen(config->text[TROTH_CONFIG_PASSWORD]));
	if (is_set(config, TROTH_CONFIG_CA_FILE) && !use_ca(config, conn))
		return false;
	if (is_set(config, TROTH_CONFIG_PEM) && !use_certificate(config, conn))
		return false;
	sodium_memzero(config->text[TROTH_CONFIG_PEM], strlen(config->text[TROTH_CONFIG_PEM]));
	return true;
}
