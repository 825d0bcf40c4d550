/* SPDX-License-Identifier: MIT */
/* Date-times of XEP-0082 in UTC, as text and as seconds since 1970. Layer: base. No clock. */
#ifndef TROTH_BASE_DATE_H
#define TROTH_BASE_DATE_H

#include <troth/bytes.h>

#define TROTH_DATE_LEN 20 /* CCYY-MM-DDThh:mm:ssZ */

/* Effect: reads CCYY-MM-DDThh:mm:ss[.fraction]Z; the fraction is dropped. Errors: TROTH_E_FORMAT
 * for another form, a zone that isn't Z, or a day or time that doesn't exist. */
int troth_date_read(int64_t *out, const char *text) TROTH_MUST_USE;

/* Effect: writes seconds since 1970. Errors: TROTH_E_INVAL outside of the years 1 to 9999. */
int troth_date_write(char out[TROTH_DATE_LEN + 1], int64_t seconds) TROTH_MUST_USE;

#endif
