/* SPDX-License-Identifier: MIT */
/* An account and its worker: what the one says to the other. Layer: server. */
#include "server/account_state.h"

#include <stdio.h>

#define CONFIG_BYTES ((size_t)128 * 1024)

void account_drop_wire(struct troth_account *a)
{
	if (a->wire == NULL)
		return;
	troth_wire_end(a->wire);
	a->wire = NULL;
}

/* ---- what the worker says ---- */

/* The server may give any resource; another account than ours it may not. */
static bool take_address(struct troth_account *a, const char *jid)
{
	struct troth_address *address;
	if (troth_address_new(&address, TROTH_REALM_SERVER, jid) != TROTH_OK)
		return false;
	if (!troth_address_same_bare(address, a->wanted) ||
	    troth_address_resource(address) == NULL) {
		troth_address_free(address);
		return false;
	}
	troth_address_free(a->own);
	a->own = address;
	return true;
}

static void come_up(struct troth_account *a, const char *text)
{
	if (a->state != ACCOUNT_CONNECTING)
		return;
	bool resumed = *text == 'r';
	if (*text == 0 || !take_address(a, text + 1)) {
		account_drop_wire(a);
		account_go_down(a, TROTH_ACCOUNT_BROKEN, "");
		return;
	}
	a->since = a->heard = (int64_t)uv_now(a->loop);
	account_set_state(a, ACCOUNT_UP, -1);
	/* First of all who we are; a failure shows as the end of the wire. */
	if (a->has_presence && !resumed && account_send_presence(a) != TROTH_OK)
		return;
	for (size_t i = 0; i < a->n_listeners && a->state == ACCOUNT_UP; i++)
		if (a->listeners[i].up != NULL)
			a->listeners[i].up(a->listeners[i].user, resumed);
}

/* Effect: the body as text in *out, freed with free. */
static char *text_of(struct troth_slice body)
{
	return strndup((const char *)body.data, body.len);
}

static void on_frame(void *user, const struct troth_frame *frame)
{
	struct troth_account *a = user;
	char *text;
	a->heard = (int64_t)uv_now(a->loop);
	switch ((int)frame->type) {
	case TROTH_FRAME_STANZA:
		if (a->state == ACCOUNT_UP)
			account_stanza(a, frame->body);
		return;
	case TROTH_FRAME_UP:
	case TROTH_FRAME_DOWN:
		break;
	default:
		account_drop_wire(a);
		account_go_down(a, TROTH_ACCOUNT_BROKEN, "");
		return;
	}
	text = text_of(frame->body);
	if (text == NULL) {
		account_drop_wire(a);
		account_go_down(a, TROTH_ACCOUNT_LOCAL, "");
	} else if (frame->type == TROTH_FRAME_UP) {
		come_up(a, text);
	} else if (frame->body.len > 0) {
		unsigned reason = frame->body.data[0];
		account_go_down(a,
				reason <= TROTH_ACCOUNT_LOCAL ? (enum troth_account_reason)reason
							      : TROTH_ACCOUNT_BROKEN,
				reason == 0 ? "" : text + 1);
	}
	free(text);
}

static void on_broken(void *user)
{
	struct troth_account *a = user;
	account_drop_wire(a);
	account_go_down(a, TROTH_ACCOUNT_BROKEN, "");
}

/* ---- what the worker is told ---- */

static int put_text(struct troth_buf *out, const char *text, size_t len)
{
	int err = len > 0 ? troth_buf_append(out, text, len) : TROTH_OK;
	return err == TROTH_OK ? troth_buf_append_byte(out, 0) : err;
}

static int send_config(struct troth_account *a)
{
	char port[8];
	struct troth_buf body TROTH_CLEANUP(troth_buf_fini);
	const struct troth_slice none = {NULL, 0};
	const struct troth_slice password =
		a->password == NULL ? none : troth_secret_bytes(a->password);
	(void)snprintf(port, sizeof port, "%u", a->port);
	const struct troth_slice texts[TROTH_CONFIG_COUNT] = {
		[TROTH_CONFIG_JID] = troth_slice_str(troth_address_full(a->wanted)),
		[TROTH_CONFIG_PASSWORD] = password,
		[TROTH_CONFIG_PEM] = troth_buf_slice(&a->pem),
		[TROTH_CONFIG_HOST] = a->host == NULL ? none : troth_slice_str(a->host),
		[TROTH_CONFIG_PORT] = troth_slice_str(port),
		[TROTH_CONFIG_CA_FILE] = a->ca_file == NULL ? none : troth_slice_str(a->ca_file),
		[TROTH_CONFIG_DIRECT_TLS] = troth_slice_str(a->direct_tls ? "1" : ""),
		[TROTH_CONFIG_RESUME] = troth_slice_str(a->resume ? "1" : ""),
	};
	int err = TROTH_OK;
	troth_buf_init(&body, CONFIG_BYTES);
	for (size_t i = 0; i < TROTH_CONFIG_COUNT && err == TROTH_OK; i++)
		err = put_text(&body, (const char *)texts[i].data, texts[i].len);
	return err == TROTH_OK
		       ? troth_wire_send(a->wire, TROTH_FRAME_CONFIG, troth_buf_slice(&body))
		       : err;
}

static void wire_gone(void *user)
{
	account_handle_gone(user);
}

int account_open_wire(struct troth_account *a)
{
	const struct troth_wire_callbacks callbacks = {on_frame, on_broken, wire_gone, a};
	int err = troth_wire_new(&a->wire, a->loop, &callbacks);
	if (err != TROTH_OK)
		return err;
	a->handles++;
	err = send_config(a);
	if (err != TROTH_OK)
		account_drop_wire(a);
	return err;
}
