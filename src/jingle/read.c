/* SPDX-License-Identifier: MIT */
/* Reading <jingle/>. Layer: jingle. */
#include "jingle/read.h"

#include "base/encode.h"
#include "base/slice.h"
#include "jingle/candidate.h"
#include "xml/namespace.h"

#include <troth/err.h>

bool troth_jingle_is_text(const char *text)
{
	return text != NULL && text[0] != 0 && strlen(text) <= TROTH_LIMIT_JINGLE_TEXT;
}

bool troth_jingle_number(uint32_t *out, const char *text, uint32_t max)
{
	uint64_t value = 0;
	if (text == NULL || text[0] == 0 || strlen(text) > 10)
		return false;
	for (; *text != 0; text++) {
		if (*text < '0' || *text > '9')
			return false;
		value = value * 10 + (uint64_t)(*text - '0');
	}
	if (value == 0 || value > max)
		return false;
	*out = (uint32_t)value;
	return true;
}

const struct troth_element *troth_jingle_element(const struct troth_element *iq)
{
	const struct troth_element *e = troth_element_child(iq, TROTH_NS_JINGLE, "jingle");
	return e != NULL ? e : troth_element_child(iq, TROTH_NS_JINGLE_0, "jingle");
}

static bool is_value(const char *given, const char *fallback, const char *wanted)
{
	return strcmp(given == NULL ? fallback : given, wanted) == 0;
}

static int read_s5b(struct troth_jingle_transport_read *out, const struct troth_element *e)
{
	uint8_t digest[TROTH_SHA1_LEN];
	out->kind = TROTH_JINGLE_SOCKS5;
	if (!is_value(troth_element_attr(e, "mode"), "tcp", "tcp"))
		return TROTH_E_UNSUPPORTED;
	out->dstaddr = troth_element_attr(e, "dstaddr");
	if (out->dstaddr != NULL && troth_unhex(digest, sizeof digest, out->dstaddr) != TROTH_OK)
		return TROTH_E_FORMAT;
	return TROTH_OK;
}

static int read_ibb(struct troth_jingle_transport_read *out, const struct troth_element *e)
{
	uint32_t block;
	out->kind = TROTH_JINGLE_IBB;
	out->old = troth_element_is(e, TROTH_NS_JINGLE_IBB_0, NULL);
	if (!troth_jingle_number(&block, troth_element_attr(e, "block-size"), UINT16_MAX))
		return TROTH_E_FORMAT;
	/* XEP-0261: a value of "message" says how the peer's data comes, and that is read as well;
	 * ours goes as our own word for it says. */
	const char *stanza = troth_element_attr(e, "stanza");
	if (block < TROTH_LIMIT_IBB_BLOCK_LEAST ||
	    (!is_value(stanza, "iq", "iq") && !is_value(stanza, "iq", "message")))
		return TROTH_E_UNSUPPORTED;
	out->block_size = (uint16_t)block;
	return TROTH_OK;
}

int troth_jingle_read_transport(struct troth_jingle_transport_read *out,
				const struct troth_element *transport)
{
	struct troth_jingle_transport_read t = {
		.element = transport,
		.sid = troth_element_attr(transport, "sid"),
	};
	int err = TROTH_E_UNSUPPORTED;
	if (transport == NULL)
		return TROTH_E_FORMAT;
	const bool s5b = troth_element_is(transport, TROTH_NS_JINGLE_S5B, "transport");
	const bool ibb = troth_element_is(transport, TROTH_NS_JINGLE_IBB, "transport") ||
			 troth_element_is(transport, TROTH_NS_JINGLE_IBB_0, "transport");
	if ((s5b || ibb) && !troth_jingle_is_text(t.sid))
		return TROTH_E_FORMAT;
	if (s5b)
		err = read_s5b(&t, transport);
	else if (ibb)
		err = read_ibb(&t, transport);
	if (err == TROTH_OK)
		*out = t;
	return err;
}

bool troth_jingle_read_security(struct troth_jingle_security *out,
				const struct troth_element *content)
{
	const struct troth_element *e = troth_element_child(content, TROTH_NS_XTLS, "security");
	const struct troth_element *fingerprint =
		troth_element_child(e, TROTH_NS_XTLS, "fingerprint");
	struct troth_jingle_security security = {0};
	if (e == NULL)
		return false;
	if (troth_jingle_is_text(troth_element_text(fingerprint)))
		security.fingerprint = troth_element_text(fingerprint);
	for (e = troth_element_first(e); e != NULL; e = troth_element_next(e)) {
		const char *name = troth_element_attr(e, "name");
		if (!troth_element_is(e, TROTH_NS_XTLS, "method") || name == NULL)
			continue;
		security.x509 = security.x509 || strcmp(name, "x509") == 0;
		security.srp = security.srp || strcmp(name, "srp") == 0;
	}
	*out = security;
	return true;
}

static bool is_content(const struct troth_element *e, const struct troth_element *jingle)
{
	return troth_element_is(e, troth_element_ns(jingle), "content");
}

