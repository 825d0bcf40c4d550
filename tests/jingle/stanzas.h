/* SPDX-License-Identifier: MIT */
/* Requests that a peer might send, and what they are answered by. */
#ifndef TROTH_TESTS_JINGLE_STANZAS_H
#define TROTH_TESTS_JINGLE_STANZAS_H

#define STANZAS "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'"
#define NOBODY "<error type='cancel'><service-unavailable " STANZAS "/></error>"
#define UNKNOWN "<item-not-found " STANZAS "/><unknown-session xmlns='urn:xmpp:jingle:errors:1'/>"

/* A call over in-band by whoever it is fed from, with that session's name. */
#define CALL(id, sid)                                                                              \
	"<iq type='set' id='" id "'><jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' "  \
	"sid='" sid "'><content creator='initiator' name='a'>"                                     \
	"<description xmlns='urn:xmpp:jingle:apps:xmlstream:0'/>"                                  \
	"<transport xmlns='urn:xmpp:jingle:transports:ibb:1' block-size='4096' sid='b'/>"          \
	"</content></jingle></iq>"
#define ACTION(action, sid, inner)                                                                 \
	"<iq type='set' id='x'><jingle xmlns='urn:xmpp:jingle:1' action='" action "' sid='" sid    \
	"'>" inner "</jingle></iq>"

#endif
