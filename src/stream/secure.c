/* SPDX-License-Identifier: MIT */
/*
 * TLS: the handshake, the guess that a secret costs, the verdict. Layer: stream.
 *
 * A secret's handshake shows the peer whether its guess was right by the flight after
 * the first one, or by its absence: everything after the first flight is held back until
 * the application has debited the guess durably (docs/protocol.md, "Guesses").
 */
#include "stream/state.h"

#include "base/buf.h"
#include "keys/chain.h"

#include <string.h>

/* ---- the transcript ends here ---- */

/* "Each side hashes (SHA-256) the exact clear bytes of each direction, from the transport's first
 * byte to the last byte of the starttls request and of the proceed element." */
static int end_transcript(struct troth_stream *s)
{
	uint8_t hash[2 * TROTH_SHA256_LEN]; /* initiator to recipient, then back */
	uint8_t *sent = s->role == TROTH_INITIATOR ? hash : hash + TROTH_SHA256_LEN;
	uint8_t *received = s->role == TROTH_INITIATOR ? hash + TROTH_SHA256_LEN : hash;
	int err = troth_hash_final(s->clear_out, sent);
	if (err == TROTH_OK)
		err = troth_sha256(received, troth_buf_slice(&s->clear_in));
	if (err == TROTH_OK)
		err = troth_sha256(s->transcript, (struct troth_slice){hash, sizeof hash});
	troth_buf_fini(&s->clear_in);
	return err;
}

/* ---- beginning ---- */

/* Whether the peer must be somebody: a contact, or who its offer named. Keys of which only the
 * pin is known promise nothing: whose certificate will come, nobody has said. */
static bool is_promised(const struct troth_stream *s)
{
	const struct troth_known *known = &s->known.view;
	if (s->peer_offers && troth_choose_endorsed(known, &s->offers->theirs) != NULL)
		return true;
	if (known->contact != NULL || known->key_count == 0)
		return true;
	for (size_t i = 0; i < known->key_count; i++) {
		if (known->keys[i].name[0] != 0)
			return true;
	}
	return false;
}

/* What the peer's offer said about a certificate; NULL: nothing. */
static const struct troth_offer_proof *proof_of(const struct troth_stream *s,
						const struct troth_cert *cert, bool believed)
{
	for (size_t i = 0; s->peer_offers && i < s->offers->proofs.count; i++) {
		const struct troth_offer_proof *proof = &s->offers->proofs.items[i];
		if (troth_offer_proof_is_of(proof, cert) &&
		    (!believed || troth_proof_is_believed(&s->known.view, proof)))
			return proof;
	}
	return NULL;
}

/* The certificate selects nothing here: it is one of those expected, or refused at once. One that
 * was announced with an endorsement that may count is for the application to judge. */
static enum troth_tls_check check(void *user, const struct troth_cert *cert)
{
	struct troth_stream *s = user;
	const struct troth_cert *own = troth_device_cert(s->engine->device);
	const struct troth_known *known = &s->known.view;
	/* "Always refused: a peer that shows our own key": when the handshake is done, so that both
	 * sides have seen it proved and both users are told. */
	s->self_shown = troth_pin_equal(troth_cert_pin(cert), troth_cert_pin(own));
	if (s->self_shown)
		return TROTH_TLS_ACCEPT;
	s->other_shown = !stream_first_is_announced(s, cert);
	if (s->other_shown)
		return TROTH_TLS_REJECT;
	if (s->method == TROTH_METHOD_INSECURE)
		return TROTH_TLS_ACCEPT;
	for (size_t i = 0; i < known->key_count; i++) {
		if (troth_pin_equal(&known->keys[i].pin, troth_cert_pin(cert)))
			return known->keys[i].revoked ? TROTH_TLS_REJECT_REVOKED : TROTH_TLS_ACCEPT;
	}
	if (s->method == TROTH_METHOD_PAKE) /* the secret will say whose it is */
		return TROTH_TLS_ACCEPT;
	if (proof_of(s, cert, true) != NULL)
		return TROTH_TLS_ACCEPT;
	s->tried = troth_may_try(known, s->peer_offers ? &s->offers->theirs : NULL) &&
		   s->method == TROTH_METHOD_KEY && s->floor != TROTH_FLOOR_KEYS;
	if (s->tried)
		return TROTH_TLS_ACCEPT;
	s->stranger = s->method == TROTH_METHOD_KEY && !is_promised(s) &&
		      troth_floor_admits(s->floor, TROTH_METHOD_INSECURE);
	if (s->stranger)
		return TROTH_TLS_ACCEPT;
	/* RFC 8446 6.2: unknown_ca. It isn't self-made, and no CA may speak for this peer. */
	return troth_cert_is_own_issuer(cert) ? TROTH_TLS_REJECT : TROTH_TLS_REJECT_UNKNOWN_CA;
}

