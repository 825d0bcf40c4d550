/* SPDX-License-Identifier: MIT */
/* `troth doctor`: what works here and what doesn't, with the next step. Layer: cli. */
#include "cli/doctor/doctor.h"
#include "cli/verbs.h"

#include <stdarg.h>

static const struct {
	const char *name;
	void (*run)(struct troth_cli *cli, struct troth_check *check);
} checks[] = {
	{"home", troth_doctor_home},   {"key", troth_doctor_key},
	{"token", troth_doctor_token}, {"store", troth_doctor_store},
	{"user", troth_doctor_user},   {"openpgp", troth_doctor_openpgp},
	{"log", troth_doctor_log},     {"copies", troth_doctor_copies},
	{"clock", troth_doctor_clock}, {"network", troth_doctor_network},
	{"mdns", troth_doctor_mdns},   {"listen", troth_doctor_listen},
	{"tls-srp", troth_doctor_tls}, {"locale", troth_doctor_locale},
};

void troth_check_set(struct troth_check *check, enum troth_health health, const char *next,
		     const char *format, ...)
{
	va_list args;
	check->health = health;
	check->next = next;
	va_start(args, format);
	vsnprintf(check->text, sizeof check->text, format, args);
	va_end(args);
}

static const char *health_name(enum troth_health health)
{
	switch (health) {
	case TROTH_HEALTH_OK:
		return "ok";
	case TROTH_HEALTH_WARN:
		return "warn";
	case TROTH_HEALTH_FAIL:
		break;
	}
	return "fail";
}

static enum troth_style health_style(enum troth_health health)
{
	switch (health) {
	case TROTH_HEALTH_OK:
		return TROTH_STYLE_GOOD;
	case TROTH_HEALTH_WARN:
		return TROTH_STYLE_WARN;
	case TROTH_HEALTH_FAIL:
		break;
	}
	return TROTH_STYLE_BAD;
}

static void show(struct troth_output *out, const char *name, const struct troth_check *check)
{
	troth_piece(out, health_style(check->health), "%-5s", health_name(check->health));
	troth_line(out, TROTH_STYLE_PLAIN, "%-8s %s", name, check->text);
	if (check->next)
		troth_line(out, TROTH_STYLE_PLAIN, "              %s", check->next);
	troth_json(out, json_pack("{s:s, s:s, s:o, s:o}", "check", name, "health",
				  health_name(check->health), "text", troth_json_text(check->text),
				  "next", troth_json_text(check->next)));
}

static enum troth_exit run(struct troth_cli *cli)
{
	const char *home;
	enum troth_exit status = troth_cli_args(cli, 0, 0);
	if (status == TROTH_EXIT_OK)
		status = troth_home_path(cli, &home);
	for (size_t i = 0; status != TROTH_EXIT_USAGE && i < sizeof checks / sizeof checks[0];
	     i++) {
		struct troth_check check = {TROTH_HEALTH_FAIL, "", NULL};
		checks[i].run(cli, &check);
		show(&cli->out, checks[i].name, &check);
		if (check.health == TROTH_HEALTH_FAIL)
			status = TROTH_EXIT_LOCAL;
	}
	return status;
}

static const char *const usage[] = {"", NULL};
static const struct troth_example examples[] = {
	{"troth doctor", "ok, warn or fail for each part, with what to do"},
	{"troth doctor --json", "the same for a monitor; exit status 1 when a part fails"},
	{NULL, NULL},
};

const struct troth_verb troth_verb_doctor = {
	.name = "doctor",
	.help = "check that all parts work here, and say what to do if not",
	.usage = usage,
	.about = "Changes nothing and sends nothing.",
	.examples = examples,
	.run = run,
};
