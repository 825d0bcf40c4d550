/* SPDX-License-Identifier: MIT */
/* The table of methods, and the words for methods and levels. Layer: c2c. */
#include "c2c/method.h"

#include <stddef.h>

static const struct troth_mark_row rows[] = {
	{TROTH_MARK_PAKE, TROTH_METHOD_PAKE, TROTH_NS_TROTH, "pake", "CPACE-RISTR255-SHA512"},
	{TROTH_MARK_SRP, TROTH_METHOD_SRP, TROTH_NS_C2C, "srp", NULL},
	{TROTH_MARK_SAS, TROTH_METHOD_NONE, TROTH_NS_TROTH, "sas", NULL},
	{TROTH_MARK_INSECURE, TROTH_METHOD_INSECURE, TROTH_NS_C2C, "insecure", NULL},
	{TROTH_MARK_TRANSCRIPT, TROTH_METHOD_NONE, TROTH_NS_TROTH, "transcript", NULL},
	{0, TROTH_METHOD_NONE, NULL, NULL, NULL},
};

const struct troth_mark_row *troth_mark_rows(void)
{
	return rows;
}

unsigned troth_method_mark(enum troth_method method)
{
	for (const struct troth_mark_row *row = rows; row->name != NULL; row++) {
		if (row->method == method && method != TROTH_METHOD_NONE)
			return row->mark;
	}
	return 0;
}

bool troth_method_is_secret(enum troth_method method)
{
	return method == TROTH_METHOD_PAKE || method == TROTH_METHOD_SRP;
}

const char *troth_method_name(enum troth_method method)
{
	switch (method) {
	case TROTH_METHOD_NONE:
		return "none";
	case TROTH_METHOD_KEY:
		return "key";
	case TROTH_METHOD_PAKE:
		return "pake";
	case TROTH_METHOD_SRP:
		return "srp";
	case TROTH_METHOD_INSECURE:
		return "insecure";
	case TROTH_METHOD_PLAIN:
		return "plain";
	}
	return "unknown";
}

const char *troth_level_name(enum troth_level level)
{
	switch (level) {
	case TROTH_LEVEL_PLAIN:
		return "plain";
	case TROTH_LEVEL_UNVERIFIED:
		return "unverified";
	case TROTH_LEVEL_VOUCHED:
		return "vouched";
	case TROTH_LEVEL_VERIFIED:
		return "verified";
	}
	return "unknown";
}

const char *troth_level_text(enum troth_level level)
{
	switch (level) {
	case TROTH_LEVEL_PLAIN:
		return "not encrypted, not authenticated";
	case TROTH_LEVEL_UNVERIFIED:
		return "encrypted, but nobody knows with whom";
	case TROTH_LEVEL_VOUCHED:
		return "encrypted; a contact of yours says who it is";
	case TROTH_LEVEL_VERIFIED:
		return "encrypted and authenticated";
	}
	return "unknown";
}
