# SPDX-License-Identifier: MIT
"""Tests with people on machines of their own, on one link: what most of them begin with."""
import tempfile
import unittest

from people import Clock, Person, pair
from namespace import Network

YEAR = 365 * 86400


class Machines(unittest.TestCase):
    """Juliet's balcony, Romeo's garden, and the street, where anybody may be."""
    mdns = False     # avahi-daemon on each machine; else troth does mDNS by itself
    clocked = False  # Juliet's and Romeo's clocks are set by the test

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="troth-e2e-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.network = Network("balcony", "garden", "street")
        self.addCleanup(self.network.close)
        self.balcony, self.garden, self.street = self.network.hosts
        self.prepare()
        for host in self.network.hosts if self.mdns else ():
            host.start_mdns()
        self.juliet = self.person("juliet", self.balcony)
        self.romeo = self.person("romeo", self.garden)

    def prepare(self):
        """What is to be done with the machines before anybody uses them."""

    def person(self, name, host, clocked=None):
        clocked = self.clocked if clocked is None else clocked
        clock = Clock(f"{self.folder}/{name}.clock") if clocked else None
        return Person(self.folder, name, host, clock=clock)

    def start(self, person, *words, pty=False):
        process = person.troth(*words, pty=pty)
        self.addCleanup(process.close)
        return process

    def window(self, person, *words, pty=False):
        """`troth pair` that waits: its process, its name on the link, its secret."""
        process = self.start(person, "pair", *words, pty=pty)
        name = process.wait_for(r"as (\S+) \(port \d+\)", 10).group(1)
        return process, name, process.wait_for(r"Secret:\s+(\S+)", 5).group(1)

    def caller(self, person, peer, *words):
        """`troth pair PEER`, once it asks for the secret."""
        process = self.start(person, "pair", *words, peer, pty=True)
        process.wait_for("Secret shared with .*: ", 20)
        return process

    def meet(self, *options):
        return pair(self.juliet, self.romeo, *options)

    def chat(self):
        """Juliet waits, Romeo calls her by her label alone: both are connected by keys."""
        one = self.start(self.juliet, "chat")
        one.wait_for("Waiting as", 10)
        two = self.start(self.romeo, "chat", "juliet")
        two.wait_for("juliet is connected: verified", 20)
        one.wait_for("romeo is connected: verified", 10)
        return one, two

    def say(self, sender, receiver, text):
        """It arrives on a verified stream, and the sender learns that."""
        sender.send_line(text)
        receiver.wait_for(r"\(verified\): " + text, 10)
        sender.wait_for("✓ " + text[:8], 10)

    def ends(self, process, status, *texts, within=30):
        """The process ends with that exit status and has said all of the texts."""
        self.assertEqual(process.wait(within), status, process.transcript)
        for text in texts:
            self.assertRegex(process.transcript, text)

    def nobody_pinned(self, *people):
        for person in people or (self.juliet, self.romeo):
            self.assertEqual(person.contacts(), [], person.name)
