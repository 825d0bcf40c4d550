/* SPDX-License-Identifier: MIT */
/* What `troth chat` shows, and the lines that begin with a slash. Layer: cli. */
#ifndef TROTH_CLI_CHAT_CHATTING_H
#define TROTH_CLI_CHAT_CHATTING_H

#include "cli/running.h"
#include "cli/terminal/line_editor.h"
#include "cli/terminal/secret_line.h"

#define CHAT_SENT 32       /* messages whose receipts are shown */
#define CHAT_SENT_CHARS 30 /* of their beginning */
#define CHAT_PROMPT 200
#define CHAT_OTHERS 8 /* whom /talk can turn to */

/* Somebody to speak with. */
struct troth_partner {
	unsigned talk;   /* 0: nobody yet */
	int64_t contact; /* 0: nobody we know */
	char who[TROTH_STORE_LABEL_MAX + 65];
	enum troth_level level;
	bool connected;
	unsigned stream;
	struct troth_sas sas; /* to be compared, if it has digits */
};

struct troth_chatting {
	struct troth_running running; /* first */
	struct troth_line_editor *editor;
	struct troth_secret_line line;
	struct troth_call *call;
	const char *peer; /* as given; NULL: whoever comes */
	enum troth_level least;
	struct troth_partner with;                /* whom what is typed goes to */
	struct troth_partner others[CHAT_OTHERS]; /* connected, and not spoken to */
	bool cut;                                 /* the line was, and `with` hasn't left */
	int64_t patience; /* seconds without a connection, as long as that ends it; 0: for ever */
	char nick[128];   /* that was told last */
	bool pairing;     /* by /pair, until it has succeeded or failed */
	bool leaving;     /* as soon as the receipts are here, or soon without */
	bool input_ended; /* what was said is to arrive, then it is over */
	struct {
		char id[TROTH_MESSAGE_ID_LEN + 1];
		char begin[CHAT_SENT_CHARS * 4 + 4];
	} sent[CHAT_SENT]; /* a ring */
	size_t sent_next;
};

/* Effect: news are told, to people or to a program. */
void troth_chatting_show(struct troth_chatting *c, const struct troth_news *n);
/* Effect: calls the peer; with a pairing when wanted. */
enum troth_exit troth_chatting_call(struct troth_chatting *c, bool pairing);
/* Session callback. */
void troth_chatting_news(void *user, const struct troth_news *n);
/* Effect: begins to read what the user types, unless it is read already. */
enum troth_exit troth_chatting_read(struct troth_chatting *c);
/* Effect: ends as an absent peer does, unless a connection comes in time. */
void troth_chatting_wait(struct troth_chatting *c);
/* Editor callback. */
void troth_chatting_line(void *user, const char *text);
/* Effect: a line for people above the one being edited; a note when there is no terminal. */
void troth_chatting_note(struct troth_chatting *c, enum troth_style style, const char *format, ...)
	TROTH_PRINTF(3, 4);
void troth_chatting_prompt(struct troth_chatting *c);
/* Effect: who is spoken with, and how well that is known. */
void troth_chatting_prompt_text(const struct troth_chatting *c, char out[CHAT_PROMPT]);
/* Effect: somebody is there: what was waiting for that goes on. */
void troth_chatting_begin(struct troth_chatting *c);

/* ---- partners.c ---- */
/* Effect: a stream is up, or down. */
void troth_chatting_meet(struct troth_chatting *c, const struct troth_news *n);
void troth_chatting_lose(struct troth_chatting *c, const struct troth_news *n);
/* Effect: a string is to be compared: shown where what is typed answers it, else when it does. */
void troth_chatting_compare(struct troth_chatting *c, const struct troth_news *n);
/* Effect: what is typed goes to another one who is connected; "": to the only one. */
void troth_chatting_turn(struct troth_chatting *c, const char *name);
/* Effect: ends, and says what wasn't received; twice: at once. */
void troth_chatting_leave(struct troth_chatting *c);
/* Effect: ends when the input has ended and everything was received. */
void troth_chatting_check_end(struct troth_chatting *c);

#endif
