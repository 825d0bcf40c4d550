/* SPDX-License-Identifier: MIT */
/* The scenes of `troth demo`, each checked by what the actors report. Layer: cli. */
#include "cli/demo/demo.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <troth/err.h>

#define QUICK_MS 10000
#define LINK_MS 30000 /* mDNS takes a second or two, and tries again when a packet is lost */

enum machine { ROMEO, JULIET, TYBALT };

/* Effect: notes what a scene says at its end. Returns happened. */
static bool told(struct troth_demo *demo, bool happened, const char *format, ...)
	TROTH_PRINTF(3, 4);
static bool told(struct troth_demo *demo, bool happened, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(demo->told, sizeof demo->told, format, args);
	va_end(args);
	return happened;
}

static const char *member(const struct troth_actor *actor, const char *name)
{
	const char *text = json_string_value(json_object_get(actor->last, name));
	return text ? text : "";
}

static int start(struct troth_demo *demo, struct troth_actor *actor, unsigned machine,
		 const char *secret, const char *const *argv)
{
	static const char *const names[] = {"romeo", "juliet", "tybalt"};
	const struct troth_actor_params params = {
		.name = names[machine], .machine = machine, .secret = secret, .argv = argv};
	troth_debug(&demo->cli->out, 1, "%s: troth %s ...", names[machine], argv[0]);
	return troth_actor_start(actor, &demo->stage, &params);
}

/* Effect: runs a command to its end; its exit status, and actor->last is lost. */
static int run_through(struct troth_demo *demo, unsigned machine, const char *const *argv)
{
	struct troth_actor actor = {.pid = 0};
	if (start(demo, &actor, machine, NULL, argv) != TROTH_OK)
		return -1;
	return troth_actor_end(&actor, LINK_MS);
}

/* ---- 1. Keys ---- */

static bool play_init(struct troth_demo *demo)
{
	static const char *const names[] = {"Romeo", "Juliet", "Tybalt"};
	for (unsigned i = ROMEO; i <= TYBALT; i++) {
		int status = run_through(demo, i,
					 (const char *const[]){"init", "--nick", names[i], NULL});
		if (status != TROTH_EXIT_OK)
			return told(demo, false, "%s got no key (exit status %d).", names[i],
				    status);
	}
	return told(demo, true, "three keys, three homes, nothing shared.");
}

/* ---- 2. Finding ---- */

static bool play_wait(struct troth_demo *demo)
{
	const char *linked[] = {"pair", "--as", "Romeo", NULL};
	const char *alone[] = {"pair", "--as", "Romeo", "--no-lan", NULL};
	if (start(demo, &demo->juliet, JULIET, NULL, demo->stage.linked ? linked : alone) !=
		    TROTH_OK ||
	    !troth_actor_expect(
		    &demo->juliet, QUICK_MS,
		    (const char *const[]){"event", "waiting-for-peer", "secret", "", NULL}))
		return told(demo, false, "Juliet can't wait for anybody.");
	snprintf(demo->secret, sizeof demo->secret, "%s", member(&demo->juliet, "secret"));
	json_int_t port = json_integer_value(json_object_get(demo->juliet.last, "port"));
	if (demo->stage.linked)
		snprintf(demo->juliet_at, sizeof demo->juliet_at, "%s",
			 member(&demo->juliet, "name"));
	else
		snprintf(demo->juliet_at, sizeof demo->juliet_at, "127.0.0.1:%lld",
			 (long long)port);
	return told(demo, true, "Juliet waits as %s, and tells Romeo by telephone: %s",
		    demo->juliet_at, demo->secret);
}

static bool play_find(struct troth_demo *demo)
{
	const char *argv[] = {"nearby", "--timeout", "30", NULL};
	if (start(demo, &demo->romeo, ROMEO, NULL, argv) != TROTH_OK)
		return told(demo, false, "Romeo can't look around.");
	bool found = troth_actor_expect(
		&demo->romeo, LINK_MS,
		(const char *const[]){"event", "found", "name", demo->juliet_at, NULL});
	(void)troth_actor_stop(&demo->romeo, QUICK_MS);
	return told(demo, found,
		    found ? "Romeo sees %s by mDNS; the name says nothing about Juliet."
			  : "Romeo doesn't see %s.",
		    demo->juliet_at);
}

