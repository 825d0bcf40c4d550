/* SPDX-License-Identifier: MIT */
/*
 * The policy file and the files that it names, from disk. Layer: store. What they mean is said
 * by trust/policy.h and trust/authority.h; a file that can't be used is never left out.
 */
#ifndef TROTH_STORE_POLICYFILE_H
#define TROTH_STORE_POLICYFILE_H

#include "trust/authority.h"

#define TROTH_POLICYFILE_NAME "policy"

/* Why a policy can't be used, for people. */
struct troth_policyfile_problem {
	unsigned line; /* of the policy; 0: it isn't about a line */
	unsigned column;
	char text[640]; /* a sentence */
};

/* Effect: reads the policy and everything that it names; relative names begin at the policy's own
 * folder. The caller owns *out. Errors: TROTH_E_NOT_FOUND when there is no such policy;
 * TROTH_E_FORMAT for what is wrong in it or in a file that it names; TROTH_E_IO when others
 * could change it, or reading fails; TROTH_E_LIMIT, TROTH_E_NOMEM. */
int troth_policyfile_load(struct troth_authorities **out, const char *path,
			  struct troth_policyfile_problem *problem) TROTH_MUST_USE;

/* Effect: appends a whole file. Errors: TROTH_E_IO with errno set, TROTH_E_LIMIT, TROTH_E_NOMEM. */
int troth_policyfile_bytes(const char *path, struct troth_buf *out) TROTH_MUST_USE;

#endif
