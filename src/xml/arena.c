/* SPDX-License-Identifier: MIT */
/* The arena. Layer: xml. Bounds are checked by subtraction. */
#include "xml/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

/* With its header it stays below what the C library hands out fast. */
#define FIRST_BLOCK 960
#define LARGEST_BLOCK ((size_t)64 * 1024)
#define ALIGN alignof(max_align_t)

struct troth_arena_block {
	struct troth_arena_block *before;
	size_t used;
	size_t size;
	alignas(max_align_t) uint8_t bytes[];
};

void troth_arena_init(struct troth_arena *arena, size_t max)
{
	*arena = (struct troth_arena){.max = max};
}

void troth_arena_fini(struct troth_arena *arena)
{
	while (arena->last != NULL) {
		struct troth_arena_block *before = arena->last->before;
		free(arena->last);
		arena->last = before;
	}
	troth_arena_init(arena, arena->max);
}

int troth_arena_error(const struct troth_arena *arena)
{
	return arena->err;
}

/* Blocks double, so that a small stanza costs little and a large one few calls. */
static int add_block(struct troth_arena *arena, size_t len)
{
	size_t size = arena->held < FIRST_BLOCK ? FIRST_BLOCK : arena->held;
	if (size > LARGEST_BLOCK)
		size = LARGEST_BLOCK;
	if (size < len)
		size = len;
	if (size > arena->max - arena->held)
		size = arena->max - arena->held;
	if (size < len)
		return TROTH_E_LIMIT;
	struct troth_arena_block *block = malloc(sizeof *block + size);
	if (block == NULL)
		return TROTH_E_NOMEM;
	block->before = arena->last;
	block->used = 0;
	block->size = size;
	arena->last = block;
	arena->held += size;
	return TROTH_OK;
}

void *troth_arena_alloc(struct troth_arena *arena, size_t len)
{
	if (len > SIZE_MAX - ALIGN) {
		arena->err = TROTH_E_LIMIT;
		return NULL;
	}
	len = (len + ALIGN - 1) / ALIGN * ALIGN;
	if (arena->last == NULL || len > arena->last->size - arena->last->used) {
		int err = add_block(arena, len);
		if (err != TROTH_OK) {
			arena->err = err;
			return NULL;
		}
	}
	void *at = arena->last->bytes + arena->last->used;
	arena->last->used += len;
	memset(at, 0, len);
	return at;
}

char *troth_arena_text(struct troth_arena *arena, const char *text, size_t len)
{
	if (len == SIZE_MAX) {
		arena->err = TROTH_E_LIMIT;
		return NULL;
	}
	char *copy = troth_arena_alloc(arena, len + 1);
	if (copy != NULL && len > 0)
		memcpy(copy, text, len);
	return copy;
}
