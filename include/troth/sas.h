/* SPDX-License-Identifier: MIT */
/*
 * A short authentication string, as two people compare it. The same on both sides means that
 * nobody is between them, with a probability of error of one in 10^12.
 */
#ifndef TROTH_SAS_H
#define TROTH_SAS_H

#include <stdint.h>
#include <troth/api.h>

TROTH_API_BEGIN

#define TROTH_SAS_EMOJI 7 /* shown */

struct troth_sas {
	char digits[15];                /* "1234 5678 9012": three groups of four */
	uint8_t emoji[TROTH_SAS_EMOJI]; /* each below 64: the same in pictures, for those who like
					 */
};

/* What people answer who have compared it. */
enum troth_sas_answer {
	TROTH_SAS_SAME,
	TROTH_SAS_DIFFERENT, /* somebody is in between */
	TROTH_SAS_CANCEL     /* it wasn't compared */
};

/* The emoji of that number, below 64, and its name in English. Static strings. The list is that of
 * the Matrix specification ("SAS method: emoji", Apache License 2.0), so that what people know from
 * there looks the same here. */
const char *troth_sas_emoji(uint8_t number);
const char *troth_sas_emoji_name(uint8_t number);

TROTH_API_END

#endif
