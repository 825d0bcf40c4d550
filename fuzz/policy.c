/* SPDX-License-Identifier: MIT */
/* Fuzzes policies: each is read whole or has an error with a place inside it and a sentence. */
#include "trust/policy.h"
#include "base/slice.h"
#include "need.h"

#include <troth/err.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_ca(const struct troth_policy_ca *ca)
{
	need(ca->file_count > 0 && ca->jid_count > 0 && ca->name[0] != 0);
	need((ca->identity == TROTH_POLICY_MAPPED) == (ca->map_count > 0));
	for (size_t i = 0; i < ca->subject_count; i++)
		need(ca->subjects[i].pattern != NULL);
	for (size_t i = 0; i < ca->map_count; i++)
		need(ca->maps[i].subject != NULL && ca->maps[i].jid[0] != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct troth_policy *policy;
	struct troth_policy_problem problem;
	if (troth_policy_read(&policy, troth_slice_of(data, size), &problem) != TROTH_OK) {
		need(problem.line > 0 && problem.line <= size + 1);
		need(problem.column > 0 && problem.column <= size + 1);
		need(problem.text[0] != 0);
		return 0;
	}
	for (size_t i = 0; i < policy->ca_count; i++)
		check_ca(&policy->cas[i]);
	troth_policy_free(policy);
	return 0;
}
