/* SPDX-License-Identifier: MIT */
/* The roster and the published keys of the account that a script drives. */
#include "account_peer.h"
#include "base/slice.h"
#include "c2c/choose.h"
#include "server/pep.h"
#include "server/probe.h"
#include "server/roster.h"

#include <stdio.h>
#include <stdlib.h>
#include <troth/err.h>

static struct troth_roster *roster;
static struct troth_pep *pep;
static struct troth_device *device;
static struct troth_prober *prober;

/* ---- roster ---- */

static int show_resource(void *user, const struct troth_roster_resource *r)
{
	(void)user;
	printf("resource %s %d %s\n", r->jid, r->priority, *r->caps_ver == 0 ? "-" : r->caps_ver);
	return 0;
}

static int show_item(void *user, const struct troth_roster_item *item)
{
	(void)user;
	printf("item %s %s%s%s%s%s %zu %s\n", item->jid,
	       troth_roster_subscription_name(item->subscription), item->asked ? " asked" : "",
	       item->asks ? " asks" : "", item->blocked ? " blocked" : "",
	       item->listed ? "" : " unlisted", item->online, item->name ? item->name : "-");
	return troth_roster_resources(roster, item->jid, show_resource, NULL);
}

static void on_changed(void *user)
{
	(void)user;
	printf("roster %s\n", troth_roster_is_here(roster) ? "here" : "awaited");
	(void)troth_roster_each(roster, show_item, NULL);
	puts("roster end");
}

static void on_presence(void *user, const struct troth_roster_resource *r, bool there)
{
	(void)user;
	printf("presence %s %s\n", r->jid, there ? "there" : "gone");
}

static void on_asks(void *user, const char *jid, const char *status)
{
	(void)user;
	printf("asks %s %s\n", jid, status);
}

static void on_done(void *user, const struct troth_account_answer *answer)
{
	(void)user;
	printf("done %s\n", troth_err_name(answer->err));
}

static int act_roster(char **word)
{
	const struct troth_roster_done done = {on_done, NULL};
	if (strcmp(word[0], "roster") == 0)
		return on_changed(NULL), TROTH_OK;
	if (strcmp(word[0], "add") == 0)
		return troth_roster_add(roster, word[1], word[2], &done);
	if (strcmp(word[0], "remove") == 0)
		return troth_roster_remove(roster, word[1], &done);
	if (strcmp(word[0], "subscribe") == 0)
		return troth_roster_subscribe(roster, word[1]);
	if (strcmp(word[0], "accept") == 0)
		return troth_roster_accept(roster, word[1]);
	if (strcmp(word[0], "refuse") == 0)
		return troth_roster_refuse(roster, word[1]);
	if (strcmp(word[0], "block") == 0)
		return troth_roster_block(roster, word[1], true, &done);
	if (strcmp(word[0], "unblock") == 0)
		return troth_roster_block(roster, word[1], false, &done);
	return TROTH_E_INVAL;
}

/* ---- keys ---- */

static void on_key_change(void *user, const char *jid)
{
	(void)user;
	printf("keys-changed %s\n", jid);
}

static void on_keys(void *user, const struct troth_pep_keys *keys)
{
	(void)user;
	printf("keys %s %s %zu", keys->jid, troth_err_name(keys->err),
	       keys->list == NULL ? 0 : keys->list->count);
	for (size_t i = 0; keys->list != NULL && i < keys->list->count; i++)
		printf(" %s%s", keys->list->items[i].name,
		       keys->list->items[i].possessed ? "!" : "");
	puts("");
}

static void write_key(void *user, struct troth_writer *w)
{
	(void)user;
	if (troth_keyinfo_write_own(w, device, NULL, NULL) != TROTH_OK)
		abort();
}

/* Whether this peer gives its key to who may know that it is there: `give`. */
static bool gives;

static bool on_asked(void *user, const struct troth_address *from,
		     const struct troth_pep_question *q)
{
	const struct troth_pep_item item = {.name = troth_cert_name(troth_device_cert(device)),
					    .write = write_key};
	(void)user;
	printf("asked-for-keys %s\n", from == NULL ? "-" : troth_address_full(from));
	return gives && troth_pep_answer(q, &item, 1) == TROTH_OK;
}

static void on_sent(void *user, const struct troth_address *from,
		    const struct troth_keyinfo_list *list)
{
	(void)user;
	printf("sent %s", from == NULL ? "-" : troth_address_full(from));
	for (size_t i = 0; i < list->count; i++)
		printf(" %s", list->items[i].name);
	puts("");
}

static int send_key(const char *jid)
{
	const struct troth_pep_item item = {.name = troth_cert_name(troth_device_cert(device)),
					    .write = write_key};
	return troth_pep_send(pep, jid, &item, 1);
}

