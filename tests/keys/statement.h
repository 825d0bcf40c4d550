/* SPDX-License-Identifier: MIT */
/* What tests of signed statements begin with: keys of one account, and statements as XML. */
#ifndef TROTH_TESTS_KEYS_STATEMENT_H
#define TROTH_TESTS_KEYS_STATEMENT_H

#include "keys/cert.h"
#include "make.h"

#include <string.h>
#include <troth/xml.h>

#define JID "romeo@montague.example"
#define PGP "89d099a3428481cc63fe3fa44e7df2d002b4ce44"

static struct troth_device *user;   /* the user key */
static struct troth_device *device; /* what it speaks of */
static struct troth_device *other;  /* another key of the same account */

static inline int make_them(void **state)
{
	(void)state;
	user = make_device(JID);
	device = make_device(JID);
	other = make_device(JID);
	return 0;
}

static inline int free_them(void **state)
{
	(void)state;
	troth_device_free(user);
	troth_device_free(device);
	troth_device_free(other);
	return 0;
}

static inline const struct troth_cert *cert(const struct troth_device *d)
{
	return troth_device_cert(d);
}

struct sheet {
	struct troth_buf buf;
	struct troth_writer w;
};

static inline struct troth_writer *sheet_open(struct sheet *s)
{
	troth_buf_init(&s->buf, 16384);
	troth_writer_init(&s->w, &s->buf, "jabber:client");
	return &s->w;
}

/* What was written; the caller frees. */
static inline char *sheet_close(struct sheet *s)
{
	const char *text;
	assert_ok(troth_writer_finish(&s->w));
	assert_ok(troth_buf_cstr(&s->buf, &text));
	char *copy = strdup(text);
	troth_buf_fini(&s->buf);
	return copy;
}

static inline struct troth_stanza *parsed(const char *xml)
{
	struct troth_stanza *stanza = NULL;
	assert_ok(troth_element_parse(&stanza, troth_slice_str(xml)));
	return stanza;
}

/* The first `from` is `to`; the caller frees. */
static inline char *replace(const char *text, const char *from, const char *to)
{
	char *changed = NULL;
	const char *at = strstr(text, from);
	assert_non_null(at);
	assert_true(asprintf(&changed, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from)) >
		    0);
	return changed;
}

#endif
