/* SPDX-License-Identifier: MIT */
/* What the streams of one device share. Layer: stream. */
#include "stream/engine.h"

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
