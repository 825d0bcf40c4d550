/* SPDX-License-Identifier: MIT */
/* News in words. Layer: cli. */
#include "cli/chat/telling.h"

#include "cli/terminal/fingerprint.h"
#include "session/label.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NICK_CHARS 40

static char *say(const char *format, ...) TROTH_PRINTF(1, 2);
static char *say(const char *format, ...)
{
	va_list args;
	char *text = NULL;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	return text;
}

enum troth_style troth_telling_level(enum troth_level level)
{
	switch (level) {
	case TROTH_LEVEL_PLAIN:
		return TROTH_STYLE_BAD;
	case TROTH_LEVEL_UNVERIFIED:
		return TROTH_STYLE_WARN;
	case TROTH_LEVEL_VOUCHED: /* shown with a warning's colour: it is somebody's word */
		return TROTH_STYLE_WARN;
	case TROTH_LEVEL_VERIFIED:
		return TROTH_STYLE_GOOD;
	}
	return TROTH_STYLE_BAD;
}

/* How the bytes go, where that isn't straight over a network that our user chose. */
static const char *path_text(const struct troth_news *n)
{
	static const struct {
		const char *name, *text;
	} paths[] = {
		{"direct", " Met over the server, connected directly."},
		{"proxy", " Over the server, through a proxy."},
		{"in-band", " Over the server, in-band: slow."},
	};
	for (size_t i = 0; n->path != NULL && i < sizeof paths / sizeof *paths; i++)
		if (strcmp(n->path, paths[i].name) == 0)
			return paths[i].text;
	return "";
}

static char *tell_up(const struct troth_news *n)
{
	if (n->told)
		return NULL;
	if (n->voucher != NULL)
		return say("%s is connected: %s by %s (%s).%s", n->who, troth_level_name(n->level),
			   n->voucher, troth_level_text(n->level), path_text(n));
	return say("%s is connected: %s (%s).%s", n->who, troth_level_name(n->level),
		   troth_level_text(n->level), path_text(n));
}

static char *tell_paired(const struct troth_news *n)
{
	char print[TROTH_FINGERPRINT_LEN];
	return say("You and %s are paired. Its fingerprint: %s", n->who,
		   troth_fingerprint(print, n->pin));
}

static char *tell_calling(const struct troth_news *n)
{
	char name[TROTH_SHOWN_MAX + 1];
	if (strcmp(n->who, n->where) == 0)
		return say("Connecting to %s…", n->who);
	if (strchr(n->where, '@') == NULL) /* a host and port, as our user gave it */
		return say("Connecting to %s (%s)…", n->who, n->where);
	troth_label_shown(name, n->where);
	return say("Connecting to %s (%s)…", n->who, name);
}

static char *tell_seen(const struct troth_news *n)
{
	char name[TROTH_SHOWN_MAX + 1];
	troth_label_shown(name, n->text);
	if (n->where != NULL)
		return say("%s seems to be online (as %s).", n->who, name);
	return say("%s seems to be on this network (as %s).", n->who, name);
}

static char *tell_gone(const struct troth_news *n)
{
	return n->where != NULL ? say("%s has signed off (%s).", n->who, n->text)
				: say("%s has left this network.", n->who);
}

static char *tell_offline(const struct troth_news *n)
{
	const char *theirs = n->advice != NULL ? n->advice : "";
	const char *space = theirs[0] != 0 ? " " : "";
	if (n->in_ms < 0)
		return say("%s isn't signed in: %s%s%s `troth login %.*s` tries it again.", n->who,
			   n->text, space, theirs, (int)strcspn(n->who, "/"), n->who);
	return say("%s isn't signed in: %s%s%s Trying again in %lld s.", n->who, n->text, space,
		   theirs, (long long)(n->in_ms + 999) / 1000);
}

static char *tell_unseen(const struct troth_news *n)
{
	if (n->text != NULL)
		return say("%s is online, but can't be called: %s %s", n->who, n->text, n->advice);
	if (n->advice != NULL)
		return say("%s isn't seen yet. %s", n->who, n->advice);
	return say("Nobody called %s has been seen yet; still looking (Ctrl-C ends).", n->who);
}

