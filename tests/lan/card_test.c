/* SPDX-License-Identifier: MIT */
#include "../test.h"
#include "base/slice.h"
#include "lan/card.h"

static struct troth_txt *written(const struct troth_lan_card *card, struct troth_lan_tagset *tags)
{
	struct troth_buf b;
	struct troth_txt *txt;
	troth_buf_init(&b, TROTH_TXT_WRITE_MAX);
	assert_ok(lan_card_write(card, 5562, tags, &b));
	assert_ok(troth_txt_read(&txt, troth_buf_slice(&b)));
	troth_buf_fini(&b);
	return txt;
}

static void card__says_nothing__unless_told(void **state)
{
	(void)state;
	struct troth_lan_tagset tags = {0};
	struct troth_lan_card card = {0};
	struct troth_txt *txt = written(&card, &tags);
	assert_true(troth_slice_equal(troth_txt_rdata(txt), troth_slice_str("\x09txtvers=1")));
	troth_txt_free(txt);
}

static void card__begins_with_txtvers__and_has_each_key_once(void **state)
{
	(void)state;
	struct troth_lan_tagset tags = {0};
	struct troth_lan_card card = {
		.nick = "n",
		.first = "f",
		.last = "l",
		.email = "e",
		.jid = "j",
		.msg = "m",
		.node = "o",
		.hash = "h",
		.ver = "v",
		.say_status = true,
		.status = TROTH_LAN_DND,
		.say_port = true,
	};
	static const char expected[] = "\x09txtvers=1\x05"
				       "1st=f\x07"
				       "email=e\x06hash=h\x05jid=j\x06last=l\x05msg=m\x06nick=n"
				       "\x06node=o\x0eport.p2pj=5562\x0astatus=dnd\x05ver=v";
	struct troth_txt *txt = written(&card, &tags);
	assert_true(troth_slice_equal(troth_txt_rdata(txt),
				      troth_slice_of(expected, sizeof expected - 1)));
	assert_int_equal(lan_status_read(txt), TROTH_LAN_DND);
	troth_txt_free(txt);
}

static void card__leaves_all_as_it_was__when_refused(void **state)
{
	(void)state;
	struct troth_lan_tag tag = {{1}};
	struct troth_lan_tagset tags = {0};
	struct troth_lan_card card = {.nick = "\xff", .tags = &tag, .tag_count = 1};
	struct troth_buf b;
	troth_buf_init(&b, TROTH_TXT_WRITE_MAX);
	assert_err(lan_card_write(&card, 1, &tags, &b), TROTH_E_FORMAT);
	assert_int_equal(troth_buf_len(&b), 0);
	assert_int_equal(tags.count, 0);
	card.nick = NULL;
	card.tag_count = TROTH_LAN_TAGS_MAX + 1;
	assert_err(lan_card_write(&card, 1, &tags, &b), TROTH_E_LIMIT);
	assert_int_equal(tags.count, 0);
	troth_buf_fini(&b);
}

/* XEP-0174 15.1: "if the status record is not included, the status SHOULD be assumed to be
 * "avail"". */
static void status__is_avail__when_missing_or_unknown(void **state)
{
	(void)state;
	static const struct {
		const char *rdata;
		enum troth_lan_status status;
	} cases[] = {
		{"\x01x", TROTH_LAN_AVAIL},
		{"\x0cstatus=avail", TROTH_LAN_AVAIL},
		{"\x0bstatus=away", TROTH_LAN_AWAY},
		{"\x0aSTATUS=dnd", TROTH_LAN_DND},
		{"\x0astatus=DND", TROTH_LAN_AVAIL},
		{"\x07status=", TROTH_LAN_AVAIL},
		{"\x0cstatus=awayy", TROTH_LAN_AVAIL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct troth_txt *txt;
		assert_ok(troth_txt_read(&txt, troth_slice_str(cases[i].rdata)));
		assert_int_equal(lan_status_read(txt), cases[i].status);
		troth_txt_free(txt);
	}
	assert_int_equal(lan_status_read(NULL), TROTH_LAN_AVAIL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(card__says_nothing__unless_told),
		cmocka_unit_test(card__begins_with_txtvers__and_has_each_key_once),
		cmocka_unit_test(card__leaves_all_as_it_was__when_refused),
		cmocka_unit_test(status__is_avail__when_missing_or_unknown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
