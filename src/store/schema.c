/* SPDX-License-Identifier: MIT */
/* The tables of the trust store and how an older file gets them. Layer: store. */
#include "store/schema.h"

#include "store/statement.h"

#include <stdio.h>
#include <troth/err.h>

#define STRINGIFY(x) #x
#define TEXT_OF(x) STRINGIFY(x)

/* Ids are never used again (AUTOINCREMENT): an id in the log or in a script must not come
 * to mean somebody else. One row a pin: two contacts can't share a key. */
#define WHO                                                                                        \
	"CREATE TABLE contact ("                                                                   \
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"                                                   \
	" label TEXT NOT NULL CHECK (length(CAST(label AS BLOB)) BETWEEN 1 AND 63),"               \
	" folded TEXT NOT NULL UNIQUE,"                                                            \
	" created INTEGER NOT NULL) STRICT;"                                                       \
	"CREATE TABLE address ("                                                                   \
	" realm INTEGER NOT NULL CHECK (realm IN (0, 1)),"                                         \
	" address TEXT NOT NULL,"                                                                  \
	" contact INTEGER NOT NULL REFERENCES contact ON DELETE CASCADE,"                          \
	" source TEXT NOT NULL,"                                                                   \
	" first_seen INTEGER NOT NULL,"                                                            \
	" last_seen INTEGER NOT NULL,"                                                             \
	" PRIMARY KEY (realm, address)) STRICT, WITHOUT ROWID;"                                    \
	"CREATE INDEX address_contact ON address (contact, last_seen);"                            \
	"CREATE TABLE peer_key ("                                                                  \
	" pin BLOB NOT NULL PRIMARY KEY CHECK (length(pin) = 32),"                                 \
	" contact INTEGER REFERENCES contact ON DELETE CASCADE,"                                   \
	" name TEXT NOT NULL,"                                                                     \
	" der BLOB NOT NULL,"                                                                      \
	" state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 5),"                                   \
	" how TEXT NOT NULL,"                                                                      \
	" first_seen INTEGER NOT NULL,"                                                            \
	" changed INTEGER NOT NULL,"                                                               \
	" CHECK (contact IS NOT NULL OR state IN (0, 5))) STRICT;"                                 \
	"CREATE INDEX peer_key_contact ON peer_key (contact, state);"                              \
	"CREATE INDEX peer_key_name ON peer_key (name);" /* Revocations are kept for good, whoever \
							    asks. */                               \
	"CREATE TRIGGER revoked_stays BEFORE UPDATE ON peer_key"                                   \
	" WHEN OLD.state = 5 AND NEW.state <> 5"                                                   \
	" BEGIN SELECT RAISE(ABORT, 'a revoked key stays revoked'); END;"                          \
	"CREATE TRIGGER revoked_is_kept BEFORE DELETE ON peer_key WHEN OLD.state = 5"              \
	" BEGIN SELECT RAISE(ABORT, 'a revoked key is kept'); END;"

/* Evidence goes only with its contact. */
#define EVIDENCE                                                                                   \
	"CREATE TABLE evidence ("                                                                  \
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"                                                   \
	" contact INTEGER NOT NULL,"                                                               \
	" pin BLOB NOT NULL CHECK (length(pin) = 32),"                                             \
	" kind TEXT NOT NULL,"                                                                     \
	" method TEXT NOT NULL,"                                                                   \
	" data BLOB NOT NULL,"                                                                     \
	" time INTEGER NOT NULL) STRICT;"                                                          \
	"CREATE INDEX evidence_contact ON evidence (contact);"                                     \
	"CREATE INDEX evidence_pin ON evidence (pin);"                                             \
	"CREATE TRIGGER evidence_insert BEFORE INSERT ON evidence"                                 \
	" WHEN EXISTS (SELECT 1 FROM evidence WHERE id = NEW.id)"                                  \
	" BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END;"                              \
	"CREATE TRIGGER evidence_update BEFORE UPDATE ON evidence"                                 \
	" BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END;"                              \
	"CREATE TRIGGER evidence_delete BEFORE DELETE ON evidence"                                 \
	" WHEN OLD.contact = 0 OR EXISTS (SELECT 1 FROM contact WHERE id = OLD.contact)"           \
	" BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END;"

