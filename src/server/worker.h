/* SPDX-License-Identifier: MIT */
/*
 * The process that libstrophe runs in. Layer: server; the only user of libstrophe.
 *
 * Why a process: libstrophe looks up names and shakes hands in blocking calls; it crashes on some
 * of what a server may send (an empty <stream:error/>, before TLS too: anybody on the path); it
 * goes down the stack for each level of XML; it takes a stanza of any size; it watches sockets by
 * select(), which overwrites memory beyond descriptor 1023. None of it may happen where streams
 * and keys are. What ends here is one connection, and it is made again.
 *
 * It gets the password, and the certificate's key if the account uses one; nothing else of the
 * program. What it says is read like what a server says.
 */
#ifndef TROTH_SERVER_WORKER_H
#define TROTH_SERVER_WORKER_H

/* The one argument by which a program is told to be that process. */
#define TROTH_WORKER_ARGUMENT "@account"

/* Effect: talks to the account over descriptor 0 until that is closed. Returns the exit status. A
 * program that has accounts calls this first of all when its only argument is the above. */
int troth_worker_main(void);

#endif
