/* SPDX-License-Identifier: MIT */
/* A libstrophe connection made as the account wants it. Layer: server, in the worker's process. */
#ifndef TROTH_SERVER_WORKER_CONFIG_H
#define TROTH_SERVER_WORKER_CONFIG_H

#include "server/frame.h"

#include <stdbool.h>
#include <stdint.h>
#include <strophe.h>

/* How to connect; texts are owned. */
struct worker_config {
	char *text[TROTH_CONFIG_COUNT];
	uint16_t port;
	int pem; /* descriptor of a file without a name; -1: none */
};

/* Effect: takes the texts of a CONFIG. Returns false for anything else than a whole one. */
bool worker_config_read(struct worker_config *out, struct troth_slice body);
/* Effect: sets up a connection that was just made. Errors: false. */
bool worker_config_apply(struct worker_config *config, xmpp_conn_t *conn);

#endif
