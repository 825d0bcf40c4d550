/* SPDX-License-Identifier: MIT */
#include "../test.h"
#include "base/slice.h"
#include "lan/tags.h"

static void make(struct troth_lan_tag *tags, size_t count)
{
	for (size_t i = 0; i < count; i++)
		memset(tags[i].bytes, (int)i + 1, TROTH_LAN_TAG_LEN);
}

static struct troth_txt *written(const struct troth_lan_tagset *set)
{
	struct troth_buf b;
	struct troth_txt *txt;
	troth_buf_init(&b, TROTH_TXT_WRITE_MAX);
	assert_ok(troth_lan_tagset_write(set, &b));
	assert_ok(troth_txt_read(&txt, troth_buf_slice(&b)));
	troth_buf_fini(&b);
	return txt;
}

/* PROTOCOL 11: "filled up with random ones to 8, 16, 32 or 64". */
static void tagset__hides_how_many__among_random_ones(void **state)
{
	(void)state;
	static const struct {
		size_t count;
		size_t size;
	} cases[] = {{0, 8}, {1, 8}, {8, 8}, {9, 16}, {16, 16}, {17, 32}, {33, 64}, {64, 64}};
	struct troth_lan_tag tags[TROTH_LAN_TAGS_MAX];
	make(tags, TROTH_LAN_TAGS_MAX);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct troth_lan_tagset set = {0};
		struct troth_lan_tag seen[TROTH_LAN_TAGS_MAX];
		assert_ok(troth_lan_tagset_update(&set, 1, tags, cases[i].count));
		struct troth_txt *txt = written(&set);
		assert_int_equal(troth_lan_tags_read(txt, seen), cases[i].size);
		for (size_t t = 0; t < cases[i].count; t++)
			assert_int_equal(troth_lan_tags_find(seen, cases[i].size, &tags[t], 1), 0);
		troth_txt_free(txt);
	}
}

static void tagset__keeps_everything__within_the_hour(void **state)
{
	(void)state;
	struct troth_lan_tagset set = {0};
	struct troth_lan_tag tags[4];
	make(tags, 4);
	assert_ok(troth_lan_tagset_update(&set, 5, tags, 3));
	struct troth_lan_tagset before = set;
	assert_ok(troth_lan_tagset_update(&set, 5, tags, 3));
	assert_memory_equal(before.tag, set.tag, sizeof set.tag);
	/* One contact less leaves no trace, one more changes one place. */
	assert_ok(troth_lan_tagset_update(&set, 5, tags, 2));
	assert_memory_equal(before.tag, set.tag, sizeof set.tag);
	assert_ok(troth_lan_tagset_update(&set, 5, tags, 4));
	size_t differ = 0;
	for (size_t i = 0; i < set.count; i++)
		differ += memcmp(&before.tag[i], &set.tag[i], sizeof set.tag[i]) != 0;
	assert_int_equal(set.count, 8);
	assert_int_equal(differ, 1);
	assert_int_equal(troth_lan_tags_find(set.tag, set.count, &tags[3], 1), 0);
}

static void tagset__changes_every_tag__with_the_hour(void **state)
{
	(void)state;
	struct troth_lan_tagset set = {0};
	struct troth_lan_tag tags[2];
	make(tags, 2);
	assert_ok(troth_lan_tagset_update(&set, 5, tags, 1));
	struct troth_lan_tagset before = set;
	assert_ok(troth_lan_tagset_update(&set, 6, tags + 1, 1));
	assert_int_equal(troth_lan_tags_find(before.tag, before.count, set.tag, set.count), -1);
}

static void tagset__puts_real_ones_anywhere__not_in_front(void **state)
{
	(void)state;
	struct troth_lan_tag tag;
	bool place[8] = {false};
	make(&tag, 1);
	/* 400 draws miss one of 8 places with a chance of 5e-23. */
	for (int64_t hour = 0; hour < 400; hour++) {
		struct troth_lan_tagset set = {0};
		assert_ok(troth_lan_tagset_update(&set, hour, &tag, 1));
		for (size_t i = 0; i < 8; i++)
			place[i] = place[i] || set.real[i];
	}
	for (size_t i = 0; i < 8; i++)
		assert_true(place[i]);
}

static void tagset__counts_duplicates_once__and_refuses_too_many(void **state)
{
	(void)state;
	struct troth_lan_tagset set = {0};
	struct troth_lan_tag tags[TROTH_LAN_TAGS_MAX + 1];
	make(tags, TROTH_LAN_TAGS_MAX + 1);
	assert_err(troth_lan_tagset_update(&set, 1, tags, TROTH_LAN_TAGS_MAX + 1), TROTH_E_LIMIT);
	assert_int_equal(set.count, 0);
	for (size_t i = 0; i < 20; i++)
		tags[i] = tags[0];
	assert_ok(troth_lan_tagset_update(&set, 1, tags, 20));
	assert_int_equal(set.count, 8);
}

