/* SPDX-License-Identifier: MIT */
/* People with a store, a device and a session each, on one loop and loopback. */
#ifndef TROTH_TESTS_SESSION_PEOPLE_H
#define TROTH_TESTS_SESSION_PEOPLE_H

#include "../store/fixture.h"
#include "session/session.h"

#include <troth/key.h>
#include <uv.h>

struct person {
	uv_loop_t *loop;
	struct home *home;
	struct troth_device *device;
	struct troth_session *session;
	struct troth_call *call;
	unsigned count[TROTH_NEWS_XML + 1]; /* news by type */
	struct {
		int err;
		int64_t contact;
		unsigned talk;
		unsigned stream;
		bool told;
		enum troth_level level;
		char text[256];
	} last[TROTH_NEWS_XML + 1];
	bool ending, ended;
	const char *code; /* of its label: what an owner who gives it away opens the window with */
	bool end_on_down; /* as a verb may: ends the session from within the news */
};

/* Effect: a person called `address` that takes strangers at `least` and listens. */
struct person *person_new(uv_loop_t *loop, const char *address, enum troth_level least);
/* Effect: the same, without listening. */
struct person *person_silent(uv_loop_t *loop, const char *address, enum troth_level least);
/* Effect: begins to end the session; people_end frees. */
void person_end(struct person *p);
/* Effect: ends and frees them all, and the loop. */
void people_end(uv_loop_t *loop, struct person **all, size_t count);

/* Effect: makes them contacts, as if they had paired; returns who that is to `of`. */
int64_t person_knows(struct person *of, const char *label, const struct person *other);
struct troth_pin person_pin(const struct person *p);
/* "127.0.0.1:PORT"; static. */
const char *person_where(const struct person *p);

/* Effect: opens a window for that contact, or for anybody (0). */
void person_opens_window(struct person *p, int64_t contact, const char *secret);
/* Effect: opens it for an owner, with the secret of this device. */
void person_waits_for_owner(struct person *p, const char *code, enum troth_store_claim claim);
/* Effect: calls; secret NULL: no pairing. */
void person_calls(struct person *p, const char *peer, const char *secret);

/* Effect: runs the loop until this many news of the type came; fails after 20 s. */
void run_until(struct person *p, enum troth_news_type type, unsigned count);
/* Effect: runs the loop that long. */
void run_for(uv_loop_t *loop, uint64_t ms);

#endif