/* ---- 3. Meeting ---- */

static bool play_meet(struct troth_demo *demo)
{
	const char *linked[] = {"pair", "--as",          "Juliet", "--secret-fd",
				"3",    demo->juliet_at, NULL};
	const char *alone[] = {"pair", "--as",          "Juliet",   "--secret-fd",
			       "3",    demo->juliet_at, "--no-lan", NULL};
	const char *const paired[] = {"event", "paired", NULL};
	if (start(demo, &demo->romeo, ROMEO, demo->secret, demo->stage.linked ? linked : alone) !=
	    TROTH_OK)
		return told(demo, false, "Romeo can't call.");
	bool romeo = troth_actor_expect(&demo->romeo, LINK_MS, paired);
	bool juliet = troth_actor_expect(&demo->juliet, LINK_MS, paired);
	int romeo_status = troth_actor_end(&demo->romeo, QUICK_MS);
	int juliet_status = troth_actor_end(&demo->juliet, QUICK_MS);
	if (!romeo || !juliet || romeo_status != TROTH_EXIT_OK || juliet_status != TROTH_EXIT_OK)
		return told(demo, false, "they weren't paired (exit status %d and %d).",
			    romeo_status, juliet_status);
	return told(demo, true,
		    "the secrets were the same; each knows the other's key now, and the "
		    "secret is spent.");
}

/* ---- 4. Talking, by key alone ---- */

/* Effect: Juliet listens under a name and a port that she never had before. */
static bool listen_again(struct troth_demo *demo, struct troth_actor *actor, unsigned machine)
{
	const char *linked[] = {"listen", NULL};
	const char *alone[] = {"listen", "--no-lan", NULL};
	if (start(demo, actor, machine, NULL, demo->stage.linked ? linked : alone) != TROTH_OK ||
	    !troth_actor_expect(actor, QUICK_MS, (const char *const[]){"event", "listening", NULL}))
		return false;
	json_int_t port = json_integer_value(json_object_get(actor->last, "port"));
	const char *host = demo->stage.linked ? demo->stage.machines[machine].address : "127.0.0.1";
	snprintf(demo->juliet_at, sizeof demo->juliet_at, "%s:%lld", host, (long long)port);
	return true;
}

/* Effect: Romeo sends, and Juliet hears it from Romeo, verified by his key. */
static bool send_line(struct troth_demo *demo, const char *line)
{
	const char *linked[] = {"send", "Juliet", line, NULL};
	const char *alone[] = {"send", "--no-lan", demo->juliet_at, line, NULL};
	int status = run_through(demo, ROMEO, demo->stage.linked ? linked : alone);
	const char *const up[] = {"event", "up", "contact", "Romeo", "method", "key", NULL};
	const char *const heard[] = {"event",    "message", "contact", "Romeo", "level",
				     "verified", "text",    line,      NULL};
	if (status != TROTH_EXIT_OK)
		return told(demo, false, "Romeo's message didn't arrive (exit status %d).", status);
	if (!troth_actor_expect(&demo->juliet, QUICK_MS, up) ||
	    !troth_actor_expect(&demo->juliet, QUICK_MS, heard))
		return told(demo, false, "Juliet didn't hear Romeo, verified by his key.");
	return told(demo, true, "Juliet hears, verified by Romeo's key: \"%s\"", line);
}

static bool play_talk(struct troth_demo *demo)
{
	if (!listen_again(demo, &demo->juliet, JULIET))
		return told(demo, false, "Juliet can't listen.");
	return send_line(demo, "With love's light wings did I o'er-perch these walls.");
}

static bool play_part(struct troth_demo *demo)
{
	int status = troth_actor_stop(&demo->juliet, QUICK_MS);
	return told(demo, status == TROTH_EXIT_OK, "Juliet goes offline (exit status %d).", status);
}

/* ---- 5. Meeting again ---- */

