/* SPDX-License-Identifier: MIT */
/* OpenPGP fingerprints as people type them, and as they are stored. Layer: openpgp. */
#include "openpgp/openpgp.h"

#include <string.h>

#define LOWER_HEX "0123456789abcdef"

bool troth_openpgp_fingerprint_ok(const char *fingerprint)
{
	return fingerprint && strlen(fingerprint) == TROTH_OPENPGP_FINGERPRINT_LEN &&
	       strspn(fingerprint, LOWER_HEX) == TROTH_OPENPGP_FINGERPRINT_LEN;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c;
}

int troth_openpgp_fingerprint_read(const char *text, char *out)
{
	char read[TROTH_OPENPGP_FINGERPRINT_LEN + 1] = "";
	size_t len = 0;
	if (strncmp(text, "0x", 2) == 0)
		text += 2;
	for (; *text; text++) {
		if (*text == ' ')
			continue;
		if (len == TROTH_OPENPGP_FINGERPRINT_LEN || !strchr(LOWER_HEX, lower(*text)))
			return TROTH_E_FORMAT;
		read[len++] = lower(*text);
	}
	if (len != TROTH_OPENPGP_FINGERPRINT_LEN)
		return TROTH_E_FORMAT;
	memcpy(out, read, sizeof read);
	return TROTH_OK;
}
