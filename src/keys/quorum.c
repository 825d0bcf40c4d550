/* SPDX-License-Identifier: MIT */
/*
 * Quorums made, read, written and verified (docs/protocol.md, "A lost user key"). Layer: keys.
 * Whether the signer is anybody's user key is known above.
 */
#include "keys/quorum.h"

#include "base/date.h"
#include "base/digest.h"
#include "base/encode.h"
#include "base/limits.h"
#include "base/slice.h"
#include "keys/signer.h"
#include "keys/statement.h"
#include "xml/namespace.h"

#include <stdio.h>
#include <stdlib.h>
#include <troth/err.h>

#define LABEL "troth-quorum-0"
#define PIN_HEX (2 * TROTH_PIN_LEN)

_Static_assert(TROTH_QUORUM_DEVICES == TROTH_LIMIT_QUORUM_DEVICES, "limits.h has every maximum");

static void cleanup(struct troth_quorum **q)
{
	troth_quorum_free(*q);
}

void troth_quorum_free(struct troth_quorum *q)
{
	if (q == NULL)
		return;
	troth_statement_drop(q->issuer);
	troth_statement_drop(q->time);
	troth_statement_drop(q->method);
	troth_statement_drop(q->signature.data);
	free(q);
}

/* ---- form ---- */

/* One way to write a list: ascending, so nobody is in it twice. */
static bool is_ascending(const struct troth_quorum *q)
{
	for (size_t i = 1; i < q->device_count; i++) {
		if (memcmp(q->devices[i - 1].bytes, q->devices[i].bytes, TROTH_PIN_LEN) >= 0)
			return false;
	}
	return true;
}

/* "at least two, and not more than there are" */
static bool is_possible(const struct troth_quorum *q)
{
	return q->need >= TROTH_QUORUM_LEAST && q->need <= q->device_count &&
	       q->device_count <= TROTH_QUORUM_DEVICES && is_ascending(q);
}

/* docs/protocol.md, "A lost user key": lv_cat("troth-quorum-0", by, need, time, device...) */
static int message(struct troth_buf *out, const struct troth_quorum *q)
{
	char need[16];
	(void)snprintf(need, sizeof need, "%u", q->need);
	const char *parts[] = {LABEL, q->issuer, need, q->time};
	int err = TROTH_OK;
	for (size_t i = 0; i < sizeof parts / sizeof *parts && err == TROTH_OK; i++)
		err = troth_lv_append_str(out, parts[i]);
	for (size_t i = 0; i < q->device_count && err == TROTH_OK; i++) {
		char pin[PIN_HEX + 1];
		troth_hex(pin, troth_slice_of(q->devices[i].bytes, TROTH_PIN_LEN));
		err = troth_lv_append_str(out, pin);
	}
	return err;
}

/* The list's name: nothing can be added to it, or left out, without another one. */
static int identify(struct troth_quorum *q)
{
	struct troth_buf TROTH_CLEANUP(troth_buf_fini) m;
	troth_buf_init(&m, TROTH_STATEMENT_BYTES);
	int err = message(&m, q);
	return err != TROTH_OK ? err : troth_sha256(q->id.bytes, troth_buf_slice(&m));
}

static int describe(struct troth_quorum *q, const char *issuer, const char *time)
{
	int err = is_possible(q) ? troth_date_read(&q->time_at, time) : TROTH_E_FORMAT;
	if (err == TROTH_OK)
		err = troth_statement_keep(&q->issuer, issuer);
	if (err == TROTH_OK)
		err = troth_statement_keep(&q->time, time);
	return err != TROTH_OK ? err : identify(q);
}

/* ---- making ---- */

static int by_bytes(const void *a, const void *b)
{
	const struct troth_pin *x = a;
	const struct troth_pin *y = b;
	return memcmp(x->bytes, y->bytes, TROTH_PIN_LEN);
}

int troth_quorum_make(struct troth_quorum **out, const struct troth_signer *signer,
		      const struct troth_quorum_terms *terms, int64_t time)
{
	char text[TROTH_DATE_LEN + 1];
	struct troth_buf TROTH_CLEANUP(troth_buf_fini) m;
	struct troth_quorum TROTH_CLEANUP(cleanup) *q = calloc(1, sizeof *q);
	troth_buf_init(&m, TROTH_STATEMENT_BYTES);
	if (q == NULL)
		return TROTH_E_NOMEM;
	if (!troth_is_issuer(signer->issuer) || terms->device_count > TROTH_QUORUM_DEVICES)
		return TROTH_E_INVAL;
	q->need = terms->need;
	q->device_count = terms->device_count;
	memcpy(q->devices, terms->devices, terms->device_count * sizeof *q->devices);
	qsort(q->devices, q->device_count, sizeof *q->devices, by_bytes);
	int err = troth_date_write(text, time);
	if (err == TROTH_OK)
		err = describe(q, signer->issuer, text);
	if (err == TROTH_OK)
		err = troth_statement_keep(&q->method, signer->method);
	if (err == TROTH_OK)
		err = message(&m, q);
	if (err == TROTH_OK)
		err = troth_statement_sign(signer, troth_buf_slice(&m), &q->signature);
	if (err != TROTH_OK)
		return err == TROTH_E_FORMAT ? TROTH_E_INVAL : err;
	*out = q;
	q = NULL;
	return TROTH_OK;
}