/* allowed IS NULL: a strong secret, counted but not limited. */
#define SECRETS                                                                                    \
	"CREATE TABLE budget ("                                                                    \
	" scope TEXT NOT NULL PRIMARY KEY,"                                                        \
	" contact INTEGER REFERENCES contact ON DELETE CASCADE,"                                   \
	" bits INTEGER NOT NULL CHECK (bits >= 0),"                                                \
	" allowed INTEGER CHECK (allowed > 0),"                                                    \
	" spent INTEGER NOT NULL CHECK (spent >= 0),"                                              \
	" armed INTEGER NOT NULL,"                                                                 \
	" CHECK (allowed IS NULL OR spent <= allowed)) STRICT;"                                    \
	"CREATE INDEX budget_contact ON budget (contact);"                                         \
	"CREATE TABLE secret ("                                                                    \
	" scope TEXT NOT NULL PRIMARY KEY,"                                                        \
	" contact INTEGER REFERENCES contact ON DELETE CASCADE,"                                   \
	" tag BLOB NOT NULL UNIQUE,"                                                               \
	" time INTEGER NOT NULL) STRICT;"                                                          \
	"CREATE INDEX secret_contact ON secret (contact);"                                         \
	"CREATE TABLE secret_salt ("                                                               \
	" id INTEGER PRIMARY KEY CHECK (id = 1),"                                                  \
	" salt BLOB NOT NULL CHECK (length(salt) = 16)) STRICT;"

#define HISTORY                                                                                    \
	"CREATE TABLE history ("                                                                   \
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"                                                   \
	" contact INTEGER REFERENCES contact ON DELETE SET NULL,"                                  \
	" time INTEGER NOT NULL,"                                                                  \
	" pin BLOB CHECK (length(pin) = 32),"                                                      \
	" incoming INTEGER NOT NULL CHECK (incoming IN (0, 1)),"                                   \
	" address TEXT NOT NULL,"                                                                  \
	" method TEXT NOT NULL,"                                                                   \
	" level TEXT NOT NULL,"                                                                    \
	" transcript INTEGER NOT NULL CHECK (transcript IN (0, 1)),"                               \
	" outcome TEXT NOT NULL,"                                                                  \
	" detail TEXT NOT NULL) STRICT;"                                                           \
	"CREATE INDEX history_contact ON history (contact);"                                       \
	"CREATE INDEX history_met ON history (contact, time) WHERE outcome = 'ok';"                \
	"CREATE INDEX history_transcript ON history (pin)"                                         \
	" WHERE transcript = 1 AND outcome = 'ok';"

/* The head makes a cut at the end visible; the triggers stop mistakes, the chain shows
 * what got around them. */
#define LOG                                                                                        \
	"CREATE TABLE log ("                                                                       \
	" seq INTEGER PRIMARY KEY CHECK (seq > 0),"                                                \
	" time INTEGER NOT NULL,"                                                                  \
	" kind TEXT NOT NULL,"                                                                     \
	" contact TEXT NOT NULL,"                                                                  \
	" text TEXT NOT NULL,"                                                                     \
	" hash BLOB NOT NULL CHECK (length(hash) = 32)) STRICT;"                                   \
	"CREATE TABLE log_head ("                                                                  \
	" id INTEGER PRIMARY KEY CHECK (id = 1),"                                                  \
	" seq INTEGER NOT NULL,"                                                                   \
	" hash BLOB NOT NULL CHECK (length(hash) = 32)) STRICT;"                                   \
	"INSERT INTO log_head VALUES (1, 0, zeroblob(32));"                                        \
	"CREATE TRIGGER log_insert BEFORE INSERT ON log"                                           \
	" WHEN NEW.seq IS NOT (SELECT seq + 1 FROM log_head)"                                      \
	" BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;"                               \
	"CREATE TRIGGER log_update BEFORE UPDATE ON log"                                           \
	" BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;"                               \
	"CREATE TRIGGER log_delete BEFORE DELETE ON log"                                           \
	" BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;"                               \
	"CREATE TRIGGER log_head_update BEFORE UPDATE ON log_head WHEN NEW.seq <> OLD.seq + 1"     \
	" BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;"                               \
	"CREATE TRIGGER log_head_delete BEFORE DELETE ON log_head"                                 \
	" BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;"

