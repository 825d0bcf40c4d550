/* SPDX-License-Identifier: MIT */
/* The error table made readable. Layer: base. */
#include <troth/err.h>

const char *troth_err_name(int err)
{
	switch (err) {
#define CASE(symbol, value, name, class_, text)                                                    \
	case TROTH_##symbol:                                                                       \
		return name;
		TROTH_ERRORS(CASE)
#undef CASE
	default:
		return "unknown";
	}
}

const char *troth_err_text(int err)
{
	switch (err) {
#define CASE(symbol, value, name, class_, text)                                                    \
	case TROTH_##symbol:                                                                       \
		return text;
		TROTH_ERRORS(CASE)
#undef CASE
	default:
		return "An error that this version doesn't know.";
	}
}

enum troth_err_class troth_err_class(int err)
{
	switch (err) {
#define CASE(symbol, value, name, class_, text)                                                    \
	case TROTH_##symbol:                                                                       \
		return TROTH_CLASS_##class_;
		TROTH_ERRORS(CASE)
#undef CASE
	default:
		return TROTH_CLASS_LOCAL;
	}
}

const char *troth_err_class_name(enum troth_err_class class_)
{
	switch (class_) {
	case TROTH_CLASS_NONE:
		return "none";
	case TROTH_CLASS_LOCAL:
		return "local";
	case TROTH_CLASS_NETWORK:
		return "network";
	case TROTH_CLASS_PEER:
		return "peer";
	case TROTH_CLASS_REFUSED:
		return "refused";
	case TROTH_CLASS_ATTACK:
		return "attack";
	}
	return "none";
}