int troth_quorum_verify(const struct troth_quorum *q, const struct troth_cert *signer)
{
	char hash[TROTH_ISSUER_LEN + 1];
	struct troth_buf TROTH_CLEANUP(troth_buf_fini) m;
	troth_buf_init(&m, TROTH_STATEMENT_BYTES);
	troth_issuer_of_cert(hash, signer);
	if (strcmp(q->issuer, hash) != 0 || strcmp(q->method, troth_cert_method(signer)) != 0)
		return TROTH_E_CERT;
	int err = message(&m, q);
	return err != TROTH_OK ? err : troth_cert_verify(signer, troth_buf_slice(&m), q->signature);
}

bool troth_quorum_names(const struct troth_quorum *q, const struct troth_pin *device)
{
	return bsearch(device, q->devices, q->device_count, sizeof *q->devices, by_bytes) != NULL;
}

/* ---- reading and writing ---- */

static int read_need(unsigned *out, const char *text)
{
	if (text == NULL || text[0] < '0' || text[0] > '9' || text[1] != 0)
		return TROTH_E_FORMAT;
	*out = (unsigned)(text[0] - '0');
	return TROTH_OK;
}

static int read_devices(struct troth_quorum *q, const struct troth_element *quorum)
{
	const struct troth_element *e = troth_element_first(quorum);
	for (; e != NULL; e = troth_element_next(e)) {
		const char *hex = troth_element_text(e);
		if (!troth_element_is(e, TROTH_NS_TROTH, "device"))
			continue;
		if (q->device_count == TROTH_QUORUM_DEVICES || strlen(hex) != PIN_HEX ||
		    strspn(hex, "0123456789abcdef") != PIN_HEX)
			return TROTH_E_FORMAT;
		int err = troth_unhex(q->devices[q->device_count++].bytes, TROTH_PIN_LEN, hex);
		if (err != TROTH_OK)
			return err;
	}
	return TROTH_OK;
}

int troth_quorum_read(struct troth_quorum **out, const struct troth_element *quorum)
{
	const char *by = troth_element_attr(quorum, "by");
	const char *time = troth_element_attr(quorum, "time");
	struct troth_quorum TROTH_CLEANUP(cleanup) *q = calloc(1, sizeof *q);
	if (q == NULL)
		return TROTH_E_NOMEM;
	if (!troth_is_issuer(by) || time == NULL)
		return TROTH_E_FORMAT;
	int err = read_need(&q->need, troth_element_attr(quorum, "need"));
	if (err == TROTH_OK)
		err = read_devices(q, quorum);
	if (err == TROTH_OK)
		err = describe(q, by, time);
	if (err == TROTH_OK)
		err = troth_statement_read_value(
			&q->method, &q->signature,
			troth_element_child(quorum, TROTH_NS_TROTH, "value"));
	if (err != TROTH_OK)
		return err;
	*out = q;
	q = NULL;
	return TROTH_OK;
}

void troth_quorum_write(struct troth_writer *w, const struct troth_quorum *q)
{
	char text[PIN_HEX + 1];
	troth_writer_open(w, TROTH_NS_TROTH, "quorum");
	troth_writer_attr(w, "by", q->issuer);
	(void)snprintf(text, sizeof text, "%u", q->need);
	troth_writer_attr(w, "need", text);
	troth_writer_attr(w, "time", q->time);
	for (size_t i = 0; i < q->device_count; i++) {
		troth_hex(text, troth_slice_of(q->devices[i].bytes, TROTH_PIN_LEN));
		troth_writer_leaf(w, TROTH_NS_TROTH, "device", text);
	}
	troth_writer_open(w, TROTH_NS_TROTH, "value");
	troth_writer_attr(w, "method", q->method);
	troth_writer_base64(w, q->signature);
	troth_writer_close(w);
	troth_writer_close(w);
}

int troth_quorum_find(struct troth_quorum **out, const struct troth_element *pubkeys)
{
	const struct troth_element *e = troth_element_child(pubkeys, TROTH_NS_TROTH, "quorum");
	*out = NULL;
	int err = e != NULL ? troth_quorum_read(out, e) : TROTH_OK;
	return err == TROTH_E_FORMAT ? TROTH_OK : err;
}
