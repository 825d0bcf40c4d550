/* SPDX-License-Identifier: MIT */
/*
 * Recognition tags on a link (docs/protocol.md, "Link-local announcements"): eight
 * bytes that only two contacts can make, a new value each hour. Layer: keys.
 * A tag is a hint; it never authenticates anybody.
 */
#ifndef TROTH_KEYS_TAG_H
#define TROTH_KEYS_TAG_H

#include <troth/key.h>

#define TROTH_TAG_LEN 8
#define TROTH_TAG_KEY_LEN 32

/* Effect: the key that this device and that contact have in common. It lasts as long as
 * both do and is worth keeping; it is secret, and the caller wipes it.
 * Errors: TROTH_E_UNSUPPORTED where the two can't do ECDH (RSA, Ed25519, unlike curves,
 * a token that doesn't). */
int troth_tag_key(const struct troth_device *own, const struct troth_cert *contact,
		  uint8_t out[TROTH_TAG_KEY_LEN]) TROTH_MUST_USE;

/* Effect: the tag that `announcer` shows in that hour (seconds since 1970 / 3600). */
int troth_tag_make(const uint8_t key[TROTH_TAG_KEY_LEN], const struct troth_pin *announcer,
		   int64_t hour, uint8_t out[TROTH_TAG_LEN]) TROTH_MUST_USE;

/* Effect: both in one. */
int troth_tag(const struct troth_device *own, const struct troth_cert *contact,
	      const struct troth_pin *announcer, int64_t hour,
	      uint8_t out[TROTH_TAG_LEN]) TROTH_MUST_USE;

#endif
