/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes the XML reader: what it makes of some bytes must not depend on how they were
 * cut, and what it accepts must come through the writer unchanged. The first byte
 * chooses the cut, the rest is the stream.
 */
#include "../tests/xml/transcript.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct troth_xml_limits limits = {4096, 8, 16};

static void compare(struct troth_slice doc, const char *whole, struct cut cut)
{
	char *pieces = transcript_of(doc, &limits, cut);
	if (strcmp(whole, pieces) != 0) {
		fprintf(stderr, "whole:\n%s\ncut at %zu, then every %zu:\n%s\n", whole, cut.first,
			cut.step, pieces);
		abort();
	}
	free(pieces);
}

static char *tree_of(const struct troth_stanza *stanza)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	transcript_need(out != NULL, "memory");
	transcript_element(out, troth_stanza_root(stanza));
	fclose(out);
	return text;
}

/* True and *out written when xml is an element. */
static bool parse(struct troth_stanza **out, struct troth_slice xml)
{
	return troth_element_parse(out, xml) == TROTH_OK;
}

static void round_trip(struct troth_slice doc)
{
	struct troth_stanza *first;
	struct troth_stanza *second = NULL;
	struct troth_buf copy;
	struct troth_writer w;
	if (!parse(&first, doc))
		return;
	/* Elements of the streams namespace need their prefix declared around them. */
	troth_buf_init(&copy, SIZE_MAX);
	transcript_need(troth_buf_append_str(&copy,
					     "<x xmlns:stream='"
					     "http://etherx.jabber.org/streams'>") == TROTH_OK,
			"memory");
	troth_writer_init(&w, &copy, "");
	troth_writer_copy(&w, troth_stanza_root(first));
	int err = troth_writer_finish(&w);
	if (err == TROTH_OK) {
		transcript_need(troth_buf_append_str(&copy, "</x>") == TROTH_OK, "memory");
		transcript_need(parse(&second, troth_buf_slice(&copy)), "a copy can be read");
		char *a = tree_of(first);
		char *b = tree_of(second);
		transcript_need(strstr(b, a) != NULL, "a copy is the same");
		free(a);
		free(b);
		troth_stanza_free(second);
	}
	troth_stanza_free(first);
	troth_buf_fini(&copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Escaping lengthens and one level is added: stay where limits don't differ. */
	if (size < 1 || size > 16384)
		return 0;
	struct troth_slice doc = troth_slice_of(data + 1, size - 1);
	char *whole = transcript_of(doc, &limits, (struct cut){0, SIZE_MAX});
	compare(doc, whole, (struct cut){0, 1});
	compare(doc, whole, (struct cut){data[0], SIZE_MAX});
	compare(doc, whole, (struct cut){data[0] / 16, (size_t)data[0] % 16 + 1});
	free(whole);
	if (size < 2048)
		round_trip(doc);
	return 0;
}
