/* SPDX-License-Identifier: MIT */
/* XTLS over our accounts: whose calls begin with TLS, and by which proof. Layer: session. */
#include "session/xtls.h"

#include "base/encode.h"
#include "base/slice.h"
#include "c2c/choose.h"
#include "keys/cert.h"
#include "session/state.h"
#include "stream/engine.h"
#include "trust/authority.h"

#include <string.h>

enum troth_policy_xtls xtls_policy(const struct troth_session *s)
{
	return s->authorities != NULL ? troth_authorities_policy(s->authorities)->xtls
				      : TROTH_POLICY_XTLS_CONTACTS;
}

/* Jingle-XTLS gives it the form that XEP-0189 has for names: SHA-1 of the certificate in hex.
 * People write such with colons, too. */
const char *xtls_name(char out[TROTH_NAME_LEN + 1], const struct troth_jingle_security *theirs)
{
	uint8_t digest[TROTH_NAME_LEN / 2];
	size_t len = 0;
	const char *text = theirs != NULL ? theirs->fingerprint : NULL;
	if (text == NULL)
		return NULL;
	for (; *text != 0 && len < TROTH_NAME_LEN; text++) {
		if (*text != ':')
			out[len++] = *text;
	}
	out[len] = 0;
	if (*text != 0 || troth_unhex(digest, sizeof digest, out) != TROTH_OK)
		return NULL;
	troth_hex(out, (struct troth_slice){digest, sizeof digest});
	return out;
}

bool xtls_cannot(int err)
{
	return err == TROTH_E_NO_METHOD || err == TROTH_E_FLOOR || err == TROTH_E_KEY_CHANGED;
}

/* Of the certificate that is shown, which may be one by a CA. */
static int own_name(const struct troth_session *s, char out[TROTH_NAME_LEN + 1])
{
	struct troth_cert *cert;
	int err = troth_cert_from_x509(&cert, troth_device_leaf(s->device));
	if (err != TROTH_OK)
		return err;
	memcpy(out, troth_cert_name(cert), TROTH_NAME_LEN + 1);
	troth_cert_free(cert);
	return TROTH_OK;
}

/* Effect: the one method that proves the peer to us, and what is said of it: what the other side
 * would take besides changes nothing. */
static int choose(const struct troth_session *s, const struct known_peer *k, struct xtls *out)
{
	enum troth_method method;
	const struct troth_side us = {
		.known = &k->known,
		.own_name = troth_cert_name(troth_device_cert(s->device)),
		.can = s->engine->can,
	};
	int err = troth_choose_without_offers(&method, &us);
	*out = (struct xtls){.run = true};
	out->ours.srp = method == TROTH_METHOD_SRP;
	out->ours.x509 = !out->ours.srp;
	if (err != TROTH_OK || out->ours.srp)
		return err;
	/* "it MUST include the fingerprint for the responder's certificate" */
	out->ours.fingerprint = out->fingerprint;
	return own_name(s, out->fingerprint);
}

/* ---- calling ---- */

int xtls_call(struct troth_call *call, struct xtls *out)
{
	struct known_peer known;
	int err = call_known(call, &known);
	return err == TROTH_OK ? choose(call->session, &known, out) : err;
}

/* ---- being called ---- */

static void tell_refused(struct online *o, const struct troth_address *peer,
			 const struct known_peer *k, int err)
{
	char shown[TROTH_SHOWN_MAX + 1];
	const char *label = k->contact.label;
	troth_label_shown(shown, troth_address_full(peer));
	const struct troth_news n = {
		.type = TROTH_NEWS_FAILED,
		.contact = k->contact.id,
		.who = label[0] != 0 ? label : shown,
		.address = troth_address_full(peer),
		.claimed = shown,
		.where = shown,
		.incoming = true,
		.err = err,
		.text = xtls_cannot(err) ? "It wanted to be secured by XTLS in a way that proves "
					   "nothing here."
			: err == TROTH_E_REFUSED
				? "It wanted to be secured by XTLS, which is for contacts."
				: troth_err_text(err),
	};
	news(o->session, &n);
}

bool xtls_answer(struct online *o, const struct troth_address *peer,
		 const struct troth_jingle_security *asked, struct xtls *out)
{
	struct troth_session *s = o->session;
	enum troth_policy_xtls policy = xtls_policy(s);
	struct known_peer known = {.store = s->store};
	char name[TROTH_NAME_LEN + 1];
	int64_t contact = 0;
	*out = (struct xtls){.run = false};
	/* Jingle-XTLS 4: who doesn't support it "will silently ignore the <security/> element". */
	if (policy == TROTH_POLICY_XTLS_NO)
		return true;
	int err = known_of_caller(s, xtls_name(name, asked), troth_address_bare(peer), &contact,
				  &known);
	if (err == TROTH_OK && contact == 0 && !known.known.pairing &&
	    policy != TROTH_POLICY_XTLS_ANYBODY)
		err = TROTH_E_REFUSED;
	if (err == TROTH_OK)
		err = choose(s, &known, out);
	if (err == TROTH_OK && !(out->ours.srp ? asked->srp : asked->x509))
		err = TROTH_E_FLOOR;
	if (err != TROTH_OK)
		tell_refused(o, peer, &known, err);
	return err == TROTH_OK;
}