static void on_published(void *user, int err)
{
	(void)user;
	printf("published %s\n", troth_err_name(err));
}

static int publish(const char *access)
{
	const struct troth_pep_item item = {.name = troth_cert_name(troth_device_cert(device)),
					    .write = write_key};
	const struct troth_pep_publication p = {&item, 1, on_published, NULL};
	for (int a = TROTH_PEP_OPEN; a <= TROTH_PEP_OWN; a++)
		if (strcmp(access, troth_pep_access_name((enum troth_pep_access)a)) == 0)
			return troth_pep_publish(pep, (enum troth_pep_access)a, &p);
	return TROTH_E_INVAL;
}

static int show_certificate(void)
{
	const struct troth_slice der = troth_cert_der(troth_device_cert(device));
	printf("certificate ");
	for (size_t i = 0; i < der.len; i++)
		printf("%02x", der.data[i]);
	puts("");
	return TROTH_OK;
}

static int act_keys(char **word)
{
	if (strcmp(word[0], "certificate") == 0)
		return show_certificate();
	if (strcmp(word[0], "key") == 0)
		return printf("key %s\n", troth_cert_name(troth_device_cert(device))), TROTH_OK;
	if (strcmp(word[0], "publish") == 0)
		return publish(word[1]);
	if (strcmp(word[0], "retract") == 0)
		return troth_pep_retract(pep, troth_cert_name(troth_device_cert(device)),
					 on_published, NULL);
	if (strcmp(word[0], "fetch") == 0)
		return troth_pep_fetch(pep, strcmp(word[1], "-") == 0 ? NULL : word[1], word[2],
				       on_keys, NULL);
	if (strcmp(word[0], "give") == 0)
		return gives = true, TROTH_OK;
	if (strcmp(word[0], "send-key") == 0)
		return send_key(word[1]);
	if (strcmp(word[0], "request") == 0)
		return troth_pep_request(pep, word[1], on_keys, NULL);
	return TROTH_E_INVAL;
}

/* ---- probing ---- */

/* Whose key this peer knows: the name of the command `know`. */
static struct troth_known_key known_key = {.proven = true};

static bool answer_probe(void *user, const struct troth_address *from,
			 const struct troth_offer *theirs, struct troth_prober_offer *out)
{
	const struct troth_known known = {
		.keys = &known_key, .key_count = 1, .least = TROTH_LEVEL_VERIFIED};
	const struct troth_side us = {&known, troth_cert_name(troth_device_cert(device)), 0};
	(void)user;
	(void)from;
	troth_choose_probed(&out->offer, &us, theirs);
	return true;
}

static void on_probed(void *user, const struct troth_prober_result *result)
{
	(void)user;
	printf("probed %s %s\n", troth_err_name(result->err),
	       result->offer == NULL || result->offer->name_count == 0 ? "-"
								       : result->offer->names[0]);
}

static int act_probe(char **word)
{
	struct troth_prober_offer ours = {.statements = NULL};
	if (strcmp(word[0], "know") == 0)
		return snprintf(known_key.name, sizeof known_key.name, "%s", word[1]) > 0
			       ? TROTH_OK
			       : TROTH_E_FORMAT;
	if (strcmp(word[0], "probe") != 0)
		return TROTH_E_INVAL;
	int err = troth_offer_add_name(&ours.offer, troth_cert_name(troth_device_cert(device)));
	return err == TROTH_OK ? troth_prober_ask(prober, word[1], &ours, on_probed, NULL) : err;
}

/* ---- both ---- */

int peer_parts_device(struct troth_buf *pem)
{
	const struct troth_device_params params = {"romeo@montague.test", 1700000000};
	int err = troth_device_generate(&device, &params);
	return err == TROTH_OK ? troth_device_write(device, NULL, pem) : err;
}

int peer_parts_new(struct troth_account *account)
{
	const struct troth_roster_callbacks callbacks = {
		.changed = on_changed, .presence = on_presence, .asks = on_asks};
	const struct troth_pep_callbacks pep_callbacks = {
		.changed = on_key_change, .asked = on_asked, .sent = on_sent};
	int err = troth_roster_new(&roster, account, &callbacks);
	if (err == TROTH_OK)
		err = troth_pep_new(&pep, account, &pep_callbacks);
	const struct troth_prober_callbacks probing = {.answer = answer_probe};
	return err == TROTH_OK ? troth_prober_new(&prober, account, &probing) : err;
}

void peer_parts_free(void)
{
	troth_roster_free(roster);
	troth_pep_free(pep);
	troth_prober_free(prober);
	troth_device_free(device);
}

int peer_parts_act(char **word)
{
	int err = act_roster(word);
	if (err == TROTH_E_INVAL)
		err = act_keys(word);
	return err == TROTH_E_INVAL ? act_probe(word) : err;
}
