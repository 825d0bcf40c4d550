/* SPDX-License-Identifier: MIT */
/*
 * A detached signature against the bytes and the key that it must be by. Layer: openpgp.
 *
 * GPGME tells whether the mathematics is right and the key is alive; it doesn't tell the class of
 * a signature or its primary key. Those are read from gpg's own status line.
 */
#include "base/slice.h"
#include "openpgp/context.h"
#include "openpgp/digest.h"

#include <stdio.h>
#include <string.h>

#define SHORTEST_KEY 2048
#define SIGNATURE_VERSION 4

/* What VALIDSIG says (GnuPG, doc/DETAILS), and how often anything was said. */
struct seen {
	unsigned begun; /* NEWSIG */
	unsigned valid; /* VALIDSIG */
	char maker[TROTH_OPENPGP_FINGERPRINT_LEN + 1];
	char primary[TROTH_OPENPGP_FINGERPRINT_LEN + 1];
	unsigned version;
	unsigned digest;
	unsigned class;
};

static gpgme_error_t note(void *user, const char *keyword, const char *args)
{
	struct seen *seen = user;
	if (strcmp(keyword, "NEWSIG") == 0)
		seen->begun++;
	if (strcmp(keyword, "VALIDSIG") != 0)
		return 0;
	seen->valid++;
	/* "<fingerprint> <creation_date> <sig-timestamp> <expire-timestamp> <sig-version>
	 * <reserved> <pubkey-algo> <hash-algo> <sig-class> <primary-key-fpr>" */
	if (sscanf(args, "%40s %*s %*s %*s %u %*s %*s %u %x %40s", seen->maker, &seen->version,
		   &seen->digest, &seen->class, seen->primary) != 5)
		seen->primary[0] = '\0';
	return 0;
}

static bool too_short(gpgme_subkey_t part)
{
	switch ((int)part->pubkey_algo) {
	case GPGME_PK_RSA:
	case GPGME_PK_RSA_E:
	case GPGME_PK_RSA_S:
	case GPGME_PK_DSA:
		return part->length < SHORTEST_KEY;
	default:
		return false;
	}
}

/* Effect: TROTH_OK if the part of the key that signed may do so. */
static int check_part(struct troth_openpgp *openpgp, gpgme_key_t key, const char *maker)
{
	gpgme_subkey_t part = key->subkeys;
	while (part && !troth_openpgp_is(part->fpr, maker))
		part = part->next;
	if (!part)
		return troth_openpgp_fail(openpgp, TROTH_OPENPGP_REASON_OTHER_KEY);
	if (part->revoked)
		return troth_openpgp_fail(openpgp, TROTH_OPENPGP_REASON_REVOKED);
	if (part->expired)
		return troth_openpgp_fail(openpgp, TROTH_OPENPGP_REASON_EXPIRED);
	if (part->disabled)
		return troth_openpgp_fail(openpgp, TROTH_OPENPGP_REASON_DISABLED);
	if (part->invalid || !part->can_sign)
		return troth_openpgp_fail(openpgp, TROTH_OPENPGP_REASON_INVALID);
	if (too_short(part) || too_short(key->subkeys))
		return troth_openpgp_fail(openpgp, TROTH_OPENPGP_REASON_WEAK_KEY);
	return TROTH_OK;
}

/* A signature by a key that the keyring doesn't have is by another key than the one named, which
 * it has. */
static int check_status(struct troth_openpgp *openpgp, gpgme_error_t status)
{
	if (!status)
		return TROTH_OK;
	if (gpgme_err_code(status) == GPG_ERR_NO_PUBKEY)
		return troth_openpgp_fail(openpgp, TROTH_OPENPGP_REASON_OTHER_KEY);
	return troth_openpgp_fail_gpg(openpgp, status);
}

static int check(struct troth_openpgp *openpgp, gpgme_key_t key, const struct seen *seen,
		 struct troth_openpgp_signature *out)
{
	gpgme_verify_result_t result = gpgme_op_verify_result(openpgp->ctx);
	gpgme_signature_t signature = result ? result->signatures : NULL;
	if (!signature || signature->next || seen->begun > 1)
		return troth_openpgp_fail(openpgp, TROTH_OPENPGP_REASON_OTHER_FORM);
	int err = check_status(openpgp, signature->status);
	if (err)
		return err;
	if (seen->valid != 1 || seen->version != SIGNATURE_VERSION ||
	    seen->class != TROTH_OPENPGP_BINARY)
		return troth_openpgp_fail(openpgp, TROTH_OPENPGP_REASON_OTHER_FORM);
	if (!troth_openpgp_is(key->fpr, seen->primary) ||
	    !troth_openpgp_is(signature->fpr, seen->maker))
		return troth_openpgp_fail(openpgp, TROTH_OPENPGP_REASON_OTHER_KEY);
	if (!troth_openpgp_digest_ok((gpgme_hash_algo_t)seen->digest) ||
	    seen->digest != (unsigned)signature->hash_algo)
		return troth_openpgp_fail(openpgp, TROTH_OPENPGP_REASON_WEAK_DIGEST);
	err = check_part(openpgp, key, seen->maker);
	if (err || !out)
		return err;
	*out = (struct troth_openpgp_signature){.made = (int64_t)signature->timestamp,
						.expires = (int64_t)signature->exp_timestamp};
	return troth_openpgp_fingerprint_read(seen->primary, out->fingerprint);
}

static int verify(struct troth_openpgp *openpgp, const struct troth_openpgp_signed *s,
		  struct seen *seen)
{
	gpgme_data_t signature TROTH_CLEANUP(troth_openpgp_data_cleanup) = NULL;
	gpgme_data_t message TROTH_CLEANUP(troth_openpgp_data_cleanup) = NULL;
	gpgme_error_t gpg = gpgme_data_new_from_mem(&signature, (const char *)s->signature.data,
						    s->signature.len, 0);
	if (!gpg)
		gpg = gpgme_data_new_from_mem(&message, (const char *)s->message.data,
					      s->message.len, 0);
	if (!gpg) {
		gpgme_set_status_cb(openpgp->ctx, note, seen);
		gpg = gpgme_op_verify(openpgp->ctx, signature, message, NULL);
		gpgme_set_status_cb(openpgp->ctx, NULL, NULL);
	}
	return gpg ? troth_openpgp_fail_gpg(openpgp, gpg) : TROTH_OK;
}

int troth_openpgp_verify(struct troth_openpgp *openpgp, const struct troth_openpgp_signed *signed_,
			 struct troth_openpgp_signature *out)
{
	gpgme_key_t key TROTH_CLEANUP(troth_openpgp_key_cleanup) = NULL;
	struct seen seen = {.class = 0xff};
	int err = troth_openpgp_ready(openpgp, signed_->fingerprint);
	if (!err && signed_->signature.len > TROTH_OPENPGP_SIGNATURE_MAX)
		err = TROTH_E_LIMIT;
	if (!err)
		err = troth_openpgp_find(openpgp, signed_->fingerprint, false, &key);
	if (!err)
		err = troth_openpgp_usable(openpgp, key);
	if (!err)
		err = verify(openpgp, signed_, &seen);
	return err ? err : check(openpgp, key, &seen, out);
}
