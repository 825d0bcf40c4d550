/* SPDX-License-Identifier: MIT */
/*
 * A BIO between OpenSSL and two troth_bufs. Layer: tls. Reads what was fed, writes
 * into the output; an empty input means "try again", never the end.
 */
#ifndef TROTH_TLS_BIO_H
#define TROTH_TLS_BIO_H

#include <openssl/bio.h>
#include <troth/bytes.h>

/* Where one BIO reads and writes. It must live as long as the BIO. */
struct troth_bio_ends {
	struct troth_buf in;
	struct troth_buf out;
	int err; /* why a write failed: TROTH_E_LIMIT or TROTH_E_NOMEM */
};

/* Returns NULL when out of memory. It must live as long as every BIO made of it. */
BIO_METHOD *troth_bio_method_new(void);
BIO *troth_bio_new(const BIO_METHOD *method, struct troth_bio_ends *ends);

#endif