static void write__splits__at_sixteen(void **state)
{
	(void)state;
	struct troth_lan_tagset set = {0};
	struct troth_lan_tag tags[TROTH_LAN_TAGS_MAX];
	struct troth_slice v;
	static const char *const keys[] = {"tr", "tr1", "tr2", "tr3"};
	make(tags, TROTH_LAN_TAGS_MAX);
	assert_ok(troth_lan_tagset_update(&set, 1, tags, TROTH_LAN_TAGS_MAX));
	struct troth_txt *txt = written(&set);
	for (size_t i = 0; i < 4; i++) {
		assert_true(troth_txt_get(txt, keys[i], &v));
		assert_int_equal(v.len, 172);
	}
	troth_txt_free(txt);
}

static size_t read_from(const char *value, size_t len)
{
	uint8_t rdata[256] = {(uint8_t)(len + 3), 't', 'r', '='};
	struct troth_lan_tag tags[TROTH_LAN_TAGS_MAX];
	struct troth_txt *txt;
	memcpy(rdata + 4, value, len);
	assert_ok(troth_txt_read(&txt, troth_slice_of(rdata, len + 4)));
	size_t count = troth_lan_tags_read(txt, tags);
	troth_txt_free(txt);
	return count;
}

static void read__passes_over__what_is_not_whole_tags(void **state)
{
	(void)state;
	assert_int_equal(read_from("AAAAAAAAAAA=", 12), 1);
	assert_int_equal(read_from("AAAAAAAAAA==", 12), 0); /* 7 bytes */
	assert_int_equal(read_from("AAAAAAAAAAAAAAA=", 16), 0);
	assert_int_equal(read_from("AAAAAAAAAAB=", 12), 0); /* not canonical */
	assert_int_equal(read_from("AAAAAAAAAAA", 11), 0);
	assert_int_equal(read_from("", 0), 0);
	assert_int_equal(read_from("AAAAAA\0AAAA=", 12), 0);
	assert_int_equal(read_from("\xff\xfe\xfd", 3), 0);
	assert_int_equal(troth_lan_tags_read(NULL, (struct troth_lan_tag[TROTH_LAN_TAGS_MAX]){0}),
			 0);
}

static void read__never_takes_more__than_fit(void **state)
{
	(void)state;
	/* Four strings of the longest: 4 x 23 tags. */
	struct troth_buf b;
	char value[252];
	struct troth_lan_tag tags[TROTH_LAN_TAGS_MAX];
	struct troth_txt *txt;
	static const char *const keys[] = {"tr", "tr1", "tr2", "tr3"};
	memset(value, 'A', 248);
	memcpy(value + 245, "A==", 4); /* 184 bytes need 248 characters, the last two "=" */
	value[245] = 'A';
	troth_buf_init(&b, 2000);
	for (size_t i = 0; i < 4; i++)
		assert_ok(troth_txt_write(&b, keys[i], value));
	assert_ok(troth_txt_read(&txt, troth_buf_slice(&b)));
	assert_int_equal(troth_lan_tags_read(txt, tags), TROTH_LAN_TAGS_MAX);
	troth_txt_free(txt);
	troth_buf_fini(&b);
}

static void find__tells_which_contact__or_none(void **state)
{
	(void)state;
	struct troth_lan_tag tags[6];
	make(tags, 6);
	assert_int_equal(troth_lan_tags_find(tags, 3, tags + 2, 4), 0);
	assert_int_equal(troth_lan_tags_find(tags + 4, 1, tags, 6), 4);
	assert_int_equal(troth_lan_tags_find(tags, 3, tags + 3, 3), -1);
	assert_int_equal(troth_lan_tags_find(tags, 0, tags, 6), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tagset__hides_how_many__among_random_ones),
		cmocka_unit_test(tagset__keeps_everything__within_the_hour),
		cmocka_unit_test(tagset__changes_every_tag__with_the_hour),
		cmocka_unit_test(tagset__puts_real_ones_anywhere__not_in_front),
		cmocka_unit_test(tagset__counts_duplicates_once__and_refuses_too_many),
		cmocka_unit_test(write__splits__at_sixteen),
		cmocka_unit_test(read__passes_over__what_is_not_whole_tags),
		cmocka_unit_test(read__never_takes_more__than_fit),
		cmocka_unit_test(find__tells_which_contact__or_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