/* "the recipient takes it as received if its bare form equals the header's" */
static bool same_user(void *user, const char *received)
{
	struct troth_stream *s = user;
	struct troth_address *address;
	/* With TLS first there is no header yet: whom the server names takes its place. */
	const struct troth_address *peer = troth_stream_peer(s);
	if (peer == NULL)
		return false;
	s->user_err = troth_address_new(&address, troth_address_realm(s->local), received);
	if (s->user_err != TROTH_OK)
		return false;
	bool same = troth_address_same_bare(address, peer);
	troth_address_free(address);
	return same;
}

static int new_session(struct troth_stream *s, enum troth_tls_credential credential)
{
	struct troth_tls_params params = {
		.role = s->role == TROTH_INITIATOR ? TROTH_TLS_CLIENT : TROTH_TLS_SERVER,
		.credential = credential,
		.device = s->engine->device,
		.secret = s->known.view.secret,
		.srp_wanted = credential == TROTH_TLS_EITHER,
		.check = check,
		.want_staple = s->known.view.may_try,
		/* "pake never on 1.2 without extended master secret" */
		.require_ems = s->method == TROTH_METHOD_PAKE,
		.user = s,
	};
	if (credential != TROTH_TLS_CERTIFICATE) {
		const struct troth_address *initiator =
			s->role == TROTH_INITIATOR ? s->local : troth_stream_peer(s);
		params.srp_user = initiator != NULL ? troth_address_bare(initiator) : "";
		params.srp_user_same = same_user;
	}
	troth_tls_free(s->tls);
	s->tls = NULL;
	s->first_flight = s->hello_arrived = false;
	return troth_tls_new(&s->tls, s->engine->tls, &params);
}

static enum troth_tls_credential credential(const struct troth_stream *s)
{
	if (s->method != TROTH_METHOD_SRP)
		return TROTH_TLS_CERTIFICATE;
	/* Seed 000: without offers a recipient learns from the ClientHello what comes. With TLS
	 * first it was agreed on before. */
	if (s->role == TROTH_RECIPIENT && !s->peer_offers && !s->tls_first)
		return TROTH_TLS_EITHER;
	return TROTH_TLS_SRP;
}

static enum step begin_session(struct troth_stream *s, enum troth_tls_credential kind)
{
	int err = new_session(s, kind);
	if (err != TROTH_OK)
		return stream_fail(s, err, "TLS couldn't be started.");
	stream_set_state(s, STREAM_HANDSHAKE);
	stream_set_deadline(s, TROTH_TIME_TLS);
	if (!troth_method_is_secret(s->method))
		return STEP_AGAIN;
	if (s->role == TROTH_RECIPIENT) {
		/* The initiator may ask its user before its ClientHello. */
		stream_set_deadline(s, TROTH_TIME_ASK);
		s->waiting_at = s->now + TROTH_TIME_WAITING_NOTICE;
	} else if (s->tls_first) {
		/* So may the recipient, of whom nothing was heard yet: whether anything comes
		 * through at all has to be seen first. */
		stream_set_deadline(s, TROTH_TIME_ASK);
		s->waiting_at = s->now + TROTH_TIME_HEADER;
	}
	return STEP_AGAIN;
}

enum step stream_start_tls(struct troth_stream *s, struct troth_event *out)
{
	(void)out;
	if (!s->srp_restart && !s->tls_first) {
		int err = end_transcript(s);
		if (err != TROTH_OK)
			return stream_fail(s, err, "The transcript couldn't be made.");
	}
	return begin_session(s, credential(s));
}

/* ---- input and output ---- */

int stream_tls_pump(struct troth_stream *s)
{
	return troth_buf_move(&s->out, troth_tls_output(s->tls));
}

static int feed(struct troth_stream *s)
{
	struct troth_slice in = troth_buf_slice(&s->in);
	if (in.len == 0)
		return TROTH_OK;
	int err = troth_tls_feed(s->tls, in);
	if (err == TROTH_OK)
		troth_buf_consume(&s->in, in.len);
	return err;
}

