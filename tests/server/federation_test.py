#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Accounts on two servers that speak with each other: each on a machine of its own, found by DNS."""
import pathlib
import sys
import tempfile
import unittest

from account_peer import Peer
import namespace
from on_server import OnServer
import servers

PING = "<ping xmlns='urn:xmpp:ping'/>"


class Federation(unittest.TestCase):
    befriend = OnServer.befriend

    def setUp(self):
        network = namespace.Network("montague", "capulet")
        self.addCleanup(network.close)
        folder = tempfile.TemporaryDirectory(prefix="troth-federation-")
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name)
        servers.Certificates(path, servers.DOMAINS)
        at = {domain: host.address for domain, host in zip(servers.DOMAINS, network.hosts)}
        self.servers = []
        for host, domain in zip(network.hosts, servers.DOMAINS):
            server = servers.Federated(host, domain, at, path)
            self.addCleanup(server.close)
            self.servers.append(server)

    def peer(self, number, user):
        """Found by DNS: no host and port are given."""
        server = self.servers[number]
        jid = f"{user}@{server.domains[0]}"
        server.register(jid, "secret")
        peer = Peer(jid, "secret", "-", server.ca, prefix=server.prefix)
        self.addCleanup(peer.close)
        return peer

    def test_contacts__meet_and_fetch_keys__across_servers(self):
        romeo, juliet = self.peer(0, "romeo"), self.peer(1, "juliet")
        his, hers = romeo.connect(), juliet.connect()
        for peer in (romeo, juliet):
            peer.wait_for("^roster end$")
        self.assertEqual(romeo.ask(hers, "get", PING)[:2], ("peer-error", "service-unavailable"))
        self.befriend(romeo, juliet)
        for one, to in ((romeo, hers), (juliet, his)):
            self.assertEqual(one.ask(to, "get", PING)[0], "ok")
        romeo.do("publish presence")
        romeo.wait_for("^published ok$")
        juliet.send_line(f"fetch {romeo.jid}")
        juliet.wait_for(f"^keys {romeo.jid} ok 1 ")
        self.assertEqual((romeo.end(), juliet.end()), (0, 0))


if __name__ == "__main__":
    namespace.become_root()
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]], verbosity=2)
