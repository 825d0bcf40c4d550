/* SPDX-License-Identifier: MIT */
/* Two ends of an in-band bytestream, and what is between them. */
#ifndef TROTH_TESTS_BYTESTREAM_IBB_PAIR_H
#define TROTH_TESTS_BYTESTREAM_IBB_PAIR_H

#include "../test.h"

#include "base/limits.h"
#include "base/slice.h"
#include "bytestream/ibb.h"

#include <stdio.h>

#define ROMEO "romeo@montague.example/orchard"
#define JULIET "juliet@capulet.example/balcony"
#define SID "i781hf64"

static inline int fill(void *user, uint8_t *out, size_t len)
{
	unsigned *count = user;
	memset(out, 0, len);
	memcpy(out, &(unsigned){++*count}, sizeof *count);
	return TROTH_OK;
}

struct end {
	struct troth_ibb *ibb;
	const char *name;
	unsigned ids;
	size_t sent;    /* stanzas with data */
	char last[512]; /* the beginning of the last stanza that it sent */
};

struct pair {
	struct end end[2]; /* who opens, who accepts */
	int64_t now;
};

static inline void end_init(struct end *e, bool opener, unsigned block, unsigned window)
{
	*e = (struct end){.name = opener ? ROMEO : JULIET};
	const struct troth_ibb_params params = {.opener = opener,
						.peer = opener ? JULIET : ROMEO,
						.sid = SID,
						.block = block,
						.window = window,
						.random = {fill, &e->ids}};
	assert_ok(troth_ibb_new(&e->ibb, &params));
}

static inline void pair_init(struct pair *p, unsigned block, unsigned window)
{
	p->now = 0;
	end_init(&p->end[0], true, block, window);
	end_init(&p->end[1], false, 8192, window);
}

static inline void pair_fini(struct pair *p)
{
	troth_ibb_free(p->end[0].ibb);
	troth_ibb_free(p->end[1].ibb);
}

static inline int feed_text(struct end *to, const char *from, struct troth_slice xml)
{
	struct troth_stanza *stanza;
	assert_ok(troth_element_parse(&stanza, xml));
	int err = troth_ibb_feed(to->ibb, troth_stanza_root(stanza), from);
	troth_stanza_free(stanza);
	return err;
}

/* As from inside of a stream, whose default namespace is that of clients. */
static inline int feed_juliet(struct pair *p, const char *from, const char *xml)
{
	return feed_text(&p->end[1], from, troth_slice_str(xml));
}

/* Effect: one stanza from an end to nowhere; false when it has none. */
static inline bool pull(struct pair *p, struct end *e, struct troth_buf *out)
{
	bool any;
	assert_ok(troth_ibb_next(e->ibb, p->now, out, &any));
	if (!any)
		return false;
	struct troth_slice s = troth_buf_slice(out);
	e->sent += memmem(s.data, s.len, "<data", 5) != NULL;
	(void)snprintf(e->last, sizeof e->last, "%.*s", (int)s.len, (const char *)s.data);
	return true;
}

/* A writer writes for inside a stream; what stands alone names its namespace. */
static inline void deliver(struct end *from, struct end *to, struct troth_buf *stanza)
{
	struct troth_buf xml;
	struct troth_slice s = troth_buf_slice(stanza);
	troth_buf_init(&xml, TROTH_LIMIT_STANZA_BYTES);
	assert_ok(troth_buf_append_str(&xml, "<iq xmlns='jabber:client'"));
	assert_ok(troth_buf_append(&xml, s.data + 3, s.len - 3));
	assert_ok(feed_text(to, from->name, troth_buf_slice(&xml)));
	troth_buf_fini(&xml);
}

/* Effect: all that is due, both ways, until nothing is. Input stays unless it is consumed. */
static inline void carry(struct pair *p)
{
	bool moved = true;
	while (moved) {
		moved = false;
		for (int i = 0; i < 2; i++) {
			struct troth_buf stanza;
			troth_buf_init(&stanza, TROTH_LIMIT_STANZA_BYTES);
			while (pull(p, &p->end[i], &stanza)) {
				deliver(&p->end[i], &p->end[1 - i], &stanza);
				troth_buf_clear(&stanza);
				moved = true;
			}
			troth_buf_fini(&stanza);
		}
	}
}

static inline void assert_state(const struct end *e, enum troth_ibb_state state, int err)
{
	assert_int_equal(troth_ibb_state(e->ibb), state);
	assert_err(troth_ibb_error(e->ibb), err);
}

/* Effect: juliet pulls one stanza, which has all these words. */
static inline void assert_juliet_says(struct pair *p, const char *words)
{
	struct troth_buf out;
	char word[64];
	int used;
	troth_buf_init(&out, TROTH_LIMIT_STANZA_BYTES);
	assert_true(pull(p, &p->end[1], &out));
	for (; sscanf(words, "%63s%n", word, &used) == 1; words += used)
		if (strstr(p->end[1].last, word) == NULL)
			fail_msg("no %s in %s", word, p->end[1].last);
	troth_buf_fini(&out);
}

static inline void assert_juliet_silent(struct pair *p)
{
	struct troth_buf out;
	troth_buf_init(&out, TROTH_LIMIT_STANZA_BYTES);
	assert_false(pull(p, &p->end[1], &out));
	troth_buf_fini(&out);
}

static inline void assert_carries(struct pair *p, int from, size_t len)
{
	struct troth_buf sent, got;
	struct troth_ibb *to = p->end[1 - from].ibb;
	troth_buf_init(&sent, len);
	troth_buf_init(&got, len);
	for (size_t i = 0; i < len; i++)
		assert_ok(troth_buf_append_byte(&sent, (uint8_t)(i * 31 >> 3)));
	assert_ok(troth_ibb_write(p->end[from].ibb, troth_buf_slice(&sent)));
	while (troth_buf_len(&got) < len) {
		carry(p);
		struct troth_slice in = troth_ibb_input(to);
		assert_true(in.len > 0);
		assert_ok(troth_buf_append_slice(&got, in));
		troth_ibb_consume(to, in.len);
	}
	carry(p);
	assert_true(troth_slice_equal(troth_buf_slice(&sent), troth_buf_slice(&got)));
	assert_int_equal(troth_ibb_unsent(p->end[from].ibb), 0);
	troth_buf_fini(&sent);
	troth_buf_fini(&got);
}

#endif
