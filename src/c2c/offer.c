/* SPDX-License-Identifier: MIT */
/* Offers as XML. Layer: c2c. */
#include "c2c/offer.h"

#include <string.h>
#include <troth/err.h>

/* XEP-0189 2: the name "MUST be written in lower case"; reading is lenient about it. */
static bool read_name(char out[TROTH_NAME_LEN + 1], const char *text)
{
	while (strchr(" \t\r\n", *text) != NULL && *text != 0)
		text++;
	size_t n = strspn(text, "0123456789abcdefABCDEF");
	if (n != TROTH_NAME_LEN || text[n + strspn(text + n, " \t\r\n")] != 0)
		return false;
	for (size_t i = 0; i < n; i++)
		out[i] = (char)(text[i] >= 'A' && text[i] <= 'F' ? text[i] - 'A' + 'a' : text[i]);
	out[n] = 0;
	return true;
}

int troth_offer_add_name(struct troth_offer *offer, const char *name)
{
	if (troth_offer_has_name(offer, name))
		return TROTH_OK;
	if (offer->name_count == TROTH_LIMIT_OFFER_KEYS)
		return TROTH_E_LIMIT;
	memcpy(offer->names[offer->name_count++], name, TROTH_NAME_LEN + 1);
	return TROTH_OK;
}

bool troth_offer_read_name(char out[TROTH_NAME_LEN + 1], const struct troth_element *keyinfo)
{
	const struct troth_element *e = troth_element_child(keyinfo, TROTH_NS_PUBKEY, "name");
	return e != NULL && read_name(out, troth_element_text(e));
}

static int read_keyinfo(struct troth_offer *offer, const struct troth_element *keyinfo)
{
	char name[TROTH_NAME_LEN + 1];
	if (!troth_offer_read_name(name, keyinfo))
		return TROTH_OK;
	return troth_offer_add_name(offer, name);
}

static unsigned read_mark(const struct troth_element *e)
{
	for (const struct troth_mark_row *row = troth_mark_rows(); row->name != NULL; row++) {
		if (!troth_element_is(e, row->ns, row->name))
			continue;
		const char *suite = troth_element_attr(e, "suite");
		if (row->suite != NULL && (suite == NULL || strcmp(suite, row->suite) != 0))
			continue;
		return row->mark;
	}
	return 0;
}

int troth_offer_read(struct troth_offer *out, const struct troth_element *offer)
{
	struct troth_offer read = {0};
	for (const struct troth_element *e = troth_element_first(offer); e != NULL;
	     e = troth_element_next(e)) {
		if (troth_element_is(e, TROTH_NS_PUBKEY, "keyinfo")) {
			int err = read_keyinfo(&read, e);
			if (err != TROTH_OK)
				return err;
		}
		read.marks |= read_mark(e);
	}
	*out = read;
	return TROTH_OK;
}

const char *troth_offer_read_question(const struct troth_element *offer)
{
	const struct troth_element *e = troth_element_child(offer, TROTH_NS_TROTH, "question");
	const char *text = e != NULL ? troth_element_text(e) : "";
	size_t len = strlen(text);
	return len > 0 && len <= TROTH_LIMIT_QUESTION_BYTES ? text : NULL;
}

static void write_keyinfo(struct troth_writer *w, const char *name,
			  const struct troth_offer_own *own)
{
	troth_writer_open(w, TROTH_NS_PUBKEY, "keyinfo");
	troth_writer_leaf(w, TROTH_NS_PUBKEY, "name", name);
	if (own != NULL && strcmp(name, troth_cert_name(own->cert)) == 0)
		troth_offer_proof_write(w, own);
	troth_writer_close(w);
}

void troth_offer_write(struct troth_writer *w, const struct troth_offer *offer,
		       const struct troth_offer_own *own)
{
	troth_writer_open(w, TROTH_NS_C2C, "offer");
	for (size_t i = 0; i < offer->name_count; i++)
		write_keyinfo(w, offer->names[i], own);
	/* "I am endorsed by this key." */
	if (own != NULL && offer->name_count > 0 && own->statements->user_key != NULL)
		write_keyinfo(w, own->statements->user_key, NULL);
	for (const struct troth_mark_row *row = troth_mark_rows(); row->name != NULL; row++) {
		if ((offer->marks & row->mark) == 0)
			continue;
		troth_writer_open(w, row->ns, row->name);
		troth_writer_attr(w, "suite", row->suite);
		troth_writer_close(w);
	}
	if (offer->question != NULL)
		troth_writer_leaf(w, TROTH_NS_TROTH, "question", offer->question);
	troth_writer_close(w);
}

bool troth_offer_has_name(const struct troth_offer *offer, const char *name)
{
	for (size_t i = 0; i < offer->name_count; i++) {
		if (strcmp(offer->names[i], name) == 0)
			return true;
	}
	return false;
}

bool troth_offer_has(const struct troth_offer *offer, enum troth_mark mark)
{
	return (offer->marks & mark) != 0;
}
