/* SPDX-License-Identifier: MIT */
/* The sessions of an engine: made, found, remembered, ended. Layer: jingle. */
#include "jingle/session.h"
#include "base/encode.h"
#include "base/slice.h"

#include <openssl/rand.h>
#include <stdlib.h>
#include <troth/err.h>

static int fill(void *user, uint8_t *out, size_t len)
{
	struct troth_jingle *j = user;
	if (j->random != NULL) {
		j->random(j->random_user, out, len);
		return TROTH_OK;
	}
	return RAND_bytes(out, (int)len) == 1 ? TROTH_OK : TROTH_E_CRYPTO;
}

int troth_jingle_token(struct troth_jingle *j, char out[TROTH_TOKEN_SIZE])
{
	uint8_t bytes[(TROTH_TOKEN_SIZE - 1) / 2];
	int err = fill(j, bytes, sizeof bytes);
	if (err == TROTH_OK)
		troth_hex(out, troth_slice_of(bytes, sizeof bytes));
	return err;
}

static bool has_room(const struct troth_jingle *j, const struct troth_address *peer)
{
	size_t all = 0;
	size_t same = 0;
	for (const struct troth_jingle_session *s = j->sessions; s != NULL; s = s->next) {
		all++;
		if (troth_address_same_bare(s->peer, peer))
			same++;
	}
	return all < TROTH_LIMIT_JINGLE_SESSIONS && same < TROTH_LIMIT_JINGLE_PER_PEER;
}

static int name_stream(struct troth_jingle *j, struct troth_jingle_session *s)
{
	char token[TROTH_TOKEN_SIZE];
	int err = troth_jingle_token(j, token);
	if (err == TROTH_OK && (s->stream_sid = strdup(token)) == NULL)
		err = TROTH_E_NOMEM;
	if (err == TROTH_OK)
		err = troth_jingle_token(j, token);
	if (err == TROTH_OK && (s->sid = strdup(token)) == NULL)
		err = TROTH_E_NOMEM;
	return err;
}

int troth_jingle_session_new(struct troth_jingle_session **out, struct troth_jingle *j,
			     const struct troth_address *peer)
{
	const struct troth_iq_random random = {fill, j};
	if (!has_room(j, peer))
		return TROTH_E_LIMIT;
	struct troth_jingle_session *s = calloc(1, sizeof *s);
	if (s == NULL)
		return TROTH_E_NOMEM;
	s->deadline = INT64_MAX;
	s->block_size = TROTH_LIMIT_IBB_BLOCK;
	int err = troth_address_copy(&s->peer, peer);
	if (err == TROTH_OK)
		err = troth_iq_tracker_new(&s->tracker, &random);
	if (err == TROTH_OK)
		err = name_stream(j, s);
	if (err == TROTH_OK)
		*out = s;
	else
		troth_jingle_session_free(s);
	return err;
}

void troth_jingle_session_free(struct troth_jingle_session *s)
{
	if (s == NULL)
		return;
	troth_address_free(s->peer);
	free(s->sid);
	free(s->content);
	free(s->request_id);
	free(s->stream_sid);
	troth_candidates_fini(&s->ours);
	troth_candidates_fini(&s->theirs);
	free(s->next_sid);
	troth_stanza_free(s->hints);
	free(s->fingerprint);
	troth_iq_tracker_free(s->tracker);
	free(s);
}

void troth_jingle_session_add(struct troth_jingle *j, struct troth_jingle_session *s)
{
	struct troth_jingle_session **end = &j->sessions;
	while (*end != NULL)
		end = &(*end)->next;
	s->number = ++j->last_number;
	*end = s;
}

struct troth_jingle_session *troth_jingle_session_get(const struct troth_jingle *j, uint64_t number)
{
	for (struct troth_jingle_session *s = j->sessions; s != NULL; s = s->next)
		if (s->number == number && s->stage != TROTH_STAGE_OVER)
			return s;
	return NULL;
}

/* The sender as the server gives it decides, with the sid: not what <jingle/> says of initiator
 * and responder (XEP-0166 7.1: "SHOULD ignore the value"). */
