/* SPDX-License-Identifier: MIT */
#include "crowd.h"

#include "sample.h"
#include "trust/verdict.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STATEMENTS_MAX 64
#define STRIDE 37 /* the next contact isn't the neighbour of the one before */
#define TEXT_OF(x) #x
#define NUMBER(x) TEXT_OF(x)

/* Keys are numbers too: of contact c, key k is c * 16 + k. 0 was met, 1 to CROWD_DEVICES are
 * endorsed, 15 is the user key. All in one transaction: what is measured is reading. */
#define PIN(c, k) "CAST(printf('%032d', " c " * 16 + " k ") AS BLOB)"
#define EACH_CONTACT "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ?1) "
#define EACH_DEVICE                                                                                \
	"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ?1),"            \
	" d(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM d WHERE k < " NUMBER(CROWD_DEVICES) ") "

static const char *const fill[] = {
	"BEGIN",
	EACH_CONTACT
	"INSERT INTO contact SELECT i, printf('contact %d', i), printf('contact %d', i), 1"
	" FROM c",
	EACH_CONTACT "INSERT INTO peer_key SELECT " PIN("i", "0") ", i, '', x'', 2, 'srp', 1, 1, 0"
								  " FROM c",
	EACH_DEVICE
	"INSERT INTO peer_key SELECT " PIN("i", "k") ", i, '', x'', 2, 'device', 1, 1, 0"
						     " FROM c, d",
	EACH_CONTACT "INSERT INTO statement SELECT NULL, i, 2, " PIN(
		"i", "0") ", zeroblob(32), 1, 0,"
			  " 0, 0, 0, 0, 0, 1, x'', x'' FROM c",
	EACH_CONTACT "INSERT INTO statement SELECT NULL, i, 9, " PIN("i", "15") ", " PIN(
		"i", "0") ","
			  " 0, 0, 0, 0, 0, 0, 0, 1, x'', x'' FROM c",
	EACH_DEVICE "INSERT INTO statement SELECT NULL, i, 4, " PIN("i", "k") ", " PIN(
		"i", "15") ","
			   " 1, 1, 0, 0, 0, 0, 1000, 1, zeroblob(300), x'' FROM d, c",
	"COMMIT",
};

static void path_of(const struct crowd *crowd, const char *ending, char *out, size_t size)
{
	int n = snprintf(out, size, "%s/%s%s", crowd->dir, TROTH_STORE_FILE, ending);
	sample_need(n > 0 && (size_t)n < size, "a path is too long");
}

static void fill_in(const struct crowd *crowd)
{
	char path[128];
	sqlite3 *db = NULL;
	path_of(crowd, "", path, sizeof path);
	bool ok = sqlite3_open(path, &db) == SQLITE_OK;
	for (size_t i = 0; ok && i < sizeof fill / sizeof *fill; i++) {
		sqlite3_stmt *stmt = NULL;
		ok = sqlite3_prepare_v2(db, fill[i], -1, &stmt, NULL) == SQLITE_OK &&
		     (sqlite3_bind_parameter_count(stmt) == 0 ||
		      sqlite3_bind_int64(stmt, 1, crowd->contacts) == SQLITE_OK) &&
		     sqlite3_step(stmt) == SQLITE_DONE;
		sqlite3_finalize(stmt);
	}
	sample_need(sqlite3_close(db) == SQLITE_OK && ok, "the store can't be filled");
}

void crowd_init(struct crowd *crowd, unsigned contacts)
{
	*crowd = (struct crowd){.dir = "/tmp/troth-crowd-XXXXXX", .contacts = contacts};
	sample_need(mkdtemp(crowd->dir) != NULL, "no directory for the store");
	sample_need(troth_store_new(&crowd->store) == TROTH_OK, "no memory");
	sample_need(troth_store_open(crowd->store, crowd->dir) == TROTH_OK, "no store");
	fill_in(crowd);
}

void crowd_fini(struct crowd *crowd)
{
	static const char *const endings[] = {"", "-wal", "-shm"};
	char path[128];
	troth_store_free(crowd->store);
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		path_of(crowd, endings[i], path, sizeof path);
		(void)unlink(path); /* the last two go with the last connection */
	}
	sample_need(rmdir(crowd->dir) == 0, "the store's directory can't be removed");
}

struct heard {
	struct troth_belief_statement s[STATEMENTS_MAX];
	size_t count;
};

static int hear(void *user, const struct troth_store_statement *s)
{
	struct heard *h = user;
	sample_need(h->count < STATEMENTS_MAX, "too many statements");
	h->s[h->count++] = s->says;
	return 0;
}

static enum troth_key_standing believe(struct troth_store *store, const struct troth_store_key *key)
{
	struct heard heard = {.count = 0};
	struct troth_belief belief;
	struct troth_belief_policy policy = troth_belief_policy_default();
	sample_need(troth_store_statement_list(store, key->contact, hear, &heard) == TROTH_OK,
		    "statements can't be read");
	const struct troth_belief_question question = {heard.s, heard.count, &policy, 2000};
	sample_need(troth_belief_conclude(&belief, &question) == TROTH_OK, "no belief");
	const struct troth_belief_key *found =
		troth_belief_find(&belief, &key->pin, TROTH_ROLE_DEVICE);
	sample_need(found != NULL, "nothing was said of the key");
	enum troth_key_standing standing = found->standing;
	troth_belief_fini(&belief);
	return standing;
}

void crowd_judge(struct crowd *crowd)
{
	struct troth_store_key key;
	struct troth_store_contact contact;
	struct troth_judgement judgement;
	struct troth_facts facts = {.method = TROTH_METHOD_KEY, .link = true};
	struct troth_pin pin;
	char text[TROTH_PIN_LEN + 1];
	crowd->next = (crowd->next + STRIDE) % crowd->contacts;
	(void)snprintf(text, sizeof text, "%032u", (crowd->next + 1) * 16 + CROWD_DEVICES);
	memcpy(pin.bytes, text, sizeof pin.bytes);
	sample_need(troth_store_key_get(crowd->store, &pin, &key) == TROTH_OK, "no such key");
	sample_need(troth_store_contact_get(crowd->store, key.contact, &contact) == TROTH_OK,
		    "no such contact");
	sample_need(troth_store_history_had_transcript(crowd->store, &pin,
						       &facts.transcript_before) == TROTH_OK,
		    "no history");
	facts.key = believe(crowd->store, &key);
	facts.key_owner = contact.label;
	troth_judge(&judgement, &facts);
	sample_need(judgement.verdict.level == TROTH_LEVEL_VERIFIED, "the verdict is wrong");
}
