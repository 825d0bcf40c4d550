/* SPDX-License-Identifier: MIT */
/*
 * What a connection needs of the bytes below its stream, whatever carries them: TCP
 * (io/tcp.h), a bytestream through somebody's proxy, stanzas. Layer: io. No socket here.
 *
 * A transport reports from the loop, never from inside of a call on it, and nothing after
 * troth_transport_close but `closed`.
 */
#ifndef TROTH_IO_TRANSPORT_H
#define TROTH_IO_TRANSPORT_H

#include <troth/bytes.h>

struct troth_transport;

/* What it reports to its owner. */
struct troth_transport_events {
	void (*arrived)(void *user, struct troth_slice bytes); /* borrowed; never empty */
	/* The peer's end, or an error: nothing more will arrive. At most once. */
	void (*ended)(void *user);
	/* It has taken some of what was written; err says that it can't take more, ever. */
	void (*written)(void *user, int err);
	/* troth_transport_finish is done. */
	void (*finished)(void *user, int err);
	/* The last report, always: the transport is freed when it returns. */
	void (*closed)(void *user);
	void *user;
};

/* What one kind of transport does; see the functions below. */
struct troth_transport_kind {
	int (*start)(struct troth_transport *t);
	int (*stop)(struct troth_transport *t);
	int (*write)(struct troth_transport *t, struct troth_slice bytes, size_t *taken);
	size_t (*waiting)(const struct troth_transport *t);
	int (*finish)(struct troth_transport *t);
	void (*close)(struct troth_transport *t);
};

/* The first member of each kind's own struct. */
struct troth_transport {
	const struct troth_transport_kind *kind;
	struct troth_transport_events events; /* zeroed until somebody owns it */
	const char *where; /* for people, "192.0.2.1:5298"; borrowed for its life */
};

/* Effect: from now on it reports here. Once, before all that follows. */
static inline void troth_transport_own(struct troth_transport *t,
				       const struct troth_transport_events *events)
{
	t->events = *events;
}

/* Effect: begins to read, or goes on. Errors: TROTH_E_IO. */
TROTH_MUST_USE static inline int troth_transport_start(struct troth_transport *t)
{
	return t->kind->start(t);
}

/* Effect: nothing arrives until it is started again; the peer is held up. */
TROTH_MUST_USE static inline int troth_transport_stop(struct troth_transport *t)
{
	return t->kind->stop(t);
}

/* Effect: takes the first *taken bytes (at least one) to be sent; the rest is to be offered
 * again, at once or later. bytes isn't empty. Errors: TROTH_E_NOMEM, TROTH_E_IO. */
TROTH_MUST_USE static inline int troth_transport_write(struct troth_transport *t,
						       struct troth_slice bytes, size_t *taken)
{
	return t->kind->write(t, bytes, taken);
}

/* Bytes that it has taken and that haven't left. */
static inline size_t troth_transport_waiting(const struct troth_transport *t)
{
	return t->kind->waiting(t);
}

/* Effect: ends our side after what was written; the peer's end is still read. Once.
 * Errors: TROTH_E_IO; then `finished` doesn't follow. */
TROTH_MUST_USE static inline int troth_transport_finish(struct troth_transport *t)
{
	return t->kind->finish(t);
}

/* Effect: ends it at once, also one that nobody owns. Once. */
static inline void troth_transport_close(struct troth_transport *t)
{
	t->kind->close(t);
}

#endif
