/* SPDX-License-Identifier: MIT */
/*
 * What a program of the user's inherits: a list of harmless variables, and no descriptor. Layer:
 * cli. A variable of a service manager may hold a secret, or say where one is.
 */
#include "cli/bot/program.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>
#include <unistd.h>

static const char *const kept[] = {"PATH", "HOME", "USER",   "LOGNAME",         "SHELL",
				   "LANG", "TZ",   "TMPDIR", "XDG_RUNTIME_DIR", NULL};

static bool is_listed(const char *const *names, const char *entry)
{
	size_t len = strcspn(entry, "=");
	for (size_t i = 0; names != NULL && names[i] != NULL; i++)
		if (strlen(names[i]) == len && memcmp(names[i], entry, len) == 0)
			return true;
	return false;
}

char **troth_program_environment(const char *const *pass)
{
	size_t count = 0;
	while (environ[count] != NULL)
		count++;
	char **out = calloc(count + 1, sizeof *out);
	size_t used = 0;
	for (size_t i = 0; out != NULL && i < count; i++) {
		if (!is_listed(kept, environ[i]) && strncmp(environ[i], "LC_", 3) != 0 &&
		    !is_listed(pass, environ[i]))
			continue;
		out[used] = strdup(environ[i]);
		if (out[used++] != NULL)
			continue;
		troth_program_environment_free(out);
		return NULL;
	}
	return out;
}

void troth_program_environment_free(char **environment)
{
	for (size_t i = 0; environment != NULL && environment[i] != NULL; i++)
		free(environment[i]);
	free(environment);
}

/* Where close_range(2) isn't known or allowed. */
static int mark_each(void)
{
	DIR *all = opendir("/proc/self/fd");
	const struct dirent *entry;
	bool good = all != NULL;
	while (good && (entry = readdir(all)) != NULL) {
		int fd = atoi(entry->d_name); /* "." and "..": 0 */
		if (fd > STDERR_FILENO)
			good = fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
	}
	if (all != NULL)
		(void)closedir(all);
	return good ? TROTH_OK : TROTH_E_IO;
}

int troth_program_keep_descriptors(void)
{
	if (close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
		return TROTH_OK;
	return mark_each();
}
