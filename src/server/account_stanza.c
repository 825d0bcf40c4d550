/* SPDX-License-Identifier: MIT */
/* What an account is sent, and whom it is for. Layer: server. */
#include "server/account_state.h"

static void hand_out(struct troth_account *a, const struct troth_element *stanza)
{
	for (size_t i = 0; i < a->n_listeners; i++) {
		const struct troth_account_listener *l = &a->listeners[i];
		if (l->stanza != NULL && l->stanza(l->user, stanza))
			return;
		if (a->state != ACCOUNT_UP)
			return;
	}
	if (troth_iq_is_request(stanza))
		account_answer(a, stanza);
}

static void look(struct troth_account *a, const struct troth_element *stanza)
{
	struct troth_address *from;
	/* A sender that is no JID can neither be answered nor be anybody. */
	if (account_sender(a, troth_element_attr(stanza, "from"), &from) != TROTH_OK)
		return;
	/* RFC 6120 8.2.3: an answer to nothing that was asked here may be one to a listener that
	 * asks by itself, as bytestreams do; else it is ignored. */
	if (!troth_element_is(stanza, TROTH_NS_CLIENT, "iq") || troth_iq_is_request(stanza) ||
	    !account_answered(a, stanza,
			      from == NULL ? troth_address_bare(a->own) : troth_address_full(from)))
		hand_out(a, stanza);
	troth_address_free(from);
}

void account_stanza(struct troth_account *a, struct troth_slice xml)
{
	struct troth_stanza *stanza;
	/* What is too large or too deep for us is nobody's: anybody may have sent it, and to end
	 * the connection for it would let anybody end it. Who waits for it as an answer is told in
	 * time. */
	if (troth_element_parse(&stanza, xml) != TROTH_OK)
		return;
	look(a, troth_stanza_root(stanza));
	troth_stanza_free(stanza);
}