int stream_tls_read(struct troth_stream *s, bool *more)
{
	size_t before = troth_buf_len(&s->plain);
	int err = feed(s);
	if (err == TROTH_OK)
		err = troth_tls_read(s->tls, &s->plain, 16384, &s->tls_ended);
	if (err == TROTH_OK)
		err = stream_tls_pump(s);
	if (err != TROTH_OK || troth_buf_len(&s->plain) == before)
		return err;
	err = troth_xml_reader_feed(s->reader, troth_buf_slice(&s->plain));
	troth_buf_clear(&s->plain);
	*more = err == TROTH_OK;
	return err;
}

/* ---- the handshake ---- */

/* RFC 8446 6 */
#define ALERT_CERTIFICATE_REVOKED 44
#define ALERT_CERTIFICATE_EXPIRED 45
#define ALERT_UNKNOWN_CA 48

const char *stream_key_refused(const struct troth_stream *s)
{
	switch (troth_tls_alert(s->tls)) {
	case ALERT_CERTIFICATE_REVOKED:
		return "The other side says that our key has been revoked.";
	case ALERT_CERTIFICATE_EXPIRED: /* from other programs: here dates are judged inside */
		return "The other side says that our certificate has expired.";
	case ALERT_UNKNOWN_CA:
		return "The other side knows neither our key nor the CA that certified it.";
	default:
		return "The other side doesn't accept our key.";
	}
}

static const char *handshake_reason(const struct troth_stream *s, int err)
{
	switch (err) {
	case TROTH_E_SECRET:
		return "The two secrets differ.";
	case TROTH_E_PEER_REFUSED:
		return stream_key_refused(s);
	case TROTH_E_REVOKED:
		return "The peer's key has been revoked.";
	case TROTH_E_KEY_CHANGED:
		return "The peer showed another key than the one this contact is known by.";
	case TROTH_E_NO_METHOD:
		return "Nobody that we know has that key.";
	case TROTH_E_CERT:
		return "The peer's certificate can't be used.";
	case TROTH_E_KEY:
		return "This device's own key didn't sign: its token may have been removed.";
	default:
		return "The TLS handshake failed.";
	}
}

static enum step fail_handshake(struct troth_stream *s, int err)
{
	int told = err;
	/* The peer sees a wrong secret; what it was is told here. */
	if (s->user_err == TROTH_E_NOMEM)
		return stream_fail(s, s->user_err, troth_err_text(s->user_err));
	if (s->self_shown) /* anybody may have the certificate: no copy of this device */
		return stream_fail(
			s, TROTH_E_CERT,
			"The peer showed our own certificate, and not that it has the key.");
	if (s->other_shown)
		return stream_fail(s, TROTH_E_DOWNGRADE,
				   "The peer showed another certificate than was announced for it: "
				   "one of the two was changed on the way.");
	if (err == TROTH_E_CERT && s->method == TROTH_METHOD_KEY)
		told = is_promised(s) ? TROTH_E_KEY_CHANGED : TROTH_E_NO_METHOD;
	if (err == TROTH_E_PEER_REFUSED)
		return stream_failed_by_peer(s, told, handshake_reason(s, told));
	return stream_fail(s, told, handshake_reason(s, told));
}

/* Seed 000, without offers: "unknown_psk_identity [...]. We start again (on TLS level) and the
 * users have to provide a key." */
static enum step restart_with_secret(struct troth_stream *s, struct troth_event *out)
{
	const struct troth_known *known = &s->known.view;
	bool may = known->secret != NULL || known->may_ask;
	int err = stream_tls_pump(s);
	if (err != TROTH_OK)
		return stream_fail(s, err, "TLS couldn't be started again.");
	if (s->role == TROTH_RECIPIENT)
		return begin_session(s, TROTH_TLS_SRP);
	if (!may || !troth_tls_context_has_srp(s->engine->tls) ||
	    !troth_floor_admits(s->floor, TROTH_METHOD_SRP))
		return stream_failed_by_peer(s, TROTH_E_PEER_REFUSED,
					     "The other side wants a shared secret.");
	s->method = TROTH_METHOD_SRP;
	s->srp_restart = true;
	return stream_have_method(s, out);
}

static bool must_debit(const struct troth_stream *s, bool done)
{
	if (s->method != TROTH_METHOD_SRP || !s->first_flight || s->debited)
		return false;
	return done || s->handshake_err != TROTH_OK || troth_buf_len(troth_tls_output(s->tls)) > 0;
}

static void add_endorsements(const struct troth_stream *s, struct troth_event *out)
{
	const struct troth_offer_proof *proof =
		out->cert != NULL ? proof_of(s, out->cert, false) : NULL;
	if (proof == NULL)
		return;
	out->endorsements = troth_endorsement_list_view(&proof->endorsements);
	out->endorsement_count = proof->endorsements.count;
}

