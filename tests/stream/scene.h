/* SPDX-License-Identifier: MIT */
/* One stream of ours and one peer driven by hand: Romeo calls Juliet. */
#ifndef TROTH_TESTS_STREAM_SCENE_H
#define TROTH_TESTS_STREAM_SCENE_H

#include "raw.h"

#include "base/slice.h"

#define HEADER(from, to)                                                                           \
	"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "    \
	"from='" from "' to='" to "' version='1.0'>"
#define ROMEO HEADER("romeo@forza", "juliet@pronto")
#define JULIET HEADER("juliet@pronto", "romeo@forza")
#define STARTTLS "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'"
#define PROCEED "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'"
#define OFFER "<offer xmlns='urn:xmpp:tmp:c2ctls'>"
#define PUBKEYS "<pubkeys xmlns='urn:xmpp:tmp:pubkey'"

struct scene {
	struct party us;
	struct party them;
	struct raw raw;
};

static struct troth_secret *secret;

static inline int make_secret(void **state)
{
	(void)state;
	secret = party_secret("a tale of woe");
	return 0;
}

static inline int free_secret(void **state)
{
	(void)state;
	troth_secret_free(secret);
	return 0;
}

static inline void open_scene(struct scene *s, enum troth_role role,
			      void (*prepare)(struct scene *))
{
	bool recipient = role == TROTH_RECIPIENT;
	party_init(&s->us, 1, recipient ? "juliet@pronto" : "romeo@forza");
	party_init(&s->them, 0, recipient ? "romeo@forza" : "juliet@pronto");
	if (prepare != NULL)
		prepare(s);
	party_start(&s->us, role, &s->them, 0);
	raw_init(&s->raw, &s->us, s->them.device);
	raw_pump(&s->raw);
}

static inline void close_scene(struct scene *s)
{
	raw_fini(&s->raw);
	party_fini(&s->us);
	party_fini(&s->them);
}

static inline void with_secret(struct scene *s)
{
	s->us.known.pairing = true;
	s->us.known.secret = secret;
}

static inline void with_key(struct scene *s)
{
	party_knows(&s->us, &s->them, true);
}

/* Unproven keys give no floor: a secret may take their place. */
static inline void with_unproven(struct scene *s)
{
	party_knows(&s->us, &s->them, false);
	s->us.known.may_ask = true;
}

/* Without offers: the shortest way in. */
static inline void come_in(struct scene *s, const struct troth_secret *with)
{
	raw_say(&s->raw, ROMEO);
	raw_say(&s->raw,
		with != NULL ? STARTTLS ">" OFFER "<srp/></offer></starttls>" : STARTTLS "/>");
	assert_ok(raw_start_tls(&s->raw, TROTH_TLS_CLIENT, with, "romeo@forza"));
	raw_say(&s->raw, ROMEO);
	assert_true(s->us.up);
	raw_forget(&s->raw);
}

static inline void move_to_server(struct party *p, const char *jid)
{
	troth_address_free(p->address);
	assert_ok(troth_address_new(&p->address, TROTH_REALM_SERVER, jid));
}

static inline void over_a_server(struct scene *s)
{
	with_key(s);
	move_to_server(&s->us, "juliet@capulet.example/balcony");
	move_to_server(&s->them, "romeo@montague.example/orchard");
}

#define FAR HEADER("romeo@montague.example/orchard", "juliet@capulet.example")

#endif
