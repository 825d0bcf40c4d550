/* SPDX-License-Identifier: MIT */
/* Labels for new contacts, and for strangers. Layer: session. Pure. */
#include "session/label.h"

#include "base/slice.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <troth/err.h>

#define LABEL_CHARS 24 /* of a nickname: what somebody can type */
#define SHOWN_CHARS 60 /* of an address */

/* Letters, digits and everything beyond ASCII that troth_text_clean lets through. */
static bool usable(unsigned char c)
{
	return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || c == '.' || c == '_';
}

/* Effect: what isn't usable becomes one '-' between what is. Returns the length. */
static size_t squeeze(char *text)
{
	size_t to = 0;
	bool gap = false;
	for (const char *from = text; *from != 0; from++) {
		if (!usable((unsigned char)*from)) {
			gap = to > 0;
			continue;
		}
		if (gap)
			text[to++] = '-';
		gap = false;
		text[to++] = *from;
	}
	text[to] = 0;
	return to;
}

/* Effect: cuts at a character so that max bytes remain. */
static void cut(char *text, size_t max)
{
	size_t len = strlen(text);
	if (len <= max)
		return;
	len = max;
	while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
		len--;
	text[len] = 0;
}

/* Effect: the nickname as a label; false when nothing of it is usable. */
static bool from_nick(char *out, size_t size, const char *nick)
{
	static const char unknown[] = "\xef\xbf\xbd"; /* U+FFFD: what couldn't be read */
	struct troth_buf clean;
	const char *text;
	troth_buf_init(&clean, 4096);
	bool made = troth_text_clean(&clean, troth_slice_str(nick), TROTH_TEXT_ONE_LINE,
				     LABEL_CHARS) == TROTH_OK &&
		    troth_buf_cstr(&clean, &text) == TROTH_OK && strstr(text, unknown) == NULL;
	if (made) {
		(void)snprintf(out, size, "%s", text);
		cut(out, size - 1);
		made = squeeze(out) > 0;
	}
	troth_buf_fini(&clean);
	return made;
}

void troth_label_make(char out[TROTH_STORE_LABEL_MAX + 1], const char *nick,
		      const struct troth_pin *pin, unsigned attempt)
{
	char base[TROTH_STORE_LABEL_MAX + 1 - 4]; /* room for "-99" */
	if (nick == NULL || !from_nick(base, sizeof base, nick))
		(void)snprintf(base, sizeof base, "peer-%02x%02x%02x", pin->bytes[0], pin->bytes[1],
			       pin->bytes[2]);
	if (attempt == 0)
		(void)snprintf(out, TROTH_STORE_LABEL_MAX + 1, "%s", base);
	else
		(void)snprintf(out, TROTH_STORE_LABEL_MAX + 1, "%s-%u", base,
			       attempt % TROTH_LABEL_TRIES + 1);
}

void troth_label_shown(char out[TROTH_SHOWN_MAX + 1], const char *address)
{
	struct troth_buf clean;
	const char *text = "";
	troth_buf_init(&clean, 4096);
	if (troth_text_clean(&clean, troth_slice_str(address), TROTH_TEXT_ONE_LINE, SHOWN_CHARS) !=
		    TROTH_OK ||
	    troth_buf_cstr(&clean, &text) != TROTH_OK)
		text = "?";
	(void)snprintf(out, TROTH_SHOWN_MAX + 1, "%s", text);
	cut(out, TROTH_SHOWN_MAX - 1);
	troth_buf_fini(&clean);
	for (char *c = out; *c != 0; c++) {
		if (strchr(" ()[]<>:\"'", *c) != NULL)
			*c = '_';
	}
	if (strchr(out, '@') == NULL)
		(void)strcat(out, "@");
}
