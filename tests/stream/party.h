/* SPDX-License-Identifier: MIT */
/*
 * Two ends of a stream in one process, with an application at each that answers as
 * told and writes down what it saw. Bytes go across in slices of any size.
 */
#ifndef TROTH_TESTS_STREAM_PARTY_H
#define TROTH_TESTS_STREAM_PARTY_H

#include "../test.h"

#include <troth/stream.h>

/* What one end's application answers, and what it saw. */
struct party {
	const char *name;
	struct troth_device *device;
	struct troth_engine *engine;
	struct troth_address *address;
	struct troth_stream *stream;

	/* Answers. */
	struct troth_known known;         /* to WHO; the initiator's from the start */
	struct troth_known_key known_key; /* known.keys points here after party_knows */
	struct troth_secret *asked;       /* to ASK_SECRET; NULL: refuse */
	bool silent;                      /* answers no question at all */
	int guess_err;                    /* to GUESS: TROTH_OK or why not */
	struct troth_verdict verdict;     /* to VERDICT */
	bool no_contact;                  /* the verdict names none */
	bool stranger_by_header;          /* to WHO: nobody has the address of the header */
	bool close_when_up;
	bool close_after_keys;
	bool close_when_proven; /* up by pake */
	const char *say;        /* a message once up */
	bool shows_sas;
	bool compares;                    /* begins to, once up */
	bool close_when_compared;         /* both have said the same */
	enum troth_sas_answer sas_answer; /* to SAS */
	/* At VERDICT a key that isn't known is judged by its endorsements: one by this key in force
	 * at that time (seconds since 1970) is right. NULL: verdict is the answer to everything. */
	const struct troth_cert *endorsed_by;
	int64_t now_for_endorsements;
	const struct troth_stated_key *give; /* to KEYS_WANTED; NULL: no answer */
	/* Given TROTH_EVENT_XML and _STATE; NULL: the stream isn't traced. */
	void (*trace)(const struct party *p, const struct troth_event *e);

	const struct troth_tls_first *first; /* TLS at once; NULL: after offers */
	size_t stanza_bytes;                 /* limits of its stream; 0: the usual ones */
	size_t stanza_depth;

	/* Seen. */
	char seen[4096]; /* one line for each event, for comparing runs */
	bool up;
	bool closed;
	int err;
	bool by_peer;
	char reason[200];
	enum troth_level level;
	enum troth_method method;
	bool transcript;
	int guesses;
	struct troth_sas sas;
	int sas_confirmed;
	struct troth_pin shown; /* of the certificate at VERDICT */
	int asks;
	int waits;
	int keys;
	int keys_possessed;
	int keys_further;
	int keys_endorsed;
	char issuer[TROTH_NAME_LEN + 1]; /* the first of the last WHO */
	size_t endorsements;             /* at VERDICT */
	size_t revocations;
	char about[64];  /* of the last KEYS */
	char wanted[64]; /* of the last KEYS_WANTED */
	struct troth_pin key_pin;
	char heard[256];
	char heard_from[256]; /* the last stanza's from and to */
	char heard_to[256];
	size_t stanzas;
	bool eof; /* the other end has closed the transport */
};

/* Effect: a party with a device of its own (made once and shared by all tests). */
void party_init(struct party *p, int which, const char *address);
void party_fini(struct party *p);
/* Effect: p knows q's key, proven or not. */
void party_knows(struct party *p, const struct party *q, bool proven);
/* Effect: begins a stream; an initiator dials peer. */
void party_start(struct party *p, enum troth_role role, const struct party *peer, int64_t now);
/* Effect: feeds p. */
void party_feed(struct party *p, const void *bytes, size_t len, int64_t now);
/* Effect: lets p's application answer until there is nothing more. */
void party_work(struct party *p, int64_t now);
/* Effect: carries bytes both ways, at most slice at a time, until nothing moves. */
void party_run(struct party *a, struct party *b, size_t slice, int64_t now);
/* Effect: one step of that: from a to b; false when there was nothing. */
bool party_carry(struct party *a, struct party *b, size_t slice, int64_t now);

/* Effect: p offers none of these marks (c2c/method.h): an older program, or an OpenSSL without
 * SRP. Before party_start. */
void party_lacks(struct party *p, unsigned marks);

struct troth_secret *party_secret(const char *text);

#endif