#define SETTINGS                                                                                   \
	"CREATE TABLE setting (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)"                \
	" STRICT, WITHOUT ROWID;"

#define STATEMENT_GUARDS                                                                           \
	"CREATE INDEX statement_subject ON statement (subject, kind);"                             \
	"CREATE INDEX statement_issuer ON statement (issuer);"                                     \
	"CREATE INDEX statement_revoked ON statement (subject) WHERE kind = 5;"                    \
	"CREATE TRIGGER statement_insert BEFORE INSERT ON statement"                               \
	" WHEN EXISTS (SELECT 1 FROM statement WHERE id = NEW.id)"                                 \
	" BEGIN SELECT RAISE(ABORT, 'statements are append-only'); END;"                           \
	"CREATE TRIGGER statement_update BEFORE UPDATE ON statement"                               \
	" BEGIN SELECT RAISE(ABORT, 'statements are append-only'); END;"                           \
	"CREATE TRIGGER statement_delete BEFORE DELETE ON statement"                               \
	" WHEN OLD.kind = 5 OR OLD.contact = 0"                                                    \
	" OR EXISTS (SELECT 1 FROM contact WHERE id = OLD.contact)"                                \
	" BEGIN SELECT RAISE(ABORT, 'statements are append-only'); END;"

/* Step 2. A user key endorses devices and is never the pin of a handshake. Statements go only with
 * their contact; revocations never. The numbers are those of trust/belief.h. */
#define STATEMENTS                                                                                 \
	"ALTER TABLE peer_key ADD COLUMN role INTEGER NOT NULL DEFAULT 0"                          \
	" CHECK (role IN (0, 1));"                                                                 \
	"CREATE TABLE statement ("                                                                 \
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"                                                   \
	" contact INTEGER NOT NULL,"                                                               \
	" kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 11),"                                    \
	" subject BLOB NOT NULL CHECK (length(subject) = 32),"                                     \
	" issuer BLOB NOT NULL CHECK (length(issuer) = 32),"                                       \
	" detail INTEGER NOT NULL,"                                                                \
	" presented INTEGER NOT NULL CHECK (presented IN (0, 1)),"                                 \
	" assigned INTEGER NOT NULL CHECK (assigned IN (0, 1)),"                                   \
	" introducer INTEGER NOT NULL,"                                                            \
	" depth INTEGER NOT NULL,"                                                                 \
	" issued INTEGER NOT NULL,"                                                                \
	" expires INTEGER NOT NULL,"                                                               \
	" time INTEGER NOT NULL,"                                                                  \
	" data BLOB NOT NULL) STRICT;"                                                             \
	"CREATE INDEX statement_contact ON statement (contact, kind);" STATEMENT_GUARDS

/* What an older file knows of its keys, said in the order in which it must have happened: the
 * replaced ones, the re-pairing that replaced them, what came with or after it. Of replaced
 * keys without another that is proven nothing is said: so none of them counts. */
#define SAY "INSERT INTO statement SELECT NULL, ifnull(contact, 0), "
#define AS_MET                                                                                     \
	"2, pin, zeroblob(32), CASE WHEN how IN ('manual', 'sas') THEN 2"                          \
	" WHEN how = 'keyinfo' THEN 3 ELSE 1 END, 0, 0, 0, 0, 0, 0, "
#define HAS(state)                                                                                 \
	" EXISTS (SELECT 1 FROM peer_key o WHERE o.contact = k.contact AND o.state = " state ")"
