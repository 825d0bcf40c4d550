/* SPDX-License-Identifier: MIT */
/*
 * Every allocation fails once, in turn, in whole meetings: the stream ends with a clear error or
 * doesn't need that piece, and is never secured with something missing. The linker puts __wrap_
 * in front of the allocations of our own code; OpenSSL, expat and the C library keep theirs.
 */
#include "party.h"

#include "c2c/method.h"

#include <stdio.h>
#include <stdlib.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t len);
void *__real_sodium_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t len);
void *__wrap_sodium_malloc(size_t size);

static size_t allocations; /* since the meeting began */
static size_t failing;     /* the one that fails, counted from 1; 0: none */
static bool has_failed;
static bool counting;

static bool fails(void)
{
	if (!counting)
		return false;
	bool now = ++allocations == failing;
	has_failed = has_failed || now;
	return now;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return fails() ? NULL : __real_realloc(old, size);
}

char *__wrap_strdup(const char *text)
{
	return fails() ? NULL : __real_strdup(text);
}

char *__wrap_strndup(const char *text, size_t len)
{
	return fails() ? NULL : __real_strndup(text, len);
}

void *__wrap_sodium_malloc(size_t size)
{
	return fails() ? NULL : __real_sodium_malloc(size);
}

/* ---- an application that takes any answer ---- */

static bool at_once; /* they begin with TLS */

struct end {
	struct party party; /* device, engine, address, what is known */
	struct troth_stream *stream;
	bool states; /* says what its keys say, once up */
	bool sas;    /* compares a short string instead, which the caller begins */
	bool calls;
	bool compared;
	bool secured;
	bool closed;
	int err;
	size_t keys;
	size_t stanzas;
	bool told; /* an answer or a message wasn't taken: the application knows */
};

static void write_message(void *user, struct troth_writer *w)
{
	(void)user;
	troth_writer_open(w, "jabber:client", "message");
	troth_writer_leaf(w, "jabber:client", "body", "good morrow");
	troth_writer_close(w);
}

/* Without memory for it an answer may be refused; the application cancels then. */
static void give(struct end *e, int err)
{
	if (err == TROTH_OK)
		return;
	assert_err(err, TROTH_E_NOMEM);
	e->told = true;
	troth_stream_close(e->stream, 0);
}

static void on_secured(struct end *e, const struct troth_event *event)
{
	assert_int_equal(event->level, e->sas ? TROTH_LEVEL_UNVERIFIED : TROTH_LEVEL_VERIFIED);
	assert_true(event->transcript != at_once);
	assert_non_null(event->tls);
	assert_true((event->cert != NULL) == (event->method != TROTH_METHOD_SRP));
	e->secured = true;
	give(e, troth_stream_send(e->stream, write_message, NULL));
	if (e->states && !e->told)
		give(e, troth_stream_push_keys(e->stream));
	if (e->sas && e->calls && !e->told)
		give(e, troth_stream_sas(e->stream));
}

static void on_confirmed(struct end *e, const struct troth_event *event)
{
	assert_true(e->secured && !e->compared);
	assert_non_null(event->cert);
	e->compared = true;
}

static void answer(struct end *e, const struct troth_event *event)
{
	const struct troth_verdict verdict = {.level = e->sas ? TROTH_LEVEL_UNVERIFIED
							      : TROTH_LEVEL_VERIFIED};
	assert_false(e->closed);
	switch (event->type) {
	case TROTH_EVENT_WHO:
		give(e, troth_stream_know(e->stream, &e->party.known));
		break;
	case TROTH_EVENT_GUESS:
		give(e, troth_stream_debited(e->stream));
		break;
	case TROTH_EVENT_VERDICT:
		give(e, troth_stream_verdict(e->stream, &verdict));
		break;
	case TROTH_EVENT_SECURED:
		on_secured(e, event);
		break;
	case TROTH_EVENT_KEYS:
		for (size_t i = 0; i < event->key_count; i++)
			assert_true(event->keys[i].cert != NULL &&
				    (event->keys[i].possessed || event->keys[i].further));
		e->keys += event->key_count;
		break;
	case TROTH_EVENT_STANZA:
		assert_string_equal(troth_element_text(troth_element_first(event->element)),
				    "good morrow");
		e->stanzas++;
		break;
	case TROTH_EVENT_CLOSED:
		e->closed = true;
		e->err = event->err;
		break;
	case TROTH_EVENT_SAS:
		give(e, troth_stream_sas_answer(e->stream, TROTH_SAS_SAME));
		break;
	case TROTH_EVENT_SAS_CONFIRMED:
		on_confirmed(e, event);
		break;
	case TROTH_EVENT_ASK_SECRET:
	case TROTH_EVENT_KEYS_WANTED:
	case TROTH_EVENT_WAITING:
	case TROTH_EVENT_STATE:
	case TROTH_EVENT_XML:
	case TROTH_EVENT_NONE:
		break;
	}
}

