/* SPDX-License-Identifier: MIT */
/* Statements of keys about keys, recorded; and what they amount to. Layer: session. */
#include "session/state.h"
#include "session/statements.h"

#include "base/slice.h"
#include "session/introducer.h"

#include <string.h>

int contact_believe(struct troth_session *s, int64_t contact, const struct endorsed *also,
		    struct troth_believed *out)
{
	const struct troth_believed_of of = {
		.store = s->store,
		.contact = contact,
		.now = session_now(),
		.also = also->says,
		.also_count = also->count,
	};
	return troth_believed_load(out, &of);
}

int contact_settle(struct troth_session *s, int64_t contact)
{
	const struct troth_believed_of of = {
		.store = s->store, .contact = contact, .now = session_now()};
	return troth_believed_settle(&of);
}

int key_settled(struct troth_session *s, const struct troth_pin *pin, struct troth_store_key *out)
{
	int err = troth_store_key_get(s->store, pin, out);
	if (err != TROTH_OK || out->contact == 0)
		return err;
	err = contact_settle(s, out->contact);
	return err == TROTH_OK ? troth_store_key_get(s->store, pin, out) : err;
}

/* ---- recording ---- */

static int record(struct troth_session *s, int64_t contact,
		  const struct troth_belief_statement *says,
		  void (*write)(struct troth_writer *w, const void *what), const void *what)
{
	struct troth_buf xml TROTH_CLEANUP(troth_buf_fini);
	struct troth_writer w;
	troth_buf_init(&xml, TROTH_STORE_BLOB_MAX);
	troth_writer_init(&w, &xml, "");
	if (write != NULL)
		write(&w, what);
	int err = troth_writer_finish(&w);
	const struct troth_store_statement row = {
		.contact = contact, .says = *says, .data = troth_buf_slice(&xml)};
	return err == TROTH_OK ? troth_store_statement_append(s->store, &row) : err;
}

static void write_endorsement(struct troth_writer *w, const void *what)
{
	troth_endorsement_write(w, what);
}

int statement_record(struct troth_session *s, int64_t contact,
		     const struct troth_belief_statement *says)
{
	return record(s, contact, says, NULL, NULL);
}

int statement_endorsement(struct troth_session *s, int64_t contact,
			  const struct troth_belief_statement *says,
			  const struct troth_endorsement *e)
{
	return record(s, contact, says, write_endorsement, e);
}
