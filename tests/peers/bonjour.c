/* SPDX-License-Identifier: MIT */
/*
 * A client that others wrote: XEP-0174 as Pidgin and Finch speak it, by libpurple's own
 * prpl-bonjour. Driven by lines on stdin, it says what happens by lines on stdout. It is a
 * peer for tests and takes nothing from libtroth.
 *
 *   bonjour FOLDER       FOLDER: where libpurple may keep its files
 *
 *   signon NAME PORT     NAME is user@machine        signed-on NAME | connection-error TEXT
 *   buddies                                          buddy NAME ... buddies-end
 *   im BUDDY TEXT                                    sent BUDDY TEXT | error BUDDY TEXT
 *   quit                                             (end of file does the same)
 *
 *   by themselves: buddy-signed-on NAME, buddy-signed-off NAME, received FROM TEXT
 */
#include <glib.h>
#include <libpurple/account.h>
#include <libpurple/blist.h>
#include <libpurple/connection.h>
#include <libpurple/conversation.h>
#include <libpurple/core.h>
#include <libpurple/debug.h>
#include <libpurple/eventloop.h>
#include <libpurple/plugin.h>
#include <libpurple/prefs.h>
#include <libpurple/savedstatuses.h>
#include <libpurple/util.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static GMainLoop *loop;
static PurpleAccount *account;

/* One line on stdout; what stands in text can't begin another one. */
static void say(const char *event, const char *who, const char *text)
{
	char *plain = text ? purple_markup_strip_html(text) : NULL;
	if (plain)
		g_strdelimit(plain, "\r\n", ' ');
	printf("%s%s%s%s%s\n", event, who ? " " : "", who ? who : "", plain ? " " : "",
	       plain ? plain : "");
	fflush(stdout);
	g_free(plain);
}

/* libpurple's descriptor watches, on glib's loop. */
struct watch {
	PurpleInputFunction function;
	gpointer data;
};

static gboolean watch_fires(GIOChannel *channel, GIOCondition condition, gpointer data)
{
	struct watch *watch = data;
	int got = 0;
	if (condition & (G_IO_IN | G_IO_HUP | G_IO_ERR))
		got |= PURPLE_INPUT_READ;
	if (condition & (G_IO_OUT | G_IO_HUP | G_IO_ERR | G_IO_NVAL))
		got |= PURPLE_INPUT_WRITE;
	watch->function(watch->data, g_io_channel_unix_get_fd(channel), (PurpleInputCondition)got);
	return TRUE;
}

static guint watch_add(int fd, PurpleInputCondition wanted, PurpleInputFunction function,
		       gpointer data)
{
	int condition = G_IO_HUP | G_IO_ERR;
	if (wanted & PURPLE_INPUT_READ)
		condition |= G_IO_IN;
	if (wanted & PURPLE_INPUT_WRITE)
		condition |= G_IO_OUT | G_IO_NVAL;
	struct watch *watch = g_new0(struct watch, 1);
	watch->function = function;
	watch->data = data;
	GIOChannel *channel = g_io_channel_unix_new(fd);
	guint id = g_io_add_watch_full(channel, G_PRIORITY_DEFAULT, (GIOCondition)condition,
				       watch_fires, watch, g_free);
	g_io_channel_unref(channel);
	return id;
}

static PurpleEventLoopUiOps loop_ops = {
	.timeout_add = g_timeout_add,
	.timeout_remove = g_source_remove,
	.input_add = watch_add,
	.input_remove = g_source_remove,
	.timeout_add_seconds = g_timeout_add_seconds,
};

static void on_signed_on(PurpleConnection *connection)
{
	say("signed-on", purple_account_get_username(purple_connection_get_account(connection)),
	    NULL);
}

static void on_connection_error(PurpleConnection *connection, PurpleConnectionError reason,
				const char *text)
{
	(void)connection;
	(void)reason;
	say("connection-error", NULL, text);
}

static void on_buddy_signed_on(PurpleBuddy *buddy)
{
	say("buddy-signed-on", purple_buddy_get_name(buddy), NULL);
}

static void on_buddy_signed_off(PurpleBuddy *buddy)
{
	say("buddy-signed-off", purple_buddy_get_name(buddy), NULL);
}

/* prpl-bonjour drops a buddy that has left the link, without signing it off first. */
static void on_buddy_removed(PurpleBuddy *buddy)
{
	if (PURPLE_BUDDY_IS_ONLINE(buddy))
		on_buddy_signed_off(buddy);
}

/* Everything that a user would read in a conversation: messages both ways, and why one failed. */
static void on_wrote(PurpleAccount *a, const char *who, const char *text, PurpleConversation *conv,
		     PurpleMessageFlags flags)
{
	(void)a;
	const char *buddy = purple_conversation_get_name(conv);
	if (flags & PURPLE_MESSAGE_ERROR)
		say("error", buddy, text);
	else if (flags & PURPLE_MESSAGE_SEND)
		say("sent", buddy, text);
	else if (flags & PURPLE_MESSAGE_RECV)
		say("received", who, text);
	else
		say("system", buddy, text);
}

