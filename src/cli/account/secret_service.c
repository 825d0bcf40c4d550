/* SPDX-License-Identifier: MIT */
/* Running troth-password, and what it says in sentences. Layer: cli. */
#include "cli/account/secret_service.h"

#include "base/limits.h"
#include "base/slice.h"
#include "base/text.h"
#include "cli/account/password_exit.h"
#include "cli/errand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>
#include <unistd.h>

#define PROGRAM "troth-password"
#define PATIENCE_S 10
#define UNLOCKING_S 120
#define SAID_CHARS 200

/* How it finds the bus, and the desktop that may ask. */
static const char *const passed[] = {"DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY",
				     "XAUTHORITY", NULL};

struct call {
	const char *what; /* get, put, remove */
	const char *jid;
	struct troth_slice input;
	struct troth_secret_service_problem *problem;
};

bool troth_secret_service_is_built(void)
{
#ifdef TROTH_NO_SECRET_SERVICE
	return false;
#else
	return true;
#endif
}

static int problem(const struct call *c, int err, const char *cause, const char *next)
{
	(void)snprintf(c->problem->cause, sizeof c->problem->cause, "%s", cause);
	c->problem->next = next;
	return err;
}

/* ---- what became of it ---- */

static int not_run(const struct call *c, int err)
{
	if (err == TROTH_E_TIMEOUT)
		return problem(c, TROTH_E_BUSY, "The desktop's secret service didn't answer.",
			       "Is its window waiting for you? Otherwise give the password by "
			       "--account and --password-fd.");
	if (err == TROTH_E_NOT_FOUND)
		return problem(c, TROTH_E_UNSUPPORTED, "The program " PROGRAM " isn't installed.",
			       "Install it, or give the password by --account and --password-fd.");
	return problem(c, err == TROTH_E_NOMEM ? err : TROTH_E_IO,
		       "The program " PROGRAM " can't be run.", NULL);
}

static int unreachable(const struct call *c, const char *said)
{
	char cause[sizeof c->problem->cause];
	(void)snprintf(cause, sizeof cause, "No secret service of a desktop can be reached (%s).",
		       said);
	return problem(c, TROTH_E_UNSUPPORTED, cause,
		       "Run this in your desktop's session, or give the password by "
		       "--account and --password-fd.");
}

static int failed(const struct call *c, const char *said)
{
	char cause[sizeof c->problem->cause];
	(void)snprintf(cause, sizeof cause, "The desktop's secret service failed%s%s",
		       *said != 0 ? ": " : ".", said);
	return problem(c, TROTH_E_IO, cause, "Give the password by --account and --password-fd.");
}

static int outcome(const struct call *c, int status, const char *said)
{
	switch (status) {
	case TROTH_PASSWORD_DONE:
		return TROTH_OK;
	case TROTH_PASSWORD_NONE:
		return problem(c, TROTH_E_NOT_FOUND,
			       "The desktop's secret service doesn't have it (any more).",
			       "`troth login` with the address keeps it again.");
	case TROTH_PASSWORD_UNREACHABLE:
		return unreachable(c, said);
	case TROTH_PASSWORD_LOCKED:
		return problem(c, TROTH_E_PASSPHRASE, "The desktop's secret service is locked.",
			       "Unlock it on your desktop, or give the password by "
			       "--account and --password-fd.");
	default:
		return failed(c, said);
	}
}

/* ---- running it ---- */

/* Effect: its own words; nothing else of what it wrote may be shown. */
static int said_of(struct troth_slice written, struct troth_buf *text, const char **out)
{
	int err = troth_text_clean(text, written, TROTH_TEXT_ONE_LINE, SAID_CHARS);
	return err == TROTH_OK ? troth_buf_cstr(text, out) : err;
}

static int run_once(struct troth_cli *cli, const struct call *c, bool asks, struct troth_buf *out,
		    int *status)
{
	char program[PATH_MAX];
	char home[PATH_MAX];
	const char *path;
	if (troth_home_path(cli, &path) != TROTH_EXIT_OK || realpath(path, home) == NULL)
		return problem(c, TROTH_E_IO, "There is no home.", NULL);
	troth_errand_find(PROGRAM, program);
	const char *const argv[] = {program, c->what, asks ? "ask" : "quiet", home, c->jid, NULL};
	const struct troth_errand errand = {.argv = argv,
					    .input = c->input,
					    .status = status,
					    .pass = passed,
					    .patience_s = asks ? UNLOCKING_S : PATIENCE_S};
	troth_buf_clear(out);
	int err = troth_errand_run(&errand, out);
	return err == TROTH_OK ? TROTH_OK : not_run(c, err);
}

/* Somebody at a terminal may be asked by the desktop, and is told to look there. */
static int run(struct troth_cli *cli, const struct call *c, struct troth_buf *out)
{
	struct troth_buf text TROTH_CLEANUP(troth_buf_fini);
	const char *said = "";
	int status = 0;
	troth_buf_init(&text, sizeof c->problem->cause);
	int err = run_once(cli, c, false, out, &status);
	if (err == TROTH_OK && status == TROTH_PASSWORD_LOCKED && isatty(STDIN_FILENO) &&
	    isatty(STDERR_FILENO)) {
		troth_note(&cli->out, "The desktop's secret service is locked: your desktop asks "
				      "you to unlock it.");
		err = run_once(cli, c, true, out, &status);
	}
	if (err == TROTH_OK && status != TROTH_PASSWORD_DONE)
		err = said_of(troth_buf_slice(out), &text, &said);
	return err == TROTH_OK ? outcome(c, status, said) : err;
}

static int call(struct troth_cli *cli, const struct call *c, struct troth_buf *out)
{
	*c->problem = (struct troth_secret_service_problem){.next = NULL};
	if (!troth_secret_service_is_built())
		return problem(c, TROTH_E_UNSUPPORTED,
			       "This troth was built without the desktop's secret service.",
			       "Give the password by --account and --password-fd.");
	return run(cli, c, out);
}

int troth_secret_service_put(struct troth_cli *cli, const char *jid,
			     const struct troth_secret *password,
			     struct troth_secret_service_problem *problem)
{
	struct troth_buf out TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&out, TROTH_LIMIT_SECRET_BYTES);
	const struct call c = {"put", jid, troth_secret_bytes(password), problem};
	return call(cli, &c, &out);
}

int troth_secret_service_remove(struct troth_cli *cli, const char *jid,
				struct troth_secret_service_problem *problem)
{
	struct troth_buf out TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&out, TROTH_LIMIT_SECRET_BYTES);
	const struct call c = {.what = "remove", .jid = jid, .problem = problem};
	return call(cli, &c, &out);
}

int troth_secret_service_get(struct troth_cli *cli, const char *jid, struct troth_secret **out,
			     struct troth_secret_service_problem *problem_)
{
	struct troth_buf text TROTH_CLEANUP(troth_buf_fini); /* wiped, like all of them */
	troth_buf_init(&text, TROTH_LIMIT_SECRET_BYTES);
	const struct call c = {.what = "get", .jid = jid, .problem = problem_};
	int err = call(cli, &c, &text);
	if (err != TROTH_OK)
		return err;
	if (troth_secret_new(out, troth_buf_slice(&text)) == TROTH_OK)
		return TROTH_OK;
	return problem(&c, TROTH_E_IO, "What the desktop's secret service has is no password.",
		       "`troth login` with the address keeps it again.");
}
