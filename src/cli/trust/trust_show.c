/* SPDX-License-Identifier: MIT */
/* `troth trust show`: keys, addresses and history of a contact. Layer: cli. */
#include "cli/terminal/fingerprint.h"
#include "cli/terminal/table.h"
#include "cli/terminal/when.h"
#include "cli/trust/trust.h"
#include "session/introducer.h"

#include <string.h>
#include <troth/err.h>

#define HISTORY_ROWS 10

/* Where the lists go: lines as they come, or arrays. */
struct show {
	struct troth_output *out;
	const struct troth_portrait *portrait;
	json_t *keys, *addresses, *history;
};

/* NULL: nobody whose word counts. */
static const char *voucher_of(const struct troth_portrait *p, const struct troth_store_key *key)
{
	for (size_t i = 0; i < p->key_count; i++) {
		if (troth_pin_equal(&p->keys[i].pin, &key->pin) && p->vouchers[i][0] != 0)
			return p->vouchers[i];
	}
	return NULL;
}

static int append(json_t *array, json_t *row)
{
	return json_array_append_new(array, row) == 0 ? TROTH_OK : TROTH_E_NOMEM;
}

static int show_key(void *user, const struct troth_store_key *key)
{
	struct show *s = user;
	char pin[TROTH_FINGERPRINT_LEN], changed[TROTH_WHEN_LEN], seen[TROTH_WHEN_LEN];
	const char *state = troth_store_key_state_name(key->state);
	if (s->keys)
		return append(s->keys,
			      json_pack("{s:s, s:s?, s:s, s:o, s:s*, s:s, s:s}", "fingerprint",
					troth_fingerprint_hex(pin, &key->pin), "name",
					key->name[0] != 0 ? key->name : NULL, "state", state, "how",
					troth_json_text(key->how), "voucher",
					voucher_of(s->portrait, key), "first_seen",
					troth_when_iso(seen, key->first_seen), "changed",
					troth_when_iso(changed, key->changed)));
	bool good = key->state == TROTH_STORE_KEY_PROVEN;
	const char *voucher = voucher_of(s->portrait, key);
	troth_line(s->out, good ? TROTH_STYLE_GOOD : TROTH_STYLE_WARN, "  %s by %s, %s", state,
		   troth_how_word(key->how), troth_when_local(changed, key->changed));
	troth_line(s->out, TROTH_STYLE_PLAIN, "    fingerprint  %s",
		   troth_fingerprint(pin, &key->pin));
	if (voucher)
		troth_line(s->out, TROTH_STYLE_PLAIN, "    by the word of %s, an introducer",
			   voucher);
	else if (troth_key_is_vouched(key))
		troth_line(s->out, TROTH_STYLE_PLAIN,
			   "    by somebody's word, which doesn't count any more");
	if (key->state == TROTH_STORE_KEY_SUSPENDED)
		troth_line(
			s->out, TROTH_STYLE_PLAIN,
			"    neither believed nor forgotten: pair again to decide, by `troth pair "
			"--generate`");
	if (key->name[0] == 0 && good)
		troth_line(s->out, TROTH_STYLE_PLAIN, "    its certificate hasn't been shown yet");
	return 0;
}

static int show_address(void *user, const struct troth_store_address *address)
{
	struct show *s = user;
	char seen[TROTH_WHEN_LEN];
	const char *realm = address->realm == TROTH_REALM_LINK ? "link" : "server";
	if (s->addresses)
		return append(s->addresses,
			      json_pack("{s:o, s:s, s:o, s:s}", "address",
					troth_json_text(address->address), "realm", realm, "source",
					troth_json_text(address->source), "last_seen",
					troth_when_iso(seen, address->last_seen)));
	troth_line(s->out, TROTH_STYLE_PLAIN, "  %s (%s, by %s, %s)", address->address, realm,
		   address->source, troth_when_local(seen, address->last_seen));
	return 0;
}

