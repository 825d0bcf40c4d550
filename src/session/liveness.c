/* SPDX-License-Identifier: MIT */
/*
 * Whether the other side still is there (XEP-0199). Layer: session. TCP alone finds out
 * only after many minutes that a machine sleeps or a cable is out.
 */
#include "session/state.h"

#include "base/encode.h"

#define IDLE_MS 60000
#define ANSWER_MS 30000
#define STALLED_MS 30000
#define SILENT_MS 3000 /* of a bytestream that has carried no whole handshake yet */
#define WATCH_MS 500

static void ping(struct link *l)
{
	uint8_t random[TROTH_MESSAGE_ID_LEN / 2];
	char id[TROTH_MESSAGE_ID_LEN + 1];
	if (session_random(random, sizeof random) != TROTH_OK)
		return; /* the next tick tries again */
	troth_hex(id, (struct troth_slice){random, sizeof random});
	if (write_ping(l, id) != TROTH_OK)
		return;
	l->pinged_at = troth_connection_now(l->connection);
	link_wake(l);
}

static void drop(struct link *l, const char *text)
{
	l->own_err = TROTH_E_TIMEOUT;
	l->own_text = text;
	troth_connection_drop(l->connection);
}

static void check(struct link *l)
{
	int64_t idle = troth_connection_idle(l->connection);
	int64_t since = troth_connection_now(l->connection) - l->pinged_at;
	/* Something came after it: any sign of life will do. In the same millisecond, too: a ping
	 * is only sent when nothing has come for long, and a link may be that fast. */
	if (l->pinged_at != 0 && idle <= since)
		l->pinged_at = 0;
	if (l->pinged_at == 0 && idle >= IDLE_MS) {
		ping(l);
	} else if (l->pinged_at != 0 && since >= ANSWER_MS) {
		drop(l, "The other side doesn't answer any more.");
	}
}

/* ---- bytestreams that don't carry ---- */

static bool may_stall(const struct link *l)
{
	return l->leg != NULL && !l->failed && !l->up && !l->waited &&
	       l->path != TROTH_PATH_IN_BAND;
}

/* A proxy may keep all for itself, or the end of a larger write. It has to be noticed before the
 * stream's own deadlines, the first of which is 5 s. */
static void on_watch(uv_timer_t *timer)
{
	struct troth_session *s = timer->data;
	bool any = false;
	for (struct link *l = s->links, *next; l != NULL; l = next) {
		next = l->next;
		any |= may_stall(l);
		if (may_stall(l) && troth_connection_idle(l->connection) >= SILENT_MS)
			leg_stalled(l->leg);
	}
	if (!any)
		(void)uv_timer_stop(timer); /* always 0 */
}

void link_watch(struct link *l)
{
	if (may_stall(l)) /* fails only without callback */
		(void)uv_timer_start(&l->session->watch, on_watch, WATCH_MS, WATCH_MS);
}

/* ---- all ---- */

void links_check_alive(struct troth_session *s)
{
	for (struct link *l = s->links, *next; l != NULL; l = next) {
		next = l->next;
		if (l->failed)
			continue;
		if (l->realm == TROTH_REALM_SERVER && l->path == TROTH_PATH_IN_BAND &&
		    l->leg == NULL) {
			drop(l, "The other side has ended the bytestream.");
			continue;
		}
		if (troth_connection_stalled(l->connection) >= STALLED_MS)
			drop(l, "The other side doesn't read what it is sent.");
		else if (l->up && troth_stream_is_up(l->stream) &&
			 /* Plain old programs may not know what a ping is. */
			 troth_stream_level(l->stream) > TROTH_LEVEL_PLAIN)
			check(l);
	}
}
