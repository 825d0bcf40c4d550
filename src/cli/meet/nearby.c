/* SPDX-License-Identifier: MIT */
/* The loop behind `troth nearby`. Layer: cli. Shows nothing itself: nearby_show.c does. */
#include "cli/meet/nearby.h"

#include "cli/terminal/when.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

static char *copy_field(const struct troth_txt *txt, const char *key)
{
	struct troth_slice value;
	if (!troth_txt_get(txt, key, &value) || value.len == 0)
		return NULL;
	return strndup((const char *)value.data, value.len);
}

static void neighbour_clear(struct troth_neighbour *n)
{
	free(n->nick);
	free(n->message);
	n->nick = NULL;
	n->message = NULL;
}

static void neighbour_free(struct troth_neighbour *n)
{
	if (n->resolve)
		troth_lan_resolve_cancel(n->resolve);
	neighbour_clear(n);
	free(n->name);
	free(n->display);
	free(n->where);
	free(n);
}

static void lost(struct troth_nearby *nearby)
{
	nearby->cli->out.lost = true;
}

static struct troth_neighbour *find(struct troth_nearby *nearby, const char *name)
{
	for (struct troth_neighbour *n = nearby->first; n; n = n->next)
		if (strcmp(n->name, name) == 0)
			return n;
	return NULL;
}

static struct troth_neighbour *make(struct troth_nearby *nearby,
				    const struct troth_lan_entity *entity)
{
	struct troth_neighbour *n = calloc(1, sizeof *n);
	if (!n)
		return NULL;
	n->nearby = nearby;
	n->name = strdup(entity->name);
	n->display = strdup(entity->display);
	if (!n->name || !n->display) {
		neighbour_free(n);
		return NULL;
	}
	struct troth_neighbour **at = &nearby->first;
	while (*at)
		at = &(*at)->next;
	*at = n;
	return n;
}

static void fill(struct troth_neighbour *n, const struct troth_lan_entity *entity)
{
	struct troth_store_contact contact;
	neighbour_clear(n);
	n->nick = copy_field(entity->txt, "nick");
	n->message = copy_field(entity->txt, "msg");
	n->status = entity->status;
	const struct troth_recognise *r = n->nearby->recognise;
	n->known = r && troth_recognise_find(r, entity->tags, entity->tag_count, &contact);
	if (n->known)
		snprintf(n->label, sizeof n->label, "%s", contact.label);
}

/* ---- Where they listen ---- */

static void append_address(char **text, const struct sockaddr_storage *at)
{
	char host[INET6_ADDRSTRLEN] = "", scope[IF_NAMESIZE] = "", *joined = NULL;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)at;
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)at;
	bool six = at->ss_family == AF_INET6;
	if (!inet_ntop(at->ss_family, six ? (const void *)&v6->sin6_addr : &v4->sin_addr, host,
		       sizeof host))
		return;
	if (six && v6->sin6_scope_id && !if_indextoname(v6->sin6_scope_id, scope))
		scope[0] = '\0';
	const char *before = *text ? *text : "";
	if (asprintf(&joined, "%s%s%s%s%s%s%s:%u", before, *before ? " " : "", six ? "[" : "", host,
		     *scope ? "%" : "", scope, six ? "]" : "",
		     ntohs(six ? v6->sin6_port : v4->sin_port)) < 0)
		return;
	free(*text);
	*text = joined;
}

static void resolved(void *user, const struct troth_lan_addresses *addresses)
{
	struct troth_neighbour *n = user;
	n->resolve = NULL;
	free(n->where);
	n->where = NULL;
	for (size_t i = 0; i < addresses->count; i++)
		append_address(&n->where, &addresses->at[i]);
	troth_nearby_event(n->nearby, "changed", n);
	if (n->nearby->cli->out.tty && !n->nearby->once && !n->nearby->cli->out.json)
		troth_nearby_table(n->nearby);
}

static void ask_where(struct troth_nearby *nearby, struct troth_neighbour *n)
{
	if (!nearby->addresses || n->resolve)
		return;
	if (troth_lan_resolve(nearby->lan, n->name, resolved, n, &n->resolve) != TROTH_OK)
		n->resolve = NULL;
}

/* ---- What happens on the link ---- */

