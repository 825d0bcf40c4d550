/* SPDX-License-Identifier: MIT */
/* Reading what a bot's program says. Layer: cli. */
#include "cli/bot/bot_command.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <troth/err.h>

/* Which members each command takes besides "do" and "ref". */
enum {
	MEMBER_TALK = 1,
	MEMBER_CONTACT = 2,
	MEMBER_TEXT = 4,
	WITH_WHOM = MEMBER_TALK | MEMBER_CONTACT /* exactly one of them */
};

static const struct {
	const char *name;
	unsigned members;
} commands[] = {
	[TROTH_BOT_SAY] = {"say", WITH_WHOM | MEMBER_TEXT},
	[TROTH_BOT_CALL] = {"call", MEMBER_CONTACT},
	[TROTH_BOT_HANG_UP] = {"hang-up", WITH_WHOM},
	[TROTH_BOT_QUIT] = {"quit", 0},
};
#define COMMANDS (sizeof commands / sizeof *commands)

const char *troth_bot_do_name(enum troth_bot_do what)
{
	return commands[what].name;
}

static unsigned member(const char *key)
{
	if (strcmp(key, "talk") == 0)
		return MEMBER_TALK;
	if (strcmp(key, "contact") == 0)
		return MEMBER_CONTACT;
	return strcmp(key, "text") == 0 ? MEMBER_TEXT : 0;
}

static bool is_ref(const json_t *value)
{
	if (json_is_string(value))
		return json_string_length(value) <= TROTH_BOT_REF_MAX;
	return json_is_integer(value);
}

/* Effect: one member into *c; false when its value isn't what it has to be. */
static bool take(struct troth_bot_command *c, unsigned which, const json_t *value)
{
	if (which == MEMBER_TALK) {
		json_int_t n = json_integer_value(value);
		c->talk = n > 0 && n <= UINT_MAX ? (unsigned)n : 0;
		return c->talk != 0;
	}
	const char *text = json_string_value(value);
	if (text == NULL || *text == 0)
		return false;
	*(which == MEMBER_TEXT ? &c->text : &c->name) = text;
	return true;
}

static bool find(struct troth_bot_command *c, const char *name)
{
	for (size_t i = 0; name != NULL && i < COMMANDS; i++) {
		if (strcmp(commands[i].name, name) != 0)
			continue;
		c->what = (enum troth_bot_do)i;
		return true;
	}
	return false;
}

/* Effect: NULL when all members are right; else what is wrong, and *key is the member. */
static const char *read_members(struct troth_bot_command *c, const char **key)
{
	unsigned takes = commands[c->what].members;
	json_t *value;
	const char *name;
	json_object_foreach(c->line, name, value)
	{
		*key = name;
		if (strcmp(name, "do") == 0)
			continue;
		if (strcmp(name, "ref") == 0) {
			c->ref = value;
			if (!is_ref(value))
				return "has to be an integer or a short string";
			continue;
		}
		unsigned which = member(name);
		if ((which & takes) == 0)
			return "isn't known here";
		if (!take(c, which, value))
			return "isn't what it has to be";
	}
	*key = (takes & WITH_WHOM) == WITH_WHOM ? "talk or contact" : "contact";
	if ((takes & WITH_WHOM) != 0 && c->talk == 0 && c->name == NULL)
		return "is missing";
	if (c->talk != 0 && c->name != NULL)
		return "is enough: not both";
	*key = "text";
	return (takes & MEMBER_TEXT) != 0 && c->text == NULL ? "is missing" : NULL;
}

static int parse(struct troth_bot_command *c, struct troth_slice line, char *why, size_t size)
{
	json_error_t error;
	const char *key = NULL;
	/* U+0000 is refused by jansson unless it is allowed. */
	c->line = json_loadb((const char *)line.data, line.len, JSON_REJECT_DUPLICATES, &error);
	if (c->line == NULL) {
		(void)snprintf(why, size, "That isn't JSON: %s.", error.text);
		return TROTH_E_FORMAT;
	}
	if (!find(c, json_string_value(json_object_get(c->line, "do")))) {
		(void)snprintf(why, size,
			       "\"do\" has to be \"say\", \"call\", \"hang-up\" or \"quit\".");
		return TROTH_E_FORMAT;
	}
	const char *wrong = read_members(c, &key);
	if (wrong == NULL)
		return TROTH_OK;
	(void)snprintf(why, size, "%s: %.40s %s.", commands[c->what].name, key, wrong);
	return TROTH_E_FORMAT;
}

int troth_bot_command_read(struct troth_bot_command *out, struct troth_slice line, char *why,
			   size_t size)
{
	struct troth_bot_command c = {.line = NULL};
	int err = parse(&c, line, why, size);
	if (err != TROTH_OK)
		troth_bot_command_fini(&c);
	else
		*out = c;
	return err;
}

void troth_bot_command_fini(struct troth_bot_command *command)
{
	json_decref(command->line);
	*command = (struct troth_bot_command){.line = NULL};
}
