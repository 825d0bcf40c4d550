/* SPDX-License-Identifier: MIT */
/* SOCKS5 for bytestreams. Layer: bytestream. Must not read beyond the negotiation. */
#include "bytestream/socks5.h"

#include "base/digest.h"
#include "base/encode.h"
#include "base/slice.h"

#include <string.h>
#include <troth/err.h>

/* RFC 1928 3 to 6. */
#define VERSION 5
#define NO_AUTHENTICATION 0
#define NO_METHOD 0xff
#define COMMAND_CONNECT 1
#define ADDRESS_IPV4 1
#define ADDRESS_NAME 3
#define ADDRESS_IPV6 4
#define REPLY_OK 0
#define REPLY_REFUSED 2         /* "connection not allowed by ruleset" */
#define REPLY_NO_COMMAND 7      /* "Command not supported" */
#define REPLY_NO_ADDRESS_TYPE 8 /* "Address type not supported" */

#define METHODS_HEAD 2                                          /* version, count */
#define METHOD_BYTES 2                                          /* version, method */
#define ADDRESS_HEAD 5                                          /* up to the length of a name */
#define REQUEST_BYTES (ADDRESS_HEAD + TROTH_SOCKS5_DST_LEN + 2) /* with the port */

int troth_socks5_dst(char out[TROTH_SOCKS5_DST_SIZE], const char *sid, const char *requester,
		     const char *target)
{
	uint8_t hash[TROTH_SHA1_LEN];
	struct troth_buf text;
	troth_buf_init(&text, (size_t)8 * 1024);
	/* XEP-0065 5.3.2: "The hostname MUST be SHA1(SID + Requester JID + Target JID)" */
	int err = troth_buf_append_str(&text, sid);
	if (err == TROTH_OK)
		err = troth_buf_append_str(&text, requester);
	if (err == TROTH_OK)
		err = troth_buf_append_str(&text, target);
	if (err == TROTH_OK)
		err = troth_sha1(hash, troth_buf_slice(&text));
	if (err == TROTH_OK)
		troth_hex(out, troth_slice_of(hash, sizeof hash));
	troth_buf_fini(&text);
	return err;
}

bool troth_socks5_is_dst(const char *text)
{
	return strspn(text, "0123456789abcdef") == TROTH_SOCKS5_DST_LEN &&
	       text[TROTH_SOCKS5_DST_LEN] == 0;
}

/* ---- what is sent ---- */

static void put(struct troth_socks5 *s, const uint8_t *bytes, size_t len)
{
	memcpy(s->out + s->out_len, bytes, len);
	s->out_len += len;
}

/* Request and reply have the same form. XEP-0065 5.3.2: "the StreamHost MUST set the BND.ADDR and
 * BND.PORT to the DST.ADDR and DST.PORT values provided by the client"; "The port MUST be 0" */
static void put_address(struct troth_socks5 *s, uint8_t what)
{
	uint8_t message[REQUEST_BYTES] = {VERSION, what, 0, ADDRESS_NAME, TROTH_SOCKS5_DST_LEN};
	memcpy(message + ADDRESS_HEAD, s->dst, TROTH_SOCKS5_DST_LEN);
	put(s, message, sizeof message);
}

/* A refusal of what couldn't be read has no address to repeat. */
static void put_refusal(struct troth_socks5 *s, uint8_t reply)
{
	uint8_t message[10] = {VERSION, reply, 0, ADDRESS_IPV4};
	put(s, message, sizeof message);
}

/* ---- what arrives ---- */

static void expect(struct troth_socks5 *s, enum troth_socks5_state state, size_t need)
{
	s->state = state;
	s->in_len = 0;
	s->in_need = need;
}

static int fail(struct troth_socks5 *s, int err)
{
	s->state = TROTH_SOCKS5_FAILED;
	s->err = err;
	return err;
}

static int read_method(struct troth_socks5 *s)
{
	if (s->in[0] != VERSION)
		return fail(s, TROTH_E_PROTOCOL);
	if (s->in[1] == NO_METHOD)
		return fail(s, TROTH_E_PEER_REFUSED);
	if (s->in[1] != NO_AUTHENTICATION)
		return fail(s, TROTH_E_PROTOCOL);
	put_address(s, COMMAND_CONNECT);
	expect(s, TROTH_SOCKS5_CONNECT, ADDRESS_HEAD);
	return TROTH_OK;
}

static int read_reply(struct troth_socks5 *s)
{
	size_t address;
	if (s->in[0] != VERSION || s->in[2] != 0)
		return fail(s, TROTH_E_PROTOCOL);
	if (s->in[1] != REPLY_OK) /* some cut what follows short */
		return fail(s, TROTH_E_PEER_REFUSED);
	if (s->in[3] == ADDRESS_IPV4)
		address = 4;
	else if (s->in[3] == ADDRESS_IPV6)
		address = 16;
	else if (s->in[3] == ADDRESS_NAME)
		address = 1 + (size_t)s->in[4];
	else
		return fail(s, TROTH_E_PROTOCOL);
	/* What it says of the address decides nothing: the stream on top knows its peer. */
	s->in_need = ADDRESS_HEAD - 1 + address + 2;
	if (s->in_len == s->in_need)
		expect(s, TROTH_SOCKS5_DONE, 0);
	return TROTH_OK;
}

