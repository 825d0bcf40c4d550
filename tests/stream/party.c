/* SPDX-License-Identifier: MIT */
#include "party.h"

#include "base/slice.h"
#include "stream/engine.h"

#include <stdio.h>

#define DEVICES 4

static struct troth_device *devices[DEVICES];

static struct troth_device *device(int which)
{
	if (devices[which] == NULL) {
		char address[32];
		(void)snprintf(address, sizeof address, "device%d@example.org", which);
		struct troth_device_params params = {.address = address, .now = 1700000000};
		assert_ok(troth_device_generate(&devices[which], &params));
	}
	return devices[which];
}

struct troth_secret *party_secret(const char *text)
{
	struct troth_secret *secret;
	assert_ok(troth_secret_new(&secret, troth_slice_str(text)));
	return secret;
}

void party_init(struct party *p, int which, const char *address)
{
	*p = (struct party){.name = address, .device = device(which)};
	p->known.least = TROTH_LEVEL_VERIFIED;
	p->verdict = (struct troth_verdict){.level = TROTH_LEVEL_VERIFIED};
	struct troth_engine_params params = {.device = p->device};
	assert_ok(troth_engine_new(&p->engine, &params));
	assert_ok(troth_address_new(&p->address, TROTH_REALM_LINK, address));
}

void party_fini(struct party *p)
{
	troth_stream_free(p->stream);
	troth_engine_free(p->engine);
	troth_address_free(p->address);
	troth_secret_free(p->asked);
	p->stream = NULL;
}

void party_lacks(struct party *p, unsigned marks)
{
	p->engine->can &= ~marks;
}

void party_knows(struct party *p, const struct party *q, bool proven)
{
	const struct troth_cert *cert = troth_device_cert(q->device);
	memcpy(p->known_key.name, troth_cert_name(cert), sizeof p->known_key.name);
	p->known_key.pin = *troth_cert_pin(cert);
	p->known_key.proven = proven;
	p->known.keys = &p->known_key;
	p->known.key_count = 1;
	p->known.contact = q->name;
}

void party_start(struct party *p, enum troth_role role, const struct party *peer, int64_t now)
{
	struct troth_stream_params params = {
		.role = role,
		.local = p->address,
		.peer = (role == TROTH_INITIATOR || p->first != NULL) && peer != NULL
				? peer->address
				: NULL,
		.tls_first = p->first,
		.known = role == TROTH_INITIATOR ? &p->known : NULL,
		.trace = p->trace != NULL,
		.sas = p->shows_sas,
		.stanza_bytes = p->stanza_bytes,
		.stanza_depth = p->stanza_depth,
	};
	assert_ok(troth_stream_new(&p->stream, p->engine, &params, now));
}

static void note(struct party *p, const char *text)
{
	size_t n = strlen(p->seen);
	(void)snprintf(p->seen + n, sizeof p->seen - n, "%s\n", text);
}

static void write_message(void *user, struct troth_writer *w)
{
	troth_writer_open(w, "jabber:client", "message");
	troth_writer_leaf(w, "jabber:client", "body", user);
	troth_writer_close(w);
}

static void secured(struct party *p, const struct troth_event *e)
{
	char line[128];
	(void)snprintf(line, sizeof line, "secured %s by %s%s", troth_level_name(e->level),
		       troth_method_name(e->method), e->transcript ? ", transcript" : "");
	note(p, line);
	p->up = true;
	p->level = e->level;
	p->method = e->method;
	p->transcript = e->transcript;
	if (p->compares)
		assert_ok(troth_stream_sas(p->stream));
	if (p->say != NULL)
		assert_ok(troth_stream_send(p->stream, write_message, (void *)p->say));
}

static void keep_attr(char to[256], const struct troth_element *e, const char *name)
{
	const char *value = troth_element_attr(e, name);
	(void)snprintf(to, 256, "%s", value != NULL ? value : "");
}

static bool is_known(const struct party *p, const struct troth_cert *cert)
{
	for (size_t i = 0; i < p->known.key_count; i++) {
		if (troth_pin_equal(&p->known.keys[i].pin, troth_cert_pin(cert)))
			return true;
	}
	return false;
}

static bool is_endorsed(const struct party *p, const struct troth_event *e)
{
	for (size_t i = 0; i < e->endorsement_count; i++) {
		if (troth_endorsement_verify(e->endorsements[i], p->endorsed_by, e->cert) ==
			    TROTH_OK &&
		    troth_endorsement_in_force(e->endorsements[i], p->now_for_endorsements))
			return true;
	}
	return false;
}

static void judge(struct party *p, const struct troth_event *e)
{
	struct troth_verdict verdict = p->verdict;
	p->endorsements = e->endorsement_count;
	verdict.contact = p->no_contact ? NULL : p->known.contact;
	if (e->cert != NULL)
		p->shown = *troth_cert_pin(e->cert);
	if (p->endorsed_by != NULL && !is_known(p, e->cert) && !is_endorsed(p, e))
		verdict.err = TROTH_E_KEY_CHANGED;
	assert_ok(troth_stream_verdict(p->stream, &verdict));
}