static void work(struct end *e)
{
	struct troth_event event;
	do {
		troth_stream_next(e->stream, 0, &event);
		if (event.type != TROTH_EVENT_NONE)
			answer(e, &event);
	} while (event.type != TROTH_EVENT_NONE);
}

/* ---- meetings ---- */

struct meeting {
	struct end end[2];
	bool by_srp;
};

static int begin(struct meeting *m, int which)
{
	struct end *e = &m->end[which];
	const struct troth_tls_first first = {
		.srp = m->by_srp,
		.fingerprint = troth_cert_name(troth_device_cert(m->end[1 - which].party.device)),
	};
	struct troth_stream_params params = {
		.role = which == 0 ? TROTH_INITIATOR : TROTH_RECIPIENT,
		.local = e->party.address,
		.peer = which == 0 || at_once ? m->end[1 - which].party.address : NULL,
		.known = &e->party.known,
		.sas = e->sas,
		.tls_first = at_once ? &first : NULL,
	};
	return troth_stream_new(&e->stream, e->party.engine, &params, 0);
}

static bool carry(struct end *from, struct end *to)
{
	struct troth_slice out = troth_stream_output(from->stream);
	if (out.len > 0) {
		troth_stream_feed(to->stream, out, 0);
		troth_stream_sent(from->stream, out.len);
		work(to);
		return true;
	}
	if (from->closed && !to->closed) {
		troth_stream_feed_end(to->stream, 0);
		work(to);
		return true;
	}
	return false;
}

static bool is_complete(const struct meeting *m)
{
	size_t keys = m->by_srp ? 1 : 0;
	size_t stated = m->end[1].states ? 2 : 0; /* the device's and the user key */
	return m->end[0].keys == keys + stated && m->end[1].keys == keys &&
	       m->end[0].stanzas == 1 && m->end[1].stanzas == 1 &&
	       m->end[0].compared == m->end[0].sas && m->end[1].compared == m->end[1].sas;
}

/* Returns what making the streams came to; the rest is in the ends. */
static int run(struct meeting *m)
{
	int err = begin(m, 0);
	if (err == TROTH_OK)
		err = begin(m, 1);
	if (err != TROTH_OK)
		return err;
	bool closing = false;
	work(&m->end[0]);
	work(&m->end[1]);
	for (bool moved = true; moved;) {
		moved = carry(&m->end[0], &m->end[1]);
		moved = carry(&m->end[1], &m->end[0]) || moved;
		if (!moved && !closing) {
			closing = moved = true;
			troth_stream_close(m->end[0].stream, 0);
			work(&m->end[0]);
		}
	}
	return TROTH_OK;
}

static bool said(const struct end *e)
{
	return e->told || e->err == TROTH_E_NOMEM;
}

/* What may come of a meeting in which something failed: out of memory on one side, and the line
 * cut or refused on the other. A fault may also look like the other library's or the peer's. */
static void judge(const struct meeting *m, int made)
{
	bool clear = false;
	if (made != TROTH_OK) {
		assert_err(made, TROTH_E_NOMEM);
		return;
	}
	for (int i = 0; i < 2; i++) {
		assert_true(m->end[i].closed);
		clear = clear || m->end[i].told || m->end[i].err != TROTH_OK;
	}
	/* No error: then nothing may be missing. */
	if (!clear) {
		assert_true(is_complete(m));
		return;
	}
	/* The side that lacked memory says so, and nobody cries attack. */
	if (!said(&m->end[0]) && !said(&m->end[1]))
		fail_msg("allocation %zu failed, and the ends say %s and %s", failing,
			 troth_err_name(m->end[0].err), troth_err_name(m->end[1].err));
	for (int i = 0; i < 2; i++)
		assert_int_not_equal(troth_err_class(m->end[i].err), TROTH_CLASS_ATTACK);
}

/* Juliet's key is unknown, and endorsed by one that Romeo believes. */
static struct troth_device *user_key;
static struct troth_endorsement *endorsement;
static const struct troth_endorsement *endorsements[1];
static struct troth_stated_key further;
static struct troth_known_issuer issuer;

