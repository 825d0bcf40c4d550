/* SPDX-License-Identifier: MIT */
/* Stream errors (RFC 6120 4.9) and stanza errors (8.3): written and read. Layer: xmpp. */
#ifndef TROTH_XMPP_ERROR_H
#define TROTH_XMPP_ERROR_H

#include "xml/namespace.h"

#include <troth/xml.h>

/* X(symbol, name): RFC 6120 4.9.3, all of them. */
#define TROTH_STREAM_ERRORS(X)                                                                     \
	X(UNDEFINED_CONDITION, "undefined-condition")                                              \
	X(BAD_FORMAT, "bad-format")                                                                \
	X(BAD_NAMESPACE_PREFIX, "bad-namespace-prefix")                                            \
	X(CONFLICT, "conflict")                                                                    \
	X(CONNECTION_TIMEOUT, "connection-timeout")                                                \
	X(HOST_GONE, "host-gone")                                                                  \
	X(HOST_UNKNOWN, "host-unknown")                                                            \
	X(IMPROPER_ADDRESSING, "improper-addressing")                                              \
	X(INTERNAL_SERVER_ERROR, "internal-server-error")                                          \
	X(INVALID_FROM, "invalid-from")                                                            \
	X(INVALID_NAMESPACE, "invalid-namespace")                                                  \
	X(INVALID_XML, "invalid-xml")                                                              \
	X(NOT_AUTHORIZED, "not-authorized")                                                        \
	X(NOT_WELL_FORMED, "not-well-formed")                                                      \
	X(POLICY_VIOLATION, "policy-violation")                                                    \
	X(REMOTE_CONNECTION_FAILED, "remote-connection-failed")                                    \
	X(RESET, "reset")                                                                          \
	X(RESOURCE_CONSTRAINT, "resource-constraint")                                              \
	X(RESTRICTED_XML, "restricted-xml")                                                        \
	X(SEE_OTHER_HOST, "see-other-host")                                                        \
	X(SYSTEM_SHUTDOWN, "system-shutdown")                                                      \
	X(UNSUPPORTED_ENCODING, "unsupported-encoding")                                            \
	X(UNSUPPORTED_FEATURE, "unsupported-feature")                                              \
	X(UNSUPPORTED_STANZA_TYPE, "unsupported-stanza-type")                                      \
	X(UNSUPPORTED_VERSION, "unsupported-version")

enum troth_stream_condition {
#define TROTH_STREAM_ERROR_ENUM(symbol, name) TROTH_STREAM_##symbol,
	TROTH_STREAM_ERRORS(TROTH_STREAM_ERROR_ENUM)
#undef TROTH_STREAM_ERROR_ENUM
};

/* X(symbol, name, type): RFC 6120 8.3.3 with the type that it gives. */
#define TROTH_STANZA_ERRORS(X)                                                                     \
	X(UNDEFINED_CONDITION, "undefined-condition", "cancel")                                    \
	X(BAD_REQUEST, "bad-request", "modify")                                                    \
	X(CONFLICT, "conflict", "cancel")                                                          \
	X(FEATURE_NOT_IMPLEMENTED, "feature-not-implemented", "cancel")                            \
	X(FORBIDDEN, "forbidden", "auth")                                                          \
	X(ITEM_NOT_FOUND, "item-not-found", "cancel")                                              \
	X(JID_MALFORMED, "jid-malformed", "modify")                                                \
	X(NOT_ACCEPTABLE, "not-acceptable", "modify")                                              \
	X(NOT_ALLOWED, "not-allowed", "cancel")                                                    \
	X(NOT_AUTHORIZED, "not-authorized", "auth")                                                \
	X(POLICY_VIOLATION, "policy-violation", "modify")                                          \
	X(RECIPIENT_UNAVAILABLE, "recipient-unavailable", "wait")                                  \
	X(RESOURCE_CONSTRAINT, "resource-constraint", "wait")                                      \
	X(SERVICE_UNAVAILABLE, "service-unavailable", "cancel")                                    \
	X(UNEXPECTED_REQUEST, "unexpected-request", "wait")

enum troth_stanza_condition {
#define TROTH_STANZA_ERROR_ENUM(symbol, name, type) TROTH_STANZA_##symbol,
	TROTH_STANZA_ERRORS(TROTH_STANZA_ERROR_ENUM)
#undef TROTH_STANZA_ERROR_ENUM
};

const char *troth_stream_condition_name(enum troth_stream_condition condition);
const char *troth_stanza_condition_name(enum troth_stanza_condition condition);

/* Effect: writes <stream:error/>. reason is the local name of one more child in the
 * namespace urn:xmpp:troth:0, or NULL; a literal. */
void troth_stream_error_write(struct troth_writer *w, enum troth_stream_condition condition,
			      const char *reason);

/* What a peer's error says. Strings are borrowed from the element that was read, and
 * are the peer's words: troth_text_clean before anybody sees them. */
struct troth_stream_error {
	enum troth_stream_condition condition; /* UNDEFINED_CONDITION also for unknown ones */
	const char *reason;                    /* as above, or NULL */
	const char *text;                      /* "" when there is none */
};

/* True and *out written when e is a <stream:error/>. */
bool troth_stream_error_read(struct troth_stream_error *out, const struct troth_element *e);

/* Effect: writes the <error/> child of a stanza. */
void troth_stanza_error_write(struct troth_writer *w, enum troth_stanza_condition condition);

/* Effect: the same with one more child, of the application's own; ns and name outlive the writing.
 */
void troth_stanza_error_write_detail(struct troth_writer *w, enum troth_stanza_condition condition,
				     const char *ns, const char *name);

/* The condition of a stanza of type "error"; UNDEFINED_CONDITION when it has none. */
enum troth_stanza_condition troth_stanza_error_read(const struct troth_element *stanza);

#endif
