#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The whole story between accounts of two servers that speak with each other, each on a machine of its own
and found by DNS; and on two nodes of one cluster."""
import pathlib
import signal
import sys
import tempfile
import unittest

from people import Person
from namespace import Network, become_root
from online import Online, servers


class Story:
    """`paths`: by which ways bytes may go."""

    def is_known(self, person):
        """Waits until the whole service knows that somebody is signed in."""

    def tells(self):
        self.pair(self.juliet, self.romeo)
        self.assertEqual((self.juliet.contacts(), self.romeo.contacts()), (["romeo"], ["juliet"]))
        listener = self.listen(self.juliet)
        self.is_known(self.juliet)
        self.done(self.romeo, "send", "juliet", "But soft!")
        up = self.up(listener)
        self.assertEqual((up["contact"], up["level"], up["method"]), ("romeo", "verified", "key"))
        self.assertIn(up["path"], self.paths)
        listener.wait_for('"text":"But soft!"', 20)
        listener.signal(signal.SIGTERM)
        self.assertEqual(listener.wait(20), 0, listener.transcript)
        one = self.start(self.juliet, "chat")
        one.wait_for("Signed in as", 20)
        self.is_known(self.juliet)
        two = self.start(self.romeo, "chat", "juliet")
        two.wait_for("juliet is connected: verified", 30)
        one.wait_for("romeo is connected: verified", 30)
        self.say(two, one, "what light")
        self.say(one, two, "Ay me!")


class Federation(Story, Online, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """Two servers, with the machine of each one's people."""
        network = Network("montague", "capulet")
        cls.addClassCleanup(network.close)
        folder = tempfile.TemporaryDirectory(prefix="troth-federation-")
        cls.addClassCleanup(folder.cleanup)
        path = pathlib.Path(folder.name)
        servers.Certificates(path, servers.DOMAINS)
        at = {domain: host.address for domain, host in zip(servers.DOMAINS, network.hosts)}
        cls.servers = {}
        for number, host in enumerate(network.hosts, 1):  # link-local ones aren't told
            host.run("ip", "addr", "add", f"10.0.7.{number}/24", "dev", "eth0")
        for host, domain in zip(network.hosts, servers.DOMAINS):
            cls.servers[domain] = servers.Federated(host, domain, at, path)
            cls.addClassCleanup(cls.servers[domain].close)

    def person(self, name, domain, where=None):
        server = self.servers[domain]
        person = Person(self.folder, name, server.host)
        person.jid = f"{name}{self.number}@{domain}"
        server.register(person.jid, "secret")
        with person.troth("login", person.jid, f"--ca-file={server.ca}", "--keep-password",
                          "--password-fd=0") as login:
            login.send_line("secret")
            self.assertEqual(login.wait(30), 0, login.transcript)
        return person

    def test_two__meet_directly(self):
        self.paths = ("direct",)
        self.tells()

    def test_two__meet_by_a_servers_proxy__when_they_dont_tell_their_addresses(self):
        self.options = ("--no-lan", "--no-direct")
        self.paths = ("proxy", "in-band")
        self.tells()

    def test_message__waits__until_the_servers_can_speak_again(self):
        self.pair(self.juliet, self.romeo)
        listener = self.listen(self.juliet)
        chat = self.start(self.romeo, "chat", "juliet")
        chat.wait_for("juliet is connected: verified", 30)
        server = self.servers["capulet.test"]
        server.stop()
        listener.wait_for('"event":"offline"', 20)
        listener.close()
        chat.wait_for("has left|was cut", 20)
        chat.send_line("while it was away")
        server.start()
        again = self.listen(self.juliet)
        again.wait_for('"text":"while it was away"', 60)
        chat.wait_for("✓ while it", 20)


class OnCluster(Story, Online, unittest.TestCase):
    """Each of two is signed in to another node."""
    kind = servers.Cluster
    paths = ("direct", "proxy", "in-band")

    def sign_in(self, person, jid, *words):
        node = self.server.nodes[0 if jid.startswith("romeo") else 1]
        with person.troth("login", jid, f"--server={node.address}:{node.port}", f"--ca-file={self.server.ca}",
                          "--keep-password", "--password-fd=0", *words) as login:
            login.send_line("secret")
            self.assertEqual(login.wait(30), 0, login.transcript)

    def is_known(self, person):
        """A session takes a moment to be known on the other node; whoever looks meanwhile isn't told."""
        while f"{person.jid}/" not in self.server.nodes[0].control("connected_users"):
            pass

    def test_two__meet_on_different_nodes(self):
        self.tells()

    def test_two__meet_in_band__on_different_nodes(self):
        self.options = ("--no-lan", "--no-direct")
        self.tells()


if __name__ == "__main__":
    become_root()
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]], verbosity=2)
