/* SPDX-License-Identifier: MIT */
/* What tiny keeps between two runs, in text files of the current folder. */
#include "tiny_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <troth/err.h>
#include <unistd.h>

#define GUESSES_MAX 10
#define FILE_MAX 65536

void must(int err, const char *what)
{
	if (err == TROTH_OK)
		return;
	fprintf(stderr, "tiny: %s: %s\n", what, troth_err_text(err));
	exit(1);
}

/* A file that isn't there is empty; one that can't be read ends the program. */
static size_t read_file(const char *path, char out[FILE_MAX])
{
	FILE *file = fopen(path, "re");
	size_t len = file != NULL ? fread(out, 1, FILE_MAX - 1, file) : 0;
	bool ok = file != NULL ? !ferror(file) && len < FILE_MAX - 1 : errno == ENOENT;
	must(ok ? TROTH_OK : TROTH_E_IO, path);
	if (file != NULL)
		fclose(file);
	out[len] = 0;
	return len;
}

/* Whole or not at all, and on disk when it returns; nobody else may read it. */
static void write_file(const char *path, const void *bytes, size_t len)
{
	int folder = open(".", O_RDONLY | O_CLOEXEC);
	int fd = open("tiny-new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool ok = write(fd, bytes, len) == (ssize_t)len && fsync(fd) == 0 &&
		  rename("tiny-new", path) == 0 && fsync(folder) == 0;
	must(ok ? TROTH_OK : TROTH_E_IO, path);
	close(fd);
	close(folder);
}

struct troth_device *own_device(const char *address)
{
	struct troth_device_params params = {.address = address, .now = time(NULL)};
	struct troth_device *device;
	struct troth_buf pem;
	char text[FILE_MAX];
	troth_buf_init(&pem, FILE_MAX);
	if (read_file("tiny-key.pem", text) == 0) {
		must(troth_device_generate(&device, &params), address);
		must(troth_device_write(device, NULL, &pem), address);
		write_file("tiny-key.pem", troth_buf_slice(&pem).data, troth_buf_len(&pem));
	} else {
		must(troth_buf_append_str(&pem, text), "tiny-key.pem");
		must(troth_device_read(&device, troth_buf_slice(&pem), NULL), "tiny-key.pem");
		explicit_bzero(text, sizeof text);
	}
	troth_buf_fini(&pem);
	return device;
}

/* A line is the key's name, its pin in hex, and whose it is. One that can't be read ends the
 * program: without its pin, somebody known would pass for a stranger. */
bool find_pin(struct troth_known_key *out, const char *who)
{
	char text[FILE_MAX], *rest;
	read_file("tiny-pins", text);
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		const char *hex = line + TROTH_NAME_LEN + 1, *owner = hex + 2 * TROTH_PIN_LEN + 1;
		bool ok = owner < line + strlen(line) && sscanf(line, "%40s", out->name) == 1;
		for (size_t i = 0; ok && i < TROTH_PIN_LEN; i++)
			ok = sscanf(hex + 2 * i, "%2hhx", &out->pin.bytes[i]) == 1;
		must(ok ? TROTH_OK : TROTH_E_FORMAT, "tiny-pins");
		if (strcmp(owner, who) == 0)
			return true;
	}
	return false;
}

void add_pin(const char *who, const struct troth_cert *cert)
{
	char text[FILE_MAX + 512];
	size_t at = read_file("tiny-pins", text);
	at += (size_t)sprintf(text + at, "%s ", troth_cert_name(cert));
	for (size_t i = 0; i < TROTH_PIN_LEN; i++)
		at += (size_t)sprintf(text + at, "%02x", troth_cert_pin(cert)->bytes[i]);
	at += (size_t)sprintf(text + at, " %s\n", who);
	write_file("tiny-pins", text, at);
}

bool count_guess(int change)
{
	char text[FILE_MAX];
	read_file("tiny-guesses", text);
	int used = atoi(text) + change;
	if (used <= GUESSES_MAX)
		write_file("tiny-guesses", text, (size_t)sprintf(text, "%d\n", used));
	return used <= GUESSES_MAX;
}