static void be_endorsed(struct meeting *m)
{
	struct party *romeo = &m->end[0].party;
	struct party *juliet = &m->end[1].party;
	const struct troth_cert *cert = troth_device_cert(user_key);
	if (endorsement == NULL) {
		const struct troth_signer signer = troth_signer_of_device(user_key);
		const struct troth_endorsement_terms terms = {.purpose = TROTH_PURPOSE_DEVICE,
							      .issued = 1700000000,
							      .expires = 1700086400};
		assert_ok(troth_endorsement_make(&endorsement, &signer, &terms,
						 troth_device_cert(juliet->device)));
		memcpy(issuer.name, troth_cert_name(cert), sizeof issuer.name);
		endorsements[0] = endorsement;
	}
	further = (struct troth_stated_key){.cert = cert};
	const struct troth_statements statements = {.endorsements = endorsements,
						    .endorsement_count = 1,
						    .user_key = troth_cert_name(cert),
						    .further = &further,
						    .further_count = 1};
	assert_ok(troth_engine_state(juliet->engine, &statements));
	m->end[1].states = true;
	romeo->known.keys = NULL;
	romeo->known.key_count = 0;
	romeo->known.issuers = &issuer;
	romeo->known.issuer_count = 1;
}

static bool srp; /* what a secret is proven by; else pake */
static bool sas; /* two strangers compare a string */

static void be_strangers(struct end *e)
{
	e->sas = true;
	e->party.known.least = TROTH_LEVEL_UNVERIFIED;
}

static void init(struct meeting *m, struct troth_secret *secret)
{
	*m = (struct meeting){.by_srp = secret != NULL && srp, .end[0].calls = true};
	party_init(&m->end[0].party, 0, "romeo@forza");
	party_init(&m->end[1].party, 1, "juliet@pronto");
	for (int i = 0; i < 2; i++) {
		struct party *p = &m->end[i].party;
		party_lacks(p, srp ? TROTH_MARK_PAKE : 0);
		p->known.secret = secret;
		p->known.pairing = secret != NULL;
		if (sas)
			be_strangers(&m->end[i]);
		else if (secret == NULL)
			party_knows(p, &m->end[1 - i].party, true);
	}
	if (user_key != NULL)
		be_endorsed(m);
}

static void fini(struct meeting *m)
{
	for (int i = 0; i < 2; i++) {
		troth_stream_free(m->end[i].stream);
		party_fini(&m->end[i].party);
	}
}

static bool meet_failing(size_t which, struct troth_secret *secret)
{
	struct meeting m;
	init(&m, secret);
	allocations = 0;
	failing = which;
	has_failed = false;
	counting = true;
	int made = run(&m);
	counting = false;
	if (which == 0 || !has_failed) {
		assert_ok(made);
		assert_true(is_complete(&m));
		assert_ok(m.end[0].err);
		assert_ok(m.end[1].err);
	} else {
		judge(&m, made);
	}
	fini(&m);
	return has_failed;
}

static void fail_each(struct troth_secret *secret)
{
	size_t n = 1;
	meet_failing(0, secret); /* and all is well when none fails */
	assert_true(allocations > 20);
	while (meet_failing(n, secret))
		n++;
	assert_true(n > 20);
	print_message("%zu allocations failed, one at a time\n", n - 1);
}

static void meeting_by_key__ends_clearly__when_an_allocation_fails(void **state)
{
	(void)state;
	fail_each(NULL);
}

static void meeting_by_endorsement__ends_clearly__when_an_allocation_fails(void **state)
{
	(void)state;
	const struct troth_device_params params = {.address = "juliet@capulet.example",
						   .now = 1700000000};
	assert_ok(troth_device_generate(&user_key, &params));
	fail_each(NULL);
	troth_endorsement_free(endorsement);
	troth_device_free(user_key);
	user_key = NULL;
}

static void meeting_by_secret__ends_clearly__when_an_allocation_fails(void **state)
{
	(void)state;
	struct troth_secret *secret = party_secret("open sesame");
	fail_each(secret);
	srp = true;
	fail_each(secret);
	srp = false;
	troth_secret_free(secret);
}

static void
meeting_of_strangers__ends_clearly__when_an_allocation_fails_while_they_compare(void **state)
{
	(void)state;
	sas = true;
	fail_each(NULL);
	sas = false;
}

static void meeting_at_once__ends_clearly__when_an_allocation_fails(void **state)
{
	(void)state;
	struct troth_secret *secret = party_secret("open sesame");
	at_once = srp = true;
	fail_each(NULL);
	fail_each(secret);
	at_once = srp = false;
	troth_secret_free(secret);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(meeting_by_key__ends_clearly__when_an_allocation_fails),
		cmocka_unit_test(meeting_by_endorsement__ends_clearly__when_an_allocation_fails),
		cmocka_unit_test(meeting_by_secret__ends_clearly__when_an_allocation_fails),
		cmocka_unit_test(
			meeting_of_strangers__ends_clearly__when_an_allocation_fails_while_they_compare),
		cmocka_unit_test(meeting_at_once__ends_clearly__when_an_allocation_fails),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
