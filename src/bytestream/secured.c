/* SPDX-License-Identifier: MIT */
/* TLS of a bytestream's own. Layer: bytestream. Must not write a key anywhere. */
#include "bytestream/secured.h"

#include <stdlib.h>
#include <troth/err.h>

struct troth_secured {
	struct troth_tls_context *context;
	bool requester;
	struct troth_device *device; /* the temporary one */
	struct troth_pin expected;
	struct troth_tls *tls; /* NULL before it began */
	bool open;
	bool ended;
	int err; /* the first one */
};

int troth_secured_new(struct troth_secured **out, const struct troth_secured_params *params)
{
	const struct troth_device_params device = {.address = params->address, .now = params->now};
	struct troth_secured *s = calloc(1, sizeof *s);
	if (s == NULL)
		return TROTH_E_NOMEM;
	s->context = params->context;
	s->requester = params->requester;
	int err = troth_device_generate(&s->device, &device);
	if (err != TROTH_OK) {
		troth_secured_free(s);
		return err;
	}
	*out = s;
	return TROTH_OK;
}

void troth_secured_free(struct troth_secured *s)
{
	if (s == NULL)
		return;
	troth_tls_free(s->tls);
	troth_device_free(s->device);
	free(s);
}

struct troth_slice troth_secured_cert(const struct troth_secured *s)
{
	return troth_cert_der(troth_device_cert(s->device));
}

static int fail(struct troth_secured *s, int err)
{
	if (s->err == TROTH_OK)
		s->err = err;
	s->open = false;
	return s->err;
}

/* ---- the beginning ---- */

/* "the certificates received over Jabber must be considered ultimately trusted for this session":
 * these and no others. */
static enum troth_tls_check check(void *user, const struct troth_cert *cert)
{
	const struct troth_secured *s = user;
	return troth_pin_equal(troth_cert_pin(cert), &s->expected) ? TROTH_TLS_ACCEPT
								   : TROTH_TLS_REJECT;
}

static int expect(struct troth_secured *s, struct troth_slice der)
{
	struct troth_cert *cert;
	const struct troth_pin *own = troth_cert_pin(troth_device_cert(s->device));
	int err = troth_cert_new(&cert, der);
	if (err != TROTH_OK)
		return err;
	s->expected = *troth_cert_pin(cert);
	troth_cert_free(cert);
	return troth_pin_equal(&s->expected, own) ? TROTH_E_SELF : TROTH_OK;
}

static int shake(struct troth_secured *s)
{
	int err = troth_tls_handshake(s->tls, &s->open);
	return err == TROTH_OK ? TROTH_OK : fail(s, err);
}

int troth_secured_begin(struct troth_secured *s, struct troth_slice peer_cert)
{
	if (s->err != TROTH_OK || s->tls != NULL)
		return fail(s, TROTH_E_INVAL);
	int err = expect(s, peer_cert);
	if (err != TROTH_OK)
		return fail(s, err);
	const struct troth_tls_params params = {
		.role = s->requester ? TROTH_TLS_CLIENT : TROTH_TLS_SERVER,
		.credential = TROTH_TLS_CERTIFICATE,
		.device = s->device,
		.check = check,
		.user = s,
	};
	err = troth_tls_new(&s->tls, s->context, &params);
	return err == TROTH_OK ? shake(s) : fail(s, err);
}

/* ---- what arrives ---- */

int troth_secured_feed(struct troth_secured *s, struct troth_slice bytes)
{
	if (s->err != TROTH_OK)
		return s->err;
	if (s->tls == NULL || s->ended)
		return fail(s, TROTH_E_PROTOCOL);
	int err = troth_tls_feed(s->tls, bytes);
	if (err != TROTH_OK)
		return fail(s, err);
	return s->open ? TROTH_OK : shake(s);
}

int troth_secured_feed_end(struct troth_secured *s)
{
	if (s->err == TROTH_OK && !s->ended)
		return fail(s, TROTH_E_TRUNCATED);
	return s->err;
}

bool troth_secured_is_open(const struct troth_secured *s)
{
	return s->open;
}

int troth_secured_read(struct troth_secured *s, struct troth_buf *out, size_t max)
{
	if (s->err != TROTH_OK || !s->open)
		return s->err;
	int err = troth_tls_read(s->tls, out, max, &s->ended);
	if (err == TROTH_OK && s->ended && troth_tls_unread(s->tls) > 0)
		err = TROTH_E_PROTOCOL;
	return err == TROTH_OK ? TROTH_OK : fail(s, err);
}

bool troth_secured_ended(const struct troth_secured *s)
{
	return s->ended;
}

/* ---- what is sent ---- */

struct troth_buf *troth_secured_output(struct troth_secured *s)
{
	return s->tls != NULL ? troth_tls_output(s->tls) : NULL;
}

int troth_secured_write(struct troth_secured *s, struct troth_slice bytes)
{
	return s->open ? troth_tls_write(s->tls, bytes) : TROTH_E_INVAL;
}

void troth_secured_close(struct troth_secured *s)
{
	if (s->open)
		troth_tls_close(s->tls);
}