/* How it went over a server; NULL: it didn't. */
static const char *path_of(const struct troth_store_connection *row)
{
	static const char *const paths[] = {"direct", "proxy", "in-band"};
	for (size_t i = 0; row->detail && i < sizeof paths / sizeof *paths; i++)
		if (strcmp(row->detail, paths[i]) == 0)
			return paths[i];
	return NULL;
}

static int show_connection(void *user, const struct troth_store_connection *row)
{
	struct show *s = user;
	char when[TROTH_WHEN_LEN];
	if (s->history)
		return append(s->history,
			      json_pack("{s:s, s:b, s:o, s:o, s:o, s:b, s:o, s:s*}", "time",
					troth_when_iso(when, row->time), "incoming", row->incoming,
					"address", troth_json_text(row->address), "method",
					troth_json_text(row->method), "level",
					troth_json_text(row->level), "transcript", row->transcript,
					"outcome", troth_json_text(row->outcome), "path",
					path_of(row)));
	const char *path = path_of(row);
	const char *outcome = row->outcome ? row->outcome : "?";
	troth_when_local(when, row->time);
	if (strcmp(outcome, troth_err_name(TROTH_OK)) == 0)
		troth_line(s->out, TROTH_STYLE_PLAIN, "  %s  %s  %s, %s%s%s%s", when,
			   row->incoming ? "from" : "to  ", row->level ? row->level : "?",
			   row->method ? troth_method_words(row->method) : "?",
			   path ? ", over the server (" : "", path ? path : "", path ? ")" : "");
	else
		troth_line(s->out, TROTH_STYLE_WARN, "  %s  %s  failed: %s", when,
			   row->incoming ? "from" : "to  ", troth_outcome_text(outcome));
	return 0;
}

static int show_lists(struct show *s, struct troth_store *store, int64_t id)
{
	troth_line(s->out, TROTH_STYLE_BOLD, "Keys");
	int err = troth_store_key_list(store, id, show_key, s);
	if (err)
		return err;
	troth_line(s->out, TROTH_STYLE_BOLD, "Addresses (hints, they prove nothing)");
	err = troth_store_address_list(store, id, show_address, s);
	if (err)
		return err;
	troth_line(s->out, TROTH_STYLE_BOLD, "Last connections");
	return troth_store_history_list(store, id, HISTORY_ROWS, show_connection, s);
}

enum troth_exit troth_trust_show(struct troth_cli *cli)
{
	struct troth_store *store;
	struct troth_portrait p;
	struct show s = {.out = &cli->out, .portrait = &p};
	struct troth_store_contact contact;
	char since[TROTH_WHEN_LEN];
	enum troth_exit status = troth_trust_contact(cli, 1, &contact);
	if (status == TROTH_EXIT_OK)
		status = troth_home_store(cli, &store);
	if (status != TROTH_EXIT_OK)
		return status;
	if (cli->out.json) {
		s.keys = json_array();
		s.addresses = json_array();
		s.history = json_array();
	}
	int err = troth_portrait_load(&p, store, &contact);
	if (!err) {
		const char *level = troth_level_name(troth_portrait_level(&p));
		troth_line(&cli->out, TROTH_STYLE_PLAIN, "%s: %s, known since %s", contact.label,
			   level, troth_when_local(since, contact.created));
		err = show_lists(&s, store, contact.id);
	}
	if (!err && cli->out.json) {
		troth_json(&cli->out,
			   json_pack("{s:o, s:s, s:s, s:o, s:o, s:o}", "label",
				     troth_json_text(contact.label), "level",
				     troth_level_name(troth_portrait_level(&p)), "since",
				     troth_when_iso(since, contact.created), "keys", s.keys,
				     "addresses", s.addresses, "history", s.history));
		return TROTH_EXIT_OK;
	}
	json_decref(s.keys);
	json_decref(s.addresses);
	json_decref(s.history);
	return err ? troth_home_store_failed(cli, err, "can't show the contact") : TROTH_EXIT_OK;
}
