/* SPDX-License-Identifier: MIT */
/*
 * What was said about keys, one row each: appended and read, never changed, never judged here.
 * Layer: store. trust/belief.h makes of it what is believed.
 */
#include "store/changes.h"
#include "store/statement.h"

#include <string.h>
#include <troth/err.h>

static int fail_kind(struct troth_store *store)
{
	return troth_store_fail(store, TROTH_E_INVAL, "That isn't a statement about a key.");
}

/* One column holds what the kind needs: how, purpose, reason or validity. */
static int detail_of(struct troth_store *store, const struct troth_belief_statement *s, int *out)
{
	bool good = true;
	*out = 0;
	switch (s->kind) {
	case TROTH_BELIEF_MET:
		*out = (int)s->how;
		good = *out >= TROTH_BELIEF_BY_SECRET && *out <= TROTH_BELIEF_BY_HANDSHAKE;
		break;
	case TROTH_BELIEF_ENDORSED:
		*out = (int)s->purpose;
		good = *out >= TROTH_BELIEF_DEVICE && *out <= TROTH_BELIEF_VOUCH;
		break;
	case TROTH_BELIEF_REVOKED:
		*out = (int)s->reason;
		good = *out >= TROTH_BELIEF_COMPROMISED && *out <= TROTH_BELIEF_LOST;
		break;
	case TROTH_BELIEF_OPENPGP:
		*out = (int)s->validity;
		good = *out >= TROTH_BELIEF_INVALID && *out <= TROTH_BELIEF_ULTIMATE;
		break;
	case TROTH_BELIEF_CLAIMED:
	case TROTH_BELIEF_REPAIRED:
	case TROTH_BELIEF_CA:
	case TROTH_BELIEF_VOUCHED:
	case TROTH_BELIEF_ANCHOR:
	case TROTH_BELIEF_SUCCESSOR:
	case TROTH_BELIEF_DISPUTED:
	case TROTH_BELIEF_QUORUM:
	case TROTH_BELIEF_INTRODUCED:
		break;
	default: /* from outside, where it may be any number */
		good = false;
	}
	return good ? TROTH_OK : fail_kind(store);
}

/* Each time that it happens is one of its own: it may decide what came in between. */
static bool is_event(const struct troth_belief_statement *s)
{
	static const struct troth_pin zero;
	return s->kind == TROTH_BELIEF_MET || s->kind == TROTH_BELIEF_REPAIRED ||
	       s->kind == TROTH_BELIEF_DISPUTED ||
	       (s->kind == TROTH_BELIEF_ANCHOR && troth_pin_equal(&s->issuer, &zero));
}

static int read_id(struct troth_store *store, const char *sql, const struct troth_value *values,
		   size_t count, int64_t *out)
{
	struct troth_rows rows TROTH_ROWS_AUTO;
	int err = troth_rows_open(store, sql, values, count, &rows);
	if (err == TROTH_OK)
		err = troth_rows_one(&rows, "statement");
	if (err == TROTH_OK)
		*out = troth_rows_int(&rows, 0);
	return err;
}

/* The statement after which an equal one would stand for this one. */
static int equal_since(struct troth_store *store, const struct troth_store_statement *s,
		       int64_t *out)
{
	if (s->says.kind == TROTH_BELIEF_REVOKED) {
		*out = 0; /* kept for good */
		return TROTH_OK;
	}
	/* Of what the keyring says the last counts, so only that one is compared. */
	if (s->says.kind == TROTH_BELIEF_OPENPGP)
		return read_id(
			store,
			"SELECT coalesce(max(id), 1) - 1 FROM statement"
			" WHERE contact = ?1 AND subject = ?2 AND kind IN (3, 7)",
			TROTH_BIND(troth_value_int(s->contact), troth_value_pin(&s->says.subject)),
			out);
	return read_id(store,
		       "SELECT coalesce(max(id), 1) - 1 FROM statement"
		       " WHERE contact = ?1 AND kind = 3",
		       TROTH_BIND(troth_value_int(s->contact)), out);
}

static struct troth_value list_of(const struct troth_belief_statement *s)
{
	return s->kind == TROTH_BELIEF_QUORUM ? troth_value_pin(&s->list)
					      : troth_value_blob((struct troth_slice){NULL, 0});
}