static void listen_to_signals(void)
{
	static int handle;
	void *connections = purple_connections_get_handle();
	void *blist = purple_blist_get_handle();
	purple_signal_connect(connections, "signed-on", &handle, PURPLE_CALLBACK(on_signed_on),
			      NULL);
	purple_signal_connect(connections, "connection-error", &handle,
			      PURPLE_CALLBACK(on_connection_error), NULL);
	purple_signal_connect(blist, "buddy-signed-on", &handle,
			      PURPLE_CALLBACK(on_buddy_signed_on), NULL);
	purple_signal_connect(blist, "buddy-signed-off", &handle,
			      PURPLE_CALLBACK(on_buddy_signed_off), NULL);
	purple_signal_connect(blist, "buddy-removed", &handle, PURPLE_CALLBACK(on_buddy_removed),
			      NULL);
	purple_signal_connect(purple_conversations_get_handle(), "wrote-im-msg", &handle,
			      PURPLE_CALLBACK(on_wrote), NULL);
}

static void do_signon(const char *name, const char *port)
{
	if (account || !name || !port) {
		say("usage", NULL, "signon NAME PORT, once");
		return;
	}
	account = purple_account_new(name, "prpl-bonjour");
	purple_account_set_int(account, "port", atoi(port));
	purple_accounts_add(account);
	purple_account_set_enabled(account, purple_core_get_ui(), TRUE);
	purple_savedstatus_activate(purple_savedstatus_new(NULL, PURPLE_STATUS_AVAILABLE));
}

static void do_buddies(void)
{
	GSList *all = purple_find_buddies(account, NULL);
	for (GSList *i = all; i; i = i->next)
		if (PURPLE_BUDDY_IS_ONLINE((PurpleBuddy *)i->data))
			say("buddy", purple_buddy_get_name(i->data), NULL);
	g_slist_free(all);
	say("buddies-end", NULL, NULL);
}

static void do_im(const char *buddy, const char *text)
{
	if (!account || !buddy || !text) {
		say("usage", NULL, "im BUDDY TEXT, after signon");
		return;
	}
	PurpleConversation *conv =
		purple_find_conversation_with_account(PURPLE_CONV_TYPE_IM, buddy, account);
	if (!conv)
		conv = purple_conversation_new(PURPLE_CONV_TYPE_IM, account, buddy);
	char *html = g_markup_escape_text(text, -1);
	purple_conv_im_send(PURPLE_CONV_IM(conv), html);
	g_free(html);
}

static void obey(char *line)
{
	char **word = g_strsplit(g_strchomp(line), " ", 3);
	const char *verb = word[0] ? word[0] : "";
	const char *first = word[0] ? word[1] : NULL;
	const char *second = first ? word[2] : NULL;
	if (strcmp(verb, "signon") == 0)
		do_signon(first, second);
	else if (strcmp(verb, "buddies") == 0)
		do_buddies();
	else if (strcmp(verb, "im") == 0)
		do_im(first, second);
	else if (strcmp(verb, "quit") == 0)
		g_main_loop_quit(loop);
	else
		say("usage", NULL, "signon, buddies, im or quit");
	g_strfreev(word);
}

static gboolean on_stdin(GIOChannel *channel, GIOCondition condition, gpointer data)
{
	(void)condition;
	(void)data;
	char *line = NULL;
	GIOStatus status;
	while ((status = g_io_channel_read_line(channel, &line, NULL, NULL, NULL)) ==
	       G_IO_STATUS_NORMAL) {
		obey(line);
		g_free(line);
	}
	if (status == G_IO_STATUS_AGAIN)
		return TRUE;
	g_main_loop_quit(loop);
	return FALSE;
}

static void start_purple(const char *folder)
{
	purple_util_set_user_dir(folder);
	purple_debug_set_enabled(getenv("BONJOUR_DEBUG") != NULL);
	purple_eventloop_set_ui_ops(&loop_ops);
	if (!purple_core_init("troth-test-bonjour")) {
		fprintf(stderr, "bonjour: libpurple doesn't start\n");
		exit(1);
	}
	purple_set_blist(purple_blist_new());
	listen_to_signals();
	if (!purple_find_prpl("prpl-bonjour")) {
		fprintf(stderr, "bonjour: this libpurple has no prpl-bonjour\n");
		exit(1);
	}
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: bonjour FOLDER\n");
		return 2;
	}
	loop = g_main_loop_new(NULL, FALSE);
	start_purple(argv[1]);

	GIOChannel *input = g_io_channel_unix_new(0);
	g_io_channel_set_flags(input, G_IO_FLAG_NONBLOCK, NULL);
	g_io_add_watch(input, G_IO_IN | G_IO_HUP, on_stdin, NULL);
	say("ready", NULL, NULL);
	g_main_loop_run(loop);

	purple_core_quit();
	g_io_channel_unref(input);
	g_main_loop_unref(loop);
	return 0;
}
