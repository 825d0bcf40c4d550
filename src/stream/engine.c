/* SPDX-License-Identifier: MIT */
/* What the streams of one device share. Layer: stream. */
#include "stream/engine.h"

#include "base/limits.h"
#include "base/slice.h"
#include "c2c/method.h"
#include "keys/keyinfo.h"

#include <openssl/rand.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

int troth_engine_new(struct troth_engine **out, const struct troth_engine_params *params)
{
	if (params->device == NULL)
		return TROTH_E_INVAL;
	struct troth_engine *e = calloc(1, sizeof *e);
	if (e == NULL)
		return TROTH_E_NOMEM;
	e->device = params->device;
	e->random = params->random;
	e->random_user = params->random_user;
	int err = troth_tls_context_new(&e->tls);
	if (err != TROTH_OK) {
		free(e);
		return err;
	}
	e->can = TROTH_MARK_INSECURE | TROTH_MARK_PAKE | TROTH_MARK_SAS;
	if (troth_tls_context_has_srp(e->tls))
		e->can |= TROTH_MARK_SRP;
	*out = e;
	return TROTH_OK;
}

void troth_engine_free(struct troth_engine *engine)
{
	if (engine == NULL)
		return;
	troth_tls_context_free(engine->tls);
	free(engine);
}

/* ---- statements ---- */

/* Room that a stanza needs for what isn't a statement: our own certificate, addresses, tags. */
#define OTHER_BYTES ((size_t)48 * 1024)

static bool are_few(const struct troth_statements *s)
{
	size_t all = s->endorsement_count;
	if (s->endorsement_count > TROTH_LIMIT_KEY_ENDORSEMENTS ||
	    s->further_count >= TROTH_LIMIT_STANZA_KEYS ||
	    s->revocation_count > TROTH_LIMIT_STANZA_REVOCATIONS)
		return false;
	for (size_t i = 0; i < s->further_count; i++) {
		if (s->further[i].endorsement_count > TROTH_LIMIT_KEY_ENDORSEMENTS)
			return false;
		all += s->further[i].endorsement_count;
	}
	return all <= TROTH_LIMIT_STANZA_ENDORSEMENTS;
}

/* Written once to see that it can be, and how long it is. */
static int check_size(const struct troth_engine *e, const struct troth_statements *s)
{
	struct troth_writer w;
	struct troth_buf TROTH_CLEANUP(troth_buf_fini) xml;
	troth_buf_init(&xml, TROTH_LIMIT_STANZA_BYTES - OTHER_BYTES);
	troth_writer_init(&w, &xml, TROTH_NS_CLIENT);
	troth_writer_open(&w, TROTH_NS_PUBKEY, "pubkeys");
	int err = troth_keyinfo_write_own(&w, e->device, NULL, s);
	troth_keyinfo_write_further(&w, s);
	troth_writer_close(&w);
	int finished = troth_writer_finish(&w);
	return err != TROTH_OK ? err : finished;
}

int troth_engine_state(struct troth_engine *engine, const struct troth_statements *statements)
{
	if (statements != NULL) {
		int err = are_few(statements) ? check_size(engine, statements) : TROTH_E_LIMIT;
		if (err != TROTH_OK)
			return err;
		engine->statements = *statements;
	}
	engine->has_statements = statements != NULL;
	return TROTH_OK;
}

int troth_engine_random(struct troth_engine *engine, uint8_t *out, size_t len)
{
	if (engine->random != NULL) {
		engine->random(engine->random_user, out, len);
		return TROTH_OK;
	}
	return RAND_bytes(out, (int)len) == 1 ? TROTH_OK : TROTH_E_CRYPTO;
}

int troth_engine_enter(struct troth_engine *engine, struct troth_live *live)
{
	for (struct troth_live *other = engine->live; other != NULL; other = other->next) {
		if (sodium_memcmp(other->exporter, live->exporter, TROTH_EXPORTER_LEN) == 0)
			return TROTH_E_RELAY;
	}
	live->next = engine->live;
	live->link = &engine->live;
	if (live->next != NULL)
		live->next->link = &live->next;
	engine->live = live;
	return TROTH_OK;
}

void troth_engine_leave(struct troth_live *live)
{
	if (live->link == NULL)
		return;
	*live->link = live->next;
	if (live->next != NULL)
		live->next->link = live->link;
	live->link = NULL;
	live->next = NULL;
}
