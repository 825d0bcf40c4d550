/* SPDX-License-Identifier: MIT */
/*
 * Every maximum and every deadline, in one place (docs/protocol.md, "Limits").
 * Layer: base. Times are in milliseconds.
 */
#ifndef TROTH_BASE_LIMITS_H
#define TROTH_BASE_LIMITS_H

/* Before authentication. */
#define TROTH_LIMIT_CLEAR_BYTES ((size_t)10 * 1024) /* per direction */
#define TROTH_LIMIT_CLEAR_DEPTH 16
#define TROTH_LIMIT_CLEAR_ATTRS 32
#define TROTH_LIMIT_PROOF_BYTES ((size_t)4 * 1024) /* PAKE and SAS elements, inside TLS */
#define TROTH_LIMIT_OFFER_KEYS 32
#define TROTH_LIMIT_QUESTION_BYTES 256

/* After authentication. */
#define TROTH_LIMIT_STANZA_BYTES ((size_t)256 * 1024)
#define TROTH_LIMIT_STANZA_DEPTH 64
#define TROTH_LIMIT_STANZA_ATTRS 256
#define TROTH_LIMIT_STANZA_KEYS 64
#define TROTH_LIMIT_STANZA_ENDORSEMENTS 128
#define TROTH_LIMIT_STANZA_REVOCATIONS 64
#define TROTH_LIMIT_OPENPGP_KEY_BYTES ((size_t)32 * 1024) /* in a <keyinfo/> */

/* Statements of keys about keys. */
#define TROTH_LIMIT_KEY_ENDORSEMENTS 8
#define TROTH_LIMIT_QUORUM_DEVICES 8
#define TROTH_LIMIT_OFFER_ENDORSEMENTS_BYTES ((size_t)4 * 1024) /* of ours, in an offer */
#define TROTH_LIMIT_SIGNATURE_BYTES ((size_t)4 * 1024)
#define TROTH_LIMIT_ENDORSEMENT_DAYS 400
#define TROTH_LIMIT_SKEW_DAYS 2 /* clocks differ */

/* What one call to the stream takes in, and what may wait to go out. */
#define TROTH_LIMIT_INPUT_BYTES ((size_t)512 * 1024)
#define TROTH_LIMIT_OUTPUT_BYTES ((size_t)16 * 1024 * 1024)
/* Of that, what may wait when we are to answer by ourselves: a question is short, an answer long.
 */
#define TROTH_LIMIT_ANSWERS_BYTES ((size_t)512 * 1024)

/* What a buffer keeps of its memory while it is empty: most streams are idle for most of their
 * life, and one large stanza isn't a reason to stay large. */
#define TROTH_LIMIT_IDLE_BYTES ((size_t)512)
/* More than this at once, and more of the kind is expected: buffers stay for a while. */
#define TROTH_LIMIT_BULK_BYTES ((size_t)4096)

/* RFC 7622: each part of an address. */
#define TROTH_LIMIT_JID_PART 1023
#define TROTH_LIMIT_SECRET_BYTES 1024
#define TROTH_LIMIT_CERT_BYTES ((size_t)16 * 1024)

/* Certificate authorities: what a peer shows, and what a policy may hold. */
#define TROTH_LIMIT_CHAIN_CERTS 8 /* the peer's own included */
#define TROTH_LIMIT_CHAIN_BYTES ((size_t)64 * 1024)
#define TROTH_LIMIT_OCSP_BYTES ((size_t)16 * 1024)
#define TROTH_LIMIT_DN_PARTS 16
#define TROTH_LIMIT_DN_VALUE ((size_t)1024)
#define TROTH_LIMIT_POLICY_BYTES ((size_t)256 * 1024)
#define TROTH_LIMIT_POLICY_CAS 64
#define TROTH_LIMIT_POLICY_ITEMS 1024                      /* of one keyword in one section */
#define TROTH_LIMIT_POLICY_WORDS 64                        /* on one line */
#define TROTH_LIMIT_POLICY_FILE ((size_t)16 * 1024 * 1024) /* one that it names: lists grow */

/* Deadlines. */
#define TROTH_TIME_HEADER 5000
#define TROTH_TIME_TLS 30000
#define TROTH_TIME_ASK 180000
#define TROTH_TIME_ANSWER 170000 /* for the own user: before the peer's TROTH_TIME_ASK is over */
#define TROTH_TIME_CLOSE 5000
#define TROTH_TIME_WAITING_NOTICE 1000 /* until we say that the peer is being asked */

/* Guesses at secrets that aren't weak, in a minute: they are counted without an end. */
#define TROTH_LIMIT_STRONG_GUESSES 20

