/* SPDX-License-Identifier: MIT */
/* News as JSON: one object each, whose members are documented in troth-listen(1). Layer: cli. */
#include "cli/chat/telling.h"
#include "cli/terminal/fingerprint.h"

/* Those that aren't named are not for programs. */
static const char *const event_names[TROTH_NEWS_XML + 1] = {
	[TROTH_NEWS_LOOKING] = "looking",
	[TROTH_NEWS_UNSEEN] = "unseen",
	[TROTH_NEWS_CALLING] = "calling",
	[TROTH_NEWS_WAITING] = "waiting",
	[TROTH_NEWS_UP] = "up",
	[TROTH_NEWS_NICK] = "nick",
	[TROTH_NEWS_MESSAGE] = "message",
	[TROTH_NEWS_RECEIPT] = "receipt",
	[TROTH_NEWS_UNSENDABLE] = "unsendable",
	[TROTH_NEWS_SAS] = "compare",
	[TROTH_NEWS_PINNED] = "pinned",
	[TROTH_NEWS_PAIRED] = "paired",
	[TROTH_NEWS_PAIR_FAILED] = "pair-failed",
	[TROTH_NEWS_WRONG_SECRET] = "wrong-secret",
	[TROTH_NEWS_WINDOW_CLOSED] = "window-closed",
	[TROTH_NEWS_WARNING] = "warning",
	[TROTH_NEWS_DOWN] = "down",
	[TROTH_NEWS_FAILED] = "failed",
	[TROTH_NEWS_RETRY] = "retry",
	[TROTH_NEWS_NAMED] = "named",
	[TROTH_NEWS_SEEN] = "seen",
	[TROTH_NEWS_GONE] = "gone",
	[TROTH_NEWS_JOIN_OFFERED] = "join-offered",
	[TROTH_NEWS_JOIN_FAILED] = "join-failed",
	[TROTH_NEWS_JOINED] = "joined",
	[TROTH_NEWS_DEVICE] = "device",
	[TROTH_NEWS_ASKED] = "asked",
	[TROTH_NEWS_INTRODUCED] = "introduced",
	[TROTH_NEWS_ASK_FAILED] = "ask-failed",
	[TROTH_NEWS_ONLINE] = "online",
	[TROTH_NEWS_OFFLINE] = "offline",
	[TROTH_NEWS_TRANSFER] = "transfer",
};

/* Effect: adds a member unless there is nothing to say. Without memory the object is shorter;
 * the output tells about what is lost. */
static void add(json_t *object, const char *name, const char *text)
{
	if (text != NULL)
		(void)json_object_set_new(object, name, troth_json_text(text));
}

static void add_stream(json_t *object, const struct troth_news *n)
{
	char print[TROTH_FINGERPRINT_LEN];
	if (n->stream == 0)
		return;
	(void)json_object_set_new(object, "stream", json_integer(n->stream));
	if (n->talk != 0)
		(void)json_object_set_new(object, "talk", json_integer(n->talk));
	(void)json_object_set_new(object, "incoming", json_boolean(n->incoming));
	add(object, "address", n->address);
	add(object, "where", n->where);
	add(object, "path", n->path);
	add(object, "identity", n->identity);
	if (n->proxied)
		(void)json_object_set_new(object, "proxied", json_true());
	add(object, "level", troth_level_name(n->level));
	add(object, "voucher", n->voucher);
	add(object, "method", troth_method_name(n->method));
	if (n->pin != NULL)
		add(object, "fingerprint", troth_fingerprint_hex(print, n->pin));
}

static void add_up(json_t *object, const struct troth_news *n)
{
	json_t *reasons = json_array();
	for (size_t i = 0; i < n->reason_count; i++)
		(void)json_array_append_new(reasons, troth_json_text(n->reasons[i]));
	(void)json_object_set_new(object, "reasons", reasons);
	(void)json_object_set_new(object, "transcript", json_boolean(n->transcript));
	add(object, "tls", n->tls);
	if (n->told)
		(void)json_object_set_new(object, "again", json_true());
}

static void add_end(json_t *object, const struct troth_news *n)
{
	add(object, "error", troth_err_name(n->err));
	add(object, "class", troth_err_class_name(troth_err_class(n->err)));
	(void)json_object_set_new(object, "by_peer", json_boolean(n->by_peer));
	add(object, "advice", n->advice);
}

static void add_sas(json_t *object, const struct troth_sas *sas)
{
	json_t *emoji = json_array();
	for (size_t i = 0; i < TROTH_SAS_EMOJI; i++) {
		json_t *one = json_object();
		add(one, "emoji", troth_sas_emoji(sas->emoji[i]));
		add(one, "name", troth_sas_emoji_name(sas->emoji[i]));
		(void)json_array_append_new(emoji, one);
	}
	add(object, "digits", sas->digits);
	(void)json_object_set_new(object, "emoji", emoji);
}

static void add_account(json_t *object, const struct troth_news *n)
{
	add(object, "account", n->who);
	if (n->type == TROTH_NEWS_ONLINE)
		return;
	add(object, "advice", n->advice);
	if (n->in_ms >= 0)
		(void)json_object_set_new(object, "in_ms", json_integer(n->in_ms));
}

json_t *troth_telling_json(const struct troth_news *n)
{
	const char *event = event_names[n->type];
	json_t *object = event != NULL ? json_object() : NULL;
	if (object == NULL)
		return NULL;
	add(object, "event", event);
	if (n->contact != 0)
		add(object, "contact", n->who);
	add_stream(object, n);
	add(object, "id", n->id);
	add(object, "text", n->text);
	if (n->type == TROTH_NEWS_UP)
		add_up(object, n);
	if (n->type == TROTH_NEWS_DOWN || n->type == TROTH_NEWS_FAILED ||
	    n->type == TROTH_NEWS_RETRY || n->type == TROTH_NEWS_PAIR_FAILED ||
	    n->type == TROTH_NEWS_WINDOW_CLOSED || n->type == TROTH_NEWS_JOIN_FAILED ||
	    n->type == TROTH_NEWS_ASK_FAILED || n->type == TROTH_NEWS_TRANSFER)
		add_end(object, n);
	if (n->type == TROTH_NEWS_SAS)
		add_sas(object, n->sas);
	if (n->type == TROTH_NEWS_ONLINE || n->type == TROTH_NEWS_OFFLINE)
		add_account(object, n);
	if (n->type == TROTH_NEWS_WRONG_SECRET)
		(void)json_object_set_new(object, "guesses", json_integer(n->guesses));
	if (n->type == TROTH_NEWS_RETRY)
		(void)json_object_set_new(object, "in_ms", json_integer(n->in_ms));
	return object;
}
