/* SPDX-License-Identifier: MIT */
/*
 * Templates of JIDs: `{CN}@grid.example`. Layer: trust. Attributes go into the part before the
 * `@` alone and can't leave it: whatever a CA writes into a name, the domain is the policy's.
 */
#include "trust/policy_map.h"

#include "base/limits.h"
#include "base/slice.h"
#include "keys/dn.h"
#include "keys/dn_type.h"

#include <stdlib.h>
#include <troth/err.h>

/* XEP-0106 3: what an escape stands for. A backslash is escaped only where it would begin one. */
static const struct {
	char character;
	char code[4];
} escapes[] = {
	{' ', "\\20"}, {'"', "\\22"}, {'&', "\\26"}, {'\'', "\\27"}, {'/', "\\2f"},
	{':', "\\3a"}, {'<', "\\3c"}, {'>', "\\3e"}, {'@', "\\40"},  {'\\', "\\5c"},
};
#define ESCAPES (sizeof escapes / sizeof escapes[0])

static bool begins_escape(const char *text)
{
	for (size_t i = 0; i < ESCAPES; i++) {
		if (strncmp(text, escapes[i].code, 3) == 0)
			return true;
	}
	return false;
}

static int append_escaped(struct troth_buf *out, const char *text)
{
	int err = TROTH_OK;
	for (; *text != 0 && err == TROTH_OK; text++) {
		const char *code = NULL;
		for (size_t i = 0; i < ESCAPES; i++) {
			if (*text == escapes[i].character)
				code = escapes[i].code;
		}
		if (*text == '\\' && !begins_escape(text))
			code = NULL;
		err = code != NULL ? troth_buf_append_str(out, code)
				   : troth_buf_append_byte(out, (uint8_t)*text);
	}
	return err;
}

/* Where attributes come from: a name, or none, for checking the form alone. */
static int append_attribute(struct troth_buf *out, const char *type, const X509_NAME *name)
{
	const char *text;
	if (name == NULL)
		return troth_dn_type_known(type) ? troth_buf_append_byte(out, 'x') : TROTH_E_FORMAT;
	struct troth_buf TROTH_CLEANUP(troth_buf_fini) value;
	troth_buf_init(&value, TROTH_LIMIT_DN_VALUE + 1);
	int err = troth_dn_value(&value, name, type);
	if (err == TROTH_OK)
		err = troth_buf_cstr(&value, &text);
	return err == TROTH_OK ? append_escaped(out, text) : err;
}

/* Effect: appends one {TYPE} and moves *at behind it. */
static int fill_one(struct troth_buf *out, const char **at, const X509_NAME *name)
{
	char type[TROTH_DN_TYPE_MAX];
	const char *end = strchr(*at, '}');
	const char *domain = strchr(*at, '@');
	if (end == NULL || domain == NULL || end > domain)
		return TROTH_E_FORMAT;
	size_t len = (size_t)(end - *at) - 1;
	if (len == 0 || len >= sizeof type)
		return TROTH_E_FORMAT;
	memcpy(type, *at + 1, len);
	type[len] = 0;
	*at = end + 1;
	return append_attribute(out, type, name);
}

static int fill(struct troth_buf *out, const char *text, const X509_NAME *name)
{
	int err = TROTH_OK;
	while (*text != 0 && err == TROTH_OK) {
		if (*text == '{')
			err = fill_one(out, &text, name);
		else if (*text == '}')
			err = TROTH_E_FORMAT;
		else
			err = troth_buf_append_byte(out, (uint8_t)*text++);
	}
	return err;
}

static int make(const char *text, const X509_NAME *name, struct troth_address **out)
{
	const char *jid;
	struct troth_buf TROTH_CLEANUP(troth_buf_fini) filled;
	troth_buf_init(&filled, 3 * (TROTH_LIMIT_JID_PART + 8));
	int err = fill(&filled, text, name);
	if (err == TROTH_OK)
		err = troth_buf_cstr(&filled, &jid);
	return err == TROTH_OK ? troth_address_new(out, TROTH_REALM_SERVER, jid) : err;
}

int troth_policy_map_check(const char *text, const char **why)
{
	struct troth_address *jid;
	*why = "Attributes stand in braces and before the `@`: `{CN}@example.com`.";
	int err = make(text, NULL, &jid);
	if (err == TROTH_E_NOMEM)
		return err;
	if (err != TROTH_OK)
		return TROTH_E_FORMAT;
	bool bare = troth_address_resource(jid) == NULL;
	troth_address_free(jid);
	*why = "Addresses stand here without a resource.";
	return bare ? TROTH_OK : TROTH_E_FORMAT;
}

int troth_policy_map_apply(const char *text, const X509_NAME *name, struct troth_address **out)
{
	int err = make(text, name, out);
	return err == TROTH_OK || err == TROTH_E_NOMEM ? err : TROTH_E_NOT_FOUND;
}