struct troth_jingle_session *troth_jingle_session_find(const struct troth_jingle *j,
						       const struct troth_address *peer,
						       const char *sid)
{
	for (struct troth_jingle_session *s = j->sessions; s != NULL; s = s->next)
		if (s->stage != TROTH_STAGE_OVER && s->stage != TROTH_STAGE_PREPARED &&
		    troth_address_same(s->peer, peer) && strcmp(s->sid, sid) == 0)
			return s;
	return NULL;
}

void troth_jingle_reap(struct troth_jingle *j)
{
	struct troth_jingle_session **at = &j->sessions;
	while (*at != NULL) {
		struct troth_jingle_session *s = *at;
		if (s->stage == TROTH_STAGE_OVER && s->pending == 0) {
			*at = s->next;
			troth_jingle_session_free(s);
		} else {
			at = &s->next;
		}
	}
}

static int digest(uint8_t out[TROTH_SHA256_LEN], const struct troth_address *peer, const char *sid)
{
	struct troth_buf TROTH_CLEANUP(troth_buf_fini) text;
	troth_buf_init(&text, SIZE_MAX);
	int err = troth_lv_append_str(&text, troth_address_full(peer));
	if (err == TROTH_OK && sid != NULL)
		err = troth_lv_append_str(&text, sid);
	return err == TROTH_OK ? troth_sha256(out, troth_buf_slice(&text)) : err;
}

/* Remembering is a courtesy and a shield against replays; where there is no memory for it, the
 * stream, which is authenticated, is what protects. */
static void remember(struct troth_jingle *j, const struct troth_jingle_session *s)
{
	struct troth_jingle_past past;
	if (digest(past.peer, s->peer, NULL) == TROTH_OK &&
	    digest(past.session, s->peer, s->sid) == TROTH_OK) {
		if (s->forgotten)
			memset(past.peer, 0, sizeof past.peer);
		j->past[j->past_count++ % TROTH_LIMIT_JINGLE_PAST] = past;
	}
}

static size_t past_held(const struct troth_jingle *j)
{
	return j->past_count < TROTH_LIMIT_JINGLE_PAST ? j->past_count : TROTH_LIMIT_JINGLE_PAST;
}

static bool was_told(const struct troth_jingle_session *s)
{
	return s->stage != TROTH_STAGE_PREPARED && s->stage != TROTH_STAGE_ASKED &&
	       s->stage != TROTH_STAGE_OVER;
}

int troth_jingle_is_known(const struct troth_jingle *j, const struct troth_address *peer, bool *out)
{
	uint8_t wanted[TROTH_SHA256_LEN];
	bool known = false;
	for (const struct troth_jingle_session *s = j->sessions; s != NULL; s = s->next)
		known = known || (was_told(s) && troth_address_same(s->peer, peer));
	int err = digest(wanted, peer, NULL);
	if (err != TROTH_OK)
		return err;
	for (size_t i = 0; i < past_held(j); i++)
		known = known || memcmp(j->past[i].peer, wanted, sizeof wanted) == 0;
	*out = known;
	return TROTH_OK;
}

int troth_jingle_forget(struct troth_jingle *j, const char *peer)
{
	uint8_t gone[TROTH_SHA256_LEN];
	struct troth_address *address;
	int err = troth_address_new(&address, TROTH_REALM_SERVER, peer);
	if (err != TROTH_OK)
		return err;
	err = digest(gone, address, NULL);
	for (struct troth_jingle_session *s = j->sessions; s != NULL; s = s->next)
		s->forgotten |= troth_address_same(s->peer, address);
	for (size_t i = 0; err == TROTH_OK && i < past_held(j); i++)
		if (memcmp(j->past[i].peer, gone, sizeof gone) == 0)
			memset(j->past[i].peer, 0, sizeof gone);
	troth_address_free(address);
	return err;
}

int troth_jingle_is_past(const struct troth_jingle *j, const struct troth_address *peer,
			 const char *sid, bool *out)
{
	uint8_t wanted[TROTH_SHA256_LEN];
	bool found = false;
	int err = digest(wanted, peer, sid);
	if (err != TROTH_OK)
		return err;
	for (size_t i = 0; i < past_held(j); i++)
		found = found || memcmp(j->past[i].session, wanted, sizeof wanted) == 0;
	*out = found;
	return TROTH_OK;
}

