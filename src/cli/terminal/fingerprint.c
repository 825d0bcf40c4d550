/* SPDX-License-Identifier: MIT */
/* Pins as text. Layer: cli. */
#include "cli/terminal/fingerprint.h"

#include "base/encode.h"
#include "base/slice.h"

#include <troth/err.h>

#define DIGITS (2 * TROTH_PIN_LEN)
#define GROUP 4

const char *troth_fingerprint_hex(char out[TROTH_FINGERPRINT_LEN], const struct troth_pin *pin)
{
	troth_hex(out, troth_slice_of(pin->bytes, sizeof pin->bytes));
	return out;
}

const char *troth_fingerprint(char out[TROTH_FINGERPRINT_LEN], const struct troth_pin *pin)
{
	char hex[DIGITS + 1];
	size_t len = 0;
	troth_hex(hex, troth_slice_of(pin->bytes, sizeof pin->bytes));
	for (size_t i = 0; i < DIGITS; i++) {
		if (i > 0 && i % GROUP == 0)
			out[len++] = ' ';
		out[len++] = hex[i];
	}
	out[len] = '\0';
	return out;
}

bool troth_fingerprint_read(const char *text, struct troth_pin *out)
{
	char hex[DIGITS + 1];
	struct troth_pin pin;
	size_t len = 0;
	for (; *text; text++) {
		if (strchr(" \t:-", *text))
			continue;
		if (len == DIGITS)
			return false;
		hex[len++] = *text;
	}
	hex[len] = '\0';
	if (len != DIGITS || troth_unhex(pin.bytes, sizeof pin.bytes, hex) != TROTH_OK)
		return false;
	*out = pin;
	return true;
}