/* A listener, before authentication. */
#define TROTH_LIMIT_UNAUTHENTICATED 32
#define TROTH_LIMIT_UNAUTHENTICATED_PER_ADDRESS 8
#define TROTH_LIMIT_ASKING 4
#define TROTH_LIMIT_ASKING_PER_ADDRESS 1

/* Jingle: sessions over a server (src/jingle). Whoever sends isn't authenticated. */
#define TROTH_LIMIT_JINGLE_SESSIONS 64
#define TROTH_LIMIT_JINGLE_ASKED 16   /* of them, those of which the application was only asked */
#define TROTH_LIMIT_JINGLE_PER_PEER 8 /* of them, those with one bare JID */
#define TROTH_LIMIT_JINGLE_PAST 64    /* that are over and remembered, so that none is replayed */
#define TROTH_LIMIT_JINGLE_CANDIDATES 16
#define TROTH_LIMIT_JINGLE_CONTENTS 8
#define TROTH_LIMIT_JINGLE_TEXT 256 /* an id, a name, a host, a fingerprint */
#define TROTH_LIMIT_JINGLE_HINTS_BYTES ((size_t)10 * 1024)
#define TROTH_LIMIT_JINGLE_OUTPUT 512 /* stanzas that wait to be sent */
#define TROTH_LIMIT_IBB_BLOCK 4096    /* unless the application says otherwise */
#define TROTH_LIMIT_IBB_BLOCK_LEAST 256
#define TROTH_TIME_JINGLE_ASK 30000      /* for the application: may they know of us? */
#define TROTH_TIME_JINGLE_ACK 30000      /* for an IQ to be answered */
#define TROTH_TIME_JINGLE_ACCEPT 180000  /* for the user who is called */
#define TROTH_TIME_JINGLE_CONNECT 30000  /* until one of the candidates works */
#define TROTH_TIME_JINGLE_ACTIVATE 15000 /* for a proxy */
#define TROTH_TIME_JINGLE_REPLACE 30000  /* until in-band has taken its place */
/* In-band bytestreams (src/bytestream). */
#define TROTH_LIMIT_IBB_BYTES ((size_t)512 * 1024) /* waiting, each way */
#define TROTH_LIMIT_IBB_WINDOW 24                  /* IQs of ours that aren't answered */
#define TROTH_LIMIT_IBB_ANSWERS 256                /* that we owe, of data that isn't consumed */
#define TROTH_TIME_IBB_ANSWER 60000                /* until an IQ counts as lost */

/* What a link may show (src/lan). */
#define TROTH_LIMIT_LAN_ENTITIES 256
#define TROTH_LIMIT_LAN_SOURCES 32  /* interfaces x families that show one entity */
#define TROTH_LIMIT_LAN_HOSTS 4     /* SRV records of one entity */
#define TROTH_LIMIT_LAN_RENAMES 100 /* until we give up looking for a free name */
#define TROTH_TIME_LAN_SETTLE 150   /* from the first address to the answer */
#define TROTH_TIME_LAN_GOODBYE 100  /* for the goodbye to leave this process */
#define TROTH_TIME_LAN_GRACE 5000   /* to be seen again after a change of backend */
#define TROTH_TIME_LAN_RETRY 1000   /* until the daemon is asked again */
#define TROTH_TIME_LAN_NO_BUS 30000

/* An account on a server (src/server). */
#define TROTH_LIMIT_FRAME_BYTES ((size_t)2 * 1024 * 1024)   /* to and from libstrophe's process */
#define TROTH_LIMIT_WORKER_BYTES ((size_t)16 * 1024 * 1024) /* memory of that process */
#define TROTH_LIMIT_WORKER_STACK ((size_t)64 * 1024 * 1024)
#define TROTH_LIMIT_ROSTER 4096      /* JIDs that are known */
#define TROTH_LIMIT_RESOURCES 1024   /* clients that are there, of all JIDs */
#define TROTH_LIMIT_JID_RESOURCES 16 /* of one JID */
#define TROTH_LIMIT_ASKS 64          /* who wait to be let see us */
#define TROTH_LIMIT_PRESENCE_TEXT 1024
#define TROTH_TIME_ACCOUNT_UP 60000 /* until it is signed in */
#define TROTH_TIME_ACCOUNT_IQ 30000
#define TROTH_TIME_PROBE 4000          /* for a client to say what it offers */
#define TROTH_TIME_ACCOUNT_IDLE 120000 /* of silence, until the server is pinged */
#define TROTH_TIME_ACCOUNT_RETRY 1000
#define TROTH_TIME_ACCOUNT_RETRY_MAX 300000
#define TROTH_TIME_ACCOUNT_CLOSE 3000

/* Guesses at a weak secret. */
#define TROTH_LIMIT_GUESSES 10
#define TROTH_WEAK_SECRET_BITS 64

#endif