#define HANDED_DOWN                                                                                \
	SAY AS_MET "first_seen, x'' FROM peer_key k WHERE state = 3 AND" HAS(                      \
		"2") " ORDER BY changed, pin;" SAY                                                 \
		     "3, pin, zeroblob(32), 0, 0, 0, 0, 0, 0, 0, min(changed), x''"                \
		     " FROM peer_key k WHERE state = 2 AND" HAS(                                   \
			     "3") " GROUP BY contact ORDER BY contact;" SAY AS_MET                 \
				  "changed, x'' FROM peer_key k WHERE state = 2 ORDER BY "         \
				  "changed, pin;" SAY                                              \
				  "1, pin, zeroblob(32), 0, 0, 0, 0, 0, 0, 0, changed, x''"        \
				  " FROM peer_key WHERE state = 1 ORDER BY changed, pin;" SAY      \
				  "5, pin, pin, 1, 0, 0, 0, 0, changed, 0, changed, x''"           \
				  " FROM peer_key WHERE state = 5 ORDER BY changed, pin;"

/* Step 3. What belief asks for stands together, one contact after the other, and without what was
 * signed: a verdict reads a page or two of it, however many other contacts there are. The rows
 * themselves lie in the order of arrival, so each of a contact's is on a page of its own. */
#define JUDGED                                                                                     \
	"CREATE INDEX statement_judged ON statement (contact, id, kind, subject, issuer, detail,"  \
	" presented, assigned, introducer, depth, issued, expires, time);"                         \
	"DROP INDEX statement_contact;"

/* What a CHECK says can't be changed, so the table of statements is made anew for a further kind:
 * one that takes kinds 1 to `last`, filled with those columns of the former one. A number isn't
 * used again, also of what went with its contact. */
#define STATEMENT_COLUMNS                                                                          \
	"id, contact, kind, subject, issuer, detail, presented, assigned, introducer, depth,"      \
	" issued, expires, time, data"
#define STATEMENTS_ANEW(table, last, columns)                                                      \
	"CREATE TABLE " table " ("                                                                 \
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"                                                   \
	" contact INTEGER NOT NULL,"                                                               \
	" kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND " last "),"                              \
	" subject BLOB NOT NULL CHECK (length(subject) = 32),"                                     \
	" issuer BLOB NOT NULL CHECK (length(issuer) = 32),"                                       \
	" detail INTEGER NOT NULL,"                                                                \
	" presented INTEGER NOT NULL CHECK (presented IN (0, 1)),"                                 \
	" assigned INTEGER NOT NULL CHECK (assigned IN (0, 1)),"                                   \
	" introducer INTEGER NOT NULL,"                                                            \
	" depth INTEGER NOT NULL,"                                                                 \
	" issued INTEGER NOT NULL,"                                                                \
	" expires INTEGER NOT NULL,"                                                               \
	" time INTEGER NOT NULL,"                                                                  \
	" data BLOB NOT NULL,"                                                                     \
	" list BLOB NOT NULL DEFAULT x'' CHECK (length(list) = CASE kind WHEN 12 THEN 32 ELSE 0"   \
	" END)) STRICT;"                                                                           \
	"INSERT INTO " table " (" columns ") SELECT " columns " FROM statement;"                   \
	"DELETE FROM sqlite_sequence WHERE name = '" table "';"                                    \
	"INSERT INTO sqlite_sequence SELECT '" table "', seq FROM sqlite_sequence"                 \
	" WHERE name = 'statement';"                                                               \
	"DROP TABLE statement;"                                                                    \
	"ALTER TABLE " table " RENAME TO statement;"                                               \
	"CREATE INDEX statement_judged ON statement (contact, id, kind, subject, issuer, detail,"  \
	" presented, assigned, introducer, depth, issued, expires, time, list);" STATEMENT_GUARDS

/* Step 4. One kind more, with the hash of the list that it is of. */
#define SUCCESSION STATEMENTS_ANEW("statement_4", "12", STATEMENT_COLUMNS)

/* Step 5. A password is there only on the user's word; secure_delete wipes it with its row. */
#define ACCOUNTS                                                                                   \
	"CREATE TABLE account ("                                                                   \
	" jid TEXT NOT NULL PRIMARY KEY,"                                                          \
	" host TEXT NOT NULL,"                                                                     \
	" port INTEGER NOT NULL CHECK (port BETWEEN 0 AND 65535),"                                 \
	" ca_file TEXT NOT NULL,"                                                                  \
	" direct_tls INTEGER NOT NULL CHECK (direct_tls IN (0, 1)),"                               \
	" certificate INTEGER NOT NULL CHECK (certificate IN (0, 1)),"                             \
	" password TEXT,"                                                                          \
	" added INTEGER NOT NULL) STRICT, WITHOUT ROWID;"

