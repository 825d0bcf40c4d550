/* SPDX-License-Identifier: MIT */
/* OpenSSL's way to our buffers: no socket, and no copy but OpenSSL's own. Layer: tls. */
#include "tls/bio.h"

#include <string.h>
#include <troth/err.h>

static int read_ex(BIO *bio, char *to, size_t len, size_t *got)
{
	struct troth_bio_ends *ends = BIO_get_data(bio);
	struct troth_slice have = troth_buf_slice(&ends->in);
	BIO_clear_retry_flags(bio);
	*got = 0;
	if (have.len == 0) {
		BIO_set_retry_read(bio);
		return 0;
	}
	if (len > have.len)
		len = have.len;
	memcpy(to, have.data, len);
	troth_buf_consume(&ends->in, len);
	*got = len;
	return 1;
}

static int write_ex(BIO *bio, const char *from, size_t len, size_t *put)
{
	struct troth_bio_ends *ends = BIO_get_data(bio);
	BIO_clear_retry_flags(bio);
	*put = 0;
	int err = troth_buf_append(&ends->out, from, len);
	if (err != TROTH_OK) {
		ends->err = err;
		return 0;
	}
	*put = len;
	return 1;
}

static long ctrl(BIO *bio, int command, long number, void *pointer)
{
	(void)bio;
	(void)number;
	(void)pointer;
	/* Flushing is the only request that OpenSSL needs answered. */
	return command == BIO_CTRL_FLUSH;
}

BIO_METHOD *troth_bio_method_new(void)
{
	/* No BIO_get_new_index: it hands out 127 numbers in the life of a process. */
	BIO_METHOD *m = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "troth");
	if (m != NULL && BIO_meth_set_read_ex(m, read_ex) == 1 &&
	    BIO_meth_set_write_ex(m, write_ex) == 1 && BIO_meth_set_ctrl(m, ctrl) == 1)
		return m;
	BIO_meth_free(m);
	return NULL;
}

BIO *troth_bio_new(const BIO_METHOD *method, struct troth_bio_ends *ends)
{
	BIO *bio = BIO_new(method);
	if (bio == NULL)
		return NULL;
	BIO_set_data(bio, ends);
	BIO_set_init(bio, 1);
	return bio;
}
