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

#define TROTH_NS_DISCO_INFO "http://jabber.org/protocol/disco#info"   /* XEP-0030 */
#define TROTH_NS_DISCO_ITEMS "http://jabber.org/protocol/disco#items" /* XEP-0030 */
#define TROTH_NS_IBB "http://jabber.org/protocol/ibb"                 /* XEP-0047 */
#define TROTH_NS_BYTESTREAMS "http://jabber.org/protocol/bytestreams" /* XEP-0065 */
#define TROTH_NS_BYTESTREAMS_SECURE "bytestreams:secure"              /* "secure JEP-0065", 2005 */
#define TROTH_NS_CAPS "http://jabber.org/protocol/caps"               /* XEP-0115 */
#define TROTH_NS_NICK "http://jabber.org/protocol/nick"               /* XEP-0172 */
/* XEP-0166; ":0" is that of XEP-0247's examples */
#define TROTH_NS_JINGLE "urn:xmpp:jingle:1"
#define TROTH_NS_JINGLE_0 "urn:xmpp:jingle:0"
#define TROTH_NS_JINGLE_ERRORS "urn:xmpp:jingle:errors:1"
#define TROTH_NS_JINGLE_ERRORS_0 "urn:xmpp:jingle:errors:0"
#define TROTH_NS_XMLSTREAM "urn:xmpp:jingle:apps:xmlstream:0"    /* XEP-0247 */
#define TROTH_NS_JINGLE_S5B "urn:xmpp:jingle:transports:s5b:1"   /* XEP-0260 */
#define TROTH_NS_JINGLE_IBB "urn:xmpp:jingle:transports:ibb:1"   /* XEP-0261 */
#define TROTH_NS_JINGLE_IBB_0 "urn:xmpp:jingle:transports:ibb:0" /* XEP-0247 */
#define TROTH_NS_XTLS "urn:xmpp:jingle:security:xtls:0"          /* jingle-xtls */
#define TROTH_NS_RECEIPTS "urn:xmpp:receipts"                    /* XEP-0184 */
#define TROTH_NS_PING "urn:xmpp:ping"                            /* XEP-0199 */
#define TROTH_NS_PUBKEY "urn:xmpp:tmp:pubkey"                    /* XEP-0189 v0.8 */
#define TROTH_NS_C2C "urn:xmpp:tmp:c2ctls"                       /* XEP-0250 */
#define TROTH_NS_HASHES "urn:xmpp:hashes:2"                      /* XEP-0300 */
#define TROTH_NS_TROTH "urn:xmpp:troth:0"                        /* docs/protocol.md */
#define TROTH_NS_ROSTER "jabber:iq:roster"                       /* RFC 6121 */
#define TROTH_NS_PUBSUB "http://jabber.org/protocol/pubsub"      /* XEP-0060 */
#define TROTH_NS_PUBSUB_EVENT "http://jabber.org/protocol/pubsub#event"
#define TROTH_NS_PUBSUB_OWNER "http://jabber.org/protocol/pubsub#owner"
#define TROTH_NS_DATA "jabber:x:data"         /* XEP-0004 */
#define TROTH_NS_BLOCKING "urn:xmpp:blocking" /* XEP-0191 */

#endif
