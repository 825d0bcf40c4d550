/* SPDX-License-Identifier: MIT */
/*
 * What our user lets a contact do beyond talking: introduce others to us, ask us about others.
 * Layer: store. Both are off until the user says otherwise, and end with the contact.
 */
#include "store/changes.h"
#include "store/log.h"
#include "store/statement.h"

#include <inttypes.h>
#include <stdio.h>
#include <troth/err.h>

#define SETTING_SIZE 40

struct leave {
	const char *setting;
	const char *given, *taken; /* kinds of log entries */
	const char *text;
};

static struct leave leave_of(enum troth_store_leave leave)
{
	switch (leave) {
	case TROTH_STORE_LEAVE_INTRODUCE:
		return (struct leave){"introducer", "introducer-set", "introducer-removed",
				      "its word on other people's keys"};
	case TROTH_STORE_LEAVE_ASK:
		break;
	}
	return (struct leave){"share", "sharing-on", "sharing-off",
			      "its questions about our contacts' keys"};
}

static void setting_of(char out[SETTING_SIZE], const struct leave *leave, int64_t contact)
{
	(void)snprintf(out, SETTING_SIZE, "%s.%" PRId64, leave->setting, contact);
}

int troth_store_leave_get(struct troth_store *store, int64_t contact, enum troth_store_leave which,
			  bool *out)
{
	const struct leave leave = leave_of(which);
	char setting[SETTING_SIZE];
	struct troth_rows rows TROTH_ROWS_AUTO;
	setting_of(setting, &leave, contact);
	int err = troth_rows_open(store,
				  "SELECT 1 FROM setting JOIN contact ON contact.id = ?2"
				  " WHERE key = ?1",
				  TROTH_BIND(troth_value_text(setting), troth_value_int(contact)),
				  &rows);
	if (err == TROTH_OK)
		err = troth_rows_next(&rows);
	if (err == TROTH_OK || err == TROTH_E_NOT_FOUND) {
		*out = err == TROTH_OK;
		return TROTH_OK;
	}
	return err;
}

static int set(struct troth_store *store, int64_t contact, enum troth_store_leave which, bool on,
	       int64_t now)
{
	const struct leave leave = leave_of(which);
	char setting[SETTING_SIZE];
	bool was = false;
	setting_of(setting, &leave, contact);
	int err = troth_contact_require(store, contact);
	if (err == TROTH_OK)
		err = troth_store_leave_get(store, contact, which, &was);
	if (err != TROTH_OK || was == on)
		return err;
	if (on)
		err = troth_statement_run(store,
					  "INSERT INTO setting (key, value) VALUES (?1, 'on')",
					  TROTH_BIND(troth_value_text(setting)));
	else
		err = troth_statement_run(store, "DELETE FROM setting WHERE key = ?1",
					  TROTH_BIND(troth_value_text(setting)));
	const struct troth_log_event event = {now, on ? leave.given : leave.taken, contact};
	return err == TROTH_OK ? troth_log_event(store, &event, "%s: %s", leave.text,
						 on ? "taken" : "not taken any more")
			       : err;
}

int troth_store_leave_set(struct troth_store *store, int64_t contact, enum troth_store_leave which,
			  bool on, int64_t now)
{
	int err = troth_store_begin(store);
	return err == TROTH_OK ? troth_store_end(store, set(store, contact, which, on, now)) : err;
}