static void redraw(struct troth_nearby *nearby)
{
	if (nearby->cli->out.tty && !nearby->once && !nearby->cli->out.json)
		troth_nearby_table(nearby);
	if (troth_output_broken(&nearby->cli->out))
		uv_stop(&nearby->loop); /* main looks why, and tells */
}

static void found(void *user, const struct troth_lan_entity *entity)
{
	struct troth_nearby *nearby = user;
	bool known = find(nearby, entity->name) != NULL;
	struct troth_neighbour *n = known ? find(nearby, entity->name) : make(nearby, entity);
	if (!n) {
		lost(nearby);
		return;
	}
	fill(n, entity);
	troth_nearby_event(nearby, known ? "changed" : "found", n);
	ask_where(nearby, n);
	redraw(nearby);
}

static void gone(void *user, const char *name, const char *display)
{
	struct troth_nearby *nearby = user;
	(void)display;
	for (struct troth_neighbour **at = &nearby->first; *at; at = &(*at)->next) {
		struct troth_neighbour *n = *at;
		if (strcmp(n->name, name) != 0)
			continue;
		*at = n->next;
		troth_nearby_event(nearby, "gone", n);
		neighbour_free(n);
		break;
	}
	redraw(nearby);
}

static void trouble(void *user, const char *sentence)
{
	struct troth_nearby *nearby = user;
	troth_note(&nearby->cli->out, "%s", sentence);
}

static void time_over(uv_timer_t *timer)
{
	uv_stop(timer->loop);
}

static void interrupted(uv_signal_t *signal, int number)
{
	(void)number;
	uv_stop(signal->loop);
}

static int begin(struct troth_nearby *nearby)
{
	const struct troth_lan_params params = {.callbacks = {.user = nearby,
							      .found = found,
							      .changed = found,
							      .gone = gone,
							      .error = trouble}};
	int err = troth_lan_new(&nearby->lan, &nearby->loop, &params);
	if (!err)
		err = troth_lan_browse(nearby->lan);
	if (!err && uv_signal_start(&nearby->signal, interrupted, SIGINT) != 0)
		err = TROTH_E_IO;
	if (!err && nearby->seconds &&
	    uv_timer_start(&nearby->timer, time_over, (uint64_t)nearby->seconds * 1000, 0) != 0)
		err = TROTH_E_IO;
	return err;
}

static void end(struct troth_nearby *nearby)
{
	while (nearby->first) {
		struct troth_neighbour *n = nearby->first;
		nearby->first = n->next;
		neighbour_free(n);
	}
	troth_lan_free(nearby->lan);
	nearby->lan = NULL;
	uv_close((uv_handle_t *)&nearby->timer, NULL);
	uv_close((uv_handle_t *)&nearby->signal, NULL);
	uv_run(&nearby->loop, UV_RUN_DEFAULT);
	if (uv_loop_close(&nearby->loop) != 0)
		troth_debug(&nearby->cli->out, 1, "The loop still had handles when it ended.");
}

enum troth_exit troth_nearby_watch(struct troth_nearby *nearby)
{
	struct troth_cli *cli = nearby->cli;
	if (uv_loop_init(&nearby->loop) != 0)
		return troth_cli_fail(cli, &(struct troth_failure){.err = TROTH_E_IO},
				      "can't watch the network");
	/* These two can't fail on Linux once the loop is there. */
	if (uv_timer_init(&nearby->loop, &nearby->timer) != 0 ||
	    uv_signal_init(&nearby->loop, &nearby->signal) != 0)
		abort();
	enum troth_exit status = TROTH_EXIT_OK;
	int err = begin(nearby);
	if (err) {
		status = troth_cli_fail(
			cli,
			&(struct troth_failure){.err = err, .next = "`troth doctor` tells more."},
			"can't watch the network");
	} else {
		redraw(nearby);
		uv_run(&nearby->loop, UV_RUN_DEFAULT);
		if (nearby->once)
			troth_nearby_table(nearby);
		if (!cli->out.json && !troth_output_broken(&cli->out))
			troth_note(&cli->out,
				   "Names prove nothing: only a meeting shows who is who.");
	}
	end(nearby);
	return status;
}

void troth_nearby_fini(struct troth_nearby *nearby)
{
	troth_recognise_free(nearby->recognise);
}
