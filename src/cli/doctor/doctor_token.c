/* SPDX-License-Identifier: MIT */
/* The token's part of `troth doctor`. Layer: cli. Asks for no PIN; one from --passphrase-fd is
 * tried once. */
#include "cli/doctor/doctor.h"
#include "keys/tag.h"
#include "token/token.h"

#include <openssl/crypto.h>
#include <string.h>
#include <troth/err.h>

static const char no_tags[] = "Contacts find this device by --announce, or by its address.";

/* What only the key itself tells: that it signs, and whether it agrees. */
static void judge_key(struct troth_cli *cli, struct troth_check *check, const char *label)
{
	const struct troth_device *device;
	uint8_t key[TROTH_TAG_KEY_LEN];
	if (troth_home_device(cli, &device) != TROTH_EXIT_OK) {
		troth_check_set(check, TROTH_HEALTH_FAIL, NULL,
				"The device key on the token %s can't be used.", label);
		return;
	}
	int err = troth_tag_key(device, troth_device_cert(device), key);
	OPENSSL_cleanse(key, sizeof key);
	if (err != TROTH_OK)
		troth_check_set(check, TROTH_HEALTH_WARN, no_tags,
				"The device key on the token %s signs, but does no ECDH: it makes "
				"no tags on a link.",
				label);
	else
		troth_check_set(check, TROTH_HEALTH_OK, NULL,
				"The device key on the token %s signs, and makes tags.", label);
}

static void judge(struct troth_cli *cli, struct troth_check *check,
		  const struct troth_token_facts *facts)
{
	if (facts->pin_is_locked)
		troth_check_set(check, TROTH_HEALTH_FAIL, "The token's own tools unlock it.",
				"The PIN of the token %s is locked.", facts->label);
	else if (facts->last_try)
		troth_check_set(check, TROTH_HEALTH_WARN,
				"Type the right one next, or the token locks.",
				"One try at the PIN of the token %s is left.", facts->label);
	else if (!facts->can_agree)
		troth_check_set(check, TROTH_HEALTH_WARN, no_tags,
				"The device key on the token %s does no ECDH: it makes no tags on "
				"a link.",
				facts->label);
	else if (troth_cli_has(cli, "passphrase-fd"))
		judge_key(cli, check, facts->label);
	else
		troth_check_set(check, TROTH_HEALTH_OK, NULL, "The token %s is there.",
				facts->label);
}

void troth_doctor_token(struct troth_cli *cli, struct troth_check *check)
{
	const struct troth_cert *cert;
	struct troth_token *token;
	struct troth_token_facts facts;
	struct troth_token_problem problem;
	if (!troth_home_has_key(cli->home.path) || troth_home_cert(cli, &cert) != TROTH_EXIT_OK) {
		troth_check_set(check, TROTH_HEALTH_OK, NULL, "There is no key to look for.");
		return;
	}
	const char *uri = troth_home_elsewhere(cli);
	if (uri == NULL) {
		troth_check_set(check, TROTH_HEALTH_OK, NULL, "The device key is in a file.");
		return;
	}
	if (troth_token_open(&token, uri, &problem) != TROTH_OK) {
		troth_check_set(check, TROTH_HEALTH_FAIL, NULL, "The device key's token: %s",
				problem.text);
		return;
	}
	troth_token_facts(token, &facts);
	/* Whatever the token can do. */
	facts.can_agree &= strcmp(troth_cert_method(cert), "ECDSA-SHA256") == 0;
	judge(cli, check, &facts);
	troth_token_close(token);
}
