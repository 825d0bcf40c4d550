/* SPDX-License-Identifier: MIT */
#include "raw.h"

#include "base/digest.h"
#include "base/encode.h"
#include "base/slice.h"
#include "tls/session.h"

#include <stdio.h>

void raw_init(struct raw *r, struct party *against, const struct troth_device *device)
{
	*r = (struct raw){.against = against, .device = device};
	assert_ok(troth_tls_context_new(&r->context));
	troth_buf_init(&r->heard, 1 << 20);
	troth_buf_init(&r->sent_clear, 1 << 20);
	troth_buf_init(&r->heard_clear, 1 << 20);
}

void raw_fini(struct raw *r)
{
	troth_tls_free(r->tls);
	troth_tls_context_free(r->context);
	troth_buf_fini(&r->heard);
	troth_buf_fini(&r->sent_clear);
	troth_buf_fini(&r->heard_clear);
}

/* What the stream under test wants sent: to us. */
static bool take(struct raw *r)
{
	struct troth_slice out = troth_stream_output(r->against->stream);
	if (out.len == 0)
		return false;
	if (r->tls != NULL) {
		assert_ok(troth_tls_feed(r->tls, out));
	} else {
		assert_ok(troth_buf_append_slice(&r->heard, out));
		assert_ok(troth_buf_append_slice(&r->heard_clear, out));
	}
	troth_stream_sent(r->against->stream, out.len);
	return true;
}

/* RFC 5246: records of type handshake (22), in them a message of type certificate_verify (15). */
static void spoil_proof(struct troth_slice bytes)
{
	for (size_t at = 0; bytes.len - at > 5;) {
		uint8_t *record = (uint8_t *)bytes.data + at;
		size_t len = (size_t)record[3] << 8 | record[4];
		if (record[0] == 22 && record[5] == 15)
			record[4 + len] ^= 1;
		at += 5 + len;
	}
}

static bool give(struct raw *r)
{
	struct troth_buf *out = r->tls != NULL ? troth_tls_output(r->tls) : NULL;
	if (out == NULL || troth_buf_len(out) == 0)
		return false;
	struct troth_slice bytes = troth_buf_slice(out);
	if (r->proofless)
		spoil_proof(bytes);
	party_feed(r->against, bytes.data, bytes.len, r->now);
	troth_buf_clear(out);
	return true;
}

static void advance(struct raw *r)
{
	if (r->tls == NULL)
		return;
	if (!r->tls_done && r->tls_err == TROTH_OK)
		r->tls_err = troth_tls_handshake(r->tls, &r->tls_done);
	if (r->tls_done) {
		int err = troth_tls_read(r->tls, &r->heard, 1 << 16, &r->tls_ended);
		if (r->tls_err == TROTH_OK)
			r->tls_err = err;
	}
}

void raw_pump(struct raw *r)
{
	bool moved;
	party_work(r->against, r->now);
	do {
		moved = take(r);
		advance(r);
		moved = give(r) || moved;
	} while (moved);
}

void raw_say(struct raw *r, const char *text)
{
	if (r->tls_done) {
		assert_ok(troth_tls_write(r->tls, troth_slice_str(text)));
	} else {
		assert_ok(troth_buf_append_str(&r->sent_clear, text));
		party_feed(r->against, text, strlen(text), r->now);
	}
	raw_pump(r);
}

void raw_say_last(struct raw *r, const char *text)
{
	assert_ok(troth_buf_append_str(&r->sent_clear, text));
	party_feed(r->against, text, strlen(text), r->now);
}

bool raw_heard(struct raw *r, const char *text)
{
	const char *heard;
	assert_ok(troth_buf_cstr(&r->heard, &heard));
	return strstr(heard, text) != NULL;
}

void raw_expect(struct raw *r, const char *text)
{
	const char *heard;
	raw_pump(r);
	assert_ok(troth_buf_cstr(&r->heard, &heard));
	if (strstr(heard, text) == NULL)
		fail_msg("expected: %s\nheard: %s\n(%s)", text, heard, r->against->reason);
}

void raw_forget(struct raw *r)
{
	troth_buf_clear(&r->heard);
}

static enum troth_tls_check accept_any(void *user, const struct troth_cert *cert)
{
	(void)user;
	(void)cert;
	return TROTH_TLS_ACCEPT;
}

int raw_start_tls(struct raw *r, enum troth_tls_role role, const struct troth_secret *secret,
		  const char *srp_user)
{
	struct troth_tls_params params = {
		.role = role,
		.credential = secret != NULL ? TROTH_TLS_SRP : TROTH_TLS_CERTIFICATE,
		.device = r->device,
		.secret = secret,
		.srp_user = srp_user,
		.check = accept_any,
	};
	troth_tls_free(r->tls);
	r->tls = NULL;
	r->tls_done = false;
	r->tls_err = TROTH_OK;
	raw_forget(r);
	assert_ok(troth_tls_new(&r->tls, r->context, &params));
	if (r->old_tls) {
		assert_int_equal(SSL_set_max_proto_version(r->tls->ssl, TLS1_2_VERSION), 1);
		(void)SSL_set_options(r->tls->ssl, SSL_OP_NO_EXTENDED_MASTER_SECRET);
	}
	raw_pump(r);
	return r->tls_err;
}

void raw_transcript(struct raw *r, bool initiator, char out[64])
{
	uint8_t hash[64];
	uint8_t value[32];
	struct troth_buf text;
	const char *s;
	assert_ok(troth_sha256(initiator ? hash : hash + 32, troth_buf_slice(&r->sent_clear)));
	assert_ok(troth_sha256(initiator ? hash + 32 : hash, troth_buf_slice(&r->heard_clear)));
	assert_ok(troth_sha256(value, troth_slice_of(hash, sizeof hash)));
	troth_buf_init(&text, 256);
	assert_ok(troth_base64_encode(&text, troth_slice_of(value, sizeof value)));
	assert_ok(troth_buf_cstr(&text, &s));
	(void)snprintf(out, 64, "%s", s);
	troth_buf_fini(&text);
}

void raw_say_transcript(struct raw *r, bool initiator, bool right)
{
	char value[64];
	char xml[200];
	raw_transcript(r, initiator, value);
	if (!right)
		value[0] = value[0] == 'A' ? 'B' : 'A';
	(void)snprintf(xml, sizeof xml,
		       "<transcript xmlns='urn:xmpp:troth:0' algo='sha-256'>%s</transcript>",
		       value);
	raw_say(r, xml);
}
