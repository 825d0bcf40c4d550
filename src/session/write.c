/* SPDX-License-Identifier: MIT */
/* Stanzas that leave. Layer: session. What arrives is read in stanza.c. */
#include "session/state.h"
#include "session/xtls.h"
#include "xml/namespace.h"

#include "c2c/method.h"
#include "keys/keyinfo.h"
#include "xmpp/disco.h"
#include "xmpp/header.h"
#include "xmpp/iq.h"

/* ---- messages ---- */

struct text_message {
	const char *id;
	const char *text;
	bool receipts;
};

static void message(void *user, struct troth_writer *w)
{
	const struct text_message *m = user;
	troth_writer_open(w, TROTH_NS_CLIENT, "message");
	troth_writer_attr(w, "type", "chat");
	troth_writer_attr(w, "id", m->id);
	troth_writer_leaf(w, TROTH_NS_CLIENT, "body", m->text);
	if (m->receipts)
		troth_writer_leaf(w, TROTH_NS_RECEIPTS, "request", NULL);
	troth_writer_close(w);
}

int write_message(struct link *l, const char *id, const char *text)
{
	struct text_message m = {
		.id = id,
		.text = text,
		.receipts = troth_stream_level(l->stream) > TROTH_LEVEL_PLAIN,
	};
	return troth_stream_send(l->stream, message, &m);
}

/* XEP-0184 5.3: "the <received/> element SHOULD be the only child of the <message/> stanza" */
static void received(void *user, struct troth_writer *w)
{
	const char *const *id = user;
	troth_writer_open(w, TROTH_NS_CLIENT, "message");
	troth_writer_open(w, TROTH_NS_RECEIPTS, "received");
	troth_writer_attr(w, "id", *id);
	troth_writer_close(w);
	troth_writer_close(w);
}

int write_received(struct link *l, const char *id)
{
	return troth_stream_send(l->stream, received, &id);
}

/* ---- presence ---- */

static void presence(void *user, struct troth_writer *w)
{
	const char *const *nick = user;
	troth_writer_open(w, TROTH_NS_CLIENT, "presence");
	troth_writer_leaf(w, TROTH_NS_NICK, "nick", *nick);
	troth_writer_close(w);
}

int write_nick(struct link *l, const char *nick)
{
	return troth_stream_send(l->stream, presence, &nick);
}

/* ---- IQ ---- */

static void ping(void *user, struct troth_writer *w)
{
	const char *const *id = user;
	troth_writer_open(w, TROTH_NS_CLIENT, "iq");
	troth_writer_attr(w, "type", "get");
	troth_writer_attr(w, "id", *id);
	troth_writer_leaf(w, TROTH_NS_PING, "ping", NULL);
	troth_writer_close(w);
}

int write_ping(struct link *l, const char *id)
{
	return troth_stream_send(l->stream, ping, &id);
}

static const struct troth_disco_identity identities[] = {{"client", "console", NULL, "Troth"}};
#define FEATURES                                                                                   \
	TROTH_NS_DISCO_INFO, TROTH_NS_NICK, TROTH_NS_CLIENT, TROTH_NS_C2C, TROTH_NS_PUBKEY,        \
		TROTH_NS_PING, TROTH_NS_RECEIPTS, TROTH_BYTESTREAMS_FEATURES, TROTH_PEP_NOTIFY
static const char *const features[] = {FEATURES};
static const char *const features_with_xtls[] = {FEATURES, TROTH_NS_XTLS};
#define DISCO(list)                                                                                \
	{                                                                                          \
		.identities = identities, .n_identities = sizeof identities / sizeof *identities,  \
		.features = (list), .n_features = sizeof(list) / sizeof *(list),                   \
		.node = "urn:xmpp:troth:0",                                                        \
	}
static const struct troth_disco disco = DISCO(features);
static const struct troth_disco disco_with_xtls = DISCO(features_with_xtls);

void write_features(void *user, struct troth_writer *w)
{
	(void)user;
	troth_disco_write(w, &disco);
}

/* Jingle-XTLS 6: "If an entity supports XTLS, it MUST report that". It is had over servers alone.
 */
const struct troth_disco *troth_session_disco(const struct troth_session *s)
{
	return s == NULL || xtls_policy(s) != TROTH_POLICY_XTLS_NO ? &disco_with_xtls : &disco;
}

int write_caps(char ver[TROTH_CAPS_VER_SIZE], const char **node)
{
	*node = disco.node;
	return troth_caps_ver(ver, &disco);
}

static void answer(void *user, struct troth_writer *w)
{
	const struct troth_element *iq = user;
	if (troth_disco_is_request(iq)) {
		troth_disco_answer(w, iq, &disco);
	} else if (troth_element_child(iq, TROTH_NS_PING, "ping") != NULL) {
		troth_iq_result_open(w, iq);
		troth_writer_close(w);
	} else {
		troth_iq_error(w, iq, TROTH_STANZA_SERVICE_UNAVAILABLE);
	}
}

int write_iq_answer(struct link *l, const struct troth_element *iq)
{
	return troth_stream_send(l->stream, answer, (void *)iq);
}
