/* SPDX-License-Identifier: MIT */
/*
 * The link as a whole: chooses the backend, changes it when the daemon comes or goes,
 * and hands it to what announces, browses and resolves. Layer: lan.
 *
 * All changes of backend happen in one place (on_kick), from the loop, since a backend
 * can't be freed from inside its own callbacks.
 */
#include "lan/lan.h"

#include "base/limits.h"
#include "lan/announce.h"
#include "lan/backend.h"
#include "lan/ifaddr.h"
#include "lan/resolve.h"
#include "lan/roster.h"
#include "lan/uvpoll.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

/* One for each purpose; the last one that closes frees all. */
enum timer { TIMER_KICK, TIMER_SWEEP, TIMER_RETRY, TIMER_WITHDRAWN, TIMER_COUNT };

struct troth_lan {
	uv_loop_t *loop;
	uv_timer_t timer[TIMER_COUNT];
	int open_timers;
	AvahiPoll poll;
	enum troth_lan_backend_choice choice;
	char **interfaces;
	struct troth_lan_callbacks callbacks;
	struct lan_backend *daemon;
	struct lan_backend *embedded;
	struct lan_backend *current; /* one of them, or NULL */
	struct lan_ifwatch *ifwatch;
	struct lan_announcer *announcer;
	struct lan_roster *roster;
	bool browsing;
	struct lan_resolves resolves;
	void (*withdrawn)(void *user);
	void *withdrawn_user;
};

static void on_kick(uv_timer_t *timer);

static void kick(void *user)
{
	struct troth_lan *lan = user;
	(void)uv_timer_start(&lan->timer[TIMER_KICK], on_kick, 0, 0);
}

static void tell_error(struct troth_lan *lan, const char *sentence)
{
	if (lan->callbacks.error != NULL)
		lan->callbacks.error(lan->callbacks.user, sentence);
}

static void on_announcer_error(void *user, const char *sentence)
{
	tell_error(user, sentence);
}

static void on_own_name(void *user, const char *name)
{
	struct troth_lan *lan = user;
	if (lan->callbacks.own_name != NULL)
		lan->callbacks.own_name(lan->callbacks.user, name);
}

static void on_lost(void *user, const char *name)
{
	struct troth_lan *lan = user;
	lan_roster_own_lost(lan->roster, name);
}

static void on_interfaces(void *user)
{
	struct troth_lan *lan = user;
	lan_announcer_interfaces_changed(lan->announcer);
}

static void detach(struct troth_lan *lan)
{
	lan_announcer_detach(lan->announcer);
	lan_roster_detach(lan->roster);
	lan_resolves_detach(&lan->resolves);
	lan->current = NULL;
}

static void on_sweep(uv_timer_t *timer)
{
	struct troth_lan *lan = timer->data;
	lan_roster_sweep(lan->roster);
}

static void browse_now(struct troth_lan *lan)
{
	if (lan_roster_attach(lan->roster, lan->current) != TROTH_OK)
		tell_error(lan, "The mDNS service refused to browse.");
	(void)uv_timer_start(&lan->timer[TIMER_SWEEP], on_sweep, TROTH_TIME_LAN_GRACE, 0);
}

static void attach(struct troth_lan *lan, struct lan_backend *backend)
{
	lan->current = backend;
	lan_announcer_attach(lan->announcer, backend);
	if (lan->browsing)
		browse_now(lan);
	lan_resolves_attach(&lan->resolves, backend);
}

static bool daemon_is_up(const struct troth_lan *lan)
{
	return lan->daemon != NULL && lan_daemon_state(lan->daemon) == LAN_DAEMON_UP;
}

static void on_retry(uv_timer_t *timer)
{
	struct troth_lan *lan = timer->data;
	if (lan->daemon == NULL || lan_daemon_state(lan->daemon) != LAN_DAEMON_CLOSED)
		return;
	/* Being up is told by on_daemon; without D-Bus it may be started yet. */
	if (lan_daemon_open(lan->daemon) != TROTH_OK)
		(void)uv_timer_start(timer, on_retry, TROTH_TIME_LAN_NO_BUS, 0);
}

