/* SPDX-License-Identifier: MIT */
/* Every XML namespace that is read or written, with its source. Layer: xml. */
#ifndef TROTH_XML_NAMESPACE_H
#define TROTH_XML_NAMESPACE_H

#define TROTH_NS_XML "http://www.w3.org/XML/1998/namespace"
#define TROTH_NS_XMLNS "http://www.w3.org/2000/xmlns/"

/* RFC 6120 */
#define TROTH_NS_STREAMS "http://etherx.jabber.org/streams"
#define TROTH_NS_CLIENT "jabber:client"
#define TROTH_NS_STREAM_ERRORS "urn:ietf:params:xml:ns:xmpp-streams"
#define TROTH_NS_STANZA_ERRORS "urn:ietf:params:xml:ns:xmpp-stanzas"
#define TROTH_NS_TLS "urn:ietf:params:xml:ns:xmpp-tls"

#define TROTH_NS_DISCO_INFO "http://jabber.org/protocol/disco#info" /* XEP-0030 */
#define TROTH_NS_ROSTER "jabber:iq:roster"                          /* RFC 6121 */
#define TROTH_NS_PUBSUB "http://jabber.org/protocol/pubsub"         /* XEP-0060 */
#define TROTH_NS_PUBSUB_EVENT "http://jabber.org/protocol/pubsub#event"
#define TROTH_NS_PUBSUB_OWNER "http://jabber.org/protocol/pubsub#owner"
#define TROTH_NS_DATA "jabber:x:data"                   /* XEP-0004 */
#define TROTH_NS_BLOCKING "urn:xmpp:blocking"           /* XEP-0191 */
#define TROTH_NS_CAPS "http://jabber.org/protocol/caps" /* XEP-0115 */
#define TROTH_NS_NICK "http://jabber.org/protocol/nick" /* XEP-0172 */
#define TROTH_NS_RECEIPTS "urn:xmpp:receipts"           /* XEP-0184 */
#define TROTH_NS_PING "urn:xmpp:ping"                   /* XEP-0199 */
#define TROTH_NS_PUBKEY "urn:xmpp:tmp:pubkey"           /* XEP-0189 v0.8 */
#define TROTH_NS_C2C "urn:xmpp:tmp:c2ctls"              /* XEP-0250 */
#define TROTH_NS_HASHES "urn:xmpp:hashes:2"             /* XEP-0300 */
#define TROTH_NS_TROTH "urn:xmpp:troth:0"               /* docs/protocol.md */

#endif
