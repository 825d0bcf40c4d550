/* SPDX-License-Identifier: MIT */
/* `troth trust introducer` and `share`: whose word is heard, and who may ask. Layer: cli. */
#include "cli/terminal/table.h"
#include "cli/terminal/when.h"
#include "cli/trust/trust.h"

#include <string.h>
#include <troth/err.h>

/* ---- those that are ---- */

struct listing {
	struct troth_store *store;
	enum troth_store_leave leave;
	struct troth_output *out;
	json_t *array; /* NULL: text */
	size_t count;
};

static int add(void *user, const struct troth_store_contact *contact)
{
	struct listing *l = user;
	bool set = false;
	int err = troth_store_leave_get(l->store, contact->id, l->leave, &set);
	if (err != TROTH_OK || !set)
		return err;
	l->count++;
	troth_line(l->out, TROTH_STYLE_PLAIN, "%s", contact->label);
	if (l->array != NULL &&
	    json_array_append_new(l->array, troth_json_text(contact->label)) != 0)
		return TROTH_E_NOMEM;
	return 0;
}

static enum troth_exit list(struct troth_cli *cli, enum troth_store_leave leave, const char *none)
{
	struct listing l = {.leave = leave, .out = &cli->out};
	enum troth_exit status = troth_home_store(cli, &l.store);
	if (status != TROTH_EXIT_OK)
		return status;
	if (cli->out.json)
		l.array = json_array();
	int err = troth_store_contact_list(l.store, add, &l);
	if (err != TROTH_OK) {
		json_decref(l.array);
		return troth_home_store_failed(cli, err, "can't list the contacts");
	}
	if (l.count == 0 && !cli->out.json)
		troth_note(&cli->out, "%s", none);
	troth_json(&cli->out, l.array);
	return TROTH_EXIT_OK;
}

/* ---- another one, or one less ---- */

struct change {
	enum troth_store_leave leave;
	const char *member; /* of the JSON */
	bool on;
};

static enum troth_exit set(struct troth_cli *cli, const struct change *change,
			   struct troth_store_contact *contact)
{
	struct troth_store *store;
	enum troth_exit status = troth_trust_contact(cli, 1, contact);
	if (status == TROTH_EXIT_OK)
		status = troth_home_store(cli, &store);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_store_leave_set(store, contact->id, change->leave, change->on,
					troth_when_now());
	if (err != TROTH_OK)
		return troth_home_store_failed(cli, err, "can't keep that");
	troth_json(&cli->out, json_pack("{s:o, s:b}", "label", troth_json_text(contact->label),
					change->member, change->on));
	return TROTH_EXIT_OK;
}

/* A person whose own key isn't proven can't vouch for anybody's. */
static enum troth_exit check_proven(struct troth_cli *cli)
{
	struct troth_store *store;
	struct troth_store_contact contact;
	struct troth_portrait p;
	enum troth_exit status = troth_trust_contact(cli, 1, &contact);
	if (status == TROTH_EXIT_OK)
		status = troth_home_store(cli, &store);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_portrait_load(&p, store, &contact);
	if (err != TROTH_OK)
		return troth_home_store_failed(cli, err, "can't read the contact");
	if (p.proven > 0)
		return TROTH_EXIT_OK;
	return troth_cli_fail(cli,
			      &(struct troth_failure){.err = TROTH_E_FLOOR,
						      .cause = "No key of that contact is proven.",
						      .next = "Pair first: `troth pair`."},
			      "%s can't be an introducer", contact.label);
}

enum troth_exit troth_trust_introducer(struct troth_cli *cli)
{
	const struct change change = {TROTH_STORE_LEAVE_INTRODUCE, "introducer",
				      !troth_cli_has(cli, "remove")};
	struct troth_store_contact contact;
	enum troth_exit status = TROTH_EXIT_OK;
	if (troth_cli_arg(cli, 1) == NULL && change.on)
		return list(cli, change.leave,
			    "Nobody: `troth trust introducer LABEL` hears that contact's word on "
			    "other people's keys.");
	if (change.on)
		status = check_proven(cli);
	if (status == TROTH_EXIT_OK)
		status = set(cli, &change, &contact);
	if (status != TROTH_EXIT_OK)
		return status;
	if (change.on)
		troth_line(&cli->out, TROTH_STYLE_PLAIN,
			   "The word of %s on other people's keys is heard: `troth trust ask %s "
			   "NAME`.",
			   contact.label, contact.label);
	else
		troth_line(&cli->out, TROTH_STYLE_PLAIN,
			   "The word of %s on other people's keys doesn't count any more.",
			   contact.label);
	return TROTH_EXIT_OK;
}

enum troth_exit troth_trust_share(struct troth_cli *cli)
{
	struct change change = {TROTH_STORE_LEAVE_ASK, "share", false};
	struct troth_store_contact contact;
	const char *word = troth_cli_arg(cli, 2);
	if (troth_cli_arg(cli, 1) == NULL)
		return list(cli, change.leave,
			    "Nobody is told whom you know: `troth trust share LABEL on` lets that "
			    "contact ask.");
	if (word == NULL || (strcmp(word, "on") != 0 && strcmp(word, "off") != 0))
		return troth_cli_usage(cli, "on or off? troth trust share LABEL on|off");
	change.on = strcmp(word, "on") == 0;
	enum troth_exit status = set(cli, &change, &contact);
	if (status != TROTH_EXIT_OK)
		return status;
	troth_line(&cli->out, TROTH_STYLE_PLAIN,
		   change.on ? "%s may ask this device for the keys of people whom you know."
			     : "%s isn't told any more whom you know.",
		   contact.label);
	return TROTH_EXIT_OK;
}
