/* SPDX-License-Identifier: MIT */
/* One home with its session. */
#include "bots.h"

#include "base/slice.h"
#include "store/keyfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <troth/err.h>
#include <unistd.h>

_Noreturn void bots_fail(const char *what, int err)
{
	fprintf(stderr, "bots: %s: %s\n", what, troth_err_text(err));
	_exit(1);
}

static void open_device(struct bots_one *one)
{
	struct troth_buf pem;
	const struct troth_device_params params = {"bot@troth.invalid", (int64_t)time(NULL)};
	troth_buf_init(&pem, TROTH_KEYFILE_MAX + 4096);
	int err = troth_keyfile_load(one->home, &pem, NULL);
	if (err == TROTH_OK) {
		err = troth_device_read(&one->device, troth_buf_slice(&pem), NULL);
	} else {
		err = troth_device_generate(&one->device, &params);
		if (err == TROTH_OK)
			err = troth_device_write(one->device, NULL, &pem);
		if (err == TROTH_OK)
			err = troth_keyfile_save(one->home, troth_buf_slice(&pem), false, NULL);
	}
	troth_buf_fini(&pem);
	if (err != TROTH_OK)
		bots_fail(one->home, err);
}

void bots_one_open(struct bots_one *one, const char *folder, const char *name)
{
	memset(one, 0, sizeof *one);
	(void)snprintf(one->home, sizeof one->home, "%s/%s", folder, name);
	int err = troth_store_new(&one->store);
	if (err == TROTH_OK)
		err = troth_store_open(one->store, one->home);
	if (err != TROTH_OK)
		bots_fail(one->home, err);
	open_device(one);
}

void bots_one_begin(struct bots_one *one, uv_loop_t *loop,
		    const struct troth_session_callbacks *callbacks)
{
	const struct troth_session_params params = {
		.loop = loop,
		.store = one->store,
		.device = one->device,
		.least = TROTH_LEVEL_VERIFIED,
		.callbacks = *callbacks,
	};
	int err = troth_session_new(&one->session, &params);
	if (err != TROTH_OK)
		bots_fail("session", err);
}

void bots_one_close(struct bots_one *one)
{
	troth_device_free(one->device);
	troth_store_free(one->store);
}

void bots_code(char out[BOTS_CODE], const char *folder, unsigned i)
{
	/* Known to the owner and to whoever has seen the label. */
	(void)snprintf(out, BOTS_CODE, "label-%08zx-%u", strlen(folder) * 2654435761U, i);
}
