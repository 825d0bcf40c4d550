/* SPDX-License-Identifier: MIT */
/*
 * The tags by which only contacts recognise each other (PROTOCOL 11), as they stand in
 * TXT: filling up, writing, reading, finding. What a tag is made of belongs to
 * keys/tag.h; here it is 8 bytes. Layer: lan. No network, no clock.
 */
#ifndef TROTH_LAN_TAGS_H
#define TROTH_LAN_TAGS_H

#include "lan/txt.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <troth/bytes.h>

#define TROTH_LAN_TAG_LEN 8
#define TROTH_LAN_TAGS_MAX 64

struct troth_lan_tag {
	uint8_t bytes[TROTH_LAN_TAG_LEN];
};

/* What is announced: real tags among random ones. Zeroed is a valid start. */
struct troth_lan_tagset {
	int64_t hour;
	size_t count; /* 0, 8, 16, 32 or 64 */
	struct troth_lan_tag tag[TROTH_LAN_TAGS_MAX];
	bool real[TROTH_LAN_TAGS_MAX]; /* never leaves this process */
};

/* Effect: makes set announce tags (count of them, duplicates once). In a new hour all
 * are drawn and shuffled anew; within one hour random tags and places stay as they are,
 * so that two announcements compared don't show which tags are real.
 * Errors: TROTH_E_LIMIT for more than TROTH_LAN_TAGS_MAX, TROTH_E_CRYPTO; the set is
 * unchanged then. */
int troth_lan_tagset_update(struct troth_lan_tagset *set, int64_t hour,
			    const struct troth_lan_tag *tags, size_t count) TROTH_MUST_USE;

/* Effect: appends "tr", "tr1", "tr2", "tr3" to a TXT record, 16 tags in each: a TXT
 * string holds 255 bytes, so one can't take all of them. */
int troth_lan_tagset_write(const struct troth_lan_tagset *set,
			   struct troth_buf *rdata) TROTH_MUST_USE;

/* Effect: reads the tags of a TXT record into out; returns how many. Strings that aren't
 * canonical base64 of whole tags are passed over: they are hints. */
size_t troth_lan_tags_read(const struct troth_txt *txt,
			   struct troth_lan_tag out[TROTH_LAN_TAGS_MAX]);

/* Effect: the index in expected of the first tag that is among seen, or -1. */
int troth_lan_tags_find(const struct troth_lan_tag *seen, size_t seen_count,
			const struct troth_lan_tag *expected, size_t expected_count);

#endif
