#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Strangers that want too much of one that takes them: places, and answers that nobody reads."""
import json
import socket
import tempfile
import time
import unittest

from people import Person, pair

HEADER = ("<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
          "xmlns:stream='http://etherx.jabber.org/streams' from='{}@x' to='{}' version='1.0'>")
ASK = ("<iq type='get' id='q'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>")
START = ("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><offer xmlns='urn:xmpp:tmp:c2ctls'>"
         "<srp/></offer></starttls>")
PER_ADDRESS = 8
PER_HOUR = 60


class Stranger:
    def __init__(self, port, name, to):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.settimeout(5)
        self.socket.connect(("127.0.0.1", port))
        self.say(HEADER.format(name, to))

    def say(self, text):
        self.socket.sendall(text.encode())

    def talks(self):
        """Whether a question is answered."""
        got = b""
        try:
            self.say(ASK)
            while b"</iq>" not in got:
                piece = self.socket.recv(4096)
                if not piece:
                    return False
                got += piece
        except OSError:
            return False
        return True

    def floods(self):
        """Asks until nobody listens any more, and ends without having read an answer."""
        self.socket.settimeout(1)
        try:
            while True:
                self.say(ASK * 100)
        except OSError:
            self.socket.settimeout(5)


class Flood(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="troth-e2e-")
        self.addCleanup(folder.cleanup)
        self.listener = Person(folder.name, "juliet").troth(
            "listen", "--no-lan", "--port=0", "--accept", "plain")
        self.addCleanup(self.listener.close)
        got = self.listener.wait_for(r"Listening as (\S+), port (\d+)", 10)
        self.name, self.port = got.group(1), int(got.group(2))

    def stranger(self, number):
        s = Stranger(self.port, f"s{number}", self.name)
        self.addCleanup(s.socket.close)
        return s

    def test_strangers__count__as_long_as_they_stay(self):
        all_of_them = [self.stranger(i) for i in range(PER_ADDRESS)]
        self.assertTrue(all(s.talks() for s in all_of_them))
        self.assertFalse(self.stranger("more").talks())
        all_of_them[0].say("</stream:stream>")
        all_of_them[0].socket.close()
        self.listener.wait_for(r"s0@x has left", 5)
        deadline = time.monotonic() + 5
        while not self.stranger("later").talks():
            self.assertLess(time.monotonic(), deadline)

    def test_nickname__is_told_once__however_often_it_comes(self):
        s = self.stranger("romeo")
        self.assertTrue(s.talks())
        s.say("<presence><nick xmlns='http://jabber.org/protocol/nick'>Romeo</nick></presence>" * 50)
        self.assertTrue(s.talks())
        self.listener.wait_for("calls itself", 5)
        self.assertEqual(self.listener.transcript.count("calls itself"), 1)

    def test_address__can_t_be_read__as_a_contact_s_message(self):
        s = Stranger(self.port, "juliet (verified): hello", self.name)
        self.addCleanup(s.socket.close)
        self.assertTrue(s.talks())
        s.say("<message><body>it is me</body></message>")
        self.listener.wait_for(r"^\[\d\d:\d\d\] juliet__verified___hello@x \(plain\): it is me", 5)
        self.assertNotIn("juliet (verified)", self.listener.transcript)

    def test_place__comes_back__from_those_that_never_read(self):
        for i in range(PER_ADDRESS):
            s = self.stranger(i)
            self.assertTrue(s.talks())
            s.floods()
            s.socket.shutdown(socket.SHUT_WR)
        deadline = time.monotonic() + 100
        while not self.stranger("later").talks():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.2)


class Names(unittest.TestCase):
    def test_failures__are_written_down_so_many_times__in_a_contact_s_name_too(self):
        folder = tempfile.TemporaryDirectory(prefix="troth-e2e-")
        self.addCleanup(folder.cleanup)
        juliet, romeo = Person(folder.name, "juliet"), Person(folder.name, "romeo")
        pair(juliet, romeo, "--no-lan", "--port=0")
        known = json.loads(juliet.done("--json", "trust", "show", "romeo"))["addresses"][0]["address"]
        listener = juliet.troth("listen", "--no-lan", "--port=0")
        self.addCleanup(listener.close)
        name, port = listener.wait_for(r"Listening as (\S+), port (\d+)", 10).groups()
        began = time.time() // 3600
        for _ in range(PER_HOUR + 10):
            with socket.create_connection(("127.0.0.1", int(port)), 5) as peer:
                peer.sendall((HEADER.replace("@x", "").format(known, name) + START).encode())
                while peer.recv(4096):
                    pass
            listener.wait_for(f"who claims to be {known} was sent away", 5)
        hours = 1 + time.time() // 3600 - began
        log = [json.loads(line) for line in juliet.done("--json", "log").splitlines()]
        failed = [entry for entry in log if entry["kind"] == "key-changed"]
        self.assertGreater(len(failed), 0)
        self.assertLessEqual(len(failed), PER_HOUR * hours)


if __name__ == "__main__":
    unittest.main(verbosity=2)
