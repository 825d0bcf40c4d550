/* SPDX-License-Identifier: MIT */
/*
 * Each row is measured in turns, ours and the bare one, A B A B, and is a median: what else the
 * machine does falls on both.
 */
#include "rows.h"

#include "bare.h"
#include "bytestreams.h"
#include "crowd.h"
#include "duo.h"
#include "sample.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#define WARM 20
#define CONNECTS 1000
#define SECRET_CONNECTS 100
#define ROUND_TRIPS 10000
#define BULK_BYTES ((size_t)64 * 1024)
#define BULK_STANZAS 1000
#define IDLE 100 /* connections, each of two ends */
#define SAMPLES_MAX 10000
#define VERDICTS 2000
#define FEW 100
#define MANY 10000       /* contacts, with 50,000 endorsements */
#define VERDICT_MOST 200 /* microseconds */

struct bench {
	struct duo duo;
	struct bare bare;
	struct crowd many, few;
	struct line line[2]; /* one for each kind: nobody waits for the other's port */
	double troth[SAMPLES_MAX];
	double plain[SAMPLES_MAX];
	char *body;  /* of messages */
	char *bytes; /* as many as a message with that body has */
	size_t len;
};

/* What is measured once, with what follows outside the clock. */
struct measure {
	void (*troth)(struct bench *);
	void (*bare)(struct bench *);
	void (*after)(struct bench *); /* NULL: nothing */
	double (*clock)(void);
	size_t count;
};

static double once(struct bench *b, void (*what)(struct bench *), const struct measure *m)
{
	double start = m->clock();
	what(b);
	double took = m->clock() - start;
	if (m->after != NULL)
		m->after(b);
	return took;
}

static void measure(struct bench *b, const struct measure *m, struct row *row)
{
	for (size_t i = 0; i < WARM + m->count; i++) {
		double troth = once(b, m->troth, m);
		double plain = once(b, m->bare, m);
		if (i >= WARM) {
			b->troth[i - WARM] = troth;
			b->plain[i - WARM] = plain;
		}
	}
	row->troth = sample_median(b->troth, m->count);
	row->bare = sample_median(b->plain, m->count);
}

/* ---- connecting ---- */

static void close_all(struct bench *b)
{
	duo_close(&b->duo);
	bare_close(&b->bare);
	line_hang_up(&b->line[0]);
	line_hang_up(&b->line[1]);
}

static void connect_troth(struct bench *b)
{
	duo_connect(&b->duo, NULL);
}

static void connect_bare(struct bench *b)
{
	bare_connect(&b->bare, NULL);
}

static void connect_troth_tcp(struct bench *b)
{
	line_connect(&b->line[0]);
	duo_connect(&b->duo, &b->line[0]);
}

static void connect_bare_tcp(struct bench *b)
{
	line_connect(&b->line[1]);
	bare_connect(&b->bare, &b->line[1]);
}

static size_t measure_connects(struct bench *b, struct row *rows)
{
	const struct measure cpu = {connect_troth, connect_bare, close_all, sample_cpu, CONNECTS};
	const struct measure tcp = {connect_troth_tcp, connect_bare_tcp, close_all, sample_wall,
				    CONNECTS};
	const struct measure pake = {connect_troth, connect_bare, close_all, sample_cpu, CONNECTS};
	const struct measure srp = {connect_troth, connect_bare, close_all, sample_cpu,
				    SECRET_CONNECTS};
	rows[0] = (struct row){"connect by pinned keys, processor time", "us", 0, 0, 1.3};
	rows[1] = (struct row){"connect by pinned keys over TCP, wall clock", "us", 0, 0, 0};
	rows[2] = (struct row){"first meeting by secret (PAKE), processor", "us", 0, 0, 1.5};
	rows[3] = (struct row){"first meeting by secret (SRP), processor", "us", 0, 0, 0};
	duo_by_key(&b->duo);
	measure(b, &cpu, &rows[0]);
	measure(b, &tcp, &rows[1]);
	duo_by_secret(&b->duo, true);
	measure(b, &pake, &rows[2]);
	duo_by_secret(&b->duo, false);
	measure(b, &srp, &rows[3]);
	duo_by_key(&b->duo);
	return 4;
}

/* ---- carrying ---- */

static void set_body(struct bench *b, size_t len)
{
	free(b->body);
	free(b->bytes);
	b->body = calloc(1, len + 1);
	sample_need(b->body != NULL, "no memory");
	memset(b->body, 'x', len);
	b->len = duo_message_len(b->body);
	b->bytes = calloc(1, b->len);
	sample_need(b->bytes != NULL, "no memory");
}

