/* SPDX-License-Identifier: MIT */
/* What the parts of the driven account share. */
#ifndef TROTH_TESTS_ACCOUNT_PEER_H
#define TROTH_TESTS_ACCOUNT_PEER_H

#include "server/account.h"

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

#endif