static bool play_recognise(struct troth_demo *demo)
{
	const char *argv[] = {"nearby", "--timeout", "30", NULL};
	if (!listen_again(demo, &demo->juliet, JULIET))
		return told(demo, false, "Juliet can't listen.");
	if (start(demo, &demo->romeo, ROMEO, NULL, argv) != TROTH_OK)
		return told(demo, false, "Romeo can't look around.");
	bool found = troth_actor_expect(
		&demo->romeo, LINK_MS,
		(const char *const[]){"event", "found", "perhaps", "Juliet", NULL});
	char name[128];
	snprintf(name, sizeof name, "%s", found ? member(&demo->romeo, "name") : "");
	(void)troth_actor_stop(&demo->romeo, QUICK_MS);
	return found ? told(demo, true,
			    "Romeo sees %s: perhaps Juliet. The announcement tells nobody else.",
			    name)
		     : told(demo, false, "Romeo didn't recognise Juliet.");
}

static bool play_again(struct troth_demo *demo)
{
	if (demo->juliet.pid <= 0 && !listen_again(demo, &demo->juliet, JULIET))
		return told(demo, false, "Juliet can't listen.");
	return send_line(demo, "Good morrow.");
}

/* ---- 6. The impostor ---- */

/* What anybody can learn: Juliet's certificate, and how Romeo calls himself. */
static bool disguise(struct troth_demo *demo)
{
	char juliet[TROTH_STAGE_PATH + 64];
	snprintf(juliet, sizeof juliet, "%s/juliet/device.pem", demo->stage.folder);
	const char *const pin[] = {"trust", "pin", "Juliet", juliet,
				   NULL}; /* the certificate in it */
	const char *const nick[] = {"id", "nick", "Romeo", NULL};
	return run_through(demo, TYBALT, pin) == TROTH_EXIT_OK &&
	       run_through(demo, TYBALT, nick) == TROTH_EXIT_OK;
}

/* Tybalt knows Juliet's key, where she is and how Romeo calls himself, and has a key of his own:
 * so it is Juliet who has to turn him away. */
static bool play_impostor(struct troth_demo *demo)
{
	const char *argv[] = {"send",          "--accept",    "anyone", "--no-lan",
			      demo->juliet_at, "I am Romeo.", NULL};
	if (!disguise(demo))
		return told(demo, false, "Tybalt found no disguise.");
	int status = run_through(demo, TYBALT, argv);
	if (status == TROTH_EXIT_OK || status < 0)
		return told(demo, false, "the impostor wasn't turned away (exit status %d).",
			    status);
	if (!troth_actor_expect(&demo->juliet, QUICK_MS,
				(const char *const[]){"event", "failed", "error", "", NULL}))
		return told(demo, false, "Juliet didn't notice the impostor.");
	char error[64];
	snprintf(error, sizeof error, "%s", member(&demo->juliet, "error"));
	if (json_is_true(json_object_get(demo->juliet.last, "by_peer")))
		return told(demo, false, "it was the impostor who gave up (%s).", error);
	/* The next thing that she hears is the true Romeo, so nothing came in between. */
	if (!send_line(demo, "It was not I."))
		return false;
	return told(demo, true, "Juliet turned \"Romeo\" away (%s), and still hears the true one.",
		    error);
}

const struct troth_scene troth_scenes[] = {
	{"keys", "Romeo, Juliet and Tybalt each make a key.", false, play_init},
	{"wait", "Juliet waits for somebody who knows a secret.", false, play_wait},
	{"find", "Romeo looks who is on the network.", true, play_find},
	{"meet", "Romeo types the secret.", false, play_meet},
	{"talk", "They talk, and nobody asks for a secret any more.", false, play_talk},
	{"part", "They part.", false, play_part},
	{"recognise", "Juliet is back, under another name.", true, play_recognise},
	{"again", "They meet again, by key alone.", false, play_again},
	{"impostor", "Tybalt, on a machine of his own, claims to be Romeo.", false, play_impostor},
	{NULL, NULL, false, NULL},
};

void troth_demo_end(struct troth_demo *demo)
{
	(void)troth_actor_stop(&demo->romeo, QUICK_MS);
	(void)troth_actor_stop(&demo->juliet, QUICK_MS);
	(void)troth_actor_stop(&demo->tybalt, QUICK_MS);
}
