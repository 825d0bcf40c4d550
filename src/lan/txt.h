/* SPDX-License-Identifier: MIT */
/*
 * The TXT record of XEP-0174 as bytes (RFC 6763 6): a reader that takes anything a
 * network may send, a writer, and the cleaning of foreign text. Layer: lan. No network.
 */
#ifndef TROTH_LAN_TXT_H
#define TROTH_LAN_TXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <troth/bytes.h>

/* The most that is written, so that a record fits into one Ethernet frame
 * (RFC 6763 6.2), and the most that is read. */
#define TROTH_TXT_WRITE_MAX 1200
#define TROTH_TXT_READ_MAX 9000 /* RFC 6762 17: the largest packet */
#define TROTH_TXT_PAIRS_MAX 64

struct troth_txt;

/* Effect: reads rdata (strings with a length byte each); the caller owns *out. RFC 6763
 * 6.4: strings without a key are ignored, and of a key that is there twice the first
 * counts. Strings beyond TROTH_TXT_PAIRS_MAX are ignored.
 * Errors: TROTH_E_FORMAT when a length points beyond the end, TROTH_E_LIMIT, TROTH_E_NOMEM. */
int troth_txt_read(struct troth_txt **out, struct troth_slice rdata) TROTH_MUST_USE;
void troth_txt_free(struct troth_txt *txt);

/* What was read, for comparing; borrowed for the record's life. */
struct troth_slice troth_txt_rdata(const struct troth_txt *txt);

/* Effect: the value of key, any bytes, ASCII case of the key ignored; false when the key
 * is missing or stands without "=". A NULL record has no keys. Borrowed likewise. */
bool troth_txt_get(const struct troth_txt *txt, const char *key, struct troth_slice *out);

/* All that were read, in order; false beyond the last. */
bool troth_txt_pair(const struct troth_txt *txt, size_t index, struct troth_slice *key,
		    struct troth_slice *value);

/* Effect: appends "key=value" as one string; value is cut at a UTF-8 character where the
 * string would be over 255 bytes. A NULL value writes nothing. */
int troth_txt_write(struct troth_buf *rdata, const char *key, const char *value) TROTH_MUST_USE;

/* Returns how many of the len bytes of text to keep so that they are at most max and end
 * with a whole character. */
size_t troth_utf8_cut(const char *text, size_t len, size_t max);

/* Effect: appends text to out so that a terminal or a log can show it: invalid UTF-8,
 * control, format and direction characters become U+FFFD, and the whole is cut to max
 * bytes at a character. */
int troth_lan_clean(struct troth_buf *out, struct troth_slice text, size_t max) TROTH_MUST_USE;

#endif
