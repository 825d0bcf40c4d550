/* SPDX-License-Identifier: MIT */
/*
 * Text that comes in. Layer: store. Labels are shown beside "verified", so what would
 * make one look like another, or like something else, is refused here.
 */
#include "store/text.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#define ZERO_WIDTH_NON_JOINER 0x200c
#define ZERO_WIDTH_JOINER 0x200d

/* Persian and Indic spelling and emoji need the joiners; folding drops them, so that they
 * can't make a second label that looks like the first. Other format characters change
 * the direction or the reading of what stands beside them. */
static bool allowed(ucs4_t c)
{
	if (c == ' ' || c == ZERO_WIDTH_NON_JOINER || c == ZERO_WIDTH_JOINER)
		return true;
	return !uc_is_general_category(c, UC_CATEGORY_Cc) &&
	       !uc_is_general_category(c, UC_CATEGORY_Cf) &&
	       !uc_is_general_category(c, UC_CATEGORY_Co) &&
	       !uc_is_general_category(c, UC_CATEGORY_Z) && !uc_is_property_not_a_character(c);
}

static int check_label(struct troth_store *store, const char *label)
{
	size_t len = strlen(label);
	if (len > TROTH_STORE_LABEL_MAX)
		return troth_store_fail(
			store, TROTH_E_LIMIT,
			"The name is too long: at most %d bytes. Choose a shorter one.",
			TROTH_STORE_LABEL_MAX);
	if (len == 0 || label[0] == ' ' || label[len - 1] == ' ')
		return troth_store_fail(
			store, TROTH_E_FORMAT,
			"A contact's name can't be empty, or begin or end with a space.");
	const uint8_t *at = (const uint8_t *)label;
	const uint8_t *end = at + len;
	bool good = u8_check(at, len) == NULL;
	while (good && at < end) {
		ucs4_t c;
		at += u8_mbtouc(&c, at, (size_t)(end - at));
		good = allowed(c);
	}
	if (!good)
		return troth_store_fail(
			store, TROTH_E_FORMAT,
			"The name has characters that can't be shown safely (control, "
			"direction or line-breaking ones). Choose another one.");
	return TROTH_OK;
}

/* Drops, in place, what isn't visible. Returns the new length. */
static size_t drop_invisible(uint8_t *text, size_t len)
{
	size_t kept = 0;
	for (size_t i = 0; i < len;) {
		ucs4_t c;
		size_t n = (size_t)u8_mbtouc(&c, text + i, len - i);
		if (!uc_is_property_default_ignorable_code_point(c)) {
			memmove(text + kept, text + i, n);
			kept += n;
		}
		i += n;
	}
	return kept;
}

int troth_label_fold(struct troth_store *store, const char *label, char **out)
{
	if (label == NULL)
		label = "";
	int err = check_label(store, label);
	if (err != TROTH_OK)
		return err;
	size_t len = 0;
	uint8_t *folded =
		u8_casefold((const uint8_t *)label, strlen(label), NULL, UNINORM_NFKC, NULL, &len);
	if (folded == NULL)
		return troth_store_fail_memory(store);
	len = drop_invisible(folded, len);
	/* Not strndup: what u8_casefold returns has no NUL behind it. */
	char *text = len == 0 ? NULL : calloc(1, len + 1);
	if (text != NULL)
		memcpy(text, folded, len);
	free(folded);
	if (len == 0)
		return troth_store_fail(store, TROTH_E_FORMAT,
					"The name has no visible character. Choose another one.");
	if (text == NULL)
		return troth_store_fail_memory(store);
	*out = text;
	return TROTH_OK;
}

int troth_text_check(struct troth_store *store, const char *text, size_t max)
{
	size_t len = text == NULL ? 0 : strlen(text);
	if (len > max)
		return troth_store_fail(
			store, TROTH_E_LIMIT,
			"A text is too long for the trust store: at most %zu bytes.", max);
	if (len > 0 && u8_check((const uint8_t *)text, len) != NULL)
		return troth_store_fail(store, TROTH_E_FORMAT,
					"A text for the trust store isn't valid UTF-8.");
	return TROTH_OK;
}

int troth_text_require(struct troth_store *store, const char *text, size_t max)
{
	if (text == NULL || *text == 0)
		return troth_store_fail(store, TROTH_E_INVAL,
					"A text that the trust store needs is missing.");
	return troth_text_check(store, text, max);
}

int troth_text_check_name(struct troth_store *store, const char *name)
{
	if (name == NULL || strlen(name) != TROTH_NAME_LEN ||
	    strspn(name, "0123456789abcdef") != TROTH_NAME_LEN)
		return troth_store_fail(store, TROTH_E_FORMAT,
					"A key's name must be %d lower-case hexadecimal digits.",
					TROTH_NAME_LEN);
	return TROTH_OK;
}
