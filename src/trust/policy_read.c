/* SPDX-License-Identifier: MIT */
/*
 * Reads a policy: lines, words, sections. Layer: trust. What a keyword means stands in
 * policy_keywords.c. The first error ends it: half a policy is worse than none.
 */
#include "trust/policy_read.h"

#include "base/limits.h"
#include "base/slice.h"

#include <stdio.h>
#include <stdlib.h>
#include <troth/err.h>
#include <unistr.h>

static unsigned column_of(const struct troth_policy_reader *r, const char *at)
{
	unsigned column = 1;
	for (const char *p = r->line_start; p < at; p++)
		column += ((uint8_t)*p & 0xc0) != 0x80;
	return column;
}

int troth_policy_complain(struct troth_policy_reader *r, const char *at, const char *text)
{
	r->problem->line = r->line;
	r->problem->column = column_of(r, at);
	(void)snprintf(r->problem->text, sizeof r->problem->text, "%s", text);
	return TROTH_E_FORMAT;
}

/* ---- words ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Effect: one word: between quotes everything stands for itself. Ends it with a NUL. */
static int read_word(struct troth_policy_reader *r, char **at, const char *end)
{
	struct troth_policy_word *word = &r->words[r->word_count];
	char *p = *at;
	bool quoted = *p == '"';
	if (r->word_count == TROTH_LIMIT_POLICY_WORDS)
		return troth_policy_complain(r, p, "Those are too many words for one line.");
	word->at = p;
	word->text = quoted ? ++p : p;
	while (p < end && (quoted ? *p != '"' : !is_blank(*p) && *p != '"'))
		p++;
	if (quoted && p == end)
		return troth_policy_complain(r, word->at, "This quotation mark is never closed.");
	if (!quoted && p < end && *p == '"')
		return troth_policy_complain(r, p, "A quotation mark can't stand inside a word.");
	char *after = quoted ? p + 1 : p;
	if (after < end && !is_blank(*after))
		return troth_policy_complain(r, after, "Here a blank is expected.");
	*at = after < end ? after + 1 : after;
	*p = 0;
	r->word_count++;
	return TROTH_OK;
}

static int split(struct troth_policy_reader *r, char *line, char *end)
{
	r->word_count = 0;
	r->line_start = line;
	char *at = line;
	for (;;) {
		while (at < end && is_blank(*at))
			at++;
		if (at >= end || *at == '#')
			return TROTH_OK;
		int err = read_word(r, &at, end);
		if (err != TROTH_OK)
			return err;
	}
}

/* ---- lines ---- */

static int check_characters(struct troth_policy_reader *r, char *line, char *end)
{
	r->line_start = line;
	const uint8_t *bad = u8_check((const uint8_t *)line, (size_t)(end - line));
	if (bad != NULL)
		return troth_policy_complain(r, (const char *)bad, "This isn't UTF-8 text.");
	for (char *p = line; p < end; p++) {
		if (((uint8_t)*p < ' ' && *p != '\t') || *p == 0x7f)
			return troth_policy_complain(r, p, "A control character can't stand here.");
	}
	return TROTH_OK;
}

/* *end is a place that may be overwritten: the line's own end. */
static int read_line(struct troth_policy_reader *r, char *line, char *end)
{
	if (end > line && end[-1] == '\r')
		end--;
	*end = 0;
	int err = check_characters(r, line, end);
	if (err == TROTH_OK)
		err = split(r, line, end);
	if (err != TROTH_OK || r->word_count == 0)
		return err;
	return troth_policy_keyword(r);
}

static int read_lines(struct troth_policy_reader *r, char *text, size_t len)
{
	char *end = text + len;
	for (char *line = text; line < end;) {
		char *lf = memchr(line, '\n', (size_t)(end - line));
		char *line_end = lf != NULL ? lf : end;
		r->line++;
		int err = read_line(r, line, line_end);
		if (err != TROTH_OK)
			return err;
		line = line_end + 1;
	}
	return troth_policy_end_section(r);
}

int troth_policy_read(struct troth_policy **out, struct troth_slice text,
		      struct troth_policy_problem *problem)
{
	struct troth_policy_reader r = {.problem = problem};
	*problem = (struct troth_policy_problem){.line = 1, .column = 1};
	if (text.len > TROTH_LIMIT_POLICY_BYTES) {
		(void)snprintf(problem->text, sizeof problem->text, "A policy has at most %zu KiB.",
			       TROTH_LIMIT_POLICY_BYTES / 1024);
		return TROTH_E_LIMIT;
	}
	char *copy = malloc(text.len + 1);
	r.policy = calloc(1, sizeof *r.policy);
	int err = copy == NULL || r.policy == NULL ? TROTH_E_NOMEM : TROTH_OK;
	if (err == TROTH_OK) {
		if (text.len > 0)
			memcpy(copy, text.data, text.len);
		copy[text.len] = 0;
		for (size_t i = 0; i < TROTH_POLICY_USES; i++)
			r.policy->least[i] = TROTH_LEVEL_VERIFIED;
		r.policy->openpgp = TROTH_BELIEF_FULL;
		r.policy->introducers = 1;
		err = read_lines(&r, copy, text.len);
	}
	free(copy);
	if (err != TROTH_OK) {
		troth_policy_free(r.policy);
		return err;
	}
	*out = r.policy;
	return TROTH_OK;
}
