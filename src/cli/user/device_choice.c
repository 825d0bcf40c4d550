/* SPDX-License-Identifier: MIT */
/* Which of one's own devices is meant. Layer: cli. */
#include "cli/user/device_choice.h"

#include "cli/terminal/fingerprint.h"

#include <ctype.h>
#include <troth/err.h>

#define LEAST_DIGITS 8

bool troth_fingerprint_begins(const char *hex, const char *text)
{
	size_t digits = 0;
	for (; *text != '\0'; text++) {
		if (*text == ' ' || *text == ':' || *text == '-')
			continue;
		if (hex[digits] == '\0' || tolower((unsigned char)*text) != hex[digits])
			return false;
		digits++;
	}
	return digits >= LEAST_DIGITS;
}

static void by_pin(struct troth_device_choice *c)
{
	char hex[TROTH_FINGERPRINT_LEN];
	for (size_t i = 0; i < c->own->device_count; i++) {
		const struct troth_pin *pin = &c->own->devices[i].pin;
		if (troth_fingerprint_begins(troth_fingerprint_hex(hex, pin), c->text))
			c->pins[c->count++] = *pin;
	}
}

static int of_contact(void *user, const struct troth_store_key *key)
{
	struct troth_device_choice *c = user;
	if (troth_own_device_find(c->own, &key->pin) != NULL && c->count < TROTH_OWN_DEVICES)
		c->pins[c->count++] = key->pin;
	return 0;
}

enum troth_exit troth_device_choose(struct troth_cli *cli, struct troth_device_choice *c)
{
	struct troth_store_contact contact;
	struct troth_store *store = cli->home.store;
	int err = TROTH_OK;
	by_pin(c);
	if (c->count > 1)
		return troth_cli_usage(cli, "more than one of your devices begins with %s",
				       c->text);
	if (c->count == 0) {
		err = troth_store_contact_by_label(store, c->text, &contact);
		if (err == TROTH_OK)
			err = troth_store_key_list(store, contact.id, of_contact, c);
	}
	if (err != TROTH_OK && err != TROTH_E_NOT_FOUND && err != TROTH_E_FORMAT)
		return troth_home_store_failed(cli, err, "can't look for that device");
	if (c->count > 0)
		return TROTH_EXIT_OK;
	return troth_cli_fail(
		cli,
		&(struct troth_failure){.err = TROTH_E_NOT_FOUND,
					.cause = "",
					.next = "`troth user show` lists those that this device "
						"knows: give a label, or the first eight digits of "
						"a fingerprint. It gets to know others of yours "
						"by connecting to them."},
		"your user key endorses no device called %s", c->text);
}