int troth_statement_record(struct troth_store *store, const struct troth_store_statement *s)
{
	int detail = 0;
	int64_t since = 0;
	int err = detail_of(store, &s->says, &detail);
	if (err == TROTH_OK && s->contact != 0)
		err = troth_contact_require(store, s->contact);
	if (err == TROTH_OK)
		err = equal_since(store, s, &since);
	if (err != TROTH_OK)
		return err;
	return troth_statement_run(
		store,
		"INSERT INTO statement (contact, kind, subject, issuer, detail, presented,"
		" assigned, introducer, depth, issued, expires, time, data, list)"
		" SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?16"
		" WHERE NOT EXISTS (SELECT 1 FROM statement WHERE contact = ?1 AND kind = ?2"
		" AND subject = ?3 AND issuer = ?4 AND detail = ?5 AND presented = ?6"
		" AND assigned = ?7 AND introducer = ?8 AND depth = ?9 AND issued = ?10"
		" AND expires = ?11 AND list = ?16 AND (time = ?12 OR NOT ?14) AND id > ?15)",
		TROTH_BIND(troth_value_int(s->contact), troth_value_int(s->says.kind),
			   troth_value_pin(&s->says.subject), troth_value_pin(&s->says.issuer),
			   troth_value_int(detail), troth_value_int(s->says.presented),
			   troth_value_int(s->says.assigned), troth_value_int(s->says.introducer),
			   troth_value_int(s->says.depth), troth_value_int(s->says.issued),
			   troth_value_int(s->says.expires), troth_value_int(s->says.time),
			   troth_value_blob(s->data), troth_value_int(is_event(&s->says)),
			   troth_value_int(since), list_of(&s->says)));
}

/* A contact may say as much as it likes; it doesn't get our disk for it. What takes a known key
 * away always has room, but not again and again: what changes nothing can be said for ever. */
static int check_room(struct troth_store *store, const struct troth_store_statement *s)
{
	int64_t count = 0;
	int64_t known = 0;
	int err = read_id(store, "SELECT count(*) FROM statement WHERE contact = ?1",
			  TROTH_BIND(troth_value_int(s->contact)), &count);
	if (err != TROTH_OK || count < TROTH_STORE_STATEMENTS_MAX ||
	    s->says.kind == TROTH_BELIEF_REPAIRED)
		return err;
	if (s->says.kind == TROTH_BELIEF_REVOKED)
		err = read_id(store,
			      "SELECT count(*) FROM peer_key WHERE pin = ?1 AND state <> 0"
			      " AND state <> 5 AND (SELECT count(*) FROM statement"
			      " WHERE contact = ?2 AND kind = 5 AND subject = ?1"
			      " AND issuer = ?3) < ?4",
			      TROTH_BIND(troth_value_pin(&s->says.subject),
					 troth_value_int(s->contact),
					 troth_value_pin(&s->says.issuer),
					 troth_value_int(TROTH_STORE_REVOCATIONS_MAX)),
			      &known);
	if (err != TROTH_OK || known > 0)
		return err;
	return troth_store_fail(store, TROTH_E_LIMIT,
				"Too much was said about this contact's keys; this isn't kept.");
}

int troth_store_statement_append(struct troth_store *store, const struct troth_store_statement *s)
{
	if (s->data.len > TROTH_STORE_BLOB_MAX)
		return troth_store_fail(store, TROTH_E_LIMIT,
					"The statement is too long: at most %zu bytes.",
					TROTH_STORE_BLOB_MAX);
	int err = troth_store_begin(store);
	if (err != TROTH_OK)
		return err;
	err = check_room(store, s);
	if (err == TROTH_OK)
		err = troth_statement_record(store, s);
	return troth_store_end(store, err);
}

/* ---- reading ---- */

static int read_one(const struct troth_rows *rows, struct troth_store_statement *out)
{
	struct troth_belief_statement s = {
		.kind = (enum troth_belief_kind)troth_rows_int(rows, 2),
		.presented = troth_rows_int(rows, 6) != 0,
		.assigned = troth_rows_int(rows, 7) != 0,
		.introducer = troth_rows_int(rows, 8),
		.depth = (unsigned)troth_rows_int(rows, 9),
		.issued = troth_rows_int(rows, 10),
		.expires = troth_rows_int(rows, 11),
		.time = troth_rows_int(rows, 12),
	};
	int detail = (int)troth_rows_int(rows, 5);
	int checked;
	if (s.kind == TROTH_BELIEF_MET)
		s.how = (enum troth_belief_how)detail;
	else if (s.kind == TROTH_BELIEF_ENDORSED)
		s.purpose = (enum troth_belief_purpose)detail;
	else if (s.kind == TROTH_BELIEF_REVOKED)
		s.reason = (enum troth_belief_reason)detail;
	else if (s.kind == TROTH_BELIEF_OPENPGP)
		s.validity = (enum troth_belief_validity)detail;
	if (detail_of(rows->store, &s, &checked) != TROTH_OK)
		return troth_store_fail_damaged(rows->store, "a statement of no known kind");
	int err = troth_rows_pin(rows, 3, &s.subject);
	if (err == TROTH_OK)
		err = troth_rows_pin(rows, 4, &s.issuer);
	if (err == TROTH_OK && s.kind == TROTH_BELIEF_QUORUM)
		err = troth_rows_pin(rows, 13, &s.list);
	*out = (struct troth_store_statement){
		.id = troth_rows_int(rows, 0),
		.contact = troth_rows_int(rows, 1),
		.says = s,
		.data = troth_rows_blob(rows, 14),
	};
	return err;
}

