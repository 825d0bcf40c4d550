#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Keys in PEP on real servers: published, fetched by name or all, changed, kept from strangers; probes."""
import sys
import unittest

from on_server import OnServer
import servers


class Keys(OnServer):
    def key(self, peer):
        peer.do("key")
        return peer.transcript.rsplit("\nkey ", 1)[1].split()[0]

    def publish(self, peer, access):
        peer.do(f"publish {access}")
        peer.wait_for("^published ok$")

    def fetch(self, peer, jid, name=""):
        """(error, set of names)"""
        peer.send_line(f"fetch {jid} {name}".strip())
        match = peer.wait_for(r"^keys \S+ (\S+) \d+(.*)$")
        return match[1], set(match[2].split())

    def test_keys__are_those_of_all_clients_of_an_account(self):
        garden, balcony = self.peer(self.romeo + "/garden"), self.peer(self.romeo + "/balcony")
        juliet = self.peer(self.juliet)
        for peer in (garden, balcony, juliet):
            peer.connect()
        for peer in (garden, balcony, garden):  # again: it was there
            self.publish(peer, "open")
        names = {self.key(garden), self.key(balcony)}
        self.assertEqual(self.fetch(juliet, self.romeo), ("ok", names))
        one = self.key(balcony)
        self.assertEqual(self.fetch(juliet, self.romeo, one), ("ok", {one}))
        self.assertEqual(self.fetch(juliet, self.romeo, "0" * 40), ("ok", set()))
        self.assertEqual(self.fetch(garden, "-"), ("ok", names))
        garden.do("retract")
        garden.wait_for("^published ok$")
        self.assertEqual(self.fetch(juliet, self.romeo), ("ok", {one}))
        balcony.do("retract")
        balcony.wait_for("^published ok$")
        self.assertEqual(self.fetch(juliet, self.romeo), ("ok", set()))

    def test_keys__are_none__where_no_node_is(self):
        _, juliet, *_ = self.two()
        self.assertEqual(self.fetch(juliet, "-"), ("ok", set()))

    def test_change__is_told_to_contacts(self):
        romeo, juliet, _, hers = self.two()
        self.befriend(romeo, juliet)
        # ejabberd looks at what somebody wants to be told in presence that comes after the friendship.
        juliet.send_line("presence")
        romeo.wait_for(f"^presence {hers} there")
        self.publish(romeo, "presence")
        juliet.wait_for(f"^keys-changed {self.romeo}$")
        self.assertEqual(self.fetch(juliet, self.romeo), ("ok", {self.key(romeo)}))

    def test_each_access_model__lets_in_whom_it_says(self):
        romeo, juliet, *_ = self.two()
        self.befriend(romeo, juliet)
        nurse, fellow = self.peer(self.nurse), self.peer(self.romeo)
        for peer in nurse, fellow:
            peer.connect()
        mine = ("ok", {self.key(romeo)})
        for access, contact, stranger in (("presence", True, False), ("whitelist", False, False), ("open", True, True),
                                          ("whitelist", False, False)):
            self.publish(romeo, access)
            for peer, may in (fellow, True), (juliet, contact), (nurse, stranger):
                got = self.fetch(peer, self.romeo)
                self.assertEqual(got if may else got[0], mine if may else "peer-error", (access, peer.jid))

    def test_direct_request__is_answered_to_contacts_and_own_clients__by_whoever_gives(self):
        romeo, juliet, his, hers = self.two()
        self.assertEqual(self.request(romeo, hers)[0], "peer-error")  # strangers hear that nobody is there
        juliet.never("^asked-for-keys", 0.1)
        self.befriend(romeo, juliet)
        fellow = self.peer(self.juliet)
        fellow.connect()
        key = self.key(juliet)
        for gives in False, True:
            if gives:
                juliet.do("give")
            for peer, sender in (romeo, his), (fellow, "-"):
                got = self.request(peer, hers)
                self.assertEqual(got if gives else got[0], ("ok", {key}) if gives else "peer-error")
                juliet.wait_for(f"^asked-for-keys {sender}$")
        self.assertEqual(self.request(romeo, hers.split("/")[0] + "/nobody")[0], "peer-error")

    def request(self, peer, jid):
        peer.send_line(f"request {jid}")
        match = peer.wait_for(r"^keys \S+ (\S+) \d+(.*)$")
        return match[1], set(match[2].split())

    def test_keys_that_are_sent__arrive__with_who_the_server_says_it_was(self):
        romeo, juliet, his, hers = self.two()
        for to in hers, self.juliet:
            romeo.do(f"send-key {to}")
            juliet.wait_for(f"^sent {his} {self.key(romeo)}$")
        romeo.do("send-key @", "format")

    def test_item__that_holds_no_key_or_another_hides_nothing(self):
        romeo, juliet, *_ = self.two()
        self.publish(romeo, "open")
        for item, content in (("x", "<keyinfo xmlns='urn:xmpp:tmp:pubkey'><name>" + "ab" * 20 +
                               "</name><x509cert>AAAA</x509cert></keyinfo>"), ("y", "<other xmlns='urn:o'/>")):
            self.assertEqual(romeo.ask("-", "set", "<pubsub xmlns='http://jabber.org/protocol/pubsub'>"
                                       f"<publish node='urn:xmpp:tmp:pubkey'><item id='{item}'>{content}</item>"
                                       "</publish></pubsub>")[0], "ok")
        self.assertEqual(self.fetch(juliet, self.romeo), ("ok", {self.key(romeo)}))

    def probe(self, peer, jid):
        peer.send_line(f"probe {jid}")
        return peer.wait_for(r"^probed (\S+) (\S+)$").groups()

    def test_probe__is_answered_to_contacts__and_shows_a_key_to_those_whose_key_is_known(self):
        romeo, juliet, _, hers = self.two()
        juliet.do(f"know {self.key(romeo)}")
        self.assertEqual(self.probe(romeo, hers), ("peer-error", "-"))
        self.befriend(romeo, juliet)
        self.assertEqual(self.probe(romeo, hers), ("ok", self.key(juliet)))
        juliet.do(f"know {'0' * 40}")
        self.assertEqual(self.probe(romeo, hers), ("ok", "-"))


class OnProsody(Keys, unittest.TestCase):
    kind = servers.Prosody


class OnEjabberd(Keys, unittest.TestCase):
    kind = servers.Ejabberd


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]], verbosity=2)
