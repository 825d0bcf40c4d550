# SPDX-License-Identifier: MIT
"""A test that runs on each server: subclasses name it by `kind`. Each test has accounts of its own."""
from account_peer import Peer


class OnServer:
    number = 0

    @classmethod
    def setUpClass(cls):
        cls.server = cls.kind()
        cls.addClassCleanup(cls.server.close)

    def setUp(self):
        OnServer.number += 1
        self.romeo, self.juliet = f"romeo{self.number}@montague.test", f"juliet{self.number}@capulet.test"
        self.nurse = f"nurse{self.number}@capulet.test"
        self.peers = []
        for jid in (self.romeo, self.juliet, self.nurse):
            self.server.register(jid, "secret")

    def tearDown(self):
        for peer in self.peers:
            if not peer.over:
                self.assertEqual(peer.end(), 0, peer.transcript)

    def peer(self, jid, *how, password="secret", ca=None):
        peer = Peer(jid, password, self.server.port, ca or self.server.ca, *how)
        self.addCleanup(peer.close)
        self.peers.append(peer)
        return peer

    def two(self):
        """Romeo and Juliet, signed in, each with roster; and their full JIDs."""
        romeo, juliet = self.peer(self.romeo), self.peer(self.juliet)
        jids = romeo.connect(), juliet.connect()
        for peer in (romeo, juliet):
            peer.wait_for("^roster end$")
        return romeo, juliet, *jids

    def befriend(self, romeo, juliet):
        """Each sees the other; returns when both are seen."""
        for one, other in ((romeo, juliet), (juliet, romeo)):
            one.do(f"subscribe {other.jid}")
            other.wait_for(f"^asks {one.jid}")
            other.do(f"accept {one.jid}")
        for one, other in ((romeo, juliet), (juliet, romeo)):
            one.wait_for(f"^item {other.jid} both 1")
