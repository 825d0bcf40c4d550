/* SPDX-License-Identifier: MIT */
/* What the two files that read a policy share. Layer: trust. */
#ifndef TROTH_TRUST_POLICY_READ_H
#define TROTH_TRUST_POLICY_READ_H

#include "base/limits.h"
#include "trust/policy.h"

struct troth_policy_word {
	const char *at;   /* where it begins in its line, with its quotation mark */
	const char *text; /* without */
};

struct troth_policy_reader {
	struct troth_policy *policy;
	struct troth_policy_problem *problem;
	unsigned line;
	const char *line_start;
	struct troth_policy_word words[TROTH_LIMIT_POLICY_WORDS]; /* of this line */
	size_t word_count;
};

/* Effect: notes the sentence for that place in this line; returns TROTH_E_FORMAT. */
int troth_policy_complain(struct troth_policy_reader *r, const char *at,
			  const char *text) TROTH_MUST_USE;

/* policy_keywords.c. Effect: takes the line that was split into words. */
int troth_policy_keyword(struct troth_policy_reader *r) TROTH_MUST_USE;
/* Effect: looks whether the section that ends here is complete; fine without one. */
int troth_policy_end_section(struct troth_policy_reader *r) TROTH_MUST_USE;

#endif
