/* SPDX-License-Identifier: MIT */
/* Which action is legal when, and from whom. Layer: jingle. */
#include "jingle/action.h"

#include <string.h>
#include <troth/err.h>

static const char *const names[] = {
#define NAME(symbol, name) [TROTH_JINGLE_ACTION_##symbol] = (name),
	TROTH_JINGLE_ACTIONS(NAME)
#undef NAME
};

#define COUNT(array) (sizeof(array) / sizeof *(array))
_Static_assert(COUNT(names) == TROTH_JINGLE_ACTION_COUNT, "all actions are counted");

const char *troth_jingle_action_name(enum troth_jingle_action action)
{
	return names[action];
}

int troth_jingle_action_read(enum troth_jingle_action *out, const char *name)
{
	for (size_t i = 0; name != NULL && i < COUNT(names); i++) {
		if (strcmp(names[i], name) == 0) {
			*out = (enum troth_jingle_action)i;
			return TROTH_OK;
		}
	}
	return TROTH_E_NOT_FOUND;
}

#define TAKE TROTH_JINGLE_TAKE
#define VOID TROTH_JINGLE_VOID
#define REJECT TROTH_JINGLE_REJECT
#define ORDER TROTH_JINGLE_ORDER
#define TIE TROTH_JINGLE_TIE
#define INFO TROTH_JINGLE_INFO
#define NO_FEATURE TROTH_JINGLE_NO_FEATURE

/*
 * Who sends stands in brackets. Where the table differs from XEP-0166's diagram it is for what is
 * never negotiated here:
 *   - there is one content, an XML stream in both directions. So nothing is added (7.2.2: "if
 *     not, it MUST send a content-reject"), and none of ours waits to be accepted;
 *   - a transport is replaced only once the session is accepted (7.2.15: "if not, it MUST send a
 *     transport-reject");
 *   - XTLS's security-info is the initiator's choice, after the acceptance.
 * 7.2.16: "the action sent by the initiator MUST overrule the action sent by the responder".
 */
#define SAME(v)                                                                                    \
	{                                                                                          \
		v, v, v, v, v, v                                                                   \
	}
/* clang-format off */
static const enum troth_jingle_verdict
table[TROTH_JINGLE_ACTION_COUNT][TROTH_JINGLE_PHASE_COUNT] = {
	[TROTH_JINGLE_ACTION_CONTENT_ACCEPT] = SAME(ORDER),
	[TROTH_JINGLE_ACTION_CONTENT_ADD] = SAME(REJECT),
	[TROTH_JINGLE_ACTION_CONTENT_MODIFY] = SAME(NO_FEATURE),
	[TROTH_JINGLE_ACTION_CONTENT_REJECT] = SAME(ORDER),
	[TROTH_JINGLE_ACTION_CONTENT_REMOVE] = SAME(TAKE),
	[TROTH_JINGLE_ACTION_DESCRIPTION_INFO] = SAME(INFO),
	[TROTH_JINGLE_ACTION_SESSION_INFO] = SAME(TAKE),
	[TROTH_JINGLE_ACTION_SESSION_TERMINATE] = SAME(TAKE),
	/*                                       pending(caller, answerer) active     replacing */
	[TROTH_JINGLE_ACTION_SECURITY_INFO] =     {ORDER,  ORDER,  TAKE,  ORDER,  TAKE,  ORDER},
	[TROTH_JINGLE_ACTION_SESSION_ACCEPT] =    {ORDER,  TAKE,   ORDER, ORDER,  ORDER, ORDER},
	/* One by the answerer that happens to have the name of ours is a tie: 7.2.16. */
	[TROTH_JINGLE_ACTION_SESSION_INITIATE] =  {ORDER,  TAKE,   ORDER, ORDER,  ORDER, ORDER},
	[TROTH_JINGLE_ACTION_TRANSPORT_ACCEPT] =  {ORDER,  ORDER,  ORDER, ORDER,  TAKE,  TAKE},
	[TROTH_JINGLE_ACTION_TRANSPORT_INFO] =    {TAKE,   TAKE,   TAKE,  TAKE,   VOID,  VOID},
	[TROTH_JINGLE_ACTION_TRANSPORT_REJECT] =  {ORDER,  ORDER,  ORDER, ORDER,  TAKE,  TAKE},
	[TROTH_JINGLE_ACTION_TRANSPORT_REPLACE] = {REJECT, REJECT, TAKE,  TAKE,   TAKE,  TIE},
};
/* clang-format on */

enum troth_jingle_verdict troth_jingle_action_verdict(enum troth_jingle_action action,
						      enum troth_jingle_phase phase)
{
	return table[action][phase];
}
