/* SPDX-License-Identifier: MIT */
/* PEM by OpenSSL. Layer: cli. Never reads a private key. */
#include "cli/id/pem.h"

#include "base/slice.h"
#include "keys/cert.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <troth/err.h>
#include <unistd.h>

#define READ_SIZE 4096

int troth_pem_cert(struct troth_cert **out, struct troth_slice pem)
{
	if (pem.len > INT_MAX)
		return TROTH_E_LIMIT;
	BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.len);
	if (!bio)
		return TROTH_E_NOMEM;
	X509 *x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	int err = x509 ? troth_cert_from_x509(out, x509) : TROTH_E_FORMAT;
	X509_free(x509);
	BIO_free(bio);
	ERR_clear_error();
	return err;
}

static int read_all(int fd, struct troth_buf *out)
{
	for (;;) {
		uint8_t *to;
		int err = troth_buf_reserve(out, READ_SIZE, &to);
		if (err)
			return err;
		ssize_t n = read(fd, to, READ_SIZE);
		if (n < 0 && errno != EINTR)
			return TROTH_E_IO;
		if (n == 0)
			return TROTH_OK;
		if (n > 0)
			troth_buf_commit(out, (size_t)n);
	}
}

int troth_pem_cert_file(struct troth_cert **out, const char *path)
{
	bool standard = strcmp(path, "-") == 0;
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return TROTH_E_IO;
	struct troth_buf pem TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&pem, TROTH_PEM_MAX);
	int err = read_all(fd, &pem);
	int saved = errno;
	if (!standard)
		close(fd);
	errno = saved;
	return err ? err : troth_pem_cert(out, troth_buf_slice(&pem));
}
