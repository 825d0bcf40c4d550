/* SPDX-License-Identifier: MIT */
/* Who calls over a server, and says on the stream to be somebody else. */
#include "people.h"

#include "base/limits.h"
#include "base/slice.h"
#include "io/tcp.h"
#include "server/bytestreams_state.h"
#include "session/state.h"

#define OURS "us@montague.test"

struct meeting {
	uv_loop_t loop;
	uv_tcp_t door; /* where the bytestream of the one who calls ends */
	uint16_t port;
	struct person *us, *caller;
	struct troth_account *account;
	const char *from; /* as the server names who calls */
	bool gone;
};

static void on_gone(void *user)
{
	((struct meeting *)user)->gone = true;
}

/* Jingle has agreed: the bytes are those of the connection that has come. */
static void on_connection(uv_stream_t *door, int status)
{
	struct meeting *m = door->data;
	struct online *o = m->us->session->accounts;
	struct troth_bytestream *b;
	struct troth_bytestream_callbacks callbacks;
	struct troth_address *from;
	struct troth_transport *transport;
	uv_tcp_t *tcp = malloc(sizeof *tcp);
	assert_int_equal(status, 0);
	assert_non_null(tcp);
	assert_int_equal(uv_tcp_init(&m->loop, tcp), 0);
	assert_int_equal(uv_accept(door, (uv_stream_t *)tcp), 0);
	assert_ok(troth_tcp_new(&transport, tcp));
	assert_ok(troth_address_new(&from, TROTH_REALM_SERVER, m->from));
	assert_ok(bytestream_new(&b, o->bytestreams, 0));
	assert_true(leg_called(o, b, from, &callbacks));
	b->callbacks = callbacks;
	bytestream_open(b, transport, TROTH_PATH_DIRECT);
	troth_address_free(from);
}

static void open_door(struct meeting *m)
{
	struct sockaddr_in at;
	int len = sizeof at;
	assert_int_equal(uv_tcp_init(&m->loop, &m->door), 0);
	m->door.data = m;
	assert_int_equal(uv_ip4_addr("127.0.0.1", 0, &at), 0);
	assert_int_equal(uv_tcp_bind(&m->door, (const struct sockaddr *)&at, 0), 0);
	assert_int_equal(uv_listen((uv_stream_t *)&m->door, 1, on_connection), 0);
	assert_int_equal(uv_tcp_getsockname(&m->door, (struct sockaddr *)&at, &len), 0);
	m->port = ntohs(at.sin_port);
}

/* Effect: `from` calls our account, and on the stream `says` is the address of its header. */
static void begin(struct meeting *m, const char *from, const char *says)
{
	struct troth_secret *password;
	*m = (struct meeting){.from = from};
	assert_int_equal(uv_loop_init(&m->loop), 0);
	assert_ok(troth_secret_new(&password, troth_slice_str("secret")));
	const struct troth_account_params account = {
		.loop = &m->loop, .jid = OURS, .password = password, .gone = on_gone, .user = m};
	assert_ok(troth_account_new(&m->account, &account));
	troth_secret_free(password);
	m->us = person_silent(&m->loop, "us@here", TROTH_LEVEL_UNVERIFIED);
	const struct troth_session_account ours = {.account = m->account};
	assert_ok(troth_session_account(m->us->session, &ours));
	m->caller = person_silent(&m->loop, says, TROTH_LEVEL_UNVERIFIED);
	open_door(m);
}

static void call(struct meeting *m)
{
	char where[32];
	(void)snprintf(where, sizeof where, "127.0.0.1:%u", m->port);
	person_calls(m->caller, where, NULL);
}

static void end(struct meeting *m)
{
	person_end(m->us);
	person_end(m->caller);
	uv_close((uv_handle_t *)&m->door, NULL);
	troth_account_end(m->account);
	while (!m->gone || !m->us->ended || !m->caller->ended)
		(void)uv_run(&m->loop, UV_RUN_ONCE);
	people_end(&m->loop, (struct person *[]){m->us, m->caller}, 2);
}

static void caller__is_taken__for_whom_the_server_names(void **state)
{
	(void)state;
	struct meeting m;
	begin(&m, "romeo@capulet.test/orchard", "romeo@capulet.test");
	call(&m);
	run_until(m.us, TROTH_NEWS_UP, 1);
	assert_int_equal(m.us->last[TROTH_NEWS_UP].level, TROTH_LEVEL_UNVERIFIED);
	end(&m);
}

