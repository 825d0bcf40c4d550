/* SPDX-License-Identifier: MIT */
#include "line.h"

#include "sample.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

void line_init(struct line *line)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	line->end[0] = line->end[1] = -1;
	line->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	sample_need(line->listener >= 0 &&
			    bind(line->listener, (struct sockaddr *)&at, sizeof at) == 0 &&
			    listen(line->listener, 8) == 0,
		    "no listener on loopback");
}

void line_fini(struct line *line)
{
	line_hang_up(line);
	close(line->listener);
}

static void prepare(int fd)
{
	int yes = 1;
	sample_need(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) == 0 &&
			    fcntl(fd, F_SETFL, O_NONBLOCK) == 0,
		    "a socket can't be set up");
}

void line_connect(struct line *line)
{
	struct sockaddr_in at;
	socklen_t len = sizeof at;
	line->end[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	sample_need(line->end[0] >= 0 &&
			    getsockname(line->listener, (struct sockaddr *)&at, &len) == 0 &&
			    connect(line->end[0], (struct sockaddr *)&at, len) == 0,
		    "no connection on loopback");
	line->end[1] = accept(line->listener, NULL, NULL);
	sample_need(line->end[1] >= 0, "no connection on loopback");
	prepare(line->end[0]);
	prepare(line->end[1]);
}

void line_hang_up(struct line *line)
{
	for (int i = 0; i < 2; i++) {
		if (line->end[i] >= 0)
			close(line->end[i]);
		line->end[i] = -1;
	}
}
