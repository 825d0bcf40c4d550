#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What `troth listen` keeps in memory: below 16 MB, with contacts, after a conversation, with
multicast DNS in the process and without; a quarter of that is its own, the rest are pages of libraries, of
which OpenSSL 3.5 has 2 MB more. Not for sanitizers, which have a memory of their own."""
import re
import socket
import ssl
import tempfile
import unittest

from people import Person, pair
from namespace import Network, become_root

LIMIT = (16 if ssl.OPENSSL_VERSION_INFO < (3, 5) else 18) * 1000 * 1000
OWN = 4 * 1000 * 1000
MESSAGES = 200


def memory(process, field):
    """In bytes, of the process itself: a wrapper replaces itself by it."""
    with open(f"/proc/{process.pid}/status") as status:
        text = status.read()
    assert re.search(r"^Name:\s+troth$", text, re.M), text
    return 1024 * int(re.search(rf"^{field}:\s+(\d+) kB$", text, re.M).group(1))


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class Memory(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="troth-e2e-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def converse(self, listener, romeo, *options):
        chat = romeo.troth("chat", *options, "juliet")
        self.addCleanup(chat.close)
        chat.wait_for("juliet is connected: verified", 30)
        for number in range(MESSAGES):
            chat.send_line(f"message {number}: my bounty is as boundless as the sea")
        listener.wait_for(f'"text":"message {MESSAGES - 1}:', 30)
        chat.wait_for(f"✓ message {MESSAGES - 1}", 30)
        chat.send_line("/quit")
        self.assertEqual(chat.wait(10), 0)
        listener.wait_for('"event":"down"', 10)

    def check(self, juliet, romeo, port, *options):
        listener = juliet.troth("listen", "--json", port, *options)
        self.addCleanup(listener.close)
        listener.wait_for('"listening"', 10)
        self.converse(listener, romeo, "--port=0", *options)
        resident, most = memory(listener, "VmRSS"), memory(listener, "VmHWM")
        own = memory(listener, "RssAnon")
        print(f"\n{resident / 1e6:.1f} MB resident, {most / 1e6:.1f} MB at most; {own / 1e6:.1f} MB its own")
        self.assertLess(own, OWN)
        self.assertLess(resident, LIMIT)
        self.assertLess(most, LIMIT)

    def test_listener__stays_small__by_host_and_port(self):
        juliet = Person(self.folder, "juliet")
        port = f"--port={free_port()}"
        for name in ("tybalt", "nurse", "romeo"):
            romeo = Person(self.folder, name)
            pair(juliet, romeo, "--no-lan", port)
        self.check(juliet, romeo, port, "--no-lan")

    def test_listener__stays_small__with_multicast_dns_in_the_process(self):
        network = Network("balcony", "garden")
        self.addCleanup(network.close)
        balcony, garden = network.hosts
        juliet = Person(self.folder, "juliet", balcony)
        for name in ("tybalt", "nurse", "romeo"):
            romeo = Person(self.folder, name, garden)
            pair(juliet, romeo)
        self.check(juliet, romeo, "--port=6111")


if __name__ == "__main__":
    become_root()
    unittest.main(verbosity=2)
