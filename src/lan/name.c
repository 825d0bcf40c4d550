/* SPDX-License-Identifier: MIT */
/* Names to announce, and random ones that tell nothing. Layer: lan. */
#include "lan/name.h"

#include "lan/backend.h"
#include "lan/lan.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <troth/err.h>
#include <unistr.h>

/* XEP-0174 12: the machine part "MUST NOT contain characters outside
 * the US-ASCII character range"; a host name label besides. */
static bool machine_is_valid(const char *machine)
{
	static const char alnum[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789";
	size_t len = strlen(machine);
	for (size_t i = 0; i < len; i++) {
		bool inner = i > 0 && i + 1 < len;
		if (strchr(alnum, machine[i]) == NULL && !(inner && machine[i] == '-'))
			return false;
	}
	return len > 0;
}

static bool user_is_valid(const char *user)
{
	size_t len = strlen(user);
	for (size_t i = 0; i < len; i++)
		if ((uint8_t)user[i] < 0x20 || user[i] == 0x7f || user[i] == '@')
			return false;
	return len > 0 && u8_check((const uint8_t *)user, len) == NULL;
}

int lan_name_set(struct lan_name *name, const char *user, const char *machine)
{
	if (user == NULL || machine == NULL || !user_is_valid(user) || !machine_is_valid(machine) ||
	    strlen(user) + 1 + strlen(machine) > LAN_NAME_MAX)
		return TROTH_E_FORMAT;
	memset(name, 0, sizeof *name);
	memcpy(name->user, user, strlen(user));
	memcpy(name->machine, machine, strlen(machine));
	return TROTH_OK;
}

/* XEP-0174 3: "adding the character "-" and digit "1" to the end of the machine name string
 * (e.g., "pronto-1"), adding the character "-" and digit "2" if the resulting machine name
 * is already taken". */
static void number(char out[LAN_LABEL_MAX + 1], const char base[LAN_NAME_MAX], unsigned tries)
{
	if (tries == 0)
		(void)snprintf(out, LAN_LABEL_MAX + 1, "%s", base);
	else
		(void)snprintf(out, LAN_LABEL_MAX + 1, "%s-%u", base, tries % 1000);
}

void lan_name_machine(const struct lan_name *name, char out[LAN_LABEL_MAX + 1])
{
	number(out, name->machine, name->machine_try);
}

void lan_name_instance(const struct lan_name *name, char out[LAN_LABEL_MAX + 1])
{
	char user[LAN_LABEL_MAX + 1];
	char machine[LAN_LABEL_MAX + 1];
	number(user, name->user, name->user_try);
	lan_name_machine(name, machine);
	/* LAN_NAME_MAX leaves room for both numbers. */
	memcpy(out, user, strlen(user));
	out[strlen(user)] = '@';
	memcpy(out + strlen(user) + 1, machine, strlen(machine) + 1);
}

void lan_name_host(const struct lan_name *name, char out[LAN_LABEL_MAX + 8])
{
	char machine[LAN_LABEL_MAX + 1];
	lan_name_machine(name, machine);
	(void)snprintf(out, LAN_LABEL_MAX + 8, "%s." TROTH_LAN_DOMAIN, machine);
}

/* Five syllables: 10 letters, 31 bits. */
static void random_word(char out[TROTH_LAN_RANDOM_NAME])
{
	static const char consonants[] = "bdfgklmnprstvz";
	static const char vowels[] = "aeiou";
	size_t at = 0;
	while (at < 10) {
		out[at++] = consonants[randombytes_uniform(sizeof consonants - 1)];
		out[at++] = vowels[randombytes_uniform(sizeof vowels - 1)];
	}
	out[at] = 0;
}

int troth_lan_random_name(char user[TROTH_LAN_RANDOM_NAME], char machine[TROTH_LAN_RANDOM_NAME])
{
	if (sodium_init() < 0)
		return TROTH_E_CRYPTO;
	random_word(user);
	random_word(machine);
	return TROTH_OK;
}
