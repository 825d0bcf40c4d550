/* SPDX-License-Identifier: MIT */
/*
 * The actions of Jingle, and which of them is legal when and from whom: one table.
 * Layer: jingle. Knows no session.
 */
#ifndef TROTH_JINGLE_ACTION_H
#define TROTH_JINGLE_ACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <troth/bytes.h>

/* X(symbol, name): XEP-0166 7.2, all of them. */
#define TROTH_JINGLE_ACTIONS(X)                                                                    \
	X(CONTENT_ACCEPT, "content-accept")                                                        \
	X(CONTENT_ADD, "content-add")                                                              \
	X(CONTENT_MODIFY, "content-modify")                                                        \
	X(CONTENT_REJECT, "content-reject")                                                        \
	X(CONTENT_REMOVE, "content-remove")                                                        \
	X(DESCRIPTION_INFO, "description-info")                                                    \
	X(SECURITY_INFO, "security-info")                                                          \
	X(SESSION_ACCEPT, "session-accept")                                                        \
	X(SESSION_INFO, "session-info")                                                            \
	X(SESSION_INITIATE, "session-initiate")                                                    \
	X(SESSION_TERMINATE, "session-terminate")                                                  \
	X(TRANSPORT_ACCEPT, "transport-accept")                                                    \
	X(TRANSPORT_INFO, "transport-info")                                                        \
	X(TRANSPORT_REJECT, "transport-reject")                                                    \
	X(TRANSPORT_REPLACE, "transport-replace")

enum troth_jingle_action {
#define TROTH_JINGLE_ACTION_ENUM(symbol, name) TROTH_JINGLE_ACTION_##symbol,
	TROTH_JINGLE_ACTIONS(TROTH_JINGLE_ACTION_ENUM)
#undef TROTH_JINGLE_ACTION_ENUM
};
#define TROTH_JINGLE_ACTION_COUNT 15

/* What a session is when something arrives (XEP-0166 5.2), and from whom. ENDED isn't among them:
 * nobody knows such a session. Where we have asked for another transport, the peer is who sends. */
enum troth_jingle_phase {
	TROTH_JINGLE_PENDING_CALLER,   /* initiated, not accepted; the initiator sends */
	TROTH_JINGLE_PENDING_ANSWERER, /* the responder does */
	TROTH_JINGLE_ACTIVE_CALLER,    /* accepted */
	TROTH_JINGLE_ACTIVE_ANSWERER,
	TROTH_JINGLE_REPLACING_CALLER,  /* and the responder's transport-replace isn't answered */
	TROTH_JINGLE_REPLACING_ANSWERER /* the same of the initiator's */
};
#define TROTH_JINGLE_PHASE_COUNT 6

/* What becomes of an action. */
enum troth_jingle_verdict {
	TROTH_JINGLE_TAKE,      /* it is carried out, if it is well formed */
	TROTH_JINGLE_VOID,      /* acknowledged; it crossed with something that made it void */
	TROTH_JINGLE_REJECT,    /* acknowledged, and answered by the action that rejects it */
	TROTH_JINGLE_ORDER,     /* <unexpected-request/>, <out-of-order/> */
	TROTH_JINGLE_TIE,       /* <conflict/>, <tie-break/> */
	TROTH_JINGLE_INFO,      /* <feature-not-implemented/>, <unsupported-info/> */
	TROTH_JINGLE_NO_FEATURE /* <feature-not-implemented/> */
};

const char *troth_jingle_action_name(enum troth_jingle_action action);
/* Errors: TROTH_E_NOT_FOUND for NULL and what is none. */
int troth_jingle_action_read(enum troth_jingle_action *out, const char *name) TROTH_MUST_USE;

enum troth_jingle_verdict troth_jingle_action_verdict(enum troth_jingle_action action,
						      enum troth_jingle_phase phase);

#endif
