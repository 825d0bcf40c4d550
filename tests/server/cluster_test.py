#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Accounts on a cluster: two nodes of ejabberd that are one service."""
import sys
import unittest

from account_peer import Peer
from on_server import OnServer
import servers


class OnCluster(OnServer, unittest.TestCase):
    kind = servers.Cluster

    def peer(self, jid, *how):
        node = self.server.nodes[0 if jid.startswith("romeo") else 1]
        peer = Peer(jid, "secret", f"{node.address}:{node.port}", self.server.ca, *how)
        self.addCleanup(peer.close)
        self.peers.append(peer)
        return peer

    def test_contacts__meet_and_fetch_keys__on_different_nodes(self):
        romeo, juliet, his, hers = self.two()
        self.befriend(romeo, juliet)
        romeo.do("publish presence")
        romeo.wait_for("^published ok$")
        juliet.do("key")
        juliet.send_line(f"fetch {self.romeo}")
        juliet.wait_for(f"^keys {self.romeo} ok 1 ")
        for one, to in ((romeo, hers), (juliet, his)):
            self.assertEqual(one.ask(to, "get", "<ping xmlns='urn:xmpp:ping'/>")[0], "ok")

    def test_other_node__goes_on__when_one_ends(self):
        romeo, juliet, _, hers = self.two()
        self.server.nodes[0].kill()
        self.assertEqual(romeo.wait_down(), ("lost", True))
        self.assertEqual(juliet.ask("capulet.test", "get", "<ping xmlns='urn:xmpp:ping'/>")[0], "ok")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]], verbosity=2)
