/* SPDX-License-Identifier: MIT */
/* Links, by RFC 5122 and RFC 3986. Layer: cli. */
#include "cli/meet/uri.h"

#include "base/encode.h"
#include "base/slice.h"

#include <sodium.h>
#include <strings.h>
#include <troth/err.h>

#define SCHEME "xmpp:"
#define SCHEME_LEN 5
#define QUERY "troth-pair"

void troth_uri_fini(struct troth_uri *uri)
{
	sodium_memzero(uri, sizeof *uri);
}

bool troth_uri_is(struct troth_slice text)
{
	return text.len > SCHEME_LEN &&
	       strncasecmp((const char *)text.data, SCHEME, SCHEME_LEN) == 0;
}

/* ---- percent-encoding (RFC 3986 2.1) ---- */

static bool stays(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != 0 && strchr("-._~@", c) != NULL);
}

static int encode(struct troth_buf *out, const char *text)
{
	static const char digits[] = "0123456789ABCDEF";
	int err = TROTH_OK;
	for (const uint8_t *c = (const uint8_t *)text; *c != 0 && err == TROTH_OK; c++) {
		const char escaped[] = {'%', digits[*c >> 4], digits[*c & 15]};
		err = stays(*c) ? troth_buf_append_byte(out, *c)
				: troth_buf_append(out, escaped, sizeof escaped);
	}
	return err;
}

static int digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Effect: with its end. A NUL, a control character or half an escape is none of ours. */
static int decode(char *out, size_t size, struct troth_slice text)
{
	size_t len = 0;
	for (size_t i = 0; i < text.len; i++) {
		int c = text.data[i];
		if (c == '%') {
			bool whole = text.len - i > 2;
			int high = whole ? digit(text.data[i + 1]) : -1;
			int low = whole ? digit(text.data[i + 2]) : -1;
			if (high < 0 || low < 0)
				return TROTH_E_FORMAT;
			c = high << 4 | low;
			i += 2;
		}
		if (c < 0x20 || c == 0x7f)
			return TROTH_E_FORMAT;
		if (len + 1 >= size)
			return TROTH_E_LIMIT;
		out[len++] = (char)c;
	}
	out[len] = 0;
	return len > 0 ? TROTH_OK : TROTH_E_FORMAT;
}

/* ---- reading ---- */

static struct troth_slice until(struct troth_slice *rest, char end)
{
	const uint8_t *at = rest->len > 0 ? memchr(rest->data, end, rest->len) : NULL;
	struct troth_slice part = *rest;
	if (at == NULL) {
		*rest = troth_slice_of(NULL, 0);
		return part;
	}
	part.len = (size_t)(at - rest->data);
	*rest = troth_slice_of(at + 1, rest->len - part.len - 1);
	return part;
}

static int read_pin(struct troth_uri *out, struct troth_slice value)
{
	if (value.len != 2 * sizeof out->pin.bytes)
		return TROTH_E_FORMAT;
	for (size_t i = 0; i < sizeof out->pin.bytes; i++) {
		int high = digit(value.data[2 * i]), low = digit(value.data[2 * i + 1]);
		if (high < 0 || low < 0)
			return TROTH_E_FORMAT;
		out->pin.bytes[i] = (uint8_t)(high << 4 | low);
	}
	out->has_pin = true;
	return TROTH_OK;
}

/* Effect: one "key=value". */
static int read_pair(struct troth_uri *out, struct troth_slice pair)
{
	struct troth_slice value = pair;
	struct troth_slice key = until(&value, '=');
	if (troth_slice_equal(key, troth_slice_str("pin")))
		return out->has_pin ? TROTH_E_FORMAT : read_pin(out, value);
	if (troth_slice_equal(key, troth_slice_str("secret")))
		return *out->secret ? TROTH_E_FORMAT
				    : decode(out->secret, sizeof out->secret, value);
	if (troth_slice_equal(key, troth_slice_str("name")))
		return *out->name ? TROTH_E_FORMAT : decode(out->name, sizeof out->name, value);
	return TROTH_OK;
}

static int read_all(struct troth_uri *out, struct troth_slice rest)
{
	bool on_link = false;
	struct troth_slice path = until(&rest, '?');
	struct troth_slice query = until(&rest, ';');
	if (!troth_slice_equal(query, troth_slice_str(QUERY)))
		return TROTH_E_FORMAT;
	int err = TROTH_OK;
	while (rest.len > 0 && err == TROTH_OK) {
		struct troth_slice pair = until(&rest, ';');
		if (troth_slice_equal(pair, troth_slice_str("realm=link")))
			on_link = true;
		else
			err = read_pair(out, pair);
	}
	if (err != TROTH_OK)
		return err;
	if (on_link && *out->name)
		return TROTH_E_FORMAT;
	return on_link ? decode(out->name, sizeof out->name, path)
		       : decode(out->jid, sizeof out->jid, path);
}

int troth_uri_read(struct troth_uri *out, struct troth_slice text)
{
	struct troth_uri uri = {.jid = ""};
	if (text.len > TROTH_URI_MAX)
		return TROTH_E_LIMIT;
	if (!troth_uri_is(text) || memchr(text.data, '#', text.len) != NULL)
		return TROTH_E_FORMAT;
	struct troth_slice rest = troth_slice_of(text.data + SCHEME_LEN, text.len - SCHEME_LEN);
	/* RFC 5122 2.2: "//" begins the account to be used, which isn't a link's to say. */
	int err = rest.data[0] == '/' ? TROTH_E_FORMAT : read_all(&uri, rest);
	if (err == TROTH_OK)
		*out = uri;
	troth_uri_fini(&uri);
	return err;
}

/* ---- writing ---- */

static int add(struct troth_buf *out, const char *key, const char *value)
{
	if (*value == 0)
		return TROTH_OK;
	int err = troth_buf_append_str(out, key);
	return err == TROTH_OK ? encode(out, value) : err;
}

int troth_uri_write(const struct troth_uri *uri, struct troth_buf *out)
{
	char pin[2 * sizeof uri->pin.bytes + 1];
	bool account = *uri->jid != 0;
	if (!account && *uri->name == 0)
		return TROTH_E_INVAL;
	troth_hex(pin, troth_slice_of(uri->pin.bytes, sizeof uri->pin.bytes));
	int err = add(out, SCHEME, account ? uri->jid : uri->name);
	if (err == TROTH_OK)
		err = troth_buf_append_str(out, account ? "?" QUERY : "?" QUERY ";realm=link");
	if (err == TROTH_OK && account)
		err = add(out, ";name=", uri->name);
	if (err == TROTH_OK)
		err = add(out, ";secret=", uri->secret);
	return err == TROTH_OK && uri->has_pin ? add(out, ";pin=", pin) : err;
}