static char *tell_waiting(const struct troth_news *n)
{
	bool secret = n->method != TROTH_METHOD_KEY && n->method != TROTH_METHOD_INSECURE;
	/* Once the secret was typed the stream has a level. */
	if (secret && n->level == TROTH_LEVEL_PLAIN)
		return say("Waiting for the other side to type the secret…");
	return say("Waiting for the other side to accept…");
}

/* What it was met by already is no news. */
static char *tell_nick(const struct troth_news *n)
{
	if (strcasecmp(n->who, n->text) == 0)
		return NULL;
	char *nick = troth_clean(n->text, NICK_CHARS); /* no room for a line of its own */
	char *text = say("%s calls itself \"%s\".", n->who, nick != NULL ? nick : "");
	free(nick);
	return text;
}

/* Cause, and what to do. */
static char *tell_end(const char *what, const struct troth_news *n)
{
	const char *space = n->advice != NULL ? " " : "";
	const char *advice = n->advice != NULL ? n->advice : "";
	const char *text = n->text != NULL ? n->text : troth_err_text(n->err);
	return say("%s: %s%s%s", what, text, space, advice);
}

static char *tell_retry(const struct troth_news *n)
{
	long long seconds = (n->in_ms + 999) / 1000;
	if (n->text != NULL)
		return say("%s: %s Trying again in %lld s.", n->who, n->text, seconds);
	if (n->err != TROTH_OK)
		return say("Trying again in %lld s.", seconds);
	return NULL; /* it has left; that was told */
}

static char *tell_down(const struct troth_news *n)
{
	if (n->err == TROTH_OK && n->by_peer)
		return say("%s has left.", n->who);
	return tell_end(n->who, n);
}

static char *tell_failed(const struct troth_news *n)
{
	char *text;
	if (n->told)
		return NULL;
	if (!n->incoming)
		return tell_end(n->who, n);
	bool left = n->by_peer || n->err == TROTH_E_TRUNCATED || n->err == TROTH_E_TIMEOUT;
	char *what = say("Somebody at %s who claims to be %s %s", n->where,
			 n->claimed != NULL ? n->claimed : "nobody",
			 left ? "has left" : "was sent away");
	text = what != NULL ? tell_end(what, n) : NULL;
	free(what);
	return text;
}

static char *tell_pinned(const struct troth_news *n)
{
	if (n->method == TROTH_METHOD_INSECURE)
		return say("Both of you saw the same. Connecting again by the keys of %s…", n->who);
	return say("The secret was right. Connecting again by the keys of %s…", n->who);
}

static char *tell_wrong_secret(const struct troth_news *n)
{
	bool named = n->path != NULL && n->claimed != NULL;
	return say("Somebody %s %s gave a wrong secret; %lld more %s allowed.",
		   named ? "who claims to be" : "at", named ? n->claimed : n->where,
		   (long long)n->guesses, n->guesses == 1 ? "try is" : "tries are");
}

static char *tell_join_offered(const struct troth_news *n)
{
	return say("%s would make this device one of its owner's. If that is you: `troth user join "
		   "%s` on this device first, then \"troth user add\" there again.",
		   n->who, n->who);
}

