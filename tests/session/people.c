/* SPDX-License-Identifier: MIT */
#include "people.h"

#include <stdio.h>

#define NOW 1800000000
#define LONGEST 20000

static void on_ended(void *user)
{
	((struct person *)user)->ended = true;
}

static void on_news(void *user, const struct troth_news *n)
{
	struct person *p = user;
	p->count[n->type]++;
	p->last[n->type].err = n->err;
	p->last[n->type].contact = n->contact;
	p->last[n->type].talk = n->talk;
	p->last[n->type].stream = n->stream;
	p->last[n->type].told = n->told;
	p->last[n->type].level = n->level;
	(void)snprintf(p->last[n->type].text, sizeof p->last[0].text, "%s",
		       n->text != NULL ? n->text : "");
	if (n->type == TROTH_NEWS_GAVE_UP)
		p->call = NULL;
	if (n->type == TROTH_NEWS_DOWN && p->end_on_down)
		person_end(p);
}

static int on_transfer(void *user, int64_t seconds)
{
	struct person *p = user;
	assert_true(seconds > 0);
	if (p->code == NULL)
		return TROTH_E_REFUSED;
	person_waits_for_owner(p, p->code, TROTH_STORE_CLAIM_TRANSFER);
	return TROTH_OK;
}

struct person *person_silent(uv_loop_t *loop, const char *address, enum troth_level least)
{
	struct person *p = calloc(1, sizeof *p);
	void *home;
	const struct troth_device_params device = {"someone@troth.invalid", NOW};
	assert_non_null(p);
	assert_int_equal(home_setup(&home), 0);
	p->home = home;
	p->loop = loop;
	assert_ok(troth_device_generate(&p->device, &device));
	const struct troth_session_params params = {
		.loop = loop,
		.store = p->home->store,
		.device = p->device,
		.name = address,
		.least = least,
		.trace = true,
		.callbacks = {.user = p, .news = on_news, .transfer = on_transfer},
	};
	assert_ok(troth_session_new(&p->session, &params));
	return p;
}

struct person *person_new(uv_loop_t *loop, const char *address, enum troth_level least)
{
	struct person *p = person_silent(loop, address, least);
	assert_ok(troth_session_listen(p->session, 0));
	return p;
}

void person_end(struct person *p)
{
	if (!p->ending)
		troth_session_end(p->session, on_ended);
	p->ending = true;
}

void people_end(uv_loop_t *loop, struct person **all, size_t count)
{
	for (size_t i = 0; i < count; i++)
		person_end(all[i]);
	for (size_t i = 0; i < count; i++) {
		while (!all[i]->ended)
			(void)uv_run(loop, UV_RUN_ONCE);
	}
	run_for(loop, 50);
	for (size_t i = 0; i < count; i++) {
		void *home = all[i]->home;
		troth_session_free(all[i]->session);
		while (uv_run(loop, UV_RUN_NOWAIT) != 0)
			;
		troth_device_free(all[i]->device);
		assert_int_equal(home_teardown(&home), 0);
		free(all[i]);
	}
	assert_int_equal(uv_loop_close(loop), 0);
}

int64_t person_knows(struct person *of, const char *label, const struct person *other)
{
	const struct troth_cert *cert = troth_device_cert(other->device);
	const struct troth_store_new_key key = {
		.pin = troth_cert_pin(cert),
		.name = troth_cert_name(cert),
		.der = troth_cert_der(cert),
		.how = "manual",
	};
	const struct troth_store_address address = {
		.realm = TROTH_REALM_LINK,
		.address = troth_session_name(other->session),
		.source = "stream",
		.last_seen = NOW,
	};
	int64_t contact = add_contact(of->home->store, label);
	assert_ok(troth_store_key_pin(of->home->store, contact, &key, NOW));
	assert_ok(troth_store_address_note(of->home->store, contact, &address));
	return contact;
}

struct troth_pin person_pin(const struct person *p)
{
	return *troth_cert_pin(troth_device_cert(p->device));
}

const char *person_where(const struct person *p)
{
	static char where[32];
	(void)snprintf(where, sizeof where, "127.0.0.1:%u", troth_session_port(p->session));
	return where;
}

static struct troth_secret *secret_of(const char *text)
{
	struct troth_secret *secret;
	const struct troth_slice bytes = {(const uint8_t *)text, strlen(text)};
	assert_ok(troth_secret_new(&secret, bytes));
	return secret;
}

void person_opens_window(struct person *p, int64_t contact, const char *text)
{
	struct troth_secret *secret = secret_of(text);
	const struct troth_window_params params = {.contact = contact, .secret = secret};
	assert_ok(troth_session_window_open(p->session, &params));
	troth_secret_free(secret);
}

void person_waits_for_owner(struct person *p, const char *code, enum troth_store_claim claim)
{
	struct troth_secret *secret = secret_of(code);
	const struct troth_window_params params = {.secret = secret, .bits = 90, .claim = claim};
	assert_ok(troth_session_window_open(p->session, &params));
	troth_secret_free(secret);
}

void person_calls(struct person *p, const char *peer, const char *text)
{
	struct troth_secret *secret = text != NULL ? secret_of(text) : NULL;
	const struct troth_call_params params = {
		.peer = peer,
		.pairing = text != NULL,
		.secret = secret,
		.least = TROTH_LEVEL_UNVERIFIED,
		.persist = text == NULL,
		.end_paired = true,
		.patience = 5000,
	};
	assert_ok(troth_session_call(p->session, &params, &p->call));
	troth_secret_free(secret);
}

static void on_overdue(uv_timer_t *timer)
{
	*(bool *)timer->data = true;
}

static void run(struct person *p, enum troth_news_type type, unsigned count, uint64_t ms)
{
	bool over = false;
	uv_timer_t timer;
	assert_int_equal(uv_timer_init(p->loop, &timer), 0);
	timer.data = &over;
	assert_int_equal(uv_timer_start(&timer, on_overdue, ms, 0), 0);
	while (!over && p->count[type] < count)
		(void)uv_run(p->loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&timer, NULL);
	(void)uv_run(p->loop, UV_RUN_NOWAIT);
}

void run_until(struct person *p, enum troth_news_type type, unsigned count)
{
	run(p, type, count, LONGEST);
	if (p->count[type] < count)
		fail_msg("only %u of %u news of type %d", p->count[type], count, type);
}

void run_for(uv_loop_t *loop, uint64_t ms)
{
	struct person nobody = {.loop = loop};
	run(&nobody, TROTH_NEWS_XML, 1, ms);
}