static void on_daemon(void *user)
{
	kick(user);
}

static int open_embedded(struct troth_lan *lan)
{
	if (lan->embedded != NULL)
		return TROTH_OK;
	return lan_embedded_new(&lan->embedded, &lan->poll, (const char *const *)lan->interfaces);
}

/* Effect: makes lan->current what it should be now. */
static int choose(struct troth_lan *lan)
{
	struct lan_backend *wanted = NULL;
	int err = TROTH_OK;
	if (daemon_is_up(lan)) {
		wanted = lan->daemon;
	} else if (lan->choice != TROTH_LAN_DAEMON) {
		err = open_embedded(lan);
		wanted = lan->embedded;
	}
	if (wanted == lan->current)
		return err;
	detach(lan);
	if (wanted != lan->embedded) {
		lan_embedded_free(lan->embedded);
		lan->embedded = NULL;
	}
	if (wanted != NULL)
		attach(lan, wanted);
	return err;
}

static void on_kick(uv_timer_t *timer)
{
	struct troth_lan *lan = timer->data;
	if (choose(lan) != TROTH_OK)
		tell_error(lan, "No mDNS is possible here for now.");
	if (lan->daemon != NULL && lan_daemon_state(lan->daemon) == LAN_DAEMON_CLOSED &&
	    !uv_is_active((uv_handle_t *)&lan->timer[TIMER_RETRY]))
		(void)uv_timer_start(&lan->timer[TIMER_RETRY], on_retry, TROTH_TIME_LAN_RETRY, 0);
	lan_announcer_step(lan->announcer);
}

static void free_names(char **names)
{
	for (char **n = names; n != NULL && *n != NULL; n++)
		free(*n);
	free(names);
}

static int copy_names(const char *const *names, char ***out)
{
	size_t count = 0;
	if (names == NULL)
		return TROTH_OK;
	while (names[count] != NULL)
		count++;
	char **copy = calloc(count + 1, sizeof *copy);
	if (copy == NULL)
		return TROTH_E_NOMEM;
	for (size_t i = 0; i < count; i++) {
		copy[i] = strdup(names[i]);
		if (copy[i] == NULL) {
			free_names(copy);
			return TROTH_E_NOMEM;
		}
	}
	*out = copy;
	return TROTH_OK;
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct troth_lan *lan = handle->data;
	if (--lan->open_timers == 0)
		free(lan);
}

void troth_lan_free(struct troth_lan *lan)
{
	if (lan == NULL)
		return;
	lan_resolves_cancel(&lan->resolves);
	if (lan->current != NULL)
		detach(lan);
	lan_announcer_free(lan->announcer);
	lan_roster_free(lan->roster);
	lan_ifwatch_free(lan->ifwatch);
	lan_embedded_free(lan->embedded);
	lan_daemon_free(lan->daemon);
	free_names(lan->interfaces);
	for (int i = 0; i < TIMER_COUNT; i++)
		uv_close((uv_handle_t *)&lan->timer[i], on_timer_closed);
}

static int open_parts(struct troth_lan *lan)
{
	const char *const *names = (const char *const *)lan->interfaces;
	struct lan_announcer_events events = {
		.user = lan,
		.kick = kick,
		.own_name = on_own_name,
		.lost = on_lost,
		.error = on_announcer_error,
	};
	lan->resolves = (struct lan_resolves){.loop = lan->loop, .interfaces = names};
	int err = lan_announcer_new(&lan->announcer, names, &events);
	if (err == TROTH_OK)
		err = lan_roster_new(&lan->roster, names, &lan->callbacks);
	if (err == TROTH_OK)
		err = lan_ifwatch_new(&lan->ifwatch, lan->loop, on_interfaces, lan);
	return err;
}

