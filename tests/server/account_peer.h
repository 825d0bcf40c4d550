/* SPDX-License-Identifier: MIT */
/* What the parts of the driven account share. */
#ifndef TROTH_TESTS_ACCOUNT_PEER_H
#define TROTH_TESTS_ACCOUNT_PEER_H

#include "server/account.h"
#include "server/bytestreams.h"

/* Effect: makes this peer's device, and gives its certificate and key. */
int peer_parts_device(struct troth_buf *pem);
/* Effect: a roster and keys for the account. */
int peer_parts_new(struct troth_account *account);
/* Effect: after the account's end. */
void peer_parts_free(void);
/* Effect: runs a command of theirs; TROTH_E_INVAL for any other. */
int peer_parts_act(char **word);

/* ---- account_peer_bytes.c ---- */

/* Effect: runs a command about bytestreams; TROTH_E_INVAL for any other. */
int peer_bytes_act(struct troth_account *account, char **word);
/* Effect: when the account has gone. */
void peer_bytes_free(void);

/* ---- account_peer_in_band.c ---- */

/* Effect: before the account connects: what becomes of the call below is told to these. */
int peer_in_band_begin(struct troth_account *account,
		       const struct troth_bytestream_callbacks *callbacks);
/* Effect: calls a full JID and offers in-band only; once. */
int peer_in_band_call(const char *jid);
/* Effect: the transport has been closed. */
void peer_in_band_hang_up(void);
void peer_in_band_free(void);

#endif
