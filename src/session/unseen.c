/* SPDX-License-Identifier: MIT */
/*
 * Calls whose peer isn't found: what is told, and when looking ends. Layer: session. It looks
 * on while there is hope: whoever is called may be starting up just now.
 */
#include "session/state.h"

#include <stdio.h>
#include <string.h>

#define EARLY_MS 3000    /* until it is told that nobody was seen yet */
#define UNSEEN_MS 10000  /* until it is told why a contact may not be recognised */
#define UNABLE_MS 700    /* for another client, where one is there that takes no streams */
#define RESOLVE_MS 5000  /* for one question about a name */
#define ADVICE_CHARS 400 /* with a label in it */

static int64_t time_left(const struct troth_call *call)
{
	return call->give_up_at - (int64_t)uv_now(call->session->loop);
}

static int64_t lesser(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* ---- somebody who is there, by a program that can't ---- */

static const char unable_text[] = "The program that is there takes no end-to-end streams.";
static const char unable_advice[] = "Let the other side start `troth`, or another program that "
				    "takes them, by the same account. "
				    "`troth probe` with its address shows each program.";

static bool is_meant(const struct troth_call *call, const char *jid, int64_t contact)
{
	if (call->kind == TARGET_CONTACT)
		return contact != 0 && call->contact == contact;
	size_t len = call->kind == TARGET_JID ? strlen(call->at) : 0;
	return len > 0 && strncmp(jid, call->at, len) == 0 && (jid[len] == 0 || jid[len] == '/');
}

/* Nobody can come by the link, where one shows later than over a server. */
static bool is_only_jid(const struct troth_call *call)
{
	return call->kind == TARGET_JID || call->session->lan == NULL;
}

void calls_unable(struct troth_session *s, const char *jid, int64_t contact, bool there)
{
	for (struct troth_call *call = s->calls, *next; call != NULL; call = next) {
		next = call->next;
		if (call->unable == there || !is_meant(call, jid, contact))
			continue;
		call->unable = there;
		call->unseen = call->unseen && !there; /* that is worth telling */
		int64_t ms = is_only_jid(call) ? UNABLE_MS : EARLY_MS;
		if (!call->persist)
			ms = lesser(ms, time_left(call));
		if (there && call->state == CALL_LOOKING && call_timer(call, ms) != TROTH_OK)
			call_over(call, TROTH_E_IO, troth_err_text(TROTH_E_IO), NULL);
	}
}

/* Who persists is told what for. Others are told no, unless the other side may be about to come, to
 * be paired. */
static bool is_hopeless(const struct troth_call *call)
{
	return call->unable && !call->pairing;
}

/* ---- what is told ---- */

static bool is_over(const struct troth_call *call)
{
	return !call->persist && (time_left(call) <= 0 || is_hopeless(call));
}

static void tell_unseen(struct troth_call *call, const char *advice)
{
	struct troth_news n = news_of_call(call, TROTH_NEWS_UNSEEN);
	n.text = call->unable ? unable_text : NULL;
	n.advice = call->unable ? unable_advice : advice;
	call->unseen = true;
	news(call->session, &n);
}

static void not_found(struct troth_call *call, const char *text, const char *advice)
{
	call_over(call, TROTH_E_UNREACHABLE, call->unable ? unable_text : text,
		  call->unable ? unable_advice : advice);
}

/* ---- looking ---- */

int call_look(struct troth_call *call)
{
	/* Nobody can come. */
	if (call->session->lan == NULL && call->session->listener == NULL &&
	    call->session->accounts == NULL) {
		call_over(call, TROTH_E_UNREACHABLE,
			  "Nobody is looked for on the network, and no host and port is known "
			  "for it.",
			  "Leave --no-lan out, be online by an account, or give host:port.");
		return TROTH_OK;
	}
	if (call->persist)
		return call_timer(call, UNSEEN_MS);
	return call_timer(call, call->unseen ? time_left(call) : lesser(EARLY_MS, time_left(call)));
}

/* ---- a JID ---- */

static void jid_not_seen(struct troth_call *call)
{
	static const char advice[] =
		"Is their program running, and is that how their address is spelt? Who isn't a "
		"contact is answered only while it waits to pair, or takes anyone: let it run "
		"`troth pair`, or let it run `troth listen --accept=anyone`.";
	if (!is_over(call) && !call->unseen)
		tell_unseen(call, advice);
	if (call->state == CALL_OVER) /* its owner ended it when told */
		return;
	if (!is_over(call))
		online_look_for(call->session, call->at); /* it may have come meanwhile */
	if (is_over(call) || call_look(call) != TROTH_OK)
		not_found(call, "Nobody under that address shows to be there.", advice);
}

/* ---- a contact, by its tags ---- */

/* Only servers tell whether it is there. */
static bool only_online(const struct troth_session *s)
{
	return s->lan == NULL && s->accounts != NULL;
}

/* Whose key came from another device of ours, or by hand, can't be recognised by tags as long as it
 * doesn't know our key. */
static bool has_met(const struct troth_call *call)
{
	int64_t when;
	return troth_store_history_last_met(call->session->store, call->contact, &when) !=
	       TROTH_E_NOT_FOUND;
}

static void contact_advice(const struct troth_call *call, char out[ADVICE_CHARS])
{
	/* Tags change with the hour: a clock that is wrong hides a contact, and unpairs nobody.
	 * So does a new key, or a key that was forgotten. */
	if (only_online(call->session))
		(void)snprintf(out, ADVICE_CHARS,
			       "Is its program running, and signed in? `troth roster list` shows "
			       "who is online. Elsewhere it is reached by host:port.");
	else if (!has_met(call))
		(void)snprintf(
			out, ADVICE_CHARS,
			"You two have never met, and it may not know this device yet: say where "
			"it is for the first time, by `--at` and a name that `troth nearby` "
			"shows, or host:port.");
	else
		(void)snprintf(out, ADVICE_CHARS,
			       "If `troth nearby` shows it as a stranger: is the clock right on "
			       "both machines? If so, one of you has lost a key: `troth pair "
			       "--generate '%s'` here, `troth pair NAME` there. On another network "
			       "it is reached by host:port.",
			       call->peer);
}

void call_not_seen(struct troth_call *call)
{
	char advice[ADVICE_CHARS];
	if (call->kind == TARGET_JID) {
		jid_not_seen(call);
		return;
	}
	if (!call->unseen)
		online_ask_again(call->session, call->contact);
	contact_advice(call, advice);
	if (call->persist) {
		tell_unseen(call, advice);
		return;
	}
	if (!is_over(call) && !call->unseen)
		tell_unseen(call, NULL);
	if (call->state == CALL_OVER) /* its owner ended it when told */
		return;
	if (is_over(call) || call_look(call) != TROTH_OK)
		not_found(call,
			  only_online(call->session)
				  ? "It isn't online, and no host and port is known for it."
				  : "It isn't seen on this network, and no host and port is known "
				    "for it.",
			  advice);
}

/* ---- a name on the link ---- */

int call_resolving(struct troth_call *call)
{
	if (call->kind != TARGET_INSTANCE || call->paired)
		return call_timer(call, RESOLVE_MS);
	int64_t ms = call->unseen ? RESOLVE_MS : EARLY_MS;
	return call_timer(call, call->persist ? ms : lesser(ms, time_left(call)));
}

/* An account's address looks like a name on the link; those seldom have a dot. */
static const char *name_advice(const struct troth_call *call)
{
	const char *machine = strrchr(call->peer, '@');
	return call->session->accounts == NULL && machine != NULL && strchr(machine, '.') != NULL
		       ? "If that is the address of an account: this device is online by none. "
			 "`troth login` adds one of your own, --account asks for a password that "
			 "isn't kept."
		       : NULL;
}

void call_unresolved(struct troth_call *call)
{
	const char *advice = name_advice(call);
	call_unreach(call);
	if (call->kind != TARGET_INSTANCE || call->paired) {
		call_retry(call, TROTH_E_UNREACHABLE, "Nobody answers under that name.");
		return;
	}
	if (!call->persist && time_left(call) <= 0) {
		call_over(call, TROTH_E_UNREACHABLE,
			  "Nobody of that name has been seen on this network.",
			  advice != NULL
				  ? advice
				  : "`troth nearby` shows who is there. Names are new with each "
				    "start: type it as the other side shows it now, or call it by "
				    "host:port.");
		return;
	}
	if (!call->unseen)
		tell_unseen(call, advice);
	if (call->state == CALL_OVER) /* its owner ended it when told */
		return;
	int err = call_reach(call); /* asks anew */
	if (err != TROTH_OK)
		call_retry(call, err, troth_err_text(err));
}

void call_no_link(struct troth_call *call)
{
	const char *advice = name_advice(call);
	call_over(call, TROTH_E_UNREACHABLE,
		  "That is a name on the local network, where nobody is looked for.",
		  advice != NULL ? advice : "Leave --no-lan out, or give host:port.");
}

/* ---- a host ---- */

void call_unknown_host(struct troth_call *call)
{
	char text[sizeof call->where.host + 80];
	(void)snprintf(text, sizeof text,
		       "The name %s doesn't resolve: no address is known for it.",
		       call->where.host);
	/* It was right once: this machine may have lost its network. */
	if (call->was_up || call->paired || (call->persist && call->kind == TARGET_CONTACT))
		call_retry(call, TROTH_E_UNREACHABLE, text);
	else
		call_over(call, TROTH_E_UNREACHABLE, text,
			  "Is it spelt right, and is this machine on a network? An address in "
			  "figures needs no name.");
}