bool troth_jingle_is_accepted(const struct troth_jingle_session *s)
{
	return s->stage >= TROTH_STAGE_CONNECTING && s->stage <= TROTH_STAGE_OPEN;
}

enum troth_jingle_phase troth_jingle_session_phase(const struct troth_jingle_session *s)
{
	if (s->stage == TROTH_STAGE_REPLACING)
		return s->caller ? TROTH_JINGLE_REPLACING_ANSWERER : TROTH_JINGLE_REPLACING_CALLER;
	if (troth_jingle_is_accepted(s))
		return s->caller ? TROTH_JINGLE_ACTIVE_ANSWERER : TROTH_JINGLE_ACTIVE_CALLER;
	return s->caller ? TROTH_JINGLE_PENDING_ANSWERER : TROTH_JINGLE_PENDING_CALLER;
}

void troth_jingle_enter(struct troth_jingle_session *s, enum troth_jingle_stage stage,
			int64_t deadline)
{
	s->stage = stage;
	s->deadline = deadline;
}

void troth_jingle_tell(struct troth_jingle_session *s, enum troth_jingle_event_type type)
{
	s->pending |= 1U << type;
}

/* What the peer hears of the end, if anything. */
static int say_end(struct troth_jingle *j, struct troth_jingle_session *s)
{
	const struct troth_jingle_asker asker = {troth_address_full(s->peer), s->request_id,
						 s->old};
	if (was_told(s))
		return troth_jingle_send_terminate(j, s);
	/* XEP-0166 6.3.2: "it MUST return a <service-unavailable/> error" */
	if (s->stage == TROTH_STAGE_ASKED)
		return troth_jingle_refuse(j, &asker, TROTH_STANZA_SERVICE_UNAVAILABLE, NULL);
	return TROTH_OK;
}

void troth_jingle_end(struct troth_jingle *j, struct troth_jingle_session *s,
		      const struct troth_jingle_ending *ending)
{
	if (s->stage == TROTH_STAGE_OVER)
		return;
	s->reason = ending->reason;
	s->by_peer = ending->by_peer;
	int err = ending->quiet ? TROTH_OK : say_end(j, s);
	/* It is over all the same; the peer finds out by its own deadlines. */
	s->err = ending->err != TROTH_OK ? ending->err : err;
	if (was_told(s))
		remember(j, s);
	troth_jingle_enter(s, TROTH_STAGE_OVER, INT64_MAX);
	s->pending = s->heard_of ? 1U << TROTH_JINGLE_ENDED : 0;
}

static int keep_text(char **out, const char *text)
{
	char *copy = text == NULL ? NULL : strdup(text);
	if (text != NULL && copy == NULL)
		return TROTH_E_NOMEM;
	free(*out);
	*out = copy;
	return TROTH_OK;
}

static int keep_hints(struct troth_jingle_session *s, const struct troth_element *hints)
{
	struct troth_buf TROTH_CLEANUP(troth_buf_fini) text;
	struct troth_writer w;
	struct troth_stanza *copy;
	troth_buf_init(&text, TROTH_LIMIT_JINGLE_HINTS_BYTES);
	if (hints == NULL)
		return TROTH_OK;
	troth_writer_init(&w, &text, "");
	troth_writer_copy(&w, hints);
	int err = troth_writer_finish(&w);
	if (err == TROTH_OK)
		err = troth_element_parse(&copy, troth_buf_slice(&text));
	if (err != TROTH_OK)
		return err == TROTH_E_NOMEM ? err : TROTH_E_LIMIT;
	troth_stanza_free(s->hints);
	s->hints = copy;
	return TROTH_OK;
}

int troth_jingle_keep_content(struct troth_jingle_session *s,
			      const struct troth_jingle_content *content)
{
	int err = keep_hints(s, content->hints);
	if (err == TROTH_OK)
		err = keep_text(&s->fingerprint, content->security.fingerprint);
	if (err == TROTH_OK)
		err = keep_text(&s->content, content->name);
	if (err != TROTH_OK)
		return err;
	s->has_security = content->has_security;
	s->security = content->security;
	s->security.fingerprint = s->fingerprint;
	return TROTH_OK;
}
