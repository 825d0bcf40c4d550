/* SPDX-License-Identifier: MIT */
/* Places for unauthenticated peers. Layer: io. Pure. */
#include "io/gate.h"

#include "base/digest.h"
#include "base/slice.h"

#include <netinet/in.h>
#include <string.h>
#include <troth/err.h>

static struct troth_gate_origin origin_of(const struct sockaddr *from)
{
	struct troth_gate_origin origin = {.bytes = {0}};
	if (from->sa_family == AF_INET) {
		struct sockaddr_in in;
		memcpy(&in, from, sizeof in);
		origin.bytes[0] = 4;
		memcpy(origin.bytes + 1, &in.sin_addr, 4);
	} else if (from->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;
		memcpy(&in6, from, sizeof in6);
		bool mapped = IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr);
		origin.bytes[0] = mapped ? 4 : 6;
		memcpy(origin.bytes + 1, in6.sin6_addr.s6_addr + (mapped ? 12 : 0), mapped ? 4 : 8);
	}
	return origin;
}

static bool same(const struct troth_gate_origin *a, const struct troth_gate_origin *b)
{
	return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

static int take(struct troth_gate *gate, const struct troth_gate_origin *origin)
{
	int empty = TROTH_GATE_NONE;
	int of_same = 0;
	for (int i = 0; i < TROTH_LIMIT_UNAUTHENTICATED; i++) {
		const struct troth_gate_place *p = &gate->place[i];
		if (!p->taken)
			empty = i;
		else if (same(&p->origin, origin))
			of_same++;
	}
	if (empty == TROTH_GATE_NONE || of_same >= TROTH_LIMIT_UNAUTHENTICATED_PER_ADDRESS)
		return TROTH_GATE_NONE;
	gate->place[empty] = (struct troth_gate_place){.taken = true, .origin = *origin};
	return empty;
}

int troth_gate_enter(struct troth_gate *gate, const struct sockaddr *from)
{
	struct troth_gate_origin origin = origin_of(from);
	return take(gate, &origin);
}

int troth_gate_enter_name(struct troth_gate *gate, const char *name)
{
	uint8_t hash[TROTH_SHA256_LEN];
	struct troth_gate_origin origin = {.bytes = {'j'}};
	if (troth_sha256(hash, troth_slice_str(name)) != TROTH_OK)
		return TROTH_GATE_NONE;
	memcpy(origin.bytes + 1, hash, sizeof origin.bytes - 1);
	return take(gate, &origin);
}

int troth_gate_move(struct troth_gate *from, int place, struct troth_gate *to)
{
	if (place == TROTH_GATE_NONE)
		return TROTH_GATE_NONE;
	int taken = take(to, &from->place[place].origin);
	if (taken != TROTH_GATE_NONE)
		troth_gate_leave(from, place);
	return taken;
}

bool troth_gate_ask(struct troth_gate *gate, int place)
{
	int asking = 0;
	int of_same = 0;
	if (place == TROTH_GATE_NONE || gate->place[place].asking)
		return true;
	for (int i = 0; i < TROTH_LIMIT_UNAUTHENTICATED; i++) {
		const struct troth_gate_place *p = &gate->place[i];
		if (!p->taken || !p->asking)
			continue;
		asking++;
		if (same(&p->origin, &gate->place[place].origin))
			of_same++;
	}
	if (asking >= TROTH_LIMIT_ASKING || of_same >= TROTH_LIMIT_ASKING_PER_ADDRESS)
		return false;
	gate->place[place].asking = true;
	return true;
}

void troth_gate_asked(struct troth_gate *gate, int place)
{
	if (place != TROTH_GATE_NONE)
		gate->place[place].asking = false;
}

void troth_gate_leave(struct troth_gate *gate, int place)
{
	if (place != TROTH_GATE_NONE)
		gate->place[place] = (struct troth_gate_place){.taken = false};
}