/* Step 6. One kind more: links of introducers' chains. */
#define CHAINS STATEMENTS_ANEW("statement_6", "13", STATEMENT_COLUMNS ", list")

/* clang-format off */
const char *const troth_schema_steps[] = {
	"PRAGMA application_id = " TEXT_OF(TROTH_STORE_APPLICATION_ID) ";"
	WHO EVIDENCE SECRETS HISTORY LOG SETTINGS,
	STATEMENTS HANDED_DOWN,
	JUDGED,
	SUCCESSION,
	ACCOUNTS,
	CHAINS,
};
/* clang-format on */
const int troth_schema_version = sizeof troth_schema_steps / sizeof *troth_schema_steps;

static int read_number(struct troth_store *store, const char *sql, int64_t *out)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	int err = rc == SQLITE_ROW ? TROTH_OK : troth_store_fail_sqlite(store, rc);
	if (err == TROTH_OK)
		*out = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return err;
}

static int fail_newer(struct troth_store *store, int64_t version, int known)
{
	return troth_store_fail(store, TROTH_E_UNSUPPORTED,
				"The trust store %s was made by a newer version of this program "
				"(schema %lld, known here: %d). It was left as it is: use the "
				"newer version.",
				store->path, (long long)version, known);
}

static int identify(struct troth_store *store)
{
	int64_t application = 0;
	int64_t version = 0;
	int64_t objects = 0;
	int err = read_number(store, "PRAGMA application_id", &application);
	if (err == TROTH_OK)
		err = read_number(store, "PRAGMA user_version", &version);
	if (err == TROTH_OK)
		err = read_number(store, "SELECT count(*) FROM sqlite_schema", &objects);
	if (err != TROTH_OK)
		return err;
	bool empty = application == 0 && version == 0 && objects == 0;
	if (!empty && application != TROTH_STORE_APPLICATION_ID)
		return troth_store_fail(store, TROTH_E_FORMAT,
					"%s is the database of another program. It was left as it "
					"is: move it away.",
					store->path);
	if (version > troth_schema_version)
		return fail_newer(store, version, troth_schema_version);
	return TROTH_OK;
}

int troth_schema_identify(struct troth_store *store)
{
	/* One view: another process may be making the tables just now. */
	int err = troth_store_begin_read(store);
	if (err != TROTH_OK)
		return err;
	return troth_store_end(store, identify(store));
}

static int take_step(struct troth_store *store, const char *const *steps, int64_t version)
{
	char set_version[64];
	int rc = sqlite3_exec(store->db, steps[version], NULL, NULL, NULL);
	if (rc == SQLITE_OK) {
		snprintf(set_version, sizeof set_version, "PRAGMA user_version = %lld",
			 (long long)version + 1);
		rc = sqlite3_exec(store->db, set_version, NULL, NULL, NULL);
	}
	return rc == SQLITE_OK ? TROTH_OK : troth_store_fail_sqlite(store, rc);
}

int troth_schema_upgrade(struct troth_store *store, const char *const *steps, int version)
{
	int64_t at = 0;
	do {
		int err = read_number(store, "PRAGMA user_version", &at);
		if (err != TROTH_OK)
			return err;
		if (at == version)
			return TROTH_OK;
		err = troth_store_begin(store);
		if (err != TROTH_OK)
			return err;
		/* Again under the lock: somebody may have been faster. */
		err = read_number(store, "PRAGMA user_version", &at);
		if (err == TROTH_OK && (at > version || at < 0))
			err = fail_newer(store, at, version);
		if (err == TROTH_OK && at < version)
			err = take_step(store, steps, at);
		err = troth_store_end(store, err);
		if (err != TROTH_OK)
			return err;
	} while (at < version);
	return TROTH_OK;
}