static int give_each(struct troth_rows *rows, troth_store_statement_each *each, void *user)
{
	int err = TROTH_OK;
	while (err == TROTH_OK) {
		struct troth_store_statement s;
		err = troth_rows_next(rows);
		if (err == TROTH_E_NOT_FOUND)
			return TROTH_OK;
		if (err == TROTH_OK)
			err = read_one(rows, &s);
		if (err != TROTH_OK)
			return err;
		rows->store->in_callback++;
		err = each(user, &s);
		rows->store->in_callback--;
	}
	return err;
}

#define JUDGED                                                                                     \
	"id, contact, kind, subject, issuer, detail, presented, assigned, introducer, depth,"      \
	" issued, expires, time, list"

/* From an index that holds all of it (schema.c). A revocation is one whoever passed it on: those
 * of other contacts are looked for by each key spoken of, in an index of revocations alone. */
int troth_store_statement_list(struct troth_store *store, int64_t contact,
			       troth_store_statement_each *each, void *user)
{
	struct troth_rows rows TROTH_ROWS_AUTO;
	int err =
		troth_rows_open(store,
				"SELECT " JUDGED ", x'' FROM statement INDEXED BY statement_judged"
				" WHERE contact = ?1"
				" UNION ALL SELECT " JUDGED ", x'' FROM statement WHERE id IN ("
				"SELECT r.id FROM statement c INDEXED BY statement_judged"
				" JOIN statement r INDEXED BY statement_revoked"
				" ON r.subject IN (c.subject, c.issuer) AND r.kind = 5"
				" WHERE c.contact = ?1 AND r.contact <> ?1)"
				" ORDER BY id",
				TROTH_BIND(troth_value_int(contact)), &rows);
	return err == TROTH_OK ? give_each(&rows, each, user) : err;
}

int troth_store_statement_list_by_pin(struct troth_store *store, const struct troth_pin *pin,
				      troth_store_statement_each *each, void *user)
{
	struct troth_rows rows TROTH_ROWS_AUTO;
	int err = troth_rows_open(store,
				  "SELECT " JUDGED ", data FROM statement"
				  " WHERE subject = ?1 OR issuer = ?1 ORDER BY id",
				  TROTH_BIND(troth_value_pin(pin)), &rows);
	return err == TROTH_OK ? give_each(&rows, each, user) : err;
}

/* ---- what the store itself knows to say ---- */

/* The words of struct troth_store_new_key. */
static enum troth_belief_how how_of(const char *how)
{
	if (how != NULL && (strcmp(how, "manual") == 0 || strcmp(how, "sas") == 0))
		return TROTH_BELIEF_BY_HAND;
	return how != NULL && strcmp(how, "keyinfo") == 0 ? TROTH_BELIEF_BY_HANDSHAKE
							  : TROTH_BELIEF_BY_SECRET;
}

int troth_statement_say(struct troth_store *store, enum troth_belief_kind kind,
			const struct troth_store_key *key, const char *how)
{
	/* Why a user key was accepted only the caller knows. */
	if (key->role == TROTH_ROLE_USER && kind != TROTH_BELIEF_REVOKED &&
	    kind != TROTH_BELIEF_REPAIRED)
		return TROTH_OK;
	struct troth_store_statement s = {
		.contact = key->contact,
		.says = {.kind = kind, .subject = key->pin, .time = key->changed},
	};
	if (kind == TROTH_BELIEF_MET)
		s.says.how = how_of(how);
	return troth_statement_record(store, &s);
}

int troth_statement_say_revoked(struct troth_store *store, const struct troth_store_key *key)
{
	struct troth_rows rows TROTH_ROWS_AUTO;
	int err = troth_rows_open(store,
				  "SELECT 1 FROM statement WHERE subject = ?1 AND kind = 5 LIMIT 1",
				  TROTH_BIND(troth_value_pin(&key->pin)), &rows);
	if (err == TROTH_OK)
		err = troth_rows_next(&rows);
	/* What was signed stands there already, or else it is our own user's word, which needs
	 * nobody's: it is kept in the form of the key's own. */
	if (err != TROTH_E_NOT_FOUND)
		return err;
	const struct troth_store_statement s = {
		.contact = key->contact,
		.says = {.kind = TROTH_BELIEF_REVOKED,
			 .reason = TROTH_BELIEF_COMPROMISED,
			 .subject = key->pin,
			 .issuer = key->pin,
			 .issued = key->changed,
			 .time = key->changed},
	};
	return troth_statement_record(store, &s);
}