static void echo_troth(struct bench *b)
{
	duo_carry(&b->duo, &b->line[0], 0, b->body);
	duo_carry(&b->duo, &b->line[0], 1, b->body);
}

static void echo_bare(struct bench *b)
{
	bare_carry(&b->bare, 0, b->bytes, b->len);
	bare_carry(&b->bare, 1, b->bytes, b->len);
}

static void bulk_troth(struct bench *b)
{
	duo_carry(&b->duo, NULL, 0, b->body);
}

static void bulk_bare(struct bench *b)
{
	bare_carry(&b->bare, 0, b->bytes, b->len);
}

static size_t measure_carrying(struct bench *b, struct row *rows)
{
	const struct measure wall = {echo_troth, echo_bare, NULL, sample_wall, ROUND_TRIPS};
	const struct measure cpu = {bulk_troth, bulk_bare, NULL, sample_cpu, BULK_STANZAS};
	rows[0] = (struct row){"message there and back over TCP, wall clock", "us", 0, 0, 0};
	rows[1] = (struct row){"stanza of 64 KiB, one way, processor time", "us", 0, 0, 0};
	set_body(b, 64);
	connect_troth_tcp(b);
	connect_bare_tcp(b);
	measure(b, &wall, &rows[0]);
	close_all(b);
	set_body(b, BULK_BYTES);
	connect_troth(b);
	connect_bare(b);
	measure(b, &cpu, &rows[1]);
	close_all(b);
	return 2;
}

/* ---- memory ---- */

static double held(void)
{
	return (double)mallinfo2().uordblks / 1024;
}

/* Connections of their own: only what they hold is counted. */
static size_t measure_memory(struct bench *b, struct row *rows)
{
	static struct troth_stream *streams[2 * IDLE];
	static SSL *sessions[2 * IDLE];
	rows[0] = (struct row){"memory of an idle stream, one end", "KiB", 0, 0, 0};
	double start = held();
	for (size_t i = 0; i < IDLE; i++) {
		connect_troth(b);
		for (size_t k = 0; k < 2; k++) {
			streams[2 * i + k] = b->duo.end[k].stream;
			b->duo.end[k].stream = NULL;
		}
	}
	rows[0].troth = (held() - start) / (2 * IDLE);
	start = held();
	for (size_t i = 0; i < IDLE; i++) {
		connect_bare(b);
		for (size_t k = 0; k < 2; k++) {
			sessions[2 * i + k] = b->bare.ssl[k];
			b->bare.ssl[k] = NULL;
		}
	}
	rows[0].bare = (held() - start) / (2 * IDLE);
	for (size_t i = 0; i < 2 * IDLE; i++) {
		troth_stream_free(streams[i]);
		SSL_free(sessions[i]);
	}
	return 1;
}

/* ---- judging ---- */

static void judge_many(struct bench *b)
{
	crowd_judge(&b->many);
}

static void judge_few(struct bench *b)
{
	crowd_judge(&b->few);
}

/* Beside bare TLS there is nothing to compare: these stand beside what they may take. */
static size_t measure_verdicts(struct bench *b, struct row *rows)
{
	const struct measure cpu = {judge_many, judge_few, NULL, sample_cpu, VERDICTS};
	rows[0] = (struct row){"verdict among 10000 contacts, beside 100", "us", 0, 0, 1.5};
	crowd_init(&b->many, MANY);
	crowd_init(&b->few, FEW);
	measure(b, &cpu, &rows[0]);
	crowd_fini(&b->many);
	crowd_fini(&b->few);
	rows[1] = (struct row){"the same, beside its allowance", "us", rows[0].troth, VERDICT_MOST,
			       1.0};
	return 2;
}

size_t rows_measure(struct row rows[ROWS_MAX])
{
	static struct bench b;
	size_t count = 0;
	duo_init(&b.duo);
	bare_init(&b.bare, b.duo.end[0].device, b.duo.end[1].device);
	line_init(&b.line[0]);
	line_init(&b.line[1]);
	count += measure_connects(&b, rows);
	count += measure_carrying(&b, rows + count);
	count += measure_memory(&b, rows + count);
	count += measure_verdicts(&b, rows + count);
	count += bytestreams_measure(rows + count);
	line_fini(&b.line[0]);
	line_fini(&b.line[1]);
	bare_fini(&b.bare);
	duo_fini(&b.duo);
	free(b.body);
	free(b.bytes);
	return count;
}
