/* SPDX-License-Identifier: MIT */
/* Two connections through a SOCKS5 proxy for bytestreams: in this process, or elsewhere. */
#ifndef BENCH_SOCKS_H
#define BENCH_SOCKS_H

#include "io/socks5_listener.h"
#include "io/transport.h"

/* A proxy elsewhere on this machine. */
struct socks_path {
	uint16_t port;
	const char *dst;
	void (*activate)(void); /* both ends have negotiated */
};

struct socks_side {
	struct socks_side *other;
	struct troth_transport *transport;
};

struct socks {
	const struct socks_path *path;
	uv_loop_t loop;
	struct troth_gate gate;
	struct troth_socks5_listener *listener;
	struct socks_side side[2]; /* of the proxy */
	size_t sides;
	uv_tcp_t *end[2]; /* of those who talk through it; theirs once they have connected */
	size_t ends;
};

/* path: borrowed; NULL: in this process. */
void socks_init(struct socks *s, const struct socks_path *path);
/* Effect: both ends have negotiated. */
void socks_connect(struct socks *s);
/* Effect: the proxy's connections are closed; the ends belong to those who took them. */
void socks_hang_up(struct socks *s);
void socks_fini(struct socks *s);

#endif