/* Whoever may call us by an account of his own would else be shown as anybody, and as one of our
 * own clients, of whom less is asked. */
static void caller__is_sent_away__that_says_to_be_somebody_else(void **state)
{
	(void)state;
	struct meeting m;
	begin(&m, "mallory@capulet.test/den", "romeo@capulet.test");
	call(&m);
	run_until(m.us, TROTH_NEWS_FAILED, 1);
	assert_err(m.us->last[TROTH_NEWS_FAILED].err, TROTH_E_ADDRESS);
	assert_int_equal(m.us->count[TROTH_NEWS_UP], 0);
	end(&m);
}

static int64_t viewer(struct meeting *m)
{
	struct troth_address *jid;
	assert_ok(troth_address_new(&jid, TROTH_REALM_SERVER, m->from));
	int64_t contact = online_viewer(m->us->session->accounts, jid);
	troth_address_free(jid);
	return contact;
}

/* Names of keys are in clear: who says one on a stream, and asks to see us meanwhile, would else be
 * let for good. */
static void presence__is_shown_to_no_stream__that_only_says_whose_it_is(void **state)
{
	(void)state;
	struct meeting m;
	begin(&m, "mallory@capulet.test/den", "mallory@capulet.test");
	int64_t romeo = person_knows(m.us, "romeo", m.caller);
	call(&m);
	run_until(m.us, TROTH_NEWS_ARRIVED, 1);
	m.us->session->links->contact = romeo; /* as the keys say that the caller names */
	assert_int_equal(viewer(&m), 0);
	m.us->session->links->met = true;
	assert_int_equal(viewer(&m), romeo);
	end(&m);
}

static void presence__is_shown_to_no_contact__whose_keys_were_revoked(void **state)
{
	(void)state;
	struct meeting m;
	begin(&m, "romeo@capulet.test/orchard", "romeo@capulet.test");
	int64_t romeo = person_knows(m.us, "romeo", m.caller);
	struct troth_pin pin = person_pin(m.caller);
	const struct troth_store_address address = {.realm = TROTH_REALM_SERVER,
						    .address = "romeo@capulet.test",
						    .source = "meeting",
						    .last_seen = 1};
	assert_ok(troth_store_address_note(m.us->session->store, romeo, &address));
	assert_int_equal(viewer(&m), romeo);
	assert_ok(troth_store_key_withdraw(m.us->session->store, &pin, TROTH_STORE_KEY_REVOKED,
					   "stolen", 2));
	assert_int_equal(viewer(&m), 0);
	end(&m);
}

/* Whoever lets strangers come is shown as many as somebody likes to send presence for. */
static void contact__is_seen__however_many_strangers_show(void **state)
{
	(void)state;
	struct meeting m;
	char jid[64];
	begin(&m, "romeo@capulet.test/orchard", "romeo@capulet.test");
	struct troth_session *s = m.us->session;
	int64_t romeo = person_knows(m.us, "romeo", m.caller);
	for (int person = 0; person < TROTH_LIMIT_RESOURCES; person++) {
		(void)snprintf(jid, sizeof jid, "m%d@den.test/x", person);
		seen_here(s, jid, s->accounts, 0, 0);
	}
	seen_here(s, "one@more.test/x", s->accounts, 0, 0);
	assert_null(seen_jid(s, "one@more.test"));
	seen_here(s, m.from, s->accounts, romeo, 0);
	assert_non_null(seen_contact(s, romeo));
	/* Whom our user calls by an address is nobody's, too, and wanted. */
	person_calls(m.us, "one@more.test", NULL);
	seen_here(s, "one@more.test/x", s->accounts, 0, 0);
	assert_non_null(seen_jid(s, "one@more.test"));
	seen_here(s, "two@more.test/x", s->accounts, 0, 0);
	assert_null(seen_jid(s, "two@more.test"));
	end(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(caller__is_taken__for_whom_the_server_names),
		cmocka_unit_test(caller__is_sent_away__that_says_to_be_somebody_else),
		cmocka_unit_test(presence__is_shown_to_no_stream__that_only_says_whose_it_is),
		cmocka_unit_test(presence__is_shown_to_no_contact__whose_keys_were_revoked),
		cmocka_unit_test(contact__is_seen__however_many_strangers_show),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