enum step stream_ask_verdict(struct troth_stream *s, struct troth_event *out)
{
	stream_set_state(s, STREAM_VERDICT);
	stream_set_deadline(s, TROTH_TIME_ASK);
	stream_event(s, out, TROTH_EVENT_VERDICT);
	add_endorsements(s, out);
	out->chain_count = troth_tls_chain(s->tls, &out->chain);
	out->staple = troth_tls_staple(s->tls);
	return STEP_EVENT;
}

/* The handshake is done on this side. */
static enum step shaken(struct troth_stream *s, struct troth_event *out)
{
	bool pake = s->method == TROTH_METHOD_PAKE;
	s->handshaken = true;
	s->waiting_at = -1;
	if (s->stranger) /* what this side has got is worth no more */
		s->method = TROTH_METHOD_INSECURE;
	if (!pake) /* it has done its work; the stream may last days */
		stream_known_forget_secret(&s->known);
	/* Without extended master secret (old peers on TLS 1.2) there is none to go by. */
	s->has_exporter = troth_tls_exporter(s->tls, false, s->live.exporter) == TROTH_OK;
	if (s->has_exporter) {
		int err = troth_engine_enter(s->engine, &s->live);
		if (err != TROTH_OK)
			return stream_fail(s, err, troth_err_text(err));
	} else if (pake) {
		return stream_fail(s, TROTH_E_TLS, "There is nothing to bind the secret to.");
	}
	int err = stream_new_reader(s, true);
	if (err != TROTH_OK)
		return stream_fail(s, err, troth_err_text(err));
	/* Nothing has been proved yet: the verdict is asked for when the secret has been. */
	return pake ? stream_inner_begin(s, out) : stream_ask_verdict(s, out);
}

/* "No answer or a refusal: [...] a closed stream from the initiator": which ends in clear where
 * its ClientHello would begin. No record of TLS begins like that. */
static bool is_in_clear(const struct troth_stream *s)
{
	struct troth_slice in = troth_buf_slice(&s->in);
	return (s->role == TROTH_RECIPIENT || s->tls_first) && !s->hello_arrived && in.len > 0 &&
	       in.data[0] == '<';
}

static enum step fail_in_clear(struct troth_stream *s)
{
	if (s->tls_first)
		return stream_fail(s, TROTH_E_NO_TLS,
				   "The peer speaks in clear, and TLS was agreed on.");
	return stream_failed_by_peer(s, TROTH_E_PEER_REFUSED,
				     troth_method_is_secret(s->method)
					     ? "The other side gave no secret."
					     : "The other side ended the negotiation.");
}

enum step stream_step_handshake(struct troth_stream *s, struct troth_event *out)
{
	bool done = false;
	bool arrived = troth_buf_len(&s->in) > 0;
	int err = s->handshake_err;
	if (is_in_clear(s))
		return fail_in_clear(s);
	if (err == TROTH_OK)
		err = feed(s);
	if (err == TROTH_OK)
		err = troth_tls_handshake(s->tls, &done);
	s->handshake_err = err;
	if (arrived && !s->hello_arrived) {
		/* The peer's user has answered: from here on only machines are waited for. */
		s->hello_arrived = true;
		s->waiting_at = -1;
		stream_set_deadline(s, TROTH_TIME_TLS);
	}
	/* After offers the method is settled, and an alert in clear may be anybody's. */
	if (!done && !s->peer_offers && !s->tls_first && troth_tls_secret_wanted(s->tls)) {
		s->handshake_err = TROTH_OK;
		return restart_with_secret(s, out);
	}
	if (must_debit(s, done)) {
		stream_set_state(s, STREAM_GUESS);
		stream_set_deadline(s, TROTH_TIME_TLS);
		stream_event(s, out, TROTH_EVENT_GUESS);
		return STEP_EVENT;
	}
	if (troth_buf_len(troth_tls_output(s->tls)) > 0) {
		s->first_flight = true;
		int sent = stream_tls_pump(s);
		if (sent != TROTH_OK)
			return stream_fail(s, sent, troth_err_text(sent));
	}
	if (err != TROTH_OK)
		return fail_handshake(s, err);
	if (done && s->self_shown) {
		s->handshaken = true; /* refused inside */
		return stream_fail(s, TROTH_E_SELF, "The peer has our own key.");
	}
	return done ? shaken(s, out) : STEP_WAIT;
}
