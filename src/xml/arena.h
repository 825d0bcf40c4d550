/* SPDX-License-Identifier: MIT */
/*
 * An arena: memory that is taken piece by piece and given back at once, never
 * more than a maximum. Layer: xml. One arena holds one stanza.
 */
#ifndef TROTH_XML_ARENA_H
#define TROTH_XML_ARENA_H

#include <stddef.h>

struct troth_arena_block;

/* Members are private. */
struct troth_arena {
	struct troth_arena_block *last;
	size_t held; /* bytes taken from the system */
	size_t max;
	int err;
};

/* Effect: an empty arena that takes at most about max bytes. Never fails. */
void troth_arena_init(struct troth_arena *arena, size_t max);
void troth_arena_fini(struct troth_arena *arena);

/* Returns len zeroed bytes, aligned for any type, living as long as the arena; or
 * NULL, and then troth_arena_error says why: TROTH_E_LIMIT or TROTH_E_NOMEM. */
void *troth_arena_alloc(struct troth_arena *arena, size_t len);
/* Returns a NUL-terminated copy of len bytes, or NULL likewise. */
char *troth_arena_text(struct troth_arena *arena, const char *text, size_t len);
/* The reason of the last NULL; TROTH_OK when there was none. */
int troth_arena_error(const struct troth_arena *arena);

#endif
