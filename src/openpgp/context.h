/* SPDX-License-Identifier: MIT */
/* What the files of this layer share: the context, failures, finding a key. Layer: openpgp,
 * internal to it. */
#ifndef TROTH_OPENPGP_CONTEXT_H
#define TROTH_OPENPGP_CONTEXT_H

#include "openpgp/openpgp.h"

#include <gpgme.h>

#define TROTH_OPENPGP_CAUSE_LEN 256

struct troth_openpgp {
	gpgme_ctx_t ctx; /* NULL: closed */
	enum troth_openpgp_reason reason;
	char cause[TROTH_OPENPGP_CAUSE_LEN];
};

/* Effect: remembers why. Returns the error that goes with the reason. */
int troth_openpgp_fail(struct troth_openpgp *openpgp, enum troth_openpgp_reason reason);
/* Effect: the same for an error of GPGME, which isn't 0. */
int troth_openpgp_fail_gpg(struct troth_openpgp *openpgp, gpgme_error_t gpg);
/* Effect: a call begins: what the last one said is forgotten. */
void troth_openpgp_forget(struct troth_openpgp *openpgp);
/* Effect: the same; TROTH_OK for one that is open and a whole fingerprint. */
int troth_openpgp_ready(struct troth_openpgp *openpgp, const char *fingerprint) TROTH_MUST_USE;

/* Effect: chooses the trust model of what follows: "pgp", or "" for the one the user set. */
int troth_openpgp_trust_model(struct troth_openpgp *openpgp, const char *model) TROTH_MUST_USE;

/* Effect: the key with this primary fingerprint; released by gpgme_key_unref. With `secret`: its
 * secret part is here. Errors: reasons no-key, no-secret. */
int troth_openpgp_find(struct troth_openpgp *openpgp, const char *fingerprint, bool secret,
		       gpgme_key_t *out) TROTH_MUST_USE;
/* Effect: a failure unless the key may be used at all. */
int troth_openpgp_usable(struct troth_openpgp *openpgp, gpgme_key_t key) TROTH_MUST_USE;
/* Whether a fingerprint of GPGME, in whatever case, is this one; NULL is none. */
bool troth_openpgp_is(const char *gpgme_fingerprint, const char *fingerprint);

/* One key as both trust models see it. */
struct troth_openpgp_views {
	gpgme_key_t chosen; /* by the trust model of the user */
	gpgme_key_t web;    /* by the web of trust */
};
int troth_openpgp_views_get(struct troth_openpgp *openpgp, const char *fingerprint,
			    struct troth_openpgp_views *out) TROTH_MUST_USE;
void troth_openpgp_views_fini(struct troth_openpgp_views *views);
/* REVOKED, EXPIRED, DISABLED, INVALID, or UNKNOWN where the key itself has no fault. */
enum troth_openpgp_level troth_openpgp_key_fault(gpgme_key_t key);
/* What both answers about one user ID come to, its key's faults aside. */
enum troth_openpgp_level troth_openpgp_user_id_level(gpgme_user_id_t chosen, gpgme_user_id_t web);
/* Whether the text of a user ID names this bare JID, in one of the two forms. */
int troth_openpgp_names(const char *user_id, const struct troth_address *jid,
			bool *out) TROTH_MUST_USE;

void troth_openpgp_key_cleanup(gpgme_key_t *key);
void troth_openpgp_data_cleanup(gpgme_data_t *data);

#endif
