/* SPDX-License-Identifier: MIT */
/* What the verb is told, and what it can advise. Layer: session. */
#include "session/state.h"

void news(struct troth_session *s, const struct troth_news *n)
{
	if (s->callbacks.news != NULL)
		s->callbacks.news(s->callbacks.user, n);
}

struct troth_news news_of(const struct link *l, enum troth_news_type type)
{
	struct troth_news n = {
		.type = type,
		.stream = l->number,
		.talk = l->talk != NULL ? l->talk->number : 0,
		.call = l->call,
		.contact = l->contact,
		.address = link_claimed(l),
		.where = troth_connection_where(l->connection),
		.path = l->realm == TROTH_REALM_SERVER ? troth_path_name(l->path) : NULL,
		.incoming = l->incoming,
		.level = troth_stream_level(l->stream),
		.method = troth_stream_method(l->stream),
		.pin = l->has_pin ? &l->pin : NULL,
		.reason_count = l->reason_count,
		.voucher = l->voucher[0] != 0 ? l->voucher : NULL,
	};
	for (size_t i = 0; i < l->reason_count; i++)
		n.reasons[i] = l->reasons[i];
	n.claimed = l->shown[0] != 0 ? l->shown : NULL;
	bool certified = l->certified && !l->failed;
	if (certified)
		n.identity = l->identity;
	n.proxied = certified && l->proxied;
	n.who = l->label[0] != 0    ? l->label
		: certified         ? l->certified_as
		: n.claimed != NULL ? n.claimed
				    : n.where;
	return n;
}

struct troth_news news_of_call(struct troth_call *call, enum troth_news_type type)
{
	return (struct troth_news){
		.type = type,
		.call = call,
		.contact = call->contact,
		.who = call->peer,
		.talk = call->talk,
	};
}

void news_warn(struct troth_session *s, const struct link *l, const char *text)
{
	struct troth_news n = {.type = TROTH_NEWS_WARNING};
	if (l != NULL)
		n = news_of(l, TROTH_NEWS_WARNING);
	n.text = text;
	news(s, &n);
}

const char *news_advice(int err, bool known)
{
	switch (err) {
	case TROTH_E_KEY_CHANGED:
		return "If they have a new device or set theirs up again, pair again: one of you "
		       "runs `troth pair --generate LABEL`, the other `troth pair NAME`, with "
		       "the secret told in person or by telephone. If not, somebody may be in "
		       "between.";
	case TROTH_E_DOWNGRADE:
	case TROTH_E_RELAY:
		return "Somebody on the network may be interfering: use another network, and tell "
		       "the other side.";
	case TROTH_E_REVOKED:
		return "Ask them in person for their new key, and pair again with `troth pair`.";
	case TROTH_E_MISMATCH:
		return "Compare once more on another network, or meet by a secret, which nobody "
		       "in between can imitate: `troth pair`.";
	case TROTH_E_SECRET:
		return "Compare the secret with the other side, letter by letter. If it is the "
		       "same, "
		       "somebody may be in between: use another network, and a new secret.";
	case TROTH_E_BUDGET:
		return "Agree on a new secret and begin again with `troth pair`.";
	case TROTH_E_NO_METHOD:
	case TROTH_E_FLOOR:
		return known ? "Pair again: one side runs `troth pair`, the other `troth pair "
			       "NAME`."
			     : "Pair first: one side runs `troth pair`, the other `troth pair "
			       "NAME`.";
	case TROTH_E_PEER_REFUSED:
		return known ? "Ask the other side what it was told. If it has lost your key, pair "
			       "again "
			       "with `troth pair`."
			     : "The other side must be expecting you: let it run `troth pair`.";
	case TROTH_E_KEY:
		return "`troth doctor` looks at the token. If it is back, start again: it may want "
		       "its PIN.";
	case TROTH_E_NO_TLS:
		return "Only with --accept plain, and then everybody on the way can read along.";
	case TROTH_E_SELF:
		return "Is a copy of this device in use, from a disk image or a restored backup? "
		       "Then `troth init --replace` on one of the two makes a key of its own, and "
		       "contacts pair with that one again. If nobody made a copy and the other "
		       "side had your key, it is stolen: `troth id revoke --reason compromised`, "
		       "then a new one; `troth id renew` ends nothing, since a thief can do it, "
		       "too.";
	case TROTH_E_CONFLICT:
		return "`troth trust` shows who has that key.";
	case TROTH_E_UNREACHABLE:
	case TROTH_E_TIMEOUT:
	case TROTH_E_TRUNCATED:
		return "See with `troth nearby` whether it is there.";
	default:
		return NULL;
	}
}
