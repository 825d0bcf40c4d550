/* SPDX-License-Identifier: MIT */
/*
 * Every error of the library: a negative number, a name, a sentence and a class.
 * Functions return 0 for success and one of these otherwise.
 */
#ifndef TROTH_ERR_H
#define TROTH_ERR_H

#include <troth/api.h>

TROTH_API_BEGIN

/* Whose fault, and so what the caller should do about it. */
enum troth_err_class {
	TROTH_CLASS_NONE,    /* success */
	TROTH_CLASS_LOCAL,   /* this machine: memory, disk, a wrong call */
	TROTH_CLASS_NETWORK, /* the line: cut, timed out; trying again may help */
	TROTH_CLASS_PEER,    /* the peer's doing, without ill will needed to explain it */
	TROTH_CLASS_REFUSED, /* a user or a policy, here or there, said no */
	TROTH_CLASS_ATTACK   /* explained best by somebody in the middle */
};

/* X(symbol, value, name, class, sentence) */
#define TROTH_ERRORS(X)                                                                            \
	X(OK, 0, "ok", NONE, "Success.")                                                           \
	X(E_NOMEM, -1, "no-memory", LOCAL, "Out of memory.")                                       \
	X(E_INVAL, -2, "invalid-call", LOCAL,                                                      \
	  "The function was called in a way it doesn't allow.")                                    \
	X(E_CRYPTO, -3, "crypto", LOCAL, "The cryptographic library failed.")                      \
	X(E_IO, -4, "io", LOCAL, "Reading or writing failed.")                                     \
	X(E_STORE, -5, "store", LOCAL, "The trust store failed.")                                  \
	X(E_NOT_FOUND, -6, "not-found", LOCAL, "No such thing.")                                   \
	X(E_EXISTS, -7, "exists", LOCAL, "It exists already.")                                     \
	X(E_CONFLICT, -8, "conflict", LOCAL, "It belongs to another contact.")                     \
	X(E_PASSPHRASE, -9, "passphrase", LOCAL, "The passphrase is wrong or missing.")            \
	X(E_FORMAT, -10, "format", LOCAL, "The text or file isn't in the expected form.")          \
	X(E_UNSUPPORTED, -11, "unsupported", LOCAL, "This build or machine can't do that.")        \
	X(E_BUSY, -12, "busy", LOCAL, "Somebody else is using it; try again.")                     \
	X(E_KEY, -13, "own-key", LOCAL,                                                            \
	  "The key is kept elsewhere, as on a token, and couldn't be used.")                       \
	X(E_TRUNCATED, -20, "truncated", NETWORK, "The line was cut before the stream had ended.") \
	X(E_TIMEOUT, -21, "timeout", NETWORK, "The peer didn't answer in time.")                   \
	X(E_UNREACHABLE, -22, "unreachable", NETWORK, "The peer can't be reached.")                \
	X(E_LIMIT, -30, "limit", PEER, "More than is allowed was sent.")                           \
	X(E_XML, -31, "xml", PEER, "What arrived isn't the XML that XMPP allows.")                 \
	X(E_PROTOCOL, -32, "protocol", PEER, "The peer broke the protocol.")                       \
	X(E_TLS, -33, "tls", PEER, "The TLS handshake or session failed.")                         \
	X(E_CERT, -34, "certificate", PEER, "The peer's certificate can't be used.")               \
	X(E_NO_TLS, -35, "no-tls", PEER, "The peer offers no encryption.")                         \
	X(E_NO_METHOD, -36, "no-method", PEER, "No proof of identity that both sides can check.")  \
	X(E_PEER_ERROR, -37, "peer-error", PEER, "The peer ended the stream with an error.")       \
	X(E_ADDRESS, -38, "address", PEER, "The peer gave an address that isn't its own.")         \
	X(E_SELF, -39, "self", PEER, "The peer is, or pretends to be, this very device.")          \
	X(E_SECRET, -40, "wrong-secret", REFUSED, "The two secrets differ.")                       \
	X(E_BUDGET, -41, "budget", REFUSED, "Too many wrong guesses; the secret is locked.")       \
	X(E_REFUSED, -42, "refused", REFUSED, "Refused on this side.")                             \
	X(E_PEER_REFUSED, -43, "peer-refused", REFUSED, "The other side refused.")                 \
	X(E_FLOOR, -44, "floor", REFUSED, "Less proof was offered than this contact requires.")    \
	X(E_KEY_CHANGED, -45, "key-changed", ATTACK,                                               \
	  "The peer doesn't show the key it is known by.")                                         \
	X(E_DOWNGRADE, -46, "downgrade", ATTACK, "The offers were changed on the way.")            \
	X(E_REVOKED, -47, "revoked", ATTACK, "The peer's key has been revoked.")                   \
	X(E_RELAY, -48, "relay", ATTACK, "This stream is a copy of another one of ours.")          \
	X(E_EXPIRED, -49, "expired", REFUSED, "The peer's certificate has expired.")               \
	X(E_MISMATCH, -50, "mismatch", ATTACK, "The two sides saw different strings.")

enum troth_err {
#define TROTH_ERR_ENUM(symbol, value, name, class_, text) TROTH_##symbol = (value),
	TROTH_ERRORS(TROTH_ERR_ENUM)
#undef TROTH_ERR_ENUM
};

/* Each takes any int; unknown values are described as such. Static strings. */
const char *troth_err_name(int err);
const char *troth_err_text(int err);
enum troth_err_class troth_err_class(int err);
const char *troth_err_class_name(enum troth_err_class class_);

TROTH_API_END

#endif
