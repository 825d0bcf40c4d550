/* SPDX-License-Identifier: MIT */
/* Asking the `troth listen` of this home. Layer: cli. */
#include "cli/bot/control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <troth/err.h>
#include <unistd.h>

int troth_control_address(int home, struct sockaddr_un *out)
{
	*out = (struct sockaddr_un){.sun_family = AF_UNIX};
	int len = snprintf(out->sun_path, sizeof out->sun_path,
			   "/proc/self/fd/%d/" TROTH_CONTROL_NAME, home);
	return len > 0 && (size_t)len < sizeof out->sun_path ? TROTH_OK : TROTH_E_IO;
}

static int connect_to(const char *home, int *out)
{
	const struct timeval patience = {.tv_sec = TROTH_CONTROL_MS / 1000};
	struct sockaddr_un address;
	int folder = open(home, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool good = folder >= 0 && fd >= 0 &&
		    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0 &&
		    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0 &&
		    troth_control_address(folder, &address) == TROTH_OK &&
		    connect(fd, (const struct sockaddr *)&address, sizeof address) == 0;
	int err = good                                       ? TROTH_OK
		  : errno == ENOENT || errno == ECONNREFUSED ? TROTH_E_NOT_FOUND
							     : TROTH_E_IO;
	if (folder >= 0)
		(void)close(folder);
	if (good)
		*out = fd;
	else if (fd >= 0)
		(void)close(fd);
	return err;
}

static int send_line(int fd, const json_t *request)
{
	char line[TROTH_CONTROL_LINE];
	size_t len = json_dumpb(request, line, sizeof line - 1, JSON_COMPACT | JSON_ENSURE_ASCII);
	if (len == 0 || len >= sizeof line)
		return TROTH_E_FORMAT;
	line[len++] = '\n';
	return send(fd, line, len, MSG_NOSIGNAL) == (ssize_t)len ? TROTH_OK : TROTH_E_IO;
}

static int read_answer(int fd, json_t **out)
{
	char line[TROTH_CONTROL_LINE];
	size_t len = 0;
	ssize_t got = 1;
	while (len < sizeof line && memchr(line, '\n', len) == NULL) {
		got = recv(fd, line + len, sizeof line - len, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		len += (size_t)got;
	}
	if (got < 0)
		return errno == EAGAIN ? TROTH_E_TIMEOUT : TROTH_E_IO;
	*out = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
	return *out != NULL ? TROTH_OK : TROTH_E_FORMAT;
}

int troth_control_ask(const char *home, const json_t *request, json_t **out)
{
	int fd = -1;
	int err = connect_to(home, &fd);
	if (err != TROTH_OK)
		return err;
	err = send_line(fd, request);
	if (err == TROTH_OK)
		err = read_answer(fd, out);
	(void)close(fd);
	return err;
}
