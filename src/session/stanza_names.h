/* SPDX-License-Identifier: MIT */
/* The namespaces of the extensions that a session speaks. Layer: session. */
#ifndef TROTH_SESSION_STANZA_NAMES_H
#define TROTH_SESSION_STANZA_NAMES_H

#define NS_RECEIPTS "urn:xmpp:receipts"           /* XEP-0184 */
#define NS_PING "urn:xmpp:ping"                   /* XEP-0199 */
#define NS_NICK "http://jabber.org/protocol/nick" /* XEP-0172 */

#endif