static int read_methods(struct troth_socks5 *s)
{
	if (s->in[0] != VERSION || s->in[1] == 0)
		return fail(s, TROTH_E_PROTOCOL);
	s->in_need = METHODS_HEAD + s->in[1];
	if (s->in_len < s->in_need)
		return TROTH_OK;
	bool fits = memchr(s->in + METHODS_HEAD, NO_AUTHENTICATION, s->in[1]) != NULL;
	uint8_t method[METHOD_BYTES] = {VERSION, fits ? NO_AUTHENTICATION : NO_METHOD};
	put(s, method, sizeof method);
	if (!fits)
		return fail(s, TROTH_E_PROTOCOL);
	expect(s, TROTH_SOCKS5_CONNECT, ADDRESS_HEAD);
	return TROTH_OK;
}

static int read_request_head(struct troth_socks5 *s)
{
	if (s->in[0] != VERSION || s->in[2] != 0)
		return fail(s, TROTH_E_PROTOCOL);
	if (s->in[1] != COMMAND_CONNECT)
		put_refusal(s, REPLY_NO_COMMAND);
	else if (s->in[3] != ADDRESS_NAME || s->in[4] != TROTH_SOCKS5_DST_LEN)
		put_refusal(s, REPLY_NO_ADDRESS_TYPE);
	else
		s->in_need = REQUEST_BYTES;
	return s->in_need == REQUEST_BYTES ? TROTH_OK : fail(s, TROTH_E_PROTOCOL);
}

static int read_request(struct troth_socks5 *s)
{
	if (s->in_len == ADDRESS_HEAD)
		return read_request_head(s);
	memcpy(s->dst, s->in + ADDRESS_HEAD, TROTH_SOCKS5_DST_LEN);
	s->dst[TROTH_SOCKS5_DST_LEN] = 0;
	/* XEP-0065 5.3.2: "The port MUST be 0 (zero)." */
	if (!troth_socks5_is_dst(s->dst) || s->in[REQUEST_BYTES - 2] != 0 ||
	    s->in[REQUEST_BYTES - 1] != 0) {
		put_refusal(s, REPLY_REFUSED);
		return fail(s, TROTH_E_PROTOCOL);
	}
	expect(s, TROTH_SOCKS5_ASKED, 0);
	return TROTH_OK;
}

/* Effect: goes on when as much is there as was known to be needed. */
static int go_on(struct troth_socks5 *s)
{
	if (s->in_len < s->in_need)
		return TROTH_OK;
	switch (s->state) {
	case TROTH_SOCKS5_GREETING:
		return s->server ? read_methods(s) : read_method(s);
	case TROTH_SOCKS5_CONNECT:
		return s->server ? read_request(s) : read_reply(s);
	case TROTH_SOCKS5_ASKED:
	case TROTH_SOCKS5_DONE:
	case TROTH_SOCKS5_FAILED:
		break;
	}
	return s->err;
}

size_t troth_socks5_wants(const struct troth_socks5 *s)
{
	bool reads = s->state == TROTH_SOCKS5_GREETING || s->state == TROTH_SOCKS5_CONNECT;
	return reads ? s->in_need - s->in_len : 0;
}

int troth_socks5_feed(struct troth_socks5 *s, struct troth_slice bytes)
{
	if (s->state == TROTH_SOCKS5_FAILED)
		return s->err;
	if (bytes.len > troth_socks5_wants(s))
		return fail(s, TROTH_E_INVAL);
	if (bytes.len > 0)
		memcpy(s->in + s->in_len, bytes.data, bytes.len);
	s->in_len += bytes.len;
	return go_on(s);
}

/* ---- the two sides ---- */

int troth_socks5_client(struct troth_socks5 *s, const char *dst)
{
	static const uint8_t greeting[] = {VERSION, 1, NO_AUTHENTICATION};
	if (!troth_socks5_is_dst(dst))
		return TROTH_E_INVAL;
	*s = (struct troth_socks5){.server = false};
	memcpy(s->dst, dst, sizeof s->dst);
	put(s, greeting, sizeof greeting);
	expect(s, TROTH_SOCKS5_GREETING, METHOD_BYTES);
	return TROTH_OK;
}

void troth_socks5_server(struct troth_socks5 *s)
{
	*s = (struct troth_socks5){.server = true};
	expect(s, TROTH_SOCKS5_GREETING, METHODS_HEAD);
}

enum troth_socks5_state troth_socks5_state(const struct troth_socks5 *s)
{
	return s->state;
}

const char *troth_socks5_asked(const struct troth_socks5 *s)
{
	return s->dst;
}

void troth_socks5_answer(struct troth_socks5 *s, bool accept)
{
	if (s->state != TROTH_SOCKS5_ASKED)
		return;
	put_address(s, accept ? REPLY_OK : REPLY_REFUSED);
	if (accept)
		expect(s, TROTH_SOCKS5_DONE, 0);
	else
		(void)fail(s, TROTH_E_REFUSED);
}

struct troth_slice troth_socks5_output(const struct troth_socks5 *s)
{
	return troth_slice_of(s->out, s->out_len);
}

void troth_socks5_sent(struct troth_socks5 *s, size_t len)
{
	memmove(s->out, s->out + len, s->out_len - len);
	s->out_len -= len;
}