static int open_daemon(struct troth_lan *lan)
{
	if (lan->choice == TROTH_LAN_EMBEDDED)
		return TROTH_OK;
	int err = lan_daemon_new(&lan->daemon, &lan->poll, on_daemon, lan);
	if (err == TROTH_E_UNSUPPORTED && lan->choice == TROTH_LAN_AUTO)
		return TROTH_OK;
	if (err != TROTH_OK)
		return err;
	err = lan_daemon_open(lan->daemon);
	if (err == TROTH_OK)
		return TROTH_OK;
	if (lan->choice == TROTH_LAN_DAEMON)
		return TROTH_E_UNSUPPORTED;
	kick(lan); /* starts the time until the next try */
	return TROTH_OK;
}

int troth_lan_new(struct troth_lan **out, uv_loop_t *loop, const struct troth_lan_params *params)
{
	struct troth_lan *lan = calloc(1, sizeof *lan);
	if (lan == NULL)
		return TROTH_E_NOMEM;
	lan->loop = loop;
	lan->choice = params->backend;
	lan->callbacks = params->callbacks;
	for (int i = 0; i < TIMER_COUNT; i++) {
		(void)uv_timer_init(loop, &lan->timer[i]); /* can't fail */
		lan->timer[i].data = lan;
		lan->open_timers++;
	}
	troth_lan_poll_init(&lan->poll, loop);
	int err = copy_names(params->interfaces, &lan->interfaces);
	if (err == TROTH_OK)
		err = open_parts(lan);
	if (err == TROTH_OK)
		err = open_daemon(lan);
	if (err == TROTH_OK)
		err = choose(lan);
	if (err != TROTH_OK) {
		troth_lan_free(lan);
		return err;
	}
	*out = lan;
	return TROTH_OK;
}

const char *troth_lan_backend_name(const struct troth_lan *lan)
{
	return lan->current == NULL ? "none" : lan->current->ops->name;
}

int troth_lan_announce(struct troth_lan *lan, const struct troth_lan_profile *profile)
{
	return lan_announcer_start(lan->announcer, profile);
}

int troth_lan_update(struct troth_lan *lan, const struct troth_lan_card *card)
{
	return lan_announcer_update(lan->announcer, card);
}

static void on_withdrawn(uv_timer_t *timer)
{
	struct troth_lan *lan = timer->data;
	void (*done)(void *user) = lan->withdrawn;
	lan->withdrawn = NULL;
	done(lan->withdrawn_user); /* last: it may free lan */
}

int troth_lan_withdraw(struct troth_lan *lan, void (*done)(void *user), void *user)
{
	if (done != NULL && lan->withdrawn != NULL)
		return TROTH_E_BUSY;
	lan_announcer_stop(lan->announcer);
	if (done == NULL)
		return TROTH_OK;
	lan->withdrawn = done;
	lan->withdrawn_user = user;
	/* The daemon has taken it over when its answer is here. In process the packet is due
	 * at once, but is sent by the loop. */
	uint64_t ms = lan->embedded != NULL ? TROTH_TIME_LAN_GOODBYE : 0;
	(void)uv_timer_start(&lan->timer[TIMER_WITHDRAWN], on_withdrawn, ms, 0);
	return TROTH_OK;
}

int troth_lan_browse(struct troth_lan *lan)
{
	if (lan->browsing)
		return TROTH_OK;
	int err = lan->current == NULL ? TROTH_OK : lan_roster_attach(lan->roster, lan->current);
	lan->browsing = err == TROTH_OK;
	return err;
}

int troth_lan_resolve(struct troth_lan *lan, const char *name,
		      void (*found)(void *user, const struct troth_lan_addresses *addresses),
		      void *user, struct troth_lan_resolve **out)
{
	return lan_resolve_new(out, &lan->resolves, name, found, user);
}
