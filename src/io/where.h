/* SPDX-License-Identifier: MIT */
/*
 * host:port as people write it, and socket addresses as people read them. Layer: io.
 * Pure: names are looked up by io/dial.h.
 */
#ifndef TROTH_IO_WHERE_H
#define TROTH_IO_WHERE_H

#include <netdb.h>
#include <sys/socket.h>
#include <troth/bytes.h>

/* A host name or literal (with a scope, without brackets) and a port in decimal. */
struct troth_where {
	char host[NI_MAXHOST];
	char port[6];
};

/* Effect: reads "host:port", "192.0.2.1:5298", "[2001:db8::1]:5298", "[fe80::1%eth0]:5298".
 * Errors: TROTH_E_FORMAT for anything else: also for an instance name "user@machine". */
int troth_where_read(struct troth_where *out, const char *text) TROTH_MUST_USE;

#define TROTH_WHERE_TEXT (NI_MAXHOST + NI_MAXSERV + 4)
/* Effect: writes an address in the form that is read above; "?" for what is none. */
void troth_where_write(char out[TROTH_WHERE_TEXT], const struct sockaddr *address);

#endif