char *troth_telling_text(const struct troth_news *n)
{
	switch (n->type) {
	case TROTH_NEWS_LOOKING:
		return say("Looking for %s…", n->who);
	case TROTH_NEWS_UNSEEN:
		return tell_unseen(n);
	case TROTH_NEWS_CALLING:
		return tell_calling(n);
	case TROTH_NEWS_WAITING:
		return tell_waiting(n);
	case TROTH_NEWS_UP:
		return tell_up(n);
	case TROTH_NEWS_NICK:
		return tell_nick(n);
	case TROTH_NEWS_PINNED:
		return tell_pinned(n);
	case TROTH_NEWS_PAIRED:
		return tell_paired(n);
	case TROTH_NEWS_PAIR_FAILED:
		return tell_end("The pairing isn't complete", n);
	case TROTH_NEWS_WRONG_SECRET:
		return tell_wrong_secret(n);
	case TROTH_NEWS_WINDOW_CLOSED:
		return tell_end("Nobody was paired", n);
	case TROTH_NEWS_WARNING:
		return say("Warning: %s", n->text);
	case TROTH_NEWS_DOWN:
		return tell_down(n);
	case TROTH_NEWS_FAILED:
		return tell_failed(n);
	case TROTH_NEWS_RETRY:
		return tell_retry(n);
	case TROTH_NEWS_SEEN:
		return tell_seen(n);
	case TROTH_NEWS_GONE:
		return tell_gone(n);
	case TROTH_NEWS_UNSENDABLE:
		return say("%s couldn't take that message.", n->who);
	case TROTH_NEWS_JOIN_OFFERED:
		return tell_join_offered(n);
	case TROTH_NEWS_JOIN_FAILED:
	case TROTH_NEWS_ASK_FAILED:
		return tell_end(n->who, n);
	case TROTH_NEWS_ASKED:
	case TROTH_NEWS_TRANSFER:
		return say("%s: %s", n->who, n->text);
	case TROTH_NEWS_ONLINE:
		return say("Signed in as %s.", n->who);
	case TROTH_NEWS_OFFLINE:
		return tell_offline(n);
	case TROTH_NEWS_INTRODUCED:
	case TROTH_NEWS_JOINED:
	case TROTH_NEWS_DEVICE:
		return say("%s", n->text);
	case TROTH_NEWS_ARRIVED:
	case TROTH_NEWS_SAS:
	case TROTH_NEWS_MESSAGE:
	case TROTH_NEWS_RECEIPT:
	case TROTH_NEWS_GAVE_UP:
	case TROTH_NEWS_NAMED:
	case TROTH_NEWS_PROBED:
	case TROTH_NEWS_STATE:
	case TROTH_NEWS_XML:
		break;
	}
	return NULL;
}

/* Four pictures in a row: with their names they fit on any terminal, and none is torn. */
char *troth_telling_sas(const struct troth_news *n, size_t line)
{
	const uint8_t *e = n->sas->emoji;
#define EMOJI(i) troth_sas_emoji(e[i]), troth_sas_emoji_name(e[i])
	switch (line) {
	case 0:
		return say("Compare with %s, in person or by telephone:", n->who);
	case 1:
		return say("    %s", n->sas->digits);
	case 2:
		return say("or these seven pictures:");
	case 3:
		return say("    %s %-11s %s %-11s %s %-11s %s %s", EMOJI(0), EMOJI(1), EMOJI(2),
			   EMOJI(3));
	case 4:
		return say("    %s %-11s %s %-11s %s %s", EMOJI(4), EMOJI(5), EMOJI(6));
	}
#undef EMOJI
	return NULL;
}

enum troth_style troth_telling_style(const struct troth_news *n)
{
	if (n->type == TROTH_NEWS_UP)
		return troth_telling_level(n->level);
	if (n->type == TROTH_NEWS_PAIRED)
		return TROTH_STYLE_GOOD;
	if (n->err != TROTH_OK && troth_err_class(n->err) == TROTH_CLASS_ATTACK)
		return TROTH_STYLE_BAD;
	if (n->type == TROTH_NEWS_WARNING || n->type == TROTH_NEWS_WRONG_SECRET ||
	    n->type == TROTH_NEWS_PAIR_FAILED || n->type == TROTH_NEWS_FAILED)
		return TROTH_STYLE_WARN;
	return TROTH_STYLE_DIM;
}

void troth_telling_trace(struct troth_output *out, const struct troth_news *n)
{
	if (n->type == TROTH_NEWS_STATE)
		troth_debug(out, 1, "[%u] %s", n->stream, n->text);
	else if (n->type == TROTH_NEWS_XML)
		troth_debug(out, 2, "[%u] %s %s", n->stream, n->outgoing ? ">" : "<", n->text);
	else if (n->type == TROTH_NEWS_ARRIVED)
		troth_debug(out, 1, "[%u] connected from %s", n->stream, n->where);
	else if (n->type == TROTH_NEWS_NAMED)
		troth_debug(out, 1, "announced as %s", n->text);
	else if (n->type == TROTH_NEWS_SEEN)
		troth_debug(out, 1, "%s is perhaps %s", n->text, n->who);
	if (n->type != TROTH_NEWS_UP)
		return;
	troth_debug(out, 1, "[%u] %s, by %s, offers %s", n->stream,
		    n->tls != NULL ? n->tls : "no TLS", troth_method_name(n->method),
		    n->transcript ? "compared" : "not compared");
	for (size_t i = 0; i < n->reason_count; i++)
		troth_debug(out, 1, "[%u] %s", n->stream, n->reasons[i]);
}
