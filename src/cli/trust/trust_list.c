/* SPDX-License-Identifier: MIT */
/* `troth trust list`. Layer: cli. */
#include "cli/terminal/table.h"
#include "cli/terminal/when.h"
#include "cli/trust/trust.h"

#include <troth/err.h>

struct listing {
	struct troth_store *store;
	struct troth_output *out;
	struct troth_table *table;
	json_t *array;
};

static int add_json(struct listing *l, const struct troth_portrait *p)
{
	char met[TROTH_WHEN_LEN];
	json_t *last =
		p->last_ok.time ? json_string(troth_when_iso(met, p->last_ok.time)) : json_null();
	json_t *row = json_pack(
		"{s:o, s:s, s:o, s:s*, s:i, s:o}", "label", troth_json_text(p->contact.label),
		"level", troth_level_name(troth_portrait_level(p)), "how",
		troth_json_text(troth_portrait_how(p)), "voucher", troth_portrait_voucher(p),
		"keys", (int)p->proven, "last_met", last);
	return json_array_append_new(l->array, row) == 0 ? TROTH_OK : TROTH_E_NOMEM;
}

static int add_row(struct listing *l, const struct troth_portrait *p)
{
	char met[TROTH_WHEN_LEN];
	char how[TROTH_STORE_LABEL_MAX + 16];
	const char *voucher = troth_portrait_voucher(p);
	(void)snprintf(how, sizeof how, "vouched by %s", voucher ? voucher : "");
	const char *cells[] = {p->contact.label, troth_level_name(troth_portrait_level(p)),
			       voucher ? how : troth_how_word(troth_portrait_how(p)),
			       troth_when_local(met, p->last_ok.time)};
	return troth_table_row(l->table, p->proven ? TROTH_STYLE_GOOD : TROTH_STYLE_WARN, cells);
}

static int add(void *user, const struct troth_store_contact *contact)
{
	struct listing *l = user;
	struct troth_portrait p;
	int err = troth_portrait_load(&p, l->store, contact);
	if (err)
		return err;
	return l->array ? add_json(l, &p) : add_row(l, &p);
}

static int add_label(void *user, const struct troth_store_contact *contact)
{
	struct troth_output *out = user;
	troth_line(out, TROTH_STYLE_PLAIN, "%s", contact->label);
	troth_json(out, troth_json_text(contact->label));
	return 0;
}

static enum troth_exit finish(struct troth_cli *cli, struct listing *l, int err)
{
	if (err) {
		json_decref(l->array);
		return troth_home_store_failed(cli, err, "can't list the contacts");
	}
	if (l->array)
		troth_json(&cli->out, l->array);
	else if (troth_table_rows(l->table) > 0)
		troth_table_print(l->table, &cli->out);
	else
		troth_line(&cli->out, TROTH_STYLE_PLAIN,
			   "No contacts yet. `troth pair` meets one.");
	return TROTH_EXIT_OK;
}

enum troth_exit troth_trust_list(struct troth_cli *cli)
{
	static const char *const titles[] = {"LABEL", "LEVEL", "HOW", "LAST MET"};
	struct listing l = {.out = &cli->out};
	enum troth_exit status = troth_home_store(cli, &l.store);
	if (status != TROTH_EXIT_OK)
		return status;
	if (troth_cli_has(cli, "labels")) {
		int err = troth_store_contact_list(l.store, add_label, &cli->out);
		return err ? troth_home_store_failed(cli, err, "can't list the contacts")
			   : TROTH_EXIT_OK;
	}
	int err = troth_table_new(&l.table, titles, 4);
	if (err)
		return troth_home_store_failed(cli, err, "can't list the contacts");
	if (cli->out.json)
		l.array = json_array();
	err = troth_store_contact_list(l.store, add, &l);
	status = finish(cli, &l, err);
	troth_table_free(l.table);
	return status;
}
