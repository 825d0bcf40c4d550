/* SPDX-License-Identifier: MIT */
/* How neighbours are shown: a table that is redrawn, lines, or JSON. Layer: cli. */
#include "cli/meet/nearby.h"
#include "cli/terminal/table.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

static const char *status_name(enum troth_lan_status status)
{
	switch (status) {
	case TROTH_LAN_AVAIL:
		return "available";
	case TROTH_LAN_AWAY:
		return "away";
	case TROTH_LAN_DND:
		break;
	}
	return "busy";
}

static json_t *to_json(const char *event, const struct troth_neighbour *n)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:s, s:o, s:o}", "event", event, "name",
			 troth_json_text(n->name), "perhaps",
			 troth_json_text(n->known ? n->label : NULL), "nick",
			 troth_json_text(n->nick), "status", status_name(n->status), "message",
			 troth_json_text(n->message), "addresses",
			 troth_json_text(n->where && *n->where ? n->where : NULL));
}

static void line(struct troth_output *out, const char *event, const struct troth_neighbour *n)
{
	char *nick = troth_clean(n->nick, 40), *message = troth_clean(n->message, 80);
	troth_line(out, n->known ? TROTH_STYLE_BOLD : TROTH_STYLE_PLAIN,
		   "%-8s %s%s  %s%s%s  %s  %s  %s", event, n->known ? "perhaps " : "",
		   n->known ? n->label : n->display, n->nick ? "says \"" : "", nick ? nick : "",
		   n->nick ? "\"" : "", status_name(n->status), message ? message : "",
		   n->where ? n->where : "");
	fflush(out->out);
	free(nick);
	free(message);
}

/* A terminal gets the table, a program every event, a pipe a line each; --once only the end. */
void troth_nearby_event(struct troth_nearby *nearby, const char *event,
			const struct troth_neighbour *neighbour)
{
	struct troth_output *out = &nearby->cli->out;
	if (nearby->once)
		return;
	if (out->json)
		troth_json(out, to_json(event, neighbour));
	else if (!out->tty)
		line(out, event, neighbour);
	/* The table is drawn when the list is right again. */
}

static int add_row(struct troth_table *table, const struct troth_neighbour *n)
{
	char *who = NULL, *says = NULL;
	int err = TROTH_E_NOMEM;
	if (asprintf(&who, "%s%s", n->known ? "perhaps " : "", n->known ? n->label : n->display) <
	    0)
		who = NULL;
	if (asprintf(&says, n->nick ? "says \"%s\"" : "%s", n->nick ? n->nick : "") < 0)
		says = NULL;
	const char *cells[] = {who, says, status_name(n->status), n->message, n->where};
	if (who && says)
		err = troth_table_row(table, n->known ? TROTH_STYLE_BOLD : TROTH_STYLE_PLAIN,
				      cells);
	free(who);
	free(says);
	return err;
}

static int add_rows(struct troth_nearby *nearby, struct troth_table *table, bool known)
{
	int err = TROTH_OK;
	for (const struct troth_neighbour *n = nearby->first; n && !err; n = n->next)
		if (n->known == known)
			err = add_row(table, n);
	return err;
}

/* Effect: to the line where the last drawing began. A line that is too long must not wrap,
 * or the count would be wrong. */
static void begin_drawing(struct troth_nearby *nearby)
{
	struct troth_output *out = &nearby->cli->out;
	if (!out->tty || nearby->once)
		return;
	fputs("\033[?7l", out->out);
	if (nearby->drawn > 0)
		fprintf(out->out, "\033[%zuA\033[J", nearby->drawn);
}

static void end_drawing(struct troth_nearby *nearby, size_t lines)
{
	struct troth_output *out = &nearby->cli->out;
	if (out->tty && !nearby->once)
		fputs("\033[?7h", out->out);
	nearby->drawn = lines;
	fflush(out->out);
}

static void table_json(struct troth_nearby *nearby)
{
	json_t *all = json_array();
	for (const struct troth_neighbour *n = nearby->first; n; n = n->next)
		if (json_array_append_new(all, to_json("found", n)) != 0)
			nearby->cli->out.lost = true;
	troth_json(&nearby->cli->out, all);
}

void troth_nearby_table(struct troth_nearby *nearby)
{
	static const char *const titles[] = {"WHO", "NICK", "STATUS", "MESSAGE", "WHERE"};
	struct troth_output *out = &nearby->cli->out;
	struct troth_table *table;
	if (out->json) {
		table_json(nearby);
		return;
	}
	int err = troth_table_new(&table, titles, nearby->addresses ? 5 : 4);
	if (err) {
		out->lost = true;
		return;
	}
	/* Contacts first: strangers can take any name, but not a place among them. */
	err = add_rows(nearby, table, true);
	if (!err)
		err = add_rows(nearby, table, false);
	if (err)
		out->lost = true;
	begin_drawing(nearby);
	size_t lines = troth_table_rows(table) + 1;
	if (troth_table_rows(table) > 0)
		troth_table_print(table, out);
	else
		troth_line(out, TROTH_STYLE_DIM, "Nobody %s.",
			   nearby->once ? "is here" : "here yet");
	end_drawing(nearby, lines);
	troth_table_free(table);
}
