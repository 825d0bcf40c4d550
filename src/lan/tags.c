/* SPDX-License-Identifier: MIT */
/* Tags in TXT records: filling up, writing, reading. Layer: lan. Random by libsodium. */
#include "lan/tags.h"

#include "base/encode.h"
#include "base/slice.h"

#include <sodium.h>
#include <troth/err.h>

#define PER_STRING 16

static const char *const keys[] = {"tr", "tr1", "tr2", "tr3"};

static bool same(const struct troth_lan_tag *a, const struct troth_lan_tag *b)
{
	return memcmp(a->bytes, b->bytes, TROTH_LAN_TAG_LEN) == 0;
}

/* PROTOCOL 11: "filled up with random ones to 8, 16, 32 or 64". */
static size_t size_for(size_t count)
{
	size_t size = 8;
	while (size < count)
		size *= 2;
	return size;
}

static int index_of(const struct troth_lan_tag *in, size_t count, const struct troth_lan_tag *tag)
{
	for (size_t i = 0; i < count; i++)
		if (same(&in[i], tag))
			return (int)i;
	return -1;
}

static void add_random(struct troth_lan_tagset *set, size_t size)
{
	for (; set->count < size; set->count++) {
		randombytes_buf(set->tag[set->count].bytes, TROTH_LAN_TAG_LEN);
		set->real[set->count] = false;
	}
}

/* A random one among those that aren't real; there is one. */
static size_t random_free_place(const struct troth_lan_tagset *set)
{
	size_t places[TROTH_LAN_TAGS_MAX];
	size_t count = 0;
	for (size_t i = 0; i < set->count; i++)
		if (!set->real[i])
			places[count++] = i;
	return places[randombytes_uniform((uint32_t)count)];
}

static size_t real_count(const struct troth_lan_tagset *set)
{
	size_t count = 0;
	for (size_t i = 0; i < set->count; i++)
		count += set->real[i];
	return count;
}

int troth_lan_tagset_update(struct troth_lan_tagset *set, int64_t hour,
			    const struct troth_lan_tag *tags, size_t count)
{
	if (count > TROTH_LAN_TAGS_MAX)
		return TROTH_E_LIMIT;
	if (sodium_init() < 0)
		return TROTH_E_CRYPTO;
	/* Another hour: nothing of the last one may link the two announcements. */
	if (set->count == 0 || set->hour != hour)
		*set = (struct troth_lan_tagset){.hour = hour};
	/* A contact that went leaves a tag that nobody finds any more; as bytes it stays. */
	for (size_t i = 0; i < set->count; i++)
		set->real[i] = set->real[i] && index_of(tags, count, &set->tag[i]) >= 0;
	size_t missing = 0;
	for (size_t i = 0; i < count; i++)
		missing += index_of(tags, i, &tags[i]) < 0 &&
			   index_of(set->tag, set->count, &tags[i]) < 0;
	size_t size = size_for(real_count(set) + missing);
	if (size > set->count)
		add_random(set, size);
	for (size_t i = 0; i < count; i++) {
		int at = index_of(set->tag, set->count, &tags[i]);
		if (at < 0) {
			at = (int)random_free_place(set);
			set->tag[at] = tags[i];
		}
		set->real[at] = true;
	}
	return TROTH_OK;
}

int troth_lan_tagset_write(const struct troth_lan_tagset *set, struct troth_buf *rdata)
{
	for (size_t at = 0; at < set->count; at += PER_STRING) {
		size_t n = set->count - at < PER_STRING ? set->count - at : PER_STRING;
		struct troth_buf text TROTH_CLEANUP(troth_buf_fini);
		const char *s;
		troth_buf_init(&text, 256);
		int err = troth_base64_encode(
			&text, troth_slice_of(set->tag[at].bytes, n * TROTH_LAN_TAG_LEN));
		if (err == TROTH_OK)
			err = troth_buf_cstr(&text, &s);
		if (err == TROTH_OK)
			err = troth_txt_write(rdata, keys[at / PER_STRING], s);
		if (err != TROTH_OK)
			return err;
	}
	return TROTH_OK;
}

static size_t read_one(struct troth_slice value, struct troth_lan_tag *out, size_t room)
{
	char text[256];
	struct troth_buf bytes TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&bytes, sizeof text);
	if (value.len >= sizeof text || memchr(value.data, 0, value.len) != NULL)
		return 0;
	memcpy(text, value.data, value.len);
	text[value.len] = 0;
	if (troth_base64_decode(&bytes, text) != TROTH_OK)
		return 0;
	struct troth_slice b = troth_buf_slice(&bytes);
	size_t n = b.len / TROTH_LAN_TAG_LEN;
	if (n == 0 || b.len % TROTH_LAN_TAG_LEN != 0)
		return 0;
	n = n < room ? n : room;
	memcpy(out, b.data, n * TROTH_LAN_TAG_LEN);
	return n;
}

size_t troth_lan_tags_read(const struct troth_txt *txt,
			   struct troth_lan_tag out[TROTH_LAN_TAGS_MAX])
{
	size_t count = 0;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		struct troth_slice value;
		if (troth_txt_get(txt, keys[i], &value))
			count += read_one(value, out + count, TROTH_LAN_TAGS_MAX - count);
	}
	return count;
}

int troth_lan_tags_find(const struct troth_lan_tag *seen, size_t seen_count,
			const struct troth_lan_tag *expected, size_t expected_count)
{
	for (size_t i = 0; i < expected_count; i++)
		if (index_of(seen, seen_count, &expected[i]) >= 0)
			return (int)i;
	return -1;
}
