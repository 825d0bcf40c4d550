/* SPDX-License-Identifier: MIT */
/*
 * What a stream costs on that which carries it over a server: one sample each, in microseconds, of
 * carrying messages with a body of STANZA_BYTES one way. What is set up for it isn't counted.
 */
#ifndef BENCH_BYTESTREAMS_H
#define BENCH_BYTESTREAMS_H

#include "rows.h"
#include "socks.h"

#define STANZA_BYTES ((size_t)64 * 1024)

/* Through a SOCKS5 proxy: our stream, and TLS alone. Processor time of both ends and a proxy in
 * this process; wall clock with a proxy elsewhere, where through_proxy_at says (NULL: here). */
void through_proxy_at(const struct socks_path *at);
double through_proxy_stream(size_t stanzas);
double through_proxy_tls(size_t stanzas);

/* Processor time, in an in-band bytestream whose stanzas are written and read: our stream, and its
 * bytes alone. */
double in_stanzas_stream(size_t stanzas);
double in_stanzas_bare(size_t stanzas);

/* Effect: measures; returns how many rows. */
size_t bytestreams_measure(struct row *rows);

#endif
