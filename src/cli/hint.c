/* SPDX-License-Identifier: MIT */
/* Commands in our sentences, made such that they work when they are pasted. Layer: cli. */
#include "cli/hint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMMAND "`troth "

/* What stands before a command that somebody else is to run, with a home of their own. */
static const char *const theirs[] = {"the other ", "let it run ", "Let it run "};

static bool is_theirs(const char *text, const char *at)
{
	for (size_t i = 0; i < sizeof theirs / sizeof *theirs; i++) {
		size_t len = strlen(theirs[i]);
		if ((size_t)(at - text) >= len && strncmp(at - len, theirs[i], len) == 0)
			return true;
	}
	return false;
}

/* A word for any shell: as it is, or in single quotes. */
static void put_word(FILE *to, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "/._-+:,@%=";
	if (*word != 0 && word[strspn(word, plain)] == 0) {
		fputs(word, to);
		return;
	}
	putc('\'', to);
	for (; *word != 0; word++)
		fputs(*word == '\'' ? "'\\''" : (const char[]){*word, 0}, to);
	putc('\'', to);
}

char *troth_hint(const char *text, const char *home)
{
	char *out = NULL;
	size_t size = 0;
	const char *at = text;
	FILE *to = home != NULL && text != NULL ? open_memstream(&out, &size) : NULL;
	if (to == NULL)
		return text != NULL ? strdup(text) : NULL;
	for (const char *next; (next = strstr(at, COMMAND)) != NULL; at = next + strlen(COMMAND)) {
		fprintf(to, "%.*s" COMMAND, (int)(next - at), at);
		if (is_theirs(text, next))
			continue;
		fputs("--home ", to);
		put_word(to, home);
		putc(' ', to);
	}
	fputs(at, to);
	if (fclose(to) == 0)
		return out;
	free(out);
	return strdup(text);
}
