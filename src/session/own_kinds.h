/* SPDX-License-Identifier: MIT */
/* Kinds of evidence that own.c reads and own_keep.c writes. Layer: session. On disk: never change.
 */
#ifndef TROTH_SESSION_OWN_KINDS_H
#define TROTH_SESSION_OWN_KINDS_H

#define OWN_USER_KEY "own-user-key"               /* certificate */
#define OWN_USER_LOST "own-user-key-lost"         /* nothing: it isn't ours any more */
#define OWN_FORMER "own-former-key"               /* certificate */
#define OWN_ENDORSEMENT "own-endorsement"         /* <signature/>; the pin is its subject's */
#define OWN_OPENPGP_DROPPED "own-openpgp-dropped" /* nothing; the pin is the device's */
/* public part; the pin says which key */
#define OWN_OPENPGP_KEY "own-openpgp-key"
#define OWN_REVOCATION "own-revocation" /* <revoke/>; the pin is that of the key revoked */
#define OWN_QUORUM "own-quorum"         /* <quorum/>; the pin is that of the user key */
#define OWN_HEIR "own-user-key-heir"    /* certificate: a device of ours has named it, not we */

#endif