static void keys_came(struct party *p, const struct troth_event *e)
{
	for (size_t i = 0; i < e->key_count; i++) {
		p->keys++;
		p->keys_possessed += e->keys[i].possessed ? 1 : 0;
		p->keys_further += e->keys[i].further ? 1 : 0;
		p->keys_endorsed += e->keys[i].endorsement_count > 0 ? 1 : 0;
		p->key_pin = *troth_cert_pin(e->keys[i].cert);
	}
	p->revocations += e->revocation_count;
	(void)snprintf(p->about, sizeof p->about, "%s",
		       e->about != NULL ? troth_address_full(e->about) : "");
}

static void keys_wanted(struct party *p, const struct troth_event *e)
{
	(void)snprintf(p->wanted, sizeof p->wanted, "%s", troth_address_full(e->about));
	if (p->give != NULL)
		assert_ok(troth_stream_give_keys(p->stream, p->give, 1));
}

static const struct troth_known stranger = {.least = TROTH_LEVEL_VERIFIED};

static void answer(struct party *p, const struct troth_event *e, int64_t now)
{
	switch (e->type) {
	case TROTH_EVENT_WHO:
		note(p, "who");
		(void)snprintf(p->issuer, sizeof p->issuer, "%s",
			       e->issuer_count > 0 ? e->issuers[0] : "");
		if (!p->silent)
			assert_ok(troth_stream_know(p->stream,
						    p->stranger_by_header && e->name_count == 0
							    ? &stranger
							    : &p->known));
		break;
	case TROTH_EVENT_ASK_SECRET:
		note(p, "ask");
		p->asks++;
		if (p->silent)
			break;
		if (p->asked != NULL)
			assert_ok(troth_stream_secret(p->stream, p->asked));
		else
			assert_ok(troth_stream_refuse(p->stream, TROTH_E_REFUSED));
		break;
	case TROTH_EVENT_GUESS:
		note(p, "guess");
		p->guesses++;
		if (p->silent)
			break;
		if (p->guess_err == TROTH_OK)
			assert_ok(troth_stream_debited(p->stream));
		else
			assert_ok(troth_stream_refuse(p->stream, p->guess_err));
		break;
	case TROTH_EVENT_VERDICT:
		note(p, "verdict");
		if (!p->silent)
			judge(p, e);
		break;
	case TROTH_EVENT_WAITING:
		p->waits++;
		break;
	case TROTH_EVENT_SECURED:
		secured(p, e);
		if (p->close_when_up || (p->close_when_proven && e->method == TROTH_METHOD_PAKE))
			troth_stream_close(p->stream, now);
		break;
	case TROTH_EVENT_KEYS:
		note(p, "keys");
		keys_came(p, e);
		if (p->close_after_keys)
			troth_stream_close(p->stream, now);
		break;
	case TROTH_EVENT_KEYS_WANTED:
		note(p, "keys wanted");
		keys_wanted(p, e);
		break;
	case TROTH_EVENT_SAS:
		note(p, "sas");
		p->sas = *e->sas;
		if (!p->silent)
			assert_ok(troth_stream_sas_answer(p->stream, p->sas_answer));
		break;
	case TROTH_EVENT_SAS_CONFIRMED:
		note(p, "sas confirmed");
		p->sas_confirmed++;
		p->shown = *troth_cert_pin(e->cert);
		if (p->close_when_compared)
			troth_stream_close(p->stream, now);
		break;
	case TROTH_EVENT_STANZA:
		note(p, "stanza");
		p->stanzas++;
		(void)snprintf(p->heard, sizeof p->heard, "%s",
			       troth_element_text(troth_element_child(e->element, NULL, "body")));
		keep_attr(p->heard_from, e->element, "from");
		keep_attr(p->heard_to, e->element, "to");
		break;
	case TROTH_EVENT_CLOSED:
		note(p, "closed");
		note(p, troth_err_name(e->err));
		assert_false(p->closed);
		p->closed = true;
		p->up = false;
		p->err = e->err;
		p->by_peer = e->by_peer;
		(void)snprintf(p->reason, sizeof p->reason, "%s", e->text);
		break;
	case TROTH_EVENT_STATE:
	case TROTH_EVENT_XML:
		if (p->trace != NULL)
			p->trace(p, e);
		break;
	case TROTH_EVENT_NONE:
		break;
	}
}

void party_work(struct party *p, int64_t now)
{
	struct troth_event e;
	do {
		troth_stream_next(p->stream, now, &e);
		answer(p, &e, now);
	} while (e.type != TROTH_EVENT_NONE);
}

void party_feed(struct party *p, const void *bytes, size_t len, int64_t now)
{
	troth_stream_feed(p->stream, troth_slice_of(bytes, len), now);
	party_work(p, now);
}

bool party_carry(struct party *a, struct party *b, size_t slice, int64_t now)
{
	struct troth_slice out = troth_stream_output(a->stream);
	size_t n = out.len < slice ? out.len : slice;
	if (n > 0) {
		troth_stream_feed(b->stream, troth_slice_of(out.data, n), now);
		troth_stream_sent(a->stream, n);
		party_work(b, now);
		party_work(a, now);
		return true;
	}
	if (a->closed && !b->eof) {
		b->eof = true;
		troth_stream_feed_end(b->stream, now);
		party_work(b, now);
		return true;
	}
	return false;
}

void party_run(struct party *a, struct party *b, size_t slice, int64_t now)
{
	bool moved;
	party_work(a, now);
	party_work(b, now);
	do {
		moved = party_carry(a, b, slice, now);
		moved = party_carry(b, a, slice, now) || moved;
	} while (moved);
}