const struct troth_element *troth_jingle_content_named(const struct troth_element *jingle,
						       const char *name)
{
	const struct troth_element *e = troth_element_first(jingle);
	for (; e != NULL; e = troth_element_next(e)) {
		const char *given = troth_element_attr(e, "name");
		if (is_content(e, jingle) && given != NULL && strcmp(given, name) == 0 &&
		    is_value(troth_element_attr(e, "creator"), "initiator", "initiator"))
			return e;
	}
	return NULL;
}

/* The one method of a content: whatever its namespace, it is called <transport/>. */
static const struct troth_element *child_called(const struct troth_element *e, const char *name)
{
	return troth_element_child(e, NULL, name);
}

static int read_one(struct troth_jingle_content *out, const struct troth_element *e,
		    enum troth_jingle_reason *why)
{
	const struct troth_element *description = child_called(e, "description");
	struct troth_jingle_content content = {.name = troth_element_attr(e, "name")};
	/* XEP-0166 7.2.10: "the value of the <content/> element's 'disposition' attribute MUST
	 * be 'session'" */
	if (description == NULL || child_called(e, "transport") == NULL ||
	    !troth_jingle_is_text(content.name) ||
	    !is_value(troth_element_attr(e, "creator"), "initiator", "initiator") ||
	    !is_value(troth_element_attr(e, "disposition"), "session", "session"))
		return TROTH_E_FORMAT;
	*why = TROTH_JINGLE_REASON_UNSUPPORTED_APPLICATIONS;
	if (!troth_element_is(description, TROTH_NS_XMLSTREAM, NULL))
		return TROTH_E_UNSUPPORTED;
	*why = TROTH_JINGLE_REASON_INCOMPATIBLE_PARAMETERS;
	if (!is_value(troth_element_attr(e, "senders"), "both", "both"))
		return TROTH_E_UNSUPPORTED;
	*why = TROTH_JINGLE_REASON_UNSUPPORTED_TRANSPORTS;
	int err = troth_jingle_read_transport(&content.transport, child_called(e, "transport"));
	content.hints = troth_element_child(description, TROTH_NS_TROTH, "hints");
	content.has_security = troth_jingle_read_security(&content.security, e);
	if (err == TROTH_OK)
		*out = content;
	return err;
}

int troth_jingle_read_content(struct troth_jingle_content *out, const struct troth_element *jingle,
			      const char *name, enum troth_jingle_reason *why)
{
	const struct troth_element *e = troth_element_first(jingle);
	struct troth_jingle_content found = {0};
	size_t count = 0;
	enum troth_jingle_reason reason = TROTH_JINGLE_REASON_GENERAL_ERROR;
	for (; e != NULL; e = troth_element_next(e)) {
		struct troth_jingle_content content;
		if (!is_content(e, jingle))
			continue;
		if (++count > TROTH_LIMIT_JINGLE_CONTENTS)
			return TROTH_E_FORMAT;
		const char *called = troth_element_attr(e, "name");
		if (called == NULL || (name != NULL && strcmp(called, name) != 0))
			return TROTH_E_FORMAT;
		enum troth_jingle_reason this_one;
		int err = read_one(&content, e, &this_one);
		if (err == TROTH_E_FORMAT)
			return err;
		if (err != TROTH_OK)
			reason = this_one;
		else if (found.name == NULL)
			found = content;
	}
	if (count == 0)
		return TROTH_E_FORMAT;
	*why = reason;
	if (found.name == NULL)
		return TROTH_E_UNSUPPORTED;
	/* A session of which only a part can be had isn't had. */
	*why = TROTH_JINGLE_REASON_UNSUPPORTED_APPLICATIONS;
	for (e = troth_element_first(jingle); e != NULL; e = troth_element_next(e))
		if (is_content(e, jingle) && strcmp(troth_element_attr(e, "name"), found.name) != 0)
			return TROTH_E_UNSUPPORTED;
	*out = found;
	return TROTH_OK;
}

static const char *const reasons[] = {
#define REASON(symbol, name) [TROTH_JINGLE_REASON_##symbol] = (name),
	TROTH_JINGLE_REASONS(REASON)
#undef REASON
};

const char *troth_jingle_reason_name(enum troth_jingle_reason reason)
{
	return reasons[reason];
}

enum troth_jingle_reason troth_jingle_read_reason(const struct troth_element *jingle)
{
	const char *ns = troth_element_ns(jingle);
	const struct troth_element *e = troth_element_child(jingle, ns, "reason");
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (troth_element_child(e, ns, reasons[i]) != NULL)
			return (enum troth_jingle_reason)i;
	return TROTH_JINGLE_REASON_GENERAL_ERROR;
}

const char *troth_jingle_read_alternative(const struct troth_element *jingle)
{
	const char *ns = troth_element_ns(jingle);
	const struct troth_element *e = troth_element_child(jingle, ns, "reason");
	e = troth_element_child(e, ns, "alternative-session");
	e = troth_element_child(e, ns, "sid");
	return e == NULL ? NULL : troth_element_text(e);
}
